import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from onefichier import ADDRESS, Pacing, Priority, Waiting
from onefichier.limits import Allowance, Row
from onefichier.pacer import Ask, Pacer
from tests.clock import NOON, FakeClock

A, B = "account:1", "account:2"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def pacer(clock: FakeClock) -> AsyncIterator[Pacer]:
    pacer = Pacer(Pacing(), clock)
    yield pacer
    await pacer.aclose()


def ask(
    scope: str = A,
    *,
    priority: Priority = Priority.INTERACTIVE,
    wait: float | None = None,
    endpoint: str = "file/info.cgi",
    allowance: float | None = None,
) -> Ask:
    allowances = () if allowance is None else (Allowance(Row(scope, endpoint), allowance),)
    return Ask(endpoint, scope, priority, wait, allowances)


class Log:
    """Who went when."""

    def __init__(self, pacer: Pacer, clock: FakeClock) -> None:
        self.pacer = pacer
        self.clock = clock
        self.turns: list[tuple[float, str]] = []

    def start(self, name: str, wanted: Ask) -> asyncio.Task[None]:
        return asyncio.create_task(self._call(name, wanted))

    async def _call(self, name: str, wanted: Ask) -> None:
        async with self.pacer.turn(wanted) as turn:
            self.turns.append((round(self.clock.elapsed, 6), name))
            self.pacer.count_from_now(turn)
            turn.answered = True


@pytest.fixture
def log(pacer: Pacer, clock: FakeClock) -> Log:
    return Log(pacer, clock)


async def test_turns_are_given_at_their_times(log: Log, clock: FakeClock) -> None:
    tasks = [log.start(name, ask(scope)) for name, scope in (("a1", A), ("a2", A), ("b1", B), ("b2", B))]
    await clock.advance(10)
    assert log.turns == [(0.0, "a1"), (0.5, "b1"), (1.5, "a2"), (2.0, "b2")]
    await asyncio.gather(*tasks)
    assert clock.sleepers == 0


async def test_a_later_but_more_urgent_call_overtakes(log: Log, clock: FakeClock) -> None:
    tasks = [log.start("first", ask()), log.start("transfer", ask(priority=Priority.TRANSFER))]
    await clock.advance(1)
    tasks.append(log.start("person", ask()))
    await clock.advance(10)
    assert [name for _, name in log.turns] == ["first", "person", "transfer"]
    await asyncio.gather(*tasks)


async def test_whoever_would_wait_too_long_is_told_at_once_until_when(log: Log, clock: FakeClock) -> None:
    waiting = [log.start(str(number), ask()) for number in range(5)]
    await clock.settle()
    with pytest.raises(Waiting) as told:
        async with log.pacer.turn(ask(wait=5)):
            raise AssertionError
    assert told.value.until == NOON + timedelta(seconds=7.5)
    assert told.value.scope == ADDRESS
    await clock.advance(10)
    await asyncio.gather(*waiting)


async def test_whoever_is_overtaken_for_too_long_is_told_then(log: Log, clock: FakeClock) -> None:
    first = log.start("first", ask())
    await clock.settle()
    patient = log.start("patient", ask(priority=Priority.TRANSFER, wait=2))
    await clock.advance(1)
    urgent = [log.start(f"urgent {number}", ask()) for number in range(3)]
    await clock.advance(10)
    with pytest.raises(Waiting):
        await patient
    assert [name for _, name in log.turns] == ["first", "urgent 0", "urgent 1", "urgent 2"]
    await asyncio.gather(first, *urgent)


async def test_without_patience_a_free_turn_is_taken(log: Log) -> None:
    await log.start("now", ask(wait=0))
    with pytest.raises(Waiting):
        await log.start("too late", ask(wait=0))
    assert [name for _, name in log.turns] == ["now"]


async def test_a_cancelled_call_leaves_its_turn_to_the_next(log: Log, clock: FakeClock) -> None:
    tasks = [log.start(str(number), ask()) for number in range(3)]
    await clock.settle()
    tasks[1].cancel()
    await clock.advance(10)
    assert log.turns == [(0.0, "0"), (1.5, "2")]
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_call_cancelled_while_its_turn_comes_holds_nobody(pacer: Pacer, clock: FakeClock) -> None:
    log = Log(pacer, clock)
    async with pacer.turn(ask()) as turn:
        pacer.pause([Row(A, "*")], asked_at=turn.at, first=300)
    probe = log.start("probe", ask())
    await clock.settle()
    clock._elapsed = 300.0
    pacer._plan()
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    other = log.start("other", ask())
    await clock.advance(10)
    await other
    assert [name for _, name in log.turns] == ["other"]


async def test_an_allowance_bars_the_next_call_only_on_its_row(log: Log, clock: FakeClock) -> None:
    await log.start("info", ask(endpoint="user/info.cgi", allowance=300))
    with pytest.raises(Waiting) as told:
        await log.start("again", ask(endpoint="user/info.cgi", allowance=300, wait=5))
    assert (told.value.until, told.value.scope) == (NOON + timedelta(seconds=300), A)
    later = log.start("later", ask(endpoint="user/info.cgi", allowance=300))
    other = log.start("other", ask())
    await clock.advance(400)
    await asyncio.gather(later, other)
    assert log.turns == [(0.0, "info"), (1.5, "other"), (300.0, "later")]


