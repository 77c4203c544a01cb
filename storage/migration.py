"""Numbered `.sql` files, each applied once and in one transaction with the record of it."""

import re
import sqlite3
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import aiosqlite

from storage.errors import DatabaseTooNew, MigrationFailed

_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


@dataclass(frozen=True)
class Migration:
    number: int
    name: str
    sql: str


def migrations() -> list[Migration]:
    """All migrations in order; their numbers run from 1 without a gap."""
    found = (
        Migration(int(match[1]), entry.name, entry.read_text(encoding="utf-8"))
        for entry in resources.files("storage.migrations").iterdir()
        if (match := _NAME.fullmatch(entry.name))
    )
    return sorted(found, key=lambda migration: migration.number)


def newest_version() -> int:
    """The version that this code brings a database to."""
    return len(migrations())


async def migrate(connection: aiosqlite.Connection, path: Path, steps: list[Migration] | None = None) -> None:
    """Bring the database behind `connection` to the newest version.

    A database that holds something is first copied to `<name>.before-<first pending step>` beside itself.

    Raises:
        DatabaseTooNew: it is ahead of this code; nothing is touched.
        MigrationFailed: a step broke off; that step left nothing behind.
    """
    steps = migrations() if steps is None else steps
    version = await _version(connection)
    known = steps[-1].number if steps else 0
    if version > known:
        raise DatabaseTooNew(found=version, known=known)
    pending = [step for step in steps if step.number > version]
    if pending and version > 0:
        await _copy(connection, path.with_name(f"{path.name}.before-{pending[0].number}"))
    for step in pending:
        await _apply(connection, step)


async def _apply(connection: aiosqlite.Connection, step: Migration) -> None:
    # A table rebuild needs foreign keys off, and the pragma is ignored inside a transaction.
    await connection.execute("PRAGMA foreign_keys = OFF")
    try:
        # One script: executescript commits whatever is open before it starts.
        await connection.executescript(f"BEGIN IMMEDIATE;\n{step.sql}\n;PRAGMA user_version = {step.number};")
        broken = list(await connection.execute_fetchall("PRAGMA foreign_key_check"))
        if broken:
            raise MigrationFailed(f"Migration {step.name} would leave rows that refer to nothing.")
        await connection.commit()
    except BaseException as error:
        await connection.rollback()
        if isinstance(error, sqlite3.Error):
            raise MigrationFailed(f"Migration {step.name} failed: {error}") from error
        raise
    finally:
        await connection.execute("PRAGMA foreign_keys = ON")


async def _version(connection: aiosqlite.Connection) -> int:
    rows = list(await connection.execute_fetchall("PRAGMA user_version"))
    return int(rows[0][0])


async def _copy(connection: aiosqlite.Connection, target: Path) -> None:
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    async with aiosqlite.connect(target) as copy:
        await connection.backup(copy)
