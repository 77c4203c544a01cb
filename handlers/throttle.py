"""How fast Telegram may be called in all, from what it answers: calculation only. Times are seconds on any one scale."""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Final, NamedTuple

# Telegram takes about 30 messages a second from one bot; five are left for the difference between its clock and ours.
CALLS_PER_SECOND: Final = 25.0
# Calls that may go at once after some quiet; with those that follow, a second still has less than 30.
BURST: Final = 5
# While Telegram refuses: enough to notice when it does no longer.
LEAST_CALLS_PER_SECOND: Final = 1.0
# One chat that is refused was told too much. Many chats, and no small part of all calls, mean that the bot is: a few busy groups
# at their own limits must not slow down everybody else.
STORM_CHATS: Final = 3
STORM_SHARE: Final = 0.2
# What is older says nothing about now.
WINDOW_SECONDS: Final = 10.0
# Calls that were on their way when the rate was cut do not cut it again.
CUT_SECONDS: Final = 1.0
# Without a refusal for so long, twice as many calls are tried: five steps, less than half a minute, from the least to all.
CALM_SECONDS: Final = 5.0
# That all chats have to rest is a conclusion of ours; after this it is put to the test.
LONGEST_COMMON_REST_SECONDS: Final = 300.0


class _Outcome(NamedTuple):
    """`where`: the chat that was refused, None when the call was taken. `rest_until`: what Telegram asked of it."""

    at: float
    where: object
    rest_until: float


@dataclass(slots=True)
class Throttle:
    """One turn for every call, further apart while Telegram refuses them in many chats at once."""

    per_second: float = CALLS_PER_SECOND
    _rate: float = 0.0
    _free_at: float = -math.inf
    _rest_until: float = -math.inf
    _cut_at: float = -math.inf
    _changed_at: float = -math.inf
    """When it was last refused as a whole, or last tried more."""
    _outcomes: deque[_Outcome] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._rate = self.per_second

    @property
    def is_slowed(self) -> bool:
        return self._rate < self.per_second

    @property
    def rate(self) -> float:
        """Calls per second at present."""
        return self._rate

    def turn_at(self, now: float) -> float:
        """When the next call may go."""
        ahead = 0.0 if self.is_slowed else (BURST - 1) / self._rate
        return max(now, self._rest_until, self._free_at - ahead)

    def spare_at(self, now: float) -> float:
        """When a call may go that could as well be left out: not before all others may go at full speed again."""
        turn_at = self.turn_at(now)
        return max(turn_at, self._changed_at + CALM_SECONDS) if self.is_slowed else turn_at

    def spend(self, now: float) -> None:
        """A call goes now."""
        self._free_at = max(self._free_at, now) + 1 / self._rate

    def accepted(self, now: float) -> None:
        """Telegram has taken a call, whatever it made of it."""
        self._note(_Outcome(now, None, now))
        if self.is_slowed and now - self._changed_at >= CALM_SECONDS:
            self._rate = min(self._rate * 2, self.per_second)
            self._changed_at = now

    def refused(self, now: float, where: object, rest: float) -> None:
        """Telegram wants `rest` seconds without a call in a chat."""
        self._note(_Outcome(now, where, now + rest))
        refusals = [each for each in self._outcomes if each.where is not None]
        chats = {each.where for each in refusals}
        if len(chats) < STORM_CHATS or len(refusals) < STORM_SHARE * len(self._outcomes):
            return
        self._changed_at = now
        if now - self._cut_at >= CUT_SECONDS:
            self._rate = max(self._rate / 2, LEAST_CALLS_PER_SECOND)
            self._cut_at = now
        self._rest_if_all_are_refused(now)

    def _rest_if_all_are_refused(self, now: float) -> None:
        """Nothing was taken since so many chats were refused: no chat needs to find out for itself what holds for all."""
        rests: dict[object, float] = {}
        for outcome in reversed(self._outcomes):
            if outcome.where is None:
                break
            rests.setdefault(outcome.where, outcome.rest_until)
        if len(rests) >= STORM_CHATS:
            common = min(*rests.values(), now + LONGEST_COMMON_REST_SECONDS)
            self._rest_until = max(self._rest_until, common)
            # One call goes first when it is over.
            self._rate = LEAST_CALLS_PER_SECOND

    def _note(self, outcome: _Outcome) -> None:
        self._outcomes.append(outcome)
        while self._outcomes[0].at < outcome.at - WINDOW_SECONDS:
            self._outcomes.popleft()
