"""URLs as people write them, judged before 1fichier is asked to fetch them."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

from onefichier import LinkKind, link_kind
from storage import WantedUrl

SCHEMES: Final = frozenset({"http", "https", "ftp"})
"""What 1fichier fetches from."""
LONGEST_URL: Final = 2_000
"""Characters. Longer ones are rarely understood by web servers, and none was ever seen to work here."""

# Digits after the colon are a port.
_SCHEME: Final = re.compile(r"(?P<scheme>[a-z][a-z0-9+-]*):(?!\d)", re.IGNORECASE)
# What a sentence puts around an address. A closing bracket may be part of it, unless it was opened before it.
_QUOTES: Final = "<>\"'“”„«»‘’"
_BRACKETS: Final = {"(": ")", "[": "]", "{": "}"}
_PUNCTUATION: Final = ",;"
_TELEGRAM_HOSTS: Final = ("t.me", "telegram.me", "telegram.dog")
_TELEGRAM_FILES: Final = "api.telegram.org"
# A local Bot API server's addresses hold a token too: /bot<id>:<secret>/… and /file/bot<id>:<secret>/….
_BOT_PATH: Final = re.compile(r"/(?:file/)?bot\d+(?::|%3a)", re.IGNORECASE)
# Everything that has a meaning in a URL, the sign of an escape included.
_KEPT: Final = "%/:?#[]@!$&'()*+,;=-._~|"
_SHOWN_OF_NO_URL: Final = 60


class UrlProblem(StrEnum):
    """Why a URL is not handed on."""

    NOT_A_URL = "not_a_url"
    BAD_SCHEME = "bad_scheme"
    TELEGRAM_FILE = "telegram_file"
    """The address of a file on a Bot API server: it holds a bot's token."""
    TELEGRAM_LINK = "telegram_link"
    """To a message or chat, for people's apps only."""
    ONEFICHIER_LINK = "onefichier_link"
    TOO_LONG = "too_long"
    DUPLICATE = "duplicate"


@dataclass(frozen=True)
class RejectedUrl:
    """`shown` holds neither credentials nor query; nothing but the host where the path is a secret."""

    shown: str
    problem: UrlProblem


@dataclass(frozen=True)
class UrlList:
    wanted: list[WantedUrl]
    rejected: list[RejectedUrl]


def read_urls(text: str) -> UrlList:
    """Judge every word of a text as a URL, in the order in which they stand there."""
    wanted: list[WantedUrl] = []
    rejected: list[RejectedUrl] = []
    seen: set[str] = set()
    for word in _words(text):
        verdict = _judge(word)
        if isinstance(verdict, WantedUrl) and verdict.url in seen:
            verdict = RejectedUrl(verdict.shown, UrlProblem.DUPLICATE)
        if isinstance(verdict, RejectedUrl):
            rejected.append(verdict)
        else:
            seen.add(verdict.url)
            wanted.append(verdict)
    return UrlList(wanted, rejected)


def _words(text: str) -> Iterator[str]:
    for word in text.split():
        stripped = word.rstrip(_PUNCTUATION).strip(_QUOTES)
        if stripped[:1] in _BRACKETS:
            stripped = stripped[1:].removesuffix(_BRACKETS[stripped[0]])
        if stripped:
            yield stripped


def _judge(word: str) -> WantedUrl | RejectedUrl:
    scheme = _SCHEME.match(word)
    if scheme is None:
        return RejectedUrl(_shown_of_no_url(word), _problem_without_scheme(word))
    if scheme["scheme"].lower() == "tg":
        return RejectedUrl("tg:", UrlProblem.TELEGRAM_LINK)
    if scheme["scheme"].lower() not in SCHEMES:
        return RejectedUrl(f"{scheme['scheme'].lower()}:", UrlProblem.BAD_SCHEME)
    try:
        parts = urlsplit(word)
        host = (parts.hostname or "").rstrip(".")
        url = _encoded(parts, host)
    except ValueError:
        return RejectedUrl(_shown_of_no_url(word), UrlProblem.NOT_A_URL)
    if problem := _problem(word, parts, host):
        return RejectedUrl(_shown(parts, host, problem), problem)
    return WantedUrl(url, _shown(parts, host))


def _problem_without_scheme(word: str) -> UrlProblem:
    if link_kind(word) is not None:
        return UrlProblem.ONEFICHIER_LINK
    host = re.split(r"[/?#]", word, maxsplit=1)[0].lower()
    return UrlProblem.TELEGRAM_LINK if _is_telegram(host) else UrlProblem.NOT_A_URL


def _is_telegram(host: str) -> bool:
    return host in _TELEGRAM_HOSTS or host.endswith(tuple(f".{each}" for each in _TELEGRAM_HOSTS))


def _problem(word: str, parts: SplitResult, host: str) -> UrlProblem | None:
    if not host or any(unicodedata.category(character) == "Cc" for character in word):
        return UrlProblem.NOT_A_URL
    if host == _TELEGRAM_FILES or _BOT_PATH.match(parts.path):
        return UrlProblem.TELEGRAM_FILE
    if _is_telegram(host):
        return UrlProblem.TELEGRAM_LINK
    if link_kind(word) is not None:
        return UrlProblem.ONEFICHIER_LINK
    return UrlProblem.TOO_LONG if len(word) > LONGEST_URL else None


def _shown(parts: SplitResult, host: str, problem: UrlProblem | None = None) -> str:
    """`example.org/b.iso`; the path only where it can be no secret."""
    secret = problem is UrlProblem.TELEGRAM_FILE or link_kind(parts.geturl()) is LinkKind.REMOVE
    port = f":{parts.port}" if parts.port else ""
    path = "" if secret else unquote(parts.path).rstrip("/")
    return _printable(f"{_bracketed(host)}{port}{path}")


def _encoded(parts: SplitResult, host: str) -> str:
    """The URL in ASCII, as it goes over the wire; what was encoded before stays as it is.

    Raises:
        ValueError: host or port are impossible.
    """
    ascii_host = _bracketed(host if host.isascii() else host.encode("idna").decode())
    credentials, at, _ = parts.netloc.rpartition("@")
    port = f":{parts.port}" if parts.port else ""
    netloc = f"{quote(credentials, safe=_KEPT)}{at}{ascii_host}{port}"
    return parts._replace(
        netloc=netloc,
        path=quote(parts.path, safe=_KEPT),
        query=quote(parts.query, safe=_KEPT),
        # Never sent to a server, and 1fichier compares URLs as text.
        fragment="",
    ).geturl()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _shown_of_no_url(word: str) -> str:
    bare = re.split(r"[?#]", word, maxsplit=1)[0]
    # Before a slash, an @ follows credentials.
    authority, slash, path = re.sub(r"^[a-z]+://", "", bare, flags=re.IGNORECASE).partition("/")
    if link_kind(word) is LinkKind.REMOVE:
        return _printable(authority)
    shown = _printable(authority.rpartition("@")[2] + slash + path)
    return shown if len(shown) <= _SHOWN_OF_NO_URL else f"{shown[: _SHOWN_OF_NO_URL - 1]}…"


def _printable(text: str) -> str:
    return "".join(character for character in text if not unicodedata.category(character).startswith("C"))
