"""A file protected, by its card and by command: the card is the new truth."""

import pytest

from emulators.onefichier import EmulatedAccount
from emulators.user import Group
from tests.handlers.file_card import card_of
from tests.handlers.world import World, last


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
