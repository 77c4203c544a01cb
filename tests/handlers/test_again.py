"""Trying again what failed, by its button."""

import pytest

from emulators.botapi import SeenMessage
from emulators.botapi.attachments import Attachment
from emulators.onefichier import EmulatedAccount, Failed, Fetched
from emulators.user import Group
from storage import Reason, TransferState
from tests.handlers.flow import everything_running, pass_time, telling, until
from tests.handlers.world import World

AGAIN = "I’m trying again."
DONE = "Already done."
A_MONTH = 30 * 86_400.0


async def failed(world: World, *names: str) -> SeenMessage:
    """Files that Telegram did not hand out; the message that says so."""
    if len(names) == 1:
        world.person.send_file(name=names[0], size=100)
    else:
        world.person.send_album([Attachment(name=name, size=100) for name in names])
    await world.handle()
    for transfer in await world.services.transfers.active_of(world.person.id):
        await world.services.transfers.end(
            transfer.id, TransferState.FAILED, now=world.clock.now(), reason=Reason.TELEGRAM_REFUSES
        )
    await world.clock.advance(3)
    async with telling(world):
        await until(world, lambda: world.person.chat.matching("⚠️"))
        await pass_time(world, 1)
    found = world.person.chat.matching("⚠️")
    assert found is not None
    return found


def names_in(account: EmulatedAccount) -> list[str]:
    return sorted(file.name for file in account.files.values())


async def test_one_file_is_uploaded_after_all(world: World) -> None:
    account = await world.log_in()
    sent = world.person.send_file(name="other.txt", size=5)
    await world.handle()
    await world.services.uploads.cancel(1, world.person.id)
    told = await failed(world, "a.txt")
    assert await world.press("Try again", told) == AGAIN
    assert not told.has_button("Try again")
    async with everything_running(world):
        result = await world.person.chat.wait_for("✅ a.txt")
    assert names_in(account) == ["a.txt"]
    assert result.reply_to is not None
    assert result.reply_to is not sent
    assert result.reply_to.payload["document"]["file_name"] == "a.txt"


async def test_of_a_batch_only_what_failed_is_tried_again(world: World) -> None:
    account = await world.log_in()
    album = world.person.send_album([Attachment(name=f"{n}.txt", size=100) for n in "abc"])
    world.api.files.unavailable |= {each.payload["document"]["file_id"] for each in album[1:]}
    await world.handle()
    async with everything_running(world):
        told = await world.person.chat.wait_for("1 of 3 files uploaded")
        assert told.has_button("Copy all")
        world.api.files.unavailable.clear()
        assert await world.press("Try again", told) == AGAIN
        result = await world.person.chat.wait_for("✅ 2 files uploaded")
    assert names_in(account) == ["a.txt", "b.txt", "c.txt"]
    assert result.reply_to is album[1]
    assert told.has_button("Copy all")
    assert not told.has_button("Try again")


async def test_a_second_press_tries_nothing(world: World) -> None:
    account = await world.log_in()
    told = await failed(world, "a.txt", "b.txt")
    button = told.button("Try again")
    for answer in (AGAIN, DONE):
        press = world.person.press(button, told)
        await world.handle()
        assert press.answer is not None
        assert press.answer.text == answer
    async with everything_running(world):
        await world.person.chat.wait_for("✅ 2 files uploaded")
        press = world.person.press(button, told)
        await world.handle()
    assert press.answer is not None
    assert press.answer.text == DONE
    assert names_in(account) == ["a.txt", "b.txt"]


async def test_a_press_that_is_handled_again_after_a_crash_tries_once(world: World) -> None:
    await world.log_in()
    told = await failed(world, "a.txt")
    world.person.press("Try again", told)
    raw = dict(world.api.updates.pending[-1])
    await world.handle()
    world.api.updates.push("callback_query", raw["callback_query"])
    await world.handle()
    assert len(await world.services.transfers.active_of(world.person.id)) == 1


async def test_what_fails_again_can_be_tried_again(world: World) -> None:
    account = await world.log_in()
    told = await failed(world, "a.txt")
    world.api.files.unavailable |= set(world.api.files.by_id)
    await world.press("Try again", told)
    async with everything_running(world):
        second = await world.person.chat.wait_for("⚠️", after=told)
        world.api.files.unavailable.clear()
        assert await world.press("Try again", second) == AGAIN
        await world.person.chat.wait_for("✅ a.txt")
    assert names_in(account) == ["a.txt"]


async def test_a_month_later_it_has_a_day_like_any_new_file(world: World) -> None:
    account = await world.log_in()
    told = await failed(world, "a.txt")
    await world.clock.advance(A_MONTH)
    world.api.faults.add(method="getFile", status=502)
    assert await world.press("Try again", told) == AGAIN
    async with everything_running(world):
        await world.person.chat.wait_for("✅ a.txt")
    assert names_in(account) == ["a.txt"]


