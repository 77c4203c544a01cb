"""Who may speak to the bot, and where it listens."""

from pathlib import Path

import pytest

from emulators.user import Group
from tests.handlers.world import World, open_world


async def test_a_stranger_is_told_their_number_and_nothing_is_noted_about_them(tmp_path: Path) -> None:
    async with open_world(tmp_path, allowed_users={1}) as world:
        answer = await world.tell("/start")
        assert answer.html == (
            "This bot is private.\nIts owner can let you in: give them your number, <code>1000</code>"
        )
        assert await world.services.people.find(1_000) is None


@pytest.mark.parametrize("said", ["hello", "/login SomeKey", "/jobs", "https://example.org/a.iso"])
async def test_whatever_a_stranger_says_they_get_nothing_else(tmp_path: Path, said: str) -> None:
    async with open_world(tmp_path, allowed_users={1}) as world:
        assert (await world.tell(said)).text.startswith("This bot is private.")
        assert world.fichier.calls == type(world.fichier.calls)()


async def test_who_is_listed_or_looks_after_the_bot_is_let_in(tmp_path: Path) -> None:
    async with open_world(tmp_path, allowed_users={1}, admins={1_000}) as world:
        assert (await world.tell("/start")).text.startswith("Hi!")


async def test_a_stranger_who_presses_a_button_is_told_too(tmp_path: Path) -> None:
    async with open_world(tmp_path, allowed_users={1_000}) as world:
        eve = world.somebody()
        group = Group(world.api, -500, "Friends", [world.person, eve])
        world.person.in_group(group).say("/logout@onefichier_test_bot")
        await world.handle()
        press = eve.in_group(group).press("Erase")
        await world.handle()
        assert press.answer is not None
        assert press.answer.text == "This bot is private."


async def test_in_a_group_only_what_is_addressed_to_the_bot_is_heard(world: World) -> None:
    group = Group(world.api, -500, "Friends", [world.person], bot_is_admin=True)
    ada = world.person.in_group(group)
    for said in ("hello", "/jobs", "/jobs@another_bot", "@another_bot hello", "https://example.org/a.iso"):
        ada.say(said)
    await world.handle()
    assert group.chat.from_bot == []
    asked = ada.say("/jobs@onefichier_test_bot")
    await world.handle()
    assert group.chat.last.text == "Nothing is running."
    assert group.chat.last.reply_to is asked
    ada.say("/jobs", reply_to=group.chat.last)
    ada.say("hello @onefichier_test_bot")
    await world.handle()
    assert [message.text for message in group.chat.from_bot] == [
        "Nothing is running.",
        "Nothing is running.",
        "I didn’t get that. Send me a file or a link, or see /help",
    ]


async def test_a_command_for_another_bot_stays_unheard_although_it_is_a_reply_to_this_one(
    world: World,
) -> None:
    group = Group(world.api, -500, "Friends", [world.person], bot_is_admin=True)
    ada = world.person.in_group(group)
    ada.say("/jobs@onefichier_test_bot")
    await world.handle()
    ada.say("/jobs@another_bot", reply_to=group.chat.last)
    await world.handle()
    assert len(group.chat.from_bot) == 1


async def test_administrators_who_hide_behind_their_group_are_not_one_person(world: World) -> None:
    hidden = {"id": 1_087_968_824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    message = world.api.new_message(world.person.chat, hidden, {"text": "/start"})
    world.api.updates.push("message", message.payload)
    await world.handle()
    assert world.person.chat.from_bot == []


async def test_an_edited_message_is_not_heard_again(world: World) -> None:
    message = world.person.say("/jobs")
    world.api.updates.allow(["message", "edited_message"])
    world.person.edit(message, "/start")
    await world.handle()
    assert [each.text for each in world.person.chat.from_bot] == ["Nothing is running."]


async def test_who_blocks_the_bot_is_noted_and_who_comes_back_is_told_what_is_due(world: World) -> None:
    await world.tell("/start")
    world.person.block()
    await world.handle()
    rows = await world.database.fetch_all("SELECT chat_id FROM unreachable_chat")
    assert [row["chat_id"] for row in rows] == [world.person.id]
    world.services.wakeups.outbox.clear()
    world.person.unblock()
    await world.handle()
    assert await world.database.fetch_all("SELECT chat_id FROM unreachable_chat") == []
    assert world.services.wakeups.outbox.is_set()


async def test_a_message_shows_that_its_writer_can_be_reached_again(world: World) -> None:
    await world.services.people.note_unreachable(world.person.id, world.clock.now())
    await world.tell("/start")
    assert await world.database.fetch_all("SELECT chat_id FROM unreachable_chat") == []


async def test_the_language_is_kept_with_the_person(world: World) -> None:
    somebody = world.somebody(language_code="fr")
    somebody.say("/start")
    await world.handle()
    person = await world.services.people.find(somebody.id)
    assert person is not None
    assert person.language_code == "fr"
