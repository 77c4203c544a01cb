import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import aiosqlite
import pytest

from storage import Database, DatabaseTooNew, MigrationFailed, open_database
from storage.migration import Migration, migrate, migrations

FIRST = Migration(1, "0001_people.sql", "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);")
SECOND = Migration(2, "0002_ages.sql", "ALTER TABLE people ADD COLUMN age INTEGER;")
THIRD = Migration(3, "0003_towns.sql", "CREATE TABLE town (id INTEGER PRIMARY KEY);")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


@pytest.fixture
async def connection(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    async with aiosqlite.connect(path, isolation_level=None) as opened:
        await opened.execute("PRAGMA foreign_keys = ON")
        yield opened


async def pragma(connection: aiosqlite.Connection, name: str) -> int:
    rows = list(await connection.execute_fetchall(f"PRAGMA {name}"))
    return int(rows[0][0])


async def tables(connection: aiosqlite.Connection) -> list[str]:
    rows = await connection.execute_fetchall(
        "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    )
    return [row[0] for row in rows]


def read(path: Path, sql: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as opened:
        return opened.execute(sql).fetchall()


def test_the_steps_are_numbered_from_one_without_a_gap() -> None:
    steps = migrations()
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert all(step.sql.startswith("-- ") for step in steps)


async def test_an_empty_file_gets_the_newest_schema_and_no_copy(path: Path) -> None:
    async with open_database(path):
        pass
    assert read(path, "PRAGMA user_version") == [(len(migrations()),)]
    assert [file.name for file in path.parent.iterdir()] == ["bot.db"]


async def test_opening_twice_changes_nothing(path: Path) -> None:
    for _ in range(2):
        async with open_database(path):
            pass
    assert [file.name for file in path.parent.iterdir()] == ["bot.db"]


async def test_only_pending_steps_run_and_rows_stay(connection: aiosqlite.Connection, path: Path) -> None:
    await migrate(connection, path, [FIRST])
    await connection.execute("INSERT INTO people (name) VALUES ('Ada')")
    await migrate(connection, path, [FIRST, SECOND, THIRD])
    assert await pragma(connection, "user_version") == 3
    rows = [tuple(row) for row in await connection.execute_fetchall("SELECT id, name, age FROM people")]
    assert rows == [(1, "Ada", None)]


async def test_a_database_that_holds_something_is_copied_first(
    connection: aiosqlite.Connection, path: Path
) -> None:
    await migrate(connection, path, [FIRST])
    await connection.execute("INSERT INTO people (name) VALUES ('Ada')")
    await migrate(connection, path, [FIRST, SECOND])
    copy = path.with_name("bot.db.before-2")
    assert read(copy, "SELECT * FROM people") == [(1, "Ada")]
    assert read(copy, "PRAGMA user_version") == [(1,)]
    assert copy.stat().st_mode & 0o077 == 0


async def test_the_copy_of_an_interrupted_upgrade_is_kept(
    connection: aiosqlite.Connection, path: Path
) -> None:
    await migrate(connection, path, [FIRST])
    with pytest.raises(MigrationFailed):
        await migrate(connection, path, [FIRST, SECOND, Migration(3, "0003_bad.sql", "nonsense;")])
    await migrate(connection, path, [FIRST, SECOND, THIRD])
    assert read(path.with_name("bot.db.before-2"), "PRAGMA user_version") == [(1,)]
    assert read(path.with_name("bot.db.before-3"), "PRAGMA user_version") == [(2,)]


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("CREATE TABLE half (id INTEGER); INSERT INTO nowhere VALUES (1);", id="missing table"),
        pytest.param("CREATE TABLE half (id INTEGER); nonsense", id="syntax"),
        pytest.param(
            "CREATE TABLE half (id INTEGER REFERENCES people (id)); INSERT INTO half VALUES (404);",
            id="a row that refers to nothing",
        ),
    ],
)
async def test_a_step_that_breaks_off_leaves_nothing(
    connection: aiosqlite.Connection, path: Path, sql: str
) -> None:
    await migrate(connection, path, [FIRST])
    with pytest.raises(MigrationFailed, match=r"0002_bad\.sql"):
        await migrate(connection, path, [FIRST, Migration(2, "0002_bad.sql", sql)])
    assert await tables(connection) == ["people"]
    assert await pragma(connection, "user_version") == 1
    assert await pragma(connection, "foreign_keys") == 1
    assert not connection.in_transaction


async def test_a_table_that_others_refer_to_can_be_rebuilt(
    connection: aiosqlite.Connection, path: Path
) -> None:
    rebuild = Migration(
        2,
        "0002_rebuild.sql",
        "CREATE TABLE new_people (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
        " INSERT INTO new_people SELECT * FROM people; DROP TABLE people; ALTER TABLE new_people RENAME TO people;",
    )
    await migrate(connection, path, [FIRST])
    await connection.execute("INSERT INTO people (name) VALUES ('Ada')")
    await connection.execute("CREATE TABLE pet (owner INTEGER REFERENCES people (id) ON DELETE CASCADE)")
    await connection.execute("INSERT INTO pet VALUES (1)")
    await migrate(connection, path, [FIRST, rebuild])
    assert [tuple(row) for row in await connection.execute_fetchall("SELECT owner FROM pet")] == [(1,)]


async def test_a_database_newer_than_the_code_is_refused_untouched(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 999")
    with pytest.raises(DatabaseTooNew, match="version 999") as refused:
        await Database.open(path)
    assert refused.value.found == 999
    assert refused.value.known == len(migrations())
    assert read(path, "SELECT count(*) FROM sqlite_master") == [(0,)]


async def test_what_was_cached_before_names_were_searched_is_listed_anew(
    path: Path, connection: aiosqlite.Connection
) -> None:
    steps = migrations()
    (before,) = [step.number - 1 for step in steps if "search" in step.name]
    await migrate(connection, path, steps[:before])
    await connection.execute("INSERT INTO person (id, first_seen_at) VALUES (1, 0)")
    await connection.execute(
        "INSERT INTO account (id, person_id, sealed_key, created_at) VALUES (1, 1, x'00', 0)"
    )
    await connection.execute(
        "INSERT INTO folder (account_id, folder_id, parent_id, name, listed_at) VALUES (1, 7, 0, 'seven', 5)"
    )
    await connection.execute(
        "INSERT INTO file (account_id, link_id, link, folder_id, name, size) VALUES (1, 'a', 'a', 7, 'É', 1)"
    )
    await migrate(connection, path, steps[: before + 1])
    assert read(path, "SELECT * FROM file") == []
    assert read(path, "SELECT name, listed_at, shared_url FROM folder") == [("seven", None, "")]


async def test_what_was_under_way_before_troubles_were_counted_has_had_none(
    path: Path, connection: aiosqlite.Connection
) -> None:
    steps = migrations()
    (before,) = [step.number - 1 for step in steps if "troubles" in step.name]
    await migrate(connection, path, steps[:before])
    await connection.execute("INSERT INTO person (id, first_seen_at) VALUES (1, 0)")
    await connection.execute(
        "INSERT INTO account (id, person_id, sealed_key, created_at) VALUES (1, 1, x'00', 0)"
    )
    await connection.execute(
        "INSERT INTO batch (id, kind, person_id, chat_id, reply_to, first_sent_at, last_sent_at, joined_at, created_at)"
        " VALUES (1, 'upload', 1, 1, 1, 0, 0, 0, 0)"
    )
    await connection.execute(
        "INSERT INTO transfer (batch_id, person_id, account_id, chat_id, message_id, file_id, file_unique_id, kind,"
        " given_name, name, created_at) VALUES (1, 1, 1, 1, 1, 'f', 'u', 'document', 'a', 'a', 0)"
    )
    await connection.execute(
        "INSERT INTO remote_upload (batch_id, person_id, account_id, chat_id, message_id, position, sealed_url, shown_url,"
        " created_at) VALUES (1, 1, 1, 1, 1, 0, x'00', 'a', 0)"
    )
    await migrate(connection, path, steps[: before + 1])
    for table in ("transfer", "remote_upload"):
        assert read(path, f"SELECT troubles, trouble_since FROM {table}") == [(0, None)]
