"""Accounts removed one by one, and the buttons and questions that were about them."""

import pytest

from tests.handlers.accounts import accounts_of, in_use, page, sent, two
from tests.handlers.flow import everything_running, pass_time
from tests.handlers.world import World

A_MONTH = 30 * 86_400.0
TOO_OLD = "That’s too old. Send the command again."


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


async def test_an_account_removed_meanwhile_is_not_named_any_more(world: World) -> None:
    await two(world)
    message = await page(world, "Account 2", "Remove")
    await page(world, "Account 2", "Name")
    account = await in_use(world)
    await world.database.execute("DELETE FROM account WHERE id = :id", {"id": account.id})
    assert (await world.tell("Work")).text == "This account is no longer here."
    await world.press("Remove", message)
    assert message.text == "This account is no longer here."
