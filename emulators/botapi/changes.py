"""Waiting for something to change, without looking again and again."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

# After it nothing will come any more, on a machine that has other things to do as well.
PATIENCE_SECONDS: Final = 30.0


class Changes:
    """Counts changes and wakes who waits for the next one; what changes here has changed in `whole` too."""

    def __init__(self, whole: "Changes | None" = None) -> None:
        self.count = 0
        self._whole = whole
        self._waiting: set[asyncio.Future[None]] = set()

    def announce(self) -> None:
        self.count += 1
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        if self._whole is not None:
            self._whole.announce()

    async def after(self, count: int) -> None:
        """Return once more changes than `count` have been announced."""
        while self.count <= count:
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.add(waiter)
            try:
                await waiter
            finally:
                self._waiting.discard(waiter)

    async def until(self, look: Callable[[], T | None], timeout: float) -> T:
        """Return the first value of `look` that is neither None nor false, asked now and after each change.

        Raises:
            TimeoutError: there was none within `timeout` seconds.
        """
        async with asyncio.timeout(timeout):
            while True:
                count = self.count
                if found := look():
                    return found
                await self.after(count)
