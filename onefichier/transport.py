"""HTTP clients as the service wants them, and one way to send through them."""

import asyncio
import json
import ssl
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import httpx

from onefichier.errors import BadAnswer, Unreachable

USER_AGENT: Final = "onefichier-bot"
CONNECT_SECONDS: Final = 10.0
API_WRITE_SECONDS: Final = 10.0
POOL_SECONDS: Final = 30.0
# 5,000 files, the most that one answer holds, take about 2 MB.
LARGEST_ANSWER: Final = 16 * 1024 * 1024
API_CONNECTIONS: Final = 8


@dataclass(frozen=True)
class Patience:
    """For how long a silent or slow service is waited for: seconds by everybody's clock, as connections know no other."""

    answer: float = 30
    """Between two pieces of an answer. Calls answer within a second; listings of thousands of files have taken several."""
    whole_answer: float = 60
    """A connection that drips a byte now and then passes every other limit."""
    stall: float = 60
    """A node that takes no byte of an upload for so long has stopped."""
    verdict: float = 300
    """After the last byte of an upload the node may still be writing to disk before it answers."""

    @property
    def of_a_call(self) -> httpx.Timeout:
        return httpx.Timeout(
            connect=CONNECT_SECONDS, read=self.answer, write=API_WRITE_SECONDS, pool=POOL_SECONDS
        )

    @property
    def of_an_upload(self) -> httpx.Timeout:
        return httpx.Timeout(connect=CONNECT_SECONDS, read=self.verdict, write=self.stall, pool=POOL_SECONDS)


def api_http(trust: ssl.SSLContext | None = None) -> httpx.AsyncClient:
    """For the API host: HTTP/1.1, no redirects, connections kept.

    `trust`: who vouches for servers, where a process shares it among its clients; reading the authorities anew for each
    takes time and memory.
    """
    limits = httpx.Limits(max_connections=API_CONNECTIONS, max_keepalive_connections=API_CONNECTIONS)
    return _http(limits, trust)


def node_http(trust: ssl.SSLContext | None = None) -> httpx.AsyncClient:
    """For upload nodes: each upload gets a node of its own, so nothing is worth keeping. `trust` as for `api_http`."""
    return _http(httpx.Limits(max_connections=None, max_keepalive_connections=0), trust)


def _http(limits: httpx.Limits, trust: ssl.SSLContext | None) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        verify=trust or True,
        http1=True,
        http2=False,
        follow_redirects=False,
        limits=limits,
        headers={"User-Agent": USER_AGENT},
    )


class Answer(NamedTuple):
    http_status: int
    headers: httpx.Headers
    body: bytes

    def json(self) -> Any:
        """The body as JSON, None when it is anything else."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")


async def send(
    http: httpx.AsyncClient,
    request: httpx.Request,
    *,
    patience: Patience,
    endpoint: str,
    effect: bool = False,
) -> Answer:
    """Send a request and read its whole answer.

    Raises:
        Unreachable: no connection, it broke, or a time limit passed.
        BadAnswer: an answer without end, or one that cannot be decoded.
    """
    request.extensions = {**request.extensions, "timeout": patience.of_a_call.as_dict()}
    try:
        async with asyncio.timeout(patience.whole_answer):
            response = await http.send(request, stream=True, follow_redirects=False)
            try:
                body = await read_bounded(response, LARGEST_ANSWER)
            finally:
                await close_answer(response)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise Unreachable(_words(error), endpoint=endpoint) from error
    except (httpx.TimeoutException, TimeoutError) as error:
        raise Unreachable(_words(error), endpoint=endpoint, maybe_done=effect, timed_out=True) from error
    except httpx.TransportError as error:
        raise Unreachable(_words(error), endpoint=endpoint, maybe_done=effect) from error
    except httpx.DecodingError as error:
        raise BadAnswer("the body cannot be decoded", endpoint=endpoint, maybe_done=effect) from error
    if body is None:
        raise BadAnswer(f"more than {LARGEST_ANSWER} bytes", endpoint=endpoint, maybe_done=effect)
    return Answer(response.status_code, response.headers, body)


async def close_answer(response: httpx.Response) -> None:
    """Close an answer and let go of its connection.

    An answer of httpx and its stream know each other, so what they hold stays until a full garbage collection: for a connection
    that is not kept 200 kB of buffers and of TLS.
    """
    try:
        await response.aclose()
    finally:
        response.stream = httpx.ByteStream(b"")
        response.extensions.clear()


async def read_bounded(response: httpx.Response, most: int) -> bytes | None:
    """The body, or None when it is longer than `most`."""
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > most:
            return None
    return bytes(body)


def _words(error: Exception) -> str:
    """Only the kind: the text of a transport error may quote the address it was for."""
    return type(error).__name__
