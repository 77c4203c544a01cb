import asyncio
from datetime import UTC, datetime, timedelta

from onefichier import Clock, SystemClock
from tests.clock import NOON, FakeClock


async def test_the_systems_clock_is_aware_and_goes_on() -> None:
    clock: Clock = SystemClock()
    begun, at = clock.now(), clock.monotonic()
    await clock.sleep(0.01)
    assert clock.monotonic() - at >= 0.009
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert begun.tzinfo is UTC


async def test_a_held_clock_wakes_sleepers_in_their_order() -> None:
    clock = FakeClock()
    woken: list[tuple[str, float]] = []

    async def sleep(name: str, *seconds: float) -> None:
        for part in seconds:
            await clock.sleep(part)
            woken.append((name, clock.elapsed))

    async with asyncio.TaskGroup() as group:
        group.create_task(sleep("late", 10))
        group.create_task(sleep("twice", 2, 3))
        group.create_task(sleep("never", 0))
        await clock.advance(7)
        assert woken == [("never", 0.0), ("twice", 2.0), ("twice", 5.0)]
        assert clock.now() == NOON + timedelta(seconds=7)
        assert clock.sleepers == 1
        await clock.advance(7)
    assert woken[-1] == ("late", 10.0)


async def test_an_automatic_clock_jumps() -> None:
    clock = FakeClock(auto=True)
    before = clock.monotonic()
    await clock.sleep(3600)
    assert clock.monotonic() - before == 3600
