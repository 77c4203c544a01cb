import asyncio
import itertools

import pytest

from transfers.turns import QUIET_SECONDS, TURNS_OF_OTHERS, Turns


class Counter:
    """Counts the turns of the event loop."""

    def __init__(self) -> None:
        self.turns = 0
        self._next = asyncio.get_running_loop().call_soon(self._count)

    def _count(self) -> None:
        self.turns += 1
        self._next = asyncio.get_running_loop().call_soon(self._count)

    def stop(self) -> None:
        self._next.cancel()


class Clock:
    """Has so many seconds pass from one look at it to the next."""

    def __init__(self, seconds: float) -> None:
        self._looks = itertools.count(1)
        self._seconds = seconds

    def __call__(self) -> float:
        return next(self._looks) * self._seconds


BUSY = QUIET_SECONDS * 2
QUIET = QUIET_SECONDS / 2


@pytest.fixture
async def counter() -> Counter:
    return Counter()


async def test_a_file_that_is_alone_goes_on_at_once(counter: Counter) -> None:
    before = counter.turns
    await Turns().take()
    assert counter.turns == before
    counter.stop()


async def test_files_go_on_in_their_order_and_others_have_their_turns_between(counter: Counter) -> None:
    turns = Turns(Clock(BUSY))
    gone_on: list[tuple[str, int]] = []

    async def send(name: str, pieces: int) -> None:
        for _ in range(pieces):
            await turns.take()
            gone_on.append((name, counter.turns))

    await asyncio.gather(*(send(name, 3) for name in "abc"))
    counter.stop()
    # The first one asks for its second piece before the others are there.
    assert "".join(name for name, _ in gone_on) == "aabcabcbc"
    when = [turn for _, turn in gone_on]
    assert all(later - earlier > TURNS_OF_OTHERS for earlier, later in itertools.pairwise(when))


async def test_turns_that_nobody_uses_are_not_waited_for(counter: Counter) -> None:
    turns = Turns(Clock(QUIET))
    await turns.take()
    before = counter.turns
    await turns.take()
    counter.stop()
    assert counter.turns - before <= 2 < TURNS_OF_OTHERS


async def test_a_file_that_was_cancelled_holds_up_nobody() -> None:
    turns = Turns()
    await turns.take()
    leaving, staying = asyncio.create_task(turns.take()), asyncio.create_task(turns.take())
    await asyncio.sleep(0)
    leaving.cancel()
    async with asyncio.timeout(1):
        await staying
    assert leaving.cancelled()


async def test_after_a_rest_a_file_goes_on_at_once_again(counter: Counter) -> None:
    turns = Turns()
    await turns.take()
    for _ in range(2 + TURNS_OF_OTHERS):
        await asyncio.sleep(0)
    before = counter.turns
    await turns.take()
    assert counter.turns == before
    counter.stop()
