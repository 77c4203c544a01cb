"""Names that begin with the channel they come from: "@SomeChannel - Film.mkv"."""

import re
from typing import Final

from telegram import Message, MessageOriginChannel

# Telegram's names of channels, perhaps in brackets.
_LEADING: Final = re.compile(r"\s*[\[({]?@(?P<name>[A-Za-z0-9_]{4,32})(?P<close>[\])}]?)", re.ASCII)
_SEPARATORS: Final = " \t\u00a0._-–—|:~•"


def channel_of(message: Message) -> MessageOriginChannel | None:
    """Where the message was forwarded from, when that is a channel."""
    origin = message.forward_origin
    return origin if isinstance(origin, MessageOriginChannel) else None


def without_channel(name: str, username: str | None) -> str:
    """The name without a leading `@channel`; as it is when nothing but an extension would be left.

    `username`: of the channel that it was forwarded from, which settles where its name ends.
    """
    stem, dot, extension = name.rpartition(".")
    if not stem:
        stem, dot, extension = name, "", ""
    found = _LEADING.match(stem)
    rest = stem[_end(found, stem, username) :].lstrip(_SEPARATORS) if found else ""
    return f"{rest}{dot}{extension}" if rest else name


def _end(found: re.Match[str], stem: str, username: str | None) -> int:
    channel = found["name"]
    if username and channel.lower().startswith(username.lower()):
        return found.end() if len(username) == len(channel) else found.start("name") + len(username)
    if found["close"] or stem[found.end() :][:1] not in {"", "."}:
        return found.end()
    # "@Channel_Film.mkv": where the channel's name ends cannot be told, and the film's is worth more.
    underscore = channel.find("_")
    return found.end() if underscore < 0 else found.start("name") + underscore
