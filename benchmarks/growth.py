"""What a larger file costs: time as it grows, memory none."""

import asyncio
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from benchmarks.figures import Chart, Figure, Findings, Measurement, Run, Sense, Table
from benchmarks.stage import MEBIBYTE, Stage, stage
from benchmarks.usage import forget_peak, memory_peak

SIZES: Final = {True: (4, 16), False: (100, 1024, 4096)}
"""In MiB."""
ROUNDS: Final = {True: 1, False: 3}
"""Once in its first gigabytes the process comes to hold one piece more, and keeps it: what goes by the size shows in every round."""

FIGURES: Final = (
    Figure("growth", "RSS growth from a 100 MiB to a 4 GiB local file", Sense.AT_MOST, 2, 0, "MB"),
)


class Costs(NamedTuple):
    """Of one file: seconds, MB/s, seconds of the processors for each GB, and the most memory in MB."""

    seconds: float
    speed: float
    cpu: float
    peak: float


async def measure(run: Run) -> Findings:
    folder = run.folder("growth")
    # One process for all sizes, so that only the size differs; its first file is not counted.
    file = await asyncio.to_thread(in_memory, folder / "film.mkv", SIZES[run.short][0])
    async with stage(run, "growth-stage", local_file=file, settings={"BOT_VERIFY": "never"}) as on_stage:
        await on_stage.upload(SIZES[run.short][0] * MEBIBYTE)
        rounds = [
            [await one(on_stage, folder / f"{number}-{size}.mkv", size) for size in SIZES[run.short]]
            for number in range(ROUNDS[run.short])
        ]
    rows = [
        (f"{size} MiB", *(median(column) for column in zip(*of_size, strict=True)))
        for size, of_size in zip(SIZES[run.short], zip(*rounds, strict=True), strict=True)
    ]
    return Findings(
        values={"growth": median(of_round[-1].peak - of_round[0].peak for of_round in rounds)},
        tables=[Table("A local file by its size", ("file", "seconds", "MB/s", "CPU s per GB", "peak RSS in MB"), rows)],
        charts=[
            Chart("growth-memory", "Peak memory by size of the file", "MB RSS", [(row[0], row[-1]) for row in rows]),
            Chart("growth-time", "Time by size of the file", "seconds", [(row[0], row[1]) for row in rows]),
        ],
    )  # fmt: skip


async def one(on_stage: Stage, path: Path, mebibytes: int) -> Costs:
    size = mebibytes * MEBIBYTE
    on_stage.local_file = await asyncio.to_thread(in_memory, path, mebibytes)
    forget_peak(on_stage.bot.pid)
    spent = await on_stage.upload(size)
    peak = memory_peak(on_stage.bot.pid)
    return Costs(spent.seconds, size / spent.seconds / 1e6, spent.cpu / (size / 1e9), peak)


def in_memory(path: Path, mebibytes: int) -> Path:
    """Make a file of zeros that is in the page cache, like one that a local server has just written.

    On the disk it is a hole, and the first to read a hole takes longer than sending it does: that is done here.
    """
    with path.open("wb") as file:
        file.truncate(mebibytes * MEBIBYTE)
    piece = bytearray(MEBIBYTE)
    with path.open("rb", buffering=0) as reading:
        while reading.readinto(piece):
            pass
    return path


GROWTH: Final = Measurement(
    "growth",
    "One process sends files to the peer over TLS, one after another, which are in the page cache; the kernel's record of its peak is cleared before each. Medians.",
    FIGURES,
    measure,
)
