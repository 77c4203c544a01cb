"""Several accounts of one person."""

import pytest

from emulators.botapi.attachments import Attachment
from emulators.onefichier import Fetched
from handlers.accounts import LONGEST_NAME
from tests.handlers.accounts import accounts_of, in_use, page, sent, two
from tests.handlers.flow import everything_running, telling, until
from tests.handlers.world import World

# Switching and naming


async def test_new_files_go_to_the_account_that_is_switched_to(world: World) -> None:
    first, second = await two(world)
    message = await page(world, "Account 1")
    assert message.html == "<b>Account 1</b>\nNew files go to 📁 <b>Main folder</b>"
    await world.press("Use it", message)
    assert message.html == "<b>Accounts</b>\n<b>Account 1</b> · in use\n<b>Account 2</b>"
    await sent(world)
    assert (len(first.files), len(second.files)) == (1, 0)


async def test_what_is_under_way_stays_with_its_account(world: World) -> None:
    first, second = await two(world)
    world.person.send_file(name="a.txt", size=10)
    await world.handle()
    async with telling(world):
        await until(world, lambda: world.person.chat.matching("📁 Main folder · Account 2"))
    await page(world, "Account 1", "Use it")
    async with everything_running(world):
        result = await world.person.chat.wait_for("✅")
    assert result.text.splitlines()[-1] == "📁 Main folder · Account 2"
    assert (len(first.files), len(second.files)) == (0, 1)


async def test_each_account_has_its_own_folder(world: World) -> None:
    await two(world)
    await world.services.people.use_folder((await in_use(world)).id, 7, "Videos")
    message = await world.tell("/settings")
    assert "Account: Account 2\nNew files go to 📁 Videos" in message.text
    await page(world, "Account 1", "Use it")
    assert "Account: Account 1\nNew files go to 📁 Main folder" in (await world.tell("/settings")).text


async def test_somebody_elses_account_is_not_to_be_touched(world: World) -> None:
    await two(world)
    eve = world.somebody()
    eve.say("/settings")
    await world.handle()
    eve.chat.last.payload["reply_markup"]["inline_keyboard"][0][0]["callback_data"] = "ac:use:1"
    press = eve.press(eve.chat.last.buttons[0][0], eve.chat.last)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "This button isn’t yours."


async def test_a_name_is_shown_wherever_the_account_is(world: World) -> None:
    await two(world)
    await page(world, "Account 2", "Name")
    question = world.person.chat.last
    assert question.html.startswith("❓ What shall I call <b>Account 2</b>?")
    answer = await world.tell("  Work <1>\n")
    assert answer.html == "✅ It is called <b>Work &lt;1&gt;</b> now."
    assert "Work <1> · in use" in (await page(world)).text
    assert (await sent(world)).text.splitlines()[-1] == "📁 Main folder · Work <1>"
    await world.clock.advance(400)
    assert "Work <1> · Premium until" in (await world.tell("/quota")).text
    world.fichier.remote_results["https://example.org/a"] = Fetched("a", b"x")
    await world.tell("/remote https://example.org/a")
    async with everything_running(world):
        status = await world.person.chat.wait_for("⏳ 1fichier is fetching")
        assert "📁 Main folder · Work <1>" in status.text
        result = await world.person.chat.wait_for("Fetched from")
    assert result.text.splitlines()[-1] == "Fetched from example.org · 📁 Main folder · Work <1>"


async def test_an_album_in_one_account_says_which(world: World) -> None:
    await two(world)
    world.person.send_album([Attachment(name=f"{n}.txt", size=100) for n in "ab"])
    await world.handle()
    async with everything_running(world):
        result = await world.person.chat.wait_for("2 files uploaded")
    assert result.text.splitlines()[0] == "✅ 2 files uploaded · 200 bytes · 📁 Main folder · Account 2"


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("x" * (LONGEST_NAME + 1), f"⚠️ A name has 1 to {LONGEST_NAME} characters. Nothing was changed."),
        ("account 1", "⚠️ Another account of yours is called account 1. Nothing was changed."),
    ],
    ids=["too long", "taken"],
)
async def test_a_name_that_does_not_do_changes_nothing(world: World, name: str, answer: str) -> None:
    await two(world)
    await page(world, "Account 2", "Name")
    assert (await world.tell(name)).text == answer
    assert [each.name for each in await accounts_of(world)] == ["", ""]


