"""A large local file to 1fichier over TLS: the bot, `curl -F` and rclone's own backend side by side."""

import asyncio
import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.figures import Chart, Figure, Findings, Measurement, NotMeasured, Run, Sense, Table, medians
from benchmarks.peer import Peer
from benchmarks.seeds import KEY
from benchmarks.stage import MEBIBYTE, Stage, stage
from benchmarks.usage import Spent, run
from emulators.onefichier.whirlpool import whirlpool

FILE_BYTES: Final = {True: 8 * MEBIBYTE, False: 1024 * MEBIBYTE}
# Odd, and enough that a few seconds in which the machine is busy elsewhere do not decide.
ROUNDS: Final = {True: 1, False: 15}
# Computing Whirlpool takes rclone, and us, several times as long as all the rest.
SLOW_ROUNDS: Final = {True: 1, False: 3}

CURL: Final = "curl -F"
RCLONE: Final = "rclone"
RCLONE_UNCHECKED: Final = "rclone --ignore-checksum"
BOT: Final = "the bot, BOT_VERIFY=never"
BOT_AUTO: Final = "the bot, BOT_VERIFY=auto"
BOT_ALWAYS: Final = "the bot, BOT_VERIFY=always"

FIGURES: Final = (
    Figure("upload speed", "TLS upload of a local 1 GiB file against `curl -F`: speed", Sense.AT_LEAST, 1.3, 1.6, "x"),
    Figure("upload cpu", "the same: CPU", Sense.AT_MOST, 0.85, 0.65, "x"),
    Figure("upload unchecked", "the same against rclone's own 1fichier backend, `--ignore-checksum`", Sense.AT_LEAST, 2, unit="x"),
    Figure("upload rclone", "the same against rclone's own 1fichier backend", Sense.AT_LEAST, 8, unit="x"),
    Figure("upload verified", "the same with `BOT_VERIFY=always` against rclone's default", Sense.AT_LEAST, 2, 3, "x"),
)  # fmt: skip


@dataclass
class Rounds:
    """Of each way, what its rounds took."""

    spent: dict[str, list[Spent]] = field(default_factory=dict)

    async def add(self, way: str, work: Callable[[], Awaitable[Spent]]) -> None:
        self.spent.setdefault(way, []).append(await work())

    def seconds(self) -> dict[str, float]:
        return medians({way: [each.seconds for each in spent] for way, spent in self.spent.items()})

    def cpu(self) -> dict[str, float]:
        return medians({way: [each.cpu for each in spent] for way, spent in self.spent.items()})


async def measure(run_of_all: Run) -> Findings:
    if shutil.which("curl") is None:
        raise NotMeasured("curl is not installed")
    size = FILE_BYTES[run_of_all.short]
    folder = run_of_all.folder("upload")
    file = folder / "film.mkv"
    checksum = await asyncio.to_thread(write_file, file, size)
    async with contextlib.AsyncExitStack() as stack:

        async def on_stage(name: str, verify: str) -> Stage:
            return await stack.enter_async_context(
                stage(
                    run_of_all,
                    name,
                    local_file=file,
                    checksums={size: checksum},
                    settings={"BOT_VERIFY": verify},
                )
            )

        never = await on_stage("upload-never", "never")
        # Nothing hangs on it but to know.
        auto = None if run_of_all.short else await on_stage("upload-auto", "auto")
        always = await on_stage("upload-always", "always")
        problem = without_rclone(never.peer)
        rounds = Rounds()
        for number in range(ROUNDS[run_of_all.short]):
            await rounds.add(CURL, lambda: by_curl(file, never.peer))
            await rounds.add(BOT, lambda: never.upload(size))
            if auto is not None:
                await rounds.add(BOT_AUTO, partial(auto.upload, size))
            slowly = number < SLOW_ROUNDS[run_of_all.short]
            if slowly:
                await rounds.add(BOT_ALWAYS, lambda: always.upload(size))
            if not problem:
                await rounds.add(RCLONE_UNCHECKED, lambda: by_rclone(file, never.peer, "--ignore-checksum"))
            if slowly and not problem:
                await rounds.add(RCLONE, lambda: by_rclone(file, never.peer))
    return found(rounds, size, problem)


