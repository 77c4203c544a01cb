"""Time that passes by hand, and only while nothing travels, between processes or to the database: all of that is watched."""

import asyncio
import contextlib
import inspect
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from typing import Any, TypeVar

import httpx
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from emulators.onefichier import OneFichier as EmulatedService
from storage import Database
from storage.database import Transaction
from tests.clock import FakeClock
from tests.loop import running_loop

# Real time after which a condition will not come true any more, also where several tests share the machine.
PATIENCE_SECONDS = 120.0
# Real time between two looks at what works in other threads.
QUIET_SECONDS = 0.002
# A request under way without any news for so long has stalled.
STALLED_ROUNDS = 60

T = TypeVar("T")
Condition = Callable[[], bool | Awaitable[bool]]


class Busy:
    """Counts an application's requests: those under way, all, and by the last part of their paths.

    What stands under `outage` is answered with 503.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.running = 0
        self.seen = 0
        self.begun: Counter[str] = Counter()
        self.outage: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.running += 1
        self.seen += 1
        self.begun[scope["path"].rpartition("/")[2]] += 1
        is_out = self.outage is not None and scope["path"].startswith(self.outage)
        try:
            await (PlainTextResponse("out", 503) if is_out else self._app)(scope, receive, send)
        finally:
            self.running -= 1
            self.seen += 1


class WatchedTransport(httpx.AsyncHTTPTransport):
    """Counts requests from before their connection is made until their answers are read."""

    running = 0

    def __init__(self, limits: httpx.Limits = httpx.Limits()) -> None:  # noqa: B008  # as httpx has it, and it never changes
        # Over loopback; reading the certificates of the world would take much of a test's time.
        super().__init__(trust_env=False, verify=False, limits=limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        WatchedTransport.running += 1
        try:
            response = await super().handle_async_request(request)
        except BaseException:
            WatchedTransport.running -= 1
            raise
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _WatchedStream(response.stream)
        return response


class _WatchedStream(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._stream:
            yield piece

    async def aclose(self) -> None:
        try:
            await self._stream.aclose()
        finally:
            WatchedTransport.running -= 1


class WatchedDatabase(Database):
    """Counts what is under way, so that time does not pass meanwhile."""

    running = 0
    seen = 0

    async def write(self, work: Callable[[Transaction], T], *, ahead: bool = False) -> T:
        with self._counted():
            return await super().write(work, ahead=ahead)

    async def execute(self, sql: str, values: Mapping[str, Any] | None = None) -> int:
        with self._counted():
            return await super().execute(sql, values)

    async def change(
        self, sql: str, values: Mapping[str, Any] | None = None, *, ahead: bool = False
    ) -> list[sqlite3.Row]:
        with self._counted():
            return await super().change(sql, values, ahead=ahead)

    async def fetch_all(self, sql: str, values: Mapping[str, Any] | None = None) -> list[sqlite3.Row]:
        with self._counted():
            return await super().fetch_all(sql, values)

    async def set_writable(self, writable: bool) -> None:
        """Have SQLite itself refuse to write, as on a disk that went read-only."""
        await self._writer.execute(f"PRAGMA query_only = {'OFF' if writable else 'ON'}")

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1
            self.seen += 1


class HandDriven:
    """Time that passes only while everybody waits for it: what travels arrives before the next second begins."""

    clock: FakeClock
    telegram_app: Busy
    fichier_app: Busy
    fichier: EmulatedService
    database: WatchedDatabase

    async def until(self, condition: Condition, *, most_seconds: float = 7200.0) -> None:
        """Let everybody work and time pass from one sleeper's waking to the next, until it is so.

        Raises:
            AssertionError: not within `most_seconds` of the clock or `PATIENCE_SECONDS` of real time.
        """
        loop = asyncio.get_running_loop()
        give_up_at, latest = loop.time() + PATIENCE_SECONDS, self.clock.elapsed + most_seconds
        while not await _holds(condition):
            assert loop.time() < give_up_at, (
                f"real time is over after {self.clock.elapsed:.0f} s of the clock"
            )
            assert self.clock.elapsed <= latest, f"not within {most_seconds:.0f} s"
            await self.quiet()
            if not await _holds(condition):
                await self.clock.advance(self.clock.next_wake or 0.0)

    async def result(self, work: Coroutine[Any, Any, T]) -> T:
        """What work comes to that waits for the clock, such as a call for its turn."""
        task = asyncio.create_task(work)
        await self.until(task.done)
        return await task

    async def quiet(self) -> None:
        """Let everybody get as far as they can without time passing."""
        rounds = 0
        await self.rest()
        while self._is_busy() and rounds < STALLED_ROUNDS:
            before = self._activity()
            await asyncio.sleep(QUIET_SECONDS)
            await self.rest()
            rounds = rounds + 1 if self._activity() == before else 0

    async def rest(self) -> None:
        """As `quiet`, without waiting for services that take their time over a request."""
        loop = running_loop()
        await loop.rest_of_threads()
        while self.database.running:
            await asyncio.sleep(QUIET_SECONDS)
            await loop.rest_of_threads()

    def _is_busy(self) -> bool:
        apps = self.telegram_app.running + self.fichier_app.running
        return bool(apps + WatchedTransport.running)

    async def passes(self, seconds: float) -> None:
        """Let time pass as a process that works all the while sees it."""
        end = self.clock.elapsed + seconds
        while self.clock.elapsed < end:
            await self.quiet()
            wake = self.clock.next_wake
            left = end - self.clock.elapsed
            await self.clock.advance(left if wake is None else min(wake, left))
        await self.quiet()

    def _activity(self) -> tuple[int, ...]:
        return (
            self.telegram_app.seen,
            self.fichier_app.seen,
            self.database.seen,
            self.clock.sleepers,
            sum(upload.bytes_received for upload in self.fichier.uploads.uploads.values()),
        )


async def _holds(condition: Condition) -> bool:
    value = condition()
    return await value if inspect.isawaitable(value) else value
