"""The process ends at every point of a file's way, and another one goes on over the same database."""

import functools

import pytest

from emulators.botapi import VirtualFile, checksum
from emulators.onefichier import END_OF_BODY, REPORT, UPLOAD
from storage import Account, CancelOutcome, TransferState
from tests.transfers.world import ADA, World
from transfers import TRIES

SIZE = 400_000


async def assert_there_once(world: World, row_link: str | None) -> None:
    [file] = world.account.files.values()
    assert file.sha256 == checksum(VirtualFile(SIZE))
    assert file.url == row_link


def _was_sent(world: World, times: int) -> bool:
    return len(world.calls(UPLOAD)) == times


async def test_queued(world: World, account: Account) -> None:
    transfer = await world.send(VirtualFile(SIZE))

    await world.restart()
    world.run_uploads()

    [row] = await world.ended(transfer)
    await assert_there_once(world, row.link)


@pytest.mark.parametrize("state", [TransferState.FETCHING, TransferState.SENDING])
async def test_before_1fichier_can_have_it(world: World, account: Account, state: TransferState) -> None:
    if state is TransferState.FETCHING:
        world.telegram.faults.add(method="getFile", delay=20)
    else:
        world.telegram.faults.add_download(stall_after=200_000)
    world.run_uploads()
    transfer = await world.send(VirtualFile(SIZE))
    await world.reaches(transfer, state)
    await world.quiet()

    await world.restart()
    assert (await world.row(transfer)).active
    world.run_uploads()

    [row] = await world.ended(transfer)
    assert row.tries == 1
    await assert_there_once(world, row.link)


@pytest.mark.parametrize("stored", [True, False], ids=["stored before", "stored by the next process"])
async def test_when_1fichier_may_have_it(world: World, account: Account, stored: bool) -> None:
    world.fichier.faults.add(UPLOAD, "cut", acts=True)
    if stored:
        world.fichier.uploads.please_wait_seconds = 60
    else:
        world.fichier.faults.add(REPORT, "status", status=503, times=3)
    world.run_uploads()
    transfer = await world.send(VirtualFile(SIZE))
    await world.until(lambda: bool(world.calls(REPORT)))
    assert bool(world.account.files) is stored

    await world.restart()
    assert await world.state(transfer) is TransferState.CONFIRMING
    world.run_uploads()

    [row] = await world.ended(transfer)
    await assert_there_once(world, row.link)
    assert len(world.calls(UPLOAD)) == 1


async def test_tries_that_ended_with_their_process_do_not_count(world: World, account: Account) -> None:
    world.fichier.faults.add(UPLOAD, "cut", at_byte=END_OF_BODY, times=TRIES)
    world.run_uploads()
    transfer = await world.send(VirtualFile(SIZE))
    for times in range(1, TRIES + 1):
        await world.until(functools.partial(_was_sent, world, times))
        assert await world.state(transfer) is TransferState.CONFIRMING
        await world.restart()
        world.run_uploads()

    [row] = await world.ended(transfer)
    assert row.tries == 1
    await assert_there_once(world, row.link)


async def test_after_days_the_search_for_a_file_has_its_whole_time(world: World, account: Account) -> None:
    world.fichier.faults.add(UPLOAD, "cut", acts=True)
    world.fichier.faults.add(REPORT, "status", status=503, times=3)
    world.fichier.uploads.please_wait_seconds = 120
    world.run_uploads()
    transfer = await world.send(VirtualFile(SIZE))
    await world.until(lambda: bool(world.calls(REPORT)))

    await world.stop()
    await world.clock.advance(3600)
    await world.start()
    world.run_uploads()

    [row] = await world.ended(transfer)
    await assert_there_once(world, row.link)
    assert len(world.calls(UPLOAD)) == 1


@pytest.mark.parametrize("state", [TransferState.FETCHING, TransferState.CONFIRMING])
async def test_a_wish_to_cancel_outlives_the_process(
    world: World, account: Account, state: TransferState
) -> None:
    transfer = await world.send(VirtualFile(SIZE))
    if state is TransferState.CONFIRMING:
        world.fichier.uploads.please_wait_seconds = 60
        world.run_uploads()
        await world.until(lambda: bool(world.calls(REPORT)))
        await world.uploads.cancel(transfer.id, ADA)
        await world.restart()
    else:
        # Taken up by a process that ended before it did anything.
        await world.transfers.take_next(per_person=2, now=world.clock.now())
        assert await world.transfers.cancel(transfer.id, ADA, world.clock.now()) is CancelOutcome.CANCELLED
    world.run_uploads()

    [row] = await world.ended(transfer)
    assert row.state is TransferState.CANCELLED
    assert not world.account.files


async def test_a_cancel_meets_a_file_that_nobody_has_taken_up_yet(world: World, account: Account) -> None:
    transfer = await world.send()
    await world.transfers.take_next(per_person=2, now=world.clock.now())

    assert await world.uploads.cancel(transfer.id, ADA) is CancelOutcome.CANCELLED

    assert await world.state(transfer) is TransferState.CANCELLED


@pytest.mark.parametrize("state", [TransferState.SENDING, TransferState.CONFIRMING])
async def test_a_database_that_cannot_be_written_for_a_while_costs_no_file_and_no_restart(
    world: World, account: Account, state: TransferState, caplog: pytest.LogCaptureFixture
) -> None:
    if state is TransferState.SENDING:
        world.options.stall_seconds = 0.5
        await world.restart()
        world.telegram.faults.add_download(stall_after=200_000)
    else:
        world.fichier.uploads.please_wait_seconds = 30
    world.run_uploads()
    transfer = await world.send(VirtualFile(SIZE))
    await world.reaches(transfer, state)
    await world.database.set_writable(False)
    await world.until(lambda: "broke off" in caplog.text)
    assert await world.state(transfer) is state

    await world.database.set_writable(True)

    [row] = await world.ended(transfer)
    assert row.state is TransferState.DONE
    await assert_there_once(world, row.link)
