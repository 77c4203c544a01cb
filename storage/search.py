"""Searching an account's files by name, and how far their list has been read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from storage.database import Database, Row, Transaction
from storage.file_rows import file_from, remove_unlisted, write_listed
from storage.folding import fit, folded
from storage.listings import LISTING_LAG
from storage.records import StoredFile, to_seconds, to_time, to_time_or_none

# Words beyond these say nothing more about a file, and each of them is compared with every name.
MOST_WORDS = 8
# Our clock dates what we have uploaded ourselves until it is listed; near the edge of a window that may be the wrong side.
EDGE = timedelta(minutes=5)
# Ids in one statement.
_IDS_AT_ONCE = 500


@dataclass(frozen=True)
class Found:
    """`more`: there are others, older ones, that were not looked at."""

    files: list[StoredFile]
    more: bool


@dataclass(frozen=True)
class Window:
    """A time in which files were sent. None: without end on that side."""

    after: datetime | None
    before: datetime | None


@dataclass(frozen=True)
class Reading:
    """How far the list of all files of an account has been read.

    Attributes:
        wanted_at: when somebody last searched.
        not_before: when 1fichier may be asked for the next window.
        head_at: files sent before then are known; None: nothing has been read yet.
        tail_at: they are known back to here; None: back to the first.
        span: length of the next window; None: as far back as there are files.
        gaps: part of it could not be had.
    """

    account_id: int
    wanted_at: datetime
    not_before: datetime
    head_at: datetime | None = None
    tail_at: datetime | None = None
    span: timedelta | None = None
    gaps: bool = False

    @property
    def complete(self) -> bool:
        """Whether every file sent before `head_at` is known."""
        return self.head_at is not None and self.tail_at is None and not self.gaps

    @property
    def under_way(self) -> bool:
        return self.head_at is None or self.tail_at is not None


class FileIndex:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, account_id: int, text: str, limit: int) -> Found:
        """Files whose names hold every word of the text, among the newest `limit` of them the best fitting first."""
        words = folded(text).split()[:MOST_WORDS]
        # The longest first: it is in the fewest names, and the others are compared only with those.
        wanted = sorted(words, key=len, reverse=True)
        conditions = "".join(f" AND folded LIKE :word{n} ESCAPE '\\'" for n in range(len(wanted)))
        rows = await self._database.fetch_all(
            # In the order of the index that also holds the names, so that common words end it early.
            f"SELECT * FROM file WHERE account_id = :account AND deleted_at IS NULL{conditions}"
            " ORDER BY uploaded_at DESC LIMIT :limit",
            {"account": account_id, "limit": limit + 1}
            | {f"word{n}": f"%{_literal(word)}%" for n, word in enumerate(wanted)},
        )
        found = sorted(rows[:limit], key=lambda row: fit(row["folded"], words))
        return Found([file_from(row) for row in found], more=len(rows) > limit)

    async def recent(self, account_id: int, limit: int) -> list[StoredFile]:
        """What was last chosen to be posted, then the newest."""
        chosen = await self._database.fetch_all(
            "SELECT * FROM file WHERE account_id = :account AND chosen_at IS NOT NULL AND deleted_at IS NULL"
            " ORDER BY chosen_at DESC LIMIT :limit",
            {"account": account_id, "limit": limit},
        )
        first = [file_from(row) for row in chosen]
        known = {file.link_id for file in first}
        newest = await self.find(account_id, "", limit)
        return [*first, *(file for file in newest.files if file.link_id not in known)][:limit]

    async def note_chosen(self, account_id: int, link_id: str, now: datetime) -> None:
        await self._database.execute(
            "UPDATE file SET chosen_at = :now WHERE account_id = :account AND link_id = :link",
            {"account": account_id, "link": link_id, "now": to_seconds(now)},
        )

    async def want(self, account_id: int, now: datetime) -> Reading:
        """Note that somebody searches, so that the list is kept fresh."""
        (row,) = await self._database.change(
            "INSERT INTO file_index (account_id, wanted_at) VALUES (:account, :now)"
            " ON CONFLICT (account_id) DO UPDATE SET wanted_at = excluded.wanted_at RETURNING *",
            {"account": account_id, "now": to_seconds(now)},
        )
        return _reading(row)

    async def reading(self, account_id: int) -> Reading | None:
        row = await self._database.fetch_one(
            "SELECT * FROM file_index WHERE account_id = :account", {"account": account_id}
        )
        return _reading(row) if row else None

    async def readings(self) -> list[Reading]:
        """Those that are to go on or to begin anew, the soonest first: under way, or searched since they were read.

        Left out are parked accounts.
        """
        rows = await self._database.fetch_all(
            "SELECT file_index.* FROM file_index JOIN account ON account.id = file_index.account_id"
            " WHERE account.refused_at IS NULL"
            " AND (head_at IS NULL OR tail_at IS NOT NULL OR wanted_at > head_at)"
            " ORDER BY not_before, account_id"
        )
        return [_reading(row) for row in rows]

    async def put_off(self, account_id: int, not_before: datetime) -> None:
        await self._database.execute(
            "UPDATE file_index SET not_before = :not_before WHERE account_id = :account",
            {"account": account_id, "not_before": to_seconds(not_before)},
        )

    async def note_window(
        self, reading: Reading, files: Sequence[StoredFile], covered: Window | None, *, now: datetime
    ) -> None:
        """Take over a window of the list of all files, and how far it has brought the reading.

        `covered`: what the window shows without a gap; what is known to have been sent then and is not listed is gone.
        """
        values: dict[str, Any] = {"account": reading.account_id, "recent": to_seconds(now - LISTING_LAG)}

        def work(transaction: Transaction) -> None:
            if covered is not None:
                remove_unlisted(transaction, values, files, _known_in(transaction, values, covered))
            write_listed(transaction, values, files, _known_among(transaction, values, files))
            transaction.execute(
                "UPDATE file_index SET not_before = :not_before, head_at = :head, tail_at = :tail, span = :span,"
                " gaps = :gaps WHERE account_id = :account",
                values | _progress(reading),
            )

        await self._database.write(work)


def _known_in(transaction: Transaction, values: dict[str, Any], window: Window) -> list[Row]:
    columns = (
        "SELECT link_id, patched_at, deleted_at FROM file WHERE account_id = :account AND deleted_at IS NULL"
    )
    bounds: dict[str, Any] = {}
    if window.after is not None:
        columns += " AND uploaded_at > :after"
        bounds["after"] = to_seconds(window.after + EDGE)
    if window.before is not None:
        columns += " AND uploaded_at < :before"
        bounds["before"] = to_seconds(window.before - EDGE)
    return transaction.fetch_all(columns, values | bounds)


def _known_among(transaction: Transaction, values: dict[str, Any], files: Sequence[StoredFile]) -> list[Row]:
    known: list[Row] = []
    for start in range(0, len(files), _IDS_AT_ONCE):
        ids = {f"id{n}": file.link_id for n, file in enumerate(files[start : start + _IDS_AT_ONCE])}
        listed = ", ".join(f":{name}" for name in ids)
        known += transaction.fetch_all(
            f"SELECT * FROM file WHERE account_id = :account AND link_id IN ({listed})", values | ids
        )
    return known


def _literal(word: str) -> str:
    """The word as LIKE takes it literally."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _progress(reading: Reading) -> dict[str, Any]:
    return {
        "not_before": to_seconds(reading.not_before),
        "head": to_seconds(reading.head_at) if reading.head_at else None,
        "tail": to_seconds(reading.tail_at) if reading.tail_at else None,
        "span": reading.span.total_seconds() if reading.span else None,
        "gaps": int(reading.gaps),
    }


def _reading(row: Row) -> Reading:
    return Reading(
        account_id=row["account_id"],
        wanted_at=to_time(row["wanted_at"]),
        not_before=to_time(row["not_before"]),
        head_at=to_time_or_none(row["head_at"]),
        tail_at=to_time_or_none(row["tail_at"]),
        span=None if row["span"] is None else timedelta(seconds=row["span"]),
        gaps=bool(row["gaps"]),
    )
