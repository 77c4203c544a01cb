"""A file's bytes over HTTP, with whatever shall go wrong on the way."""

import asyncio
from collections.abc import Iterator

from starlette.types import Receive, Scope, Send

from emulators.botapi.content import Content
from emulators.botapi.faults import DownloadFault
from emulators.serving import abort_connection

SLOW_STEP_SECONDS = 0.05
"""A slowed download is paced in steps this long."""


async def download(
    content: Content, fault: DownloadFault | None, scope: Scope, receive: Receive, send: Send
) -> None:
    fault = fault or DownloadFault()
    size = content.size
    length = size if fault.content_length is None else fault.content_length
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-type", b"application/octet-stream"),
                (b"content-length", str(length).encode()),
            ],
        }
    )
    if scope["method"] == "HEAD":
        await send({"type": "http.response.body"})
        return
    sent = 0
    begun = asyncio.get_running_loop().time()
    ends = [end for end in (fault.cut_after, fault.stall_after, length) if end is not None]
    for piece in _paced(_first(content.pieces(), min(ends)), fault):
        sent += len(piece)
        if fault.bytes_per_second:
            due = begun + sent / fault.bytes_per_second
            await asyncio.sleep(due - asyncio.get_running_loop().time())
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    if fault.stall_after is not None and fault.stall_after < length:
        await _disconnected(receive)
    elif min(*ends, size) < length:
        await abort_connection(scope, receive, flush=True)
    else:
        await send({"type": "http.response.body"})


def _first(pieces: Iterator[bytes], count: int) -> Iterator[bytes]:
    for piece in pieces:
        if count <= len(piece):
            yield piece[:count]
            return
        yield piece
        count -= len(piece)


def _paced(pieces: Iterator[bytes], fault: DownloadFault) -> Iterator[bytes]:
    """Cut pieces so small that a slowed download stays even."""
    if not fault.bytes_per_second:
        yield from pieces
        return
    step = max(1, int(fault.bytes_per_second * SLOW_STEP_SECONDS))
    for piece in pieces:
        for begin in range(0, len(piece), step):
            yield piece[begin : begin + step]


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
