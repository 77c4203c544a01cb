import pytest

from storage import Fact, FactKind, OutboxStore
from tests.storage.conftest import NOON, Stores, after


async def put(
    stores: Stores,
    subject: int,
    *,
    person: int = 1,
    chat: int | None = None,
    kind: FactKind = FactKind.PAUSED,
    not_before: float = 0,
) -> None:
    await stores.people.meet(person, "en", NOON)
    assert await stores.outbox.put(
        person, person if chat is None else chat, kind, subject, now=NOON, not_before=after(not_before)
    )


async def only(stores: Stores, now: float = 0) -> Fact:
    (fact,) = await stores.facts(now)
    return fact


async def test_a_fact_is_due_until_it_was_told(stores: Stores) -> None:
    await put(stores, 7, chat=-5)
    fact = await only(stores)
    assert (fact.person_id, fact.chat_id, fact.kind, fact.subject, fact.plain) == (
        1,
        -5,
        FactKind.PAUSED,
        7,
        False,
    )
    assert await stores.outbox.depth() == 1
    await stores.outbox.told(fact, NOON)
    assert await stores.due() == []
    assert await stores.outbox.depth() == 0


async def test_the_same_fact_is_told_once(stores: Stores) -> None:
    await put(stores, 7)
    again = (1, 1, FactKind.PAUSED, 7)
    assert not await stores.outbox.put(*again, now=NOON)
    await stores.outbox.told(await only(stores), NOON)
    assert not await stores.outbox.put(*again, now=NOON)


async def test_a_dropped_fact_may_be_put_again(stores: Stores) -> None:
    await put(stores, 7)
    await stores.outbox.drop(await only(stores))
    await put(stores, 7)
    assert await stores.due() == [("paused", 7)]


async def test_a_chat_is_told_one_thing_after_another_and_chats_beside_each_other(stores: Stores) -> None:
    for subject, person in [(1, 1), (2, 1), (3, 2)]:
        await put(stores, subject, person=person)
    assert await stores.due() == [("paused", 1), ("paused", 3)]
    assert len(await stores.outbox.due(NOON, 1)) == 1
    for fact in await stores.facts():
        await stores.outbox.told(fact, NOON)
    assert await stores.due() == [("paused", 2)]


async def test_what_has_its_time_later_keeps_nothing_back(stores: Stores) -> None:
    await put(stores, 1, not_before=60)
    await put(stores, 2)
    assert await stores.due() == [("paused", 2)]
    await stores.outbox.told(await only(stores), NOON)
    assert await stores.due(59) == []
    assert await stores.outbox.next_due() == after(60)
    assert await stores.due(60) == [("paused", 1)]


async def test_what_was_put_off_keeps_its_place_before_later_things_of_its_chat(stores: Stores) -> None:
    await put(stores, 1)
    await put(stores, 9, person=2)
    await stores.outbox.put_off((await stores.facts())[0], after(30))
    await put(stores, 2)
    assert await stores.due(29) == [("paused", 9)]
    await stores.outbox.told(await only(stores, 29), after(29))
    assert await stores.outbox.next_due() == after(30), "not the moment of what waits behind it"
    assert await stores.due(30) == [("paused", 1)]
    await stores.outbox.told(await only(stores, 30), after(30))
    assert await stores.due(30) == [("paused", 2)]


async def test_figures_that_wait_for_1fichier_keep_no_result_back(stores: Stores) -> None:
    await put(stores, 1, kind=FactKind.ACCOUNT_INFO)
    await stores.outbox.put_off(await only(stores), after(300))
    await put(stores, 2)
    assert await stores.due() == [("paused", 2)]
    assert await stores.outbox.next_due() == NOON


async def test_a_chat_that_cannot_be_reached_loses_nothing(stores: Stores) -> None:
    await put(stores, 1)
    await put(stores, 2)
    await put(stores, 3, person=2)
    await stores.people.note_unreachable(1, NOON)
    await stores.people.note_unreachable(1, after(1))
    assert await stores.due() == [("paused", 3)]
    await stores.outbox.told(await only(stores), NOON)
    assert await stores.outbox.next_due() is None
    assert await stores.outbox.depth() == 2
    assert await stores.people.note_reachable(1)
    assert not await stores.people.note_reachable(1)
    assert await stores.due() == [("paused", 1)]
    await stores.outbox.told(await only(stores), NOON)
    assert await stores.due() == [("paused", 2)]


async def test_a_text_that_telegram_refuses_is_tried_plain_then_set_aside(stores: Stores) -> None:
    await put(stores, 1)
    await put(stores, 2)
    await stores.outbox.try_plain(await only(stores))
    plain = await only(stores)
    assert (plain.subject, plain.plain) == (1, True)
    await stores.outbox.put_off(plain, after(5))
    await stores.outbox.set_aside(plain)
    assert await stores.due() == [("paused", 2)], "and keeps nothing back"


async def test_pruning_keeps_what_is_still_to_be_told(stores: Stores) -> None:
    for subject in (1, 2, 3):
        await put(stores, subject, person=subject)
    told, aside, _ = await stores.facts()
    await stores.outbox.told(told, NOON)
    await stores.outbox.set_aside(aside)
    assert await stores.outbox.prune(NOON) == 0
    assert await stores.outbox.prune(after(1)) == 2
    assert await stores.due() == [("paused", 3)]


async def test_what_is_to_be_said_follows_a_group_that_became_a_supergroup(stores: Stores) -> None:
    account = await stores.person(1)
    accepted = await stores.accept(account, chat=-5)
    await stores.batches.note_status_message(accepted.batch.id, 70)
    await stores.batches.note_notice_message(accepted.batch.id, 71)
    await put(stores, 1, chat=-5)
    await stores.people.note_unreachable(-5, NOON)
    await stores.outbox.move_chat(-5, -1005)
    await stores.done(accepted)
    facts = await stores.facts(60)
    assert [(fact.chat_id, fact.kind.value) for fact in facts] == [(-1005, "paused")]
    batch = await stores.batch(accepted.batch.id)
    assert (batch.chat_id, batch.status_message_id, batch.notice_message_id) == (-1005, None, None)
    await stores.outbox.told(facts[0], NOON)
    assert await stores.due(60) == [("batch_ended", batch.id)]


async def test_moving_a_chat_meets_what_is_in_the_new_one_already(stores: Stores) -> None:
    account = await stores.person(1)
    (old,) = await stores.want(account, "https://a.example", chat=-5, message=3)
    (new,) = await stores.want(account, "https://b.example", chat=-1005, message=3)
    await put(stores, 1, chat=-5)
    await put(stores, 1, chat=-1005)
    await stores.outbox.move_chat(-5, -1005)
    assert await stores.due() == [("paused", 1)]
    assert {(await stores.batch(each.batch_id)).chat_id for each in (old, new)} == {-1005}
    (later,) = await stores.want(account, "https://c.example", chat=-1005, message=4)
    assert later.id not in {old.id, new.id}


@pytest.mark.parametrize("kind", list(FactKind))
async def test_every_kind_of_fact_comes_out_as_it_went_in(stores: Stores, kind: FactKind) -> None:
    await put(stores, 7, kind=kind)
    assert (await only(stores)).kind is kind


async def test_an_empty_outbox_has_nothing_due(stores: Stores) -> None:
    outbox: OutboxStore = stores.outbox
    assert await outbox.due(NOON, 10) == []
    assert await outbox.next_due() is None
