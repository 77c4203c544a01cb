"""The index of an account's files: found by name, kept current, read in windows, apart from other accounts'."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from storage import Reading, StoredFile, StoredFolder, Window
from storage.listings import LISTING_LAG
from tests.storage.conftest import NOON, Stores, after

LATER = NOON + LISTING_LAG + timedelta(minutes=1)
EVERYTHING = Window(None, None)


def file(name: str, *, age: float = 0, link_id: str | None = None, **more: Any) -> StoredFile:
    """Sent so many hours before noon."""
    number = link_id or f"id{abs(hash(name))}"
    sent = NOON - timedelta(hours=age)
    plain = StoredFile(number, f"https://1fichier.com/?{number}", None, name, 10, sent, has_password=False)
    return replace(plain, **more)


async def put(stores: Stores, account_id: int, *files: StoredFile) -> None:
    for each in files:
        await stores.listings.note_file(account_id, each, NOON)


async def read(
    stores: Stores,
    account_id: int,
    *files: StoredFile,
    covered: Window | None = EVERYTHING,
    now: datetime = LATER,
    **progress: Any,
) -> None:
    """1fichier lists a window."""
    reading = await stores.index.want(account_id, now)
    await stores.index.note_window(replace(reading, head_at=now, **progress), files, covered, now=now)


async def found(stores: Stores, account_id: int, text: str, limit: int = 50) -> list[str]:
    return [each.name for each in (await stores.index.find(account_id, text, limit)).files]


@pytest.fixture
async def account(stores: Stores) -> int:
    return (await stores.person(1)).id


@pytest.mark.parametrize("text", ["été", "ETE", "e\u0301te\u0301 mp4", "MP4 ét", "É"])
async def test_accents_and_capitals_make_no_difference(stores: Stores, account: int, text: str) -> None:
    await put(stores, account, file("Été 2026.mp4"), file("Autumn.MKV"))
    assert await found(stores, account, text) == ["Été 2026.mp4"]


async def test_every_word_has_to_be_there_in_any_order(stores: Stores, account: int) -> None:
    await put(stores, account, file("Holiday.2026.part1.rar"), file("Holiday.2025.part1.rar"))
    assert await found(stores, account, "part1 2026") == ["Holiday.2026.part1.rar"]
    assert await found(stores, account, "2026 2025") == []


@pytest.mark.parametrize("text", ["%", "_", "100%", "a_b", "\\"])
async def test_signs_that_mean_something_to_the_database_mean_themselves(
    stores: Stores, account: int, text: str
) -> None:
    await put(stores, account, file("plain"), file("100% a_b\\c"))
    assert await found(stores, account, text) == ["100% a_b\\c"]


async def test_what_begins_so_comes_first_then_words_then_the_rest_each_newest_first(
    stores: Stores, account: int
) -> None:
    await put(
        stores,
        account,
        file("party.mp4", age=1),
        file("the art.mp4", age=2),
        file("art old.mp4", age=9),
        file("art new.mp4", age=3),
        file("undated art.mp4", uploaded_at=None),
    )
    assert await found(stores, account, "art") == [
        "art new.mp4",
        "art old.mp4",
        "the art.mp4",
        "undated art.mp4",
        "party.mp4",
    ]


async def test_of_more_than_are_wanted_the_newest_are_found_and_that_is_said(
    stores: Stores, account: int
) -> None:
    await put(stores, account, *(file(f"art {n}", age=n) for n in range(5)))
    few = await stores.index.find(account, "art", 3)
    assert ([each.name for each in few.files], few.more) == (["art 0", "art 1", "art 2"], True)
    assert not (await stores.index.find(account, "art", 5)).more


async def test_no_words_find_the_newest(stores: Stores, account: int) -> None:
    await put(stores, account, file("old", age=2), file("new", age=1))
    assert await found(stores, account, "  ") == ["new", "old"]


async def test_accounts_are_kept_apart(stores: Stores, account: int) -> None:
    other = (await stores.person(2)).id
    await put(stores, account, file("mine.txt"))
    await put(stores, other, file("theirs.txt"))
    assert await found(stores, account, "txt") == ["mine.txt"]
    await read(stores, account, file("new.txt"))
    assert await found(stores, other, "txt") == ["theirs.txt"]
    assert await stores.index.reading(other) is None


async def test_logging_out_erases_it(stores: Stores, account: int) -> None:
    await read(stores, account, file("mine.txt"))
    await stores.people.forget(1)
    assert await found(stores, account, "mine") == []
    assert await stores.index.reading(account) is None


async def test_another_key_erases_it(stores: Stores, account: int) -> None:
    await read(stores, account, file("mine.txt"))
    await stores.people.store_key(1, "another key", NOON)
    assert await found(stores, account, "mine") == []
    assert await stores.index.reading(account) is None


# Kept current by our own changes


async def test_a_renamed_file_is_found_by_its_new_name_only(stores: Stores, account: int) -> None:
    await put(stores, account, file("old.txt", link_id="a"))
    await put(stores, account, file("Né.txt", link_id="a"))
    assert await found(stores, account, "old") == []
    assert await found(stores, account, "ne") == ["Né.txt"]


async def test_a_deleted_file_is_not_found(stores: Stores, account: int) -> None:
    await put(stores, account, file("a.txt", link_id="a"), file("b.txt", link_id="b"))
    await stores.listings.note_deleted(account, "a", NOON)
    assert await found(stores, account, "txt") == ["b.txt"]


async def test_a_listed_folder_is_found_in(stores: Stores, account: int) -> None:
    folder = StoredFolder(7, 0, "seven", None, complete=True)
    await stores.listings.replace_folder(account, folder, [], [file("É.txt", folder_id=7)], now=NOON)
    (only,) = (await stores.index.find(account, "e", 10)).files
    assert (only.name, only.folder_id) == ("É.txt", 7)


# What was chosen to be posted


async def test_what_was_chosen_last_is_offered_first(stores: Stores, account: int) -> None:
    await put(stores, account, *(file(name, age=age, link_id=name) for age, name in enumerate("abcd")))
    await stores.index.note_chosen(account, "d", after(1))
    await stores.index.note_chosen(account, "b", after(2))
    assert [each.name for each in await stores.index.recent(account, 3)] == ["b", "d", "a"]
    await stores.listings.note_deleted(account, "b", NOON)
    assert [each.name for each in await stores.index.recent(account, 3)] == ["d", "a", "c"]


# Read in windows


async def test_what_a_whole_list_no_longer_shows_is_pruned(stores: Stores, account: int) -> None:
    await put(
        stores,
        account,
        file("stays.txt"),
        file("gone.txt", age=50),
        file("gone undated.txt", uploaded_at=None),
    )
    await read(stores, account, file("stays.txt"), file("new.txt"))
    assert sorted(await found(stores, account, "txt")) == ["new.txt", "stays.txt"]


async def test_a_window_prunes_only_what_was_sent_within_it(stores: Stores, account: int) -> None:
    await put(stores, account, *(file(f"{age}.txt", age=age) for age in (1, 5, 9)))
    window = Window(NOON - timedelta(hours=8), NOON - timedelta(hours=3))
    await read(stores, account, covered=window)
    assert await found(stores, account, "txt") == ["1.txt", "9.txt"]


async def test_a_file_at_the_edge_of_a_window_waits_for_the_next(stores: Stores, account: int) -> None:
    await put(stores, account, file("edge.txt", age=3))
    await read(stores, account, covered=Window(None, NOON - timedelta(hours=3) + timedelta(seconds=30)))
    assert await found(stores, account, "edge") == ["edge.txt"]


async def test_a_list_that_was_cut_prunes_nothing(stores: Stores, account: int) -> None:
    await put(stores, account, file("known.txt"))
    await read(stores, account, file("listed.txt"), covered=None)
    assert sorted(await found(stores, account, "txt")) == ["known.txt", "listed.txt"]


async def test_our_own_recent_changes_are_believed_over_the_list(stores: Stores, account: int) -> None:
    await put(stores, account, file("uploaded.txt"), file("new name.txt", link_id="a"))
    await stores.listings.note_deleted(account, "b", NOON)
    stale = (file("old name.txt", link_id="a"), file("deleted.txt", link_id="b"))
    await read(stores, account, *stale, now=after(60))
    assert sorted(await found(stores, account, "txt")) == ["new name.txt", "uploaded.txt"]
    await read(stores, account, *stale)
    assert sorted(await found(stores, account, "txt")) == ["deleted.txt", "old name.txt"]


async def test_the_list_of_all_files_keeps_the_folder_that_is_known(stores: Stores, account: int) -> None:
    await put(stores, account, file("a.txt", folder_id=7))
    await read(stores, account, file("a.txt", size=99))
    (only,) = (await stores.index.find(account, "a", 10)).files
    assert (only.folder_id, only.size) == (7, 99)


async def test_five_thousand_files_are_taken_over_at_once(stores: Stores, account: int) -> None:
    many = [file(f"{n:04d}.txt", link_id=f"{n}") for n in range(5_000)]
    await read(stores, account, *many)
    await read(stores, account, *many[1:])
    assert await stores.count("file") == 4_999


async def test_how_far_it_has_been_read_is_remembered(stores: Stores, account: int) -> None:
    begun = await stores.index.want(account, NOON)
    assert begun == Reading(account, NOON, begun.not_before)
    assert begun.under_way
    progress = replace(
        begun,
        not_before=after(3600),
        head_at=NOON,
        tail_at=after(-100),
        span=timedelta(days=3),
        gaps=True,
    )
    await stores.index.note_window(progress, [], None, now=NOON)
    assert await stores.index.reading(account) == progress
    assert progress.under_way
    assert (await stores.index.want(account, after(5))).wanted_at == after(5)


async def test_only_what_is_under_way_or_wanted_is_read_on(stores: Stores, account: int) -> None:
    async def to_read() -> list[int]:
        return [each.account_id for each in await stores.index.readings()]

    await stores.index.want(account, NOON)
    assert await to_read() == [account], "nothing has been read yet"
    await read(stores, account, now=NOON, tail_at=NOON)
    assert await to_read() == [account], "it is under way"
    await read(stores, account, now=NOON, tail_at=None)
    assert await to_read() == [], "nobody has searched since"
    await stores.index.want(account, after(60))
    assert await to_read() == [account]
    known = await stores.people.account(account)
    assert known is not None
    await stores.people.note_key_refused(known, NOON)
    assert await to_read() == [], "the key is refused"


async def test_a_reading_is_put_off(stores: Stores, account: int) -> None:
    await stores.index.want(account, NOON)
    await stores.index.put_off(account, after(3600))
    reading = await stores.index.reading(account)
    assert reading is not None
    assert reading.not_before == after(3600)
