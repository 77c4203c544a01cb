"""What is stored is held against what was sent."""

import pytest

from emulators.botapi import VirtualFile, checksum
from emulators.onefichier import UPLOAD
from storage import Account, Reason, Transfer, TransferState
from tests.transfers.process import Options
from tests.transfers.world import World
from transfers import Verify

SIZE = 300_000
REMOVE = "file/rm.cgi"


@pytest.fixture
def options(request: pytest.FixtureRequest) -> Options:
    return Options(verify=getattr(request, "param", Verify.ALWAYS))


async def uploaded(world: World) -> Transfer:
    world.run_uploads()
    [row] = await world.ended(await world.send(VirtualFile(SIZE, seed=4)))
    return row


async def test_a_file_that_arrived_as_it_was_sent_is_recorded_as_verified(
    world: World, account: Account
) -> None:
    row = await uploaded(world)

    [stored] = world.account.files.values()
    assert (row.state, row.verified) == (TransferState.DONE, True)
    assert row.checksum == stored.whirlpool


@pytest.mark.parametrize("options", [Verify.NEVER], indirect=True)
async def test_what_was_not_compared_is_recorded_as_that(world: World, account: Account) -> None:
    row = await uploaded(world)

    assert (row.state, row.verified, row.checksum) == (TransferState.DONE, False, None)


async def test_a_damaged_copy_is_removed_and_the_file_sent_once_more(world: World, account: Account) -> None:
    world.fichier.uploads.spoil_times = 1

    row = await uploaded(world)

    assert (row.state, row.verified, row.damaged) == (TransferState.DONE, True, 1)
    assert [file.url for file in world.account.files.values()] == [row.link]
    assert next(iter(world.account.files.values())).sha256 == checksum(VirtualFile(SIZE, seed=4))
    assert len(world.calls(UPLOAD)) == 2
    assert len(world.calls(REMOVE)) == 1


async def test_a_file_that_is_damaged_twice_is_told_and_leaves_nothing_behind(
    world: World, account: Account
) -> None:
    world.fichier.uploads.spoil_times = 5

    row = await uploaded(world)

    assert (row.state, row.reason) == (TransferState.FAILED, Reason.DAMAGED)
    assert not world.account.files
    assert len(world.calls(UPLOAD)) == 2


async def test_a_damaged_copy_that_cannot_be_removed_yet_is_removed_later(
    world: World, account: Account
) -> None:
    world.fichier.uploads.spoil_times = 1
    world.fichier.faults.add(REMOVE, "status", status=503, times=4)

    row = await uploaded(world)

    assert row.state is TransferState.DONE
    assert [file.url for file in world.account.files.values()] == [row.link]
    assert len(world.calls(UPLOAD)) == 2


async def test_a_damaged_copy_that_will_not_go_is_told(world: World, account: Account) -> None:
    world.fichier.uploads.spoil_times = 1
    world.fichier.faults.add(REMOVE, "ko", status=403, text="Resource not allowed #631", times=None)

    row = await uploaded(world)

    assert (row.state, row.reason) == (TransferState.UNKNOWN, Reason.DAMAGED_COPY_LEFT)
    assert len(world.calls(UPLOAD)) == 1
    assert len(world.calls(REMOVE)) == 1


async def test_a_restart_between_removing_and_sending_again_does_not_count_twice(
    world: World, account: Account
) -> None:
    world.fichier.uploads.spoil_times = 1
    stall = world.fichier.faults.add(REMOVE, "stall", acts=True, times=1)
    world.run_uploads()
    transfer = await world.send(VirtualFile(SIZE, seed=4))
    await world.until(stall.struck.is_set)
    await world.quiet()
    await world.restart()
    stall.released.set()
    world.run_uploads()

    [row] = await world.ended(transfer)

    assert (row.state, row.damaged) == (TransferState.DONE, 1)
    assert [file.url for file in world.account.files.values()] == [row.link]


async def test_a_cancelled_file_is_deleted_whether_it_was_damaged_or_not(
    world: World, account: Account
) -> None:
    world.fichier.uploads.spoil_times = 1
    world.fichier.uploads.please_wait_seconds = 30
    world.run_uploads()
    transfer = await world.send(VirtualFile(SIZE, seed=4))
    await world.reaches(transfer, TransferState.CONFIRMING)
    await world.uploads.cancel(transfer.id, transfer.person_id)

    [row] = await world.ended(transfer)

    assert row.state is TransferState.CANCELLED
    assert not world.account.files
    assert len(world.calls(UPLOAD)) == 1
