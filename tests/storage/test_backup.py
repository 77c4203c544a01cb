import asyncio
import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from storage import (
    DatabaseTooNew,
    DatabaseUnusable,
    PeopleStore,
    Vault,
    back_up,
    inspect,
    newest_version,
    open_database,
    put_in_place,
)
from tests.storage.conftest import NOON


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as opened:
        return opened.execute(sql).fetchall()


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A database that holds somebody."""
    path = tmp_path / "data" / "bot.db"
    async with open_database(path) as database:
        vault = Vault([Fernet.generate_key().decode()])
        await vault.prove(database)
        await PeopleStore(database, vault).meet(5, "en", NOON)
    return path


def test_a_backup_is_one_whole_private_file(path: Path, tmp_path: Path) -> None:
    found = back_up(path, tmp_path / "copy.db")
    assert (found.version, found.people) == (newest_version(), 1)
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    assert rows(tmp_path / "copy.db", "PRAGMA integrity_check") == [("ok",)]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["copy.db", "data"]


async def test_a_backup_under_load_is_one_moment_of_the_database(path: Path, tmp_path: Path) -> None:
    """Every transaction gives the oldest person the next number: at every moment the numbers have no gap."""
    stop = asyncio.Event()
    async with open_database(path) as database:
        people = PeopleStore(database, Vault([Fernet.generate_key().decode()]))
        for number in range(1, 200):
            await people.meet(number, "x" * 200, NOON)

        async def load() -> int:
            number = 200
            while not stop.is_set():
                await database.execute(
                    "UPDATE person SET id = :new WHERE id = (SELECT min(id) FROM person)", {"new": number}
                )
                number += 1
            return number

        writing = asyncio.create_task(load())
        for turn in range(5):
            found = await asyncio.to_thread(back_up, path, tmp_path / f"copy-{turn}.db")
            assert found.people == 199
        stop.set()
        assert await writing > 210
    moments: list[int] = []
    for turn in range(5):
        ((first, last, number),) = rows(
            tmp_path / f"copy-{turn}.db", "SELECT min(id), max(id), count(*) FROM person"
        )
        assert (last - first + 1, number) == (199, 199)
        moments.append(last)
    assert moments == sorted(moments)


def test_a_backup_holds_nothing_of_what_was_deleted(path: Path, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as other, other:
        other.execute("PRAGMA secure_delete = OFF")
        other.execute("INSERT INTO person (id, language_code, first_seen_at) VALUES (9, 'planted-trace', 0)")
        other.execute("DELETE FROM person WHERE id = 9")
    back_up(path, tmp_path / "copy.db")
    assert b"planted-trace" not in (tmp_path / "copy.db").read_bytes()


def test_a_file_that_exists_is_not_overwritten(path: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("precious")
    with pytest.raises(DatabaseUnusable, match="exists already"):
        back_up(path, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"


def test_a_place_that_cannot_be_written_is_named(path: Path, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="nowhere"):
        back_up(path, tmp_path / "nowhere" / "copy.db")


async def test_a_restored_copy_is_the_database_again_and_the_one_before_is_kept(
    path: Path, tmp_path: Path
) -> None:
    back_up(path, tmp_path / "copy.db")
    async with open_database(path) as database:
        await PeopleStore(database, Vault([Fernet.generate_key().decode()])).meet(6, "en", NOON)
    before = put_in_place(tmp_path / "copy.db", path)
    assert before == path.with_name("bot.db.before-restore")
    assert rows(before, "SELECT id FROM person") == [(5,), (6,)]
    async with open_database(path) as database:
        assert [row["id"] for row in await database.fetch_all("SELECT id FROM person")] == [5]


def test_a_log_left_by_a_crash_is_folded_in_before_the_copy_takes_its_place(
    path: Path, tmp_path: Path
) -> None:
    back_up(path, tmp_path / "copy.db")
    with contextlib.closing(sqlite3.connect(path)) as crashed:
        crashed.execute("INSERT INTO person (id, first_seen_at) VALUES (6, 0)")
        crashed.commit()
        assert path.with_name("bot.db-wal").stat().st_size > 0
        left = {each.name: each.read_bytes() for each in path.parent.iterdir()}
    for name, content in left.items():
        (path.parent / name).write_bytes(content)
    before = put_in_place(tmp_path / "copy.db", path)
    assert before is not None
    assert rows(before, "SELECT id FROM person") == [(5,), (6,)]
    assert rows(path, "SELECT id FROM person") == [(5,)]


def test_it_is_put_where_there_was_none(path: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "new machine" / "bot.db"
    assert put_in_place(path, elsewhere) is None
    assert elsewhere.stat().st_mode & 0o777 == 0o600
    assert rows(elsewhere, "SELECT id FROM person") == [(5,)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(None, "There is no file", id="missing"),
        pytest.param(b"this is no database at all" * 100, "cannot be read", id="something else"),
        pytest.param(b"", "no database of this bot", id="empty"),
    ],
)
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "copy.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DatabaseUnusable, match=says):
        inspect(path)


def test_a_damaged_backup_is_refused(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for page in range(2, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(content)
    with pytest.raises(DatabaseUnusable, match=r"damaged|cannot be read"):
        inspect(path)


def test_a_backup_of_a_newer_version_is_refused(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 999")
    with pytest.raises(DatabaseTooNew, match="version 999"):
        inspect(path)


def test_a_target_that_cannot_be_replaced_is_left(path: Path, tmp_path: Path) -> None:
    in_its_place = tmp_path / "file"
    in_its_place.touch()
    with pytest.raises(DatabaseUnusable, match="cannot be replaced"):
        put_in_place(path, in_its_place / "bot.db")
