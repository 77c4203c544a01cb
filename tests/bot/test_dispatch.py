import asyncio
from typing import Any

from bot.dispatch import TURN
from handlers import SlowDown
from tests.bot.dispatching import Stage, failing
from tests.bot.waiting import until


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
