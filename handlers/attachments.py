"""The file that a message carries, whatever kind of message it is."""

from dataclasses import dataclass
from typing import Final, Protocol

from telegram import Audio, Message, Sticker

from handlers.channel_names import channel_of, without_channel
from handlers.naming import extension_of, name_of
from storage import IncomingFile

# An animation also fills `document`, a live photo also `photo`: the more particular field stands first.
KINDS: Final = (
    "animation",
    "live_photo",
    "video",
    "audio",
    "voice",
    "video_note",
    "sticker",
    "document",
    "photo",
)
"""Fields of a message that can be uploaded. Paid media and stories cannot be had by bots."""

# Where the sender names no type.
_EXTENSIONS: Final = {
    "animation": ".mp4",
    "live_photo": ".mp4",
    "video": ".mp4",
    "audio": ".mp3",
    "voice": ".ogg",
    "video_note": ".mp4",
    "photo": ".jpg",
}


class _Sent(Protocol):
    """What every kind of file in a message has. `file_size` is optional there."""

    @property
    def file_id(self) -> str: ...
    @property
    def file_unique_id(self) -> str: ...
    @property
    def file_size(self) -> int | None: ...


@dataclass(frozen=True)
class _Carried:
    kind: str
    sent: _Sent


def file_in(message: Message, *, asked: str = "", strip_channel: bool = False) -> IncomingFile | None:
    """The message's file with the name it gets, or None when it has none that could be uploaded.

    `asked`: the name that the person wants; `strip_channel`: a leading `@channel` is no part of what senders wrote.
    """
    carried = _carried(message)
    if carried is None:
        return None
    sent, kind = carried.sent, carried.kind
    origin = channel_of(message)
    username = origin.chat.username if origin else None
    name = name_of(
        getattr(sent, "file_name", None),
        message.caption,
        extension=_extension(sent, kind),
        title=_title(sent),
        kind=kind,
        sent_at=message.date,
        number=message.message_id,
        asked=asked,
        tidy=(lambda name: without_channel(name, username)) if strip_channel else str,
    )
    return IncomingFile(
        chat_id=message.chat_id,
        message_id=message.message_id,
        file_id=sent.file_id,
        file_unique_id=sent.file_unique_id,
        kind=kind,
        given_name=name.given,
        name=name.stored,
        size=sent.file_size,
        channel=origin.chat.title or "" if origin else "",
    )


def _carried(message: Message) -> _Carried | None:
    for kind in KINDS:
        found = getattr(message, kind)
        if found:
            # Sizes of a photo, largest last, but that order is not promised.
            sent = max(found, key=lambda size: size.width * size.height) if kind == "photo" else found
            return _Carried(kind, sent)
    return None


def _extension(sent: _Sent, kind: str) -> str:
    if isinstance(sent, Sticker):
        return ".tgs" if sent.is_animated else ".webm" if sent.is_video else ".webp"
    return extension_of(getattr(sent, "mime_type", None), _EXTENSIONS.get(kind, ""))


def _title(sent: _Sent) -> str | None:
    if not isinstance(sent, Audio):
        return None
    return " - ".join(part for part in (sent.performer, sent.title) if part) or None
