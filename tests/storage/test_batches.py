from datetime import timedelta

import pytest

from storage import BATCH_FILES, BATCH_GAP, CancelOutcome, Reason, TransferState
from tests.storage.conftest import NOON, Stores, after


@pytest.mark.parametrize(
    ("sent", "batches"),
    [
        pytest.param([0, 0, 0, 0], 1, id="an album"),
        pytest.param([0, 2, 4, 6, 8], 1, id="two seconds between one and the next, eight in all"),
        pytest.param([0, 3], 2, id="three seconds between"),
        pytest.param([0, 1, 4, 5], 2, id="two gestures"),
        pytest.param([1, 0, 2], 1, id="handled out of order"),
        pytest.param([0, 2, 4, 1, 6], 1, id="an early one handled late does not move the end back"),
        pytest.param([4, 2, 0], 1, id="handled backwards"),
        pytest.param([10, 4], 2, id="an early one that belongs elsewhere"),
    ],
)
async def test_files_join_by_the_time_between_them(stores: Stores, sent: list[float], batches: int) -> None:
    account = await stores.person(1)
    joined = {(await stores.accept(account, sent=each, now=20)).batch.id for each in sent}
    assert len(joined) == batches


async def test_the_next_batch_begins_after_fifty_files(stores: Stores) -> None:
    account = await stores.person(1)
    ids = [(await stores.accept(account)).batch.id for _ in range(BATCH_FILES + 2)]
    assert [ids.count(each) for each in dict.fromkeys(ids)] == [BATCH_FILES, 2]


async def test_chats_and_people_have_batches_of_their_own(stores: Stores) -> None:
    first, second = await stores.person(1), await stores.person(2)
    batches = {
        (await stores.accept(account, chat=chat)).batch.id for account in (first, second) for chat in (-5, -6)
    }
    assert len(batches) == 4


async def test_the_result_replies_to_the_earliest_message_whatever_was_handled_first(stores: Stores) -> None:
    account = await stores.person(1)
    batches = [(await stores.accept(account, message=message)).batch for message in (12, 11, 13)]
    assert [batch.reply_to for batch in batches] == [12, 11, 11]


async def test_the_result_is_due_when_nothing_can_join_any_more(stores: Stores) -> None:
    account = await stores.person(1)
    accepted = await stores.accept(account)
    await stores.done(accepted)
    assert await stores.due(BATCH_GAP.total_seconds() - 0.01) == []
    assert await stores.due(BATCH_GAP.total_seconds()) == [("batch_ended", accepted.batch.id)]


async def test_the_result_is_not_due_while_one_file_is_under_way(stores: Stores) -> None:
    account = await stores.person(1)
    first, second = await stores.accept(account), await stores.accept(account)
    await stores.done(first)
    assert await stores.due(60) == []
    await stores.done(second)
    assert await stores.due(60) == [("batch_ended", first.batch.id)]


async def test_a_file_that_joins_after_the_end_takes_the_result_back_until_it_has_ended(
    stores: Stores,
) -> None:
    account = await stores.person(1)
    first = await stores.accept(account)
    await stores.done(first)
    (stale,) = await stores.facts(5)
    second = await stores.accept(account, sent=2, now=5)
    assert second.batch.id == first.batch.id
    assert await stores.due(60) == []
    assert await stores.batches.close(first.batch.id, after(5)) is None
    await stores.done(second)
    # Whoever was about to tell the earlier end may put it off or drop it: the later end stands.
    await stores.outbox.put_off(stale, after(9999))
    await stores.outbox.drop(stale)
    assert await stores.due(7) == [("batch_ended", first.batch.id)]


async def test_a_refused_file_that_joins_after_the_end_delays_the_result(stores: Stores) -> None:
    account = await stores.person(1)
    first = await stores.accept(account)
    await stores.done(first)
    await stores.accept(account, sent=1, now=1.5, refused=Reason.TOO_BIG)
    assert await stores.due(3) == []
    assert await stores.due(3.5) == [("batch_ended", first.batch.id)]


