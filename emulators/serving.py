"""An ASGI application on a loopback port, inside the running event loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

END_EXTENSION = "emulators.end_connection"
"""Key in `scope["extensions"]`: a callable that ends the request's connection, at once or after what was written."""

GRACE_SECONDS = 1
"""Connections are reset before the server stops, so nothing is left to wait for."""

CONNECTION_BACKLOG = 1024

_LOOPS_TO_CONNECT = 2
"""Turns of the event loop from taking a connection in to telling the server of it."""

FAR_RECEIVE_BUFFER = 64 * 1024
FAR_SEGMENT = 1400
"""Bytes, as on Ethernet."""


class _LoopbackServer(uvicorn.Server):
    """Leaves the process's signal handlers alone, and stops the moment it is told to.

    It knows the requests under way, so that leaving ends long polls and streams too.
    """

    def __init__(self, app: ASGIApp, certificate: tuple[Path, Path] | None) -> None:
        chain, key = certificate or (None, None)
        super().__init__(
            uvicorn.Config(
                self._handle,
                log_config=None,
                access_log=False,
                interface="asgi3",  # a bound method is taken for the two-step interface when left to guess
                lifespan="off",
                proxy_headers=False,
                backlog=CONNECTION_BACKLOG,
                timeout_graceful_shutdown=GRACE_SECONDS,
                ssl_certfile=chain,
                ssl_keyfile=key,
            )
        )
        self._app = app
        self._requests: set[asyncio.Task[None]] = set()
        self._leaving = asyncio.Event()
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self._leaving.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """`leave` has ended all that uvicorn would close and wait for."""

    async def leave(self) -> None:
        """End everything that is under way, then the server.

        The port goes first: who is cut off may come again at once, as browsers do. Connections go before requests: an
        application that ends without an answer is an error only while somebody waits for it.
        """
        for server in self.servers:
            server.close()
        for _ in range(_LOOPS_TO_CONNECT):
            await asyncio.sleep(0)
        for transport in self._transports():
            transport.abort()
        await asyncio.sleep(0)
        requests = list(self._requests)
        for request in requests:
            request.cancel()
        await asyncio.gather(*requests, return_exceptions=True)
        self._leaving.set()

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        extensions: dict[str, Any] = scope.setdefault("extensions", {})
        extensions[END_EXTENSION] = lambda *, flush: self._end_connection(client, flush=flush)
        request = asyncio.create_task(_answered(self._app, scope, receive, send))
        self._requests.add(request)
        try:
            await request
        except asyncio.CancelledError:
            if not request.cancelled():
                raise
        finally:
            self._requests.discard(request)

    def _end_connection(self, client: object, *, flush: bool) -> None:
        for transport in self._transports():
            if transport.get_extra_info("peername") == client:
                if flush:
                    transport.close()
                else:
                    transport.abort()

    def _transports(self) -> list[asyncio.WriteTransport]:
        found = [getattr(connection, "transport", None) for connection in self.server_state.connections]
        return [transport for transport in found if isinstance(transport, asyncio.WriteTransport)]


async def _answered(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)


@contextlib.asynccontextmanager
async def serve(
    app: ASGIApp,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    certificate: tuple[Path, Path] | None = None,
    far: bool = False,
) -> AsyncIterator[str]:
    """Serve `app` until the end of the block; the value is the base URL, without a slash at its end.

    `certificate`: the files of a certificate and its key, to serve over TLS.
    `far` makes who sends feel at once that the application is slow, as over a network: on loopback the system takes in
    megabytes first.

    Leaving resets what is still open, long polls and unfinished streams included.
    """
    # The protocol is named because asyncio sends small answers at once only on sockets that name it.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if far:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, FAR_RECEIVE_BUFFER)
        # The sender's own buffer is a multiple of the segments that were agreed on, which on loopback are of 64 KiB.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, FAR_SEGMENT)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    server = _LoopbackServer(app, certificate)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    ready = asyncio.create_task(server.ready.wait())
    try:
        await asyncio.wait({serving, ready}, return_when=asyncio.FIRST_COMPLETED)
        scheme = "http" if certificate is None else "https"
        yield f"{scheme}://{host}:{listener.getsockname()[1]}"
    finally:
        ready.cancel()
        await server.leave()
        await serving
        listener.close()


class SwitchedServer:
    """An application on a port that it can be taken off, and put back on: while it is off, nobody can connect."""

    def __init__(self, app: ASGIApp, *, far: bool = False) -> None:
        self._app = app
        self._far = far
        self._stack = contextlib.AsyncExitStack()
        self.url = ""
        self.is_up = False

    async def up(self) -> None:
        if not self.is_up:
            self.is_up = True
            port = urlsplit(self.url).port or 0
            self.url = await self._stack.enter_async_context(serve(self._app, port=port, far=self._far))

    async def down(self) -> None:
        """Reset all connections and leave the port."""
        self.is_up = False
        await self._stack.aclose()


async def abort_connection(scope: Scope, receive: Receive, *, flush: bool = False) -> None:
    """End the connection a request came by; the caller then returns without an answer, or with half of one.

    It is reset, so that what was written last may never arrive; with `flush` all of that arrives first.

    Raises:
        ConnectionResetError: the application was called in process, where there is no connection.
    """
    extensions: dict[str, Any] = scope.get("extensions") or {}
    if END_EXTENSION not in extensions:
        raise ConnectionResetError("connection reset by the emulator")
    extensions[END_EXTENSION](flush=flush)
    message: Message = {"type": "http.request"}
    while message["type"] != "http.disconnect":
        message = await receive()
