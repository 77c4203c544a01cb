"""What the tests of the dispatcher have in common."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.dispatch import Dispatcher
from bot.intake import RawUpdate
from bot.metrics import Metrics
from storage import InboxStore, IncomingUpdate
from tests.bot.waiting import until
from tests.clock import FakeClock

CONTENT = "what a person wrote"


@dataclass
class Handlers:
    """What was asked of the handlers, in order; `does` says what they do with an update."""

    does: Callable[[int], Awaitable[None]] | None = None
    handled: list[int] = field(default_factory=list)
    told: list[tuple[int, str]] = field(default_factory=list)
    apology_fails: bool = False

    async def handle(self, update: RawUpdate) -> None:
        self.handled.append(update["update_id"])
        if self.does is not None:
            await self.does(update["update_id"])

    async def apologise(self, update: RawUpdate, reference: str) -> None:
        if self.apology_fails:
            raise LookupError(CONTENT)
        self.told.append((update["update_id"], reference))


class Stage:
    """A dispatcher, started and stopped at will, on one inbox."""

    def __init__(self, inbox: InboxStore) -> None:
        self.inbox = inbox
        self.clock = FakeClock()
        self.handlers = Handlers()
        self.metrics = Metrics()
        self.dispatcher: Dispatcher | None = None
        self._task: asyncio.Task[None] | None = None

    async def receive(
        self, *updates: tuple[int, str], overtakes: bool = False, kind: str = "message"
    ) -> None:
        rows = [
            IncomingUpdate(number, lane, overtakes, f'{{"update_id": {number}, "{kind}": {{}}}}')
            for number, lane in updates
        ]
        await self.inbox.receive(rows, self.clock.now())
        if self.dispatcher is not None:
            self.dispatcher.wake()

    def start(self, grace: float = 0.05) -> None:
        self.dispatcher = Dispatcher(
            self.inbox,
            handle=self.handlers.handle,
            apologise=self.handlers.apologise,
            clock=self.clock,
            metrics=self.metrics,
            grace=grace,
        )
        self._task = asyncio.create_task(self.dispatcher.run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self.dispatcher = self._task = None

    async def handled(self, count: int) -> None:
        await until(lambda: len(self.handlers.handled) == count)

    async def emptied(self) -> None:
        """Wait until everything has ended; the pauses between tries pass at once."""
        await until(self._is_empty)

    def ended(self, outcome: str) -> float | None:
        return self.metrics.registry.get_sample_value("bot_updates_ended_total", {"outcome": outcome})

    async def _is_empty(self) -> bool:
        if self.clock.sleepers:
            await self.clock.advance(60)
        return await self.inbox.depth() == 0


def failing(error: Exception, only: int = 1) -> Callable[[int], Awaitable[None]]:
    async def does(number: int) -> None:
        if number == only:
            raise error

    return does
