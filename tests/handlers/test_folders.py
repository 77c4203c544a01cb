"""Folders from the chat: made, renamed, moved, shared, deleted while empty; and the one that new files go to."""

import pytest

from emulators.botapi import SeenMessage
from emulators.onefichier import EmulatedAccount
from storage import Account
from tests.handlers.flow import everything_running, telling, until
from tests.handlers.folder_card import card_of
from tests.handlers.world import World, last

NO_LONGER = "This folder is no longer on 1fichier."


def labels(message: SeenMessage) -> list[list[str]]:
    return [[button.text for button in row] for row in message.buttons]


async def account_row(world: World) -> Account:
    found = await world.services.people.account_in_use(world.person.id)
    assert found is not None
    return found


class TestItsCard:
    async def test_says_what_is_in_it(self, world: World, account: EmulatedAccount) -> None:
        videos = account.add_folder("Videos")
        account.add_folder("2026", videos.id)
        for number in range(2):
            account.add_file(f"{number}", b"x" * 700, folder_id=videos.id)
        card = await card_of(world)
        assert card.html.splitlines() == [
            "📁 <b>Videos</b>",
            "Main folder › Videos",
            "2 files, 1 folder · 1.4 kB",
            "not shared",
        ]
        assert labels(card) == [
            ["Share"],
            ["New folder", "Rename", "Move"],
            ["Back"],
            ["Delete"],
        ]
        await world.press("Back")
        assert card.text.startswith("📁 Videos · 2 files")

    async def test_the_main_folder_has_none_but_takes_new_folders(
        self, world: World, account: EmulatedAccount
    ) -> None:
        listed = await world.tell("/list")
        await world.press("New folder")
        prompt = last(world)
        await world.tell("Vidéos <1>")
        (made,) = account.folders.values()
        assert made.name == "Vidéos ＜1＞"
        assert listed.has_button("📁 Vidéos ＜1＞")
        assert prompt.deleted

    async def test_a_new_folder_whose_name_cannot_be_is_asked_for_again(
        self, world: World, account: EmulatedAccount
    ) -> None:
        listed = await world.tell("/list")
        await world.press("New folder")
        assert (await world.tell("n" * 251)).text.startswith("⚠️ That name is too long")
        await world.tell("ok")
        assert listed.has_button("📁 ok")

    @pytest.mark.parametrize("button", ["Rename", "Move", "Share", "Delete"])
    async def test_every_button_of_one_that_is_gone_says_so(
        self, world: World, account: EmulatedAccount, button: str
    ) -> None:
        account.add_folder("Videos")
        card = await card_of(world)
        account.folders.clear()
        assert await world.press(button) == NO_LONGER
        assert card.html.startswith("📁 <b>Main folder</b> is empty.")


class TestRenaming:
    async def test_asks_for_the_name_and_shows_the_card(self, world: World, account: EmulatedAccount) -> None:
        folder = account.add_folder("Videos")
        card = await card_of(world)
        await world.press("Rename")
        prompt = last(world)
        assert prompt.text.splitlines()[0] == "❓ What shall 📁 Videos be called?"
        await world.tell("Films")
        assert folder.name == "Films"
        assert card.text.splitlines()[:2] == ["📁 Films", "Main folder › Films"]
        assert prompt.deleted

    async def test_to_a_name_that_is_taken_asks_again(self, world: World, account: EmulatedAccount) -> None:
        folder = account.add_folder("Videos")
        account.add_folder("Films")
        card = await card_of(world)
        await world.press("Rename")
        assert (await world.tell("Films")).text.splitlines()[0] == (
            "⚠️ That name is taken: there is another one called so there."
        )
        await world.tell("Cinema")
        assert folder.name == "Cinema"
        assert card.text.startswith("📁 Cinema\n")

    async def test_of_one_that_goes_meanwhile_says_so(self, world: World, account: EmulatedAccount) -> None:
        account.add_folder("Videos")
        card = await card_of(world)
        await world.press("Rename")
        account.folders.clear()
        await world.tell("Films")
        assert card.text == "⚠️ This folder is no longer on 1fichier."


class TestMoving:
    async def test_shows_the_folders_without_itself_and_then_the_card(
        self, world: World, account: EmulatedAccount
    ) -> None:
        folder, archive = account.add_folder("Videos"), account.add_folder("Archive")
        card = await card_of(world)
        await world.press("Move")
        assert card.text.splitlines()[0] == "❓ Where shall 📁 Videos go?"
        assert labels(card)[0] == ["📁 Archive"]
        assert not card.has_button("📁 Videos")
        await world.press("📁 Archive")
        await world.press("Choose this")
        assert folder.parent_id == archive.id
        assert card.text.splitlines()[1] == "Main folder › Archive › Videos"

    async def test_to_where_its_name_is_taken_says_so(self, world: World, account: EmulatedAccount) -> None:
        folder, archive = account.add_folder("Videos"), account.add_folder("Archive")
        account.add_folder("Videos", archive.id)
        card = await card_of(world)
        await world.press("Move")
        await world.press("📁 Archive")
        await world.press("Choose this")
        assert folder.parent_id == 0
        assert card.text.splitlines()[-1] == "⚠️ That name is taken: there is another one called so there."

    async def test_into_itself_by_a_stale_button_is_refused(
        self, world: World, account: EmulatedAccount
    ) -> None:
        """Meanwhile the folder that is shown was put into the one to be moved, by another card."""
        outer, target = account.add_folder("outer"), account.add_folder("target")
        card = await card_of(world, "outer")
        await world.press("Move")
        await world.press("📁 target")
        await world.services.folders.move(await account_row(world), target.id, outer.id)
        await world.press("Choose this", card)
        assert card.text.splitlines()[-1] == (
            "⚠️ A folder can’t go into itself, nor into a folder that is in it."
        )
        assert outer.parent_id == 0

    async def test_can_be_cancelled(self, world: World, account: EmulatedAccount) -> None:
        account.add_folder("Videos")
        card = await card_of(world)
        before = card.html
        await world.press("Move")
        await world.press("Cancel")
        assert card.html == before


