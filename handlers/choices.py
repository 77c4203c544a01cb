"""What a person can choose between in /settings, as values: buttons, sentences and what is stored follow from them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale

from handlers.texts import Texts, languages, mark
from storage import Duplicates, LinkFormat, Preferences, Sounds


@dataclass(frozen=True)
class Option:
    """`code`: on its button, so it never changes its meaning. `value`: what the record then holds."""

    code: str
    value: Any
    words: Callable[[Texts], str]


@dataclass(frozen=True)
class Setting:
    """One field of `Preferences`.

    Attributes:
        code: on its buttons, so it never changes its meaning.
        title: in a list and on a button, marked.
        question: above its options, marked.
    """

    code: str
    field: str
    title: str
    question: str
    options: Callable[[], Sequence[Option]]

    def chosen(self, preferences: Preferences) -> Option:
        """A language whose catalogue is gone falls back to the first option."""
        value = getattr(preferences, self.field)
        return next((each for each in self.options() if each.value == value), self.options()[0])

    def choose(self, code: str) -> Callable[[Preferences], Preferences] | None:
        """The change that an option's button asks for; None for a button of a version that is gone."""
        option = next((each for each in self.options() if each.code == code), None)
        if option is None:
            return None
        change = {self.field: option.value}
        return lambda preferences: replace(preferences, **change)


def _words(message: str) -> Callable[[Texts], str]:
    return lambda t: t.plain(message)


def _in_itself(code: str) -> Callable[[Texts], str]:
    """A language as those call it who speak it."""
    name = Locale.parse(code, sep="-").get_display_name() or code
    return lambda _: name


def _fixed(*options: tuple[str, Any, str]) -> Callable[[], Sequence[Option]]:
    made = tuple(Option(code, value, _words(message)) for code, value, message in options)
    return lambda: made


def _languages() -> Sequence[Option]:
    return tuple(_each_language())


def _each_language() -> Iterator[Option]:
    yield Option("auto", None, _words(mark("automatic")))
    # It needs no catalogue.
    for code in ("en", *languages()):
        yield Option(code.replace("-", ""), code, _in_itself(code))


def _zones() -> Sequence[Option]:
    return tuple(_each_zone())


def _each_zone() -> Iterator[Option]:
    yield Option("auto", None, _words(mark("automatic")))
    for key in ZONES:
        yield Option(key.rpartition("/")[2].replace("_", "").lower(), key, _city(key))


def _city(key: str) -> Callable[[Texts], str]:
    return lambda t: t.zone_name(ZoneInfo(key))


# Where 1fichier is used most, and around the rest of the world so that everybody finds a place with their own time.
ZONES: Final = (
    "UTC",
    "Europe/Paris",
    "Europe/London",
    "Europe/Athens",
    "Europe/Moscow",
    "Africa/Casablanca",
    "Africa/Algiers",
    "Africa/Abidjan",
    "Africa/Kinshasa",
    "Indian/Reunion",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Bangkok",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Pacific/Noumea",
    "America/Sao_Paulo",
    "America/Martinique",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)

CHOICES: Final = (
    Setting(
        "lang",
        "language",
        mark("Language"),
        mark("Which language shall I speak? Automatic is the one of your Telegram."),
        _languages,
    ),
    Setting(
        "zone",
        "time_zone",
        mark("Time zone"),
        mark("In which time zone shall I tell times? Automatic: Paris in French, UTC otherwise."),
        _zones,
    ),
    Setting(
        "sounds",
        "sounds",
        mark("Sounds"),
        mark("When shall your phone ring?"),
        _fixed(
            ("each", Sounds.EACH, mark("for each file")),
            ("batch", Sounds.BATCH, mark("when all is done")),
            ("never", Sounds.NEVER, mark("never")),
        ),
    ),
    Setting(
        "links",
        "links",
        mark("Several links"),
        mark("How shall I write the links of several files?"),
        _fixed(
            ("names", LinkFormat.NAMES, mark("with names")),
            ("plain", LinkFormat.PLAIN, mark("links only")),
        ),
    ),
    Setting(
        "dup",
        "duplicates",
        mark("Files you have"),
        mark("What shall I do with a file that you have already?"),
        _fixed(
            ("ask", Duplicates.ASK, mark("give its link or ask")),
            ("upload", Duplicates.UPLOAD, mark("always upload")),
        ),
    ),
    Setting(
        "strip",
        "strip_channel",
        mark("@channel in names"),
        mark("Names of forwarded files often begin with @channel. Shall I keep that?"),
        _fixed(("no", False, mark("keep")), ("yes", True, mark("leave out"))),
    ),
    Setting(
        "sort",
        "sort_channels",
        mark("Sort by channel"),
        mark("Shall what you forward from a channel go into a folder of its name?"),
        _fixed(("no", False, mark("no")), ("yes", True, mark("yes"))),
    ),
    Setting(
        "warn",
        "warnings",
        mark("Warnings"),
        mark("Shall I warn you before your storage is full or your subscription ends?"),
        _fixed(("yes", True, mark("yes")), ("no", False, mark("no"))),
    ),
    Setting(
        "tidy",
        "delete_messages",
        mark("Your messages"),
        mark("Shall I delete your message here once its file has been uploaded?"),
        _fixed(("no", False, mark("keep")), ("yes", True, mark("delete after upload"))),
    ),
)
