from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from storage import StoredFile, StoredFolder
from storage.listings import LISTING_LAG
from tests.storage.conftest import NOON, Stores, after

LATER = NOON + LISTING_LAG + timedelta(minutes=1)


def file(link_id: str, name: str = "a.txt", **more: Any) -> StoredFile:
    plain = StoredFile(link_id, f"https://1fichier.com/?{link_id}", 0, name, 10, NOON, has_password=False)
    return replace(plain, **more)


async def listed(
    stores: Stores,
    account_id: int,
    *files: StoredFile,
    folder: StoredFolder | None = None,
    subs: tuple[tuple[int, str], ...] = (),
    now: datetime = NOON,
) -> None:
    """1fichier lists a folder; the main one if nothing else is said."""
    folder = folder or StoredFolder(0, None, "", None, complete=True)
    children = [StoredFolder(number, folder.folder_id, name, None, complete=True) for number, name in subs]
    await stores.listings.replace_folder(account_id, folder, children, files, now=now)


async def names(stores: Stores, account_id: int, folder_id: int = 0) -> list[str]:
    return [each.name for each in await stores.listings.files(account_id, folder_id)]


@pytest.fixture
async def account(stores: Stores) -> int:
    return (await stores.person(1)).id


async def test_a_listing_comes_out_as_it_went_in_newest_first(stores: Stores, account: int) -> None:
    old = file("a", "old <b>", uploaded_at=NOON - timedelta(days=1), has_password=True)
    new = file("b", "new")
    undated = file("c", "undated", uploaded_at=None)
    await listed(stores, account, old, undated, new, subs=((7, "Été"),), now=after(3))
    assert await stores.listings.files(account, 0) == [new, old, undated]
    assert await stores.listings.sub_folders(account, 0) == [StoredFolder(7, 0, "Été", None, complete=True)]
    assert await stores.listings.folder(account, 0) == StoredFolder(0, None, "", after(3), complete=True)
    assert await stores.listings.file(account, "a") == old
    assert await stores.listings.file(account, "z") is None
    assert await stores.listings.folder(account, 99) is None


async def test_accounts_do_not_see_each_others_files(stores: Stores, account: int) -> None:
    other = (await stores.person(2)).id
    await listed(stores, account, file("a"), subs=((7, "mine"),))
    assert await stores.listings.files(other, 0) == []
    assert await stores.listings.sub_folders(other, 0) == []
    assert await stores.listings.file(other, "a") is None


async def test_a_later_listing_takes_the_place_of_the_earlier(stores: Stores, account: int) -> None:
    await listed(stores, account, file("a", "stays"), file("b", "goes"), file("c", "old name"))
    await listed(
        stores, account, file("a", "stays"), file("c", "new name"), file("d", "comes"), now=after(60)
    )
    assert sorted(await names(stores, account)) == ["comes", "new name", "stays"]


async def test_a_list_that_was_cut_says_so(stores: Stores, account: int) -> None:
    await listed(stores, account, folder=StoredFolder(0, None, "", None, complete=False))
    root = await stores.listings.folder(account, 0)
    assert root is not None
    assert not root.complete


async def test_more_files_than_one_statement_takes(stores: Stores, account: int) -> None:
    await listed(stores, account, *(file(f"{n}", f"{n:04d}") for n in range(1_500)))
    assert len(set(await names(stores, account))) == 1_500
    await listed(stores, account, *(file(f"{n}", f"{n:04d}") for n in range(100, 1_501)))
    assert len(await names(stores, account)) == 1_401


async def test_a_file_moved_elsewhere_is_found_there(stores: Stores, account: int) -> None:
    await listed(stores, account, file("a"))
    await listed(stores, account, file("a"), folder=StoredFolder(7, 0, "seven", None, complete=True))
    assert await names(stores, account) == []
    assert await names(stores, account, 7) == ["a.txt"]
    await listed(stores, account)
    assert await names(stores, account, 7) == ["a.txt"]


# Folders


async def test_a_folder_keeps_its_own_listing_when_the_one_above_is_listed(
    stores: Stores, account: int
) -> None:
    await listed(stores, account, subs=((7, "seven"), (8, "eight")))
    await listed(
        stores, account, folder=StoredFolder(7, None, "seven", None, complete=False), subs=((9, "nine"),)
    )
    await listed(stores, account, subs=((7, "renamed"),), now=after(60))
    assert await stores.listings.sub_folders(account, 0) == [
        StoredFolder(7, 0, "renamed", NOON, complete=False)
    ]
    assert [each.folder_id for each in await stores.listings.sub_folders(account, 7)] == [9]


async def test_a_folder_moved_elsewhere_is_found_there(stores: Stores, account: int) -> None:
    await listed(stores, account, subs=((7, "seven"), (8, "eight")))
    await listed(
        stores, account, folder=StoredFolder(8, 0, "eight", None, complete=True), subs=((7, "seven"),)
    )
    await listed(stores, account, subs=((8, "eight"),))
    assert [each.folder_id for each in await stores.listings.sub_folders(account, 8)] == [7]


# Our own changes against listings that lag behind


