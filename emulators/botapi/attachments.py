"""Files as messages carry them, kind by kind."""

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from emulators.botapi.content import Content, VirtualFile, content_of
from emulators.botapi.files import StoredFile
from emulators.botapi.formatting import found_entities
from emulators.botapi.state import State

Kind = Literal[
    "document", "photo", "video", "audio", "voice", "animation", "video_note", "sticker", "live_photo"
]

DEFAULT_SIZE = 1000
THUMBNAIL_BYTES = 900


class Honest:
    """The announced size is the real one."""


HONEST: Final = Honest()

_NAMED = frozenset({"document", "video", "audio", "animation"})
_TYPES = {
    "video": "video/mp4",
    "audio": "audio/mpeg",
    "animation": "video/mp4",
    "voice": "audio/ogg",
    "live_photo": "video/mp4",
}
_EXTRA: dict[str, dict[str, Any]] = {
    "document": {},
    "video": {"width": 1280, "height": 720, "duration": 12},
    "audio": {"duration": 180},
    "animation": {"width": 320, "height": 240, "duration": 3},
    "voice": {"duration": 5},
    "video_note": {"length": 240, "duration": 7},
    "sticker": {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False},
    "live_photo": {"width": 1280, "height": 960, "duration": 3},
}


@dataclass(frozen=True)
class Attachment:
    """A file a person sends. `size` alone means virtual bytes; `file_size` is what the update says about it.

    `file_size` None leaves it out, a number may lie. `name` and `mime_type` go where messages have them.
    """

    kind: Kind = "document"
    name: str | None = None
    size: int | None = None
    content: bytes | Path | Content | None = None
    caption: str | None = None
    file_size: int | Honest | None = HONEST
    file_unique_id: str | None = None
    mime_type: str | None = None

    def bytes_of_it(self) -> Content:
        if self.content is not None:
            return content_of(self.content)
        seed = zlib.crc32((self.name or self.kind).encode("utf-8", "surrogatepass"))
        return VirtualFile(DEFAULT_SIZE if self.size is None else self.size, seed)

    def message_fields(self, state: State) -> dict[str, Any]:
        """Store the file and return all that a message says of it, caption included."""
        fields = self.fields(state)
        if self.caption is not None:
            fields["caption"] = self.caption
            if entities := found_entities(self.caption):
                fields["caption_entities"] = entities
        return fields

    def fields(self, state: State) -> dict[str, Any]:
        """Store the file and return the message fields that carry it."""
        content = self.bytes_of_it()
        announced = content.size if isinstance(self.file_size, Honest) else self.file_size
        stored = state.files.add(
            self.kind,
            content,
            name=self.name,
            announced_size=announced,
            file_unique_id=self.file_unique_id,
        )
        if self.kind == "photo":
            return {"photo": _sizes(state, stored)}
        described = stored.describe() | _EXTRA[self.kind]
        if self.kind in _NAMED and self.name is not None:
            described["file_name"] = self.name
        mime_type = self.mime_type or _TYPES.get(self.kind)
        if mime_type is not None and self.kind not in {"video_note", "sticker"}:
            described["mime_type"] = mime_type
        fields: dict[str, Any] = {self.kind: described}
        if self.kind == "animation":
            fields["document"] = {
                name: described[name]
                for name in ("file_id", "file_unique_id", "file_name", "mime_type", "file_size")
                if name in described
            }
        if self.kind == "live_photo":
            still = state.files.add(
                "photo", VirtualFile(THUMBNAIL_BYTES * 10), announced_size=THUMBNAIL_BYTES * 10
            )
            fields["photo"] = _sizes(state, still)
        return fields


def _sizes(state: State, largest: StoredFile) -> list[dict[str, Any]]:
    small = state.files.add("photo", VirtualFile(THUMBNAIL_BYTES), announced_size=THUMBNAIL_BYTES)
    return [
        small.describe() | {"width": 90, "height": 67},
        largest.describe() | {"width": 1280, "height": 960},
    ]
