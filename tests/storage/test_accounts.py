"""Several accounts of one person."""

from storage import FactKind, StoredFile
from tests.storage.conftest import NOON, Stores
from tests.storage.test_forgetting import in_files, live, sealed_values

PERSON, OTHER = 7_100_200_300, 7_100_200_301


async def test_another_account_is_in_use_at_once_and_has_the_next_number(stores: Stores) -> None:
    first = await stores.person(1)
    second, new, waiting = await stores.accounts.add(1, "another key", NOON)
    assert (new, waiting, second.number, first.number) == (True, 0, 2, 1)
    assert await stores.people.account_in_use(1) == second
    assert [each.id for each in await stores.accounts.of(1)] == [first.id, second.id]
    assert stores.people.key(second) == "another key"


async def test_the_same_key_is_the_same_account(stores: Stores) -> None:
    first = await stores.person(1)
    await stores.accounts.add(1, "another key", NOON)
    again, new, _ = await stores.accounts.add(1, "key of 1", NOON)
    assert (again.id, new) == (first.id, False)
    assert await stores.people.account_in_use(1) == first


async def test_the_same_key_of_another_person_is_another_account(stores: Stores) -> None:
    await stores.person(1)
    await stores.person(2)
    account, new, _ = await stores.accounts.add(2, "key of 1", NOON)
    assert (new, account.person_id) == (True, 2)


async def test_files_that_waited_for_a_key_join_the_first_account_however_it_comes(stores: Stores) -> None:
    await stores.people.meet(1, "en", NOON)
    waiting = await stores.accept(1)
    account, _, joined = await stores.accounts.add(1, "key", NOON)
    assert joined == 1
    assert (await stores.transfer(waiting.transfer.id)).account_id == account.id


async def test_the_key_of_a_named_account_is_renewed_without_taking_it_into_use(stores: Stores) -> None:
    first = await stores.person(1)
    second, _, _ = await stores.accounts.add(1, "another key", NOON)
    renewed, _ = await stores.people.store_key(1, "new", NOON, account_id=first.id)
    assert renewed.id == first.id
    assert stores.people.key(renewed) == "new"
    assert await stores.people.account_in_use(1) == second


async def test_nobody_uses_finds_or_renews_an_account_of_somebody_else(stores: Stores) -> None:
    theirs, mine = await stores.person(1), await stores.person(2)
    assert not await stores.accounts.use(theirs.id, 2)
    assert await stores.accounts.find(theirs.id, 2) is None
    await stores.accounts.remove(theirs.id, 2)
    made, _ = await stores.people.store_key(2, "new", NOON, account_id=theirs.id)
    assert made.id not in {theirs.id, mine.id}
    assert stores.people.key(theirs) == "key of 1"


async def test_a_file_is_found_in_the_account_that_has_it(stores: Stores) -> None:
    first = await stores.person(1)
    second, _, _ = await stores.accounts.add(1, "another key", NOON)
    file = StoredFile("listed", "https://1fichier.com/?listed", 0, "a", 1, NOON, has_password=False)
    await stores.listings.note_file(first.id, file, NOON)
    await stores.done(await stores.accept(second, message=7))
    assert await stores.accounts.owner_of(1, "listed") == first.id
    assert await stores.accounts.owner_of(1, "link1") == second.id
    await stores.listings.note_deleted(first.id, "listed", NOON)
    assert await stores.accounts.owner_of(1, "listed") is None
    assert await stores.accounts.owner_of(2, "link1") is None


async def test_nothing_of_a_removed_account_is_left_readable_or_sealed(stores: Stores) -> None:
    account = await live(stores, PERSON, "planted-gone")
    await live(stores, OTHER, "planted-theirs")
    # The password for new files is the person's, too; files are sealed as it is.
    password = await stores.database.fetch_one(
        "SELECT sealed_upload_password AS sealed FROM person WHERE id = :id", {"id": PERSON}
    )
    assert password is not None
    sealed = [each for each in await sealed_values(stores, PERSON) if each != bytes(password["sealed"])]
    kept, _, _ = await stores.accounts.add(PERSON, "planted-kept", NOON)
    await stores.accept(kept, name="planted-stays", message=700)
    assert await stores.people.note_key_refused(account, NOON)

    await stores.accounts.remove(account.id, PERSON)
    assert await stores.database.erase_traces()

    # The language is the person's, not the account's.
    await stores.people.meet(PERSON, "en", NOON)
    assert await stores.database.erase_traces()
    assert in_files(stores, [b"planted-gone", *sealed]) == []
    assert in_files(stores, [b"planted-stays", b"planted-theirs"]) == [b"planted-stays", b"planted-theirs"]
    assert await stores.people.account_in_use(PERSON) == kept
    facts = await stores.database.fetch_all(
        "SELECT kind FROM outbox WHERE person_id = :person", {"person": PERSON}
    )
    assert FactKind.KEY_REFUSED.value not in {row["kind"] for row in facts}


async def test_the_first_of_the_others_is_in_use_when_the_one_in_use_goes(stores: Stores) -> None:
    first = await stores.person(1)
    second, _, _ = await stores.accounts.add(1, "2", NOON)
    third, _, _ = await stores.accounts.add(1, "3", NOON)
    await stores.accounts.remove(second.id, 1)
    assert await stores.people.account_in_use(1) == third
    await stores.accounts.remove(third.id, 1)
    assert await stores.people.account_in_use(1) == first
    await stores.accounts.remove(first.id, 1)
    assert await stores.people.account_in_use(1) is None
    assert await stores.people.find(1) is not None
