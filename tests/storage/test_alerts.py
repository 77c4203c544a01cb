from datetime import timedelta

import pytest

from storage import AlertKind, AlertStore, FactKind
from tests.storage.conftest import NOON, Stores, after

ADMIN, SECOND, SILENT = 5, 6, 7


@pytest.fixture
async def alerts(stores: Stores) -> AlertStore:
    for number in (ADMIN, SECOND):
        await stores.people.meet(number, "en", NOON)
    return AlertStore(stores.database)


async def told(stores: Stores) -> list[tuple[int, int]]:
    """(who, which alert)."""
    return [(fact.chat_id, fact.subject) for fact in await stores.outbox.due(after(3600), 10)]


async def test_every_admin_who_can_be_written_to_is_told(alerts: AlertStore, stores: Stores) -> None:
    assert await alerts.begin(AlertKind.DISK_LOW, 4e9, admins={ADMIN, SECOND, SILENT}, now=NOON)
    assert await told(stores) == [(ADMIN, 1), (SECOND, 1)]
    alert = await alerts.find(1)
    assert alert is not None
    assert (alert.kind, alert.figure, alert.began_at) == (AlertKind.DISK_LOW, 4e9, NOON)
    (fact, _) = await stores.outbox.due(NOON, 10)
    assert fact.kind is FactKind.ALERT


async def test_an_event_that_goes_on_is_told_once_and_the_next_one_again(
    alerts: AlertStore, stores: Stores
) -> None:
    assert await alerts.begin(AlertKind.DISK_LOW, 1, admins={ADMIN}, now=NOON)
    assert not await alerts.begin(AlertKind.DISK_LOW, 2, admins={ADMIN}, now=after(1))
    assert await alerts.begin(AlertKind.ADDRESS_LOCKED, 3, admins={SECOND}, now=after(1))
    assert await alerts.end(AlertKind.DISK_LOW, after(2))
    assert not await alerts.end(AlertKind.DISK_LOW, after(3))
    assert await alerts.begin(AlertKind.DISK_LOW, 4, admins={SECOND}, now=after(4))
    rows = await stores.database.fetch_all("SELECT chat_id FROM outbox ORDER BY id")
    assert [row["chat_id"] for row in rows] == [ADMIN, SECOND, SECOND]


async def test_what_happens_at_once_can_happen_again(alerts: AlertStore, stores: Stores) -> None:
    for second in (0, 1):
        await alerts.happened(AlertKind.CRASHED, 1, admins={ADMIN}, now=after(second))
    rows = await stores.database.fetch_all("SELECT subject FROM outbox ORDER BY id")
    assert [row["subject"] for row in rows] == [1, 2]


async def test_old_events_are_pruned_and_one_that_goes_on_is_not(alerts: AlertStore) -> None:
    await alerts.happened(AlertKind.CRASHED, 1, admins=(), now=NOON)
    await alerts.begin(AlertKind.DISK_LOW, 1, admins=(), now=NOON)
    assert await alerts.prune(NOON + timedelta(days=1)) == 1
    assert await alerts.find(1) is None
    assert await alerts.find(2) is not None
