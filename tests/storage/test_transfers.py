from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from storage import (
    CancelOutcome,
    IncomingFile,
    Reason,
    RetryOf,
    TransferState,
    TransferStore,
    Trouble,
    Vault,
)
from tests.storage.conftest import NOON, Stores, after


async def test_a_file_comes_out_as_it_went_in(stores: Stores) -> None:
    account = await stores.person(1)
    file = IncomingFile(-5, 7, "file", "unique", "video", 'été "<x>".mp4', "été ''x''.mp4", 3_000_000_000)
    accepted = await stores.transfers.accept(1, file, account, sent_at=NOON, now=after(1.5))
    transfer = accepted.transfer
    assert accepted.new
    assert transfer == await stores.transfer(transfer.id)
    assert (transfer.person_id, transfer.account_id, transfer.batch_id) == (1, account.id, accepted.batch.id)
    assert {key: getattr(transfer, key) for key in file.__dataclass_fields__} == vars(file)
    assert (transfer.state, transfer.active, transfer.tries) == (TransferState.QUEUED, True, 0)
    assert (transfer.created_at, transfer.ended_at, transfer.not_before) == (after(1.5), None, None)


async def test_the_same_file_of_the_same_message_is_accepted_once(stores: Stores) -> None:
    account = await stores.person(1)
    first = await stores.accept(account, message=7)
    await stores.done(first)
    again = await stores.accept(account, message=7, sent=100)
    assert (again.new, again.transfer.id, again.batch.id) == (False, first.transfer.id, first.batch.id)
    assert again.transfer.state is TransferState.DONE
    assert await stores.count("batch") == 1


async def test_a_refused_file_ends_on_arrival(stores: Stores) -> None:
    transfer = (await stores.accept(await stores.person(1), refused=Reason.TOO_BIG)).transfer
    assert (transfer.state, transfer.refused, transfer.reason) == (
        TransferState.FAILED,
        True,
        Reason.TOO_BIG,
    )
    assert transfer.ended_at == NOON
    assert await stores.take() is None


async def test_a_file_on_its_whole_way(stores: Stores) -> None:
    accepted = await stores.accept(await stores.person(1), size=None)
    transfer_id = await stores.taken(accepted)
    await stores.transfers.note_size(transfer_id, 10)
    assert await stores.transfers.begin_sending(transfer_id, node_url="https://up1", upload_id="u1")
    sending = await stores.transfer(transfer_id)
    assert (sending.state, sending.node_url, sending.node_upload_id, sending.size) == (
        TransferState.SENDING,
        "https://up1",
        "u1",
        10,
    )
    assert await stores.transfers.begin_confirming(transfer_id, checksum="c0ffee", now=after(9))
    await stores.transfers.note_redirected(transfer_id)
    confirming = await stores.transfer(transfer_id)
    assert (confirming.state, confirming.whole_at, confirming.redirected, confirming.checksum) == (
        TransferState.CONFIRMING,
        after(9),
        True,
        "c0ffee",
    )
    assert await stores.finish(transfer_id, "abc", now=10)
    done = await stores.transfer(transfer_id)
    assert (done.state, done.link, done.stored_name, done.stored_size, done.ended_at, done.active) == (
        TransferState.DONE,
        "https://1fichier.com/?abc",
        "a.txt",
        10,
        after(10),
        False,
    )
    assert await stores.transfers.of_link(1, "abc") == done
    assert await stores.transfers.of_link(2, "abc") is None


async def test_an_end_keeps_its_reason_and_is_final(stores: Stores) -> None:
    transfer_id = await stores.taken(await stores.accept(await stores.person(1)))
    await stores.transfers.end(
        transfer_id, TransferState.FAILED, now=after(1), reason=Reason.REFUSED, detail="Quota"
    )
    await stores.transfers.end(transfer_id, TransferState.UNKNOWN, now=after(2))
    await stores.transfers.queue_again(transfer_id, not_before=after(3))
    ended = await stores.transfer(transfer_id)
    assert (ended.state, ended.reason, ended.detail, ended.ended_at) == (
        TransferState.FAILED,
        Reason.REFUSED,
        "Quota",
        after(1),
    )


