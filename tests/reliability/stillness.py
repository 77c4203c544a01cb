"""Time that passes as for a process that works all the while, however long the work takes on this machine."""

import asyncio
import math
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any, Final

import storage.database
from tests.clock import FakeClock
from tests.loop import running_loop

# Real time between two looks at what the database's threads do.
QUIET_SECONDS: Final = 0.001
# Real time in which something that was waited for has to happen.
PATIENCE_SECONDS: Final = 60.0


class Stillness:
    """Knows when nobody in this event loop does anything but wait for the clock."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock

    async def reached(self) -> None:
        """Let everybody get as far as they can without time passing."""
        loop = running_loop()
        await loop.rest_of_threads()
        while _database_works():
            await asyncio.sleep(QUIET_SECONDS)
            await loop.rest_of_threads()

    async def passes(self, seconds: float, *, step: float = 0.0) -> None:
        """Let time pass from one sleeper's waking to the next; with `step`, several that wake within so long wake together."""
        end = self._clock.elapsed + seconds
        while (left := end - self._clock.elapsed) > 0:
            await self.reached()
            wake = math.inf if self._clock.next_wake is None else self._clock.next_wake
            if wake < step:
                await self._clock.leap(min(left, step))
            else:
                await self._clock.advance(min(left, wake))
        await self.reached()

    async def until(
        self, condition: Callable[[], object], *, step: float = 0.0, most_seconds: float = 7200.0
    ) -> None:
        """Let time pass until it is so.

        Raises:
            AssertionError: not within `most_seconds` of the clock or a minute of real time.
        """
        loop = asyncio.get_running_loop()
        give_up_at, latest = loop.time() + PATIENCE_SECONDS, self._clock.elapsed + most_seconds
        await self.reached()
        while not condition():
            assert self._clock.elapsed < latest, f"not within {most_seconds:.0f} s"
            assert loop.time() < give_up_at, (
                f"real time is over, {latest - self._clock.elapsed:.0f} s were left"
            )
            await self._clock.advance(max(self._clock.next_wake or 0.0, step))
            await self.reached()


def _database_works() -> bool:
    """Whether anybody waits for the database, whose threads may take their time to write to a disk."""
    return any(
        code.co_filename == storage.database.__file__
        for task in asyncio.all_tasks()
        for code in _awaited(task.get_coro())
    )


def _awaited(coroutine: object) -> Iterator[CodeType]:
    """The functions in which a coroutine stands, the outermost first."""
    current: Any = coroutine
    while current is not None:
        code = getattr(current, "cr_code", None) or getattr(current, "ag_code", None)
        if code is not None:
            yield code
        current = getattr(current, "cr_await", None) or getattr(current, "ag_await", None)
