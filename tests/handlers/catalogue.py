"""Every text in every language, with example values: to be read in one go, and to be held against the rules.

`python -m tests.handlers.catalogue > docs/texts.md` writes the page anew; `make texts` does.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Final

from babel import Locale
from babel.messages.extract import extract_from_dir

from handlers.formats import PARIS
from handlers.texts import Html, Texts, languages, texts_for

ROOT: Final = Path(__file__).resolve().parents[2]
HANDLERS: Final = ROOT / "handlers"
PAGE: Final = ROOT / "docs" / "texts.md"
# What a text is called with, and which of the arguments are texts; as the Makefile gives them to pybabel.
KEYWORDS: Final = {"t": None, "plain": None, "mark": None, "n": (1, 2), "count": (1, 2)}
NOW: Final = datetime(2026, 11, 22, 13, 35, tzinfo=UTC)
# In English and in French these take different forms.
ONE_AND_MORE: Final = (1, 3)

_INTRODUCTION: Final = """\
# What the bot says

Every text by the module that says it, with example values. `make texts` writes this page; a test holds it against the code.
"""


@dataclass(frozen=True)
class Message:
    """A text of the source. `plural` stands beside it where its form depends on a number."""

    module: str
    text: str
    plural: str | None = None

    def forms(self, t: Texts) -> list[str]:
        """As the language has it, unfilled."""
        if self.plural is None:
            return [t.template(self.text)]
        return [t.template(self.text, self.plural, count) for count in ONE_AND_MORE]

    def filled(self, t: Texts, values: Mapping[str, object]) -> list[str]:
        counts = ONE_AND_MORE if self.plural is not None else (ONE_AND_MORE[-1],)
        forms = zip(self.forms(t), counts, strict=True)
        return [form.format_map({**values, "count": t.number(count)}) for form, count in forms]


def messages() -> list[Message]:
    """Every text once, by module, in the order of the source."""
    found: dict[tuple[str, str | None], Message] = {}
    for name, _, said, _, _ in sorted(
        extract_from_dir(HANDLERS, [("**.py", "python")], keywords=KEYWORDS), key=lambda each: each[:2]
    ):
        text, plural = said if isinstance(said, tuple) else (said, None)
        found.setdefault((text, plural), Message(Path(name).stem, text, plural))
    return list(found.values())


def spoken() -> list[Texts]:
    """The texts of every language, English first."""
    return [texts_for("en"), *(texts_for(code) for code in languages())]


def examples(t: Texts) -> dict[str, object]:
    """A value for every placeholder there is, as the language writes it."""
    files = t.n("{count} file", "{count} files", 12)
    return {
        "account": "Work",
        "amount": t.size(9_800_000_000),
        "answer": "404 Not Found",
        "bar": t.bar(4, 10),
        "characters": "< >",
        "clock": "14:35",
        "cold": t.size(300_000_000_000),
        "command": "/remote",
        "commands": "/info /rename /move",
        "date": t.date(NOW),
        "day": t.day(NOW, NOW),
        "deleted": t.number(2),
        "done": t.number(11),
        "duration": t.duration(20),
        "example": "/remote https://example.org/a.iso",
        "extension": ".mp4",
        "file": Html("<b>Holiday 2026.mp4</b>"),
        "fetched": t.n("✅ {count} link fetched", "✅ {count} links fetched", 3),
        "files": files,
        "first": t("<b>{name}</b>", name="Holiday 2026.mp4"),
        "folder": "Videos",
        "folders": t.n("{count} folder", "{count} folders", 3),
        "free": t.size(1_700_000_000_000),
        "heading": t("<b>{name}</b>", name="Videos"),
        "host": "example.org",
        "hot": t.size(1_500_000_000),
        "hours": 2,
        "inside": files,
        "jobs": t.n("{count} upload", "{count} uploads", 2),
        "least": t.number(6),
        "limit": t.size(20_000_000),
        "line": "Holiday 2026.mp4",
        "link": "https://1fichier.com/?k3x9w0a1b2c3d4e5f6g7",
        "links": t.n("{count} link", "{count} links", 2),
        "minutes": 5,
        "moment": t.date_and_time(NOW),
        "most": t.number(50),
        "name": "Holiday 2026.mp4",
        "number": t.number(3),
        "offer": "Premium",
        "page": t.number(1),
        "pages": t.number(6),
        "password": t("no password"),
        "path": "Videos › 2026",
        "percent": t.percent(42, 100),
        "place": t("📁 {folder} · {account}", folder="Videos", account="Work"),
        "problem": t("no longer on 1fichier"),
        "question": t.n("🗑 Delete this file?", "🗑 Delete these {count} files?", 3),
        "quota": t.size(2_000_000_000_000),
        "reason": "Compte bloqué",
        "reference": Html("<code>7K3F</code>"),
        "search": "holiday",
        "second": "",
        "seconds": 20,
        "sentence": t("Nothing is running."),
        "size": t.size(1_400_000_000),
        "speed": t.speed(38_000_000),
        "state": t("next"),
        "summary": t("Let 1fichier fetch a link"),
        "time": t.time(NOW),
        "title": t("Language"),
        "total": t.number(12),
        "tries": t.number(3),
        "uploading": t.n("⏳ Uploading {count} file", "⏳ Uploading {count} files", 12),
        "uploads": t.n("{count} upload", "{count} uploads", 4),
        "url": "example.org/a.iso",
        "used": t.size(301_500_000_000),
        "value": t("automatic"),
        "warning": t("I can’t bring them back."),
        "what": "Holiday 2026.mp4",
        "within": t.n("in {count} folder", "in {count} folders", 3),
        "words": "holiday",
        "zone": t.zone_name(PARIS),
        "work": t.n("{count} upload", "{count} uploads", 4),
    }


def page() -> Iterator[str]:
    """The lines of the page."""
    languages_spoken = spoken()
    values = [examples(t) for t in languages_spoken]
    yield from _INTRODUCTION.splitlines()
    names = [Locale.parse(t.locale).get_display_name(t.locale) or str(t.locale) for t in languages_spoken]
    for module, of_module in groupby(messages(), key=lambda message: message.module):
        yield from ("", f"## {module}", "", f"| {' | '.join(names)} |", f"|{'---|' * len(names)}")
        for message in of_module:
            cells = [
                "<br>".join(dict.fromkeys(message.filled(t, given)))
                for t, given in zip(languages_spoken, values, strict=True)
            ]
            yield f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>")


if __name__ == "__main__":
    sys.stdout.write("\n".join(page()) + "\n")
