"""An upload node on loopback that keeps what arrives byte for byte and answers as it is told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

ACCEPTED = b"HTTP/1.1 302 Found\r\nLocation: /end.pl?xid=9kGjlUU2CV\r\nContent-Length: 6\r\n\r\nMoved!"


def page(text: str, status: str = "200 OK") -> bytes:
    body = text.encode()
    return b"HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (
        status.encode(),
        len(body),
        body,
    )


@dataclass
class Node:
    """How it answers, and after how many bytes of the body something else happens.

    Attributes:
        cut_at: the connection is reset.
        answer_at: it is answered at once.
        stall_at: nothing more is taken.
    """

    answer: bytes = ACCEPTED
    cut_at: int | None = None
    cut_after: bool = False
    """The connection is reset instead of an answer to the whole body."""
    answer_at: int | None = None
    stall_at: int | None = None
    host: str = ""
    head: bytes = b""
    body: bytearray = field(default_factory=bytearray)
    requests: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    """The connection is closed."""
    leaving: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def headers(self) -> dict[str, str]:
        lines = self.head.decode().split("\r\n")[1:]
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines) if name}

    @property
    def length(self) -> int:
        return int(self.headers["content-length"])

    @property
    def is_whole(self) -> bool:
        return bool(self.head) and len(self.body) == self.length

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests += 1
        try:
            self.head = await reader.readuntil(b"\r\n\r\n")
            await self._receive(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.ended.set()
            writer.close()

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = int(self.headers.get("content-length", 0))
        stops = (self.cut_at, self.answer_at, self.stall_at)
        stop = next((at for at in stops if at is not None), length)
        while len(self.body) < stop:
            piece = await reader.read(min(65536, stop - len(self.body)))
            if not piece:
                return
            self.body += piece
        if self.stall_at is not None:
            await self.leaving.wait()
        if self.cut_at is not None or self.cut_after:
            writer.transport.abort()
            return
        writer.write(self.answer)
        await writer.drain()
        if self.answer_at is not None:
            while await reader.read(65536):
                pass


@contextlib.asynccontextmanager
async def running(node: Node) -> AsyncIterator[Node]:
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task:
            tasks.add(task)
        await node.serve(reader, writer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    node.host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield node
    finally:
        node.leaving.set()
        server.close()
        await asyncio.gather(*tasks)
        await server.wait_closed()
