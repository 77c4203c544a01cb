"""One line per event, for people or for machines, and never a secret in it, whoever logs it."""

import json
import logging
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType, TracebackType
from typing import Literal, TextIO
from urllib.parse import quote

# A bot token stands in every URL of the Bot API; a 1fichier key in every call's Authorization header.
_PATTERNS = (
    (re.compile(r"\d{6,}(?::|%3A)[A-Za-z0-9_-]{30,}", re.IGNORECASE), "<token>"),
    (re.compile(r"\b(Bearer)(\s+|%20)[^\s'\",\\]+", re.IGNORECASE), r"\1 <key>"),
    # Whoever has a link has the file.
    (re.compile(r"(1fichier\.com/(?:remove/|dir/)?\??)[A-Za-z0-9/]{5,}"), r"\1<link>"),
    # Keys of 1fichier, Fernet's keys and what they sealed, Telegram's file ids: long, and of every kind of character.
    (
        re.compile(r"(?<![\w/.-])(?=[\w=-]*[a-z])(?=[\w=-]*[A-Z])(?=[\w=-]*\d)[A-Za-z0-9_=-]{32,}", re.ASCII),
        "<code>",
    ),
)
# Shorter values would blank out ordinary words.
_MIN_SECRET_LENGTH = 8

# Below these levels the libraries log what belongs to people: whole updates, URLs, values of statements.
_QUIETEST = MappingProxyType(
    {
        "httpx": logging.WARNING,
        "httpcore": logging.WARNING,
        "telegram": logging.INFO,
        "aiosqlite": logging.INFO,
        "uvicorn": logging.WARNING,
        "asyncio": logging.INFO,
    }
)


# What the lines of this project number: "Transfer 7 of batch 3 is taken in".
_NUMBERED = re.compile(
    r"(?:\b(account|batch|fact|job|remote upload|transfer|update) )?%[-+ #0-9.]*[a-zA-Z]", re.IGNORECASE
)

_update: ContextVar[int | None] = ContextVar("update", default=None)

ErrorInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


@contextmanager
def while_handling(update_id: int) -> Iterator[None]:
    """What is logged within says of which update it comes."""
    token = _update.set(update_id)
    try:
        yield
    finally:
        _update.reset(token)


class Redactor:
    """Takes tokens, keys and the given secrets out of a text."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: list[str] = []
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Take these out from now on, too."""
        worth = {secret for secret in secrets if len(secret) >= _MIN_SECRET_LENGTH}
        forms = {*self._secrets, *worth, *(quote(secret, safe="") for secret in worth)}
        # The longest first: one secret may be part of another.
        self._secrets = sorted(forms, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "<secret>")
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text


class TextFormatter(logging.Formatter):
    """A line for people. A formatter, unlike a filter, sees the traceback and the records of every logger."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self.redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self.redact(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's name
        line, update = super().formatMessage(record), _update.get()
        return line if update is None else f"{line} (update {update})"

    def formatException(self, ei: ErrorInfo) -> str:  # noqa: N802  # logging's name
        # The record keeps this text for other formatters.
        return self.redact(super().formatException(ei))


class JsonFormatter(TextFormatter):
    """One JSON object a line: time (ISO 8601, UTC), level, logger, message, and exception if there is one.

    `ids` holds what the message numbers, by name, and the update that is being handled: what happened to a file can be
    followed from the update that brought it to the message that told its link.
    """

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.redact(record.getMessage()),
        }
        if ids := _ids(record):
            entry["ids"] = ids
        if record.exc_info:
            record.exc_text = self.formatException(record.exc_info)
            entry["exception"] = record.exc_text
        if record.stack_info:
            entry["stack"] = self.redact(record.stack_info)
        return json.dumps(entry, ensure_ascii=False)


def set_up_logs(
    level: str, form: Literal["text", "json"], secrets: Iterable[str], stream: TextIO | None = None
) -> None:
    """Send every log record of the process to `stream` (stderr) through a redacting formatter."""
    redact = Redactor(secrets)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter(redact) if form == "json" else TextFormatter(redact))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name, quietest in _QUIETEST.items():
        logging.getLogger(name).setLevel(max(quietest, root.level))
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught


def _ids(record: logging.LogRecord) -> dict[str, int]:
    update = _update.get()
    found = {} if update is None else {"update": update}
    values = record.args if isinstance(record.args, tuple) else ()
    template = str(record.msg).replace("%%", "")
    for number, value in zip(_NUMBERED.finditer(template), values, strict=False):
        if number[1] and isinstance(value, int):
            found[number[1].lower().replace(" ", "_")] = value
    return found


def hide(*secrets: str) -> None:
    """Keep secrets that were read after the set-up out of the logs."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, TextFormatter):
            handler.formatter.redact.learn(secrets)


def _log_uncaught(kind: type[BaseException], error: BaseException, traceback: object) -> None:
    del traceback
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger(__name__).critical("Uncaught error", exc_info=error)
