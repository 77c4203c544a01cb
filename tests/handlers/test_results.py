"""What is told by itself of files and links: once, in order, and kept for those who cannot be reached."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from emulators.botapi.attachments import Attachment
from emulators.user import Group
from handlers import JobBoard, Postman, StatusBoard
from storage import Database, Fact, FactKind, OutboxStore, TransferState
from tests.handlers.flow import everything_running, in_background, pass_time, telling, until
from tests.handlers.outbox import depth, ended, is_told, sent
from tests.handlers.world import World


class LateReader(OutboxStore):
    """What it has read of a fact that is being told reaches the postman when that has been told."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._handed_out: set[int] = set()
        self._has_told = asyncio.Event()
        self.read_again = False

    async def due(self, now: datetime, limit: int) -> list[Fact]:
        facts = await super().due(now, limit)
        if any(each.id in self._handed_out for each in facts):
            self.read_again = True
            await self._has_told.wait()
        self._handed_out |= {each.id for each in facts}
        return facts

    async def told(self, fact: Fact, now: datetime, *, clean_up: bool = False) -> None:
        await super().told(fact, now, clean_up=clean_up)
        self._has_told.set()


async def test_a_fact_that_was_read_while_it_was_told_is_told_once(world: World) -> None:
    await world.log_in()
    await sent(world, "a.txt")
    outbox = LateReader(world.database)
    services = replace(world.services, outbox=outbox)
    board, job_board = StatusBoard(services), JobBoard(services)
    world.api.faults.add(method="sendMessage", delay=0.05)
    async with in_background(Postman(services, board, job_board).run()):
        await ended(world)

        def looks_again() -> bool:
            services.wakeups.outbox.set()
            return outbox.read_again

        await until(world, looks_again)
        await is_told(world)
        await pass_time(world, 2)
    assert [each.text.splitlines()[0] for each in world.person.chat.notifications] == [
        "⚠️ a.txt was not uploaded."
    ]


async def test_an_album_gets_one_result_that_rings_once(world: World) -> None:
    account = await world.log_in()
    first, *_ = world.person.send_album([Attachment(name=f"{n}.txt", size=100) for n in range(4)])
    await world.handle()
    async with everything_running(world):
        result = await world.person.chat.wait_for("4 files uploaded")
        await world.person.chat.wait_until(
            lambda chat: [each for each in chat.visible if each.from_bot] == [result]
        )
    assert world.person.chat.notifications == [result]
    assert result.reply_to is first
    assert all(file.url in result.text for file in account.files.values())


async def test_a_result_with_a_strange_name_shows_it_as_it_is(world: World) -> None:
    await world.log_in()
    world.person.send_file(name="<b>\u202egpj.exe & 🎉.txt", size=10)
    await world.handle()
    async with everything_running(world):
        result = await world.person.chat.wait_for("✅")
    assert result.text.startswith("✅ <b>gpj.exe & 🎉.txt · 10 bytes")
    assert "doesn’t allow < and > in names: saved as ＜b＞gpj.exe & 🎉.txt" in result.text


async def test_when_all_was_cancelled_the_status_message_says_so_without_a_sound(world: World) -> None:
    await world.log_in()
    async with telling(world):
        await sent(world, "a.txt")
        await until(world, lambda: world.person.chat.matching("⏳"))
        assert await world.press("Cancel") == "Cancelled."
        await pass_time(world, 3)
        await until(world, lambda: world.person.chat.matching("Cancelled:"))
        await is_told(world)
        await pass_time(world, 5)
    (status,) = world.person.chat.from_bot
    assert status.html == "Cancelled: <b>a.txt</b> was not uploaded."
    assert not status.deleted
    assert not status.buttons
    assert not world.person.chat.notifications


async def test_when_all_was_cancelled_before_there_was_a_status_it_is_said(world: World) -> None:
    await world.log_in()
    await sent(world, "a.txt", "b.txt")
    await world.services.uploads.cancel_batch(1, world.person.id)
    async with telling(world):
        await pass_time(world, 3)
        await until(world, lambda: world.person.chat.from_bot)
    assert world.person.chat.last.text == "Cancelled: 2 files were not uploaded."
    assert not world.person.chat.notifications


async def test_a_result_is_kept_for_who_cannot_be_reached(world: World) -> None:
    await world.log_in()
    await sent(world, "a.txt")
    await ended(world)
    world.person.block()
    await world.handle()
    async with telling(world):
        await pass_time(world, 30)
        assert await depth(world) == 1
        world.person.unblock()
        await world.handle()
        await until(world, lambda: world.person.chat.matching("was not uploaded"))


