"""What `/metrics` shows: counts and ages, never an id, name, link or key."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from storage import Ended

# A handler answers in milliseconds, or waits for a service.
_HANDLING_BUCKETS: Final = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
# Below 10 ms nobody notices; a second is a fault.
_LAG_BUCKETS: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)


@dataclass(frozen=True)
class Levels:
    """What is read anew for every look at the figures. None: not known just now, and then not shown.

    Attributes:
        uploads: those under way, by state; likewise `remotes`.
        address_pause: seconds until 1fichier may be asked again at all.
        free: bytes free on each disk, by what it is for.
    """

    uploads: Mapping[str, int] = field(default_factory=dict)
    remotes: Mapping[str, int] = field(default_factory=dict)
    ended: Iterable[Ended] = ()
    sent: int = 0
    people: int | None = None
    accounts: int | None = None
    refused_keys: int | None = None
    inbox: int | None = None
    inbox_age: float | None = None
    outbox: int | None = None
    unreachable_chats: int | None = None
    address_pause: float | None = None
    paused_accounts: int | None = None
    since_good_poll: float | None = None
    database_bytes: int | None = None
    free: Mapping[str, int] = field(default_factory=dict)
    maintenance: bool | None = None


class Metrics:
    """The figures of one process on a registry of their own, so that a process may hold several."""

    def __init__(self, version: str = "") -> None:
        self.registry = CollectorRegistry()
        self.updates = Counter("bot_updates_received", "Updates written to the inbox", registry=self.registry)
        self.repeated = Counter(
            "bot_updates_repeated", "Updates that were known already", registry=self.registry
        )
        self.unreadable = Counter(
            "bot_updates_unreadable", "Deliveries that were no update", registry=self.registry
        )
        self.handled = Counter(
            "bot_updates_ended", "Updates by how handling them ended", ["outcome"], registry=self.registry
        )
        self.handling = Histogram(
            "bot_update_seconds",
            "Time a handler took for an update",
            ["kind"],
            buckets=_HANDLING_BUCKETS,
            registry=self.registry,
        )
        self.calls = Counter(
            "bot_api_calls",
            "Calls of 1fichier's API by endpoint and by answer: ok, or the kind of error",
            ["endpoint", "answer"],
            registry=self.registry,
        )
        self.lag = Histogram(
            "bot_loop_lag_seconds",
            "How late the event loop woke a task that had nothing else to wait for",
            buckets=_LAG_BUCKETS,
            registry=self.registry,
        )
        Gauge("bot_info", "Always 1", ["version"], registry=self.registry).labels(version).set(1)
        ProcessCollector(registry=self.registry)
        self._levels = _LevelsCollector()
        self.registry.register(self._levels)

    def note_call(self, endpoint: str, answer: str) -> None:
        self.calls.labels(endpoint, answer).inc()

    def show(self, levels: Levels) -> None:
        """Have the next look at the figures see these."""
        self._levels.levels = levels


class _LevelsCollector(Collector):
    def __init__(self) -> None:
        self.levels = Levels()

    def collect(self) -> Iterable[Metric]:
        levels = self.levels
        yield _by_label("bot_uploads", "Uploads under way", "state", levels.uploads)
        yield _by_label("bot_remotes", "Remote uploads under way", "state", levels.remotes)
        yield from _endings(levels.ended)
        yield CounterMetricFamily(
            "bot_sent_bytes", "Bytes sent to 1fichier, by tries that broke off too", value=levels.sent
        )
        for name, text, value in (
            ("bot_people", "People who have written to the bot", levels.people),
            ("bot_accounts", "1fichier accounts", levels.accounts),
            ("bot_refused_keys", "Accounts whose key 1fichier refused", levels.refused_keys),
            ("bot_inbox_waiting", "Updates not handled yet", levels.inbox),
            ("bot_inbox_age_seconds", "Age of the oldest of them", levels.inbox_age),
            ("bot_outbox_waiting", "Messages still to be sent", levels.outbox),
            ("bot_unreachable_chats", "Chats that cannot be written to", levels.unreachable_chats),
            ("bot_pause_seconds", "Until 1fichier may be asked again at all", levels.address_pause),
            ("bot_paused_accounts", "Accounts that 1fichier asked to pause", levels.paused_accounts),
            (
                "bot_since_good_poll_seconds",
                "Since Telegram's updates were last fetched",
                levels.since_good_poll,
            ),
            ("bot_database_bytes", "Size of the database", levels.database_bytes),
            ("bot_maintenance", "1 while an admin lets nothing new begin", levels.maintenance),
        ):
            if value is not None:
                yield GaugeMetricFamily(name, text, value=float(value))
        yield _by_label("bot_free_bytes", "Free on a disk", "disk", levels.free)


def _by_label(name: str, text: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _endings(ended: Iterable[Ended]) -> Iterable[Metric]:
    """Kept in the database, so they go on counting across restarts."""
    uploads = CounterMetricFamily("bot_uploads_ended", "Uploads by outcome", labels=["outcome", "reason"])
    remotes = CounterMetricFamily(
        "bot_remotes_ended", "Remote uploads by outcome", labels=["outcome", "reason"]
    )
    stored = CounterMetricFamily("bot_stored_bytes", "Bytes of files that were stored", labels=["what"])
    for each in ended:
        (uploads if each.what == "upload" else remotes).add_metric([each.outcome, each.reason], each.number)
        if each.outcome == "done":
            stored.add_metric([each.what], each.bytes)
    return uploads, remotes, stored
