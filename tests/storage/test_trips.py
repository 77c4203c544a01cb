import asyncio
from collections.abc import Sequence

import pytest

from storage.trips import SharedTrips


class Ferry:
    """Goes when it is let go, and notes who was aboard. Doubles numbers."""

    def __init__(self) -> None:
        self.aboard: list[list[int]] = []
        self.may_go = asyncio.Event()
        self.trips = SharedTrips(self._go)

    async def _go(self, asked: Sequence[int]) -> list[int | Exception]:
        self.aboard.append(list(asked))
        await self.may_go.wait()
        if 13 in asked:
            raise ConnectionError
        return [LookupError() if number < 0 else 2 * number for number in asked]

    async def asked(self, *numbers: int) -> list[asyncio.Task[int]]:
        tasks = [asyncio.create_task(self.trips.ask(number)) for number in numbers]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return tasks


@pytest.fixture
async def ferry() -> Ferry:
    return Ferry()


async def test_what_is_asked_meanwhile_goes_together(ferry: Ferry) -> None:
    tasks = await ferry.asked(1)
    for number in (2, 3):
        tasks += await ferry.asked(number)
    ferry.may_go.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6]
    assert ferry.aboard == [[1], [2, 3]]
    # It goes again when all have landed.
    assert await ferry.trips.ask(4) == 8
    assert ferry.aboard[2:] == [[4]]


async def test_an_error_is_raised_to_whoever_asked_for_it(ferry: Ferry) -> None:
    good, bad, other = await ferry.asked(1, -2, 3)
    ferry.may_go.set()
    with pytest.raises(LookupError):
        await bad
    assert [await good, await other] == [2, 6]


async def test_a_trip_that_fails_fails_for_all_and_the_next_one_goes(ferry: Ferry) -> None:
    lost = await ferry.asked(13, 1)
    later = await ferry.asked(2)
    ferry.may_go.set()
    assert [type(each) for each in await asyncio.gather(*lost, return_exceptions=True)] == [
        ConnectionError
    ] * 2
    assert await asyncio.gather(*later) == [4]


async def test_who_is_cancelled_holds_up_nobody(ferry: Ferry) -> None:
    first, second = await ferry.asked(1, 2)
    waiting, other = await ferry.asked(3, -4)
    for task in (first, waiting, other):
        task.cancel()
    ferry.may_go.set()
    assert await second == 4
    assert first.cancelled()
    await ferry.trips.finish()
    assert waiting.cancelled()
    assert other.cancelled()


async def test_finishing_waits_for_what_is_under_way(ferry: Ferry) -> None:
    await ferry.trips.finish()
    tasks = await ferry.asked(1)
    finishing = asyncio.create_task(ferry.trips.finish())
    await asyncio.sleep(0)
    assert not finishing.done()
    ferry.may_go.set()
    await finishing
    assert await asyncio.gather(*tasks) == [2]
