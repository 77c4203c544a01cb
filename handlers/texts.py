"""What people read: translated, with every value escaped here and nowhere else.

A message is an English sentence with named placeholders, which is also its name in the catalogues:

    t("Deleted: <b>{name}</b>", name=name)           marked-up text, `name` escaped
    t.n("{count} file", "{count} files", count)      with a plural
    t.plain("Cancel {number}", number=3)             for buttons and pop-ups, which take no markup
"""

import gettext
import html
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError

from handlers.formats import Formats

DOMAIN: Final = "bot"
LOCALES: Final = Path(__file__).parent / "locales"
# Telegram says "en" or "pt-br"; the value becomes part of a path, so nothing else is let through.
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[a-z]{2,8})?", re.IGNORECASE | re.ASCII)
# More languages and zones than are in use at a time; bounds what senders' language codes can make us keep.
_LANGUAGES_KEPT: Final = 64


class Html(str):
    """Text in Telegram's HTML. The only values that `Texts` does not escape."""

    __slots__ = ()


def mark(message: str) -> str:
    """Name a message that is translated later, where the reader is known."""
    return message


def lines(*parts: Html | None) -> Html:
    """Texts below one another; None is left out, an empty text is an empty line."""
    return Html("\n".join(part for part in parts if part is not None))


class Texts(Formats):
    """The messages of one language, and numbers, sizes and times as it writes them."""

    def __init__(
        self, catalogue: gettext.NullTranslations, locale: Locale, zone: ZoneInfo | None = None
    ) -> None:
        super().__init__(locale, zone)
        self._catalogue = catalogue

    def __call__(self, message: str, /, **values: object) -> Html:
        return _fill(self.template(message), values)

    def n(self, singular: str, plural: str, count: int, /, **values: object) -> Html:
        """The form that goes with `count`, which fills `{count}` as the language writes numbers."""
        return _fill(self.template(singular, plural, count), values | {"count": self.number(count)})

    def plain(self, message: str, /, **values: object) -> str:
        """Text for a place without markup: a button, a pop-up, the hint of an input field, the command menu."""
        return self.template(message).format(**values)

    def count(self, singular: str, plural: str, count: int, /) -> str:
        """As `n`, for a place without markup."""
        return self.template(singular, plural, count).format(count=self.number(count))

    def template(self, message: str, plural: str | None = None, count: int = 1) -> str:
        """The message in this language, its placeholders still to be filled."""
        if plural is not None:
            return self._catalogue.ngettext(message, plural, count)
        # The empty message is where catalogues keep their header.
        return self._catalogue.gettext(message) if message else ""


@lru_cache(maxsize=_LANGUAGES_KEPT)
def texts_for(language_code: str | None, time_zone: str | None = None) -> Texts:
    """The texts in a language as Telegram names it; in English where there is no catalogue for it.

    `time_zone`: the key of the zone that times are told in, where it is not the one that goes with the language.
    """
    zone = _zone(time_zone) if time_zone else None
    locale = _locale(language_code or "")
    if locale is not None and gettext.find(DOMAIN, LOCALES, [str(locale)]):
        return Texts(gettext.translation(DOMAIN, LOCALES, [str(locale)]), locale, zone)
    return Texts(gettext.NullTranslations(), Locale("en"), zone)


def languages() -> Iterator[str]:
    """The languages that have a catalogue, as Telegram names them; English, which needs none, is not among them."""
    for catalogue in sorted(LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")):
        yield catalogue.parent.parent.name.replace("_", "-").lower()


def _locale(language_code: str) -> Locale | None:
    if not _LANGUAGE.fullmatch(language_code):
        return None
    try:
        return Locale.parse(language_code.lower(), sep="-")
    except (ValueError, UnknownLocaleError):
        return None


def _zone(key: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(key)
    except (ValueError, ZoneInfoNotFoundError):
        return None


def _fill(message: str, values: dict[str, object]) -> Html:
    return Html(message.format(**{name: _escaped(value) for name, value in values.items()}))


def _escaped(value: object) -> str:
    return value if isinstance(value, Html) else html.escape(str(value), quote=False)
