"""A file renamed, by its card and by command: the card is the new truth."""

import pytest

from emulators.onefichier import EmulatedAccount
from tests.handlers.file_card import card_of, from_list
from tests.handlers.world import World, last


class TestRenaming:
    async def test_a_card_asks_for_the_name_and_shows_it(
        self, world: World, account: EmulatedAccount
    ) -> None:
        file = account.add_file("old <1>.mkv".replace("<", "＜").replace(">", "＞"))
        card = await card_of(world, file)
        await world.press("Rename")
        prompt = last(world)
        assert prompt.html.splitlines() == [
            f"❓ What shall <b>{file.name}</b> be called?",
            f"Now: <code>{file.name}</code>",
            "Without an extension it keeps .mkv",
            "Changed your mind? /cancel",
        ]
        assert prompt.force_reply is not None
        assert prompt.force_reply["input_field_placeholder"] == file.name
        await world.tell("Né w")
        assert file.name == "Né w.mkv"
        assert card.text.splitlines()[0] == "Né w.mkv"
        assert card.has_button("Password")
        assert prompt.deleted

    async def test_a_name_behind_the_link_is_given_at_once(
        self, world: World, account: EmulatedAccount
    ) -> None:
        file = account.add_file("old.txt")
        card = await world.tell(f"/rename {file.url} A  new name.txt")
        assert (file.name, card.text.splitlines()[0]) == ("A new name.txt", "A new name.txt")

    async def test_in_reply_to_a_link_the_words_are_the_name(
        self, world: World, account: EmulatedAccount
    ) -> None:
        file = account.add_file("old.txt")
        card = await card_of(world, file)
        assert (await world.tell("/rename new", reply_to=card)).text.startswith("new.txt\n")
        assert file.name == "new.txt"

    async def test_what_1fichier_does_not_allow_is_told(self, world: World, account: EmulatedAccount) -> None:
        file = account.add_file("old.txt")
        card = await world.tell(f"/rename {file.url} a<b>.txt")
        assert card.text.splitlines()[-1] == ("1fichier doesn’t allow < and > in names: saved as a＜b＞.txt")

    @pytest.mark.parametrize(
        ("name", "problem"),
        [
            ("n" * 251, "⚠️ That name is too long: 1fichier takes 250 characters, fewer with accents."),
            ("taken.txt", "⚠️ That name is taken: there is another one called so there."),
        ],
        ids=["too long", "taken"],
    )
    async def test_a_name_that_cannot_be_is_asked_for_again(
        self, world: World, account: EmulatedAccount, name: str, problem: str
    ) -> None:
        file = account.add_file("old.txt")
        account.add_file("taken.txt")
        card = await card_of(world, file)
        await world.press("Rename")
        answer = await world.tell(name)
        assert answer.text.splitlines()[0] == problem
        assert file.name == "old.txt"
        await world.tell("free.txt")
        assert (file.name, card.text.splitlines()[0]) == ("free.txt", "free.txt")

    async def test_a_bad_name_by_command_is_told(self, world: World, account: EmulatedAccount) -> None:
        file = account.add_file("old.txt")
        answer = await world.tell(f"/rename {file.url} {'n' * 251}")
        assert answer.text.startswith("⚠️ That name is too long")

    async def test_cancel_keeps_the_name(self, world: World, account: EmulatedAccount) -> None:
        file = account.add_file("old.txt")
        await card_of(world, file)
        await world.press("Rename")
        assert (await world.tell("/cancel")).text == "Cancelled."
        await world.tell("hello")
        assert file.name == "old.txt"

    async def test_the_way_back_to_the_list_is_kept(self, world: World, account: EmulatedAccount) -> None:
        account.add_file("old.txt")
        card = await from_list(world)
        await world.press("Rename")
        await world.tell("new.txt")
        await world.press("Back")
        assert "1. new.txt" in card.text

    async def test_a_card_that_was_deleted_meanwhile_comes_anew(
        self, world: World, account: EmulatedAccount
    ) -> None:
        file = account.add_file("old.txt")
        card = await card_of(world, file)
        await world.press("Rename")
        world.person.delete(card)
        assert (await world.tell("new.txt")).text.startswith("new.txt\n")

    async def test_during_a_pause_the_question_stays_open(
        self, world: World, account: EmulatedAccount
    ) -> None:
        file = account.add_file("old.txt")
        card = await card_of(world, file)
        await world.press("Rename")
        world.fichier.faults.add("file/rename.cgi", "flood")
        assert (await world.tell("new.txt")).text.splitlines() == [
            "⏸ I can ask 1fichier again at about 12:05 (UTC).",
            "Nothing was changed. Try again then.",
        ]
        await world.clock.advance(301)
        await world.tell("new.txt")
        assert card.text.startswith("new.txt\n")
