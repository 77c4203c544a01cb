"""Keys in and out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from onefichier import AccountLocked, FloodDetected, MalformedKey, NotAuthenticated, OneFichierError, Unclear
from storage import Account, CannotOpen, FactKind
from tests.transfers.world import ADA, World


async def accounts(world: World) -> int:
    return len(await world.people.accounts())


async def log_in(world: World, key: str) -> int:
    logged_in = await world.result(world.process.accounts.log_in(ADA, key))
    return logged_in.waiting


async def test_a_key_that_works_is_stored_after_one_cheap_call(world: World) -> None:
    await world.people.meet(ADA, "en", world.clock.now())
    assert world.account.key is not None

    assert await log_in(world, f"  {world.account.key}\n") == 0

    account = await world.people.account_in_use(ADA)
    assert account is not None
    assert world.people.key(account) == world.account.key
    assert [call.endpoint for call in world.fichier.calls] == ["folder/ls.cgi"]
    assert world.process.wakeups.queue.is_set()


@pytest.mark.parametrize(
    ("key", "error"),
    [
        ("x" * 32, NotAuthenticated),
        ("", MalformedKey),
        ("two words", MalformedKey),
        ("x" * 10_000, MalformedKey),
    ],
    ids=["wrong", "empty", "two words", "10 kB"],
)
async def test_a_key_that_cannot_work_is_not_stored(
    world: World, key: str, error: type[OneFichierError]
) -> None:
    await world.people.meet(ADA, "en", world.clock.now())

    with pytest.raises(error) as raised:
        await log_in(world, key)

    assert await accounts(world) == 0
    assert not key or key not in str(raised.value)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "ko", "status": 403, "text": "No such user #93"}, AccountLocked),
        ({"kind": "status", "status": 503, "times": None}, Unclear),
        ({"kind": "flood"}, FloodDetected),
    ],
    ids=["locked", "unreachable", "flood"],
)
async def test_nothing_is_stored_without_a_verdict(
    world: World, fault: dict[str, object], error: type[OneFichierError]
) -> None:
    await world.people.meet(ADA, "en", world.clock.now())
    world.fichier.faults.add("folder/ls.cgi", **fault)  # type: ignore[arg-type]  # a table of cases
    assert world.account.key is not None

    with pytest.raises(error):
        await log_in(world, world.account.key)

    assert await accounts(world) == 0


async def test_a_wrong_key_leaves_the_account_in_use_as_it_is(world: World, account: Account) -> None:
    with pytest.raises(NotAuthenticated):
        await log_in(world, "x" * 32)

    assert await world.current(account) == account
    assert not await world.facts(FactKind.KEY_REFUSED)


async def test_a_key_that_cannot_be_opened_any_more_parks_the_account(world: World, account: Account) -> None:
    await world.database.execute("UPDATE account SET sealed_key = :junk", {"junk": b"junk"})

    with pytest.raises(CannotOpen):
        await world.result(world.files.folder(account, 0))

    assert (await world.current(account)).refused_at is not None
    assert not world.fichier.calls


async def test_a_refusal_of_the_old_key_does_not_park_the_new_one(world: World, account: Account) -> None:
    assert world.account.key is not None
    before = await world.current(account)
    new = world.fichier.add_account()
    assert new.key is not None

    with pytest.raises(NotAuthenticated):  # noqa: PT012  # the key changes while a call is out
        async with world.process.accounts.using(before):
            await world.people.store_key(ADA, new.key, world.clock.now())
            raise NotAuthenticated("x", endpoint="y", http_status=401)

    assert (await world.current(account)).refused_at is None


def traces(directory: Path) -> Iterator[bytes]:
    for path in directory.iterdir():
        if path.is_file():
            yield path.read_bytes()


async def test_a_logout_leaves_no_trace_in_the_files(world: World, account: Account, tmp_path: Path) -> None:
    world.run_uploads()
    await world.ended(await world.send(name="holiday-secret.bin"))
    sealed = account.sealed_key
    assert any(b"holiday-secret" in data for data in traces(tmp_path))

    await world.process.accounts.log_out(ADA)
    await world.process.housekeeping.once()

    assert await world.people.find(ADA) is None
    assert not any(b"holiday-secret" in data or sealed in data for data in traces(tmp_path))
