"""The body of an answer over HTTP as it comes, and a long one without what each part of it costs on its way up."""

import contextlib
import ssl
from collections.abc import AsyncGenerator, Iterator
from typing import Final, cast

import httpcore
import httpx

# TLS hands out 16 KiB at a time, and each of them goes through six layers that take the time of eight decryptions. The connection itself is
# to be had from an answer, as httpx documents; once it was read from past those layers it cannot be used for another request. So much of a
# body is worth a connection of its own: at 100 Mbit/s it takes longer than three handshakes.
LONG_BYTES: Final = 4 * 1024 * 1024
_READ_BYTES: Final = 256 * 1024
# Of TLS, which has no longer ones.
_RECORD_BYTES: Final = 16 * 1024


async def parts(response: httpx.Response, length: int, *, within: float) -> AsyncGenerator[bytes, None]:
    """The body, which is `length` bytes long as far as the answer's head says so.

    Raises:
        httpx.ReadTimeout: nothing came `within` so many seconds.
        httpx.HTTPError: it broke, or ended too early.
    """
    async with contextlib.aclosing(
        cast("AsyncGenerator[bytes, None]", response.aiter_raw())
    ) as through_layers:
        stream: httpcore.AsyncNetworkStream | None = response.extensions.get("network_stream")
        if length < LONG_BYTES or stream is None or "Transfer-Encoding" in response.headers:
            try:
                async for part in through_layers:
                    yield part
            except ssl.SSLError as error:
                # httpx lets through what cannot be decrypted.
                raise httpx.ReadError(error.reason) from error
            return
        # What came together with the head has been read already.
        left = length
        async for part in through_layers:
            yield part
            left -= len(part)
            break
        async with contextlib.aclosing(_straight(stream, left, within)) as coming:
            async for part in coming:
                yield part


async def _straight(
    stream: httpcore.AsyncNetworkStream, left: int, within: float
) -> AsyncGenerator[bytes, None]:
    tls: ssl.SSLObject | None = stream.get_extra_info("ssl_object")
    most = _READ_BYTES if tls is None else _RECORD_BYTES
    while left > 0:
        try:
            part = await stream.read(min(left, most), timeout=within)
        except httpcore.ReadTimeout as error:
            raise httpx.ReadTimeout(str(error)) from error
        except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError) as error:
            raise httpx.ReadError(str(error)) from error
        if not part:
            raise httpx.RemoteProtocolError(f"ended {left} bytes too early")
        yield part
        left -= len(part)
        if tls is not None:
            for part in _at_hand(tls, left):
                yield part
                left -= len(part)


def _at_hand(tls: ssl.SSLObject, left: int) -> Iterator[bytes]:
    """What has come along with the last part and is only to be decrypted."""
    while left > 0:
        try:
            part = tls.read(min(left, _RECORD_BYTES))
        except ssl.SSLError:
            # Nothing more is at hand, or what is wrong shows itself when the connection is read from.
            return
        if not part:
            return
        yield part
        left -= len(part)
