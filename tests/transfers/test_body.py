"""Bodies of answers, short and long, over plain connections and over TLS."""

import asyncio
import os
import random
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from emulators.serving import END_EXTENSION, serve
from tests.transfers.test_over_tls import certificate
from transfers.body import LONG_BYTES, parts

SENT_AT_ONCE = 100_000


@dataclass
class Answering:
    """Answers with `content`, or only with its beginning; counts connections by their ports."""

    content: bytes = b""
    announced: int | None = None
    """Bytes that the head promises; None: as many as there are."""
    ends_after: int | None = None
    stalls_after: int | None = None

    def __post_init__(self) -> None:
        self.ports: list[int] = []

    async def app(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.ports.append(scope["client"][1])
        length = len(self.content) if self.announced is None else self.announced
        headers = [(b"content-length", str(length).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        until = min(end for end in (len(self.content), self.ends_after, self.stalls_after) if end is not None)
        for start in range(0, until, SENT_AT_ONCE):
            piece = self.content[start : min(start + SENT_AT_ONCE, until)]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        if self.ends_after is not None:
            scope["extensions"][END_EXTENSION](flush=True)
        elif self.stalls_after is not None:
            await asyncio.Event().wait()
        else:
            await send({"type": "http.response.body"})


@dataclass
class Service:
    url: str
    http: httpx.AsyncClient
    answering: Answering

    async def fetched(self, *, within: float = 10.0) -> bytes:
        async with self.http.stream("GET", self.url) as response:
            length = int(response.headers["Content-Length"])
            return b"".join([part async for part in parts(response, length, within=within)])


@asynccontextmanager
async def service_over(tls: tuple[Path, Path] | None) -> AsyncIterator[Service]:
    answering = Answering()
    verify = ssl.create_default_context(cafile=tls[0]) if tls else False
    async with (
        serve(answering.app, certificate=tls) as url,
        httpx.AsyncClient(verify=verify, trust_env=False) as http,
    ):
        yield Service(url, http, answering)


@pytest.fixture(params=["plain", "TLS"])
async def service(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Service]:
    async with service_over(certificate(tmp_path) if request.param == "TLS" else None) as serving:
        yield serving


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize(
    "size", [1, LONG_BYTES - 1, LONG_BYTES, LONG_BYTES + 1, 3 * LONG_BYTES + 12_345], ids=str
)
async def test_every_byte_arrives(service: Service, size: int) -> None:
    service.answering.content = content(size)
    assert await service.fetched() == service.answering.content


async def test_many_at_once_arrive_as_they_are(service: Service) -> None:
    service.answering.content = content(2 * LONG_BYTES)
    fetched = await asyncio.gather(*(service.fetched() for _ in range(4)))
    assert all(each == service.answering.content for each in fetched)


async def test_a_connection_is_used_again_after_a_short_one_alone(service: Service) -> None:
    service.answering.content = content(1_000)
    await service.fetched()
    await service.fetched()
    service.answering.content = content(LONG_BYTES)
    await service.fetched()
    await service.fetched()
    first, second, third, fourth = service.answering.ports
    assert first == second == third != fourth


@pytest.mark.parametrize("size", [1_000_000, 2 * LONG_BYTES], ids=["short", "long"])
async def test_one_that_ends_too_early_is_an_error(service: Service, size: int) -> None:
    service.answering.content = content(size)
    service.answering.ends_after = size - 100_001
    with pytest.raises(httpx.HTTPError):
        await service.fetched()


@pytest.mark.parametrize("size", [1_000_000, 2 * LONG_BYTES], ids=["short", "long"])
async def test_one_that_stands_still_is_an_error(service: Service, size: int) -> None:
    service.answering.content = content(size)
    service.answering.stalls_after = size // 2
    service.http.timeout = httpx.Timeout(5, read=0.05)
    with pytest.raises(httpx.ReadTimeout):
        await service.fetched(within=0.05)


@pytest.mark.parametrize("size", [1_000_000, 2 * LONG_BYTES], ids=["short", "long"])
async def test_one_that_is_garbled_on_its_way_is_an_error(tmp_path: Path, size: int) -> None:
    chain, key = certificate(tmp_path)
    secured = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    secured.load_cert_chain(chain, key)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.set_write_buffer_limits(0)
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode() + bytes(SENT_AT_ONCE))
        await writer.drain()
        # A record that nobody encrypted, past the layer that encrypts.
        os.write(writer.get_extra_info("socket").fileno(), b"\x17\x03\x03\x00\x20" + bytes(32))

    server = await asyncio.start_server(answer, "127.0.0.1", ssl=secured)
    verify = ssl.create_default_context(cafile=chain)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, httpx.AsyncClient(verify=verify, trust_env=False) as http:
        with pytest.raises(httpx.HTTPError):
            await Service(url, http, Answering()).fetched()


async def test_one_that_is_left_in_the_middle_leaves_no_connection_behind(service: Service) -> None:
    service.answering.content = content(2 * LONG_BYTES)
    async with service.http.stream("GET", service.url) as response:
        async for _ in parts(response, 2 * LONG_BYTES, within=1):
            break
    assert await service.fetched() == service.answering.content
