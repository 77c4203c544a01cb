"""What stands in for `peer.c` where it cannot be compiled: the emulated 1fichier over TLS, in a process of its own.

It takes the same arguments and prints the same events, but hands out no files of Telegram's, which then come from the
emulated Bot API itself, and is no proxy.
"""

import argparse
import asyncio
import contextlib
import socket
import ssl
import sys
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks.peer import CUT, FIRST, NODE, WHOLE
from emulators.onefichier import EmulatedAccount, OneFichier


class OpenToAll(OneFichier):
    """A 1fichier where every key is that of the one account there is."""

    def account_of_key(self, key: str) -> EmulatedAccount | None:
        del key
        return self.accounts[0]


class Events:
    """Prints what happens to uploads, around an application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._numbers: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path == "/upload.cgi":
            await self._upload(scope, receive, send)
            return
        if path.endswith("/get_upload_server.cgi"):
            report(NODE)
        await self._app(scope, receive, send)

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        size = int(dict(scope["headers"]).get(b"content-length", b"0"))
        begun = False

        async def noted() -> Message:
            nonlocal begun
            message = await receive()
            if message["type"] == "http.disconnect":
                report(CUT)
            elif not begun and message.get("body"):
                begun = True
                report(FIRST, size)
            elif not message.get("more_body"):
                report(WHOLE, size)
            return message

        await self._app(scope, noted, send)


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ends with its standard input, and by nothing else."""
        yield


def report(what: str, size: int = 0) -> None:
    print(time.monotonic_ns(), what, 0, size, flush=True)


@contextlib.asynccontextmanager
async def listening(app: ASGIApp, **tls: Any) -> AsyncIterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, **tls))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        await serving


async def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("--cert", "--key", "--telegram", "--file-bytes", "--rate", "--checksum"):
        parser.add_argument(name)
    given = parser.parse_args()
    service = OpenToAll()
    service.add_account()
    service.uploads.keep_bytes = 0
    service.uploads.checksums = False
    service.uploads.bytes_per_second = float(given.rate or 0) or None
    app = Events(service.app)
    async with (
        service,
        listening(
            app, ssl_certfile=given.cert, ssl_keyfile=given.key, ssl_version=ssl.PROTOCOL_TLS_SERVER
        ) as tls,
        listening(app) as plain,
    ):
        print(tls, plain, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
