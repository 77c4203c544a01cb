"""What other processes use: time of the processors, memory. Linux only, as its figures are."""

import asyncio
import os
import re
import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# Linux gives each process a clock of its own, whose number follows from the process id.
_PROCESS_CLOCK: Final = 2
# Written to clear_refs: forget how much memory was the most so far.
_FORGET_PEAK: Final = "5"
# Many times what any program takes that is run here: it hangs.
LONGEST_SECONDS: Final = 300.0


@dataclass(frozen=True)
class Spent:
    """Seconds on the wall, and of all processors together."""

    seconds: float
    cpu: float


def cpu_seconds(pid: int) -> float:
    """All threads of a running process, to the nanosecond."""
    return time.clock_gettime((~pid << 3) | _PROCESS_CLOCK)


def memory_now(pid: int) -> float:
    """Resident memory in MB (millions of bytes)."""
    return _status(pid, "VmRSS")


def memory_peak(pid: int) -> float:
    """The most resident memory so far, in MB."""
    return _status(pid, "VmHWM")


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text(_FORGET_PEAK, encoding="ascii")


async def run(command: list[str], *, environment: Mapping[str, str] | None = None) -> tuple[Spent, str]:
    """Run a program to its end; the second value is what it printed.

    Raises:
        RuntimeError: it failed; the text has its complaints.
    """
    return await asyncio.to_thread(_run, command, environment)


def _run(command: list[str], environment: Mapping[str, str] | None) -> tuple[Spent, str]:
    """By hand, as only `wait4` tells what one child and its own children have used."""
    reader, writer = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, writer, 1), (os.POSIX_SPAWN_DUP2, writer, 2)]
    begun = time.monotonic()
    # A group of its own, so that a shell is ended together with what it has started.
    pid = os.posix_spawnp(
        command[0], command, {**os.environ, **(environment or {})}, file_actions=actions, setpgroup=0
    )
    os.close(writer)
    patience = threading.Timer(LONGEST_SECONDS, os.killpg, (pid, signal.SIGKILL))
    patience.start()
    try:
        with os.fdopen(reader, encoding="utf-8", errors="replace") as printed:
            text = printed.read()
        _, status, used = os.wait4(pid, 0)
    finally:
        patience.cancel()
    seconds = time.monotonic() - begun
    if status:
        raise RuntimeError(f"{command[0]} failed: {text}")
    return Spent(seconds, used.ru_utime + used.ru_stime), text


def _status(pid: int, name: str) -> float:
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    match = re.search(rf"^{name}:\s+(\d+) kB$", text, flags=re.MULTILINE)
    if match is None:
        raise RuntimeError(f"The kernel does not tell {name}.")
    return int(match[1]) * 1024 / 1e6