async def test_a_block_that_is_found_out_by_sending_keeps_the_result_too(world: World) -> None:
    await world.log_in()
    await sent(world, "a.txt")
    await ended(world)
    world.person.chat.bot_status = "kicked"
    async with telling(world):
        await pass_time(world, 5)
        assert await depth(world) == 1
        world.person.unblock()
        await world.handle()
        await until(world, lambda: world.person.chat.matching("was not uploaded"))


async def test_a_file_that_joins_late_puts_the_result_off(world: World) -> None:
    await world.log_in()
    await sent(world, "a.txt")
    (transfer,) = await world.services.transfers.active_of(world.person.id)
    await world.services.transfers.end(transfer.id, TransferState.FAILED, now=world.clock.now())
    await sent(world, "b.txt")
    await world.clock.advance(3)
    async with telling(world):
        await pass_time(world, 5)
        assert not world.person.chat.notifications
        await ended(world)
        world.services.wakeups.batch_item_ended(1)
        await until(world, lambda: world.person.chat.matching("None of 2 files"))


async def test_the_result_of_a_file_in_a_group_is_told_there(world: World) -> None:
    await world.log_in()
    group = Group(world.api, -100, "Friends", [world.person], bot_is_admin=True)
    file = world.person.in_group(group).send_file(name="a.txt", size=5, caption="@onefichier_test_bot")
    await world.handle()
    async with everything_running(world):
        result = await group.chat.wait_for("✅")
    assert result.reply_to is file
    assert not world.person.chat.from_bot


async def test_a_group_that_became_a_supergroup_is_told_there(world: World) -> None:
    await world.log_in()
    group = Group(world.api, -100, "Friends", [world.person], bot_is_admin=True)
    world.person.in_group(group).send_file(name="a.txt", size=5, caption="@onefichier_test_bot")
    await world.handle()
    await ended(world)
    group.migrate(-1_000_000_000_777)
    async with telling(world):
        await until(world, lambda: group.chat.matching("was not uploaded"))
        await is_told(world)


async def test_files_that_waited_too_long_for_a_key_are_told(world: World) -> None:
    await sent(world, "a.txt")
    await world.clock.advance(25 * 3_600)
    await world.services.transfers.expire_without_key(
        world.clock.now() - timedelta(hours=24), world.clock.now()
    )
    async with telling(world):
        await until(world, lambda: world.person.chat.matching("I kept it for 24 hours without a key"))


async def test_a_batch_that_is_forgotten_is_not_told(world: World) -> None:
    await world.log_in()
    await sent(world, "a.txt")
    await ended(world)
    await world.database.execute("DELETE FROM batch", {})
    async with telling(world):
        await is_told(world)
    assert not world.person.chat.from_bot


async def test_a_status_message_deleted_by_its_reader_does_not_keep_the_last_word_back(world: World) -> None:
    await world.log_in()
    async with telling(world):
        await sent(world, "a.txt")
        await until(world, lambda: world.person.chat.matching("⏳"))
        await pass_time(world, 1)
        world.person.delete(world.person.chat.last)
        await world.services.uploads.cancel(1, world.person.id)
        await pass_time(world, 3)
        await until(world, lambda: world.person.chat.matching("Cancelled:"))


async def test_local_state_that_cannot_be_read_for_a_while_loses_nothing(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.log_in()
    await sent(world, "a.txt")
    await ended(world)
    await world.database.execute("ALTER TABLE transfer RENAME TO elsewhere", {})
    async with in_background(
        Postman(world.services, StatusBoard(world.services), JobBoard(world.services)).run()
    ):
        await until(world, lambda: "stays due" in caplog.text)
        await world.database.execute("ALTER TABLE elsewhere RENAME TO transfer", {})
        await until(world, lambda: world.person.chat.matching("was not uploaded"))


async def test_what_breaks_while_a_fact_is_rendered_sets_it_aside(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.log_in()
    now = world.clock.now()
    # A moment that no calendar has.
    await world.services.outbox.put(world.person.id, world.person.id, FactKind.PAUSED, 10**15, now=now)
    async with telling(world):
        await is_told(world)
    assert "could not be told" in caplog.text
    assert "set aside" in caplog.text


async def test_a_stop_lets_a_result_that_is_on_its_way_be_recorded(world: World) -> None:
    await world.log_in()
    await sent(world, "a.txt")
    await ended(world)
    world.api.faults.add(method="sendMessage", delay=0.05)
    postman = asyncio.create_task(
        Postman(world.services, StatusBoard(world.services), JobBoard(world.services)).run()
    )
    # Begun, and not answered yet: the emulator answers after its delay.
    await until(world, lambda: world.telegram_app.running)
    postman.cancel()
    await asyncio.wait({postman})
    assert "a.txt" in world.person.chat.last.text
    assert await depth(world) == 0
    async with telling(world):
        await pass_time(world, 10)
    assert len([each for each in world.person.chat.from_bot if "a.txt" in each.text]) == 1
