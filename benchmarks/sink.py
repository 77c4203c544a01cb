"""The other side of an upload in a process of its own: reads a body as fast as it comes, and answers 302.

Prints its port, serves until its standard input is closed.
"""

import asyncio
import json
import re
import sys

HEAD_LIMIT = 64 * 1024
BUFFER_BYTES = 1 << 20


class Upload(asyncio.BufferedProtocol):
    """One connection; requests may follow each other on it."""

    def __init__(self) -> None:
        self._buffer = bytearray(BUFFER_BYTES)
        self._head = b""
        self._missing = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(type(transport))
        self._transport = transport

    def get_buffer(self, sizehint: int) -> bytearray:
        del sizehint
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._missing:
            self._missing -= nbytes
        else:
            self._head += self._buffer[:nbytes]
            head, separator, rest = self._head.partition(b"\r\n\r\n")
            if not separator:
                if len(self._head) > HEAD_LIMIT:
                    self._transport.abort()
                return
            self._begin(head, len(rest))
        if not self._missing:
            self._answer()

    def _begin(self, head: bytes, received: int) -> None:
        length = re.search(rb"(?im)^content-length: *(\d+)", head)
        self._head = head
        self._missing = (int(length[1]) if length else 0) - received

    def _answer(self) -> None:
        if b"/upload.cgi" in self._head.splitlines()[0]:
            answer = b"HTTP/1.1 302 Found\r\nLocation: /end.pl?xid=sink\r\nContent-Length: 0\r\n\r\n"
        else:
            host, port = self._transport.get_extra_info("sockname")[:2]
            body = json.dumps({"url": f"{host}:{port}", "id": "sink"}).encode()
            answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
            answer += b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        self._head = b""
        self._transport.write(answer)


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Upload, "127.0.0.1", 0)
    async with server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
