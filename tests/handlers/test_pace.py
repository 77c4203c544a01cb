"""All calls to Telegram have one pace, whoever makes them."""

import asyncio
from itertools import pairwise

import pytest
from telegram.error import RetryAfter

from emulators.botapi import VirtualFile
from emulators.user import Person
from handlers.chats import Chats, SlowDown
from handlers.pace import PATIENCE_SECONDS, Urgency, seconds_of
from handlers.texts import Html
from tests.handlers.flow import pass_time
from tests.handlers.world import World


@pytest.fixture
def chats(world: World) -> Chats:
    return world.services.chats


def people(world: World, count: int) -> list[Person]:
    found = [world.somebody(f"Person {number}") for number in range(count)]
    for each in found:
        each.chat.started = True
    return found


def times(world: World, method: str) -> list[float]:
    return [call.at for call in world.api.calls(method)]


async def test_messages_to_many_people_are_spread_over_seconds(world: World, chats: Chats) -> None:
    everybody = people(world, 80)
    sending = [asyncio.create_task(chats.send(each.id, Html("x"))) for each in everybody]
    await pass_time(world, 1)
    assert len(times(world, "sendMessage")) <= 30
    await pass_time(world, 3)
    await asyncio.gather(*sending)
    assert not world.api.limits.breaches
    assert all(len(each.chat.from_bot) == 1 for each in everybody)


async def test_where_a_file_is_is_asked_at_the_same_pace(world: World, chats: Chats) -> None:
    file = world.api.files.add("document", VirtualFile(5), name="a.bin")
    ask = {"file_id": file.file_id}
    asking = [asyncio.create_task(world.application.bot.do_api_request("getfile", ask)) for _ in range(10)]
    sending = [asyncio.create_task(chats.send(each.id, Html("x"))) for each in people(world, 10)]
    await pass_time(world, 2)
    await asyncio.gather(*asking, *sending)
    at = sorted([*times(world, "getFile"), *times(world, "sendMessage")])
    assert max(sum(begin <= each < begin + 0.2 for each in at) for begin in at) <= 10


async def test_an_answer_goes_before_results_that_wait(world: World, chats: Chats) -> None:
    everybody = people(world, 40)
    results = [
        asyncio.create_task(chats.send(each.id, Html("result"), urgency=Urgency.RESULT)) for each in everybody
    ]
    await world.clock.settle()
    gone = len(times(world, "sendMessage"))
    answers = [asyncio.create_task(chats.send(world.person.id, Html(f"answer {n}"))) for n in range(3)]
    await pass_time(world, 3)
    await asyncio.gather(*results, *answers)
    told = [call.parameters["text"] for call in world.api.calls("sendMessage")]
    # One result has its place already, and each answer lets one more in.
    assert told[gone : gone + 6].count("result") == 3
    assert [text for text in told if text != "result"] == ["answer 0", "answer 1", "answer 2"]


async def test_a_status_gives_way_to_answers_that_wait(world: World, chats: Chats) -> None:
    everybody = people(world, 30)
    sending = [asyncio.create_task(chats.send(each.id, Html("x"))) for each in everybody]
    await world.clock.settle()
    with pytest.raises(SlowDown) as raised:
        await chats.send(world.person.id, Html("status"), urgency=Urgency.STATUS)
    assert 0 < raised.value.seconds < 2
    await pass_time(world, 2)
    await asyncio.gather(*sending)
    await chats.send(world.person.id, Html("status"), urgency=Urgency.STATUS)
    assert chats.statuses.room_at <= world.clock.monotonic() + 0.1


async def test_nobody_is_kept_waiting_for_longer_than_a_handler_can_wait(world: World, chats: Chats) -> None:
    """When every chat is refused, the others do not find it out one by one."""
    world.api.faults.add(method="sendMessage", status=429, retry_after=60, times=None)
    for each in people(world, 3):
        with pytest.raises(SlowDown):
            await chats.send(each.id, Html("x"))
    calls = len(world.api.transcript)
    for each in people(world, 10):
        with pytest.raises(SlowDown) as raised:
            await chats.send(each.id, Html("x"))
        assert raised.value.seconds > PATIENCE_SECONDS
    with pytest.raises(RetryAfter) as refused:
        await world.application.bot.get_me()
    assert seconds_of(refused.value) > PATIENCE_SECONDS
    assert len(world.api.transcript) == calls


async def test_after_a_rest_of_all_one_call_goes_first(
    world: World, chats: Chats, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    world.api.faults.add(method="sendMessage", status=429, retry_after=25, times=3)
    sending = [asyncio.create_task(chats.send(each.id, Html("x"))) for each in people(world, 12)]
    await pass_time(world, 24)
    before = len(times(world, "sendMessage"))
    await pass_time(world, 16)
    await asyncio.gather(*sending, return_exceptions=True)
    after_it = times(world, "sendMessage")[before:]
    assert all(later - earlier > 0.4 for earlier, later in pairwise(after_it))
    assert "the bot slows down" in caplog.text


async def test_a_call_that_ends_without_an_answer_says_nothing_about_the_pace(
    world: World, chats: Chats
) -> None:
    world.api.faults.add(method="sendMessage", drop="before", times=None)
    for each in people(world, 4):
        with pytest.raises(Exception, match="httpx"):
            await chats.send(each.id, Html("x"))
    await world.clock.advance(1)
    assert chats.statuses.room_at == world.clock.monotonic()
