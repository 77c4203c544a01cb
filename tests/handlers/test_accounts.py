"""Several accounts of one person."""

from datetime import timedelta

import pytest

from emulators.botapi import SeenMessage
from emulators.botapi.attachments import Attachment
from emulators.onefichier import EmulatedAccount, Fetched
from handlers.accounts import LONGEST_NAME, MOST_ACCOUNTS
from storage import Account
from tests.handlers.flow import everything_running, pass_time, telling, until
from tests.handlers.world import World

A_DAY = timedelta(days=1)
A_MONTH = 30 * 86_400.0
TOO_OLD = "That’s too old. Send the command again."


async def accounts_of(world: World) -> list[Account]:
    return await world.services.account_rows.of(world.person.id)


async def in_use(world: World) -> Account:
    account = await world.services.people.account_in_use(world.person.id)
    assert account is not None
    return account


async def page(world: World, *presses: str) -> SeenMessage:
    """The page of accounts, or what is found behind buttons there."""
    message = await world.tell("/settings")
    for words in ("Accounts", *presses):
        await world.press(words, message)
    return message


async def two(world: World) -> tuple[EmulatedAccount, EmulatedAccount]:
    """Two accounts, of which the second is in use."""
    first, second = await world.log_in(), world.fichier.add_account()
    assert second.key is not None
    await world.services.accounts.log_in(world.person.id, second.key, another=True)
    return first, second


async def sent(world: World, name: str = "a.txt") -> SeenMessage:
    """The result of a file."""
    message = world.person.send_file(name=name, size=10)
    await world.handle()
    async with everything_running(world):
        result = await world.person.chat.wait_for("✅", after=message)
        await world.person.chat.wait_until(lambda chat: not chat.matching("⏳", after=message))
    return result


# Adding


async def test_another_account_is_added_and_is_in_use_then(world: World) -> None:
    first, second = await world.log_in(), world.fichier.add_account()
    assert second.key is not None
    message = await page(world)
    assert message.html == "<b>Accounts</b>\n<b>Account 1</b> · in use"
    await world.press("Add an account", message)
    question = world.person.chat.last
    assert question.text.startswith("🔑 Send me the API key of the other account in your next message.")
    assert question.force_reply is not None
    said = world.person.say(second.key)
    await world.handle()
    assert said.deleted
    answer = world.person.chat.last
    assert answer.html.splitlines()[:2] == [
        "✅ Your key works. I’ve deleted your message.",
        "It is the key of <b>Account 2</b>.",
    ]
    assert "New files go to 📁 <b>Main folder</b> · <b>Account 2</b>" in answer.html
    result = await sent(world)
    assert result.text.splitlines()[-1] == "📁 Main folder · Account 2"
    assert (len(first.files), len(second.files)) == (0, 1)


async def test_login_renews_the_account_in_use_and_offers_another(world: World) -> None:
    emulated = await world.log_in()
    message = await world.tell("/login")
    assert message.text.startswith("🔑 Send me your new API key in your next message.")
    await world.tell(world.fichier.rotate_key(emulated))
    assert [each.number for each in await accounts_of(world)] == [1]
    other = world.fichier.add_account()
    await world.tell("/login")
    await world.press("Another account")
    await world.tell(other.key or "")
    assert [each.number for each in await accounts_of(world)] == [1, 2]


async def test_login_names_the_account_that_is_renewed(world: World) -> None:
    _, second = await two(world)
    message = await world.tell("/login")
    assert message.html.startswith("🔑 Send me the new API key of <b>Account 2</b> in your next message.")
    await world.tell(world.fichier.rotate_key(second))
    assert len(await accounts_of(world)) == 2
    assert world.services.people.key(await in_use(world)) == second.key


async def test_a_key_that_is_there_already_is_not_a_second_account(world: World) -> None:
    first, _ = await two(world)
    message = await page(world)
    await world.press("Add an account", message)
    await world.tell(first.key or "")
    assert "You had this account already: it is Account 1." in world.person.chat.last.text
    assert len(await accounts_of(world)) == 2
    assert (await in_use(world)).number == 1


async def test_a_wrong_key_adds_nothing(world: World) -> None:
    await two(world)
    await page(world, "Add an account")
    assert "doesn’t accept this key. I’ve kept nothing." in (await world.tell("wrong")).text
    assert len(await accounts_of(world)) == 2


async def test_the_key_handled_twice_adds_one_account(world: World) -> None:
    await world.log_in()
    other = world.fichier.add_account()
    await page(world, "Add an account")
    world.person.say(other.key or "")
    raw = dict(world.api.updates.pending[-1])
    await world.handle()
    await world.services.questions.ask(
        world.person.id,
        world.person.id,
        "api_key",
        {"another": True},
        now=world.clock.now(),
        lifetime=A_DAY,
        awaits_text=True,
    )
    world.api.updates.push("message", raw["message"])
    await world.handle()
    assert len(await accounts_of(world)) == 2


async def test_so_many_accounts_are_enough(world: World) -> None:
    await world.log_in()
    for number in range(MOST_ACCOUNTS - 1):
        await world.services.account_rows.add(world.person.id, f"key {number}", world.clock.now())
    message = await world.tell("/settings")
    await world.press("Accounts", message)
    assert not message.has_button("Add an account")
    await world.tell("/login")
    assert await world.press("Another account") == f"I keep {MOST_ACCOUNTS} accounts at most."


