from datetime import timedelta
from itertools import pairwise

import pytest

from emulators.botapi import SeenMessage
from handlers import StatusBoard
from storage import TransferState
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


async def sent(world: World, name: str = "a.bin", size: int = 2_000_000) -> None:
    world.person.send_file(name=name, size=size)
    await world.handle()


async def status_message(world: World) -> SeenMessage:
    await until(world, lambda: world.person.chat.matching("⏳"))
    found = world.person.chat.matching("⏳")
    assert found is not None

    async def is_noted() -> bool:
        batch = await world.services.batches.find(1)
        return batch is not None and batch.status_message_id is not None

    await noted(world, is_noted)
    return found


async def test_an_upload_ends_with_its_status_message_deleted_and_one_sound(world: World) -> None:
    await world.log_in()
    await sent(world)
    async with everything_running(world):
        result = await world.person.chat.wait_for("✅")
        await world.person.chat.wait_until(lambda chat: chat.visible[-1] is result and len(chat.visible) == 2)
    assert world.person.chat.notifications == [result]


async def test_progress_is_edited_at_most_every_three_seconds(world: World) -> None:
    await world.log_in()
    world.api.faults.add_download(bytes_per_second=2_000_000)
    await sent(world, size=1_500_000)
    services = world.services
    async with telling(world), in_background(services.uploads.run(), time_passing(world)):
        await world.person.chat.wait_for(lambda message: "Uploading" in message.text and "MB" in message.text)
        await world.person.chat.wait_for("✅", timeout=20)
    (status,) = [each for each in world.person.chat.from_bot if "⏳" in each.text]
    times = [edit.edited_at for edit in status.edits]
    assert len(times) > 1
    assert all(later - earlier >= timedelta(seconds=3) for earlier, later in pairwise(times))
    assert len({edit.text for edit in status.edits} | {status.text}) == len(status.edits) + 1


async def test_a_status_that_has_not_changed_is_not_sent_again(world: World) -> None:
    await world.log_in()
    await sent(world)
    async with telling(world):
        await status_message(world)
        before = len(world.api.transcript)
        for _ in range(3):
            world.services.wakeups.batch_changed(1)
            await pass_time(world, 5)
        assert len(world.api.transcript) == before


async def test_nothing_is_said_while_telegram_wants_a_rest(world: World) -> None:
    await world.log_in()
    await sent(world)
    world.api.faults.add(method="sendMessage", status=429, retry_after=20)
    async with telling(world):
        await until(world, lambda: world.api.transcript and world.api.transcript[-1].status == 429)
        await pass_time(world, 10)
        assert not world.person.chat.from_bot
        await pass_time(world, 10)
        await until(world, lambda: world.person.chat.from_bot)
    assert len(world.person.chat.from_bot) == 1


async def test_a_status_message_that_its_reader_deleted_does_not_come_back(world: World) -> None:
    await world.log_in()
    await sent(world)
    async with telling(world):
        first = await status_message(world)
        world.person.delete(first)
        await sent(world, "b.bin")
        await pass_time(world, 10)
    assert world.person.chat.from_bot == [first]


async def test_places_in_the_queue_are_brought_up_to_date(world: World) -> None:
    await world.log_in()
    await sent(world, "a.bin")
    await world.clock.advance(10)
    await sent(world, "b.bin")
    async with telling(world):
        await pass_time(world, 1)
        await until(world, lambda: world.person.chat.matching("1 before it"))
        await world.services.uploads.cancel(1, world.person.id)
        await pass_time(world, 31)
        await until(world, lambda: not world.person.chat.matching("1 before it"))


async def test_an_edit_that_telegram_failed_to_take_is_made_up_for(world: World) -> None:
    await world.log_in()
    world.person.say("/remote https://example.org/a.iso https://example.org/b.iso")
    await world.handle()
    async with telling(world):
        status = await status_message(world)
        world.api.faults.add(method="editMessageText", status=502)
        await world.services.remotes.stop(1, world.person.id)
        await until(world, lambda: world.api.transcript[-1].status == 502)
        assert "2 links" in status.text
        await pass_time(world, 31)
        await until(world, lambda: "2 links" not in status.text)


