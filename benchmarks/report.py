"""From measured times to a page to read."""

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Table:
    """Times of ways to do the same thing; the first way is what the others are held against.

    Attributes:
        seconds: the rounds of each way.
        size: bytes that one round moves; 0 where nothing is moved.
    """

    title: str
    explanation: str
    seconds: Mapping[str, Sequence[float]]
    size: int = 0

    def lines(self) -> list[str]:
        anchor = statistics.median(next(iter(self.seconds.values())))
        lines = [f"## {self.title}", "", self.explanation, ""]
        lines += [
            "| way | rounds | median | fastest | slowest | MB/s | against the first |",
            "|---|---|---|---|---|---|---|",
        ]
        for way, rounds in self.seconds.items():
            median = statistics.median(rounds)
            speed = f"{self.size / median / 1e6:.0f}" if self.size else ""
            times = " | ".join(f"{value:.3f} s" for value in (median, min(rounds), max(rounds)))
            lines.append(f"| {way} | {len(rounds)} | {times} | {speed} | {anchor / median:.2f}x |")
        return lines


def report(tables: Sequence[Table]) -> str:
    """Return the tables under what was measured, and when."""
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    lines = [
        "# Results",
        "",
        f"Made by `make bench` on {datetime.now(UTC).date()}: {machine}, {python}.",
        "",
        "Figures compare within one table. Rounds alternate between the ways, so that a busy moment meets all of them.",
        "",
    ]
    for table in tables:
        lines += [*table.lines(), ""]
    return "\n".join(lines)
