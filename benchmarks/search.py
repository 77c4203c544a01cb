"""How long a search in the names of a large account takes, as `/list words` and inline mode ask for it."""

import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Final

from cryptography.fernet import Fernet

from benchmarks.figures import Chart, Figure, Findings, Measurement, Run, Sense, Table, percentile
from storage import FileIndex, PeopleStore, StoredFile, Vault, open_database
from transfers import MOST_FOUND

FILES: Final = {True: 2_000, False: 100_000}
ROUNDS: Final = {True: 2, False: 60}
# What rare words, common ones, several, a beginning, and nothing at all cost.
QUERIES: Final = {
    "a word of a few names": "kaleidoscope",
    "a word of every tenth name": "été",
    "a letter of nearly every name": "e",
    "three words": "paris 2026 wedding",
    "the beginning of a camera’s names": "img_2",
    "what nothing is called": "xylophone",
    "nothing typed yet": "",
}
# As many as 1fichier lists at once.
_WINDOW: Final = 5_000
_WORDS: Final = [
    "album",
    "archive",
    "backup",
    "concert",
    "draft",
    "Été",
    "final",
    "holiday",
    "invoice",
    "letter",
    "lecture",
    "model",
    "music",
    "Noël",
    "Paris",
    "part",
    "photo",
    "podcast",
    "project",
    "report",
    "scan",
    "season",
    "summer",
    "train",
    "video",
    "wedding",
    "winter",
    "Überblick",
]
_NOW: Final = datetime(2026, 3, 2, tzinfo=UTC)

FIGURES: Final = (
    Figure("search median", "search in 100,000 names, median", Sense.AT_MOST, 50, 20, "ms"),
    Figure("search 99", "search in 100,000 names, 99 of 100", Sense.AT_MOST, 50, 30, "ms"),
)


async def measure(run: Run) -> Findings:
    """Search again and again in the names of one account, each query in turn."""
    times: dict[str, list[float]] = {query: [] for query in QUERIES}
    processor: dict[str, list[float]] = {query: [] for query in QUERIES}
    async with open_database(run.folder("search") / "bot.db") as database:
        index = FileIndex(database)
        people = PeopleStore(database, Vault([Fernet.generate_key().decode()]))
        account_id = await _fill(people, index, FILES[run.short])
        for _ in range(ROUNDS[run.short]):
            for query, text in QUERIES.items():
                began, used = time.perf_counter(), time.process_time()
                await index.find(account_id, text, MOST_FOUND)
                times[query].append((time.perf_counter() - began) * 1e3)
                processor[query].append((time.process_time() - used) * 1e3)
    every = list(chain.from_iterable(times.values()))
    medians = {query: statistics.median(each) for query, each in times.items()}
    rows = [
        (query, len(each), medians[query], max(each), statistics.median(processor[query]))
        for query, each in times.items()
    ]
    return Findings(
        values={"search median": statistics.median(every), "search 99": percentile(every, 99)},
        tables=[
            Table(
                "Search",
                ("looked for", "searches", "median in ms", "slowest", "of processor time, median"),
                rows,
            )
        ],
        charts=[Chart("search", "Search in 100,000 names", "ms", list(medians.items()))],
    )


async def _fill(people: PeopleStore, index: FileIndex, count: int) -> int:
    await people.meet(1, "en", _NOW)
    account, _ = await people.store_key(1, "key", _NOW)
    reading = await index.want(account.id, _NOW)
    files = _files(count)
    while window := list(islice(files, _WINDOW)):
        await index.note_window(reading, window, None, now=_NOW)
    return account.id


def _files(count: int) -> Iterator[StoredFile]:
    """A quarter are a camera's, and the others of two to six words and a year."""
    chance = random.Random(1)
    for number in range(count):
        words = chance.choices(_WORDS, k=chance.randint(2, 6))
        name = f"{' '.join(words)} {2000 + number % 27}.{chance.choice(('mkv', 'zip', 'pdf'))}"
        if number % 4 == 0:
            name = f"IMG_{20_000_000 + number}.jpg"
        elif number % 9_973 == 1:
            name = f"kaleidoscope {name}"
        link_id = f"{chance.getrandbits(80):020x}"
        sent = _NOW - timedelta(minutes=7 * number)
        yield StoredFile(
            link_id, f"https://1fichier.com/?{link_id}", None, name, number, sent, has_password=False
        )


SEARCH: Final = Measurement(
    "search",
    f"Names in one account of 100,000 files, looked for as `/list words` and inline mode do, {MOST_FOUND} found at most. Nothing is kept in memory between two searches.",
    FIGURES,
    measure,
)
