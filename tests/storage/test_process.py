import os
import time
from pathlib import Path

from storage import ProcessStore, Switch, hold_data_directory, note_life, seconds_since_life
from tests.storage.conftest import NOON, Stores, after


async def test_a_start_after_an_end_in_order_tells_of_nothing(stores: Stores) -> None:
    process = ProcessStore(stores.database)
    assert await process.begin(NOON) is None
    await process.end(after(10))
    assert await process.begin(after(20)) is None
    assert await process.started_at() == after(20)


async def test_a_start_after_a_crash_tells_when_that_process_had_started(stores: Stores) -> None:
    process = ProcessStore(stores.database)
    assert await process.started_at() is None
    await process.begin(NOON)
    assert await process.begin(after(20)) == NOON
    await process.end(after(30))
    assert await process.begin(after(40)) is None


async def test_a_switch_stays_as_it_was_turned(stores: Stores) -> None:
    process = ProcessStore(stores.database)
    assert not await process.is_on(Switch.MAINTENANCE)
    for _ in range(2):
        await process.turn(Switch.MAINTENANCE, NOON, on=True)
    assert await process.is_on(Switch.MAINTENANCE)
    for _ in range(2):
        await process.turn(Switch.MAINTENANCE, NOON, on=False)
    assert not await process.is_on(Switch.MAINTENANCE)


def test_a_sign_of_life_tells_a_stuck_process_from_one_that_works(tmp_path: Path) -> None:
    with hold_data_directory(tmp_path):
        hour_ago = time.time() - 3600
        os.utime(tmp_path / "bot.lock", (hour_ago, hour_ago))
        assert seconds_since_life(tmp_path) > 3500
        note_life(tmp_path)
        assert seconds_since_life(tmp_path) < 60
