"""How far an upload is, as numbers."""

from collections import deque
from dataclasses import dataclass

from onefichier import Clock

# Long enough to smooth the bursts of TCP, short enough to notice a change of speed.
WINDOW_SECONDS = 10.0
# Samples closer together than this are one; bounds the window's memory.
SAMPLE_SECONDS = 0.25


@dataclass(frozen=True)
class Progress:
    """`speed` in bytes per second over the last seconds, 0.0 while unknown."""

    sent: int
    total: int | None
    speed: float
    seconds_left: float | None


class Traffic:
    """Bytes of all files since the start, those of tries that broke off included."""

    def __init__(self) -> None:
        self.sent = 0


class Meter:
    """Counts bytes and keeps a sliding window of when they went."""

    def __init__(self, clock: Clock, traffic: Traffic | None = None) -> None:
        self._clock = clock
        self._traffic = traffic or Traffic()
        self.total: int | None = None
        self._sent = 0
        self._samples: deque[tuple[float, int]] = deque([(clock.monotonic(), 0)])

    def set_sent(self, sent: int) -> bool:
        """`sent`: bytes of the file so far, not since the last call. True now and then, when it has gone on by something worth showing."""
        self._traffic.sent += sent - self._sent
        self._sent = sent
        now = self._clock.monotonic()
        if now - self._samples[-1][0] < SAMPLE_SECONDS:
            return False
        self._samples.append((now, sent))
        while self._samples[0][0] < now - WINDOW_SECONDS and len(self._samples) > 1:
            self._samples.popleft()
        return True

    def progress(self) -> Progress:
        start, before = self._samples[0]
        elapsed = self._clock.monotonic() - start
        speed = (self._sent - before) / elapsed if elapsed > 0 else 0.0
        left = (self.total - self._sent) / speed if speed > 0 and self.total is not None else None
        return Progress(sent=self._sent, total=self.total, speed=speed, seconds_left=left)