async def test_files_of_a_batch_and_of_a_person_are_listed(stores: Stores) -> None:
    account = await stores.person(1)
    late = await stores.accept(account, message=12)
    early = await stores.accept(account, message=11)
    other = await stores.accept(await stores.person(2))
    assert [each.message_id for each in await stores.transfers.of_batch(early.batch.id)] == [11, 12]
    await stores.done(late)
    assert [each.id for each in await stores.transfers.active_of(1)] == [early.transfer.id]
    assert [each.id for each in await stores.transfers.active_of(2)] == [other.transfer.id]
    assert await stores.transfers.find(404) is None


async def test_queueing_again_forgets_the_earlier_try(stores: Stores) -> None:
    transfer_id = await stores.confirming(await stores.accept(await stores.person(1)))
    await stores.transfers.note_redirected(transfer_id)
    await stores.transfers.queue_again(transfer_id, not_before=after(60))
    queued = await stores.transfer(transfer_id)
    assert (queued.state, queued.not_before, queued.tries) == (TransferState.QUEUED, after(60), 1)
    assert (queued.node_url, queued.node_upload_id, queued.whole_at, queued.checksum, queued.redirected) == (
        None,
        None,
        None,
        None,
        False,
    )


async def test_a_try_that_was_not_the_files_fault_does_not_count(stores: Stores) -> None:
    transfer_id = await stores.taken(await stores.accept(await stores.person(1)))
    await stores.transfers.queue_again(transfer_id, not_before=NOON, count=False)
    assert (await stores.transfer(transfer_id)).tries == 0


async def test_a_service_that_is_away_is_noted_until_the_last_piece_may_go_out(stores: Stores) -> None:
    accepted = await stores.accept(await stores.person(1))
    transfer_id = await stores.taken(accepted)
    assert (await stores.transfer(transfer_id)).trouble is None
    away = Trouble(2, after(5))
    await stores.transfers.queue_again(transfer_id, not_before=NOON, count=False, trouble=away)
    assert (await stores.transfer(transfer_id)).trouble == away
    await stores.sending(accepted)
    await stores.transfers.queue_again(transfer_id, not_before=NOON, count=False)
    assert (await stores.transfer(transfer_id)).trouble == away, "a restart tells nothing of the service"
    await stores.confirming(accepted)
    assert (await stores.transfer(transfer_id)).trouble is None


async def test_what_is_tried_again_has_had_no_trouble(stores: Stores) -> None:
    transfer_id = await stores.taken(await stores.accept(await stores.person(1)))
    await stores.transfers.queue_again(transfer_id, not_before=NOON, trouble=Trouble(9, NOON))
    await stores.transfers.end(transfer_id, TransferState.FAILED, now=NOON)
    await stores.retries.begin(RetryOf.FILE, transfer_id, 1, after(60))
    again = await stores.transfer(transfer_id)
    assert (again.state, again.trouble) == (TransferState.QUEUED, None)


# After a crash


async def test_what_left_the_queue_and_has_not_ended_is_known(stores: Stores) -> None:
    account = await stores.person(1)
    fetching, sending, confirming, done, _ = [await stores.accept(account) for _ in range(5)]
    await stores.done(done)
    await stores.confirming(confirming)
    await stores.sending(sending)
    await stores.taken(fetching)
    under_way = await stores.transfers.under_way()
    assert [each.id for each in under_way] == [each.transfer.id for each in (fetching, sending, confirming)]


async def test_what_was_not_whole_is_queued_again_as_if_it_had_not_been_tried(stores: Stores) -> None:
    sending = await stores.accept(await stores.person(1))
    await stores.sending(sending)
    await stores.transfers.queue_again(sending.transfer.id, not_before=NOON, count=False)
    again = await stores.transfer(sending.transfer.id)
    assert (again.state, again.tries, again.node_url) == (TransferState.QUEUED, 0, None)


async def test_what_was_cancelled_while_running_ends_when_it_is_queued_again(stores: Stores) -> None:
    transfer_id = await stores.taken(await stores.accept(await stores.person(1)))
    await stores.transfers.cancel(transfer_id, 1, NOON)
    await stores.transfers.queue_again(transfer_id, not_before=NOON, count=False)
    assert await stores.take() is None
    assert (await stores.transfer(transfer_id)).state is TransferState.CANCELLED


