"""A file moved, by its card and by command: the card is the new truth."""

from emulators.onefichier import EmulatedAccount
from emulators.user import Group
from tests.handlers.file_card import card_of
from tests.handlers.world import World, last


class TestMoving:
    async def test_a_card_becomes_the_folders_and_then_the_card_again(
        self, world: World, account: EmulatedAccount
    ) -> None:
        videos = account.add_folder("Videos")
        inner = account.add_folder("2026", videos.id)
        file = account.add_file("a.mkv")
        card = await card_of(world, file)
        await world.press("Move")
        assert card.html.splitlines() == ["❓ Where shall <b>a.mkv</b> go?", "📁 Main folder"]
        await world.press("📁 Videos")
        await world.press("📁 2026")
        assert card.text.splitlines()[1] == "📁 Main folder › Videos › 2026"
        await world.press("Choose this")
        assert file.folder_id == inner.id
        assert card.text.splitlines()[2] == "📁 Videos/2026 · no password"
        assert card.has_button("Rename")

    async def test_a_new_folder_is_made_on_the_way(self, world: World, account: EmulatedAccount) -> None:
        file = account.add_file("a.mkv")
        card = await card_of(world, file)
        await world.press("Move")
        await world.press("New folder")
        prompt = last(world)
        assert prompt.text.splitlines()[0] == "❓ What shall the new folder in 📁 Main folder be called?"
        await world.tell("Séries")
        assert prompt.deleted
        assert card.text.splitlines()[1] == "📁 Main folder › Séries"
        await world.press("Choose this")
        (made,) = account.folders.values()
        assert (made.name, file.folder_id) == ("Séries", made.id)

    async def test_a_folder_that_is_there_already_is_taken_and_that_is_said(
        self, world: World, account: EmulatedAccount
    ) -> None:
        account.add_folder("Videos")
        card = await card_of(world, account.add_file("a.mkv"))
        await world.press("Move")
        await world.press("New folder")
        await world.tell("Videos")
        assert card.text.splitlines()[1:] == [
            "📁 Main folder › Videos",
            "There is a folder of that name already: here it is.",
        ]
        assert len(account.folders) == 1

    async def test_a_folder_name_that_cannot_be_is_asked_for_again(
        self, world: World, account: EmulatedAccount
    ) -> None:
        card = await card_of(world, account.add_file("a.mkv"))
        await world.press("Move")
        await world.press("New folder")
        assert (await world.tell("n" * 251)).text.startswith("⚠️ That name is too long")
        await world.tell("ok")
        assert card.text.splitlines()[1] == "📁 Main folder › ok"

    async def test_cancel_shows_the_card_again(self, world: World, account: EmulatedAccount) -> None:
        account.add_folder("Videos")
        file = account.add_file("a.mkv")
        card = await card_of(world, file)
        before = card.html
        await world.press("Move")
        await world.press("Cancel")
        assert (card.html, file.folder_id) == (before, 0)
        await world.press("Move")
        assert (await world.tell("/cancel")).text == "Cancelled."
        assert card.html == before

    async def test_many_folders_are_turned_through(self, world: World, account: EmulatedAccount) -> None:
        for number in range(9):
            account.add_folder(f"folder {number}")
        card = await card_of(world, account.add_file("a.mkv"))
        await world.press("Move")
        assert card.text.splitlines()[-1] == "page 1 of 2"
        await world.press("Next ›")
        assert card.has_button("📁 folder 8")
        await world.press("‹")
        assert card.has_button("📁 folder 0")

    async def test_a_chosen_folder_that_is_gone_is_told_and_the_others_shown(
        self, world: World, account: EmulatedAccount
    ) -> None:
        folder = account.add_folder("Videos")
        file = account.add_file("a.mkv")
        card = await card_of(world, file)
        await world.press("Move")
        await world.press("📁 Videos")
        del account.folders[folder.id]
        assert await world.press("Choose this") == "This folder is no longer on 1fichier."
        assert card.text.splitlines()[1] == "📁 Main folder"
        assert not card.has_button("📁 Videos")
        await world.press("Choose this")
        assert card.has_button("Rename")
        assert file.folder_id == 0

    async def test_a_folder_that_is_gone_cannot_be_entered(
        self, world: World, account: EmulatedAccount
    ) -> None:
        folder = account.add_folder("Videos")
        card = await card_of(world, account.add_file("a.mkv"))
        await world.press("Move")
        del account.folders[folder.id]
        assert await world.press("📁 Videos") == "This folder is no longer on 1fichier."
        assert not card.has_button("📁 Videos")

    async def test_move_asks_by_command_too(self, world: World, account: EmulatedAccount) -> None:
        account.add_folder("Videos")
        file = account.add_file("a.mkv")
        asked = await world.tell(f"/move {file.url}")
        await world.press("📁 Videos")
        await world.press("Choose this")
        assert asked.text.splitlines()[2] == "📁 Videos · no password"

    async def test_buttons_of_an_answered_choice_are_done_with(
        self, world: World, account: EmulatedAccount
    ) -> None:
        account.add_folder("Videos")
        file = account.add_file("a.mkv")
        asked = await world.tell(f"/move {file.url}")
        stale = {name: asked.button(name) for name in ("📁 Videos", "Choose this", "New folder", "Cancel")}
        await world.press("📁 Videos")
        await world.press("Choose this")
        for button in stale.values():
            press = world.person.press(button, asked)
            await world.handle()
            assert press.answer is not None
            assert press.answer.text == "Already done."
        assert asked.text.startswith("a.mkv\n")

    async def test_a_choice_stays_about_the_account_that_it_was_begun_in(
        self, world: World, account: EmulatedAccount
    ) -> None:
        file = account.add_file("a.mkv")
        asked = await world.tell(f"/move {file.url}")
        await world.database.execute(
            "INSERT INTO account (id, person_id, sealed_key, created_at) SELECT 99, person_id, x'00', 0 FROM account"
        )
        await world.database.execute("UPDATE person SET account_id = 99")
        await world.press("New folder", asked)
        await world.tell("Videos")
        assert await world.press("Choose this", asked) == ""
        (folder,) = [each for each in account.folders.values() if each.name == "Videos"]
        assert file.folder_id == folder.id


async def test_a_choice_of_folders_is_made_by_who_was_asked(world: World, account: EmulatedAccount) -> None:
    account.add_folder("Videos")
    file = account.add_file("a.txt")
    eve = world.somebody()
    group = Group(world.api, -100, "Friends", [world.person, eve])
    world.person.in_group(group).say(f"/move@onefichier_test_bot {file.url}")
    await world.handle()
    asked = group.chat.last
    for button in ("📁 Videos", "Choose this", "New folder", "Cancel"):
        press = eve.in_group(group).press(button, asked)
        await world.handle()
        assert press.answer is not None
        assert press.answer.text == "This button isn’t yours."
    assert file.folder_id == 0
