import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from storage import (
    REPETITION_WINDOW,
    Database,
    InboxEntry,
    InboxStore,
    IncomingUpdate,
    StorageError,
    Vault,
    open_database,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass
class State:
    inbox: InboxStore
    database: Database


@pytest.fixture
async def state(tmp_path: Path) -> AsyncIterator[State]:
    async with open_database(tmp_path / "bot.db") as database:
        yield State(InboxStore(database, Vault([Fernet.generate_key().decode()])), database)


@pytest.fixture
def inbox(state: State) -> InboxStore:
    return state.inbox


def update(
    update_id: int, lane: str = "chat:1", *, overtakes: bool = False, payload: str = "{}"
) -> IncomingUpdate:
    return IncomingUpdate(update_id, lane, overtakes, payload)


async def take(
    inbox: InboxStore, *, busy: tuple[str, ...] = (), running: tuple[int, ...] = (), lanes: int = 10
) -> list[InboxEntry]:
    return await inbox.take(busy=busy, running=running, lanes=lanes)


def ids(entries: list[InboxEntry]) -> list[int]:
    return [entry.update_id for entry in entries]


async def test_an_update_comes_out_as_it_went_in(inbox: InboxStore) -> None:
    payload = '{"update_id": 5, "message": {"text": "👍 \\ud83d"}}'
    assert await inbox.receive([update(5, "chat:9", payload=payload)], NOON) == 1
    (entry,) = await take(inbox)
    assert (entry.update_id, entry.lane, entry.overtakes, entry.payload) == (5, "chat:9", False, payload)
    assert (entry.starts, entry.failures) == (1, 0)


async def test_nothing_of_it_can_be_read_in_the_file(state: State) -> None:
    await state.inbox.receive([update(5, payload='"planted-90ab"')], NOON)
    assert await state.database.erase_traces()
    assert b"planted-90ab" not in state.database.path.read_bytes()


async def test_its_representations_do_not_hold_its_content(inbox: InboxStore) -> None:
    incoming = update(5, payload='"planted-90ab"')
    await inbox.receive([incoming], NOON)
    assert "planted" not in repr(incoming) + repr(await take(inbox))


async def test_the_same_id_is_one_update_even_after_it_was_handled(inbox: InboxStore) -> None:
    assert await inbox.receive([update(5), update(6), update(5)], NOON) == 2
    for entry in (await take(inbox)) + (await take(inbox)):
        await inbox.handled(entry.id)
    assert await inbox.receive([update(5), update(7)], NOON + timedelta(hours=47)) == 1


@pytest.mark.parametrize("old_state", ["handled", "set aside", "pruned"])
async def test_an_id_chosen_anew_after_two_days_is_another_update(inbox: InboxStore, old_state: str) -> None:
    await inbox.receive([update(5)], NOON)
    (entry,) = await take(inbox)
    if old_state == "set aside":
        await inbox.set_aside(entry.id, "ABCD")
    else:
        await inbox.handled(entry.id)
    later = NOON + REPETITION_WINDOW + timedelta(minutes=1)
    if old_state == "pruned":
        assert await inbox.prune(later - REPETITION_WINDOW) == 1
    assert await inbox.receive([update(5, payload='"new"')], later) == 1
    assert [entry.payload for entry in await take(inbox)] == ['"new"']


async def test_a_batch_is_written_whole_or_not_at_all(inbox: InboxStore) -> None:
    with pytest.raises(StorageError):
        await inbox.receive([update(5), IncomingUpdate(6, None, False, "{}")], NOON)  # type: ignore[arg-type]  # what the schema refuses
    assert await inbox.depth() == 0


async def test_each_lane_gives_its_oldest_update_oldest_lane_first(inbox: InboxStore) -> None:
    await inbox.receive([update(1, "b"), update(2, "a"), update(3, "b"), update(4, "c")], NOON)
    assert ids(await take(inbox)) == [1, 2, 4]


async def test_busy_lanes_are_left_out_and_do_not_use_up_the_limit(inbox: InboxStore) -> None:
    await inbox.receive([update(n, lane) for n, lane in enumerate("abcde")], NOON)
    assert ids(await take(inbox, busy=("a", "b"), lanes=2)) == [2, 3]


async def test_overtaking_updates_wait_for_no_lane_and_for_no_limit(inbox: InboxStore) -> None:
    await inbox.receive(
        [update(1, "a"), update(2, "a", overtakes=True), update(3, "b", overtakes=True)], NOON
    )
    first = await take(inbox, busy=("a",), lanes=0)
    assert ids(first) == [2, 3]
    assert await take(inbox, busy=("a",), running=tuple(entry.id for entry in first)) == []


async def test_the_next_update_of_a_lane_is_the_oldest_that_does_not_overtake(inbox: InboxStore) -> None:
    await inbox.receive(
        [update(1, "b"), update(2, "a", overtakes=True), update(3, "a"), update(4, "a")], NOON
    )
    entry = await inbox.take_next("a")
    assert entry is not None
    assert entry.update_id == 3
    assert await inbox.take_next("nobody") is None


async def test_what_was_not_handled_is_handed_out_again_and_the_starts_are_counted(inbox: InboxStore) -> None:
    await inbox.receive([update(5)], NOON)
    assert [(await take(inbox))[0].starts for _ in range(3)] == [1, 2, 3]


async def test_a_start_that_was_not_the_updates_doing_is_taken_back(inbox: InboxStore) -> None:
    await inbox.receive([update(5)], NOON)
    for _ in range(3):
        (entry,) = await take(inbox)
        assert entry.starts == 1
        await inbox.postponed(entry.id)


async def test_failures_are_counted(inbox: InboxStore) -> None:
    await inbox.receive([update(5)], NOON)
    (entry,) = await take(inbox)
    assert [await inbox.failed(entry.id) for _ in range(3)] == [1, 2, 3]
    assert (await take(inbox))[0].failures == 3
    assert await inbox.failed(404) == 0


@pytest.mark.parametrize("end", ["handled", "set aside"])
async def test_an_ended_update_keeps_its_row_without_its_content(state: State, end: str) -> None:
    await state.inbox.receive([update(5)], NOON)
    (entry,) = await take(state.inbox)
    if end == "handled":
        await state.inbox.handled(entry.id)
    else:
        await state.inbox.set_aside(entry.id, "K7PM")
    row = await state.database.fetch_one("SELECT sealed_update, reference FROM inbox WHERE update_id = 5")
    assert row is not None
    assert tuple(row) == (None, None if end == "handled" else "K7PM")
    assert await take(state.inbox) == []
    assert await state.inbox.depth() == 0


async def test_an_update_that_no_key_opens_is_handed_out_without_content_beside_the_others(
    state: State,
) -> None:
    await state.inbox.receive([update(5, "a")], NOON)
    other = InboxStore(state.database, Vault([Fernet.generate_key().decode()]))
    await other.receive([update(6, "b")], NOON)
    assert [entry.payload for entry in await take(other)] == [None, "{}"]


async def test_content_moved_to_another_row_does_not_open(state: State) -> None:
    await state.inbox.receive([update(5, "a", payload='"mine"'), update(6, "b")], NOON)
    await state.database.execute(
        "UPDATE inbox SET sealed_update = (SELECT sealed_update FROM inbox WHERE update_id = 5) WHERE update_id = 6"
    )
    assert [entry.payload for entry in await take(state.inbox)] == ['"mine"', None]


async def test_pruning_keeps_what_is_not_handled_however_old(inbox: InboxStore) -> None:
    await inbox.receive([update(1, "a"), update(2, "b")], NOON)
    first, _ = await take(inbox)
    await inbox.handled(first.id)
    assert await inbox.prune(NOON) == 0
    assert await inbox.prune(NOON + timedelta(days=30)) == 1
    assert await inbox.depth() == 1


async def test_an_update_that_is_handled_hands_out_the_next_of_its_lane(state: State) -> None:
    inbox = state.inbox
    await inbox.receive(
        [update(1, "a"), update(2, "b"), update(3, "a", payload='"third"'), update(4, "c"), update(5, "c")],
        NOON,
    )
    entries = await take(inbox)

    following = await asyncio.gather(*map(inbox.handled_then_next, entries))

    assert [entry and (entry.update_id, entry.lane, entry.payload, entry.starts) for entry in following] == [
        (3, "a", '"third"', 1),
        None,
        (5, "c", "{}", 1),
    ]
    rows = await state.database.fetch_all("SELECT update_id, state, starts, lane, sealed_update FROM inbox")
    ended = [tuple(row) for row in rows if row["state"] != "new"]
    assert ended == [(number, "handled", 1, "", None) for number in (1, 2, 4)]
    assert [row["update_id"] for row in rows if row["state"] == "new"] == [3, 5]


async def test_what_overtakes_is_not_handed_out_as_the_next_of_its_lane(inbox: InboxStore) -> None:
    await inbox.receive([update(1, "a"), update(2, "a", overtakes=True)], NOON)
    first = (await take(inbox))[-1]
    assert await inbox.handled_then_next(first) is None


async def test_it_rests_when_all_that_was_handled_is_recorded(inbox: InboxStore) -> None:
    await inbox.receive([update(1, "a"), update(2, "b")], NOON)
    recording = [asyncio.create_task(inbox.handled_then_next(entry)) for entry in await take(inbox)]
    await asyncio.sleep(0)
    await inbox.rest()
    assert await inbox.depth() == 0
    assert await asyncio.gather(*recording) == [None, None]
