"""Every call to Telegram waits here for its turn: rests that Telegram wants are kept, and what matters least stands back."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter

from handlers.throttle import CALLS_PER_SECOND, Throttle
from onefichier import Clock

log = logging.getLogger(__name__)

# An answer waits for so long where it is: its handler has done its work and would do it again when the update is taken up anew.
# Longer rests end in a postponement, so that nobody who asks something else waits behind them.
PATIENCE_SECONDS: Final = 30.0
# Additions of seconds leave differences that are no waiting.
_NOTHING: Final = 1e-6

_Answer = bool | dict[str, Any] | list[dict[str, Any]]
_Place = tuple[object, str]
"""A chat and a method; calls that concern no chat share the method's place."""


class Urgency(StrEnum):
    """What a call is worth.

    ANSWER waits out a short rest of its chat, and goes before results. RESULT waits for its turn among all calls, and is otherwise tried
    again by whoever keeps it; so is a call that says nothing. STATUS goes only where nobody waits, and not at all while Telegram refuses calls.
    """

    ANSWER = "answer"
    RESULT = "result"
    STATUS = "status"


class TelegramPace(BaseRateLimiter[Urgency]):
    """One for the bot. Raises `RetryAfter` like Telegram itself where a call would have to wait for too long."""

    def __init__(self, clock: Clock, *, calls_per_second: float = CALLS_PER_SECOND) -> None:
        self._clock = clock
        self._throttle = Throttle(calls_per_second)
        self._queue = asyncio.Lock()
        # One result at a time takes a place in the queue, so an answer waits for one of them at most.
        self._results = asyncio.Lock()
        self._waiting = Counter(dict.fromkeys(Urgency, 0))
        # Monotonic seconds before which Telegram wants no more of one method in one chat. Answers, results and statuses
        # share it: each finding it out by a call of its own would lengthen the rest.
        self._rests: dict[_Place, float] = {}

    @property
    def room_at(self) -> float:
        """Monotonic seconds from which a status may be sent, as far as can be seen now."""
        now = self._clock.monotonic()
        return self._throttle.spare_at(now) + self._waiting.total() / self._throttle.rate

    def sweep(self) -> None:
        """Forget rests that are over. Call it now and then."""
        now = self._clock.monotonic()
        self._rests = {place: until for place, until in self._rests.items() if until > now}

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, _Answer]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Urgency | None,
    ) -> _Answer:
        """As the base class says.

        Raises:
            RetryAfter: nothing was done; Telegram, or this pace for it, wants a rest.
        """
        urgency = rate_limit_args or Urgency.RESULT
        place = (data.get("chat_id"), endpoint.lower())
        give_up_at = self._clock.monotonic() + PATIENCE_SECONDS
        while True:
            await self._turn(place, urgency, give_up_at)
            try:
                answer = await callback(*args, **kwargs)
            except RetryAfter as error:
                self._note_refused(place, seconds_of(error))
                if urgency is not Urgency.ANSWER:
                    raise
            except TelegramError as error:
                # No answer at all says nothing about the pace.
                if isinstance(error, BadRequest) or not isinstance(error, NetworkError):
                    self._note_accepted()
                raise
            else:
                self._note_accepted()
                return answer

    async def _turn(self, place: _Place, urgency: Urgency, give_up_at: float) -> None:
        """Return when the call may go, now.

        Raises:
            RetryAfter: it may not for too long.
        """
        if urgency is Urgency.STATUS:
            self._refuse_unless(max(self.room_at, self._rest_of(place)), self._clock.monotonic())
            self._throttle.spend(self._clock.monotonic())
            return
        while True:
            patience = give_up_at if urgency is Urgency.ANSWER else self._clock.monotonic()
            self._refuse_unless(self._rest_of(place), patience)
            await self._sleep_until(self._rest_of(place))
            await self._wait_in_turn(urgency, give_up_at)
            # Another call of this place may have been refused meanwhile.
            if self._rest_of(place) <= self._clock.monotonic() + _NOTHING:
                self._throttle.spend(self._clock.monotonic())
                return

    async def _wait_in_turn(self, urgency: Urgency, give_up_at: float) -> None:
        is_result = urgency is Urgency.RESULT
        ahead = self._waiting.total() if is_result else self._waiting[urgency] + self._results.locked()
        behind = ahead / self._throttle.rate
        self._refuse_unless(self._throttle.turn_at(self._clock.monotonic()) + behind, give_up_at)
        self._waiting[urgency] += 1
        try:
            async with self._results if is_result else contextlib.nullcontext(), self._queue:
                while (turn_at := self._throttle.turn_at(now := self._clock.monotonic())) > now + _NOTHING:
                    self._refuse_unless(turn_at, give_up_at)
                    await self._clock.sleep(turn_at - now)
        finally:
            self._waiting[urgency] -= 1

    def _rest_of(self, place: _Place) -> float:
        return self._rests.get(place, 0.0)

    def _refuse_unless(self, at: float, latest: float) -> None:
        if at > latest + _NOTHING:
            raise RetryAfter(timedelta(seconds=at - self._clock.monotonic()))

    async def _sleep_until(self, at: float) -> None:
        seconds = at - self._clock.monotonic()
        if seconds > _NOTHING:
            await self._clock.sleep(seconds)

    def _note_refused(self, place: _Place, seconds: float) -> None:
        now = self._clock.monotonic()
        self._rests[place] = now + seconds
        chat_id, method = place
        was_slowed = self._throttle.is_slowed
        self._throttle.refused(now, method if chat_id is None else chat_id, seconds)
        if self._throttle.is_slowed and not was_slowed:
            log.warning("Telegram refuses calls in many chats (429): the bot slows down, and statuses wait")

    def _note_accepted(self) -> None:
        was_slowed = self._throttle.is_slowed
        self._throttle.accepted(self._clock.monotonic())
        if was_slowed and not self._throttle.is_slowed:
            log.info("Telegram takes all calls again")


def seconds_of(error: RetryAfter) -> float:
    # An int by default, a timedelta where PTB_TIMEDELTA is set.
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
