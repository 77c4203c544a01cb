"""File names as a line of the chat can hold them: arbitrary text by strangers, of any length."""

import unicodedata
from typing import Final

# A line of a phone holds about forty characters; a name may take two of them.
LONGEST_NAME: Final = 60

# The end tells files apart: part number and extension.
_END_SHARE: Final = 0.4
_ELLIPSIS: Final = "…"
_FIRST_STRONG_ISOLATE: Final = "\u2068"
_POP_ISOLATE: Final = "\u2069"
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
# Embeddings, overrides, isolates and marks: in a name they only serve to show another one.
_BIDI_CONTROLS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ZERO_WIDTH_JOINER: Final = "\u200d"
_REGIONAL_INDICATORS: Final = range(0x1F1E6, 0x1F200)
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)


def shown_name(name: str, longest: int = LONGEST_NAME) -> str:
    """The name on one line, shortened in its middle, unable to turn the text around it.

    Names with right-to-left letters are isolated, the only case in which invisible characters are added.
    """
    line = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in name)
    line = " ".join("".join(c for c in line if c not in _BIDI_CONTROLS).split())
    short = shortened(line, longest)
    if any(unicodedata.bidirectional(c) in _RIGHT_TO_LEFT for c in short):
        return f"{_FIRST_STRONG_ISOLATE}{short}{_POP_ISOLATE}"
    return short


def shortened(text: str, longest: int) -> str:
    """At most `longest` characters: beginning, an ellipsis, end. No character is torn from what combines with it."""
    if len(text) <= longest:
        return text
    end = int(longest * _END_SHARE)
    start = longest - end - len(_ELLIPSIS)
    while start > 0 and _joined(text, start):
        start -= 1
    cut = len(text) - end
    while cut < len(text) and _joined(text, cut):
        cut += 1
    return text[:start].rstrip() + _ELLIPSIS + text[cut:].lstrip()


def _joined(text: str, position: int) -> bool:
    """True when what stands at `position` belongs to the character before it."""
    before, here = text[position - 1], text[position]
    if _ZERO_WIDTH_JOINER in {before, here} or ord(here) in _SKIN_TONES:
        return True
    # A flag is two of these; cutting between any two is avoided rather than counted.
    if ord(before) in _REGIONAL_INDICATORS and ord(here) in _REGIONAL_INDICATORS:
        return True
    return unicodedata.category(here).startswith("M")
