"""The service's limits: always counted, enforced on demand."""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from emulators.onefichier.wire import RefusalError

# The official figures; durations in seconds.
CALLS_PER_SECOND = 3
ACCOUNT_INFO_ADDRESS_SECONDS = 60.0
ACCOUNT_INFO_USER_SECONDS = 300.0
LIST_FOLDER_SECONDS = 30.0
LIST_ALL_SECONDS = 3600.0
# Nobody publishes these: minutes after a flood, an hour after repeated errors, as clients report.
FLOOD_LOCK_SECONDS = 300.0
BAN_SECONDS = 3600.0
ERRORS_BEFORE_BAN = 10
ERROR_WINDOW_SECONDS = 60.0
_ERROR_STATUSES = frozenset({401, 403, 404, 410})

ALL_FILES = -1


@dataclass(frozen=True, slots=True)
class LimitBreach:
    """A call too many: which rule, for whom (`ip:...`, `user:...`, with the folder for listings), and when."""

    rule: str
    scope: str
    at: float


@dataclass(slots=True)
class Limits:
    now: Callable[[], float]
    enforced: bool = False
    breaches: list[LimitBreach] = field(default_factory=list)
    _calls: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _errors: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _last: dict[tuple[str, str], float] = field(default_factory=dict)
    _locked_until: dict[str, float] = field(default_factory=dict)
    _locks: dict[str, str] = field(default_factory=dict)

    def call(self, address: str) -> None:
        """Count one call of an address.

        Raises:
            RefusalError: The limits are enforced, and this call is over them or falls into a lock.
        """
        scope, now = f"ip:{address}", self.now()
        recent = self._calls[scope]
        recent.append(now)
        while recent[0] <= now - 1.0:
            recent.popleft()
        if self.enforced and now < self._locked_until.get(scope, 0.0):
            self._breach("during a lock", scope)
            raise RefusalError(self._locks[scope])
        if len(recent) > CALLS_PER_SECOND:
            self._breach("3 calls per second", scope)
            self._lock(scope, FLOOD_LOCK_SECONDS, "Flood detected: IP Locked #374")

    def account_info(self, address: str, email: str) -> None:
        """Count a `user/info.cgi`, which floods alone: other calls go on."""
        self._spaced(
            {
                ("user/info per address", f"ip:{address}"): ACCOUNT_INFO_ADDRESS_SECONDS,
                ("user/info per user", f"user:{email}"): ACCOUNT_INFO_USER_SECONDS,
            },
            "Flood detected: IP Locked #38",
        )

    def listing(self, email: str, folder_id: int) -> None:
        """Count a `file/ls.cgi` of one folder, or of all files."""
        rule, seconds = "listing of a folder", LIST_FOLDER_SECONDS
        if folder_id == ALL_FILES:
            rule, seconds = "listing of all files", LIST_ALL_SECONDS
        self._spaced(
            {(rule, f"user:{email} folder:{folder_id}"): seconds}, "Flood detected: User Locked #218"
        )

    def answered(self, address: str, status: int) -> None:
        """Count an error answer; repeated ones bring a ban."""
        if status not in _ERROR_STATUSES:
            return
        scope, now = f"ip:{address}", self.now()
        recent = self._errors[scope]
        recent.append(now)
        while recent[0] <= now - ERROR_WINDOW_SECONDS:
            recent.popleft()
        if len(recent) >= ERRORS_BEFORE_BAN:
            recent.clear()
            self._breach("repeated errors", scope)
            if self.enforced:
                self._locked_until[scope] = now + BAN_SECONDS
                self._locks[scope] = "IP Locked #186"

    def unlock(self) -> None:
        """End all locks and forget all counts; the breaches stay."""
        for counts in (self._calls, self._errors, self._last, self._locked_until, self._locks):
            counts.clear()

    def _spaced(self, spacings: dict[tuple[str, str], float], text: str) -> None:
        """Count a call that has to keep its distance, by (rule, scope), from the last one that was let through."""
        now = self.now()
        breached = [key for key, seconds in spacings.items() if now - self._last.get(key, -seconds) < seconds]
        for rule, scope in breached:
            self._breach(rule, scope)
        if breached and self.enforced:
            raise RefusalError(text)
        self._last |= dict.fromkeys(spacings, now)

    def _lock(self, scope: str, seconds: float, text: str) -> None:
        if self.enforced:
            self._locked_until[scope] = self.now() + seconds
            self._locks[scope] = text
            raise RefusalError(text)

    def _breach(self, rule: str, scope: str) -> None:
        self.breaches.append(LimitBreach(rule, scope, self.now()))
