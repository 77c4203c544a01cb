"""What the service allows, and what it punished: rows of (scope, endpoint, not before)."""

import math
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, Protocol

ADDRESS: Final = "address"
"""The scope of limits that go by the outgoing IP address."""
EVERY_ENDPOINT: Final = "*"
USER_INFO: Final = "user/info.cgi"
FILE_LS: Final = "file/ls.cgi"

# `folder_id: -1` lists every file of the account; the page allows it once an hour.
ALL_FILES: Final = -1
ALL_FILES_SECONDS: Final = 3600.0
# Bans last minutes to an hour; a longer pause would only be our own.
LONGEST_PAUSE_SECONDS: Final = 3600.0
# "Repeated 401, 403, 404 and 410" bring a ban of the address and of the account. How many that are, nobody says.
REFUSAL_STATUS: Final = frozenset({401, 403, 404, 410})
REFUSAL_WINDOW_SECONDS: Final = 60.0
REFUSALS_OF_THE_ADDRESS: Final = 6
# Fewer, so that one person who asks for what is gone does not use up what is everybody's.
REFUSALS_OF_A_KEY: Final = 4
# What is unused for so long is forgotten.
IDLE_SECONDS: Final = 3600.0
# The service counts from when it gets a call, and that is not known before its answer. A process that ends meanwhile has left this behind:
# a connection that takes longer is given up.
UNANSWERED_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Pacing:
    """Seconds. The page allows 3 calls per second in all; clients in use keep to one in 0.4 to 2.5 s."""

    key_interval: float = 1.5
    address_interval: float = 0.5
    list_seconds: float = 30
    """Between two listings of one folder."""
    account_seconds: float = 300
    """Between two `user/info` of one key."""
    account_address_seconds: float = 60
    """Between two `user/info` of all keys."""
    flood_pause_seconds: float = 300
    lock_pause_seconds: float = 3600


class Row(NamedTuple):
    """What a limit holds for. `endpoint` is a path, `*`, or `file/ls.cgi:<folder id>`."""

    scope: str
    endpoint: str


class LimitStore(Protocol):
    """Where limits outlive the process. `scope` is "address" or a client's scope."""

    async def load(self) -> Iterable[tuple[str, str, datetime]]:
        """All rows (scope, endpoint, not before) whose time has not come."""
        ...

    async def save(self, scope: str, endpoint: str, not_before: datetime) -> None:
        """Returns when the row is on disk; awaited before the call that uses the allowance is sent."""
        ...


class ForgetfulLimits:
    """For a process that may forget."""

    async def load(self) -> Iterable[tuple[str, str, datetime]]:
        return ()

    async def save(self, scope: str, endpoint: str, not_before: datetime) -> None:
        """Nothing to keep."""


class Allowance(NamedTuple):
    row: Row
    seconds: float


def rows_of(scope: str, endpoint: str) -> tuple[Row, ...]:
    """Every row that can bar a call, without its allowances."""
    return (
        Row(ADDRESS, EVERY_ENDPOINT),
        Row(scope, EVERY_ENDPOINT),
        Row(ADDRESS, endpoint),
        Row(scope, endpoint),
    )


def allowances_of(
    scope: str, endpoint: str, pacing: Pacing, *, folder_id: int | None = None
) -> tuple[Allowance, ...]:
    """The limits that a call uses up; `folder_id` is the folder whose files it lists, by whichever endpoint."""
    if endpoint == USER_INFO:
        return (
            Allowance(Row(ADDRESS, USER_INFO), pacing.account_address_seconds),
            Allowance(Row(scope, USER_INFO), pacing.account_seconds),
        )
    if folder_id is not None:
        seconds = ALL_FILES_SECONDS if folder_id == ALL_FILES else pacing.list_seconds
        return (Allowance(Row(scope, f"{FILE_LS}:{folder_id}"), seconds),)
    return ()


@dataclass(slots=True)
class _Bar:
    paused_until: float = -math.inf
    held_until: float = -math.inf
    """Of an allowance that is used up."""
    begun_at: float = -math.inf
    """When the last pause began."""
    strikes: int = 0
    """Pauses in a row; 0 for an allowance, which needs no probe."""
    probing: bool = False

    @property
    def opens_at(self) -> float:
        return max(self.paused_until, self.held_until)


