"""One SQLite file: one connection that writes behind a lock, one that reads."""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar, cast

import aiosqlite

from storage.errors import DatabaseFailed, DatabaseUnusable
from storage.migration import migrate
from storage.trips import SharedTrips

log = logging.getLogger(__name__)

T = TypeVar("T")
V = TypeVar("V")
Row = sqlite3.Row
Values = Mapping[str, Any]
_Query = tuple[str, Values]

# Another process (a backup, an operator's sqlite3) may hold the file for a moment.
BUSY_TIMEOUT_SECONDS = 10
# A reader in the middle of a query keeps the WAL from being truncated; it is gone in milliseconds.
CHECKPOINT_TRIES = 50
CHECKPOINT_PAUSE_SECONDS = 0.1

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    # FULL: a committed row survives power loss, which is what acknowledging an update promises.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}",
    # Freed pages are overwritten, so that an erased key leaves no trace in the file.
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
)


class Transaction:
    """Statements inside one write transaction; values are always named parameters.

    It lives in the thread of the connection, where nothing can be awaited: no transaction waits for anything but the disk.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, values: Values | None = None) -> int:
        """Run one statement and return the number of rows it changed."""
        return self._connection.execute(sql, values or {}).rowcount

    def execute_many(self, sql: str, rows: Sequence[Values]) -> int:
        """Run one statement for each of the rows; returns how many it changed in all."""
        return self._connection.executemany(sql, rows).rowcount

    def fetch_all(self, sql: str, values: Values | None = None) -> list[Row]:
        return self._connection.execute(sql, values or {}).fetchall()

    def fetch_one(self, sql: str, values: Values | None = None) -> Row | None:
        rows = self.fetch_all(sql, values)
        return rows[0] if rows else None


class Database:
    """The open database. Writes run one after another and to their end, whoever is cancelled meanwhile."""

    def __init__(self, path: Path, writer: aiosqlite.Connection, reader: aiosqlite.Connection) -> None:
        self.path = path
        self._writer = writer
        self._reader = reader
        self._lock = asyncio.Lock()
        # One of those who stand behind at a time takes a place at the lock, so whoever goes ahead waits for one of them at most.
        self._behind = asyncio.Lock()
        self._reads = SharedTrips(self._read_together)

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open the file, making or migrating it first.

        Raises:
            DatabaseUnusable: the file cannot be opened, or is no database.
            DatabaseTooNew: a newer version of the bot has written it.
            MigrationFailed: nothing was changed.
        """
        opening = asyncio.ensure_future(cls._open(path))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            # A connection that is given up while it is made leaves its thread to answer a loop that may be gone.
            await _until_done(opening)
            if opening.exception() is None:
                await opening.result().close()
            raise

    @classmethod
    async def _open(cls, path: Path) -> Self:
        async with contextlib.AsyncExitStack() as stack:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch(mode=0o600, exist_ok=True)
                writer = await _connect(stack, path)
                await migrate(writer, path)
                reader = await _connect(stack, path)
                await reader.execute("PRAGMA query_only = ON")
            except (sqlite3.Error, OSError) as error:
                raise DatabaseUnusable(f"The database {path} cannot be used: {error}") from error
            stack.pop_all()
            return cls(path, writer, reader)

    async def close(self) -> None:
        # Shielded: a connection left open keeps its thread, and with it the process, alive.
        await asyncio.shield(self._close())

    async def write(self, work: Callable[[Transaction], T], *, ahead: bool = False) -> T:
        """Run `work` as one transaction, in the thread of the connection: all of it or, when it raises, nothing.

        It runs to its end even if the caller is cancelled; the cancellation is raised after it.
        `ahead` of the many that files bring with them is what a person waits for.

        Raises:
            DatabaseFailed: the file could not be written, or a statement broke a rule of the schema.
        """
        return await _to_its_end(self._transact(work, ahead=ahead))

    async def execute(self, sql: str, values: Values | None = None) -> int:
        """One statement as a transaction of its own; returns the number of rows it changed. Otherwise as `write`."""

        async def alone() -> int:
            async with self._turn(ahead=False):
                with _failures("written"):
                    # The cursor is not closed, which is another trip to the thread: without rows to fetch the statement has ended.
                    return (await self._writer.execute(sql, values or {})).rowcount

        return await _to_its_end(alone())

    async def change(self, sql: str, values: Values | None = None, *, ahead: bool = False) -> list[Row]:
        """One statement as a transaction of its own; returns the rows of its RETURNING. Otherwise as `write`."""

        async def alone() -> list[Row]:
            async with self._turn(ahead=ahead):
                with _failures("written"):
                    return list(await self._writer.execute_fetchall(sql, values or {}))

        return await _to_its_end(alone())

    async def fetch_all(self, sql: str, values: Values | None = None) -> list[Row]:
        """Read what is committed.

        Raises:
            DatabaseFailed: the file could not be read.
        """
        with _failures("read"):
            return await self._reads.ask((sql, values or {}))

    async def fetch_one(self, sql: str, values: Values | None = None) -> Row | None:
        rows = await self.fetch_all(sql, values)
        return rows[0] if rows else None

    async def erase_traces(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> bool:
        """Build the file anew and empty the write-ahead log, so that no deleted value remains in any file of the database.

        Writers wait meanwhile: a second or so for every hundred megabytes.

        Returns False when readers kept the log busy all the while; the caller tries again later.
        """
        async with self._lock:
            with _failures("emptied of traces"):
                # `secure_delete` clears a deleted row where it stands, not the copies left in the gap of a page
                # when rows were moved between pages: only building the file anew is rid of those.
                await self._writer.execute("VACUUM")
        for _ in range(CHECKPOINT_TRIES):
            async with self._lock:
                with _failures("emptied of traces"):
                    rows = list(await self._writer.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)"))
            if rows and rows[0][0] == 0:
                return True
            await pause(CHECKPOINT_PAUSE_SECONDS)
        return False

    async def _read_together(self, queries: Sequence[_Query]) -> list[list[Row] | Exception]:
        return await _in_its_thread(self._reader, _fetched, queries)

    async def _close(self) -> None:
        async with self._lock:
            await self._reads.finish()
            try:
                await self._reader.close()
            finally:
                await self._writer.close()

    @contextlib.asynccontextmanager
    async def _turn(self, *, ahead: bool) -> AsyncIterator[None]:
        async with contextlib.nullcontext() if ahead else self._behind, self._lock:
            yield

    async def _transact(self, work: Callable[[Transaction], T], *, ahead: bool) -> T:
        async with self._turn(ahead=ahead):
            with _failures("written"):
                # In one trip to the thread and back a transaction holds up the others for the least time.
                return await _in_its_thread(self._writer, _transacted, work)


async def _to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """What `work` returns. If the caller is cancelled, that is raised when `work` has ended."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await _until_done(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("A transaction failed while its caller was being cancelled", exc_info=error)
        raise


async def _in_its_thread(
    connection: aiosqlite.Connection, function: Callable[[sqlite3.Connection, V], T], value: V
) -> T:
    """Through the door that aiosqlite has for its own methods, none of which takes a function."""
    execute = cast("Callable[..., Awaitable[T]]", connection._execute)  # noqa: SLF001
    return await execute(function, connection._conn, value)  # noqa: SLF001


def _fetched(connection: sqlite3.Connection, queries: Sequence[_Query]) -> list[list[Row] | Exception]:
    """The rows of each query, or why there are none."""
    answers: list[list[Row] | Exception] = []
    for sql, values in queries:
        try:
            answers.append(connection.execute(sql, values).fetchall())
        except Exception as error:  # noqa: BLE001  # the others have their rows
            answers.append(error)
    return answers


def _transacted(connection: sqlite3.Connection, work: Callable[[Transaction], T]) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(Transaction(connection))
        connection.commit()
    except BaseException:
        # An open transaction would make the next BEGIN fail.
        connection.rollback()
        raise
    return result


async def _until_done(task: asyncio.Future[Any]) -> None:
    """However often the waiting is cancelled."""
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait({task})


@contextlib.asynccontextmanager
async def open_database(path: Path) -> AsyncIterator[Database]:
    """`Database.open` that closes by itself."""
    database = await Database.open(path)
    try:
        yield database
    finally:
        await database.close()


@contextlib.contextmanager
def _failures(done: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise DatabaseFailed(f"The database could not be {done}: {error}") from error


async def _connect(stack: contextlib.AsyncExitStack, path: Path) -> aiosqlite.Connection:
    connection = await stack.enter_async_context(aiosqlite.connect(path, isolation_level=None))
    connection.row_factory = sqlite3.Row
    for pragma in _PRAGMAS:
        await connection.execute(pragma)
    return connection
