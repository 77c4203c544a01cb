"""What travels: refusals, dates, links, names, and the service's unstable types."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from starlette.responses import HTMLResponse, Response

Types = Literal["rclone", "page", "strings"]
JsonObject = dict[str, Any]

PARIS: Final = ZoneInfo("Europe/Paris")
NEVER: Final = "1970-01-01 01:00:00"
_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_DATE_FORMAT = "%Y-%m-%d %H:%M:%S"

# The position is the id of the domain, as `upload.cgi` and `default_domain` count them.
DOMAINS: Final = (
    "1fichier.com",
    "alterupload.com",
    "cjoint.net",
    "desfichiers.com",
    "dfichiers.com",
    "megadl.fr",
    "mesfichiers.org",
    "piecejointe.net",
    "pjointe.com",
    "tenvoi.com",
    "dl4free.com",
)
# Bare: a link with an affiliate or language suffix is not understood by the API.
_LINK = re.compile(rf"https?://(?:www\.)?(?:{'|'.join(map(re.escape, DOMAINS))})/\?([a-z0-9]{{5,20}})")

NAME_CHARACTERS: Final = 250
_UNSAFE = re.compile(r"[\"'<>$/`´\\\x00-\x1f\x7f]")

# What the page documents as integers and the service sends as strings, by rclone's structures.
_INTEGERS_OF_THE_PAGE = frozenset(
    {
        "2fa",
        "cdn",
        "default_port",
        "default_port_files",
        "download_menu",
        "ftp_mode",
        "ftp_report",
        "mail_rm",
        "offer",
        "ru_report",
        "size",
        "upload_forbidden",
        "use_cdn",
    }
)


class RefusalError(Exception):
    """The service says no: a `KO` with its text and HTTP status."""

    def __init__(self, message: str, status: int = 403) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def not_found() -> RefusalError:
    return RefusalError("Resource not found #469", 404)


def not_allowed() -> RefusalError:
    return RefusalError("Resource not allowed #631")


def local_date(at: float) -> str:
    """Unix time as the service writes it: French local time, without offset."""
    return datetime.fromtimestamp(at, PARIS).strftime(_DATE_FORMAT)


def local_bound(value: object) -> str:
    """A date of a request, checked; dates compare as text, so the hour that exists twice is ambiguous as over there."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise RefusalError("Invalid date #520")
    return value


def link_id(url: object) -> str | None:
    """The id in a download link, or None for anything else."""
    match = _LINK.fullmatch(url) if isinstance(url, str) else None
    return match[1] if match else None


def link(domain: int, identifier: str) -> str:
    return f"https://{DOMAINS[domain]}/?{identifier}"


def stored_name(name: str) -> str:
    """The name an upload gets: edge spaces lost, unsafe characters replaced."""
    return _UNSAFE.sub("_", name).strip(" ") or "_"


def demanded_name(name: object) -> str:
    """A name asked for by rename or mkdir, where unsafe characters are refused instead."""
    if not isinstance(name, str) or not name.strip(" "):
        raise RefusalError("Invalid name #301")
    if _UNSAFE.search(name) or len(name) > NAME_CHARACTERS:
        raise RefusalError("Invalid name #302")
    return name.strip(" ")


def flag(value: object) -> int:
    """A documented 0/1, which clients send as number, string or boolean."""
    if value in {0, "0", "", None}:
        return 0
    if value in {1, "1"}:
        return 1
    raise RefusalError("Invalid parameter #303")


def integer(value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value):
        return int(value)
    if isinstance(value, int):
        return int(value)
    raise RefusalError("Invalid parameter #304")


def retype(document: Any, types: Types) -> Any:
    """The same answer with other types for its numbers: as rclone knows it, as the page documents it, or all text."""
    if types == "rclone":
        return document
    if isinstance(document, Mapping):
        return {
            key: int(value)
            if types == "page" and key in _INTEGERS_OF_THE_PAGE and isinstance(value, str) and value.isdigit()
            else retype(value, types)
            for key, value in document.items()
        }
    if isinstance(document, list):
        return [retype(item, types) for item in document]
    if types == "strings" and isinstance(document, int | float):
        return str(document)
    return document


def mistype(document: JsonObject) -> JsonObject:
    """The answer as no client expects it: lists become text, texts objects, numbers lists. `status` stays."""

    def wrong(value: object) -> object:
        match value:
            case list():
                return ""
            case str():
                return {"0": value}
            case _:
                return [value]

    return {key: value if key == "status" else wrong(value) for key, value in document.items()}


def notice(text: str, status: int = 200) -> Response:
    """A page of the web site: what it says stands in the first `bloc2`, in French."""
    page = (
        f'<!DOCTYPE html><html><body><div class="bloc2"> </div><div class="bloc2">{text}</div></body></html>'
    )
    return HTMLResponse(page, status)
