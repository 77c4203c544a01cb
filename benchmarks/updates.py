"""Updates per second: written down, handled and answered, beside python-telegram-bot that keeps nothing."""

import statistics
import sys
from typing import Final

from benchmarks.figures import Chart, Figure, Findings, Measurement, Run, Sense, Table
from benchmarks.updates_process import BOT, ECHO
from benchmarks.usage import run as run_program

UPDATES: Final = {True: 200, False: 4_000}
ROUNDS: Final = {True: 1, False: 15}
NAMES: Final = {ECHO: "python-telegram-bot's echo, in memory", BOT: "the bot"}

FIGURES: Final = (
    Figure(
        "updates",
        "updates per second through intake, inbox (durable), handler, reply, against PTB's own in-memory echo",
        Sense.AT_LEAST,
        0.25,
        0.5,
        "x",
    ),
)


async def measure(run: Run) -> Findings:
    rates: dict[str, list[float]] = {ECHO: [], BOT: []}
    processors: dict[str, list[float]] = {ECHO: [], BOT: []}
    folder = run.folder("updates")
    for number in range(ROUNDS[run.short]):
        for way, rounds in rates.items():
            data = folder / f"{way}-{number}"
            command = [
                sys.executable,
                "-m",
                "benchmarks.updates_process",
                way,
                str(UPDATES[run.short]),
                str(data),
            ]
            _, printed = await run_program(command)
            rate, cpu = printed.split()[-2:]
            rounds.append(float(rate))
            processors[way].append(float(cpu))
    medians = {way: statistics.median(rounds) for way, rounds in rates.items()}
    rows = [
        (
            NAMES[way],
            len(rates[way]),
            rate,
            min(rates[way]),
            max(rates[way]),
            statistics.median(processors[way]),
        )
        for way, rate in medians.items()
    ]
    return Findings(
        values={"updates": medians[BOT] / medians[ECHO]},
        tables=[
            Table(
                "Updates per second",
                ("what", "rounds", "median", "slowest", "fastest", "CPU ms of each"),
                rows,
            )
        ],
        charts=[
            Chart(
                "updates", "Updates per second", "1/s", [(NAMES[way], rate) for way, rate in medians.items()]
            )
        ],
    )


UPDATE: Final = Measurement(
    "updates",
    "Each in a process of its own whose Telegram is an object that answers every call at once: /start of 400 chats in turn, each parsed, handled and answered by sendMessage. "
    "The bot writes batches of 100 down before it acknowledges them, and looks its people up; the echo keeps nothing.",
    FIGURES,
    measure,
)  # fmt: skip
