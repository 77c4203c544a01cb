"""What holds for all that is done to a file by its card and by command: renaming, moving, protecting."""

import pytest

from emulators.onefichier import EmulatedAccount
from emulators.user import Group
from tests.handlers.file_card import card_of, from_list
from tests.handlers.world import World, last

GONE = "https://1fichier.com/?gone0gone0gone0gone0"
NO_LONGER = "This file is no longer on 1fichier."


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
