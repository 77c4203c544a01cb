"""How many connections are made at once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final

# A TLS handshake holds the loop for milliseconds: thirty that begin together would be felt in every chat.
AT_ONCE: Final = 4

_BEGINS: Final = "connection.connect_tcp.started"
_ENDS: Final = "http11.send_request_headers.started"

Trace = Callable[[str, Mapping[str, Any]], Awaitable[None]]


class Handshakes:
    """Bounds connecting and TLS handshakes, not what the connections are used for. One for the clients of a process, or for each."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._free = asyncio.Semaphore(at_once)

    @contextlib.asynccontextmanager
    async def bounded(self) -> AsyncIterator[dict[str, Any]]:
        """Extensions for one request that is sent within the block; a connection that is used again takes no place."""
        holds = False

        async def trace(event: str, _info: Mapping[str, Any]) -> None:
            nonlocal holds
            if event == _BEGINS and not holds:
                await self._free.acquire()
                holds = True
            elif event == _ENDS and holds:
                holds = False
                self._free.release()

        try:
            yield {"trace": trace}
        finally:
            # No connection was made, or whoever wanted it was cancelled.
            if holds:
                self._free.release()
