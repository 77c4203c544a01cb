"""A start with a long queue."""

import shutil
import statistics
from typing import Final

from cryptography.fernet import Fernet

from benchmarks.figures import Figure, Findings, Measurement, Run, Sense, Table
from benchmarks.peer import FIRST, peer
from benchmarks.seeds import seed_transfers
from benchmarks.stage import MEBIBYTE, running_bot, settings_for, telegram
from emulators.botapi import VirtualFile
from emulators.user import Person

QUEUES: Final = {True: (200,), False: (100, 1_000, 10_000)}
PEOPLE: Final = {True: 20, False: 500}
ROUNDS: Final = {True: 1, False: 5}
FILE_BYTES: Final = MEBIBYTE

FIGURES: Final = (
    Figure("restart", "restart with 10,000 queued transfers: to first byte sent", Sense.AT_MOST, 2, 1, "s"),
)


async def measure(run: Run) -> Findings:
    rows = []
    for transfers in QUEUES[run.short]:
        seconds = await rounds(run, transfers)
        rows.append((transfers, len(seconds), statistics.median(seconds), min(seconds), max(seconds)))
    columns = ("queued", "rounds", "median in seconds", "fastest", "slowest")
    return Findings(values={"restart": rows[-1][2]}, tables=[Table("Restart with a queue", columns, rows)])


async def rounds(run: Run, transfers: int) -> list[float]:
    folder = run.folder(f"restart-{transfers}")
    secret = Fernet.generate_key().decode()
    api = telegram()
    for person in range(1, PEOPLE[run.short] + 1):
        Person(api, user_id=person, first_name="Ada").chat.started = True
    sent = [api.files.add("document", VirtualFile(FILE_BYTES)) for _ in range(transfers)]
    await seed_transfers(
        folder / "seeded",
        secret,
        people=PEOPLE[run.short],
        file_ids=[each.file_id for each in sent],
        size=FILE_BYTES,
    )
    seconds = []
    async with api.serve() as api_url, peer(run.scratch, telegram_url=api_url, file_bytes=FILE_BYTES) as far:
        for number in range(ROUNDS[run.short]):
            data = folder / f"data-{number}"
            shutil.copytree(folder / "seeded", data)
            settings = settings_for(
                data=data,
                secret=secret,
                telegram_url=far.telegram_url,
                onefichier_url=far.url,
                SSL_CERT_FILE=str(far.certificate.certificate),
            )
            async with running_bot(api, settings, folder / "bot.log") as bot:
                seconds.append(await far.first(FIRST, since=bot.started_at) - bot.started_at)
                # What it has begun is of no interest, and the next round begins with the whole queue again.
                bot.process.kill()
    return seconds


RESTART: Final = Measurement(
    "restart",
    "From the start of the process to the first byte of a body at 1fichier, with a queue of files of 500 people; one that is ten and a hundred times as short beside it. Medians.",
    FIGURES,
    measure,
)
