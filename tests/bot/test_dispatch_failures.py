"""What becomes of an update whose handling fails, or is interrupted."""

import asyncio
from collections.abc import Callable

import pytest
from cryptography.fernet import Fernet
from telegram.error import BadRequest, NetworkError, RetryAfter, TimedOut

from bot.dispatch import MAX_INTERRUPTIONS, MAX_POSTPONEMENTS, UnreadableUpdate
from handlers import SlowDown, Unsure
from storage import Database, InboxStore, IncomingUpdate, Vault
from tests.bot.dispatching import CONTENT, Stage, failing
from tests.bot.waiting import until


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


async def test_a_refusal_of_telegrams_counts_as_a_failure(stage: Stage) -> None:
    stage.handlers.does = failing(BadRequest("chat not found"))
    stage.start()
    await stage.receive((1, "a"))
    await stage.emptied()
    assert len(stage.handlers.told) == 1


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
