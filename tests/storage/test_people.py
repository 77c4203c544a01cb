from dataclasses import replace

import pytest
from cryptography.fernet import Fernet

from storage import CannotOpen, PeopleStore, Preferences, Sounds, StoredFile, StoredFolder, Vault
from tests.storage.conftest import NOON, Stores, after


async def test_somebody_new_is_noted_down_and_their_language_kept_up_to_date(stores: Stores) -> None:
    assert await stores.people.find(1) is None
    met = await stores.people.meet(1, "en", NOON)
    assert (met.id, met.language_code, met.account_id) == (1, "en", None)
    assert (await stores.people.meet(1, "fr", after(1))).language_code == "fr"
    assert (await stores.people.meet(1, "fr", after(2))).language_code == "fr"
    assert (await stores.people.meet(1, None, after(3))).language_code is None
    assert await stores.count("person") == 1


async def test_a_key_comes_out_as_it_went_in_and_is_readable_nowhere_else(stores: Stores) -> None:
    await stores.people.meet(1, "en", NOON)
    account, waiting = await stores.people.store_key(1, "planted-5ec", NOON)
    assert waiting == 0
    assert stores.people.key(account) == "planted-5ec"
    assert await stores.people.account_in_use(1) == account
    assert await stores.people.account(account.id) == account
    assert repr(account.sealed_key) not in repr(account)
    assert await stores.database.erase_traces()
    assert b"planted-5ec" not in stores.database.path.read_bytes()


async def test_a_key_copied_to_another_account_does_not_open(stores: Stores) -> None:
    first, second = await stores.person(1), await stores.person(2)
    with pytest.raises(CannotOpen):
        stores.people.key(replace(second, sealed_key=first.sealed_key))


async def test_nobody_has_an_account_before_there_is_a_key(stores: Stores) -> None:
    await stores.people.meet(1, "en", NOON)
    assert await stores.people.account_in_use(1) is None
    assert await stores.people.account(404) is None
    assert await stores.people.accounts() == []


async def test_a_new_key_is_for_the_same_account(stores: Stores) -> None:
    first = await stores.person(1)
    second, _ = await stores.people.store_key(1, "another", NOON)
    assert second.id == first.id
    assert stores.people.key(second) == "another"
    assert [account.id for account in await stores.people.accounts()] == [first.id]


@pytest.mark.parametrize(
    ("key", "kept"),
    [
        pytest.param("key of 1", True, id="the same key"),
        pytest.param("another", False, id="another key, perhaps another account's"),
    ],
)
async def test_what_is_known_of_an_account_goes_with_its_key(stores: Stores, key: str, kept: bool) -> None:
    account = await stores.person(1)
    file = StoredFile("abc", "https://1fichier.com/?abc", 0, "a.txt", 1, NOON, has_password=False)
    await stores.listings.replace_folder(
        account.id, StoredFolder(0, None, "", None, complete=True), [], [file], now=NOON
    )
    await stores.people.remember_account_info(account.id, '{"offer": 1}', NOON)
    await stores.people.store_key(1, key, after(1))
    assert (await stores.listings.folder(account.id, 0) is not None) is kept
    assert (await stores.listings.file(account.id, "abc") is not None) is kept
    assert (await stores.people.account_info(account.id) is not None) is kept


async def test_a_key_that_no_longer_opens_is_replaced(stores: Stores) -> None:
    account = await stores.person(1)
    other = PeopleStore(stores.database, Vault([Fernet.generate_key().decode()]))
    with pytest.raises(CannotOpen):
        other.key(account)
    replaced, _ = await other.store_key(1, "new", NOON)
    assert other.key(replaced) == "new"


# A refused key


async def test_a_refused_key_parks_its_account_and_is_told_once(stores: Stores) -> None:
    account = await stores.person(1)
    assert await stores.people.note_key_refused(account, after(1))
    assert not await stores.people.note_key_refused(account, after(2))
    parked = await stores.people.account_in_use(1)
    assert parked is not None
    assert parked.refused_at == after(1)
    assert await stores.due() == [("key_refused", account.id)]


async def test_an_answer_to_the_key_before_does_not_park_the_new_one(stores: Stores) -> None:
    old = await stores.person(1)
    await stores.people.store_key(1, "new", NOON)
    assert not await stores.people.note_key_refused(old, after(1))
    account = await stores.people.account_in_use(1)
    assert account is not None
    assert account.refused_at is None
    assert await stores.due() == []


async def test_a_refusal_that_was_not_told_yet_is_not_told_after_a_new_key(stores: Stores) -> None:
    account = await stores.person(1)
    await stores.people.note_key_refused(account, NOON)
    await stores.people.store_key(1, "new", NOON)
    assert await stores.due() == []


async def test_the_next_refusal_is_told_again(stores: Stores) -> None:
    account = await stores.person(1)
    for _ in range(2):
        await stores.people.note_key_refused(account, NOON)
        (fact,) = await stores.facts()
        await stores.outbox.put_off(fact, NOON)
        await stores.outbox.told(fact, NOON)
        account, _ = await stores.people.store_key(1, "new", NOON)
    assert await stores.due() == []


async def test_what_1fichier_said_of_an_account_is_kept_with_its_time(stores: Stores) -> None:
    account = await stores.person(1)
    assert await stores.people.account_info(account.id) is None
    assert await stores.people.account_info(404) is None
    await stores.people.remember_account_info(account.id, '{"offer": 1}', after(5))
    assert await stores.people.account_info(account.id) == ('{"offer": 1}', after(5))


# What people set


async def test_what_nobody_has_set_is_the_default_and_not_kept(stores: Stores) -> None:
    met = await stores.people.meet(1, "en", NOON)
    assert met.preferences == Preferences()
    assert await stores.people.prefer(1, lambda known: replace(known, sounds=Sounds.BATCH)) == Preferences()
    row = await stores.database.fetch_one("SELECT language, sounds, links FROM person")
    assert row is not None
    assert set(row) == {None}


async def test_what_is_set_stays_when_something_else_is(stores: Stores) -> None:
    await stores.people.meet(1, "en", NOON)
    await stores.people.prefer(1, lambda known: replace(known, sounds=Sounds.NEVER))
    await stores.people.prefer(1, lambda known: replace(known, language="fr"))
    person = await stores.people.meet(1, "en-US", after(1))
    assert person.preferences == Preferences(sounds=Sounds.NEVER, language="fr")
    assert person.language == "fr"


async def test_somebody_unknown_sets_nothing(stores: Stores) -> None:
    assert await stores.people.prefer(404, lambda known: replace(known, sounds=Sounds.NEVER)) == Preferences()
    assert await stores.people.find(404) is None


async def test_the_folder_for_new_files_is_remembered_and_follows_its_name(stores: Stores) -> None:
    account = await stores.person(1)
    other = await stores.person(2)

    async def folder() -> tuple[int, str]:
        found = await stores.people.account(account.id)
        assert found is not None
        return found.folder_id, found.folder_name

    assert await folder() == (0, "")
    for each in (account, other):
        await stores.people.use_folder(each.id, 7, "Videos")
    await stores.people.note_folder_renamed(account.id, 7, "Films")
    await stores.people.note_folder_renamed(account.id, 8, "another one")
    assert await folder() == (7, "Films")
    assert not await stores.people.note_folder_gone(account.id, 8)
    assert await stores.people.note_folder_gone(account.id, 7)
    assert await folder() == (0, "")
    kept = await stores.people.account(other.id)
    assert kept is not None
    assert (kept.folder_id, kept.folder_name) == (7, "Videos")
