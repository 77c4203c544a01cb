"""An event loop that knows when everybody in it waits."""

import asyncio
import selectors
from asyncio import AbstractEventLoop
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import Context
from typing import TypeVar, TypeVarTuple

# A thread at work rings no bell before it is done.
THREAD_SECONDS = 0.001
# What is written in one turn of the loop is news for the other side in the next one.
QUIET_TURNS = 2
# Real time in which everybody comes to rest, however busy the machine is.
PATIENCE_SECONDS = 120.0

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class _CountingSelector(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.events = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(timeout)
        self.events += len(events)
        return events


class WatchedLoop(asyncio.SelectorEventLoop):
    """Tells rest from work. Over loopback what is sent has arrived, so nobody is on the way between two sockets.

    Whoever waits for real time to pass counts as at rest.
    """

    def __init__(self) -> None:
        # Before the base class, which sets up its own wake-up call with both.
        self._counter = _CountingSelector()
        self._asked_for = 0
        self._onlookers = 0
        self._in_threads = 0
        super().__init__(self._counter)

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        self._asked_for += 1
        return super().call_soon(callback, *args, context=context)

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        call = super().run_in_executor(executor, func, *args)
        self._in_threads += 1
        call.add_done_callback(self._has_returned)
        return call

    def _has_returned(self, _call: asyncio.Future[T]) -> None:
        self._in_threads -= 1

    async def rest(self) -> None:
        """Wait until nobody can get any further without another thread, another process or the time.

        Raises:
            AssertionError: somebody goes round in circles.
        """
        give_up_at = self.time() + PATIENCE_SECONDS
        self._onlookers += 1
        try:
            quiet = 0
            while quiet < QUIET_TURNS:
                assert self.time() < give_up_at, "there is no end to it"
                asked_for, events = self._asked_for, self._counter.events
                await asyncio.sleep(0)
                # Each onlooker asks for its own next turn, and for nothing else.
                is_quiet = self._asked_for - asked_for <= self._onlookers and self._counter.events == events
                quiet = quiet + 1 if is_quiet else 0
        finally:
            self._onlookers -= 1

    async def rest_of_threads(self) -> None:
        """As `rest`, and calls in other threads have come back."""
        await self.rest()
        while self._in_threads:
            await asyncio.sleep(THREAD_SECONDS)
            await self.rest()


def running_loop() -> WatchedLoop:
    loop: AbstractEventLoop = asyncio.get_running_loop()
    assert isinstance(loop, WatchedLoop), "tests run in a watched loop"
    return loop
