"""A file renamed, moved and protected, by its card and by command: the card is the new truth."""

import pytest

from emulators.botapi import SeenMessage
from emulators.onefichier import EmulatedAccount, StoredFile
from emulators.user import Group
from tests.handlers.world import World

GONE = "https://1fichier.com/?gone0gone0gone0gone0"
NO_LONGER = "This file is no longer on 1fichier."


def last(world: World) -> SeenMessage:
    return world.person.chat.last


async def card_of(world: World, file: StoredFile) -> SeenMessage:
    return await world.tell(file.url)


async def from_list(world: World) -> SeenMessage:
    """The card of the first file of the list, in the message of the list."""
    listed = await world.tell("/list")
    await world.press("1")
    return listed


@pytest.fixture
async def account(world: World) -> EmulatedAccount:
    return await world.log_in()


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


class TestAPassword:
    async def test_is_asked_for_and_its_message_deleted(self, world: World, account: EmulatedAccount) -> None:
        file = account.add_file("a.txt")
        card = await card_of(world, file)
        await world.press("Password")
        prompt = last(world)
        assert prompt.html.splitlines() == [
            "🔑 Send me the password for <b>a.txt</b> in your next message.",
            "It needs 6 characters or more. I’ll delete that message at once.",
            "Changed your mind? /cancel",
        ]
        message = world.person.say("s3cret!")
        await world.handle()
        assert message.deleted
        assert prompt.deleted
        assert file.password == "s3cret!"
        assert card.text.splitlines()[2] == "📁 Main folder · with a password"

    async def test_behind_the_link_it_is_taken_at_once(self, world: World, account: EmulatedAccount) -> None:
        file = account.add_file("a.txt")
        message = world.person.say(f"/password {file.url} two  words")
        await world.handle()
        assert message.deleted
        assert file.password == "two  words"
        assert last(world).text.splitlines()[2] == "📁 Main folder · with a password"

    async def test_that_is_set_is_changed_or_removed(self, world: World, account: EmulatedAccount) -> None:
        file = account.add_file("a.txt", password="old secret")
        card = await card_of(world, file)
        await world.press("Password")
        assert card.html == "🔑 <b>a.txt</b> has a password."
        await world.press("Change")
        await world.tell("new secret")
        assert file.password == "new secret"
        assert card.text.splitlines()[2] == "📁 Main folder · with a password"
        await world.press("Password")
        await world.press("Back")
        assert card.text.startswith("a.txt\n")
        await world.press("Password")
        await world.press("Remove")
        assert file.password == ""
        assert card.text.splitlines()[2] == "📁 Main folder · no password"

    async def test_too_short_is_asked_for_again(self, world: World, account: EmulatedAccount) -> None:
        file = account.add_file("a.txt")
        card = await card_of(world, file)
        await world.press("Password")
        message = world.person.say("five5")
        await world.handle()
        assert message.deleted
        assert last(world).text.splitlines()[0] == (
            "⚠️ That is too short: 1fichier wants 6 characters or more."
        )
        await world.tell("longer")
        assert (file.password, card.text.splitlines()[2]) == ("longer", "📁 Main folder · with a password")

    async def test_a_message_that_cannot_be_deleted_is_told(
        self, world: World, account: EmulatedAccount
    ) -> None:
        file = account.add_file("a.txt")
        card = await card_of(world, file)
        await world.press("Password")
        message = world.person.say("secret")
        world.api.faults.add(
            method="deleteMessage", status=400, description="Bad Request: message can't be deleted"
        )
        await world.handle()
        assert not message.deleted
        assert card.text.splitlines()[-1] == (
            "⚠️ I couldn’t delete your message: please delete it yourself, it shows the password."
        )

    async def test_stands_nowhere_in_the_database(self, world: World, account: EmulatedAccount) -> None:
        file = account.add_file("a.txt")
        await card_of(world, file)
        await world.press("Password")
        await world.tell("planted-password")
        directory = world.database.path.parent
        content = b"".join(path.read_bytes() for path in directory.iterdir() if path.is_file())
        assert b"planted-password" not in content

    @pytest.mark.parametrize("bot_is_admin", [True, False])
    async def test_is_not_taken_in_a_group(
        self, world: World, account: EmulatedAccount, bot_is_admin: bool
    ) -> None:
        file = account.add_file("a.txt")
        group = Group(world.api, -100, "Friends", [world.person], bot_is_admin=bot_is_admin)
        ada = world.person.in_group(group)
        message = ada.say(f"/password@onefichier_test_bot {file.url} secret")
        await world.handle()
        assert file.password == ""
        assert message.deleted is bot_is_admin
        assert group.chat.last.text.startswith("🔑 Not here")
        assert group.chat.last.button("Write to me").url == "https://t.me/onefichier_test_bot"
        ada.say(f"@onefichier_test_bot {file.url}")
        await world.handle()
        press = ada.press("Password", group.chat.last)
        await world.handle()
        assert press.answer is not None
        assert press.answer.text.startswith("Not here: others would see it.")


