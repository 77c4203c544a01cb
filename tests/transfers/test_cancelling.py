"""A person changes their mind, at every point of a file's way."""

import pytest

from emulators.botapi import VirtualFile
from emulators.onefichier import REPORT, UPLOAD
from storage import Account, CancelOutcome, Reason, TransferState
from tests.transfers.world import ADA, World

SIZE = 400_000
BOB = 43


async def test_a_queued_file_is_never_begun(world: World, account: Account) -> None:
    transfer = await world.send()

    assert await world.uploads.cancel(transfer.id, ADA) is CancelOutcome.CANCELLED

    world.run_uploads()
    await world.passes(60)
    assert await world.state(transfer) is TransferState.CANCELLED
    assert not world.telegram.calls("getFile")


async def test_a_file_that_is_asked_of_telegram_is_let_go(world: World, account: Account) -> None:
    world.telegram.faults.add(method="getFile", delay=20)
    world.run_uploads()
    transfer = await world.send()
    await world.reaches(transfer, TransferState.FETCHING)
    await world.until(lambda: bool(world.telegram_app.running))

    assert await world.uploads.cancel(transfer.id, ADA) is CancelOutcome.CANCELLED

    assert await world.state(transfer) is TransferState.CANCELLED
    assert world.uploads.progress(transfer.id) is None


async def test_a_file_on_its_way_closes_its_connections(world: World, account: Account) -> None:
    world.telegram.faults.add_download(stall_after=100_000)
    world.run_uploads()
    transfer = await world.send(VirtualFile(SIZE))
    await world.until(lambda: bool(world.telegram_app.running and world.fichier_app.running))

    assert await world.uploads.cancel(transfer.id, ADA) is CancelOutcome.CANCELLED

    assert await world.state(transfer) is TransferState.CANCELLED
    await world.closed()
    await world.passes(60)
    assert not world.account.files
    assert len(world.calls(UPLOAD)) == 1


@pytest.mark.parametrize("link", ["by its report", "by its folder"])
async def test_a_file_that_1fichier_may_have_is_deleted_when_it_appears(
    world: World, account: Account, link: str
) -> None:
    world.fichier.uploads.please_wait_seconds = 100
    world.fichier.faults.add(UPLOAD, "cut", acts=True)
    if link == "by its folder":
        world.fichier.uploads.please_wait_seconds = 0
        world.fichier.listing_lag = 100
        world.fichier.faults.add(REPORT, "cut", acts=True)
        world.fichier.faults.add(REPORT, "status", status=404, times=None)
    world.run_uploads()
    transfer = await world.send(VirtualFile(SIZE))
    await world.reaches(transfer, TransferState.CONFIRMING)

    assert await world.uploads.cancel(transfer.id, ADA) is CancelOutcome.DELETING
    assert await world.state(transfer) is TransferState.CONFIRMING

    [row] = await world.ended(transfer)
    assert row.state is TransferState.CANCELLED
    assert not world.account.files
    assert row.link is None
    assert len(world.calls(UPLOAD)) == 1


async def test_a_deletion_whose_answer_is_lost_is_asked_for_again(world: World, account: Account) -> None:
    world.fichier.uploads.please_wait_seconds = 10
    world.fichier.faults.add("file/rm.cgi", "cut", acts=True)
    world.run_uploads()
    transfer = await world.send()
    await world.reaches(transfer, TransferState.CONFIRMING)

    await world.uploads.cancel(transfer.id, ADA)

    [row] = await world.ended(transfer)
    assert row.state is TransferState.CANCELLED
    assert [call.status for call in world.calls("file/rm.cgi")] == [0, 404]


