"""What a file is called: by its sender, by its caption, or by what it is and when it came."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from handlers.formats import PARIS
from onefichier import safe_name

# Types that Telegram's apps give to what they send; others have no extension that would be right on every system.
_EXTENSIONS: Final = {
    "application/gzip": ".gz",
    "application/json": ".json",
    "application/pdf": ".pdf",
    "application/vnd.android.package-archive": ".apk",
    "application/vnd.rar": ".rar",
    "application/x-7z-compressed": ".7z",
    "application/x-rar-compressed": ".rar",
    "application/x-tar": ".tar",
    "application/x-tgsticker": ".tgs",
    "application/zip": ".zip",
    "audio/aac": ".aac",
    "audio/flac": ".flac",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/x-flac": ".flac",
    "audio/x-m4a": ".m4a",
    "audio/x-wav": ".wav",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/webp": ".webp",
    "text/html": ".html",
    "text/plain": ".txt",
    "video/mp4": ".mp4",
    "video/mpeg": ".mpg",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "video/x-matroska": ".mkv",
    "video/x-msvideo": ".avi",
}
_SAME_EXTENSION: Final = {".jpeg": ".jpg", ".htm": ".html", ".oga": ".ogg", ".tgz": ".gz", ".mpeg": ".mpg"}


# As files have them, ".7z" included; "2.0" ends without one.
_EXTENSION: Final = re.compile(r"(?<=.)\.(?=\d*[a-z])[a-z0-9]{1,8}$", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Name:
    """`given`: as people would say it; `stored`: as 1fichier keeps it, within its characters and lengths."""

    given: str
    stored: str


def name_of(
    file_name: str | None,
    caption: str | None,
    *,
    extension: str,
    title: str | None = None,
    kind: str,
    sent_at: datetime,
    number: int,
    asked: str = "",
    tidy: Callable[[str], str] = str,
) -> Name:
    """The name asked for, else the file's own, else the caption's first line, else its title, else kind, day and number.

    `extension` is appended to what is no file name yet; `number` tells files of one day apart. `tidy` is applied to what
    senders have written, not to what was asked for.
    """
    if wish := _first_line(asked):
        given = _completed(wish, _ending(_line(file_name)) or extension)
        return Name(given, safe_name(given))
    given = tidy(_line(file_name))
    if not given:
        spoken = tidy(_first_line(caption)) or _line(title)
        given = _with_extension(spoken, extension) if spoken else _made(kind, sent_at, number, extension)
    return Name(given, safe_name(given))


def extension_of(mime_type: str | None, otherwise: str) -> str:
    """The extension, dot included, that goes with a type; `otherwise` where the type says nothing."""
    return _EXTENSIONS.get((mime_type or "").partition(";")[0].strip().lower(), otherwise)


def _first_line(caption: str | None) -> str:
    return next((line for line in map(_line, (caption or "").splitlines()) if line), "")


def _line(text: str | None) -> str:
    return (text or "").strip()


def _with_extension(text: str, extension: str) -> str:
    dot = text.rfind(".")
    ending = text[dot:].lower() if dot > 0 else ""
    return text if _SAME_EXTENSION.get(ending, ending) == extension else text + extension


def _completed(asked: str, extension: str) -> str:
    """People leave the extension out, or mean the one they write."""
    return asked if _ending(asked) else asked + extension


def _ending(name: str) -> str:
    found = _EXTENSION.search(name)
    return found.group() if found else ""


def _made(kind: str, sent_at: datetime, number: int, extension: str) -> str:
    return f"{kind}_{sent_at.astimezone(PARIS):%Y-%m-%d}_{number}{extension}"
