"""Files of 1fichier sent into the chat, through both services."""

import asyncio
import hashlib
from collections.abc import Callable

import pytest
from telegram import Update

from emulators.botapi import SeenMessage
from emulators.onefichier import EmulatedAccount
from emulators.onefichier.content import ForgottenContent, received
from emulators.user import Group
from handlers import process
from storage import DeliveryState
from tests.handlers.flow import REAL_SECONDS, everything_running, until
from tests.handlers.world import World

CONTENT = bytes(range(256)) * 1_200


@pytest.fixture
async def mine(world: World) -> EmulatedAccount:
    return await world.log_in()


async def offered(world: World, mine: EmulatedAccount, content: bytes = CONTENT) -> SeenMessage:
    """The page that says what a download may cost."""
    card = await world.tell(mine.add_file("Film été.mkv", content).url)
    await world.press("Download", card)
    return card


def documents(world: World) -> list[SeenMessage]:
    return [message for message in world.person.chat.from_bot if message.document is not None]


async def state(world: World) -> DeliveryState | None:
    rows = await world.database.fetch_all("SELECT state FROM delivery ORDER BY id DESC LIMIT 1")
    return DeliveryState(rows[0]["state"]) if rows else None


def says(message: SeenMessage, words: str) -> Callable[[], bool]:
    return lambda: words in message.text


@pytest.mark.parametrize("size", [1, 65_536, 65_537, 307_200, 3_000_000])
async def test_it_arrives_byte_by_byte(world: World, mine: EmulatedAccount, size: int) -> None:
    content = (CONTENT * (size // len(CONTENT) + 1))[:size]
    page = await offered(world, mine, content)
    async with everything_running(world):
        await world.press("Send it here", page)
        await until(world, says(page, "is here now"))
    [sent] = documents(world)
    assert sent.document is not None
    assert (sent.document.name, sent.document.size) == ("Film été.mkv", size)
    assert sent.document.sha256 == hashlib.sha256(content).hexdigest()
    assert not sent.silent
    assert page.text == "✅ Film été.mkv is here now."
    assert page.silent


async def test_nothing_is_asked_before_it_was_said_what_it_may_cost(
    world: World, mine: EmulatedAccount
) -> None:
    page = await offered(world, mine)
    assert "1fichier may charge CDN credit" in page.text
    assert "download/get_token.cgi" not in {call.endpoint for call in world.fichier.calls}


async def test_progress_is_shown_and_it_can_be_cancelled(world: World, mine: EmulatedAccount) -> None:
    page = await offered(world, mine)
    world.fichier.faults.add("download", "stall", at_byte=100_000)
    async with everything_running(world):
        await world.press("Send it here", page)
        await until(world, says(page, "⏳ Sending it here, "))
        assert await world.press("Cancel", page) == ""
        assert page.text == "Cancelled: Film été.mkv was not sent."
        assert await state(world) is DeliveryState.CANCELLED
    assert documents(world) == []
    assert page.has_button("Send it here")


async def test_pressed_twice_it_comes_once(world: World, mine: EmulatedAccount) -> None:
    page = await offered(world, mine)
    button = page.button("Send it here")
    for _ in range(2):
        world.person.press(button, page)
        await world.handle()
    async with everything_running(world):
        await until(world, says(page, "is here now"))
    assert len(documents(world)) == 1


async def test_what_is_too_big_for_telegram_is_not_offered(world: World, mine: EmulatedAccount) -> None:
    file = mine.add_file("big.bin", received(ForgottenContent(50_000_001)))
    card = await world.tell(file.url)
    await world.press("Download", card)
    assert "It is too big to be sent here: Telegram takes 50 MB from me." in card.text
    assert not card.has_button("Send it here")
    assert card.has_button("Direct link")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Must be a customer (Premium, Access) #200", "It needs Premium, Access or CDN credit"),
        ("Only 1 location allowed at a time #887", "Your account is downloading from another place"),
        ("Owner locked #620", "The account that owns it is locked."),
        ("The moon is too full #1", "Its reason: “The moon is too full”."),
    ],
)
async def test_1fichiers_no_is_told_in_words(
    world: World, mine: EmulatedAccount, text: str, reason: str
) -> None:
    page = await offered(world, mine)
    world.fichier.faults.add("download/get_token.cgi", "ko", text=text, status=403)
    async with everything_running(world):
        await world.press("Send it here", page)
        await until(world, says(page, "was not sent."))
    assert page.text.splitlines()[0] == "⚠️ Film été.mkv was not sent."
    assert reason in page.text
    assert page.has_button("Send it here")