class Bars:
    """Rows in memory, on the clock's monotonic scale.

    When a pause has passed, one call goes as a probe, and the others stay barred until its outcome is known.
    """

    def __init__(self) -> None:
        self._bars: dict[Row, _Bar] = {}
        self.version = 0
        """Counts changes: while it stays, so does every answer of `opens_at`."""

    def opens_at(self, rows: Iterable[Row]) -> float:
        """When the last of the rows opens; infinite while a probe is out."""
        return self.last_to_open(rows)[0]

    def last_to_open(self, rows: Iterable[Row]) -> tuple[float, Row | None]:
        latest, last = -math.inf, None
        for row in rows if self._bars else ():
            bar = self._bars.get(row)
            if bar is None:
                continue
            opens_at = math.inf if bar.probing else bar.opens_at
            if opens_at > latest:
                latest, last = opens_at, row
        return latest, last

    def hold(self, row: Row, until: float) -> None:
        """Close a row for an allowance that is used up."""
        self.version += 1
        bar = self._bars.setdefault(row, _Bar())
        bar.held_until = max(bar.held_until, until)

    def hold_instead(self, row: Row, until: float, *, of: float) -> None:
        """The moment `of` until which a row was held was a guess. What has closed it for longer stays."""
        bar = self._bars.get(row)
        if bar is not None and bar.held_until == of:
            self.version += 1
            bar.held_until = until

    def restore(self, row: Row, until: float) -> None:
        """Take up a row of an earlier process. Only pauses are for every endpoint."""
        self.version += 1
        self._bars[row] = _Bar(until, strikes=int(row.endpoint == EVERY_ENDPOINT))

    def pause(self, row: Row, *, now: float, asked_at: float, first: float, at_least: float = 0) -> float:
        """Begin a pause, twice as long as the one before it, and say when it ends.

        An answer to a call that was sent before the present pause began is no repetition.
        """
        bar = self._bars.setdefault(row, _Bar())
        if asked_at <= bar.begun_at:
            return bar.opens_at
        self.version += 1
        seconds = max(min(first * 2**bar.strikes, max(first, LONGEST_PAUSE_SECONDS)), at_least)
        bar.paused_until = max(bar.paused_until, now + seconds)
        bar.begun_at = now
        bar.strikes += 1
        bar.probing = False
        return bar.opens_at

    def begin_probe(self, rows: Iterable[Row]) -> tuple[Row, ...]:
        """Mark a call that goes now as the probe of every pause that has passed."""
        probed = tuple(row for row in rows if (bar := self._bars.get(row)) and bar.strikes)
        for row in probed:
            self.version += 1
            self._bars[row].probing = True
        return probed

    def end_probe(self, rows: Iterable[Row], *, lifted: bool) -> None:
        for row in rows:
            bar = self._bars.get(row)
            if bar is None:
                continue
            self.version += 1
            bar.probing = False
            if lifted:
                bar.strikes = 0

    def forget_before(self, moment: float) -> None:
        self._bars = {row: bar for row, bar in self._bars.items() if bar.probing or bar.opens_at >= moment}


class Refusals:
    """When the service last said no, by scope."""

    def __init__(self) -> None:
        self._times: dict[str, deque[float]] = defaultdict(deque)

    def note(self, scope: str, now: float) -> float | None:
        """Count one more; when the next may be risked, or None if that is now."""
        times = self._times[scope]
        times.append(now)
        most = REFUSALS_OF_THE_ADDRESS if scope == ADDRESS else REFUSALS_OF_A_KEY
        while times[0] <= now - REFUSAL_WINDOW_SECONDS or len(times) > most:
            times.popleft()
        return times[0] + REFUSAL_WINDOW_SECONDS if len(times) == most else None

    def forget_before(self, moment: float) -> None:
        for scope in [scope for scope, times in self._times.items() if times[-1] < moment]:
            del self._times[scope]
