"""A group with topics: what is asked in one is answered there."""

import asyncio

import pytest

from emulators.botapi import SeenMessage
from emulators.user import Group, Participant
from tests.handlers.flow import telling, until
from tests.handlers.world import World

NAME = "@onefichier_test_bot"


@pytest.fixture
def group(world: World) -> Group:
    return Group(world.api, -1_000_000_000_500, "Friends", [world.person], bot_is_admin=True)


@pytest.fixture
def topic(group: Group) -> SeenMessage:
    return group.open_topic("Films")


@pytest.fixture
def ada(world: World, group: Group, topic: SeenMessage) -> Participant:
    return world.person.in_group(group, topic)


async def seen_typing(world: World, ada: Participant) -> None:
    slow = world.fichier.faults.add("user/info.cgi", "stall")
    answering = asyncio.create_task(world.handle())
    await ada.chat.wait_until(lambda chat: bool(chat.actions))
    slow.released.set()
    await answering


async def test_that_an_answer_is_on_its_way_shows_in_the_topic(
    world: World, ada: Participant, topic: SeenMessage
) -> None:
    await world.log_in()
    ada.say(f"/quota{NAME}")
    await seen_typing(world, ada)
    assert {each.topic for each in ada.chat.actions} == {topic}
    assert ada.chat.last.payload["message_thread_id"] == topic.id


async def test_a_thread_that_is_no_topic_is_not_named(world: World, group: Group) -> None:
    await world.log_in()
    ada = world.person.in_group(group)
    first = ada.say("What is left?")
    ada.say(f"/quota{NAME}", reply_to=first)
    await seen_typing(world, ada)
    assert {each.topic for each in ada.chat.actions} == {None}
    assert "📊" in ada.chat.last.text


async def test_a_topic_that_the_bot_has_opened_is_not_spoken_to_it(world: World, group: Group) -> None:
    ada = world.person.in_group(group, group.open_topic("Bots", by_bot=True))
    ada.say("hello")
    await world.handle()
    assert not [each for each in ada.chat.from_bot if each.text]


async def test_a_button_below_what_shows_no_other_reply_is_not_that_of_who_opened_the_topic(
    world: World,
) -> None:
    eve = world.somebody()
    group = Group(world.api, -1_000_000_000_500, "Friends", [eve, world.person])
    topic = group.open_topic("Films")
    (await world.log_in()).add_folder("Videos")
    world.person.in_group(group, topic).say(f"/list{NAME}")
    await world.handle()
    shown = group.chat.last
    shown.payload["reply_to_message"] = topic.payload
    press = eve.in_group(group, topic).press("📁 Videos", shown)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "That’s too old. Send the command again."


async def test_the_message_that_opened_a_topic_is_nothing_a_command_could_be_about(
    world: World, ada: Participant
) -> None:
    await world.log_in()
    ada.say(f"/remote{NAME}")
    await world.handle()
    without = ada.chat.last.text
    ada.say(f"/cancel{NAME}")
    await world.handle()
    assert without == (await world.tell("/remote")).text
    assert ada.chat.last.text == "Nothing to cancel. /jobs shows what is running."


async def test_the_result_of_a_file_stands_in_its_topic(
    world: World, ada: Participant, topic: SeenMessage
) -> None:
    await world.log_in()
    asked = ada.send_file(name="film.mkv", size=10, caption=NAME)
    await world.handle()
    async with telling(world), world.uploads_running():
        await until(world, lambda: ada.chat.notifications)
    (result,) = ada.chat.notifications
    assert result.reply_to is asked
    assert {each.payload["message_thread_id"] for each in ada.chat.from_bot} == {topic.id}
