"""Many transfers at once: memory, how late the event loop comes, how long a person waits for an answer."""

import asyncio
import contextlib
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from benchmarks.figures import Chart, Figure, Findings, Measurement, Run, Sense, Table, percentile
from benchmarks.growth import in_memory
from benchmarks.peer import FIRST, NODE, WHOLE
from benchmarks.stage import MEBIBYTE, Stage, stage
from benchmarks.usage import cpu_seconds, memory_peak
from benchmarks.watched_bot import lateness

CROWDS: Final = {True: (4,), False: (1, 8, 32)}
HTTP, DISK = "HTTP", "disk"
FILE_MEBIBYTES: Final = {True: {HTTP: 20, DISK: 16}, False: {HTTP: 20, DISK: 64}}
MEBIBYTES_IN_ALL: Final = {1: 1024, 4: 80, 8: 4096, 32: 4096}
"""By the number of transfers: enough for a few seconds in which all places are taken."""
ASK_SECONDS: Final = 0.1
"""Between an answer and the next question of the person who asks while the others send: answers and statuses together
stay below the 25 calls a second that the bot makes at most."""
ANSWER_SECONDS: Final = 30.0
SHORTEST_SECONDS: Final = 0.5

FIGURES: Final = (
    Figure("crowd memory", "whole bot's peak RSS with 32 transfers running (all by HTTP, and all from disk; the larger counts)", Sense.AT_MOST, 110, 85, "MB"),
    Figure("crowd lag p99", "loop lag with 32 saturated transfers, p99", Sense.AT_MOST, 25, 10, "ms"),
    Figure("crowd lag max", "the same, max", Sense.AT_MOST, 50, 20, "ms"),
    Figure("crowd help", "reply to `/help` while 32 transfers run, p99", Sense.AT_MOST, 100, 40, "ms"),
)  # fmt: skip


@dataclass(frozen=True)
class Crowd:
    """What so many transfers at once were like. Times in milliseconds, memory in MB."""

    transfers: int
    source: str
    speed: float
    cpu_per_gb: float
    memory: float
    lag: list[float]
    answers: list[float]

    @property
    def row(self) -> tuple[str | float, ...]:
        lag, answers = self.lag, self.answers
        return (
            self.transfers,
            self.source,
            self.speed,
            self.cpu_per_gb,
            self.memory,
            statistics.median(lag),
            percentile(lag, 99),
            max(lag),
            statistics.median(answers),
            percentile(answers, 99),
            len(answers),
        )


async def measure(run: Run) -> Findings:
    crowds = [
        await gather(run, transfers, source) for transfers in CROWDS[run.short] for source in (HTTP, DISK)
    ]
    largest = [crowd for crowd in crowds if crowd.transfers == crowds[-1].transfers]
    columns: tuple[str, ...] = (
        "transfers",
        "source",
        "MB/s",
        "CPU s per GB",
        "peak RSS MB",
        "lag p50 ms",
        "lag p99 ms",
    )
    columns += ("lag max ms", "/help p50 ms", "/help p99 ms", "answers")
    return Findings(
        values={
            "crowd memory": max(crowd.memory for crowd in largest),
            "crowd lag p99": max(percentile(crowd.lag, 99) for crowd in largest),
            "crowd lag max": max(max(crowd.lag) for crowd in largest),
            "crowd help": max(percentile(crowd.answers, 99) for crowd in largest),
        },
        tables=[Table("Transfers at once, saturated, over TLS", columns, [crowd.row for crowd in crowds])],
        charts=[
            _chart("crowd-speed", "Speed of all transfers together", "MB/s", crowds, lambda c: c.speed),
            _chart("crowd-memory", "Peak memory of the whole bot", "MB RSS", crowds, lambda c: c.memory),
            _chart("crowd-lag", "Loop lag, p99", "ms", crowds, lambda c: percentile(c.lag, 99)),
            _chart("crowd-help", "Reply to /help, p99", "ms", crowds, lambda c: percentile(c.answers, 99)),
        ],
    )


def _chart(name: str, title: str, unit: str, crowds: list[Crowd], value: Callable[[Crowd], float]) -> Chart:
    bars = [(f"{crowd.transfers} by {crowd.source}", value(crowd)) for crowd in crowds]
    return Chart(name, title, unit, bars)


async def gather(run: Run, transfers: int, source: str) -> Crowd:
    mebibytes = FILE_MEBIBYTES[run.short][source]
    each = max(1, MEBIBYTES_IN_ALL[transfers] // mebibytes // transfers)
    name = f"crowd-{transfers}-{source}"
    samples = run.scratch / f"{name}.lateness"
    local_file = None
    if source == DISK:
        local_file = await asyncio.to_thread(in_memory, run.scratch / f"{name}.mkv", mebibytes)
    async with stage(
        run,
        name,
        people=transfers + 1,
        local_file=local_file,
        file_bytes=mebibytes * MEBIBYTE,
        program=("-OO", "-m", "benchmarks.watched_bot", str(samples)),
        settings={"BOT_MAX_TRANSFERS": str(transfers), "BOT_VERIFY": "never"},
    ) as on_stage:
        since, cpu = time.monotonic(), cpu_seconds(on_stage.bot.pid)
        answers = await send_and_ask(on_stage, transfers, each, mebibytes * MEBIBYTE, since)
        cpu = cpu_seconds(on_stage.bot.pid) - cpu
        memory = memory_peak(on_stage.bot.pid)
    asked, first, whole = (on_stage.peer.of(what, since=since) for what in (NODE, FIRST, WHOLE))
    # From when all places are taken until nothing waits for one any more; small files leave no such time.
    begin, end = first[transfers - 1].at, max(first[-1].at, whole[0].at)
    if end - begin < SHORTEST_SECONDS:
        begin, end = asked[0].at, whole[-1].at
    moved = each * transfers * mebibytes * MEBIBYTE
    return Crowd(
        transfers,
        source,
        speed=moved / (whole[-1].at - asked[0].at) / 1e6,
        cpu_per_gb=cpu / (moved / 1e9),
        memory=memory,
        lag=[late * 1000 for late in lateness(samples, begin, end)],
        answers=[seconds * 1000 for at, seconds in answers if begin <= at <= end]
        or [seconds * 1000 for _, seconds in answers],
    )


async def send_and_ask(
    on_stage: Stage, transfers: int, each: int, size: int, since: float
) -> list[tuple[float, float]]:
    """All but the last person send files, and that one asks for help as long as it takes: when, and seconds to the answer."""
    *senders, asker = on_stage.people
    answers: list[tuple[float, float]] = []

    async def ask() -> None:
        while True:
            at = time.monotonic()
            said = asker.say("/help")
            await asker.chat.wait_for("/help", after=said, timeout=ANSWER_SECONDS)
            answers.append((at, time.monotonic() - at))
            await asyncio.sleep(ASK_SECONDS)

    asking = asyncio.create_task(ask())
    try:
        for _ in range(each):
            for person in senders:
                on_stage.send(person, size)
        sending = asyncio.create_task(on_stage.until_sent(transfers * each, since))
        await asyncio.wait({asking, sending}, return_when=asyncio.FIRST_COMPLETED)
        if asking.done():
            sending.cancel()
            asking.result()
        await sending
    finally:
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asking
    return answers


CROWD: Final = Measurement(
    "crowd",
    "The whole bot with a sampler on its event loop, a person for each place and one more who asks for /help all the while. A bot has one source, Telegram's servers or a "
    "local server's disk: both are measured, and the worse one counts. Figures are of the time in which every place is taken (of all the time, where that is less than half a second).",
    FIGURES,
    measure,
)
