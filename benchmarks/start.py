"""From the start of the process to its first question to Telegram, and what it takes to do nothing."""

import asyncio
import statistics
import sys
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet

from benchmarks.figures import Chart, Figure, Findings, Measurement, Run, Sense, Table
from benchmarks.seeds import seed_people
from benchmarks.stage import running_bot, settings_for, telegram
from benchmarks.usage import memory_now
from benchmarks.usage import run as run_program

ROUNDS: Final = {True: 1, False: 9}
IDLE_SECONDS: Final = {True: 0.2, False: 3.0}
"""Until what a start leaves behind is done."""
BOT: Final = "the bot, to its first getUpdates"
PROGRAMS: Final = {
    "an empty Python": "",
    "the libraries": "import aiosqlite, cryptography.fernet, httpx, pydantic_settings, starlette, uvicorn, telegram.ext",
    "the bot, imported": "import bot.__main__",
}

FIGURES: Final = (
    Figure("start", "start of the process to first `getUpdates`", Sense.AT_MOST, 0.8, 0.5, "s"),
    Figure("idle", "idle RSS of the whole bot", Sense.AT_MOST, 80, 66, "MB"),
)


async def measure(run: Run) -> Findings:
    folder = run.folder("start")
    secret = Fernet.generate_key().decode()
    # A first start would make the database as well.
    await seed_people(folder / "data", secret, 1)
    seconds: dict[str, list[float]] = {way: [] for way in (*PROGRAMS, BOT)}
    memory = []
    for _ in range(ROUNDS[run.short]):
        for way, program in PROGRAMS.items():
            seconds[way].append((await run_program([sys.executable, "-OO", "-c", program]))[0].seconds)
        began, used = await one_start(folder, secret, IDLE_SECONDS[run.short])
        seconds[BOT].append(began)
        memory.append(used)
    rows = [
        (way, len(rounds), statistics.median(rounds), min(rounds), max(rounds))
        for way, rounds in seconds.items()
    ]
    return Findings(
        values={"start": statistics.median(seconds[BOT]), "idle": statistics.median(memory)},
        tables=[
            Table(
                "Start",
                ("what", "rounds", "median in seconds", "fastest", "slowest"),
                rows,
            )
        ],
        charts=[Chart("start", "Start of the process", "seconds", [(row[0], row[2]) for row in rows])],
    )


async def one_start(folder: Path, secret: str, idle_seconds: float) -> tuple[float, float]:
    """Seconds to the first getUpdates, and MB at rest."""
    # A Telegram of its own: another one might still hold the last process's question.
    api = telegram()
    async with api.serve() as url:
        settings = settings_for(
            data=folder / "data", secret=secret, telegram_url=url, onefichier_url="http://127.0.0.1:9"
        )
        async with running_bot(api, settings, folder / "bot.log") as bot:
            seconds = await bot.polls() - bot.started_at
            await asyncio.sleep(idle_seconds)
            return seconds, memory_now(bot.pid)


START: Final = Measurement(
    "start",
    "`python -m bot run` with its web endpoint, a database that exists, and Telegram on this machine. Medians; the smaller programs stand beside it to say what the time goes to.",
    FIGURES,
    measure,
)
