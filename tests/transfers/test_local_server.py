"""A local Bot API server's disk: given out carefully, and left as clean as it was."""

from dataclasses import replace
from pathlib import Path

import pytest

from emulators.botapi import VirtualFile, checksum
from storage import Account, Reason, Transfer, TransferState
from tests.bot.waiting import until
from tests.transfers.process import Options
from tests.transfers.world import ADA, World
from transfers.sources import LOCAL_GET_FILE_TRIES

BOB = 43
SIZE = 300_000
GET_FILE = "getfile"
UNREACHABLE_SECONDS = 24 * 3600


@pytest.fixture
def options(tmp_path: Path) -> Options:
    directory = tmp_path / "telegram"
    directory.mkdir()
    return Options(local_dir=directory, free_bytes=10**12)


def files(world: World) -> list[Path]:
    assert world.options.local_dir is not None
    return [path for path in world.options.local_dir.rglob("file_*") if path.is_file()]


def asked(world: World) -> int:
    """How many calls were begun, those in vain included."""
    return world.telegram_app.begun[GET_FILE]


class TestRoom:
    @pytest.fixture
    def options(self, options: Options) -> Options:
        options.min_free_bytes = 1_000_000
        options.free_bytes = 1_000_000 + SIZE - 1
        return options

    async def test_no_file_is_asked_for_that_would_take_the_disk_below_its_floor(
        self, world: World, account: Account, options: Options
    ) -> None:
        world.run_uploads()
        transfer = await world.send(VirtualFile(SIZE))
        await world.passes(120)

        assert await world.state(transfer) is TransferState.QUEUED
        assert world.uploads.waits_for_room(transfer.id)
        assert asked(world) == 0

        options.free_bytes = 1_000_000 + SIZE
        [row] = await world.ended(transfer)
        assert row.state is TransferState.DONE
        assert not world.uploads.waits_for_room(transfer.id)

    async def test_a_smaller_one_goes_first_that_has_room(self, world: World, account: Account) -> None:
        world.run_uploads()
        large = await world.send(VirtualFile(SIZE))
        small = await world.send(VirtualFile(SIZE // 2))

        [row] = await world.ended(small)

        assert row.state is TransferState.DONE
        assert await world.state(large) is TransferState.QUEUED

    async def test_what_is_under_way_counts(self, world: World, account: Account, options: Options) -> None:
        options.free_bytes = 1_000_000 + SIZE
        world.telegram.faults.add(method=GET_FILE, delay=0.1, times=1)
        world.run_uploads()
        first, second = [await world.send(VirtualFile(SIZE - each)) for each in range(2)]
        await world.until(lambda: world.uploads.waits_for_room(second.id))

        assert await world.state(second) is TransferState.QUEUED
        rows = await world.ended(first, second)
        assert {row.state for row in rows} == {TransferState.DONE}

    async def test_a_size_that_nobody_told_is_taken_for_the_largest(
        self, world: World, account: Account, options: Options
    ) -> None:
        options.free_bytes = 3_000_000_000
        world.run_uploads()
        transfer = await world.send(VirtualFile(SIZE), announced=None)
        await world.passes(30)

        assert world.uploads.waits_for_room(transfer.id)

    async def test_after_a_day_without_room_the_person_is_told(self, world: World, account: Account) -> None:
        world.run_uploads()
        transfer = await world.send(VirtualFile(SIZE))
        await world.passes(10)
        await world.clock.advance(UNREACHABLE_SECONDS)

        [row] = await world.ended(transfer)

        assert (row.state, row.reason) == (TransferState.FAILED, Reason.NO_ROOM)
        assert not world.uploads.waits_for_room(transfer.id)

    async def test_a_day_in_the_queue_is_no_day_without_room(
        self, world: World, account: Account, options: Options
    ) -> None:
        transfer = await world.send(VirtualFile(SIZE))
        await world.clock.advance(UNREACHABLE_SECONDS + 60)
        world.run_uploads()
        await world.passes(60)

        assert world.uploads.waits_for_room(transfer.id)
        options.free_bytes = 1_000_000 + SIZE
        [row] = await world.ended(transfer)
        assert row.state is TransferState.DONE

    async def test_a_file_that_is_there_already_needs_none(
        self, world: World, account: Account, options: Options
    ) -> None:
        options.free_bytes = 1_000_000 + SIZE
        stall = world.fichier.faults.add("upload/get_upload_server.cgi", "stall")
        world.run_uploads()
        transfer = await world.send(VirtualFile(SIZE))
        await world.until(stall.struck.is_set)
        assert files(world)
        options.free_bytes = 1_000_000
        await world.restart()
        stall.released.set()
        world.run_uploads()

        [row] = await world.ended(transfer)

        assert row.state is TransferState.DONE


class TestAServerThatTakesItsTime:
    @pytest.fixture
    def options(self, options: Options) -> Options:
        options.at_once = 1
        return options

    async def test_is_asked_again_when_a_call_has_waited_long_enough(
        self, world: World, account: Account, options: Options
    ) -> None:
        options.local_patience = 0.05
        await world.restart()
        transfer = await world.send(VirtualFile(SIZE, seed=2))
        there = world.telegram.files.hold(transfer.file_id)
        world.run_uploads()
        await until(lambda: asked(world) >= 3)
        assert await world.state(transfer) is TransferState.FETCHING
        there.set()

        [row] = await world.ended(transfer)

        assert (row.state, row.tries) == (TransferState.DONE, 1)
        [file] = world.account.files.values()
        assert file.sha256 == checksum(VirtualFile(SIZE, seed=2))

    async def test_is_let_alone_for_a_while_when_it_has_been_silent_for_hours(
        self, world: World, account: Account, options: Options
    ) -> None:
        options.local_patience = 0.01
        await world.restart()
        transfer = await world.send(VirtualFile(SIZE))
        there = world.telegram.files.hold(transfer.file_id)
        world.run_uploads()
        await until(lambda: asked(world) >= LOCAL_GET_FILE_TRIES)
        await world.reaches(transfer, TransferState.QUEUED)
        there.set()

        [row] = await world.ended(transfer)

        assert row.state is TransferState.DONE

    async def test_holds_nobody_else_up(self, world: World, account: Account) -> None:
        await world.log_in(BOB, world.fichier.add_account())
        slow = await world.send(VirtualFile(SIZE))
        there = world.telegram.files.hold(slow.file_id)
        world.run_uploads()
        await world.reaches(slow, TransferState.FETCHING)
        quick = await world.send(VirtualFile(SIZE), person_id=BOB)

        [row] = await world.ended(quick)

        assert row.state is TransferState.DONE
        assert await world.state(slow) is TransferState.FETCHING
        there.set()


class TestDeleting:
    async def test_a_file_goes_when_its_transfer_was_settled_by_another_process(
        self, world: World, account: Account
    ) -> None:
        world.fichier.uploads.please_wait_seconds = 60
        world.run_uploads()
        transfer = await world.send(VirtualFile(SIZE))
        await world.reaches(transfer, TransferState.CONFIRMING)
        await world.restart()
        assert files(world)
        world.run_uploads()

        await world.ended(transfer)
        await world.quiet()

        assert not files(world)

    async def test_a_file_goes_whose_transfer_ended_as_the_process_died(
        self, world: World, account: Account
    ) -> None:
        stall = world.fichier.faults.add("upload/get_upload_server.cgi", "stall")
        world.run_uploads()
        transfer = await world.send(VirtualFile(SIZE))
        await world.until(stall.struck.is_set)
        await world.stop()
        await world.transfers.end(transfer.id, TransferState.FAILED, now=world.clock.now())
        await world.start()
        stall.released.set()
        assert files(world)

        world.run_uploads()

        await world.until(lambda: not files(world))

    async def test_a_file_stays_as_long_as_another_transfer_needs_it(
        self, world: World, account: Account
    ) -> None:
        first = await world.file(VirtualFile(SIZE))
        await world.log_in(BOB, world.fichier.add_account())
        world.run_uploads()
        one = (await world.uploads.accept(ADA, first, sent_at=world.clock.now())).transfer
        other = await _again(world, first.file_id, first.file_unique_id)

        rows = await world.ended(one, other)
        await world.quiet()

        assert {row.state for row in rows} == {TransferState.DONE}
        assert not files(world)

    async def test_the_files_of_who_logs_out_go_with_them(self, world: World, account: Account) -> None:
        stall = world.fichier.faults.add("upload/get_upload_server.cgi", "stall")
        world.run_uploads()
        await world.send(VirtualFile(SIZE))
        await world.until(stall.struck.is_set)
        assert files(world)

        await world.result(world.process.accounts.log_out(ADA))

        assert not files(world)


async def _again(world: World, file_id: str, file_unique_id: str) -> Transfer:
    """The same Telegram file, sent by somebody else."""
    file = await world.file(b"x", person_id=BOB)
    same = replace(file, file_id=file_id, file_unique_id=file_unique_id, size=SIZE)
    return (await world.uploads.accept(BOB, same, sent_at=world.clock.now())).transfer
