from collections import Counter
from datetime import timedelta

from storage import AcceptedFile, Reason, TransferState
from tests.storage.conftest import NOON, Stores, after


async def taken_people(stores: Stores, *, per_person: int = 1000) -> list[int]:
    """Whose files are taken, in order, until none is left."""
    order = []
    while (transfer := await stores.take(per_person=per_person)) is not None:
        order.append(transfer.person_id)
    return order


async def test_people_take_turns_however_many_files_one_has(stores: Stores) -> None:
    accounts = {person: await stores.person(person) for person in (1, 2, 3)}
    for person in (1, 1, 1, 1, 2, 3, 3):
        await stores.accept(accounts[person])
    assert await taken_people(stores) == [1, 2, 3, 1, 3, 1, 1]


async def test_two_hundred_files_of_one_person_do_not_hold_up_nine_others(stores: Stores) -> None:
    crowd = await stores.person(1)
    for _ in range(200):
        await stores.accept(crowd)
    others = range(2, 11)
    for person in others:
        await stores.accept(await stores.person(person))
    order = await taken_people(stores)
    assert set(order[:10]) == {1, *others}


async def test_somebody_new_does_not_wait_for_a_whole_round(stores: Stores) -> None:
    accounts = [await stores.person(person) for person in (1, 2)]
    for account in accounts * 3:
        await stores.accept(account)
    for _ in range(3):
        await stores.take(per_person=1000)
    await stores.accept(await stores.person(3))
    assert (await taken_people(stores))[0] == 3


async def test_the_oldest_file_of_a_person_comes_first(stores: Stores) -> None:
    account = await stores.person(1)
    accepted = [(await stores.accept(account)).transfer.id for _ in range(3)]
    taken = [await stores.take(per_person=9) for _ in range(3)]
    assert [each.id for each in taken if each] == accepted


async def test_a_person_has_at_most_so_many_running(stores: Stores) -> None:
    accounts = {person: await stores.person(person) for person in (1, 2)}
    files: dict[int, list[AcceptedFile]] = {
        person: [await stores.accept(accounts[person]) for _ in range(4)] for person in (1, 2)
    }
    assert Counter(await taken_people(stores, per_person=2)) == {1: 2, 2: 2}
    sending, fetching = (each.transfer.id for each in files[1][:2])
    await stores.transfers.begin_sending(sending, node_url="https://up1", upload_id="u")
    assert await stores.take(per_person=2) is None
    # What only waits for 1fichier's word needs no room.
    await stores.transfers.begin_confirming(sending, checksum=None, now=NOON)
    await stores.transfers.end(fetching, TransferState.FAILED, now=NOON)
    assert await taken_people(stores, per_person=2) == [1, 1]


async def test_taking_counts_the_try(stores: Stores) -> None:
    await stores.accept(await stores.person(1))
    taken = await stores.take()
    assert taken is not None
    assert (taken.state, taken.tries) == (TransferState.FETCHING, 1)


async def test_what_was_put_off_is_taken_when_its_time_has_come_and_others_meanwhile(stores: Stores) -> None:
    account = await stores.person(1)
    first, second = await stores.accept(account), await stores.accept(account)
    await stores.taken(first)
    await stores.transfers.queue_again(first.transfer.id, not_before=after(60))
    taken = await stores.take(now=59)
    assert taken is not None
    assert taken.id == second.transfer.id
    assert await stores.take(now=59) is None
    again = await stores.take(now=60)
    assert again is not None
    assert (again.id, again.tries) == (first.transfer.id, 2)


async def test_files_of_a_refused_key_wait_and_those_of_others_go_on(stores: Stores) -> None:
    parked, other = await stores.person(1), await stores.person(2)
    await stores.accept(parked)
    await stores.accept(other)
    await stores.people.note_key_refused(parked, NOON)
    assert await taken_people(stores) == [2]
    await stores.people.store_key(1, "a new key", NOON)
    assert await taken_people(stores) == [1]


async def test_files_without_a_key_wait_until_there_is_one(stores: Stores) -> None:
    await stores.people.meet(1, "en", NOON)
    kept = await stores.accept(1)
    assert kept.transfer.account_id is None
    assert await stores.take() is None
    account, waiting = await stores.people.store_key(1, "key", NOON)
    assert waiting == 1
    taken = await stores.take()
    assert taken is not None
    assert (taken.id, taken.account_id) == (kept.transfer.id, account.id)


async def test_files_without_a_key_expire_after_a_time_of_their_own(stores: Stores) -> None:
    await stores.people.meet(1, "en", NOON)
    early, late = await stores.accept(1, sent=0), await stores.accept(1, sent=2)
    with_key = await stores.accept(await stores.person(2))
    day = timedelta(hours=24)
    assert await stores.transfers.expire_without_key(after(1), NOON + day) == 1
    ended = await stores.transfer(early.transfer.id)
    assert (ended.state, ended.reason, ended.ended_at) == (
        TransferState.FAILED,
        Reason.NO_KEY_IN_TIME,
        NOON + day,
    )
    assert await stores.due(day.total_seconds()) == [], "one of the batch is still kept"
    assert await stores.transfers.expire_without_key(after(3), NOON + day) == 1
    assert await stores.transfers.expire_without_key(after(3), NOON + day) == 0
    assert await stores.due(day.total_seconds()) == [("batch_ended", late.batch.id)]
    assert (await stores.transfer(with_key.transfer.id)).state is TransferState.QUEUED


async def test_the_place_in_the_queue_counts_the_persons_own_files(stores: Stores) -> None:
    account, other = await stores.person(1), await stores.person(2)
    files = [await stores.accept(account) for _ in range(3)]
    await stores.accept(other)
    await stores.taken(files[0])
    assert [await stores.transfers.before_it(each.transfer) for each in files] == [0, 1, 2]
    await stores.transfers.end(files[0].transfer.id, TransferState.FAILED, now=NOON)
    assert await stores.transfers.before_it(files[2].transfer) == 1


async def test_the_next_due_moment_passes_over_what_is_due_already(stores: Stores) -> None:
    account, parked = await stores.person(1), await stores.person(2)
    assert await stores.transfers.next_due() is None
    for seconds in (60.0, 30.0):
        accepted = await stores.accept(account)
        await stores.taken(accepted)
        await stores.transfers.queue_again(accepted.transfer.id, not_before=after(seconds))
    assert await stores.transfers.next_due() == after(30)
    await stores.accept(account)
    first = await stores.transfers.next_due()
    assert first is not None
    assert first < NOON
    assert await stores.transfers.next_due(NOON) == after(30)
    assert await stores.transfers.next_due(after(30)) == after(60)
    resting = await stores.accept(parked)
    await stores.taken(resting)
    await stores.transfers.queue_again(resting.transfer.id, not_before=after(45))
    await stores.people.note_key_refused(parked, NOON)
    assert await stores.transfers.next_due(after(30)) == after(60)
