"""How long the process takes from its first instruction to being able to run."""

import subprocess
import sys
import time

from benchmarks.report import Table

ROUNDS = {True: 3, False: 9}
WAYS = {
    "an empty Python": "",
    "the libraries": "import aiosqlite, cryptography.fernet, httpx, pydantic_settings, telegram.ext",
    "the bot": "import bot.__main__",
}


def measure_start(*, short: bool) -> Table:
    """Raises subprocess.CalledProcessError when a program fails."""
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(ROUNDS[short]):
        for way, program in WAYS.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", program], check=True)
            seconds[way].append(time.perf_counter() - began)
    return Table(
        title="Start of the process",
        explanation="A new interpreter that imports what is named, and ends.",
        seconds=seconds,
    )
