"""What a chat shows while an answer takes its time."""

import asyncio

from emulators.botapi import Chat
from handlers.chat_action import PATIENCE_SECONDS, REPEAT_SECONDS
from tests.handlers.flow import until
from tests.handlers.world import World


def seconds_shown(chat: Chat, world: World) -> list[float]:
    return [world.clock.elapsed - (world.clock.now() - each.at).total_seconds() for each in chat.actions]


async def test_an_answer_that_takes_its_time_is_seen_to_be_on_its_way(world: World) -> None:
    await world.log_in()
    slow = world.fichier.faults.add("user/info.cgi", "stall")
    world.person.say("/quota")
    answering = asyncio.create_task(world.handle())
    await world.person.chat.wait_until(lambda chat: len(chat.actions) > 2)
    slow.released.set()
    await answering
    assert "📊" in world.person.chat.last.text
    assert {each.action for each in world.person.chat.actions} == {"typing"}
    first, second, third = seconds_shown(world.person.chat, world)[:3]
    assert first >= PATIENCE_SECONDS
    assert second >= first + REPEAT_SECONDS - 1
    assert third >= second + REPEAT_SECONDS - 1


async def test_nothing_is_shown_once_the_answer_is_there(world: World) -> None:
    await world.log_in()
    await world.tell("/quota")
    await world.clock.advance(10 * REPEAT_SECONDS)
    await world.quiet()
    assert not world.person.chat.actions


async def test_a_press_that_takes_its_time_shows_it_too(world: World) -> None:
    account = await world.log_in()
    account.add_folder("Videos")
    await world.tell("/list")
    slow = world.fichier.faults.add("api", "stall")
    world.person.press("📁 Videos")
    answering = asyncio.create_task(world.handle())
    await world.person.chat.wait_until(lambda chat: bool(chat.actions))
    slow.released.set()
    await answering
    assert {each.action for each in world.person.chat.actions} == {"typing"}


async def test_telegram_refusing_to_show_it_costs_no_answer(world: World) -> None:
    await world.log_in()
    refused = world.api.faults.add(method="sendChatAction", status=403, description="Forbidden")
    slow = world.fichier.faults.add("user/info.cgi", "stall")
    world.person.say("/quota")
    answering = asyncio.create_task(world.handle())
    await slow.struck.wait()
    await until(world, lambda: refused.hits)
    slow.released.set()
    await answering
    assert "📊" in world.person.chat.last.text