def without_rclone(peer: Peer) -> str:
    """Why rclone cannot be measured here; nothing when it can."""
    if shutil.which("rclone") is None:
        return "rclone is not installed"
    return (
        ""
        if peer.compiled
        else "the emulators are no proxy, and there is no C compiler with OpenSSL's headers"
    )


def found(rounds: Rounds, size: int, problem: str) -> Findings:
    seconds, cpu = rounds.seconds(), rounds.cpu()
    ways = tuple(rounds.spent)
    against_rclone = {
        "upload unchecked": (RCLONE_UNCHECKED, BOT),
        "upload rclone": (RCLONE, BOT),
        "upload verified": (RCLONE, BOT_ALWAYS),
    }
    rows = [
        (
            way,
            len(rounds.spent[way]),
            seconds[way],
            size / seconds[way] / 1e6,
            cpu[way],
            seconds[CURL] / seconds[way],
        )
        for way in ways
    ]
    return Findings(
        values={
            "upload speed": seconds[CURL] / seconds[BOT],
            "upload cpu": cpu[BOT] / cpu[CURL],
            **{
                name: seconds[theirs] / seconds[ours]
                for name, (theirs, ours) in against_rclone.items()
                if not problem
            },
        },
        problem=problem,
        tables=[
            Table(
                f"A local file of {size // MEBIBYTE} MiB over TLS",
                ("way", "rounds", "seconds", "MB/s", "CPU s", "speed against curl"),
                rows,
            )
        ],
        charts=[
            Chart(
                "upload",
                f"Upload of a local file of {size // MEBIBYTE} MiB over TLS",
                "MB/s",
                [(way, size / seconds[way] / 1e6) for way in ways],
            )
        ],
    )


async def by_curl(file: Path, peer: Peer) -> Spent:
    # Without Expect, for which curl would wait a second.
    command = ["curl", "-sS", "-H", "Expect:", "-w", "%{http_code}", "-F", f"file[]=@{file}"]
    command += [
        "--cacert",
        str(peer.certificate.certificate),
        f"{peer.url}/upload.cgi?id={await peer.upload_id()}",
    ]
    spent, printed = await run(command)
    if not printed.endswith("302"):
        raise RuntimeError(f"The peer answered {printed} to curl.")
    return spent


async def by_rclone(file: Path, peer: Peer, *options: str) -> Spent:
    """One low-level try, so that a failure is seen and not made good."""
    command = ["rclone", "--ca-cert", str(peer.certificate.certificate), "--config", ""]
    command += ["--retries", "1", "--low-level-retries", "1", *options, "copyto", str(file)]
    command += [f":fichier,api_key={KEY}:{file.name}"]
    begun = time.monotonic()
    spent, _ = await run(command, environment={"HTTPS_PROXY": peer.proxy, "HOME": str(file.parent)})
    if not peer.of("whole", since=begun):
        raise RuntimeError("rclone uploaded nothing.")
    return spent


def write_file(file: Path, size: int) -> str:
    """A file without a pattern, in the page cache afterwards; returns its Whirlpool."""
    digest = whirlpool()
    with file.open("wb") as writing:
        piece = os.urandom(MEBIBYTE)
        for number in range(size // MEBIBYTE):
            # Each piece differs from the others, without asking for that much chance.
            piece = hashlib.sha256(number.to_bytes(8)).digest() + piece[32:]
            digest.update(piece)
            writing.write(piece)
    return digest.hexdigest()


UPLOAD: Final = Measurement(
    "upload",
    "Wall time and CPU time of the whole program; of the bot from asking for a node to the node's acceptance, and the CPU time of its whole process "
    "from the message to the recorded link. The file is in the page cache. Ratios are of medians.",
    FIGURES,
    measure,
)