async def test_a_deletion_that_cannot_be_made_yet_is_not_given_up(world: World, account: Account) -> None:
    world.fichier.uploads.please_wait_seconds = 10
    world.fichier.faults.add("file/rm.cgi", "flood", times=2)
    world.run_uploads()
    transfer = await world.send()
    await world.reaches(transfer, TransferState.CONFIRMING)

    await world.uploads.cancel(transfer.id, ADA)

    [row] = await world.ended(transfer)
    assert row.state is TransferState.CANCELLED
    assert not world.account.files
    assert world.clock.elapsed > 800


async def test_a_deletion_that_is_refused_is_not_repeated_and_is_told(world: World, account: Account) -> None:
    world.fichier.uploads.please_wait_seconds = 10
    world.fichier.faults.add("file/rm.cgi", "ko", status=403, text="Resource not allowed #631", times=None)
    world.run_uploads()
    transfer = await world.send()
    await world.reaches(transfer, TransferState.CONFIRMING)

    await world.uploads.cancel(transfer.id, ADA)

    [row] = await world.ended(transfer)
    assert (row.state, row.reason) == (TransferState.UNKNOWN, Reason.NOT_ALLOWED)
    assert len(world.calls("file/rm.cgi")) == 1


async def test_a_file_that_never_appears_ends_as_cancelled(world: World, account: Account) -> None:
    world.fichier.faults.add(UPLOAD, "cut", at_byte=2**62)
    world.run_uploads()
    transfer = await world.send()
    await world.reaches(transfer, TransferState.CONFIRMING)

    await world.uploads.cancel(transfer.id, ADA)

    [row] = await world.ended(transfer)
    assert row.state is TransferState.CANCELLED
    assert len(world.calls(UPLOAD)) == 1


async def test_a_cancelled_guest_upload_does_not_wait_for_a_key(world: World, account: Account) -> None:
    world.fichier.uploads.dead_key = "guest"
    world.fichier.uploads.please_wait_seconds = 30
    world.fichier.revoke_key(world.account)
    world.run_uploads()
    transfer = await world.send()
    await world.reaches(transfer, TransferState.CONFIRMING)

    await world.uploads.cancel(transfer.id, ADA)

    [row] = await world.ended(transfer)
    assert row.state is TransferState.CANCELLED
    assert not world.fichier.guest_files


async def test_the_end_of_a_file_is_too_late(world: World, account: Account) -> None:
    world.run_uploads()
    transfer = await world.send()
    await world.ended(transfer)

    assert await world.uploads.cancel(transfer.id, ADA) is CancelOutcome.TOO_LATE
    assert len(world.account.files) == 1


async def test_nobody_cancels_what_is_not_theirs(world: World, account: Account) -> None:
    transfer = await world.send()
    await world.log_in(BOB)

    assert await world.uploads.cancel(transfer.id, BOB) is CancelOutcome.NOT_THEIRS
    assert await world.uploads.cancel(999, BOB) is CancelOutcome.NOT_THEIRS
    assert await world.state(transfer) is TransferState.QUEUED


async def test_a_batch_is_cancelled_with_all_that_is_left_of_it(world: World, account: Account) -> None:
    files = [await world.send(name=f"{number}.bin") for number in range(3)]

    outcomes = await world.uploads.cancel_batch(files[0].batch_id, ADA)

    assert outcomes == [CancelOutcome.CANCELLED] * 3
    assert {await world.state(each) for each in files} == {TransferState.CANCELLED}


async def test_a_logout_ends_what_runs_and_leaves_nothing(world: World, account: Account) -> None:
    world.telegram.faults.add_download(stall_after=100, times=None)
    world.fichier.uploads.please_wait_seconds = 1e6
    world.run_uploads()
    for number in range(5):
        await world.send(VirtualFile(SIZE), f"{number}.bin")
    await world.until(lambda: bool(world.telegram_app.running))

    await world.process.accounts.log_out(ADA)

    await world.closed()
    rows = await world.database.fetch_all("SELECT * FROM transfer")
    assert not rows
    count = len(world.fichier.calls)
    await world.passes(600)
    assert len(world.fichier.calls) == count
