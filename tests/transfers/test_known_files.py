"""Files that the account has already: asked about once, and never lost between two processes."""

import pytest

from emulators.botapi import VirtualFile
from storage import Account, Reason, Transfer, TransferState
from tests.transfers.world import ADA, World

INFO = "file/info.cgi"
UPLOAD = "upload.cgi"
CONTENT = VirtualFile(300_000)


async def known(world: World) -> Transfer:
    """A file that has been uploaded; another row of the same Telegram file will be the second."""
    world.run_uploads()
    [row] = await world.ended(await world.send(CONTENT, unique="same"))
    assert row.state is TransferState.DONE
    return row


async def test_a_second_row_ends_with_the_link_of_the_first(world: World, account: Account) -> None:
    first = await known(world)

    [second] = await world.ended(await world.send(CONTENT, "another name.bin", unique="same"))

    assert (second.state, second.link, second.there_since) == (TransferState.DONE, first.link, first.ended_at)
    assert (second.stored_name, second.stored_size) == ("a.bin", CONTENT.size)
    assert len(world.calls(UPLOAD)) == 1
    assert len(world.calls(INFO)) == 1


async def test_a_file_with_an_answer_still_to_come_waits_through_a_restart(
    world: World, account: Account
) -> None:
    await known(world)
    transfer = await world.send(CONTENT)
    assert transfer.held

    await world.restart()
    world.run_uploads()
    await world.passes(3600)
    assert await world.state(transfer) is TransferState.QUEUED
    assert await world.process.known_files.answer(transfer.batch_id, ADA, upload=True) == 1

    [row] = await world.ended(transfer)
    assert row.state is TransferState.DONE
    assert len(world.account.files) == 2


async def test_an_answer_outlives_the_process_that_was_given_it(world: World, account: Account) -> None:
    await known(world)
    transfer = await world.send(CONTENT)
    await world.process.known_files.answer(transfer.batch_id, ADA, upload=True)

    await world.restart()
    world.run_uploads()

    [row] = await world.ended(transfer)
    assert row.state is TransferState.DONE


async def test_nobody_answers_for_another_person(world: World, account: Account) -> None:
    await known(world)
    transfer = await world.send(CONTENT)

    assert await world.process.known_files.answer(transfer.batch_id, ADA + 1, upload=True) == 0
    assert (await world.row(transfer)).held


async def test_without_an_answer_it_ends_after_a_day(world: World, account: Account) -> None:
    await known(world)
    transfer = await world.send(CONTENT)

    await world.clock.advance(86_400 + 120)
    [row] = await world.ended(transfer)

    assert (row.state, row.reason) == (TransferState.FAILED, Reason.NOT_ANSWERED)


async def test_a_restart_in_the_middle_of_the_question_to_1fichier_asks_anew(
    world: World, account: Account
) -> None:
    first = await known(world)
    stall = world.fichier.faults.add(INFO, "stall")
    transfer = await world.send(CONTENT, unique="same")
    await world.until(stall.struck.is_set)

    await world.restart()
    world.run_uploads()

    [row] = await world.ended(transfer)
    assert (row.link, row.tries) == (first.link, 1)
    assert len(world.calls(UPLOAD)) == 1


@pytest.mark.parametrize(("kind", "times"), [("flood", 2), ("status", 3), ("ip_locked", 1)])
async def test_while_1fichier_cannot_be_asked_nothing_is_sent(
    world: World, account: Account, kind: str, times: int
) -> None:
    first = await known(world)
    world.fichier.faults.add(INFO, kind, times=times)

    [row] = await world.ended(await world.send(CONTENT, unique="same"))

    assert row.link == first.link
    assert len(world.calls(UPLOAD)) == 1


async def test_what_1fichier_does_not_show_is_sent(world: World, account: Account) -> None:
    await known(world)
    world.fichier.faults.add(INFO, "ko", text="Resource not allowed #631", status=403)

    [row] = await world.ended(await world.send(CONTENT, unique="same"))

    assert row.there_since is None
    assert len(world.account.files) == 2


async def test_what_has_become_somebody_elses_is_sent(world: World, account: Account) -> None:
    await known(world)
    other = world.fichier.add_account()
    other.files, world.account.files = world.account.files, other.files

    [row] = await world.ended(await world.send(CONTENT, unique="same"))

    assert row.there_since is None
    assert len(world.account.files) == 1


async def test_a_refused_key_parks_the_question_too(world: World, account: Account) -> None:
    first = await known(world)
    world.fichier.revoke_key(world.account)
    transfer = await world.send(CONTENT, unique="same")
    await world.passes(120)
    assert await world.state(transfer) is TransferState.QUEUED

    await world.people.store_key(ADA, world.fichier.rotate_key(world.account), world.clock.now())
    world.process.wakeups.queue.set()

    [row] = await world.ended(transfer)
    assert row.link == first.link


async def test_cancelled_while_it_is_asked_about_it_ends_as_cancelled(world: World, account: Account) -> None:
    await known(world)
    stall = world.fichier.faults.add(INFO, "stall")
    transfer = await world.send(CONTENT, unique="same")
    await world.until(stall.struck.is_set)

    await world.uploads.cancel(transfer.id, ADA)

    [row] = await world.ended(transfer)
    assert row.state is TransferState.CANCELLED


async def test_when_the_first_of_two_fails_the_second_is_sent(world: World, account: Account) -> None:
    first, second = [await world.send(CONTENT, unique="same") for _ in range(2)]
    world.telegram.files.unavailable.add(first.file_id)
    world.run_uploads()

    rows = await world.ended(first, second)

    assert [row.state for row in rows] == [TransferState.FAILED, TransferState.DONE]
    assert len(world.account.files) == 1
