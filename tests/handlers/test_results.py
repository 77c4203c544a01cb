"""What is told by itself: once, in order, and kept for those who cannot be reached."""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from emulators.botapi.attachments import Attachment
from emulators.user import Group
from handlers import JobBoard, Postman, StatusBoard
from storage import Database, Fact, FactKind, OutboxStore, Reason, TransferState
from tests.handlers.flow import (
    everything_running,
    in_background,
    noted,
    pass_time,
    telling,
    time_passing,
    until,
)
from tests.handlers.world import World


async def sent(world: World, *names: str) -> None:
    for name in names:
        world.person.send_file(name=name, size=10)
    await world.handle()


async def ended(world: World, *, reason: Reason = Reason.BROKEN) -> None:
    """Have what was sent end without a link."""
    for transfer in await world.services.transfers.active_of(world.person.id):
        await world.services.transfers.end(
            transfer.id, TransferState.FAILED, now=world.clock.now(), reason=reason
        )
    await world.clock.advance(3)


async def depth(world: World) -> int:
    return await world.services.outbox.depth()


async def is_told(world: World) -> None:
    async def nothing_is_due() -> bool:
        return await depth(world) == 0

    await noted(world, nothing_is_due)


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


async def test_a_rest_that_telegram_wants_is_taken(world: World) -> None:
    await world.log_in()
    await sent(world, "a.txt")
    await ended(world)
    world.api.faults.add(method="sendMessage", status=429, retry_after=20)
    async with telling(world):
        await until(world, lambda: world.api.transcript[-1].status == 429)
        await pass_time(world, 10)
        assert not world.person.chat.from_bot
        await pass_time(world, 11)
        await until(world, lambda: world.person.chat.from_bot)
    assert len(world.person.chat.notifications) == 1


async def ended_with_fifty_links(world: World) -> None:
    """A result that needs two messages."""
    await sent(world, *(f"{number:02}{'n' * 90}.txt" for number in range(50)))
    for transfer in await world.services.transfers.active_of(world.person.id):
        link_id = f"{transfer.id:020}"
        await world.services.transfers.finish(
            transfer.id,
            link=f"https://1fichier.com/?{link_id}",
            link_id=link_id,
            name=transfer.name,
            size=10,
            now=world.clock.now(),
        )
    await world.clock.advance(3)


@pytest.mark.parametrize("seconds", [5, 3_600], ids=["short", "long"])
async def test_a_rest_between_two_parts_does_not_tell_the_first_one_twice(world: World, seconds: int) -> None:
    await world.log_in()
    await ended_with_fifty_links(world)
    world.api.faults.add(method="sendMessage", status=429, retry_after=seconds, spare=1)
    async with telling(world):
        await until(world, lambda: world.api.transcript and world.api.transcript[-1].status == 429)
        await world.clock.advance(seconds)
        await is_told(world)
    first, second = world.person.chat.from_bot
    assert (first.silent, second.silent) == (False, True)
    assert (first.text + second.text).count("1fichier.com/?") == 50


async def test_a_part_that_was_told_is_not_told_again_after_a_restart(world: World) -> None:
    await world.log_in()
    await ended_with_fifty_links(world)
    world.api.faults.add(method="sendMessage", status=429, retry_after=20, spare=1)
    async with telling(world):
        await until(world, lambda: world.api.transcript and world.api.transcript[-1].status == 429)
    async with telling(world):
        await pass_time(world, 25)
        await is_told(world)
    first, second = world.person.chat.from_bot
    assert (first.text + second.text).count("1fichier.com/?") == 50


