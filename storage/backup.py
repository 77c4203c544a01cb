"""Copies of the database: taken while it is written to, looked at, and put in its place.

For the command line, which has nothing else to do meanwhile: these functions block.
"""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from storage.errors import DatabaseTooNew, DatabaseUnusable
from storage.migration import newest_version

# A writer of another process may hold the file for a moment.
BUSY_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class Inspection:
    """What a database file says about itself. `proof`: a value that its secret keys open; None before the first start."""

    version: int
    people: int
    size: int
    proof: bytes | None = field(repr=False)


def inspect(path: Path) -> Inspection:
    """Look at a database without changing it, whoever uses it meanwhile.

    Raises:
        DatabaseUnusable: it is not there, damaged, or no database of this bot.
        DatabaseTooNew: a newer version of the bot has written it.
    """
    if not path.is_file():
        raise DatabaseUnusable(f"There is no file {path}.")
    with _reading(path) as connection:
        problems = connection.execute("PRAGMA quick_check").fetchall()
        if problems != [("ok",)]:
            raise DatabaseUnusable(f"The database {path} is damaged.")
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > newest_version():
            raise DatabaseTooNew(found=version, known=newest_version())
        if version == 0:
            raise DatabaseUnusable(f"{path} is no database of this bot.")
        proof = connection.execute("SELECT sealed FROM proof").fetchone()
        people = int(connection.execute("SELECT count(*) FROM person").fetchone()[0])
    return Inspection(version, people, path.stat().st_size, bytes(proof[0]) if proof else None)


def back_up(source: Path, target: Path) -> Inspection:
    """Copy the database as it is at one moment, without waiting for its writers or holding them up.

    The copy holds no remains of what was deleted. It appears under its name when it is whole and on disk.

    Raises:
        DatabaseUnusable: the source cannot be read, or the target not be made; what stands there already is left alone.
    """
    if target.exists():
        raise DatabaseUnusable(f"{target} exists already. Name a file that does not.")
    draft = target.with_name(f"{target.name}.partial")
    try:
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        with _reading(source) as connection:
            connection.execute("VACUUM INTO ?", (str(draft),))
        found = inspect(draft)
        _to_disk(draft)
        draft.rename(target)
        _to_disk(target.parent)
    except OSError as error:
        raise DatabaseUnusable(f"The backup {target} cannot be written: {error.strerror}.") from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
    return found


def put_in_place(backup: Path, target: Path) -> Path | None:
    """Make the copy the database. The caller holds the data directory. Returns where the one before it is kept.

    At every moment there is a whole database under the name: the one before, or the copy.

    Raises:
        DatabaseUnusable: the one before is still in place.
    """
    draft = target.with_name(f"{target.name}.restoring")
    before = target.with_name(f"{target.name}.before-restore")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        shutil.copyfile(backup, draft)
        _give_to_owner_of(target.parent, draft)
        _to_disk(draft)
        kept = target.exists()
        if kept:
            _fold_in_the_log(target)
            before.unlink(missing_ok=True)
            os.link(target, before)
        draft.rename(target)
        _to_disk(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise DatabaseUnusable(f"The database {target} cannot be replaced: {error}.") from error
    return before if kept else None


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_SECONDS)
        ) as connection:
            yield connection
    except sqlite3.Error as error:
        raise DatabaseUnusable(f"The database {path} cannot be read: {error}.") from error


def _fold_in_the_log(path: Path) -> None:
    """A write-ahead log that outlived its database would be applied to the one that takes its name."""
    with contextlib.closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS)) as connection:
        # Also empties and removes the log.
        connection.execute("PRAGMA journal_mode = DELETE")
    for ending in ("-wal", "-shm"):
        path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)


def _give_to_owner_of(directory: Path, path: Path) -> None:
    """Root may be the one who restores; the bot has to write it all the same."""
    owner = directory.stat()
    if os.geteuid() == 0:
        os.chown(path, owner.st_uid, owner.st_gid)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
