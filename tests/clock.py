"""A clock that stands still until a test moves it."""

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta

from tests.loop import running_loop

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class FakeClock:
    """Implements `onefichier.Clock`.

    Time passes by `advance`, which wakes sleepers in their order and lets tasks run between. With `auto`, a sleep moves the time at once.
    """

    def __init__(self, start: datetime = NOON, *, auto: bool = False) -> None:
        self.auto = auto
        self._start = start
        self._elapsed = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        # Far from zero and from the wall clock, so that mixing the scales shows.
        return 1_000.0 + self._elapsed

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self._elapsed

    @property
    def sleepers(self) -> int:
        return sum(not woken.done() for _, _, woken in self._sleepers)

    @property
    def next_wake(self) -> float | None:
        """Seconds until the next sleeper wakes; None when nobody sleeps."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] - self._elapsed if self._sleepers else None

    async def sleep(self, seconds: float) -> None:
        wake_at = self._elapsed + max(0.0, seconds)
        if self.auto:
            self._elapsed = max(self._elapsed, wake_at)
            await asyncio.sleep(0)
            return
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (wake_at, next(self._order), woken))
        await woken

    async def advance(self, seconds: float) -> None:
        target = self._elapsed + seconds
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= target:
            wake_at, _, woken = heapq.heappop(self._sleepers)
            self._elapsed = max(self._elapsed, wake_at)
            if not woken.done():
                woken.set_result(None)
                await self.settle()
        self._elapsed = target
        await self.settle()

    async def leap(self, seconds: float) -> None:
        """Let time pass at once, as for a machine that was asleep: who waits within it wakes once, at its end."""
        self._elapsed += seconds
        while self._sleepers and self._sleepers[0][0] <= self._elapsed:
            woken = heapq.heappop(self._sleepers)[2]
            if not woken.done():
                woken.set_result(None)
        await self.settle()

    async def settle(self) -> None:
        """Let every task run as far as it can without time passing."""
        await running_loop().rest()