@pytest.mark.parametrize(
    ("answered_after", "ended_after", "open_after"),
    [(4.0, 4.0, 34.0), (None, 4.0, 40.0), (None, 60.0, 90.0)],
    ids=["from its answer", "without one from the latest it can have come", "from its end"],
)
async def test_an_allowance_is_counted_from_when_the_service_has_got_the_call(
    pacer: Pacer, clock: FakeClock, answered_after: float | None, ended_after: float, open_after: float
) -> None:
    async with pacer.turn(ask(allowance=30)) as turn:
        await clock.advance(ended_after)
        if answered_after is not None:
            [(_, until)] = pacer.count_from_now(turn)
            assert until == NOON + timedelta(seconds=open_after)
    with pytest.raises(Waiting) as told:
        async with pacer.turn(ask(allowance=30, wait=5)):
            raise AssertionError
    assert told.value.until == NOON + timedelta(seconds=open_after)


async def test_a_call_that_is_answered_sooner_than_feared_lets_the_next_one_go(
    pacer: Pacer, clock: FakeClock
) -> None:
    log = Log(pacer, clock)
    async with pacer.turn(ask(allowance=30)) as turn:
        await clock.advance(2)
        next_one = log.start("next", ask(allowance=30))
        await clock.settle()
        pacer.count_from_now(turn)
    await clock.advance(60)
    await next_one
    assert log.turns == [(32.0, "next")]


async def test_an_answer_ends_no_pause_on_the_same_row(pacer: Pacer, clock: FakeClock) -> None:
    async with pacer.turn(ask(allowance=30)) as turn:
        pacer.pause([Row(A, "file/info.cgi")], asked_at=turn.at, first=300)
        pacer.count_from_now(turn)
    with pytest.raises(Waiting) as told:
        async with pacer.turn(ask(wait=5)):
            raise AssertionError
    assert told.value.until == NOON + timedelta(seconds=300)


async def test_after_a_pause_one_call_probes_and_the_others_wait_for_its_outcome(
    pacer: Pacer, clock: FakeClock
) -> None:
    log = Log(pacer, clock)
    async with pacer.turn(ask()) as turn:
        until = pacer.pause([Row(ADDRESS, "*")], asked_at=turn.at, first=300)
    assert until == NOON + timedelta(seconds=300)
    assert pacer.paused_until(A) == until
    holding = asyncio.Event()

    async def probe() -> None:
        async with pacer.turn(ask(A)) as turn:
            await holding.wait()
            turn.answered = True

    first = asyncio.create_task(probe())
    await clock.settle()
    others = [log.start(f"{number}", ask(f"account:{number}")) for number in range(5, 8)]
    await clock.advance(330)
    assert log.turns == []
    assert pacer.paused_until(A) == NOON + timedelta(seconds=390)
    with pytest.raises(Waiting):
        await log.start("impatient", ask(B, wait=-1))
    holding.set()
    await clock.advance(10)
    assert log.turns == [(330.0, "5"), (330.5, "6"), (331.0, "7")]
    assert pacer.paused_until(A) is None
    await asyncio.gather(first, *others)


async def test_a_probe_without_an_outcome_lets_the_next_one_probe(pacer: Pacer, clock: FakeClock) -> None:
    async with pacer.turn(ask()) as turn:
        pacer.pause([Row(A, "*")], asked_at=turn.at, first=300)
    await clock.advance(300)
    with pytest.raises(ConnectionError):
        async with pacer.turn(ask()):
            raise ConnectionError
    await clock.advance(2)
    async with pacer.turn(ask()) as turn:
        assert turn.probes == (Row(A, "*"),)


async def test_a_pause_that_begins_while_they_wait_is_told_to_the_impatient(
    log: Log, clock: FakeClock
) -> None:
    async with log.pacer.turn(ask()) as turn:
        impatient = log.start("impatient", ask(wait=5))
        patient = log.start("patient", ask())
        await clock.settle()
        log.pacer.pause([Row(A, "*")], asked_at=turn.at, first=300)
    with pytest.raises(Waiting) as told:
        await impatient
    assert (told.value.until, told.value.scope) == (NOON + timedelta(seconds=300), A)
    await clock.advance(301)
    await patient
    assert log.turns == [(300.0, "patient")]


async def test_limits_of_an_earlier_process_hold(log: Log, clock: FakeClock) -> None:
    rows = [
        (A, "*", NOON + timedelta(seconds=100)),
        (B, "*", NOON - timedelta(seconds=100)),
        ("account:3", "*", NOON + timedelta(days=300)),
    ]
    log.pacer.restore(rows, longest=3600)
    tasks = [log.start(scope, ask(scope)) for scope in (A, B, "account:3")]
    await clock.advance(4000)
    await asyncio.gather(*tasks)
    assert log.turns == [(0.0, B), (100.0, A), (3600.0, "account:3")]


async def test_what_was_unused_for_an_hour_is_forgotten(pacer: Pacer, clock: FakeClock) -> None:
    async with pacer.turn(ask(allowance=300)):
        pass
    pacer.sweep()
    assert pacer._schedule.key_free_at
    await clock.advance(4000)
    pacer.sweep()
    assert not pacer._schedule.key_free_at
    assert not pacer._bars._bars


async def test_closing_ends_the_sleep(clock: FakeClock) -> None:
    pacer = Pacer(Pacing(), clock)
    log = Log(pacer, clock)
    tasks = [log.start(str(number), ask()) for number in range(2)]
    await clock.settle()
    await pacer.aclose()
    assert clock.sleepers == 0
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