async def test_refused_files_alone_have_no_result(stores: Stores) -> None:
    account = await stores.person(1)
    batch = (await stores.accept(account, refused=Reason.TOO_BIG)).batch
    assert await stores.due(60) == []
    assert await stores.batches.under_way() == []
    last = await stores.accept(account, sent=1)
    assert last.batch.id == batch.id
    await stores.done(last)
    assert await stores.due(60) == [("batch_ended", batch.id)]


async def test_nothing_joins_a_closed_batch(stores: Stores) -> None:
    account = await stores.person(1)
    first = await stores.accept(account)
    await stores.done(first)
    closed = await stores.batches.close(first.batch.id, after(2))
    assert closed is not None
    assert closed.closed_at == after(2)
    again = await stores.batches.close(first.batch.id, after(9))
    assert again is not None
    assert again.closed_at == after(2)
    second = await stores.accept(account, sent=1, now=3)
    assert second.batch.id != first.batch.id
    assert await stores.due(3) == [("batch_ended", first.batch.id)]


async def test_a_batch_that_is_not_there_is_not_closed(stores: Stores) -> None:
    assert await stores.batches.close(404, NOON) is None
    assert await stores.batches.find(404) is None


async def test_cancelled_files_end_a_batch_like_others(stores: Stores) -> None:
    account = await stores.person(1)
    accepted = await stores.accept(account)
    assert await stores.transfers.cancel(accepted.transfer.id, 1, NOON) is CancelOutcome.CANCELLED
    assert await stores.due(60) == [("batch_ended", accepted.batch.id)]


async def test_the_messages_about_a_batch_are_remembered(stores: Stores) -> None:
    batch = (await stores.accept(await stores.person(1))).batch
    await stores.batches.note_status_message(batch.id, 70)
    await stores.batches.note_notice_message(batch.id, 71)
    found = await stores.batch(batch.id)
    assert (found.status_message_id, found.notice_message_id) == (70, 71)
    await stores.batches.note_status_message(batch.id, None)
    assert (await stores.batch(batch.id)).status_message_id is None


async def test_under_way_are_the_batches_that_somebody_waits_for(stores: Stores) -> None:
    account = await stores.person(1)
    running = await stores.accept(account, sent=0)
    ended = await stores.accept(account, sent=100)
    await stores.transfers.end(ended.transfer.id, TransferState.FAILED, now=after(100))
    (remote,) = await stores.want(account, "https://example.org/a")
    (silent,) = await stores.want(account, "https://example.org/b")
    await stores.remotes.stop_telling(silent.id, 1)
    assert [batch.id for batch in await stores.batches.under_way()] == [running.batch.id, remote.batch_id]


async def test_left_over_are_told_batches_whose_status_message_stands(stores: Stores) -> None:
    account = await stores.person(1)
    told, untold, clean = [await stores.accept(account, sent=100 * n) for n in range(3)]
    for each in (told, untold, clean):
        await stores.done(each)
    for each in (told, untold):
        await stores.batches.note_status_message(each.batch.id, 70)
    for fact in await stores.facts(1000):
        await stores.outbox.told(fact, after(1000))
    for fact in await stores.facts(1000):
        if fact.subject == clean.batch.id:
            await stores.outbox.told(fact, after(1000))
    assert [batch.id for batch in await stores.batches.left_over()] == [told.batch.id]


async def test_pruning_drops_what_was_told_before_then_with_its_files(stores: Stores) -> None:
    account = await stores.person(1)
    accepted = await stores.accept(account)
    await stores.done(accepted)
    assert await stores.batches.prune(after(50)) == 0, "its result is due"
    (fact,) = await stores.facts(60)
    await stores.outbox.told(fact, after(60))
    assert (await stores.batch(accepted.batch.id)).told_at == after(60)
    assert await stores.batches.prune(after(60)) == 0
    assert await stores.batches.prune(after(61)) == 1
    assert await stores.count("transfer") == 0


async def test_pruning_keeps_what_is_under_way_however_old(stores: Stores) -> None:
    account = await stores.person(1)
    await stores.accept(account)
    await stores.want(account, "https://example.org/a")
    await stores.accept(account, sent=100, refused=Reason.EMPTY)
    assert await stores.batches.prune(NOON + timedelta(days=400)) == 1
    assert await stores.count("batch") == 2
