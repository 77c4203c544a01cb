import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.fernet import Fernet
from telegram.error import BadRequest, NetworkError, RetryAfter, TimedOut

from bot.dispatch import MAX_INTERRUPTIONS, MAX_POSTPONEMENTS, TURN, Dispatcher, UnreadableUpdate
from bot.intake import RawUpdate
from bot.metrics import Metrics
from handlers import SlowDown, Unsure
from storage import Database, InboxStore, IncomingUpdate, Vault
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


@pytest.fixture
async def stage(inbox: InboxStore) -> AsyncIterator[Stage]:
    stage = Stage(inbox)
    yield stage
    await stage.stop()


def failing(error: Exception, only: int = 1) -> Callable[[int], Awaitable[None]]:
    async def does(number: int) -> None:
        if number == only:
            raise error

    return does


async def test_an_update_that_cannot_be_read_any_more_is_set_aside_and_the_chat_goes_on(
    stage: Stage, inbox: InboxStore
) -> None:
    nested = "[" * 100_000 + "]" * 100_000
    await inbox.receive(
        [IncomingUpdate(1, "a", overtakes=False, payload=f'{{"update_id": 1, "message": {nested}}}')],
        stage.clock.now(),
    )
    await stage.receive((2, "a"))
    stage.start()
    await stage.emptied()
    assert stage.handlers.handled == [2]
    assert stage.ended("set_aside") == 1


async def test_one_chat_is_handled_in_order(stage: Stage) -> None:
    async def slower_at_first(number: int) -> None:
        await asyncio.sleep(0.02 / number)

    stage.handlers.does = slower_at_first
    await stage.receive(*[(number, "a") for number in range(1, TURN + 10)])
    stage.start()
    await stage.emptied()
    assert stage.handlers.handled == list(range(1, TURN + 10))
    await until(lambda: stage.ended("handled") == TURN + 9)


async def test_a_slow_chat_holds_no_other(stage: Stage) -> None:
    slow = asyncio.Event()

    async def wait_for_it(number: int) -> None:
        if number == 1:
            await slow.wait()

    stage.handlers.does = wait_for_it
    stage.start()
    await stage.receive((1, "a"), (2, "a"), (3, "b"))
    await until(lambda: stage.handlers.handled == [1, 3])
    await stage.receive((4, "c"))
    await until(lambda: stage.handlers.handled == [1, 3, 4])
    slow.set()
    await stage.emptied()
    assert stage.handlers.handled == [1, 3, 4, 2]


async def test_what_cancels_overtakes_its_chat_once(stage: Stage) -> None:
    slow = asyncio.Event()

    async def wait_for_it(number: int) -> None:
        if number != 3:
            await slow.wait()

    stage.handlers.does = wait_for_it
    stage.start()
    await stage.receive((1, "a"), (2, "a"))
    await until(lambda: stage.handlers.handled == [1])
    await stage.receive((3, "a"), (4, "a"), overtakes=True)
    await until(lambda: stage.handlers.handled[1:] == [3, 4])
    await stage.receive((5, "b"))
    await until(lambda: stage.handlers.handled[-1] == 5)
    slow.set()
    await stage.emptied()
    assert stage.handlers.handled == [1, 3, 4, 5, 2]