async def test_what_is_forgotten_is_too_old_to_be_tried(world: World) -> None:
    await world.log_in()
    told = await failed(world, "a.txt")
    await world.database.execute("DELETE FROM batch", {})
    assert await world.press("Try again", told) == "That’s too old. Send the command again."
    assert told.has_button("Try again")


async def test_only_its_owner_can_try_it_again(world: World) -> None:
    await world.log_in()
    eve = world.somebody()
    await world.log_in(eve)
    group = Group(world.api, -100, "Friends", [world.person, eve], bot_is_admin=True)
    world.person.in_group(group).send_file(name="a.txt", size=5, caption="@onefichier_test_bot")
    await world.handle()
    await world.services.transfers.end(1, TransferState.FAILED, now=world.clock.now(), reason=Reason.BROKEN)
    await world.clock.advance(3)
    async with telling(world):
        await until(world, lambda: group.chat.matching("⚠️"))
    told = group.chat.last
    press = eve.in_group(group).press("Try again", told)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "This button isn’t yours."
    assert told.has_button("Try again")
    press = world.person.in_group(group).press("Try again", told)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == AGAIN


@pytest.mark.parametrize("data", ["t", "t:x:1", "t:b", "t:b:999", "t:f:999"])
async def test_a_button_that_never_was_one_is_too_old(world: World, data: str) -> None:
    await world.log_in()
    told = await failed(world, "a.txt")
    told.payload["reply_markup"]["inline_keyboard"][0][0]["callback_data"] = data
    assert await world.press("Try again", told) == "That’s too old. Send the command again."


async def test_a_file_whose_key_came_too_late_goes_to_the_account_there_is_now(world: World) -> None:
    world.person.send_file(name="a.txt", size=10)
    await world.handle()
    await world.clock.advance(25 * 3_600)
    await world.services.transfers.expire_without_key(world.clock.now(), world.clock.now())
    async with telling(world):
        await until(world, lambda: world.person.chat.matching("I kept it for 24 hours without a key"))
    account = await world.log_in()
    assert await world.press("Try again") == AGAIN
    async with everything_running(world):
        await world.person.chat.wait_for("✅ a.txt")
    assert names_in(account) == ["a.txt"]


async def test_what_is_tried_again_before_its_batch_has_ended_leaves_nothing_to_be_told_there(
    world: World,
) -> None:
    account = await world.log_in()
    message = await world.tell("/settings")
    await world.press("Sounds", message)
    await world.press("for each file", message)
    world.person.send_album([Attachment(name=f"{n}.txt", size=100) for n in "ab"])
    await world.handle()
    first, second = await world.services.transfers.active_of(world.person.id)
    now = world.clock.now()
    await world.services.transfers.end(first.id, TransferState.FAILED, now=now, reason=Reason.BROKEN)
    await world.clock.advance(3)
    async with telling(world):
        await until(world, lambda: world.person.chat.matching("a.txt was not uploaded"))
        await world.press("Try again")
        await world.services.transfers.end(second.id, TransferState.FAILED, now=now, reason=Reason.BROKEN)
        world.services.wakeups.batch_item_ended(1)
        await until(world, lambda: world.person.chat.matching("b.txt was not uploaded"))
        await world.press("Try again", world.person.chat.matching("b.txt was not uploaded"))
        await pass_time(world, 3)
    async with everything_running(world):
        await world.person.chat.wait_until(lambda chat: len(account.files) == 2)
        await world.person.chat.wait_until(lambda chat: not chat.matching("⏳"))
    assert not world.person.chat.matching("Cancelled")
    assert not world.person.chat.matching("None of")


async def test_links_that_failed_are_fetched_after_all(world: World) -> None:
    account = await world.log_in()
    urls = [f"https://example.org/{name}.iso" for name in "abc"]
    world.fichier.remote_results.update({url: Failed("404 Not Found") for url in urls[1:]})
    world.fichier.remote_results[urls[0]] = Fetched("a.iso", b"a")
    said = world.person.say("/remote " + " ".join(urls))
    await world.handle()
    async with everything_running(world):
        told = await world.person.chat.wait_for("1 of 3 links fetched")
        world.fichier.remote_results.update({url: Fetched(url[-5:], b"x") for url in urls[1:]})
        assert await world.press("Try again", told) == AGAIN
        result = await world.person.chat.wait_for("2 links fetched")
    assert names_in(account) == ["a.iso", "b.iso", "c.iso"]
    assert result.reply_to is said
    assert told.has_button("Copy all")


async def test_a_link_that_failed_alone_is_fetched_after_all(world: World) -> None:
    account = await world.log_in()
    url = "https://example.org/a.iso"
    world.fichier.remote_results[url] = Failed("404 Not Found")
    await world.tell(f"/remote {url}")
    async with everything_running(world):
        told = await world.person.chat.wait_for("⚠️ Not fetched: example.org/a.iso")
        world.fichier.remote_results[url] = Fetched("a.iso", b"x")
        assert await world.press("Try again", told) == AGAIN
        await world.person.chat.wait_for("✅ a.iso")
        assert told.buttons == []
    assert names_in(account) == ["a.iso"]
