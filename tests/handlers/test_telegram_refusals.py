"""Results that Telegram puts off, refuses, or does not answer for."""

import logging

import pytest

from storage import TransferState
from tests.handlers.flow import pass_time, telling, until
from tests.handlers.outbox import ended, is_told, sent
from tests.handlers.world import World


async def test_a_rest_that_telegram_wants_is_taken(world: World) -> None:
    await world.log_in()
    await sent(world, "a.txt")
    await ended(world)
    world.api.faults.add(method="sendMessage", status=429, retry_after=20)
    async with telling(world):
        await until(world, lambda: world.api.transcript[-1].status == 429)
        await pass_time(world, 10)
        assert not world.person.chat.from_bot
        await pass_time(world, 11)
        await until(world, lambda: world.person.chat.from_bot)
    assert len(world.person.chat.notifications) == 1


async def test_a_long_rest_in_one_chat_does_not_hold_up_the_others(world: World) -> None:
    await world.log_in()
    await sent(world, "a.txt")
    eve = world.somebody()
    await world.log_in(eve)
    eve.send_file(name="b.txt", size=10)
    await world.handle()
    for transfer in [*await world.services.transfers.active_of(eve.id)]:
        await world.services.transfers.end(transfer.id, TransferState.FAILED, now=world.clock.now())
    await ended(world)
    world.api.faults.add(method="sendMessage", chat_id=world.person.id, delay=1, status=502)
    async with telling(world):
        await until(world, lambda: eve.chat.from_bot)
        assert not world.person.chat.from_bot
        await until(world, lambda: world.person.chat.from_bot)


async def ended_with_fifty_links(world: World) -> None:
    """A result that needs two messages."""
    await sent(world, *(f"{number:02}{'n' * 90}.txt" for number in range(50)))
    for transfer in await world.services.transfers.active_of(world.person.id):
        link_id = f"{transfer.id:020}"
        await world.services.transfers.finish(
            transfer.id,
            link=f"https://1fichier.com/?{link_id}",
            link_id=link_id,
            name=transfer.name,
            size=10,
            now=world.clock.now(),
        )
    await world.clock.advance(3)


@pytest.mark.parametrize("seconds", [5, 3_600], ids=["short", "long"])
async def test_a_rest_between_two_parts_does_not_tell_the_first_one_twice(world: World, seconds: int) -> None:
    await world.log_in()
    await ended_with_fifty_links(world)
    world.api.faults.add(method="sendMessage", status=429, retry_after=seconds, spare=1)
    async with telling(world):
        await until(world, lambda: world.api.transcript and world.api.transcript[-1].status == 429)
        await world.clock.advance(seconds)
        await is_told(world)
    first, second = world.person.chat.from_bot
    assert (first.silent, second.silent) == (False, True)
    assert (first.text + second.text).count("1fichier.com/?") == 50


async def test_a_part_that_was_told_is_not_told_again_after_a_restart(world: World) -> None:
    await world.log_in()
    await ended_with_fifty_links(world)
    world.api.faults.add(method="sendMessage", status=429, retry_after=20, spare=1)
    async with telling(world):
        await until(world, lambda: world.api.transcript and world.api.transcript[-1].status == 429)
    async with telling(world):
        await pass_time(world, 25)
        await is_told(world)
    first, second = world.person.chat.from_bot
    assert (first.text + second.text).count("1fichier.com/?") == 50


async def test_what_telegram_refuses_is_told_in_the_fewest_words(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.log_in()
    await sent(world, "a.txt")
    await ended(world)
    world.api.faults.add(method="sendMessage", status=400, description="Bad Request: can't parse entities")
    async with telling(world):
        await until(world, lambda: world.person.chat.from_bot)
        await is_told(world)
    assert [each.text for each in world.person.chat.from_bot] == ["0 of 1 done."]
    assert "told in the fewest words" in caplog.text


async def test_what_telegram_refuses_twice_is_set_aside(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.log_in()
    await sent(world, "a.txt")
    await ended(world)
    world.api.faults.add(method="sendMessage", status=400, times=2)
    async with telling(world):
        await is_told(world)
    assert not world.person.chat.from_bot
    assert [record.levelno for record in caplog.records if "set aside" in record.message] == [logging.ERROR]
    assert "a.txt" not in caplog.text


@pytest.mark.parametrize("drop", ["before", "after"])
async def test_an_answer_that_never_came_is_asked_for_again(world: World, drop: str) -> None:
    await world.log_in()
    await sent(world, "a.txt")
    await ended(world)
    world.api.faults.add(method="sendMessage", drop="before" if drop == "before" else "after")
    async with telling(world):
        await is_told(world)
    assert len(world.person.chat.from_bot) == (1 if drop == "before" else 2)
