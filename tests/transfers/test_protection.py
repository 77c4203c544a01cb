"""Files that get a password: through restarts, and never without it."""

from storage import Account, Reason, TransferState
from tests.transfers.world import ADA, World

SECRET = "planted-password"
BEYOND = TransferState.CONFIRMING


async def test_a_file_gets_the_password_of_when_it_came_whatever_happens_meanwhile(
    world: World, account: Account
) -> None:
    await world.people.set_upload_password(ADA, SECRET)
    transfer = await world.send()
    await world.people.set_upload_password(ADA, None)
    await world.restart()
    world.run_uploads()

    [row] = await world.ended(transfer)

    assert row.state is TransferState.DONE
    assert [file.password for file in world.account.files.values()] == [SECRET]
    assert row.protected
    assert row.sealed_password is None, "it has no more use"


async def test_a_password_that_cannot_be_read_any_more_keeps_the_file_from_being_open(
    world: World, account: Account
) -> None:
    await world.people.set_upload_password(ADA, SECRET)
    transfer = await world.send()
    await world.database.execute("UPDATE transfer SET sealed_password = :junk", {"junk": b"junk"})
    world.run_uploads()

    [row] = await world.ended(transfer)

    assert (row.state, row.reason) == (TransferState.FAILED, Reason.PASSWORD_UNREADABLE)
    assert not world.account.files


async def test_a_file_that_is_refused_on_arrival_keeps_no_password(world: World, account: Account) -> None:
    await world.people.set_upload_password(ADA, SECRET)
    transfer = await world.send(announced=0)
    assert (transfer.refused, transfer.protected, transfer.sealed_password) == (True, False, None)


async def test_a_cancelled_file_keeps_no_password(world: World, account: Account) -> None:
    await world.people.set_upload_password(ADA, SECRET)
    transfer = await world.send()
    assert transfer.sealed_password is not None
    await world.uploads.cancel(transfer.id, ADA)
    assert (await world.row(transfer)).sealed_password is None
