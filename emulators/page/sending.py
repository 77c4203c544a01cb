"""What people send from the page: files as their clients would group them, and samples."""

import mimetypes
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Literal

from emulators.botapi import SeenMessage
from emulators.botapi.attachments import Attachment, Kind
from emulators.page.scene import SAMPLES
from emulators.page.spool import SpooledFile
from emulators.user import MAX_ALBUM_ITEMS, Participant

SentAs = Literal["media", "document"]
"""`media` is what clients do by themselves with pictures, films and music."""

_PHOTO_TYPES = frozenset({"image/jpeg", "image/png", "image/webp"})


def attachment_of(file: SpooledFile, sent_as: SentAs) -> Attachment:
    media_type = mimetypes.guess_type(PurePath(file.name).name)[0] or "application/octet-stream"
    kind: Kind = "document"
    if sent_as == "media" and media_type in _PHOTO_TYPES:
        kind = "photo"
    elif sent_as == "media" and media_type == "video/mp4":
        kind = "video"
    elif sent_as == "media" and media_type.startswith("audio/"):
        kind = "audio"
    return Attachment(kind, name=file.name, content=file.path, mime_type=media_type)


def sample(name: str) -> tuple[Attachment, ...]:
    """Raises LookupError when there is no such sample."""
    for each in SAMPLES:
        if each.name == name:
            return each.attachments
    raise LookupError(f"there is no sample {name!r}")


def send_files(
    participant: Participant,
    attachments: Sequence[Attachment],
    *,
    caption: str | None,
    reply_to: SeenMessage | None,
) -> list[SeenMessage]:
    """Send files in their order, as albums where they can be; the caption and the reply go with the first."""
    sent: list[SeenMessage] = []
    for album in _albums(attachments):
        head = album[0]
        if not sent and caption:
            head = replace(head, caption=caption)
        if len(album) == 1:
            sent.append(participant.send(head, reply_to=None if sent else reply_to))
        else:
            sent += participant.send_album([head, *album[1:]], reply_to=None if sent else reply_to)
    return sent


def _albums(attachments: Iterable[Attachment]) -> list[list[Attachment]]:
    """Ten at most, and only of one sort: pictures with films, music, or documents."""
    albums: list[list[Attachment]] = []
    for attachment in attachments:
        fits = albums and len(albums[-1]) < MAX_ALBUM_ITEMS and _sort(albums[-1][0]) == _sort(attachment)
        if fits:
            albums[-1].append(attachment)
        else:
            albums.append([attachment])
    return albums


def _sort(attachment: Attachment) -> str:
    return "pictures" if attachment.kind in {"photo", "video"} else attachment.kind
