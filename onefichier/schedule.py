"""Whose call goes next, and when: calculation only."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final, NamedTuple

# Of every four turns at which polling could have gone too, it gets one.
TURNS_BEFORE_POLLING: Final = 3


class Priority(IntEnum):
    """Lower goes first."""

    INTERACTIVE = 0
    TRANSFER = 1
    POLLING = 2


@dataclass(frozen=True, slots=True)
class Waiter:
    """A call that waits for its turn.

    Attributes:
        number: the order of arrival.
        opens_at: when the last limit that bars it ends; infinite while that is not known.
    """

    number: int
    scope: str
    priority: Priority
    opens_at: float = -math.inf


class Turn(NamedTuple):
    at: float
    waiter: Waiter
    passed_polling: bool
    """A polling call could have gone at that moment, and did not."""


@dataclass(slots=True)
class Schedule:
    """One turn per interval in all, and one per longer interval for each key. Times are seconds on any one scale."""

    address_interval: float
    key_interval: float
    address_free_at: float = -math.inf
    key_free_at: dict[str, float] = field(default_factory=dict)
    turns_since_polling: int = 0

    def next_turn(self, now: float, waiting: Iterable[Waiter]) -> Turn | None:
        """The earliest possible turn, now or later; None when nobody waits for a known moment."""
        start = max(now, self.address_free_at)
        free_at = self.key_free_at
        at = math.inf
        due: list[Waiter] = []
        for waiter in waiting:
            possible = max(start, waiter.opens_at, free_at.get(waiter.scope, start))
            if possible < at:
                at, due = possible, [waiter]
            elif possible == at:
                due.append(waiter)
        if at == math.inf:
            return None
        return self._choose(at, due)

    def give(self, turn: Turn) -> None:
        self.address_free_at = turn.at + self.address_interval
        self.key_free_at[turn.waiter.scope] = turn.at + self.key_interval
        if turn.waiter.priority is Priority.POLLING:
            self.turns_since_polling = 0
        elif turn.passed_polling:
            self.turns_since_polling += 1

    def forecast(self, now: float, waiting: Sequence[Waiter], number: int, *, most_turns: int) -> float:
        """When the waiter with that number gets its turn if nobody else arrives.

        Infinite when that is not known; after `most_turns` turns of others, the time that these take.
        """
        ahead = replace(self, key_free_at=dict(self.key_free_at))
        left = list(waiting)
        at = now
        for _ in range(most_turns):
            turn = ahead.next_turn(at, left)
            if turn is None:
                return math.inf
            at = turn.at
            if turn.waiter.number == number:
                return at
            ahead.give(turn)
            left.remove(turn.waiter)
        return at

    def forget_before(self, moment: float) -> None:
        self.key_free_at = {scope: at for scope, at in self.key_free_at.items() if at >= moment}

    def _choose(self, at: float, due: list[Waiter]) -> Turn:
        polling = [waiter for waiter in due if waiter.priority is Priority.POLLING]
        others = [waiter for waiter in due if waiter.priority is not Priority.POLLING]
        if polling and (not others or self.turns_since_polling >= TURNS_BEFORE_POLLING):
            return Turn(at, min(polling, key=_by_arrival), passed_polling=False)
        return Turn(at, min(others, key=_by_priority), passed_polling=bool(polling))


def _by_arrival(waiter: Waiter) -> int:
    return waiter.number


def _by_priority(waiter: Waiter) -> tuple[Priority, int]:
    return waiter.priority, waiter.number
