import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest

from onefichier import Handshakes

ROUNDS = 20


class Silent:
    """Takes connections and never says a word, so that no TLS handshake ends by itself."""

    def __init__(self) -> None:
        self.connections: list[asyncio.StreamWriter] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.append(writer)
        with contextlib.suppress(ConnectionError):
            while await reader.read(1024):
                pass
        writer.close()


@pytest.fixture
async def silent() -> AsyncIterator[Silent]:
    server = Silent()
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listening:
        server.port = listening.sockets[0].getsockname()[1]
        yield server
        for writer in server.connections:
            writer.close()


async def settled() -> None:
    for _ in range(ROUNDS):
        await asyncio.sleep(0.005)


async def get(http: httpx.AsyncClient, url: str, handshakes: Handshakes) -> int:
    async with handshakes.bounded() as extensions:
        return (await http.get(url, extensions=extensions)).status_code


async def test_only_so_many_are_under_way_at_once_and_the_next_follows_the_first_to_end(
    silent: Silent,
) -> None:
    handshakes = Handshakes(2)
    async with httpx.AsyncClient(verify=False, timeout=30, trust_env=False) as http:
        requests = [
            asyncio.create_task(get(http, f"https://127.0.0.1:{silent.port}/", handshakes)) for _ in range(5)
        ]
        await settled()
        assert len(silent.connections) == 2

        silent.connections[0].close()
        await settled()
        assert len(silent.connections) == 3

        for request in requests[3:]:
            request.cancel()
        for connection in silent.connections:
            connection.close()
        outcomes = await asyncio.gather(*requests, return_exceptions=True)
    assert [type(each) for each in outcomes] == [httpx.ConnectError] * 3 + [asyncio.CancelledError] * 2


async def test_whoever_is_cancelled_in_the_middle_of_one_gives_its_place_back() -> None:
    handshakes = Handshakes(1)

    async def connect_for_ever() -> None:
        async with handshakes.bounded() as extensions:
            await extensions["trace"]("connection.connect_tcp.started", {})
            await asyncio.Event().wait()

    connecting = asyncio.create_task(connect_for_ever())
    await settled()
    connecting.cancel()
    await asyncio.gather(connecting, return_exceptions=True)
    async with asyncio.timeout(1), handshakes.bounded() as extensions:
        await extensions["trace"]("connection.connect_tcp.started", {})


async def test_what_the_connections_are_used_for_is_not_bounded() -> None:
    waiting = 0
    release = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal waiting
        await reader.readuntil(b"\r\n\r\n")
        waiting += 1
        await release.wait()
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    handshakes = Handshakes(1)
    async with (
        await asyncio.start_server(serve, "127.0.0.1", 0) as server,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        port = server.sockets[0].getsockname()[1]
        requests = [asyncio.create_task(get(http, f"http://127.0.0.1:{port}/", handshakes)) for _ in range(5)]
        await settled()
        assert waiting == 5
        release.set()
        assert await asyncio.gather(*requests) == [204] * 5
