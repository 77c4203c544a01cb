"""How often a bot may write, as far as it is published."""

import math
from collections import deque
from dataclasses import dataclass

CHAT_BURST = 5
"""Messages in one chat that pass before one per second holds; the real figure is unpublished."""

CHAT_MESSAGES_PER_SECOND = 1.0
GROUP_MESSAGES_PER_MINUTE = 20
MESSAGES_PER_SECOND = 30

COUNTED_METHODS = frozenset({"sendMessage", "sendDocument", "editMessageText", "editMessageReplyMarkup"})


@dataclass(frozen=True)
class Breach:
    """A call that the limits would have refused, whether or not they were enforced."""

    rule: str
    chat_id: int
    at: float
    retry_after: int


class _Bucket:
    """Tokens that come back with time; taking one too many says how long to wait."""

    def __init__(self, capacity: float, per_second: float, now: float) -> None:
        self._capacity = capacity
        self._per_second = per_second
        self._tokens = capacity
        self._at = now

    def missing_seconds(self, now: float) -> float:
        self._tokens = min(self._capacity, self._tokens + max(0.0, now - self._at) * self._per_second)
        self._at = now
        return max(0.0, (1 - self._tokens) / self._per_second)

    def take(self) -> None:
        self._tokens -= 1


class SendingLimits:
    """Always counted; calls are refused only while `enforced`."""

    def __init__(self, *, enforced: bool = False) -> None:
        self.enforced = enforced
        self.breaches: deque[Breach] = deque(maxlen=10_000)
        self._buckets: dict[tuple[str, int], _Bucket] = {}

    def retry_after(self, method: str, chat_id: int, now: float) -> int | None:
        """Count a call; return the seconds to wait when it is refused."""
        if method not in COUNTED_METHODS:
            return None
        buckets = [
            ("all chats", self._bucket("all chats", 0, MESSAGES_PER_SECOND, MESSAGES_PER_SECOND, now)),
            ("chat", self._bucket("chat", chat_id, CHAT_BURST, CHAT_MESSAGES_PER_SECOND, now)),
        ]
        if chat_id < 0:
            per_second = GROUP_MESSAGES_PER_MINUTE / 60
            buckets.append(
                ("group", self._bucket("group", chat_id, GROUP_MESSAGES_PER_MINUTE, per_second, now))
            )
        rule, seconds = max(
            ((rule, bucket.missing_seconds(now)) for rule, bucket in buckets), key=lambda missing: missing[1]
        )
        if seconds > 0:
            wait = max(1, math.ceil(seconds))
            self.breaches.append(Breach(rule, chat_id, now, wait))
            return wait if self.enforced else None
        for _, bucket in buckets:
            bucket.take()
        return None

    def _bucket(self, rule: str, chat_id: int, capacity: float, per_second: float, now: float) -> _Bucket:
        return self._buckets.setdefault((rule, chat_id), _Bucket(capacity, per_second, now))
