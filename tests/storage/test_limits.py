from storage import LimitRows, open_database
from tests.storage.conftest import NOON, Stores, after


async def test_what_was_saved_is_there_after_a_restart(stores: Stores) -> None:
    await stores.limits.save("address", "*", after(300))
    await stores.limits.save("account:1", "user/info.cgi", after(30))
    await stores.limits.save("account:1", "user/info.cgi", after(60))
    async with open_database(stores.database.path) as again:
        rows = await LimitRows(again).load()
    assert sorted(rows) == [("account:1", "user/info.cgi", after(60)), ("address", "*", after(300))]


async def test_what_has_passed_is_pruned(stores: Stores) -> None:
    await stores.limits.save("address", "*", after(300))
    await stores.limits.save("account:1", "file/ls.cgi", NOON)
    assert await stores.limits.prune(after(1)) == 1
    assert [row[0] for row in await stores.limits.load()] == ["address"]


async def test_logging_out_lifts_no_limit(stores: Stores) -> None:
    account = await stores.person(1)
    await stores.limits.save(f"account:{account.id}", "*", after(300))
    await stores.people.forget(1)
    assert len(await stores.limits.load()) == 1