async def test_a_file_we_put_there_stays_although_it_is_not_listed_yet(stores: Stores, account: int) -> None:
    await listed(stores, account)
    await stores.listings.note_file(account, file("a"), after(1))
    await listed(stores, account, now=after(60))
    assert await names(stores, account) == ["a.txt"]
    await listed(stores, account, now=LATER)
    assert await names(stores, account) == [], "by now it would be listed"


async def test_a_change_of_ours_is_not_undone_by_a_listing_that_does_not_know_it(
    stores: Stores, account: int
) -> None:
    await listed(stores, account, file("a", "old"))
    await stores.listings.note_file(account, file("a", "new", has_password=True), after(1))
    await listed(stores, account, file("a", "old"), now=after(60))
    assert await names(stores, account) == ["new"]
    await listed(stores, account, file("a", "newest"), now=LATER)
    assert await names(stores, account) == ["newest"]


async def test_a_change_keeps_what_it_does_not_tell(stores: Stores, account: int) -> None:
    await listed(stores, account, file("a"), folder=StoredFolder(7, 0, "seven", None, complete=True))
    await stores.listings.note_file(account, file("a", "new", folder_id=None, uploaded_at=None), after(1))
    found = await stores.listings.file(account, "a")
    assert found is not None
    assert (found.folder_id, found.uploaded_at, found.name) == (7, NOON, "new")


@pytest.mark.parametrize("known", [True, False], ids=["known before", "never listed"])
async def test_a_file_we_deleted_stays_away_although_it_is_still_listed(
    stores: Stores, account: int, known: bool
) -> None:
    if known:
        await listed(stores, account, file("a"))
    await stores.listings.note_deleted(account, "a", after(1))
    assert await stores.listings.file(account, "a") is None
    await listed(stores, account, file("a"), now=after(60))
    assert await names(stores, account) == []
    await listed(stores, account, file("a"), now=LATER)
    assert await names(stores, account) == ["a.txt"], "it has not gone after all"


async def test_news_of_a_file_we_have_just_deleted_does_not_bring_it_back(
    stores: Stores, account: int
) -> None:
    await listed(stores, account, file("a"))
    await stores.listings.note_deleted(account, "a", after(1))
    await stores.listings.note_file(account, file("a"), after(2))
    assert await names(stores, account) == []
    await stores.listings.note_file(account, file("a"), LATER + timedelta(seconds=1))
    assert await names(stores, account) == ["a.txt"]


async def test_deleting_again_what_was_deleted_is_harmless(stores: Stores, account: int) -> None:
    for _ in range(2):
        await stores.listings.note_deleted(account, "a", NOON)
    assert await stores.count("file") == 1


async def test_pruning_drops_what_was_deleted_before_then(stores: Stores, account: int) -> None:
    await listed(stores, account, file("a"), file("b"))
    await stores.listings.note_deleted(account, "a", NOON)
    assert await stores.listings.prune(NOON) == 0
    assert await stores.listings.prune(after(1)) == 1
    assert await names(stores, account) == ["a.txt"]


async def test_a_listing_that_was_cut_forgets_nothing_of_what_it_does_not_show(
    stores: Stores, account: int
) -> None:
    await listed(stores, account, file("a", "known"))
    await listed(
        stores, account, file("b", "shown"), folder=StoredFolder(0, None, "", None, complete=False), now=LATER
    )
    assert sorted(await names(stores, account)) == ["known", "shown"]


async def test_files_we_moved_are_in_their_new_folder_although_the_old_one_still_shows_them(
    stores: Stores, account: int
) -> None:
    await listed(stores, account, file("a"), file("b", "stays.txt"))
    await stores.listings.note_moved(account, ["a", "never listed"], 7, after(1))
    assert (await names(stores, account), await names(stores, account, 7)) == (["stays.txt"], ["a.txt"])
    await listed(stores, account, file("a"), file("b", "stays.txt"), now=after(60))
    assert (await names(stores, account), await names(stores, account, 7)) == (["stays.txt"], ["a.txt"])


async def test_a_folder_we_changed_keeps_what_is_known_of_its_listing(stores: Stores, account: int) -> None:
    await listed(stores, account, subs=((7, "seven"),))
    await listed(stores, account, file("a"), folder=StoredFolder(7, 0, "seven", None, complete=True))
    changed = StoredFolder(
        7, 8, "renamed", NOON, complete=True, shared_url="https://1fichier.com/dir/abcdefgh"
    )
    await stores.listings.note_folder(account, changed)
    assert await stores.listings.folder(account, 7) == changed
    made = StoredFolder(9, 7, "made", None, complete=True)
    await stores.listings.note_folder(account, made)
    assert await stores.listings.sub_folders(account, 7) == [made]


async def test_a_folder_that_is_gone_takes_its_files_along(stores: Stores, account: int) -> None:
    await listed(stores, account, file("b", "stays.txt"), subs=((7, "seven"),))
    await listed(stores, account, file("a"), folder=StoredFolder(7, 0, "seven", None, complete=True))
    await stores.listings.forget_folder(account, 7)
    assert await stores.listings.folder(account, 7) is None
    assert await stores.listings.sub_folders(account, 0) == []
    assert await names(stores, account, 7) == []
    assert await names(stores, account) == ["stays.txt"]
