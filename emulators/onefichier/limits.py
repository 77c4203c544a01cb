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

FLOOD = "Flood detected: IP Locked #374"
DURING_A_LOCK = "during a lock"
ALL_FILES = -1


@dataclass(frozen=True, slots=True)
class LimitBreach:
    """A call too many: which rule, for whom (`ip:...`, `user:...`, with the folder for listings), and when."""

    rule: str
    scope: str
    at: float


@dataclass(slots=True)
class Limits:
    """The figures may be set to others, for a client whose own are smaller likewise."""

    now: Callable[[], float]
    enforced: bool = False
    breaches: list[LimitBreach] = field(default_factory=list)
    calls_per_second: int = CALLS_PER_SECOND
    account_info_address_seconds: float = ACCOUNT_INFO_ADDRESS_SECONDS
    account_info_user_seconds: float = ACCOUNT_INFO_USER_SECONDS
    list_folder_seconds: float = LIST_FOLDER_SECONDS
    list_all_seconds: float = LIST_ALL_SECONDS
    flood_lock_seconds: float = FLOOD_LOCK_SECONDS
    ban_seconds: float = BAN_SECONDS
    errors_before_ban: int = ERRORS_BEFORE_BAN
    error_window_seconds: float = ERROR_WINDOW_SECONDS
    _calls: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _errors: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _last: dict[tuple[str, str], float] = field(default_factory=dict)
    _locked_until: dict[str, float] = field(default_factory=dict)
    _locks: dict[str, str] = field(default_factory=dict)

    def call(self, address: str) -> None:
        """Count one call of an address.

        Raises:
            RefusalError: The call falls into a lock, or is over the limits while these are enforced.
        """
        scope, now = f"ip:{address}", self.now()
        recent = self._calls[scope]
        recent.append(now)
        while recent[0] <= now - 1.0:
            recent.popleft()
        if now < self._locked_until.get(scope, 0.0):
            self._breach(DURING_A_LOCK, scope)
            raise RefusalError(self._locks[scope])
        if len(recent) > self.calls_per_second:
            self._breach(f"{self.calls_per_second} calls per second", scope)
            if self.enforced:
                self.lock(address)
                raise RefusalError(FLOOD)

    def account_info(self, address: str, email: str) -> None:
        """Count a `user/info.cgi`, which floods alone: other calls go on."""
        self._spaced(
            {
                ("user/info per address", f"ip:{address}"): self.account_info_address_seconds,
                ("user/info per user", f"user:{email}"): self.account_info_user_seconds,
            },
            "Flood detected: IP Locked #38",
        )

    def listing(self, email: str, folder_id: int) -> None:
        """Count a `file/ls.cgi` of one folder, or of all files."""
        rule, seconds = "listing of a folder", self.list_folder_seconds
        if folder_id == ALL_FILES:
            rule, seconds = "listing of all files", self.list_all_seconds
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
        while recent[0] <= now - self.error_window_seconds:
            recent.popleft()
        if len(recent) >= self.errors_before_ban:
            recent.clear()
            self._breach("repeated errors", scope)
            if self.enforced:
                self._lock(scope, self.ban_seconds, "IP Locked #186")

    def lock(self, address: str) -> None:
        """Lock an address as after a flood. Every call in it is a breach, also the first, which cannot know of it."""
        self._lock(f"ip:{address}", self.flood_lock_seconds, FLOOD)

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
        self._locked_until[scope] = self.now() + seconds
        self._locks[scope] = text

    def _breach(self, rule: str, scope: str) -> None:
        self.breaches.append(LimitBreach(rule, scope, self.now()))
