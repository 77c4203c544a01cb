"""Updates on their way to the bot: kept, filtered, polled for."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulators.botapi.changes import Changes
from emulators.botapi.errors import conflict
from emulators.botapi.specification import specification

KEPT_SECONDS = 24 * 3600
MAX_UPDATES = 100
MAX_POLL_SECONDS = 50
FIRST_UPDATE_ID = 100_000_000

FUTURE_OFFSETS = 10
"""An offset further ahead than this belongs to ids of before a new start: the server begins at the head then."""

NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})

TERMINATED_BY_POLL = "terminated by other getUpdates request; make sure that only one bot instance is running"
TERMINATED_BY_WEBHOOK = "terminated by setWebhook request"
WEBHOOK_IS_ACTIVE = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


@dataclass(frozen=True)
class _Kept:
    update: dict[str, Any]
    at: float

    @property
    def update_id(self) -> int:
        return int(self.update["update_id"])


class Updates:
    """The queue of one bot. Updates of a kind that was not asked for when they arose are never delivered."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._next_id = FIRST_UPDATE_ID
        self._queue: deque[_Kept] = deque()
        self._poll: asyncio.Future[str] | None = None
        self.changes = Changes()
        self.polls = 0
        """How many long polls have begun; a process that was killed leaves its last one waiting."""
        self.allowed: list[str] | None = None
        self.produced: deque[dict[str, Any]] = deque(maxlen=10_000)

    @property
    def pending(self) -> list[dict[str, Any]]:
        """What was neither confirmed nor is older than 24 hours, oldest first."""
        self._expire()
        return [kept.update for kept in self._queue]

    @property
    def polling(self) -> bool:
        """Whether a long poll waits right now."""
        return self._poll is not None

    def is_allowed(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT

    def allow(self, kinds: list[str] | None) -> None:
        """Remember which kinds are wanted: None keeps what was, an empty list is the default again."""
        if kinds is not None:
            known = specification().update_kinds()
            self.allowed = [kind for kind in kinds if kind in known] or None

    def push(self, kind: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        """Queue an update and return it; None when the bot does not want its kind."""
        if not self.is_allowed(kind):
            return None
        return self.push_raw({kind: payload})

    def push_raw(self, update: dict[str, Any]) -> dict[str, Any]:
        """Queue an update as it is, however odd; without an `update_id` it gets the next one."""
        update = {"update_id": self._next_id} | update
        self._next_id = update["update_id"] + 1
        self._queue.append(_Kept(update, self._clock()))
        self.produced.append(update)
        self.changes.announce()
        return update

    def restart_ids(self, first: int) -> None:
        self._next_id = first

    def drop(self) -> None:
        self._queue.clear()
        self.changes.announce()

    def confirm(self, update_id: int) -> None:
        """Forget one delivered update (by webhook)."""
        self._queue = deque(kept for kept in self._queue if kept.update_id != update_id)
        self.changes.announce()

    def end_poll(self, reason: str) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(reason)
            self.changes.announce()

    async def poll(self, *, offset: int, limit: int, timeout: float) -> list[dict[str, Any]]:
        """Answer a getUpdates call: at once when there is something, else when there is or time is up.

        Raises:
            ApiError: another call of the same bot took over, or a webhook was set.
        """
        self.end_poll(TERMINATED_BY_POLL)
        self._forget_before(offset)
        limit = limit if 1 <= limit <= MAX_UPDATES else MAX_UPDATES
        ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._poll = ended
        self.polls += 1
        self.changes.announce()
        try:
            await self._wait(ended, min(max(timeout, 0), MAX_POLL_SECONDS))
            if ended.done():
                raise conflict(ended.result())
            return self.pending[:limit]
        finally:
            if self._poll is ended:
                self._poll = None

    async def _wait(self, ended: "asyncio.Future[str]", timeout: float) -> None:
        deadline = asyncio.get_running_loop().time() + timeout
        while not self.pending and not ended.done():
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self.changes.after(self.changes.count)

    def _forget_before(self, offset: int) -> None:
        self._expire()
        if offset < 0:
            while len(self._queue) > -offset:
                self._queue.popleft()
        elif offset <= self._next_id + FUTURE_OFFSETS and any(
            kept.update_id < offset for kept in self._queue
        ):
            self._queue = deque(kept for kept in self._queue if kept.update_id >= offset)

    def _expire(self) -> None:
        oldest = self._clock() - KEPT_SECONDS
        while self._queue and self._queue[0].at <= oldest:
            self._queue.popleft()
