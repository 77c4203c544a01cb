"""Other people's files, copied into one's own account."""

import pytest

from emulators.botapi import SeenMessage
from emulators.onefichier import EmulatedAccount
from tests.handlers.world import World


@pytest.fixture
async def mine(world: World) -> EmulatedAccount:
    return await world.log_in()


@pytest.fixture
async def card(world: World, mine: EmulatedAccount) -> SeenMessage:
    """Of somebody else's file."""
    theirs = world.fichier.add_account().add_file("theirs.txt", b"their words")
    return await world.tell(theirs.url)


async def test_the_card_becomes_that_of_the_copy(
    world: World, mine: EmulatedAccount, card: SeenMessage
) -> None:
    assert await world.press("Copy to mine", card) == ""
    [copy] = mine.files.values()
    assert copy.read() == b"their words"
    assert card.text.splitlines() == [
        "theirs.txt",
        "11 bytes · 2 March 2026, 12:00 (UTC)",
        "📁 Main folder · no password",
        copy.url,
        "✅ Copied. This is your own copy.",
    ]
    assert card.has_button("Rename")
    assert not card.has_button("Copy to mine")


async def test_pressed_twice_there_is_one_copy(
    world: World, mine: EmulatedAccount, card: SeenMessage
) -> None:
    button = card.button("Copy to mine")
    for _ in range(2):
        world.person.press(button, card)
        await world.handle()
    assert len(mine.files) == 1
    assert "✅ You already have it. This is yours." in card.text


async def test_it_goes_where_new_files_go(world: World, mine: EmulatedAccount, card: SeenMessage) -> None:
    folder = mine.add_folder("Films")
    account = await world.services.people.account_in_use(world.person.id)
    assert account is not None
    await world.services.people.use_folder(account.id, folder.id, "Films")
    await world.press("Copy to mine", card)
    assert [file.name for file in mine.files_in(folder.id)] == ["theirs.txt"]
    assert "Films · no password" in card.text


async def test_without_that_folder_it_goes_into_the_main_one(
    world: World, mine: EmulatedAccount, card: SeenMessage
) -> None:
    account = await world.services.people.account_in_use(world.person.id)
    assert account is not None
    await world.services.people.use_folder(account.id, 7654321, "Gone")
    await world.press("Copy to mine", card)
    assert [file.folder_id for file in mine.files.values()] == [0]
    assert "📁 Main folder" in card.text


async def test_one_that_is_gone_by_now_says_so(
    world: World, mine: EmulatedAccount, card: SeenMessage
) -> None:
    for account in world.fichier.accounts:
        account.files.clear()
    assert await world.press("Copy to mine", card) == "This file is no longer on 1fichier."
    assert card.text == "⚠️ This file is no longer on 1fichier."
    assert not mine.files


async def test_one_that_got_a_password_by_now_is_not_copied(
    world: World, mine: EmulatedAccount, card: SeenMessage
) -> None:
    for file in world.fichier.accounts[1].files.values():
        file.password = "secret"
    await world.press("Copy to mine", card)
    assert world.person.chat.last.text.startswith("⚠️ This file has a password.")
    assert not mine.files


async def test_another_person_copies_into_their_own_account(
    world: World, mine: EmulatedAccount, card: SeenMessage
) -> None:
    eve = world.somebody()
    eves = await world.log_in(eve)
    await world.press("Copy to mine", card, by=eve)
    assert (len(mine.files), len(eves.files)) == (0, 1)


async def test_a_lost_answer_is_called_unsure_and_the_copy_is_found_next_time(
    world: World, mine: EmulatedAccount, card: SeenMessage
) -> None:
    button = card.button("Copy to mine")
    world.fichier.faults.add("file/cp.cgi", "cut", acts=True)
    world.person.press(button, card)
    await world.handle()
    assert "It may have done it all the same" in world.person.chat.last.text
    await world.clock.advance(60)
    world.person.press(button, card)
    await world.handle()
    assert len(mine.files) == 1
    assert "✅ You already have it." in card.text
