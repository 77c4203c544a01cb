"""What `/metrics` shows: counts and ages, never an id, name, link or key."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """The figures of one process on a registry of their own, so that a process may hold several."""

    def __init__(self) -> None:
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
            "bot_update_seconds", "Time a handler took for an update", registry=self.registry
        )
        self.waiting = Gauge("bot_inbox_waiting", "Updates not handled yet", registry=self.registry)
