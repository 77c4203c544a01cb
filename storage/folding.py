"""Names as they are searched: accents, capitals and writing habits make no difference."""

import unicodedata
from collections.abc import Sequence
from enum import IntEnum
from typing import Final

# Letters that Unicode does not take apart, although people type them as two or without their stroke.
_LETTERS: Final = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)


class Fit(IntEnum):
    """How well a name fits the words looked for; the lower, the better."""

    BEGINS = 0
    """It begins with what was typed."""
    WORDS = 1
    """Each of them begins a word of it."""
    INSIDE = 2


def folded(text: str) -> str:
    """`Été_2026.MKV` as `ete_2026.mkv`. The same for whatever is one to a person: look-alikes, ligatures, widths."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(each for each in parts if not unicodedata.combining(each))
    # Some of what was taken apart is a capital again, such as the letters of a trade mark sign.
    return " ".join(plain.casefold().translate(_LETTERS).split())


def fit(name: str, words: Sequence[str]) -> Fit:
    """`name` and `words` folded, each word somewhere in the name."""
    if name.startswith(" ".join(words)):
        return Fit.BEGINS
    return Fit.WORDS if all(_begins_a_word(name, word) for word in words) else Fit.INSIDE


def _begins_a_word(name: str, word: str) -> bool:
    at = name.find(word)
    while at > 0 and name[at - 1].isalnum():
        at = name.find(word, at + 1)
    return at >= 0