async def test_a_file_that_is_gone(world: World, mine: EmulatedAccount) -> None:
    page = await offered(world, mine)
    world.person.press("Send it here", page)
    await world.handle()
    mine.files.clear()
    async with everything_running(world):
        await until(world, says(page, "It is no longer on 1fichier."))
    assert documents(world) == []


async def test_a_connection_that_breaks_is_made_again(world: World, mine: EmulatedAccount) -> None:
    page = await offered(world, mine)
    world.fichier.faults.add("download", "cut", at_byte=150_000)
    async with everything_running(world):
        await world.press("Send it here", page)
        await until(world, says(page, "is here now"))
    assert len(documents(world)) == 1


async def test_one_that_breaks_always_is_told_after_three_tries(world: World, mine: EmulatedAccount) -> None:
    page = await offered(world, mine)
    world.fichier.faults.add("download", "cut", at_byte=150_000, times=None)
    async with everything_running(world):
        await world.press("Send it here", page)
        await until(world, says(page, "The connection broke 3 times."))
    assert documents(world) == []
    tokens = [call for call in world.fichier.calls if call.endpoint == "download/get_token.cgi"]
    assert len(tokens) == 3


@pytest.mark.parametrize("more", [-1, 1], ids=["short", "long"])
async def test_another_size_than_announced_is_told_and_nothing_arrives(
    world: World, mine: EmulatedAccount, more: int
) -> None:
    page = await offered(world, mine)
    [file] = mine.files.values()
    changed = received((CONTENT + b"x")[: len(CONTENT) + more])
    file.content, file.size = changed.content, changed.size
    async with everything_running(world):
        await world.press("Send it here", page)
        await until(world, says(page, "another size than it had announced"))
    assert documents(world) == []


async def test_a_rest_that_telegram_wants_is_taken(world: World, mine: EmulatedAccount) -> None:
    page = await offered(world, mine)
    world.api.faults.add(method="sendDocument", status=429, retry_after=30)
    async with everything_running(world):
        await world.press("Send it here", page)
        await until(world, says(page, "is here now"))
    assert len(documents(world)) == 1


async def test_a_no_of_telegram_is_told(world: World, mine: EmulatedAccount) -> None:
    page = await offered(world, mine)
    world.api.faults.add(method="sendDocument", status=400, description="Bad Request: no")
    async with everything_running(world):
        await world.press("Send it here", page)
        await until(world, says(page, "Telegram did not take it."))
    assert documents(world) == []


async def test_a_lost_answer_is_called_unsure_and_it_is_not_sent_twice(
    world: World, mine: EmulatedAccount
) -> None:
    page = await offered(world, mine)
    world.api.faults.add(method="sendDocument", drop="after")
    async with everything_running(world):
        await world.press("Send it here", page)
        await until(world, says(page, "I don’t know whether Film été.mkv has arrived."))
    assert len(documents(world)) == 1
    assert page.has_button("Send it here")


async def test_ended_in_the_middle_it_is_sent_by_the_next_process(
    world: World, mine: EmulatedAccount
) -> None:
    page = await offered(world, mine)
    fault = world.fichier.faults.add("download", "stall", at_byte=100_000)
    async with everything_running(world):
        await world.press("Send it here", page)
        await until(world, says(page, "⏳ Sending it here, "))
    assert await state(world) is DeliveryState.SENDING
    world.fichier.faults.withdraw(fault)
    async with everything_running(world):
        await until(world, says(page, "is here now"))
    assert len(documents(world)) == 1


