"""What a person has set, and what holds where they have set nothing."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Self

from storage.database import Row


class Sounds(StrEnum):
    """When the phone rings: for each file and link of a batch, for the batch's end, or never."""

    EACH = "each"
    BATCH = "batch"
    NEVER = "never"


class LinkFormat(StrEnum):
    """How several links are told: below their names, or one a line and nothing else."""

    NAMES = "names"
    PLAIN = "plain"


class Duplicates(StrEnum):
    """What happens to a file that the account seems to have already."""

    ASK = "ask"
    UPLOAD = "upload"


@dataclass(frozen=True)
class Preferences:
    """One column of the person's row each; NULL there is the default here, the only place that has it.

    Attributes:
        language: a code as Telegram names languages; None: the one that Telegram says.
        time_zone: the key of the zone that times are told in; None: the one that goes with the language.
        strip_channel: names of files do not keep a leading `@channel`.
        sort_channels: what was forwarded from a channel goes into a folder named after it.
        warnings: of a storage that runs full, a subscription that ends, uploads that are forbidden.
        delete_messages: those whose files have been uploaded are deleted in the person's own chat.
    """

    language: str | None = None
    time_zone: str | None = None
    sounds: Sounds = Sounds.BATCH
    links: LinkFormat = LinkFormat.NAMES
    duplicates: Duplicates = Duplicates.ASK
    strip_channel: bool = False
    sort_channels: bool = False
    warnings: bool = True
    delete_messages: bool = False

    @classmethod
    def from_row(cls, row: Row) -> Self:
        given = {field.name: row[field.name] for field in fields(cls)}
        return cls(**{name: _READ[name](value) for name, value in given.items() if value is not None})

    def columns(self) -> dict[str, Any]:
        """As the person's row keeps them: what equals its default is not kept, and follows the default."""
        default = type(self)()
        kept = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: None if value == getattr(default, name) else _kept(value) for name, value in kept.items()
        }


_READ = {
    "language": str,
    "time_zone": str,
    "sounds": Sounds,
    "links": LinkFormat,
    "duplicates": Duplicates,
    "strip_channel": bool,
    "sort_channels": bool,
    "warnings": bool,
    "delete_messages": bool,
}


def _kept(value: object) -> object:
    if isinstance(value, StrEnum):
        return value.value
    return int(value) if isinstance(value, bool) else value
