import asyncio
import contextlib
import socket
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from emulators.serving import SwitchedServer, abort_connection, serve


async def greet(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] == "/reset":
        await abort_connection(scope, receive)
        return
    await PlainTextResponse("hello")(scope, receive, send)


async def test_what_is_served_can_be_asked_and_is_gone_afterwards() -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        async with serve(greet) as url:
            assert (await client.get(url)).text == "hello"
        with pytest.raises(httpx.ConnectError):
            await client.get(url)


async def test_a_reset_concerns_its_own_connection_only() -> None:
    async with serve(greet) as url, httpx.AsyncClient(trust_env=False, base_url=url) as client:
        other = asyncio.create_task(client.get("/"))
        with pytest.raises(httpx.TransportError):
            await client.get("/reset")
        assert (await other).text == "hello"
        assert (await client.get("/")).text == "hello"


async def test_leaving_ends_requests_under_way() -> None:
    waiting = asyncio.Event()

    async def never(scope: Scope, receive: Receive, send: Send) -> None:
        waiting.set()
        await asyncio.Event().wait()

    async with httpx.AsyncClient(trust_env=False) as client:
        async with serve(never) as url:
            request = asyncio.create_task(client.get(url))
            await asyncio.wait_for(waiting.wait(), 5)
        with pytest.raises(httpx.TransportError):
            await request


async def test_who_connects_while_the_server_leaves_is_not_left_waiting() -> None:
    waiting, ended = asyncio.Event(), asyncio.Event()

    async def slow_to_end(scope: Scope, receive: Receive, send: Send) -> None:
        waiting.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
            await asyncio.sleep(0.05)

    async def comes_late() -> bytes:
        await ended.wait()
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        try:
            return await asyncio.wait_for(reader.read(), 5)
        finally:
            writer.close()

    async with httpx.AsyncClient(trust_env=False) as client:
        async with serve(slow_to_end) as url:
            address = urlsplit(url)
            connected = asyncio.create_task(comes_late())
            request = asyncio.create_task(client.get(url))
            await asyncio.wait_for(waiting.wait(), 5)
        with pytest.raises(httpx.TransportError):
            await request
    with pytest.raises(ConnectionError):
        await connected


async def test_a_port_that_is_taken_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        async with serve(greet, port=taken.getsockname()[1]):
            pass


async def test_a_server_can_leave_its_port_and_come_back_to_it() -> None:
    server = SwitchedServer(greet)
    await server.up()
    url = server.url
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(url)).text == "hello"
        await server.down()
        await server.down()
        assert not server.is_up
        with pytest.raises(httpx.ConnectError):
            await client.get(url)
        await server.up()
        await server.up()
        assert (await client.get(url)).text == "hello"
        assert server.url == url
        await server.down()


async def test_a_far_server_that_reads_slowly_is_felt_at_once() -> None:
    async def deaf(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()

    taken = []
    for far in (False, True):
        async with serve(deaf, far=far) as url:
            address = urlsplit(url)
            with socket.create_connection((address.hostname, address.port)) as client:
                client.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 1000000000\r\n\r\n")
                client.settimeout(0.05)
                sent = 0
                with contextlib.suppress(TimeoutError):
                    while True:
                        sent += await asyncio.to_thread(client.send, bytes(16_384))
                taken.append(sent)

    near, far_away = taken
    assert far_away < near / 2
