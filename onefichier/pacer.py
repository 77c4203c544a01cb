"""Turns for calls: the schedule and the limits, with a clock."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from onefichier.clock import Clock
from onefichier.errors import Waiting
from onefichier.limits import (
    ADDRESS,
    EVERY_ENDPOINT,
    IDLE_SECONDS,
    UNANSWERED_SECONDS,
    Allowance,
    Bars,
    Pacing,
    Refusals,
    Row,
    rows_of,
)
from onefichier.schedule import Priority, Schedule, Waiter

# What a probe takes at most, told to those who will not wait for its outcome.
PROBE_SECONDS: Final = 60.0
# A forecast looks no further: 200 turns are minutes, and whoever would wait longer is told at least so long.
FORECAST_TURNS: Final = 200


@dataclass(frozen=True, slots=True)
class Ask:
    """A call that wants a turn. `wait` is the longest wait in seconds, None for any."""

    endpoint: str
    scope: str
    priority: Priority
    wait: float | None = None
    allowances: tuple[Allowance, ...] = ()


@dataclass(slots=True)
class Granted:
    """A turn. Set `answered` when the service took the call as an ordinary one, whatever it said."""

    at: float
    probes: tuple[Row, ...]
    allowances: tuple[Allowance, ...]
    held_until: tuple[tuple[Row, datetime], ...]
    """What the call uses up, as long as it is not answered: to be saved before it is sent."""
    answered: bool = False
    counted: bool = False


@dataclass(eq=False, slots=True)
class _Ticket:
    number: int
    ask: Ask
    rows: tuple[Row, ...]
    deadline: float
    outcome: asyncio.Future[Granted]
    waiter: Waiter | None = None
    version: int = 0
    """Of the bars, when `waiter` was made."""


class Pacer:
    def __init__(self, pacing: Pacing, clock: Clock) -> None:
        self._clock = clock
        self._schedule = Schedule(pacing.address_interval, pacing.key_interval)
        self._bars = Bars()
        self._refusals = Refusals()
        self._waiting: dict[int, _Ticket] = {}
        self._arrivals = 0
        self._sleeper: asyncio.Task[None] | None = None
        self._wakes_at = math.inf

    @contextlib.asynccontextmanager
    async def turn(self, ask: Ask) -> AsyncIterator[Granted]:
        """Wait for a turn and hold its probes until the block ends.

        Raises:
            Waiting: at once when the turn is expected later than `ask.wait` allows, else when that time is over.
        """
        granted = await self._wait(ask)
        try:
            yield granted
        finally:
            self._bars.end_probe(granted.probes, lifted=granted.answered)
            if not granted.counted:
                # It may have come through all the same, at the very end.
                self._hold(granted.allowances, self._clock.monotonic())
            if granted.probes:
                self._plan()

    def count_from_now(self, turn: Granted) -> tuple[tuple[Row, datetime], ...]:
        """The call is answered, so the service has counted it by now. Returns until when its allowances are used up."""
        turn.counted = True
        now = self._clock.monotonic()
        for row, seconds in turn.allowances:
            self._bars.hold_instead(row, now + seconds, of=turn.at + UNANSWERED_SECONDS + seconds)
        if turn.allowances:
            self._plan()
        return self._held_until(turn.allowances, now)

    def pause(self, rows: Iterable[Row], *, asked_at: float, first: float, at_least: float = 0) -> datetime:
        """Begin a pause of `first` seconds, or twice the last one, and say when it ends. `asked_at`: when the call was sent."""
        now = self._clock.monotonic()
        ends = [
            self._bars.pause(row, now=now, asked_at=asked_at, first=first, at_least=at_least) for row in rows
        ]
        self._plan()
        return self._moment(max(ends))

    def refused(self, scope: str) -> list[tuple[Row, datetime]]:
        """Count a no of the kind that repeated brings bans; what has to rest now, and until when."""
        now = self._clock.monotonic()
        held = []
        for counted in (ADDRESS, scope):
            until = self._refusals.note(counted, now)
            if until is not None:
                row = Row(counted, EVERY_ENDPOINT)
                self._bars.hold(row, until)
                held.append((row, self._moment(until)))
        if held:
            self._plan()
        return held

    def paused_until(self, scope: str) -> datetime | None:
        """When the pause ends that holds every call of the scope."""
        opens_at = self._bars.opens_at((Row(ADDRESS, EVERY_ENDPOINT), Row(scope, EVERY_ENDPOINT)))
        now = self._clock.monotonic()
        if opens_at <= now:
            return None
        return self._moment(now + PROBE_SECONDS if opens_at == math.inf else opens_at)

    def restore(self, rows: Iterable[tuple[str, str, datetime]], *, longest: float) -> None:
        """Take up the rows of an earlier process; a clock that was wrong then holds nobody for longer than `longest`."""
        now = self._clock.now()
        for scope, endpoint, not_before in rows:
            seconds = min((not_before - now).total_seconds(), longest)
            if seconds > 0:
                self._bars.restore(Row(scope, endpoint), self._clock.monotonic() + seconds)

    def sweep(self) -> None:
        moment = self._clock.monotonic() - IDLE_SECONDS
        self._schedule.forget_before(moment)
        self._bars.forget_before(moment)
        self._refusals.forget_before(moment)

    async def aclose(self) -> None:
        sleeper, self._sleeper = self._sleeper, None
        if sleeper is not None:
            sleeper.cancel()
            await asyncio.wait([sleeper])

    async def _wait(self, ask: Ask) -> Granted:
        ticket = self._ticket(ask)
        self._waiting[ticket.number] = ticket
        if ticket.deadline < math.inf:
            expected = self._expected(ticket)
            if expected > ticket.deadline:
                del self._waiting[ticket.number]
                raise self._refusal(ticket, expected)
        if not self._wakes_in_time():
            self._plan()
        try:
            return await ticket.outcome
        except asyncio.CancelledError:
            if self._waiting.pop(ticket.number, None) is None and not ticket.outcome.cancelled():
                self._give_back(ticket.outcome)
            self._plan()
            raise

    def _ticket(self, ask: Ask) -> _Ticket:
        self._arrivals += 1
        deadline = math.inf if ask.wait is None else self._clock.monotonic() + ask.wait
        rows = rows_of(ask.scope, ask.endpoint) + tuple(allowance.row for allowance in ask.allowances)
        outcome = asyncio.get_running_loop().create_future()
        return _Ticket(self._arrivals, ask, tuple(dict.fromkeys(rows)), deadline, outcome)

    def _give_back(self, outcome: asyncio.Future[Granted]) -> None:
        """A turn that came together with the caller's cancellation: its probe must not hold the others."""
        if outcome.exception() is None:
            self._bars.end_probe(outcome.result().probes, lifted=False)

    def _wakes_in_time(self) -> bool:
        """Nobody who arrives now can go before the next wake-up: a thousand arrivals then cost a thousand steps."""
        free_at = max(self._clock.monotonic(), self._schedule.address_free_at)
        return self._sleeper is not None and self._wakes_at <= free_at

    def _plan(self) -> None:
        """Give every turn that is due, refuse who waited long enough, and sleep until the next of either."""
        while True:
            now = self._clock.monotonic()
            turn = self._schedule.next_turn(now, self._waiters())
            if turn is None or turn.at > now:
                break
            self._schedule.give(turn)
            self._grant(self._waiting.pop(turn.waiter.number), now)
        impatient = [ticket for ticket in self._waiting.values() if ticket.deadline < math.inf]
        for ticket in impatient:
            if now >= ticket.deadline or ticket.deadline < self._bars.opens_at(ticket.rows) < math.inf:
                self._refuse(ticket)
        first_deadline = min(
            (ticket.deadline for ticket in impatient if ticket.number in self._waiting), default=math.inf
        )
        self._sleep_until(min(first_deadline, math.inf if turn is None or not self._waiting else turn.at))

    def _refuse(self, ticket: _Ticket) -> None:
        refusal = self._refusal(ticket, self._expected(ticket))
        del self._waiting[ticket.number]
        if not ticket.outcome.done():
            ticket.outcome.set_exception(refusal)

    def _waiters(self) -> list[Waiter]:
        return [self._waiter(ticket) for ticket in self._waiting.values() if not ticket.outcome.done()]

    def _waiter(self, ticket: _Ticket) -> Waiter:
        """Made anew only when a limit has changed: with a thousand waiting that is most of a turn's cost."""
        if ticket.waiter is None or ticket.version != self._bars.version:
            ask = ticket.ask
            ticket.waiter = Waiter(ticket.number, ask.scope, ask.priority, self._bars.opens_at(ticket.rows))
            ticket.version = self._bars.version
        return ticket.waiter

    def _grant(self, ticket: _Ticket, now: float) -> None:
        probes = self._bars.begin_probe(ticket.rows)
        allowances = ticket.ask.allowances
        latest = now + UNANSWERED_SECONDS
        self._hold(allowances, latest)
        ticket.outcome.set_result(Granted(now, probes, allowances, self._held_until(allowances, latest)))

    def _hold(self, allowances: Iterable[Allowance], counted_at: float) -> None:
        for row, seconds in allowances:
            self._bars.hold(row, counted_at + seconds)

    def _held_until(
        self, allowances: Iterable[Allowance], counted_at: float
    ) -> tuple[tuple[Row, datetime], ...]:
        return tuple((row, self._moment(counted_at + seconds)) for row, seconds in allowances)

    def _expected(self, ticket: _Ticket) -> float:
        now = self._clock.monotonic()
        at = self._schedule.forecast(now, self._waiters(), ticket.number, most_turns=FORECAST_TURNS)
        return now + PROBE_SECONDS if at == math.inf else at

    def _refusal(self, ticket: _Ticket, expected: float) -> Waiting:
        opens_at, row = self._bars.last_to_open(ticket.rows)
        barred = row is not None and opens_at >= expected
        scope = row.scope if row is not None and barred else ADDRESS
        return Waiting(self._moment(expected), scope=scope, endpoint=ticket.ask.endpoint)

    def _moment(self, at: float) -> datetime:
        return self._clock.now() + timedelta(seconds=at - self._clock.monotonic())

    def _sleep_until(self, at: float) -> None:
        if self._sleeper is not None:
            if at == self._wakes_at:
                return
            self._sleeper.cancel()
            self._sleeper = None
        if at < math.inf:
            self._wakes_at = at
            self._sleeper = asyncio.get_running_loop().create_task(self._sleep(at), name="1fichier pacer")

    async def _sleep(self, at: float) -> None:
        await self._clock.sleep(max(0.0, at - self._clock.monotonic()))
        self._sleeper = None
        self._plan()