# Cancelling


async def test_a_queued_file_is_cancelled_at_once(stores: Stores) -> None:
    accepted = await stores.accept(await stores.person(1))
    assert await stores.transfers.cancel(accepted.transfer.id, 1, after(5)) is CancelOutcome.CANCELLED
    cancelled = await stores.transfer(accepted.transfer.id)
    assert (cancelled.state, cancelled.ended_at) == (TransferState.CANCELLED, after(5))
    assert await stores.transfers.cancel(accepted.transfer.id, 1, after(6)) is CancelOutcome.CANCELLED


@pytest.mark.parametrize("state", ["fetching", "sending"])
async def test_a_running_file_goes_no_further_once_it_was_cancelled(stores: Stores, state: str) -> None:
    accepted = await stores.accept(await stores.person(1))
    transfer_id = await (stores.taken if state == "fetching" else stores.sending)(accepted)
    assert await stores.transfers.cancel(transfer_id, 1, NOON) is CancelOutcome.CANCELLED
    running = await stores.transfer(transfer_id)
    assert (running.state.value, running.cancelling) == (state, True)
    assert not await stores.transfers.begin_sending(transfer_id, node_url="https://up1", upload_id="u1")
    assert not await stores.transfers.begin_confirming(transfer_id, checksum=None, now=NOON)
    await stores.transfers.end(transfer_id, TransferState.CANCELLED, now=NOON)
    assert (await stores.transfer(transfer_id)).state is TransferState.CANCELLED


async def test_a_file_that_may_be_there_already_is_to_be_deleted(stores: Stores) -> None:
    transfer_id = await stores.confirming(await stores.accept(await stores.person(1)))
    assert await stores.transfers.cancel(transfer_id, 1, NOON) is CancelOutcome.DELETING
    assert await stores.transfers.cancel(transfer_id, 1, after(1)) is CancelOutcome.DELETING
    confirming = await stores.transfer(transfer_id)
    assert (confirming.state, confirming.cancelling) == (TransferState.CONFIRMING, True)


async def test_a_link_that_comes_after_the_wish_to_delete_it_is_not_recorded(stores: Stores) -> None:
    transfer_id = await stores.confirming(await stores.accept(await stores.person(1)))
    await stores.transfers.cancel(transfer_id, 1, NOON)
    assert not await stores.finish(transfer_id)
    assert (await stores.transfer(transfer_id)).state is TransferState.CONFIRMING
    assert await stores.due(60) == []


@pytest.mark.parametrize("state", ["fetching", "sending", "confirming"])
async def test_a_cancelled_file_that_would_be_sent_again_ends_instead(stores: Stores, state: str) -> None:
    accepted = await stores.accept(await stores.person(1))
    begin = {"fetching": stores.taken, "sending": stores.sending, "confirming": stores.confirming}[state]
    transfer_id = await begin(accepted)
    await stores.transfers.cancel(transfer_id, 1, after(3))
    await stores.transfers.queue_again(transfer_id, not_before=after(600))
    ended = await stores.transfer(transfer_id)
    assert (ended.state, ended.ended_at) == (TransferState.CANCELLED, after(3))
    assert await stores.due(3) == [("batch_ended", accepted.batch.id)]


@pytest.mark.parametrize("state", [TransferState.DONE, TransferState.FAILED, TransferState.UNKNOWN])
async def test_what_has_ended_cannot_be_cancelled(stores: Stores, state: TransferState) -> None:
    accepted = await stores.accept(await stores.person(1))
    if state is TransferState.DONE:
        await stores.done(accepted)
    else:
        await stores.transfers.end(accepted.transfer.id, state, now=NOON)
    assert await stores.transfers.cancel(accepted.transfer.id, 1, NOON) is CancelOutcome.TOO_LATE
    assert (await stores.transfer(accepted.transfer.id)).state is state


async def test_nobody_cancels_what_is_not_theirs(stores: Stores) -> None:
    accepted = await stores.accept(await stores.person(1), chat=-5)
    await stores.person(2)
    assert await stores.transfers.cancel(accepted.transfer.id, 2, NOON) is CancelOutcome.NOT_THEIRS
    assert await stores.transfers.cancel(404, 1, NOON) is CancelOutcome.NOT_THEIRS
    assert (await stores.transfer(accepted.transfer.id)).state is TransferState.QUEUED