async def test_links_on_their_way_are_looked_at_when_something_happens_and_now_and_then(world: World) -> None:
    await world.log_in()
    world.person.say("/remote https://example.org/a.iso")
    await world.handle()
    async with telling(world):
        status = await status_message(world)
        await world.tell("/settings")
        await world.press("Language")
        await world.press("français")
        await pass_time(world, 31)
        assert "1fichier is fetching" in status.text
        await pass_time(world, 600)
        await until(world, lambda: "1fichier is fetching" not in status.text)


async def test_after_a_restart_a_status_left_over_is_deleted(world: World) -> None:
    await world.log_in()
    await sent(world)
    services = world.services
    async with telling(world):
        left = await status_message(world)
    await services.uploads.cancel(1, world.person.id)
    (fact,) = await services.outbox.due(world.clock.now() + timedelta(seconds=9), 9)
    await services.outbox.told(fact, world.clock.now())
    services.wakeups.changed.clear()

    async def is_clean() -> bool:
        return await services.batches.left_over() == []

    async with telling(world):
        await noted(world, is_clean)
    assert left.deleted


async def test_a_person_out_of_reach_does_not_stop_the_others(world: World) -> None:
    await world.log_in()
    await sent(world)
    world.person.block()
    eve = world.somebody()
    await world.log_in(eve)
    eve.send_file(name="eve.bin", size=10)
    await world.handle()
    async with telling(world):
        await until(world, lambda: eve.chat.matching("eve.bin"))
    assert not world.person.chat.from_bot


@pytest.mark.parametrize("status_code", [400, 502], ids=["refused", "unclear"])
async def test_a_status_that_telegram_does_not_take_is_left_alone(world: World, status_code: int) -> None:
    await world.log_in()
    await sent(world)
    world.api.faults.add(method="sendMessage", status=status_code)
    async with telling(world):
        await until(world, lambda: world.api.transcript and world.api.transcript[-1].status == status_code)
        await sent(world, "b.bin")
        await pass_time(world, 4)
        await until(world, lambda: world.person.chat.matching("2 files"))


async def test_what_is_forgotten_meanwhile_is_not_shown(world: World) -> None:
    await world.log_in()
    await sent(world)
    await world.services.accounts.log_out(world.person.id)
    async with telling(world):
        await pass_time(world, 1)
    assert not world.person.chat.from_bot


async def test_what_breaks_in_one_status_does_not_stop_the_others(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.log_in()
    await sent(world)
    # A size that no unit can hold.
    await world.database.execute("UPDATE transfer SET size = 'much'", {})
    async with telling(world):
        await until(world, lambda: "could not be shown" in caplog.text)
        eve = world.somebody()
        await world.log_in(eve)
        eve.send_file(name="eve.bin", size=10)
        await world.handle()
        await until(world, lambda: eve.chat.matching("eve.bin"))


async def test_a_status_that_arrives_after_the_result_is_deleted(world: World) -> None:
    await world.log_in()
    await sent(world)
    services = world.services
    world.api.faults.add(method="sendMessage", delay=0.3)
    async with in_background(StatusBoard(services).run()):
        await pass_time(world, 0.5)
        await services.uploads.cancel(1, world.person.id)
        (fact,) = await services.outbox.due(world.clock.now() + timedelta(seconds=9), 9)
        await services.outbox.told(fact, world.clock.now())
        await until(world, lambda: world.person.chat.from_bot and world.person.chat.from_bot[0].deleted)


async def test_a_status_message_that_its_reader_deleted_need_not_be_deleted(world: World) -> None:
    await world.log_in()
    await sent(world)
    services = world.services
    async with telling(world):
        left = await status_message(world)
        world.person.delete(left)
        await services.transfers.end(1, TransferState.FAILED, now=world.clock.now())
        services.wakeups.batch_item_ended(1)
        await pass_time(world, 3)

        async def is_clean() -> bool:
            batch = await services.batches.find(1)
            return batch is not None and batch.told_at is not None and batch.status_message_id is None

        await noted(world, is_clean)
