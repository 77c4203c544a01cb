"""Lists of URLs in text files: read whole, as long as they are lists that a person could have made."""

import codecs
from typing import Final

from transfers.room import NoRoom
from transfers.sources import TelegramFiles, TelegramUnreachable

# Some ten thousand URLs; nobody has more of them fetched at once.
LARGEST_LIST: Final = 1_000_000
PIECE_BYTES: Final = 64 * 1024


class ListTooLong(Exception):
    """Attributes: `size` in bytes, at least; `most` that would be read."""

    def __init__(self, size: int, most: int = LARGEST_LIST) -> None:
        super().__init__(f"{size} bytes instead of {most}")
        self.size = size
        self.most = most


class NoText(Exception):
    """The file holds something else than text."""


async def read_text(files: TelegramFiles, file_id: str) -> str:
    """The text of a small file.

    Raises:
        ListTooLong: it is larger than a list.
        NoText: it is no text.
        SourceError: Telegram does not hand it out.
    """
    try:
        source = await files.locate(file_id, size=LARGEST_LIST)
    except NoRoom:
        raise TelegramUnreachable("no room for a list on the local server's disk") from None
    try:
        async with source.open(lambda: PIECE_BYTES) as stream:
            if stream.size > LARGEST_LIST:
                raise ListTooLong(stream.size)
            content = bytearray()
            async for piece in stream.pieces:
                content += piece
    finally:
        if source.local_path is not None:
            await files.delete(source.local_path)
    return text_of(bytes(content))


def text_of(content: bytes) -> str:
    """Text in UTF-8, or in UTF-16 as Windows marks it. A byte that is neither may stand in a remark, not make the whole unreadable.

    Raises:
        NoText: no editor would show it as text.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise NoText from None
    if b"\0" in content:
        raise NoText
    text = content.decode("utf-8-sig", errors="replace")
    # Compressed data may be without a zero by chance; hardly any of it is UTF-8.
    if text.count("\N{REPLACEMENT CHARACTER}") * 10 > len(text):
        raise NoText
    return text
