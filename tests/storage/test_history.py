"""What is older than the history is not kept for those who will not come back for it."""

from storage import FactKind, HistoryStore, Reason, TransferState
from tests.storage.conftest import NOON, Stores, after

DAY = 86_400.0


async def test_what_is_due_in_a_chat_that_was_out_of_reach_all_the_while_goes(stores: Stores) -> None:
    history = HistoryStore(stores.database)
    for person in (1, 2):
        await stores.person(person)
        await stores.outbox.put(person, person, FactKind.PAUSED, 7, now=NOON)
        await stores.people.note_unreachable(person, after(person * DAY))
    assert await history.forget_unreachable(after(1.5 * DAY)) == 1
    assert await stores.count("unreachable_chat") == 1
    assert await stores.outbox.depth() == 1
    assert not await stores.people.is_unreachable(1)


async def test_what_came_later_for_such_a_chat_is_kept_with_the_note_that_it_is_out_of_reach(
    stores: Stores,
) -> None:
    history = HistoryStore(stores.database)
    await stores.person(1)
    await stores.people.note_unreachable(1, NOON)
    await stores.outbox.put(1, 1, FactKind.PAUSED, 7, now=after(2 * DAY))
    assert await history.forget_unreachable(after(DAY)) == 0
    assert await stores.people.is_unreachable(1)
    assert await stores.outbox.depth() == 1


async def test_files_and_links_that_waited_for_a_new_key_all_the_while_end_with_a_reason(
    stores: Stores,
) -> None:
    history = HistoryStore(stores.database)
    account = await stores.person(1)
    old, young = await stores.accept(account), await stores.accept(account, sent=2 * DAY)
    waiting, asked = await stores.want(account, "https://a.example", "https://b.example")
    await stores.remotes.begin_requesting(asked.id, NOON)
    await stores.people.note_key_refused(account, NOON)
    assert await history.end_parked(after(DAY), after(3 * DAY)) == 3
    ended = await stores.transfer(old.transfer.id)
    assert (ended.state, ended.reason) == (TransferState.FAILED, Reason.KEY_REFUSED)
    assert (await stores.transfer(young.transfer.id)).state is TransferState.QUEUED
    first, second = await stores.remote(waiting.id), await stores.remote(asked.id)
    assert (first.state.value, first.reason) == ("failed", Reason.KEY_REFUSED)
    assert (second.state.value, second.reason) == ("unknown", Reason.NO_NEWS)
    told = [fact.kind for fact in await stores.facts(4 * DAY)]
    assert told == [FactKind.KEY_REFUSED]
    ends = await stores.database.fetch_all("SELECT subject FROM outbox WHERE kind = 'batch_ended'")
    assert {row["subject"] for row in ends} == {old.batch.id, waiting.batch_id}


async def test_nothing_ends_while_the_key_is_good(stores: Stores) -> None:
    history = HistoryStore(stores.database)
    account = await stores.person(1)
    await stores.accept(account)
    await stores.want(account, "https://a.example")
    assert await history.end_parked(after(90 * DAY), after(91 * DAY)) == 0
