"""Sealing everything anew under another key."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from storage import (
    AccessStore,
    CannotOpen,
    InboxStore,
    IncomingUpdate,
    PeopleStore,
    Vault,
    count_by_key,
    reseal_all,
)
from storage.sealed import BATCH
from tests.storage.conftest import NOON, Stores

MORE_THAN_TWO_BATCHES = 2 * BATCH + 1


def new_key() -> str:
    return Fernet.generate_key().decode()


class Crash(Exception):
    """What ends the process in the middle."""


@pytest.fixture
def keys(stores: Stores) -> list[str]:
    """The new key and the old one, which the stores' vault begins with."""
    old, new = new_key(), new_key()
    stores.vault.use([old])
    return [new, old]


async def use_everything(stores: Stores) -> None:
    """A sealed value in every column that has any."""
    await stores.vault.prove(stores.database)
    account = await stores.person(1)
    await stores.people.set_upload_password(account.person_id, "secret")
    accepted = await stores.accept(account)
    await stores.transfers.note_guest_upload(accepted.transfer.id, "https://1fichier.com/remove/x")
    await stores.want(account, "https://a.example")
    await stores.questions.ask(1, 1, "x", {"a": 1}, now=NOON, lifetime=timedelta(1))
    inbox = InboxStore(stores.database, stores.vault)
    await inbox.receive([IncomingUpdate(1, "a", overtakes=False, payload="{}")], NOON)
    access = AccessStore(stores.database, stores.vault)
    await access.invite(asked_by="x", uses=1, lifetime=timedelta(1), now=NOON)


async def test_everything_that_is_sealed_comes_under_the_first_key(stores: Stores, keys: list[str]) -> None:
    await use_everything(stores)
    columns = await stores.database.fetch_all(
        "SELECT tables.name AS place, columns.name AS name FROM sqlite_master AS tables"
        " JOIN pragma_table_info(tables.name) AS columns"
        " WHERE tables.type = 'table' AND columns.name LIKE 'sealed%'"
    )
    for each in columns:
        (filled,) = await stores.database.fetch_all(
            f"SELECT count({each['name']}) AS n FROM {each['place']} WHERE {each['name']} IS NOT NULL"
        )
        assert filled["n"], f"{each['place']}.{each['name']} is not used by this test"

    stores.vault.use(keys)
    assert await count_by_key(stores.database, stores.vault) == {2: len(columns)}
    resealed = await reseal_all(stores.database, stores.vault)
    assert (resealed.changed, resealed.unreadable) == (len(columns), 0)
    assert await count_by_key(stores.database, Vault(keys[:1])) == {1: len(columns)}


async def test_each_key_opens_as_before(stores: Stores, keys: list[str]) -> None:
    people = range(1, MORE_THAN_TWO_BATCHES)
    for number in people:
        await stores.person(number)
    stores.vault.use(keys)
    await reseal_all(stores.database, stores.vault)
    alone = PeopleStore(stores.database, Vault(keys[:1]))
    assert [alone.key(account) for account in await alone.accounts()] == [f"key of {n}" for n in people]


async def test_broken_off_in_the_middle_nothing_is_lost_and_the_rest_is_done_next_time(
    stores: Stores, keys: list[str]
) -> None:
    await stores.vault.prove(stores.database)
    for number in range(1, MORE_THAN_TWO_BATCHES):
        await stores.person(number)
    stores.vault.use(keys)

    def crash(changed: int) -> None:
        if changed:
            raise Crash

    with pytest.raises(Crash):
        await reseal_all(stores.database, stores.vault, after_batch=crash)
    half = await count_by_key(stores.database, stores.vault)
    assert half[1] == BATCH
    assert half[2] == MORE_THAN_TWO_BATCHES - BATCH
    opened = [stores.people.key(account) for account in await stores.people.accounts()]
    assert len(set(opened)) == MORE_THAN_TWO_BATCHES - 1

    again = await reseal_all(stores.database, stores.vault)
    assert again.changed == half[2]
    assert await count_by_key(stores.database, stores.vault) == {1: MORE_THAN_TWO_BATCHES}


async def test_the_proof_comes_last(stores: Stores, keys: list[str]) -> None:
    await use_everything(stores)
    stores.vault.use(keys)
    for stop_after in range(100):
        done = 0

        def crash(changed: int, stop_after: int = stop_after) -> None:
            nonlocal done
            done = changed
            if changed > stop_after:
                raise Crash

        try:
            await reseal_all(stores.database, stores.vault, after_batch=crash)
        except Crash:
            row = await stores.database.fetch_one("SELECT sealed FROM proof")
            assert row is not None
            under_old = (await count_by_key(stores.database, stores.vault))[2]
            assert (stores.vault.position_of_key(bytes(row["sealed"])) == 1) == (under_old == 0)
        else:
            break
    assert await count_by_key(stores.database, stores.vault) == {1: 9}


async def test_what_no_key_opens_is_counted_and_left(stores: Stores, keys: list[str]) -> None:
    account = await stores.person(1)
    stores.vault.use([new_key()])
    await stores.person(2)
    resealed = await reseal_all(stores.database, stores.vault)
    assert (resealed.changed, resealed.unreadable) == (0, 1)
    assert await count_by_key(stores.database, stores.vault) == {None: 1, 1: 1}
    with pytest.raises(CannotOpen):
        stores.people.key(account)
    stores.vault.use(keys)
    assert stores.people.key(account) == "key of 1"


async def test_what_changes_meanwhile_is_not_overwritten(stores: Stores, keys: list[str]) -> None:
    await stores.person(1)
    stores.vault.use(keys)
    await stores.people.store_key(1, "newer", NOON)
    await reseal_all(stores.database, stores.vault)
    (account,) = await stores.people.accounts()
    assert stores.people.key(account) == "newer"