# Whose link it is


async def test_a_link_belongs_to_one_transfer(stores: Stores) -> None:
    account = await stores.person(1)
    first = await stores.confirming(await stores.accept(account))
    second = await stores.confirming(await stores.accept(account))
    assert await stores.finish(first, "abc")
    assert not await stores.finish(second, "abc")
    assert (await stores.transfer(second)).state is TransferState.CONFIRMING
    assert await stores.finish(first, "abc"), "recording it once more changes nothing"
    assert await stores.finish(second, "def")


async def test_links_of_transfers_and_of_remote_uploads_are_owned(stores: Stores) -> None:
    account = await stores.person(1)
    assert await stores.finish(await stores.confirming(await stores.accept(account)), "abc")
    (remote,) = await stores.want(account, "https://example.org/a")
    await stores.remotes.begin_requesting(remote.id, NOON)
    await stores.remotes.note_executed(remote.id, link="https://1fichier.com/?def", link_id="def")
    assert await stores.transfers.links_owned(["abc", "def", "ghi"]) == {"abc", "def"}


@pytest.mark.parametrize(
    ("name", "size", "theirs", "expected"),
    [
        pytest.param("a.txt", 10, False, True, id="same name and size"),
        pytest.param("b.txt", 10, False, False, id="another name"),
        pytest.param("a.txt", 11, False, False, id="another size"),
        pytest.param("a.txt", 10, True, False, id="in another account"),
    ],
)
async def test_twins_are_files_that_could_be_taken_for_each_other(
    stores: Stores, name: str, size: int, theirs: bool, expected: bool
) -> None:
    account = await stores.person(1)
    mine = await stores.accept(account)
    other = await stores.accept(await stores.person(2) if theirs else account, name=name, size=size)
    await stores.confirming(mine)
    transfer = await stores.transfer(mine.transfer.id)
    assert not await stores.transfers.twins(transfer), "the other has not been sent whole"
    await stores.confirming(other)
    assert await stores.transfers.twins(transfer) is expected


async def test_a_twin_of_unknown_outcome_may_still_turn_up_for_a_day(stores: Stores) -> None:
    account = await stores.person(1)
    lost = await stores.confirming(await stores.accept(account))
    await stores.transfers.end(lost, TransferState.UNKNOWN, now=after(600))
    mine = await stores.transfer(await stores.confirming(await stores.accept(account), now=700))
    assert await stores.transfers.twins(mine)
    assert not await stores.transfers.twins(replace(mine, whole_at=NOON + timedelta(hours=25)))
    assert await stores.transfers.twins(await stores.transfer(lost))


# Guest uploads


async def test_the_code_that_removes_a_guest_upload_is_sealed_and_kept_until_it_was_used(
    stores: Stores,
) -> None:
    transfer_id = await stores.confirming(await stores.accept(await stores.person(1)))
    link = "https://1fichier.com/remove/abc/planted-31c"
    await stores.transfers.note_guest_upload(transfer_id, link)
    await stores.transfers.end(transfer_id, TransferState.FAILED, now=NOON, reason=Reason.GUEST_UPLOAD)
    assert await stores.database.erase_traces()
    assert b"planted-31c" not in stores.database.path.read_bytes()
    assert await stores.transfers.guest_uploads() == [(transfer_id, link)]
    await stores.transfers.note_guest_removed(transfer_id)
    assert await stores.transfers.guest_uploads() == []


async def test_a_guest_upload_that_no_key_opens_does_not_keep_the_others(
    stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    account = await stores.person(1)
    ids = [await stores.confirming(await stores.accept(account)) for _ in range(2)]
    await stores.transfers.note_guest_upload(ids[0], "https://1fichier.com/remove/a/b")
    other = TransferStore(stores.database, Vault([Fernet.generate_key().decode()]))
    await other.note_guest_upload(ids[1], "https://1fichier.com/remove/c/d")
    assert await other.guest_uploads() == [(ids[1], "https://1fichier.com/remove/c/d")]
    assert f"transfer {ids[0]} cannot be removed" in caplog.text