async def test_cancel_leaves_the_name(world: World) -> None:
    await two(world)
    await page(world, "Account 2", "Name")
    assert (await world.tell("/cancel")).text == "Cancelled."
    assert (await world.tell("Work")).text.startswith("I didn’t get that.")


async def test_with_one_account_nothing_names_it(world: World) -> None:
    account = await world.log_in()
    file = account.add_file("mine.txt")
    texts = [(await sent(world)).text, (await world.tell(file.url)).text, (await world.tell("/quota")).text]
    assert not [text for text in texts if "Account" in text]


# Cards


async def test_a_card_says_whose_file_it_is_and_deletes_it_there(world: World) -> None:
    first, second = await two(world)
    await page(world, "Account 1", "Use it")
    await sent(world, "here.txt")
    await page(world, "Account 2", "Use it")
    (file,) = first.files.values()
    card = await world.tell(file.url)
    assert card.html.splitlines()[2:] == [
        "📁 Main folder · no password",
        "Account: <b>Account 1</b>",
        file.url,
    ]
    await world.press("Delete", card)
    await world.press("Delete", card)
    assert card.text == "✅ Deleted: here.txt"
    assert first.files == {}
    assert second.files == {}


async def test_files_of_both_accounts_are_deleted_at_once(world: World) -> None:
    first, second = await two(world)
    await sent(world, "two.txt")
    await page(world, "Account 1", "Use it")
    await sent(world, "one.txt")
    links = [file.url for account in (first, second) for file in account.files.values()]
    question = await world.tell("/delete " + " ".join(links))
    assert question.text.startswith("🗑 Delete these 2 files?")
    await world.press("Delete", question)
    assert question.text == "✅ 2 files deleted."
    assert (first.files, second.files) == ({}, {})


# A refused key


async def test_a_refused_key_parks_its_account_only(world: World) -> None:
    first, second = await two(world)
    world.fichier.revoke_key(second)
    world.person.send_file(name="a.txt", size=10)
    await world.handle()
    async with everything_running(world):
        told = await world.person.chat.wait_for("🔑 1fichier no longer accepts your key of Account 2.")
        await world.person.chat.wait_for("🔑 Waiting for a new key of Account 2: /settings")
    assert told.text.splitlines()[1].startswith("1 upload or link is waiting.")
    assert "🔑 Account 2 needs a new key: see /settings" in (await world.tell("/jobs")).text
    message = await page(world)
    assert "🔑 Account 2 · 1fichier no longer accepts its key" in message.text
    await world.press("Account 1", message)
    await world.press("Use it", message)
    await sent(world, "b.txt")
    assert [file.name for file in first.files.values()] == ["b.txt"]
    await world.press("Account 2", message)
    await world.press("Renew key", message)
    answer = await world.tell(world.fichier.rotate_key(second))
    assert "It is the key of Account 2." in answer.text
    assert "New files go to 📁 Main folder · Account 1" in answer.text
    async with everything_running(world):
        await world.person.chat.wait_for("✅ a.txt")
    assert [file.name for file in second.files.values()] == ["a.txt"]


async def test_a_refused_key_of_an_account_not_in_use_is_told_with_the_way_to_it(world: World) -> None:
    _, second = await two(world)
    world.person.send_file(name="a.txt", size=10)
    await world.handle()
    await page(world, "Account 1", "Use it")
    world.fichier.revoke_key(second)
    async with everything_running(world):
        told = await world.person.chat.wait_for("🔑 1fichier no longer accepts your key of Account 2.")
    assert told.text.splitlines()[1:] == [
        "1 upload or link is waiting for a new key.",
        "To give it a new one, choose the account in /settings",
    ]
