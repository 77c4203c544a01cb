import pytest

from storage import Ended, InboxStore, IncomingUpdate, Reason, RemoteState, TotalsStore, TransferState
from tests.storage.conftest import NOON, Stores, after


@pytest.fixture
def totals(stores: Stores) -> TotalsStore:
    return TotalsStore(stores.database)


async def test_what_is_under_way_is_counted_by_state(stores: Stores, totals: TotalsStore) -> None:
    account = await stores.person(1)
    await stores.sending(await stores.accept(account))
    for _ in range(2):
        await stores.accept(account)
    await stores.want(account, "https://a.example", "https://b.example")
    found = await totals.all()
    assert found.uploads == {"queued": 2, "sending": 1}
    assert found.remotes == {"waiting": 2}
    assert (found.people, found.accounts, found.refused_keys) == (1, 1, 0)


async def test_endings_are_counted_once_by_outcome_and_reason_and_outlive_the_history(
    stores: Stores, totals: TotalsStore
) -> None:
    account = await stores.person(1)
    for turn in range(2):
        await stores.finish(await stores.confirming(await stores.accept(account)), f"link{turn}")
    failed = await stores.accept(account)
    for _ in range(2):
        await stores.transfers.end(failed.transfer.id, TransferState.FAILED, now=NOON, reason=Reason.STALLED)
    await stores.accept(account, refused=Reason.TOO_BIG)
    cancelled = await stores.accept(account)
    await stores.transfers.cancel(cancelled.transfer.id, 1, NOON)
    (remote,) = await stores.want(account, "https://a.example")
    await stores.remotes.finish(remote.id, name="a", size=7, web_page=False, now=NOON)
    (waiting,) = await stores.want(account, "https://b.example")
    await stores.remotes.cancel_waiting(waiting.id, 1, NOON)
    expected = [
        Ended("remote", RemoteState.CANCELLED, "", 1, 0),
        Ended("remote", RemoteState.DONE, "", 1, 7),
        Ended("upload", TransferState.CANCELLED, "", 1, 0),
        Ended("upload", TransferState.DONE, "", 2, 20),
        Ended("upload", TransferState.FAILED, Reason.STALLED, 1, 0),
        Ended("upload", TransferState.FAILED, Reason.TOO_BIG, 1, 0),
    ]
    assert await totals.ended() == expected
    await stores.people.forget(1)
    assert await totals.ended() == expected


async def test_the_oldest_update_that_waits_is_known(stores: Stores, totals: TotalsStore) -> None:
    inbox = InboxStore(stores.database, stores.vault)
    assert await totals.oldest_update() is None
    for number in (1, 2, 3):
        update = IncomingUpdate(number, "a", overtakes=number == 2, payload="{}")
        await inbox.receive([update], after(number))
    first = await inbox.take_next("a")
    assert first is not None
    await inbox.handled(first.id)
    assert await totals.oldest_update() == after(2)


async def test_pauses_that_are_over_or_of_one_endpoint_are_none(stores: Stores, totals: TotalsStore) -> None:
    await stores.limits.save("address", "*", after(60))
    await stores.limits.save("account:1", "*", after(30))
    await stores.limits.save("account:2", "*", NOON)
    await stores.limits.save("address", "user/info.cgi", after(60))
    assert sorted(await totals.pauses(NOON)) == [(False, after(30)), (True, after(60))]


async def test_of_each_person_only_the_number_and_counts_are_told(
    stores: Stores, totals: TotalsStore
) -> None:
    account = await stores.person(1)
    await stores.finish(await stores.confirming(await stores.accept(account)))
    await stores.people.meet(2, "en", NOON)
    first, second = await totals.people()
    assert (first.person_id, first.has_key, first.uploads, first.remotes, first.bytes) == (1, True, 1, 0, 10)
    assert (second.person_id, second.has_key, second.uploads) == (2, False, 0)


async def test_what_was_there_already_is_no_upload(stores: Stores, totals: TotalsStore) -> None:
    account = await stores.person(1)
    await stores.finish(await stores.confirming(await stores.accept(account)))
    there = await stores.accept(account)
    await stores.duplicates.finish(
        there.transfer.id, link="https://1fichier.com/?there", name="a", size=10, since=NOON, now=NOON
    )
    assert await totals.ended() == [Ended("upload", TransferState.DONE, "", 1, 10)]
    (person,) = await totals.people()
    assert (person.uploads, person.bytes) == (1, 10)
