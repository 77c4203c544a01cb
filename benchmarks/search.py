"""How long a search in the names of a large account takes, as `/list words` and inline mode ask for it."""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet

from storage import FileIndex, PeopleStore, StoredFile, Vault, open_database
from transfers import MOST_FOUND

FILES: Final = {True: 2_000, False: 100_000}
ROUNDS: Final = {True: 3, False: 60}
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


@dataclass(frozen=True)
class SearchTimes:
    """Milliseconds of every search, by what was looked for; `processor`: of them, those that a busy machine does not lengthen."""

    files: int
    by_query: Mapping[str, Sequence[float]]
    processor: Mapping[str, Sequence[float]]

    @property
    def median(self) -> float:
        return statistics.median(chain.from_iterable(self.by_query.values()))

    @property
    def p99(self) -> float:
        """99 of 100 took no longer."""
        every = sorted(chain.from_iterable(self.by_query.values()))
        return every[max(0, len(every) * 99 // 100 - 1)]

    def lines(self) -> list[str]:
        """As a part of a page of results."""
        return [
            f"## Search in the names of {self.files:,} files",
            "",
            f"Median {self.median:.1f} ms, 99 of 100 within {self.p99:.1f} ms; at most {MOST_FOUND} found.",
            "",
            "| looked for | searches | median | slowest | processor, median |",
            "|---|---|---|---|---|",
            *(
                f"| {query} | {len(times)} | {statistics.median(times):.1f} ms | {max(times):.1f} ms"
                f" | {statistics.median(self.processor[query]):.1f} ms |"
                for query, times in self.by_query.items()
            ),
            "",
        ]


def measure_search(*, short: bool) -> SearchTimes:
    """Search again and again in the names of one account, each query in turn."""
    return asyncio.run(_measure(FILES[short], ROUNDS[short]))


async def _measure(files: int, rounds: int) -> SearchTimes:
    times: dict[str, list[float]] = {query: [] for query in QUERIES}
    processor: dict[str, list[float]] = {query: [] for query in QUERIES}
    with tempfile.TemporaryDirectory() as directory:
        async with open_database(Path(directory) / "bot.db") as database:
            index = FileIndex(database)
            people = PeopleStore(database, Vault([Fernet.generate_key().decode()]))
            account_id = await _fill(people, index, files)
            for _ in range(rounds):
                for query, text in QUERIES.items():
                    began, used = time.perf_counter(), time.process_time()
                    await index.find(account_id, text, MOST_FOUND)
                    times[query].append((time.perf_counter() - began) * 1e3)
                    processor[query].append((time.process_time() - used) * 1e3)
    return SearchTimes(files, times, processor)


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
