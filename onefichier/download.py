"""A file of the service as a stream, from the address that a download token is."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final

import httpx

from onefichier.errors import DownloadInterrupted, DownloadMismatch, DownloadRefused
from onefichier.handshakes import Handshakes
from onefichier.transport import CONNECT_SECONDS, POOL_SECONDS, Patience, close_answer

# Nothing is sent but the request.
_WRITE_SECONDS: Final = 10.0


@contextlib.asynccontextmanager
async def open_download(
    http: httpx.AsyncClient, url: str, *, size: int, patience: Patience, handshakes: Handshakes
) -> AsyncIterator[AsyncIterator[bytes]]:
    """The pieces of a file of exactly `size` bytes. The address works once, and no error names it.

    Raises:
        DownloadRefused: it is used up, or the node has not got the file.
        DownloadMismatch: the file is longer or shorter than `size`; also while reading.
        DownloadInterrupted: the connection broke or stood still; also while reading.
    """
    timeout = httpx.Timeout(
        connect=CONNECT_SECONDS, read=patience.stall, write=_WRITE_SECONDS, pool=POOL_SECONDS
    )
    async with contextlib.AsyncExitStack() as stack:
        try:
            extensions = await stack.enter_async_context(handshakes.bounded())
            request = http.build_request(
                "GET", url, headers={"Accept-Encoding": "identity"}, timeout=timeout, extensions=extensions
            )
            response = await http.send(request, stream=True, follow_redirects=False)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise DownloadInterrupted(type(error).__name__) from None
        stack.push_async_callback(close_answer, response)
        if response.status_code != httpx.codes.OK:
            raise DownloadRefused(response.status_code)
        length = response.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) != size:
            raise DownloadMismatch(expected=size, received=int(length))
        async with contextlib.aclosing(_pieces(response, size)) as pieces:
            yield pieces


async def _pieces(response: httpx.Response, size: int) -> AsyncGenerator[bytes, None]:
    received = 0
    try:
        async for piece in response.aiter_raw():
            received += len(piece)
            if received > size:
                raise DownloadMismatch(expected=size, received=received)
            yield piece
    except httpx.HTTPError as error:
        raise DownloadInterrupted(type(error).__name__) from None
    if received != size:
        raise DownloadMismatch(expected=size, received=received)
