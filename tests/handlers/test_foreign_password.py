"""Other people's files that have a password."""

import pytest

from emulators.botapi import SeenMessage
from emulators.onefichier import EmulatedAccount
from emulators.user import Group
from tests.handlers.world import World

SECRET = "open sesame"


@pytest.fixture
async def mine(world: World) -> EmulatedAccount:
    return await world.log_in()


@pytest.fixture
async def told(world: World, mine: EmulatedAccount) -> SeenMessage:
    """What a pasted link of a protected file gets."""
    file = world.fichier.add_account().add_file("theirs.txt", b"their words", password=SECRET)
    return await world.tell(file.url)


async def typed(world: World, told: SeenMessage, password: str) -> SeenMessage:
    """Enter a password; the message that held it."""
    await world.press("Enter password", told)
    message = world.person.say(password)
    await world.handle()
    return message


def asked(world: World) -> SeenMessage:
    """The question whether it shall be copied."""
    return next(each for each in world.person.chat.from_bot if each.text.startswith("❓ Copy theirs.txt"))


async def test_it_is_said_and_the_password_asked_for(world: World, told: SeenMessage) -> None:
    assert told.text.splitlines() == ["⚠️ This file has a password.", "Its owner can tell it to you."]
    await world.press("Enter password", told)
    assert world.person.chat.last.text.startswith("🔑 Send me the password of this file")


async def test_with_it_the_file_is_shown_and_copied(
    world: World, mine: EmulatedAccount, told: SeenMessage
) -> None:
    message = await typed(world, told, SECRET)
    assert message.deleted
    question = asked(world)
    assert not mine.files
    await world.press("Copy to mine", question)
    [copy] = mine.files.values()
    assert (copy.read(), copy.password) == (b"their words", "")
    assert "✅ Copied. This is your own copy." in question.text
    assert copy.url in question.text


async def test_a_no_copies_nothing(world: World, mine: EmulatedAccount, told: SeenMessage) -> None:
    await typed(world, told, SECRET)
    question = asked(world)
    await world.press("No", question)
    assert question.text == "Nothing was copied."
    assert not mine.files


async def test_a_wrong_one_is_told_and_does_not_stay_either(
    world: World, mine: EmulatedAccount, told: SeenMessage
) -> None:
    message = await typed(world, told, "abracadabra")
    assert message.deleted
    assert world.person.chat.last.text == "⚠️ 1fichier says that this password is wrong."
    assert not mine.files


async def test_it_stands_in_no_file_in_clear(world: World, told: SeenMessage) -> None:
    await typed(world, told, SECRET)
    files = world.database.path.parent.glob(f"{world.database.path.name}*")
    assert not any(SECRET.encode() in each.read_bytes() for each in files)


async def test_in_a_group_nobody_is_asked_for_one(world: World, mine: EmulatedAccount) -> None:
    file = world.fichier.add_account().add_file("theirs.txt", b"x", password=SECRET)
    group = Group(world.api, -500, "Friends", [world.person])
    world.person.in_group(group).say(f"/info@onefichier_test_bot {file.url}")
    await world.handle()
    assert group.chat.last.text.startswith("⚠️ This file has a password.")
    assert group.chat.last.buttons == []