async def test_ended_at_the_very_end_it_is_told_as_unsure(world: World, mine: EmulatedAccount) -> None:
    page = await offered(world, mine)
    world.person.press("Send it here", page)
    await world.handle()
    await world.database.execute("UPDATE delivery SET state = 'confirming'")
    async with everything_running(world):
        await until(world, says(page, "I don’t know whether"))
    assert documents(world) == []


async def test_logging_out_ends_it(world: World, mine: EmulatedAccount) -> None:
    page = await offered(world, mine)
    world.fichier.faults.add("download", "stall", at_byte=100_000)
    async with everything_running(world):
        await world.press("Send it here", page)
        await until(world, says(page, "⏳ Sending it here, "))
        await world.services.accounts.log_out(world.person.id)
        for _ in range(10):
            await world.clock.advance(60)
            await asyncio.sleep(REAL_SECONDS)
    assert documents(world) == []
    assert await state(world) is None


async def test_it_is_not_anothers_to_cancel(world: World, mine: EmulatedAccount) -> None:
    page = await offered(world, mine)
    world.person.press("Send it here", page)
    await world.handle()
    assert await world.press("Cancel", page, by=world.somebody()) == "This button isn’t yours."
    assert await state(world) is DeliveryState.QUEUED


async def test_during_maintenance_it_waits(world: World, mine: EmulatedAccount) -> None:
    page = await offered(world, mine)
    await world.services.maintenance.turn(on=True)
    async with everything_running(world):
        await world.press("Send it here", page)
        assert page.text.startswith("⏸ Waiting: its owner is working on this bot")
        await world.services.maintenance.turn(on=False)
        await until(world, says(page, "is here now"))
    assert len(documents(world)) == 1


async def test_who_is_kept_out_gets_nothing_more(world: World, mine: EmulatedAccount) -> None:
    page = await offered(world, mine)
    world.person.press("Send it here", page)
    await world.handle()
    assert await world.services.barring.bar(world.person.id) == 1
    assert await state(world) is DeliveryState.CANCELLED


async def test_in_a_group_that_became_another_chat_it_arrives_there(
    world: World, mine: EmulatedAccount
) -> None:
    group = Group(world.api, -500, "Friends", [world.person])
    member = world.person.in_group(group)
    member.say(f"/download@onefichier_test_bot {mine.add_file('a.txt', CONTENT).url}")
    await world.handle()
    member.press("Send it here", group.chat.last)
    await world.handle()
    group.migrate(-1_000_000_000_777)
    await world.handle()
    async with everything_running(world):
        await until(world, lambda: "a.txt is here now." in group.chat.last.text)
    assert [message.document is not None for message in group.chat.from_bot[-2:]] == [True, False]


async def test_an_old_cancel_button_does_no_harm(world: World, mine: EmulatedAccount) -> None:
    page = await offered(world, mine)
    world.person.press("Send it here", page)
    await world.handle()
    cancel = page.button("Cancel")
    async with everything_running(world):
        await until(world, says(page, "is here now"))
    await world.clock.advance(30 * 86_400.0)
    press = world.person.press(cancel, page)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "Already done."
    assert page.text.endswith("is here now.")


async def test_a_press_that_is_handled_again_after_a_crash_sends_nothing_twice(
    world: World, mine: EmulatedAccount
) -> None:
    page = await offered(world, mine)
    world.person.press("Send it here", page)
    raw = world.api.updates.pending[0]
    await world.handle()
    async with everything_running(world):
        await until(world, says(page, "is here now"))
        await process(world.application, Update.de_json(raw, world.application.bot))
        await until(world, lambda: not world.services.wakeups.deliveries.is_set())
    assert len(documents(world)) == 1
    assert page.text.endswith("is here now.")


async def test_a_database_that_cannot_be_written_for_a_while_loses_no_end(
    world: World, mine: EmulatedAccount
) -> None:
    page = await offered(world, mine)
    fault = world.fichier.faults.add("download", "stall", at_byte=100_000)
    async with everything_running(world):
        await world.press("Send it here", page)
        await until(world, says(page, "⏳ Sending it here, "))
        await world.database.set_writable(False)
        fault.released.set()
        await asyncio.sleep(REAL_SECONDS)
        await world.database.set_writable(True)
        await until(world, says(page, "is here now"))
    assert len(documents(world)) == 1
