"""Cutting a long text into messages that Telegram takes."""

import html
import re
from typing import Final

from handlers.texts import Html

# Telegram takes 4,096 code points; counted here are UTF-16 units, the other count it uses, with room to spare.
LONGEST_MESSAGE: Final = 4_000

_TAG: Final = re.compile(r"</?[a-z][^>]*>")


def split(text: Html, longest: int = LONGEST_MESSAGE) -> list[Html]:
    """Cut at line ends into parts of at most `longest` visible UTF-16 units.

    Markup must close on the line on which it opens. A line that begins with a link stays below the line before it, which
    names it unless it is a link too. A single line that is too long for a message loses its markup and its end.
    """
    parts: list[str] = []
    for block in _blocks(text.split("\n")):
        if parts and _length(joined := f"{parts[-1]}\n{block}") <= longest:
            parts[-1] = joined
        else:
            parts.append(block if _length(block) <= longest else _cut(block, longest))
    return [Html(part.strip("\n")) for part in parts if part.strip("\n")]


def _blocks(lines: list[str]) -> list[str]:
    blocks: list[str] = []
    for line in lines:
        if blocks and _is_link(line) and not _is_link(blocks[-1].rpartition("\n")[2]):
            blocks[-1] += f"\n{line}"
        else:
            blocks.append(line)
    return blocks


def _is_link(line: str) -> bool:
    return line.startswith("http")


def visible(markup: str) -> str:
    """What a person sees of it."""
    return html.unescape(_TAG.sub("", markup))


def _length(markup: str) -> int:
    return len(visible(markup).encode("utf-16-le")) // 2


def _cut(markup: str, longest: int) -> str:
    # An odd half of a surrogate pair at the end is dropped.
    units = visible(markup).encode("utf-16-le")[: 2 * (longest - 1)]
    return html.escape(units.decode("utf-16-le", errors="ignore") + "…", quote=False)