async def test_a_handler_that_raises_is_tried_three_times_and_then_set_aside_with_a_reference(
    stage: Stage, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    stage.handlers.does = failing(LookupError(CONTENT))
    stage.start()
    await stage.receive((1, "a"), (2, "a"))
    await stage.emptied()
    assert stage.handlers.handled == [1, 1, 1, 2]
    ((number, reference),) = stage.handlers.told
    assert number == 1
    assert len(reference) == 4
    assert reference in caplog.text
    assert "LookupError" in caplog.text
    assert CONTENT not in caplog.text
    row = await database.fetch_one("SELECT reference FROM inbox WHERE state = 'set_aside'")
    assert row is not None
    assert row["reference"] == reference


async def test_a_failure_in_passing_is_repaired_by_the_next_try(stage: Stage) -> None:
    async def fail_at_first(number: int) -> None:
        if stage.handlers.handled.count(number) < 3:
            raise LookupError

    stage.handlers.does = fail_at_first
    stage.start()
    await stage.receive((1, "a"))
    await stage.emptied()
    assert stage.handlers.told == []


async def test_an_overtaking_update_that_fails_is_tried_again_too(stage: Stage) -> None:
    stage.handlers.does = failing(LookupError())
    stage.start()
    await stage.receive((1, "a"), overtakes=True)
    await stage.emptied()
    assert stage.handlers.handled == [1, 1, 1]


async def test_the_causes_of_an_error_are_logged_without_their_words(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    async def chained(_: int) -> None:
        try:
            raise KeyError(CONTENT)
        except KeyError as error:
            raise LookupError(CONTENT) from error

    stage.handlers.does = chained
    stage.start()
    await stage.receive((1, "a"))
    await until(lambda: stage.clock.sleepers)
    assert "caused by KeyError" in caplog.text
    assert CONTENT not in caplog.text.replace('raise KeyError("planted")', "").replace(
        'raise LookupError("planted")', ""
    )


async def test_an_update_that_nobody_can_read_is_set_aside_at_once_and_told(stage: Stage) -> None:
    stage.handlers.does = failing(UnreadableUpdate())
    stage.start()
    await stage.receive((1, "a"), (2, "a"))
    await stage.emptied()
    assert stage.handlers.handled == [1, 2]
    assert [number for number, _ in stage.handlers.told] == [1]


async def test_an_update_that_no_key_opens_is_set_aside_beside_the_others(
    stage: Stage, database: Database
) -> None:
    other = InboxStore(database, Vault([Fernet.generate_key().decode()]))
    await other.receive([IncomingUpdate(1, "a", overtakes=False, payload="{}")], stage.clock.now())
    stage.start()
    await stage.receive((2, "a"))
    await stage.emptied()
    assert stage.handlers.handled == [2]
    await until(lambda: stage.ended("set_aside") == 1)


async def test_an_apology_that_fails_stops_nothing(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.handlers.does = failing(UnreadableUpdate())
    stage.handlers.apology_fails = True
    stage.start()
    await stage.receive((1, "a"), (2, "a"))
    await stage.emptied()
    assert stage.handlers.handled == [1, 2]
    assert "could not be told" in caplog.text
    assert CONTENT not in caplog.text


@pytest.mark.parametrize(
    "error",
    [TimedOut, lambda: NetworkError("x"), lambda: RetryAfter(30), lambda: SlowDown(30), lambda: Unsure("x")],
    ids=["timeout", "network", "flood", "rest wanted for a chat", "no answer to a handler"],
)
async def test_telegram_out_of_reach_is_not_the_updates_fault(
    stage: Stage, error: Callable[[], Exception]
) -> None:
    async def unreachable(number: int) -> None:
        if stage.handlers.handled.count(number) <= 5:
            raise error()

    stage.handlers.does = unreachable
    stage.start()
    await stage.receive((1, "a"))
    await stage.emptied()
    assert stage.handlers.told == []
    await until(lambda: stage.ended("handled") == 1)


async def test_even_telegrams_troubles_are_waited_for_only_so_long(stage: Stage) -> None:
    stage.handlers.does = failing(TimedOut())
    stage.start()
    await stage.receive((1, "a"))
    await stage.emptied()
    assert [number for number, _ in stage.handlers.told] == [1]


async def test_a_rest_that_telegram_asks_for_is_kept_as_often_as_it_does(stage: Stage) -> None:
    async def limited(number: int) -> None:
        if stage.handlers.handled.count(number) <= 2 * MAX_POSTPONEMENTS:
            raise SlowDown(50)

    stage.handlers.does = limited
    stage.start()
    await stage.receive((1, "a"), (2, "a"))
    await stage.emptied()
    assert stage.handlers.handled == [1] * (2 * MAX_POSTPONEMENTS + 1) + [2] * (2 * MAX_POSTPONEMENTS + 1)
    assert stage.handlers.told == []
    await until(lambda: stage.ended("handled") == 2)


async def test_chats_that_rest_keep_no_others_waiting(stage: Stage) -> None:
    async def limited(number: int) -> None:
        if number <= 100 and stage.handlers.handled.count(number) == 1:
            raise SlowDown(3600)

    stage.handlers.does = limited
    await stage.receive(*[(number, f"chat {number}") for number in range(1, 141)])
    stage.start()
    await until(lambda: set(range(101, 141)) <= set(stage.handlers.handled))
    await until(lambda: stage.clock.sleepers == 100)
    await stage.receive((200, "chat 1"), (201, "chat 140"))
    await until(lambda: 201 in stage.handlers.handled)
    assert 200 not in stage.handlers.handled, "a chat's order holds"
    await stage.clock.advance(3600)
    await stage.emptied()
    await until(lambda: stage.ended("handled") == 142)
    assert [number for number in stage.handlers.handled if number in {1, 200}] == [1, 1, 200]


async def test_a_refusal_of_telegrams_counts_as_a_failure(stage: Stage) -> None:
    stage.handlers.does = failing(BadRequest("chat not found"))
    stage.start()
    await stage.receive((1, "a"))
    await stage.emptied()
    assert len(stage.handlers.told) == 1


async def test_what_was_not_handled_is_handled_after_a_restart(stage: Stage) -> None:
    never = asyncio.Event()

    async def hang(number: int) -> None:
        if number == 1:
            await never.wait()

    stage.handlers.does = hang
    stage.start()
    await stage.receive((1, "a"), (2, "a"))
    await until(lambda: stage.handlers.handled == [1])
    await stage.stop()
    assert await stage.inbox.depth() == 2
    stage.handlers.does = None
    stage.start()
    await stage.emptied()
    assert stage.handlers.handled == [1, 1, 2]


async def test_a_handler_that_ends_within_the_grace_is_not_run_again(stage: Stage) -> None:
    async def soon(_: int) -> None:
        await asyncio.sleep(0.03)

    stage.handlers.does = soon
    stage.start(grace=5)
    await stage.receive((1, "a"), (2, "a"))
    await until(lambda: stage.handlers.handled == [1])
    await stage.stop()
    assert stage.handlers.handled == [1]
    assert await stage.inbox.depth() == 1


async def test_a_stop_does_not_wait_for_the_pause_after_a_failure(stage: Stage) -> None:
    stage.handlers.does = failing(LookupError())
    stage.start(grace=60)
    await stage.receive((1, "a"))
    await until(lambda: stage.clock.sleepers)
    async with asyncio.timeout(1):
        await stage.stop()
    assert await stage.inbox.depth() == 1


async def test_an_update_that_ended_the_process_again_and_again_is_set_aside(stage: Stage) -> None:
    never = asyncio.Event()

    async def hang(_: int) -> None:
        await never.wait()

    stage.handlers.does = hang
    await stage.receive((1, "a"))
    for _ in range(MAX_INTERRUPTIONS):
        stage.start(grace=0)
        await until(lambda: stage.clock.sleepers or stage.handlers.handled)
        await stage.clock.advance(60)
        await stage.handled(1)
        await stage.stop()
        stage.handlers.handled.clear()
    stage.start()
    await stage.emptied()
    assert stage.handlers.handled == []
    assert len(stage.handlers.told) == 1


async def test_processes_that_end_soon_one_after_another_cost_no_update(stage: Stage) -> None:
    never = asyncio.Event()

    async def hang(_: int) -> None:
        await never.wait()

    stage.handlers.does = hang
    await stage.receive((1, "a"))
    for _ in range(3 * MAX_INTERRUPTIONS):
        stage.start(grace=0)
        await until(lambda: stage.clock.sleepers or stage.handlers.handled)
        await stage.stop()
        stage.handlers.handled.clear()
    stage.handlers.does = None
    stage.start()
    await stage.emptied()
    assert stage.handlers.handled == [1]
    assert not stage.handlers.told


async def test_an_inbox_out_of_order_is_looked_into_again(
    stage: Stage, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.receive((1, "a"))
    await database.execute("ALTER TABLE inbox RENAME TO away")
    stage.start()
    await until(lambda: stage.clock.sleepers)
    await database.execute("ALTER TABLE away RENAME TO inbox")
    await stage.emptied()
    assert "The inbox cannot be read" in caplog.text


async def test_progress_that_cannot_be_recorded_is_logged_and_the_update_runs_again(
    stage: Stage, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async def breaking(_: int) -> None:
        if len(stage.handlers.handled) == 1:
            await database.execute("ALTER TABLE inbox RENAME TO away")

    stage.handlers.does = breaking
    stage.start()
    await stage.receive((1, "a"))
    await until(lambda: stage.clock.sleepers)
    await database.execute("ALTER TABLE away RENAME TO inbox")
    await stage.emptied()
    assert stage.handlers.handled == [1, 1]
    assert "could not be recorded" in caplog.text


async def test_hundreds_of_chats_are_served(stage: Stage) -> None:
    served: set[Any] = set()
    most = 0

    async def count(number: int) -> None:
        nonlocal most
        served.add(number)
        most = max(most, len(served))
        await asyncio.sleep(0)
        served.discard(number)

    stage.handlers.does = count
    await stage.receive(*[(number, f"chat {number % 200}") for number in range(600)])
    stage.start()
    await stage.emptied()
    assert sorted(stage.handlers.handled) == list(range(600))
    assert 1 < most <= 64


async def test_an_inline_query_that_nobody_waits_for_any_more_is_left_out(stage: Stage) -> None:
    await stage.receive((1, "inline:5"), kind="inline_query")
    await stage.receive((2, "chat:5"))
    await stage.clock.advance(11)
    await stage.receive((3, "inline:5"), kind="inline_query")
    stage.start()
    await stage.handled(2)
    assert sorted(stage.handlers.handled) == [2, 3]
    await stage.emptied()
    await until(lambda: stage.ended("too_late") == 1)
    assert stage.handlers.told == []
