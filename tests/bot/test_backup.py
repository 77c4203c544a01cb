"""`backup` and `restore`."""

import contextlib
import sqlite3
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot import backup, restore
from bot.errors import StartError
from bot.settings import Settings
from bot.store import LocalState
from storage import AlreadyRunning, DatabaseTooNew, DatabaseUnusable, hold_data_directory
from tests.bot.state import add_people, in_state, keys_in_clear, settings_for


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = settings_for(tmp_path / "data")
    in_state(settings, lambda state: add_people(state, 5))
    return settings


@pytest.fixture
def copy(settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    backup.run(settings, tmp_path / "copy.db")
    assert "1 people" in capsys.readouterr().out
    return tmp_path / "copy.db"


async def people(state: LocalState) -> list[int]:
    return [row["id"] for row in await state.database.fetch_all("SELECT id FROM person ORDER BY id")]


def test_a_backup_says_that_the_keys_are_needed_and_does_not_hold_them(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup.run(settings, tmp_path / "copy.db")
    said = capsys.readouterr().out
    assert f"only with the secret keys ({settings.data_dir}/secret.keys)" in said
    content = (tmp_path / "copy.db").read_bytes()
    assert b"planted-key-of-5" not in content
    assert (settings.data_dir / "secret.keys").read_bytes().strip() not in content


def test_what_is_restored_is_what_was_backed_up(
    settings: Settings, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    in_state(settings, lambda state: add_people(state, 6, 7))
    restore.run(settings, copy)
    said = capsys.readouterr().out
    assert "bot.db.before-restore" in said
    assert "is taken up again at the next start" in said
    assert in_state(settings, people) == [5]
    assert in_state(settings, keys_in_clear) == ["planted-key-of-5"]


def test_a_new_machine_needs_the_backup_and_the_key_file(
    settings: Settings, copy: Path, tmp_path: Path
) -> None:
    elsewhere = settings_for(tmp_path / "new")
    with pytest.raises(StartError, match="A backup does not hold it"):
        restore.run(elsewhere, copy)
    (elsewhere.data_dir / "secret.keys").write_bytes((settings.data_dir / "secret.keys").read_bytes())
    restore.run(elsewhere, copy)
    assert in_state(elsewhere, keys_in_clear) == ["planted-key-of-5"]


def test_keys_that_do_not_open_the_backup_are_refused(settings: Settings, copy: Path) -> None:
    (settings.data_dir / "secret.keys").write_bytes(Fernet.generate_key())
    before = settings.database_path.read_bytes()
    with pytest.raises(StartError, match="do not open"):
        restore.run(settings, copy)
    assert settings.database_path.read_bytes() == before


def test_nothing_is_restored_under_a_running_bot(settings: Settings, copy: Path) -> None:
    with hold_data_directory(settings.data_dir), pytest.raises(AlreadyRunning):
        restore.run(settings, copy)


def test_a_backup_of_a_newer_version_is_refused(settings: Settings, copy: Path) -> None:
    with contextlib.closing(sqlite3.connect(copy)) as other:
        other.execute("PRAGMA user_version = 999")
    with pytest.raises(DatabaseTooNew):
        restore.run(settings, copy)


def test_a_backup_of_an_older_version_is_brought_up_at_the_next_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "old.db"
    with contextlib.closing(sqlite3.connect(old)) as other:
        first = Path(__file__).parents[2] / "storage" / "migrations" / "0001_first_schema.sql"
        other.executescript(first.read_text("utf-8"))
        other.execute("INSERT INTO person (id, first_seen_at) VALUES (5, 0)")
        other.execute("PRAGMA user_version = 1")
        other.commit()
    settings = settings_for(tmp_path / "data", secret_keys=Fernet.generate_key().decode())
    restore.run(settings, old)
    assert "The next start brings it to version" in capsys.readouterr().out
    assert in_state(settings, people) == [5]


def test_without_a_database_there_is_nothing_to_copy(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable):
        backup.run(settings_for(tmp_path / "data"), tmp_path / "copy.db")