async def test_what_telegram_refuses_is_told_in_the_fewest_words(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.log_in()
    await sent(world, "a.txt")
    await ended(world)
    world.api.faults.add(method="sendMessage", status=400, description="Bad Request: can't parse entities")
    async with telling(world):
        await until(world, lambda: world.person.chat.from_bot)
        await is_told(world)
    assert [each.text for each in world.person.chat.from_bot] == ["0 of 1 done."]
    assert "told in the fewest words" in caplog.text


async def test_what_telegram_refuses_twice_is_set_aside(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.log_in()
    await sent(world, "a.txt")
    await ended(world)
    world.api.faults.add(method="sendMessage", status=400, times=2)
    async with telling(world):
        await is_told(world)
    assert not world.person.chat.from_bot
    assert [record.levelno for record in caplog.records if "set aside" in record.message] == [logging.ERROR]
    assert "a.txt" not in caplog.text


@pytest.mark.parametrize("drop", ["before", "after"])
async def test_an_answer_that_never_came_is_asked_for_again(world: World, drop: str) -> None:
    await world.log_in()
    await sent(world, "a.txt")
    await ended(world)
    world.api.faults.add(method="sendMessage", drop="before" if drop == "before" else "after")
    async with telling(world):
        await is_told(world)
    assert len(world.person.chat.from_bot) == (1 if drop == "before" else 2)


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


async def test_a_refused_key_is_told_once_with_what_waits(world: World) -> None:
    account = await world.log_in()
    world.fichier.revoke_key(account)
    await sent(world, "a.txt", "b.txt", "c.txt")
    async with everything_running(world):
        told = await world.person.chat.wait_for("🔑 1fichier no longer accepts your key.")
        await world.person.chat.wait_for("🔑 Waiting for your key: /login")
    assert told.text.splitlines()[1] == (
        "3 uploads and links are waiting. They go on as soon as you send a new key with /login"
    )
    assert world.person.chat.notifications == [told]


async def test_a_refused_key_with_nothing_to_do_asks_for_a_new_one(world: World) -> None:
    account = await world.log_in()
    world.fichier.revoke_key(account)
    async with telling(world):
        await world.tell("/list")
        await until(world, lambda: world.person.chat.matching("Send a new one with /login"))


async def test_a_key_that_was_replaced_meanwhile_is_not_complained_about(world: World) -> None:
    account = await world.log_in()
    world.fichier.revoke_key(account)
    await world.tell("/list")
    answered = world.person.chat.last
    await world.services.accounts.log_in(world.person.id, world.fichier.rotate_key(account))
    async with telling(world):
        await is_told(world)
    assert world.person.chat.last is answered


@pytest.mark.parametrize(
    ("files", "links", "what"),
    [(2, 1, "2 uploads and 1 link"), (1, 0, "1 upload"), (0, 2, "2 links")],
    ids=["both", "uploads", "links"],
)
async def test_a_pause_is_told_silently_with_what_waits(
    world: World, files: int, links: int, what: str
) -> None:
    await world.log_in()
    await sent(world, *(f"{number}.txt" for number in range(files)))
    if links:
        await world.tell("/remote " + " ".join(f"https://example.org/{number}" for number in range(links)))
    until_when = world.clock.now() + timedelta(minutes=95)
    await world.services.outbox.put(
        world.person.id, world.person.id, FactKind.PAUSED, int(until_when.timestamp()), now=world.clock.now()
    )
    async with telling(world):
        await until(world, lambda: world.person.chat.matching("slow down"))
    told = world.person.chat.matching("slow down")
    assert told is not None
    assert told.silent
    assert told.text.splitlines() == [
        "⏸ 1fichier asked me to slow down.",
        f"{what}: waiting until about 13:35 (UTC), then going on.",
        "Nothing is lost and you needn’t do anything.",
    ]


async def test_a_pause_that_is_over_is_not_told(world: World) -> None:
    await world.log_in()
    await sent(world, "a.txt")
    over = int(world.clock.now().timestamp()) - 1
    await world.services.outbox.put(
        world.person.id, world.person.id, FactKind.PAUSED, over, now=world.clock.now()
    )
    async with telling(world):
        await is_told(world)
    assert not world.person.chat.matching("slow down")


async def test_the_quota_is_told_once_1fichier_may_be_asked(world: World) -> None:
    await world.log_in()
    account = await world.services.people.account_in_use(world.person.id)
    assert account is not None
    when = world.clock.now() + timedelta(seconds=20)
    await world.services.files.tell_account_info_later(account, world.person.id, when)
    world.fichier.faults.add("user/info.cgi", "status")
    async with telling(world):
        await pass_time(world, 15)
        assert not world.person.chat.from_bot
        # The call that failed has used up what may be asked of it for some minutes.
        async with in_background(time_passing(world)):
            await until(world, lambda: world.person.chat.matching("📊"))


async def test_the_quota_of_who_has_left_is_not_told(world: World) -> None:
    await world.log_in()
    account = await world.services.people.account_in_use(world.person.id)
    assert account is not None
    await world.services.files.tell_account_info_later(account, world.person.id, world.clock.now())
    await world.services.people.note_key_refused(account, world.clock.now())
    async with telling(world):
        await is_told(world)
    assert [each.text.splitlines()[0] for each in world.person.chat.from_bot] == [
        "🔑 1fichier no longer accepts your key."
    ]


async def test_files_that_waited_too_long_for_a_key_are_told(world: World) -> None:
    await sent(world, "a.txt")
    await world.clock.advance(25 * 3_600)
    await world.services.transfers.expire_without_key(
        world.clock.now() - timedelta(hours=24), world.clock.now()
    )
    async with telling(world):
        await until(world, lambda: world.person.chat.matching("I kept it for 24 hours without a key"))


async def test_a_long_rest_in_one_chat_does_not_hold_up_the_others(world: World) -> None:
    await world.log_in()
    await sent(world, "a.txt")
    eve = world.somebody()
    await world.log_in(eve)
    eve.send_file(name="b.txt", size=10)
    await world.handle()
    for transfer in [*await world.services.transfers.active_of(eve.id)]:
        await world.services.transfers.end(transfer.id, TransferState.FAILED, now=world.clock.now())
    await ended(world)
    world.api.faults.add(method="sendMessage", chat_id=world.person.id, delay=1, status=502)
    async with telling(world):
        await until(world, lambda: eve.chat.from_bot)
        assert not world.person.chat.from_bot
        await until(world, lambda: world.person.chat.from_bot)


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
