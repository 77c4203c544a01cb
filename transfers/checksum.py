"""The checksum of a file, computed while it passes through."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import Final, Self

from onefichier import Clock, Hash, new_whirlpool

# One core computes 100 to 200 MB/s. Whether that keeps up with this transfer shows after so many bytes, at the cost of a tenth of a second.
TRIAL_BYTES: Final = 16 * 1024 * 1024
# The first of them go no further than into the buffers of the connection, as fast as memory takes them: whoever waits meanwhile holds up nothing.
BUFFERED_BYTES: Final = 8 * 1024 * 1024
# Time spent waiting for the checksum, of all the time since then, above which it would slow the transfer down.
NOTICEABLE: Final = 0.05


class Verify(StrEnum):
    """`AUTO`: as long as it costs no speed."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class PassingChecksum:
    """Computes in a thread what it is fed, one piece behind the transfer."""

    def __init__(
        self, computation: Hash, threads: ThreadPoolExecutor, clock: Clock, *, may_slow_down: bool
    ) -> None:
        self._computation: Hash | None = computation
        self._threads = threads
        self._clock = clock
        self._may_slow_down = may_slow_down
        self._under_way: asyncio.Future[None] | None = None
        self._begun = clock.monotonic()
        self._waited = 0.0
        self._fed = 0

    async def feed(self, piece: bytes) -> None:
        """Begin to compute a piece, when the one before it is done."""
        await self._catch_up()
        if self._computation is None:
            return
        if self._fed <= BUFFERED_BYTES:
            self._begun = self._clock.monotonic()
            self._waited = 0.0
        if not self._may_slow_down and self._slows_down():
            self._computation = None
            return
        self._fed += len(piece)
        loop = asyncio.get_running_loop()
        self._under_way = loop.run_in_executor(self._threads, self._computation.update, piece)

    async def result(self) -> str | None:
        """Of all that was fed; None when it was given up, because the transfer would have waited for it."""
        await self._catch_up()
        return self._computation.hexdigest() if self._computation else None

    async def _catch_up(self) -> None:
        if self._under_way is None:
            return
        began = self._clock.monotonic()
        await self._under_way
        self._under_way = None
        self._waited += self._clock.monotonic() - began

    def _slows_down(self) -> bool:
        elapsed = self._clock.monotonic() - self._begun
        return self._fed >= TRIAL_BYTES and self._waited > NOTICEABLE * elapsed


class Checksums:
    """Decides which transfers get one."""

    def __init__(
        self,
        verify: Verify,
        clock: Clock,
        *,
        new_computation: Callable[[], Hash | None] = new_whirlpool,
        cores: int | None = None,
    ) -> None:
        cores = cores or os.cpu_count() or 1
        self._verify = verify
        self._clock = clock
        self._new_computation = new_computation
        # One core is the event loop's; what it leaves idle costs no speed.
        self._at_once = max(1, cores - 1)
        self._running = 0
        self._threads = ThreadPoolExecutor(max_workers=cores, thread_name_prefix="checksum")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @contextlib.contextmanager
    def of_one(self) -> Iterator[PassingChecksum | None]:
        """The checksum for one transfer; None when it gets none."""
        always = self._verify is Verify.ALWAYS
        wanted = always or (self._verify is Verify.AUTO and self._running < self._at_once)
        computation = self._new_computation() if wanted else None
        if computation is None:
            yield None
            return
        self._running += 1
        try:
            yield PassingChecksum(computation, self._threads, self._clock, may_slow_down=always)
        finally:
            self._running -= 1
