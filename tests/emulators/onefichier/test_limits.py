import pytest

from emulators.onefichier import DURING_A_LOCK, EmulatedAccount, OneFichier
from tests.emulators.onefichier.conftest import Client, HandClock

ADDRESS_FLOOD = (403, "Flood detected: IP Locked #374")
INFO_FLOOD = (403, "Flood detected: IP Locked #38")
USER_FLOOD = (403, "Flood detected: User Locked #218")


def rules(service: OneFichier) -> list[str]:
    return [breach.rule for breach in service.limit_breaches]


@pytest.fixture
def strict(service: OneFichier) -> OneFichier:
    service.limits.enforced = True
    return service


async def test_limits_are_counted_without_being_enforced(client: Client, service: OneFichier) -> None:
    for _ in range(4):
        await client.ok("folder/ls.cgi")

    (breach,) = service.limit_breaches
    assert (breach.rule, breach.scope, breach.at) == ("3 calls per second", "ip:127.0.0.1", service.now())


async def test_three_calls_a_second_are_no_breach(
    client: Client, service: OneFichier, clock: HandClock
) -> None:
    for _ in range(9):
        await client.ok("folder/ls.cgi")
        clock.advance(0.34)

    assert not service.limit_breaches


async def test_a_flood_locks_the_address_for_a_while(
    client: Client, strict: OneFichier, clock: HandClock
) -> None:
    for _ in range(3):
        await client.ok("folder/ls.cgi")
    assert await client.refusal("folder/ls.cgi") == ADDRESS_FLOOD

    clock.advance(299)
    assert await client.refusal("file/ls.cgi") == ADDRESS_FLOOD

    clock.advance(1)
    await client.ok("folder/ls.cgi")
    assert rules(strict) == ["3 calls per second", DURING_A_LOCK]


async def test_figures_can_be_others(client: Client, strict: OneFichier, clock: HandClock) -> None:
    strict.limits.calls_per_second = 1
    strict.limits.flood_lock_seconds = 5
    strict.limits.list_folder_seconds = 2

    await client.ok("file/ls.cgi")
    clock.advance(1.5)
    assert await client.refusal("file/ls.cgi") == USER_FLOOD
    assert await client.refusal("folder/ls.cgi") == ADDRESS_FLOOD
    clock.advance(5)
    await client.ok("file/ls.cgi")

    assert rules(strict) == ["listing of a folder", "1 calls per second"]


async def test_a_lock_on_demand_holds_although_limits_are_only_counted(
    client: Client, service: OneFichier, clock: HandClock
) -> None:
    service.limits.lock("127.0.0.1")

    clock.advance(299)
    assert await client.refusal("folder/ls.cgi") == ADDRESS_FLOOD
    clock.advance(1)
    await client.ok("folder/ls.cgi")

    assert rules(service) == [DURING_A_LOCK]


async def test_a_lock_can_be_lifted(client: Client, strict: OneFichier) -> None:
    for _ in range(4):
        await client.call("folder/ls.cgi")

    strict.limits.unlock()

    await client.ok("folder/ls.cgi")


async def test_user_info_floods_alone(client: Client, strict: OneFichier, clock: HandClock) -> None:
    await client.ok("user/info.cgi")

    clock.advance(59)
    assert await client.refusal("user/info.cgi") == INFO_FLOOD
    await client.ok("folder/ls.cgi")

    clock.advance(240)
    assert await client.refusal("user/info.cgi") == INFO_FLOOD

    clock.advance(1)
    await client.ok("user/info.cgi")
    per_user = "user/info per user"
    assert rules(strict) == ["user/info per address", per_user, per_user]


async def test_user_info_is_counted_by_address_for_all_people(
    client: Client, strict: OneFichier, clock: HandClock
) -> None:
    await client.ok("user/info.cgi")
    client.key = strict.add_account().key
    assert await client.refusal("user/info.cgi") == INFO_FLOOD

    clock.advance(60)
    await client.ok("user/info.cgi")


async def test_a_folder_is_listed_every_thirty_seconds(
    client: Client, strict: OneFichier, account: EmulatedAccount, clock: HandClock
) -> None:
    docs = account.add_folder("docs")
    await client.ok("file/ls.cgi")
    await client.ok("file/ls.cgi", folder_id=docs.id)
    assert await client.refusal("file/ls.cgi", folder_id=0) == USER_FLOOD

    clock.advance(30)
    await client.ok("file/ls.cgi")
    assert rules(strict) == ["listing of a folder"]


async def test_all_files_are_listed_once_an_hour(
    client: Client, strict: OneFichier, clock: HandClock
) -> None:
    await client.ok("file/ls.cgi", folder_id=-1)
    clock.advance(3599)
    assert await client.refusal("file/ls.cgi", folder_id=-1) == USER_FLOOD

    clock.advance(1)
    await client.ok("file/ls.cgi", folder_id=-1)


async def test_repeated_errors_bring_a_ban(client: Client, strict: OneFichier, clock: HandClock) -> None:
    client.key = "wrong"
    for _ in range(10):
        await client.refusal("folder/ls.cgi")
        clock.advance(1)
    client.key = strict.accounts[0].key

    assert await client.refusal("folder/ls.cgi") == (403, "IP Locked #186")
    assert "repeated errors" in rules(strict)

    clock.advance(3600)
    await client.ok("folder/ls.cgi")


async def test_errors_far_apart_are_forgiven(client: Client, service: OneFichier, clock: HandClock) -> None:
    client.key = "wrong"
    for _ in range(20):
        await client.refusal("folder/ls.cgi")
        clock.advance(7)

    assert not service.limit_breaches
