"""Names that the service keeps as they are.

Some characters it refuses or mangles; rclone writes look-alikes in their place, and who uses both sees one name. Source: rclone
`lib/encoder`, with the flags of `backend/fichier`.
"""

import unicodedata
from typing import Final

LONGEST_NAME: Final = 250
"""Characters, as documented for folders and assumed for files."""
LONGEST_NAME_BYTES: Final = 255
"""In UTF-8: what file systems take, so that a file can also be fetched under its name."""
# A longer "extension" is the end of a sentence.
LONGEST_EXTENSION: Final = 16
# What a name of nothing becomes.
NAMELESS: Final = "file"

_LOOK_ALIKES: Final = {
    "\\": "＼",
    "<": "＜",
    ">": "＞",
    '"': "＂",
    "'": "＇",
    "$": "＄",
    "`": "｀",
    "/": "／",
    # The acute accent standing alone has no full-width form; this is the prime it is mistaken for.
    "´": "ˊ",
    "\x7f": "␡",
}
_CONTROL_PICTURES: Final = {chr(code): chr(0x2400 + code) for code in range(0x20)}
# The second half of the control characters has no pictures, and line separators break a header.
_DROPPED: Final = dict.fromkeys([chr(code) for code in range(0x80, 0xA0)] + ["\u2028", "\u2029"], "")
_TABLE: Final = str.maketrans(_LOOK_ALIKES | _CONTROL_PICTURES | _DROPPED)
_SPACE_PICTURE: Final = "␠"
_DOTS: Final = {".": "．", "..": "．．"}


def safe_name(name: str) -> str:
    """The name under which the service stores what is called `name` here: NFC, look-alikes, shortened before the extension."""
    clean = shorten(_with_look_alikes(name))
    if clean.startswith(" "):
        clean = _SPACE_PICTURE + clean[1:]
    if clean.endswith(" "):
        clean = clean[:-1] + _SPACE_PICTURE
    return _DOTS.get(clean, clean) or NAMELESS


def same_name(one: str, other: str) -> bool:
    """Whether two names are one to the service, whatever their normalisation."""
    return safe_name(one) == safe_name(other)


def is_too_long(name: str) -> bool:
    """Whether `safe_name` would have to shorten it."""
    return not _fits(_with_look_alikes(name))


def shorten(name: str) -> str:
    """The name within 250 characters and 255 bytes, its extension kept."""
    if _fits(name):
        return name
    stem, extension = _split(name)
    # Room for the space pictures at both ends, three bytes each.
    room = LONGEST_NAME_BYTES - len(extension.encode()) - 2 * (len(_SPACE_PICTURE.encode()) - 1)
    stem = stem[: LONGEST_NAME - len(extension)].encode()[:room].decode("utf-8", errors="ignore")
    return stem.rstrip() + extension


def _with_look_alikes(name: str) -> str:
    # A lone surrogate comes from a name that was no UTF-8; it cannot be sent.
    clean = name.encode("utf-8", errors="replace").decode("utf-8")
    return unicodedata.normalize("NFC", clean).translate(_TABLE)


def _fits(name: str) -> bool:
    spaces = name.startswith(" ") + name.endswith(" ")
    size = len(name.encode()) + spaces * (len(_SPACE_PICTURE.encode()) - 1)
    return len(name) <= LONGEST_NAME and size <= LONGEST_NAME_BYTES


def _split(name: str) -> tuple[str, str]:
    stem, dot, extension = name.rpartition(".")
    if not stem or not dot or len(extension) > LONGEST_EXTENSION or " " in extension:
        return name, ""
    return stem, f".{extension}"
