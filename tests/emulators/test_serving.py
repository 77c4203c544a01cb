import asyncio
import socket

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from emulators.serving import abort_connection, serve


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


async def test_a_port_that_is_taken_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        async with serve(greet, port=taken.getsockname()[1]):
            pass