@pytest.mark.parametrize("command", ["rename", "move", "password"])
class TestEveryCommand:
    async def test_without_a_link_says_how(
        self, world: World, account: EmulatedAccount, command: str
    ) -> None:
        assert (await world.tell(f"/{command}")).text.startswith(f"Send /{command}")
        assert (await world.tell(f"/{command} no link")).text.startswith(f"Send /{command}")

    async def test_in_reply_to_several_links_asks_for_one(
        self, world: World, account: EmulatedAccount, command: str
    ) -> None:
        files = [account.add_file(f"{n}") for n in range(2)]
        post = world.person.say(f"{files[0].url} {files[1].url}")
        await world.handle()
        answer = await world.tell(f"/{command}", reply_to=post)
        assert answer.text.startswith("⚠️ That message has several links. Name one of them.")

    @pytest.mark.parametrize("words", ["", " secret"])
    async def test_of_somebody_elses_file_is_refused(
        self, world: World, account: EmulatedAccount, command: str, words: str
    ) -> None:
        theirs = world.fichier.add_account().add_file("theirs.txt")
        answer = await world.tell(f"/{command} {theirs.url}{words}")
        assert answer.text == "⚠️ This file is in somebody else’s account: I can only change yours."
        assert (theirs.name, theirs.password) == ("theirs.txt", "")

    async def test_of_a_protected_foreign_file_says_so(
        self, world: World, account: EmulatedAccount, command: str
    ) -> None:
        theirs = world.fichier.add_account().add_file("theirs.txt", password="secret")
        assert (await world.tell(f"/{command} {theirs.url}")).text.startswith("⚠️ This file has a password.")

    async def test_of_a_deleted_file_says_so(
        self, world: World, account: EmulatedAccount, command: str
    ) -> None:
        assert (await world.tell(f"/{command} {GONE}")).text == f"⚠️ {NO_LONGER}"

    async def test_without_a_key_leads_to_login(self, world: World, command: str) -> None:
        await world.services.accounts.log_out(world.person.id)
        assert "/login" in (await world.tell(f"/{command} {GONE}")).text


@pytest.mark.parametrize(
    ("button", "then"), [("Rename", "new.txt"), ("Password", "secret"), ("Move", None)], ids=str
)
async def test_a_file_that_is_gone_is_said_to_be_and_the_list_does_not_show_it_any_more(
    world: World, account: EmulatedAccount, button: str, then: str | None
) -> None:
    """What is known here is shown without asking; the first call that needs the file finds out."""
    folder = account.add_folder("Videos")
    file = account.add_file("a.txt")
    account.add_file("b.txt", stored_at=world.clock.now().timestamp() - 60)
    card = await from_list(world)
    del account.files[file.id]
    await world.press(button)
    if then is not None:
        await world.tell(then)
    else:
        await world.press(f"📁 {folder.name}")
        assert await world.press("Choose this") == NO_LONGER
    assert card.html == "⚠️ <b>a.txt</b> is no longer on 1fichier."
    await world.press("Back")
    assert "1. b.txt" in card.text
    assert "a.txt" not in card.text


async def test_the_card_of_a_file_that_is_gone_cannot_be_opened(
    world: World, account: EmulatedAccount
) -> None:
    """The list was looked at long ago; by now a newer one has shown that the file is gone."""
    file = account.add_file("a.txt")
    listed = await world.tell("/list")
    stale = listed.button("1")
    del account.files[file.id]
    await world.clock.advance(31)
    await world.tell("/list")
    press = world.person.press(stale, listed)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == NO_LONGER
    assert "is empty" in listed.text


@pytest.mark.parametrize("button", ["Rename", "Move", "Password", "Delete"])
async def test_a_button_of_a_month_ago_still_does_what_it_says(
    world: World, account: EmulatedAccount, button: str
) -> None:
    file = account.add_file("a.txt")
    card = await card_of(world, file)
    await world.clock.advance(30 * 86_400)
    assert await world.press(button, card) == ""
    assert "a.txt" in last(world).text


@pytest.mark.parametrize("button", ["Rename", "Move", "Password", "Delete"])
async def test_a_button_pressed_by_somebody_else_in_a_group_is_not_theirs(
    world: World, account: EmulatedAccount, button: str
) -> None:
    file = account.add_file("a.txt")
    eve = world.somebody()
    group = Group(world.api, -100, "Friends", [world.person, eve])
    world.person.in_group(group).say(f"@onefichier_test_bot {file.url}")
    await world.handle()
    press = eve.in_group(group).press(button, group.chat.last)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "This button isn’t yours."
    assert group.chat.last.text.startswith("a.txt\n")


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