class TestSharing:
    async def test_is_asked_about_and_gives_a_link_to_copy(
        self, world: World, account: EmulatedAccount
    ) -> None:
        folder = account.add_folder("Videos")
        card = await card_of(world)
        await world.press("Share")
        assert card.text.splitlines() == [
            "❓ Share 📁 Videos?",
            "Whoever has its link can see what is in it, also what you put there later.",
        ]
        assert folder.shared_url == ""
        await world.press("Share")
        assert folder.shared_url
        assert card.text.splitlines()[-1] == f"Shared: {folder.shared_url}"
        assert card.button("Copy link").copy_text == folder.shared_url
        await world.press("Back")
        assert card.text.splitlines()[2] == f"Shared: {folder.shared_url}"

    async def test_stops_when_that_is_wanted(self, world: World, account: EmulatedAccount) -> None:
        folder = account.add_folder("Videos")
        folder.shared_url = "https://1fichier.com/dir/AbCdEfGh"
        card = await card_of(world)
        await world.press("Stop sharing")
        assert card.text.splitlines() == [
            "❓ Stop sharing 📁 Videos?",
            "Its link will stop working. The files keep theirs.",
        ]
        await world.press("No")
        assert folder.shared_url
        await world.press("Stop sharing")
        await world.press("Stop sharing")
        assert folder.shared_url == ""
        assert card.text.splitlines()[-1] == "not shared"


class TestDeletingAnEmptyOne:
    async def test_is_asked_about_once(self, world: World, account: EmulatedAccount) -> None:
        account.add_folder("Videos")
        card = await card_of(world)
        await world.press("Delete")
        assert card.text == "🗑 Delete the empty folder 📁 Videos?"
        assert card.button("Delete").style == "danger"
        await world.press("Delete")
        assert card.text == "✅ Deleted: 📁 Videos"
        assert account.folders == {}
        await world.press("Back")
        assert card.html.startswith("📁 <b>Main folder</b> is empty.")

    async def test_keeps_it_when_it_shall_stay(self, world: World, account: EmulatedAccount) -> None:
        account.add_folder("Videos")
        card = await card_of(world)
        before = card.html
        await world.press("Delete")
        await world.press("Keep")
        assert card.html == before
        assert len(account.folders) == 1

    async def test_keeps_it_when_something_was_put_there_meanwhile(
        self, world: World, account: EmulatedAccount
    ) -> None:
        folder = account.add_folder("Videos")
        card = await card_of(world)
        await world.press("Delete")
        account.add_file("a.txt", folder_id=folder.id)
        await world.press("Delete")
        assert card.text.splitlines()[-2:] == [
            "⚠️ By now there is something in this folder.",
            "Nothing was deleted. Press the button again.",
        ]
        assert folder.id in account.folders

    async def test_says_where_new_files_go_from_now_on(self, world: World, account: EmulatedAccount) -> None:
        folder = account.add_folder("Videos")
        await world.services.people.use_folder((await account_row(world)).id, folder.id, "Videos")
        card = await card_of(world)
        await world.press("Delete")
        await world.press("Delete")
        assert card.text.splitlines() == ["✅ Deleted: 📁 Videos", "New files go to 📁 Main folder"]


class TestWhereNewFilesGo:
    async def test_is_offered_after_login_and_shown_in_the_status(self, world: World) -> None:
        account = world.fichier.add_account()
        videos = account.add_folder("Videos")
        answer = await world.tell(f"/login {account.key}")
        assert "New files go to 📁 Main folder" in answer.text
        await world.press("Change folder")
        assert answer.text.splitlines()[:2] == [
            "❓ Which folder shall new files go to?",
            "📁 Main folder",
        ]
        await world.press("📁 Videos")
        await world.press("Choose this")
        assert answer.html == "New files go to 📁 <b>Videos</b>"
        assert answer.has_button("Change folder")
        world.person.send_file(name="a.txt", content=b"x")
        await world.handle()
        async with telling(world):
            await until(world, lambda: world.person.chat.matching("In the queue"))
        assert last(world).text.splitlines()[-1] == "📁 Videos"
        async with everything_running(world):
            await until(world, lambda: account.named("a.txt"))
        assert account.named("a.txt")[0].folder_id == videos.id

    async def test_stays_as_it_is_when_that_is_cancelled(self, world: World) -> None:
        account = world.fichier.add_account()
        account.add_folder("Videos")
        answer = await world.tell(f"/login {account.key}")
        await world.press("Change folder")
        await world.press("Cancel")
        assert answer.html == "New files go to 📁 <b>Main folder</b>"

    async def test_a_folder_that_was_renamed_here_is_named_so(
        self, world: World, account: EmulatedAccount
    ) -> None:
        folder = account.add_folder("Videos")
        await world.services.people.use_folder((await account_row(world)).id, folder.id, "Videos")
        await card_of(world)
        await world.press("Rename")
        await world.tell("Films")
        assert (await account_row(world)).folder_name == "Films"
