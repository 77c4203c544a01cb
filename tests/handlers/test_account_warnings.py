"""What people are told unasked about their accounts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from emulators.botapi import SeenMessage
from emulators.onefichier import EmulatedAccount
from storage import FactKind
from tests.handlers.flow import in_background, noted, telling, until
from tests.handlers.world import World, open_world
from transfers import AccountWatch
from transfers.account_watch import LOOK_SECONDS

DAY = 86_400.0
TB = 10**12
OFF = "You can switch such warnings off in /settings"


@pytest.fixture
async def account(world: World) -> EmulatedAccount:
    account = await world.log_in()
    account.subscription_end = "2027-01-31 12:00:00"
    return account


def watch(world: World) -> AccountWatch:
    services = world.services
    return AccountWatch(services.files, services.people, services.warnings, services.wakeups, world.clock)


async def nothing_due(world: World) -> bool:
    return not await world.services.outbox.depth()


async def told(world: World, looks: int = 1, *, apart: float = DAY) -> list[SeenMessage]:
    """What the person is told by so many looks, which lie so far apart."""
    before = len(world.person.chat.from_bot)
    watching = watch(world)
    async with telling(world):
        for look in range(looks):
            if look:
                await world.clock.leap(apart)
            await world.let_time_pass_for(watching.once())
            await noted(world, lambda: nothing_due(world))
    return list(world.person.chat.from_bot)[before:]


@pytest.mark.parametrize(
    ("cold", "percent"), [(1_800_000_000_001, "90%"), (1_950_000_000_000, "97%")], ids=["just", "far"]
)
async def test_a_storage_that_runs_full(
    world: World, account: EmulatedAccount, cold: int, percent: str
) -> None:
    account.cold_storage = cold
    [message] = await told(world)
    assert message.text.splitlines()[0].startswith("⚠️ Your storage is nearly full: ")
    assert message.text.splitlines()[0].endswith(f"of 2 TB ({percent})")
    assert message.text.splitlines()[-1] == OFF
    assert not message.silent


async def test_one_with_room_is_not_worth_a_word(world: World, account: EmulatedAccount) -> None:
    account.cold_storage = 1_800_000_000_000
    assert await told(world) == []


async def test_each_threshold_is_told_once(world: World, account: EmulatedAccount) -> None:
    account.cold_storage = 1_900_000_000_000
    assert len(await told(world, 3)) == 1
    account.cold_storage, account.overquota = 2_100_000_000_000, True
    [message] = await told(world, 3)
    assert message.text.splitlines()[0] == (
        "⚠️ You use more than your quota: if it stays so, 1fichier deletes files."
    )


async def test_hovering_around_a_threshold_is_told_once(world: World, account: EmulatedAccount) -> None:
    account.cold_storage = 1_810_000_000_000
    assert len(await told(world)) == 1
    for cold in (1_790_000_000_000, 1_810_000_000_000):
        account.cold_storage = cold
        await world.clock.leap(DAY)
        assert await told(world) == []


async def test_what_was_put_right_and_comes_again_is_told_again(
    world: World, account: EmulatedAccount
) -> None:
    for cold, said in ((1_900, 1), (1_000, 0), (1_900, 1)):
        account.cold_storage = cold * 10**9
        assert len(await told(world)) == said
        await world.clock.leap(DAY)


async def test_over_the_quota_makes_nearly_full_needless(world: World, account: EmulatedAccount) -> None:
    account.cold_storage, account.overquota = 2_100_000_000_000, True
    assert len(await told(world, 2)) == 1


async def test_a_subscription_that_ends_is_told_twice(world: World, account: EmulatedAccount) -> None:
    # Noon in Paris is eleven o'clock in London.
    account.subscription_end = "2026-03-20 12:00:00"
    assert [message.text.splitlines()[0] for message in await told(world, 25, apart=DAY)] == [
        "⚠️ Your 1fichier subscription ends on 20 March 2026, in 13 days.",
        "⚠️ Your 1fichier subscription ends on 20 March 2026, in 2 days.",
    ]


async def test_one_that_ends_very_soon_is_told_once(world: World, account: EmulatedAccount) -> None:
    account.subscription_end = "2026-03-03 12:00:00"
    assert [message.text.splitlines()[0] for message in await told(world, 3, apart=3600)] == [
        "⚠️ Your 1fichier subscription ends on 3 March 2026, in less than a day."
    ]


async def test_one_that_was_renewed_ends_again(world: World, account: EmulatedAccount) -> None:
    account.subscription_end = "2026-03-12 12:00:00"
    assert len(await told(world)) == 1
    account.subscription_end = "2026-04-12 12:00:00"
    await world.clock.leap(DAY)
    assert await told(world) == []
    await world.clock.leap(35 * DAY)
    assert len(await told(world)) == 1


async def test_a_free_account_ends_never(world: World, account: EmulatedAccount) -> None:
    account.offer, account.subscription_end = 0, "2026-03-12 12:00:00"
    assert await told(world, 12) == []


async def test_uploads_that_are_forbidden(world: World, account: EmulatedAccount) -> None:
    account.upload_forbidden = True
    [message] = await told(world, 2)
    assert message.text.splitlines() == [
        "⚠️ 1fichier takes no uploads from you at the moment.",
        "Its site may say why; /quota shows how full your storage is.",
        OFF,
    ]


async def test_what_quota_has_brought_is_told_at_once(world: World, account: EmulatedAccount) -> None:
    account.cold_storage = 1_900_000_000_000
    begun = world.clock.elapsed
    async with telling(world), in_background(watch(world).run()):
        await world.tell("/quota")
        await until(world, lambda: "nearly full" in world.person.chat.last.text)
        assert world.clock.elapsed - begun < LOOK_SECONDS / 10
        # The look that is due then is not put off, and finds nothing new.
        await world.passes(LOOK_SECONDS)
        await noted(world, lambda: nothing_due(world))
    assert sum("nearly full" in message.text for message in world.person.chat.from_bot) == 1
    assert len([call for call in world.fichier.calls if call.endpoint == "user/info.cgi"]) == 1


async def test_looks_go_on_whatever_people_ask(world: World, account: EmulatedAccount) -> None:
    second = await world.log_in(world.somebody())
    second.upload_forbidden = True
    async with in_background(watch(world).run()):
        # In each look one of the two accounts is asked about.
        for _ in range(2 * 4):
            await world.passes(LOOK_SECONDS / 4)
            world.services.wakeups.figures_came(1)
            await world.passes(1)
        assert await world.services.outbox.depth()


async def test_switched_off_nothing_is_asked_and_nothing_said(world: World, account: EmulatedAccount) -> None:
    account.upload_forbidden = True
    message = await world.tell("/settings")
    await world.press("Warnings", message)
    await world.press("no", message)
    asked = len(world.fichier.calls)
    assert await told(world, 2) == []
    assert len(world.fichier.calls) == asked
    await world.press("Warnings", message)
    await world.press("yes", message)
    assert len(await told(world)) == 1


async def test_switched_off_before_it_was_told(world: World, account: EmulatedAccount) -> None:
    account.upload_forbidden = True
    await world.let_time_pass_for(watch(world).once())
    message = await world.tell("/settings")
    await world.press("Warnings", message)
    await world.press("no", message)
    assert await told(world) == []
    assert not await world.services.outbox.depth()


async def test_with_several_accounts_it_says_which(world: World, account: EmulatedAccount) -> None:
    second = world.fichier.add_account()
    assert second.key is not None
    await world.services.accounts.log_in(world.person.id, second.key, another=True)
    second.upload_forbidden = True
    [message] = await told(world, 3)
    assert "Account: Account 2" in message.text


async def test_after_a_restart_it_is_not_told_again(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        account = await world.log_in()
        account.upload_forbidden = True
        assert len(await told(world)) == 1
        assert await told(world) == []


async def test_a_key_of_another_account_begins_anew(world: World, account: EmulatedAccount) -> None:
    account.upload_forbidden = True
    await told(world)
    other = world.fichier.add_account()
    other.upload_forbidden = True
    assert other.key is not None
    await world.services.accounts.log_in(world.person.id, other.key)
    await world.clock.advance(300)
    assert len(await told(world)) == 1


async def test_logging_out_ends_the_watch(world: World, account: EmulatedAccount) -> None:
    account.upload_forbidden = True
    await world.let_time_pass_for(watch(world).once())
    await world.services.accounts.log_out(world.person.id)
    asked = len(world.fichier.calls)
    await world.clock.leap(DAY)
    assert await told(world) == []
    assert len(world.fichier.calls) == asked


@asynccontextmanager
async def many(directory: Path, number: int) -> AsyncIterator[World]:
    async with open_world(directory, enforce_limits=True) as world:
        for _ in range(number):
            account = await world.log_in(world.somebody())
            await world.clock.advance(5)
            account.cold_storage = 1_900_000_000_000
        yield world


async def test_the_limits_of_user_info_are_kept_however_many_there_are(tmp_path: Path) -> None:
    async with many(tmp_path, 4) as world:
        async with in_background(watch(world).run()):
            await world.passes(7200)
        asked = [call for call in world.fichier.calls if call.endpoint == "user/info.cgi"]
        assert len(asked) == 4
        assert not world.fichier.limit_breaches
        facts = await world.database.fetch_all(
            "SELECT DISTINCT person_id FROM outbox WHERE kind = :kind",
            {"kind": FactKind.ACCOUNT_WARNING.value},
        )
        assert len(facts) == 4


async def test_one_that_cannot_be_asked_holds_up_nobody(tmp_path: Path) -> None:
    async with many(tmp_path, 2) as world:
        watching = watch(world)
        world.fichier.faults.add(
            "user/info.cgi", "status", account=world.fichier.accounts[0].email, times=9, status=500
        )
        await world.let_time_pass_for(watching.once())
        await world.clock.advance(300)
        await world.let_time_pass_for(watching.once())
        facts = await world.database.fetch_all("SELECT person_id FROM outbox WHERE kind = 'account_warning'")
        assert len(facts) == 1