async def test_a_key_that_nobody_asked_for_is_deleted_and_not_kept(world: World) -> None:
    _, second = await two(world)
    before = [each.sealed_key for each in await accounts_of(world)]
    message = world.person.say(world.fichier.rotate_key(second))
    await world.handle()
    assert message.deleted
    assert world.person.chat.last.text == (
        "🔑 That looks like a key, and you have several accounts: I’ve kept nothing.\n"
        "Send /login for the account in use, or choose another one in /settings."
    )
    assert [each.sealed_key for each in await accounts_of(world)] == before


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


# Removing


async def test_removing_one_erases_it_and_leaves_the_others(world: World) -> None:
    first, second = await two(world)
    await sent(world, "planted-two.txt")
    await page(world, "Account 1", "Use it")
    await sent(world, "planted-one.txt")
    await page(world, "Account 2", "Use it")
    message = await page(world, "Account 2", "Remove")
    assert message.text == (
        "❓ Remove Account 2, its key and all I know about it?\nYour files on 1fichier stay where they are."
    )
    assert message.button("Remove").style == "danger"
    remove = message.button("Remove")
    await world.press("Remove", message)
    assert message.html.splitlines() == [
        "✅ Removed: <b>Account 2</b>, its key and its list of uploads.",
        "Its files stay on 1fichier, and its key still exists there; you can cancel it there.",
        "New files go to <b>Account 1</b> now.",
    ]
    assert len(second.files) == 1
    content = b"".join(path.read_bytes() for path in world.database.path.parent.iterdir() if path.is_file())
    assert b"planted-two" not in content
    assert b"planted-one" in content
    press = world.person.press(remove, message)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == TOO_OLD
    await sent(world, "after.txt")
    assert len(first.files) == 2


async def test_what_runs_there_is_stopped(world: World) -> None:
    _, second = await two(world)
    world.api.faults.add_download(stall_after=100_000)
    world.person.send_file(name="a.bin", size=1_000_000)
    await world.handle()
    async with everything_running(world):
        status = await world.person.chat.wait_for("Uploading")
        message = await page(world, "Account 2", "Remove")
        assert "1 running upload will stop." in message.text
        await world.press("Remove", message)
        await world.person.chat.wait_until(lambda _: status.deleted)
        await pass_time(world, 5)
    assert second.files == {}
    assert world.person.chat.notifications == []
    assert (await world.tell("/jobs")).text == "Nothing is running."


async def test_keeping_it_keeps_it(world: World) -> None:
    await two(world)
    message = await page(world, "Account 2", "Remove")
    await world.press("Keep", message)
    assert message.text == "Nothing removed. Account 2 is still here."
    assert len(await accounts_of(world)) == 2


async def test_without_the_last_one_it_begins_anew_with_what_is_set(world: World) -> None:
    await world.log_in()
    message = await world.tell("/settings")
    await world.press("Sounds", message)
    await world.press("never", message)
    message = await page(world, "Account 1", "Remove")
    await world.press("Remove", message)
    assert message.text.endswith("/login starts again.")
    assert await accounts_of(world) == []
    assert "Sounds: never" in (await world.tell("/settings")).text
    assert "You have given me no key yet" in (await page(world)).text


async def test_numbers_are_not_given_twice_at_once(world: World) -> None:
    await two(world)
    message = await page(world, "Account 1", "Remove")
    await world.press("Remove", message)
    other = world.fichier.add_account()
    await world.services.accounts.log_in(world.person.id, other.key or "", another=True)
    assert [each.number for each in await accounts_of(world)] == [2, 3]


@pytest.mark.parametrize("verb", ["open", "use", "name", "key", "rm", "gone"])
async def test_a_button_about_an_account_that_is_gone_or_of_another_time(world: World, verb: str) -> None:
    await two(world)
    message = await page(world)
    number = 1 if verb == "gone" else 99
    message.payload["reply_markup"]["inline_keyboard"][0][0]["callback_data"] = f"ac:{verb}:{number}"
    await world.clock.advance(A_MONTH)
    assert await world.press(message.buttons[0][0].text, message) == TOO_OLD


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


async def test_an_account_removed_meanwhile_is_not_named_any_more(world: World) -> None:
    await two(world)
    message = await page(world, "Account 2", "Remove")
    await page(world, "Account 2", "Name")
    account = await in_use(world)
    await world.database.execute("DELETE FROM account WHERE id = :id", {"id": account.id})
    assert (await world.tell("Work")).text == "This account is no longer here."
    await world.press("Remove", message)
    assert message.text == "This account is no longer here."


async def test_an_album_in_one_account_says_which(world: World) -> None:
    await two(world)
    world.person.send_album([Attachment(name=f"{n}.txt", size=100) for n in "ab"])
    await world.handle()
    async with everything_running(world):
        result = await world.person.chat.wait_for("2 files uploaded")
    assert result.text.splitlines()[0] == "✅ 2 files uploaded · 200 bytes · 📁 Main folder · Account 2"
