"""The bot as `python -m bot run` runs it, on an event loop that notes how late it comes to what is due.

    python -m benchmarks.watched_bot SAMPLES

At the end SAMPLES holds pairs of floats: when something was due (seconds of the monotonic clock), and how late it was.
"""

import asyncio
import sys
from array import array
from pathlib import Path
from typing import Final

from bot.__main__ import main

# Often enough to meet whatever holds the loop for longer than a few milliseconds, and too cheap to be seen itself.
EVERY_SECONDS: Final = 0.005


class Lateness:
    """A call that is due again and again."""

    def __init__(self, loop: asyncio.AbstractEventLoop, samples: "array[float]") -> None:
        self._loop = loop
        self._samples = samples
        self._due = loop.time() + EVERY_SECONDS
        loop.call_at(self._due, self._note)

    def _note(self) -> None:
        now = self._loop.time()
        self._samples.extend((self._due, now - self._due))
        self._due = now + EVERY_SECONDS
        self._loop.call_at(self._due, self._note)


class WatchedLoops(asyncio.DefaultEventLoopPolicy):
    """The place where a loop can be had before the program runs on it."""

    def __init__(self, samples: "array[float]") -> None:
        super().__init__()
        self._samples = samples

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        loop = super().new_event_loop()
        Lateness(loop, self._samples)
        return loop


def run(path: Path) -> int:
    samples = array("d")
    asyncio.set_event_loop_policy(WatchedLoops(samples))
    code = main(["run"])
    path.write_bytes(samples.tobytes())
    return code


def lateness(path: Path, begin: float, end: float) -> list[float]:
    """Seconds late of all that was due between two moments."""
    samples = array("d", path.read_bytes())
    return [late for due, late in zip(samples[::2], samples[1::2], strict=True) if begin <= due <= end]


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1])))
