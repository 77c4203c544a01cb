"""`rotate-keys` as an operator meets it: stopped, running, killed in the middle."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot import rotation
from bot.errors import StartError
from bot.settings import Settings
from bot.store import LocalState
from emulators.botapi import BotApi
from emulators.serving import serve
from storage import Vault, count_by_key, open_database, read_keys
from storage.database import Transaction
from tests.bot.process import TOKEN, Process
from tests.bot.state import add_people, in_state, keys_in_clear, settings_for
from tests.bot.waiting import until


async def two_people(state: LocalState) -> None:
    await add_people(state, 5, 6)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = settings_for(tmp_path / "data")
    in_state(settings, two_people)
    return settings


def key_file(settings: Settings) -> Path:
    return settings.data_dir / "secret.keys"


def test_a_stopped_bot_gets_a_new_key_and_needs_the_old_one_no_more(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    (old,) = read_keys(key_file(settings))
    rotation.run(settings)
    said = capsys.readouterr().out
    assert "A new secret key stands first" in said
    assert "Secret key number 2 is needed by nothing in the database any more" in said
    new, second = read_keys(key_file(settings))
    assert (new != old, second) == (True, old)
    assert old not in said
    assert new not in said
    assert key_file(settings).stat().st_mode & 0o777 == 0o600
    key_file(settings).write_text(new)
    assert in_state(settings, keys_in_clear) == ["planted-key-of-5", "planted-key-of-6"]


def test_a_second_rotation_makes_a_third_key(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    rotation.run(settings)
    rotation.run(settings)
    assert len(read_keys(key_file(settings))) == 3
    said = capsys.readouterr().out
    assert "Secret key number 3 is needed by nothing" in said


def test_an_interrupted_rotation_is_finished_with_the_key_that_it_began_with(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    (old,) = read_keys(key_file(settings))
    new = Fernet.generate_key().decode()
    key_file(settings).write_text(f"{new}\n{old}\n")
    rotation.run(settings)
    assert read_keys(key_file(settings)) == [new, old]
    said = capsys.readouterr().out
    assert "An earlier rotation was interrupted" in said
    assert "number 2 is needed by nothing" in said


def test_keys_that_are_a_setting_are_rotated_by_whoever_set_them(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    (old,) = read_keys(key_file(settings))
    with pytest.raises(StartError, match="which this command cannot change"):
        rotation.run(settings_for(settings.data_dir, secret_keys=old))
    rotation.run(settings_for(settings.data_dir, secret_keys=f"{Fernet.generate_key().decode()},{old}"))
    assert "in BOT_SECRET_KEYS" in capsys.readouterr().out


def test_a_key_file_that_cannot_be_written_is_named(settings: Settings, tmp_path: Path) -> None:
    in_its_place = tmp_path / "keys"
    in_its_place.write_bytes(key_file(settings).read_bytes())
    # What is in the way of the new file is a directory.
    (tmp_path / "keys.new").mkdir()
    elsewhere = settings_for(settings.data_dir, secret_keys_file=in_its_place)
    with pytest.raises(StartError, match="cannot be written"):
        rotation.run(elsewhere)


def test_before_the_first_start_there_is_nothing_to_rotate(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="has not been started yet"):
        rotation.run(settings_for(tmp_path / "nothing"))


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Process]:
    async with serve(BotApi(token=TOKEN).app) as url:
        process = Process(tmp_path, url)
        yield process
        await process.end()


async def counts(process: Process, *keys: str) -> dict[int | None, int]:
    async with open_database(process.data_dir / "bot.db") as database:
        return await count_by_key(database, Vault(list(keys)))


@pytest.mark.process
async def test_a_running_bot_takes_the_new_key_up_and_goes_on(process: Process) -> None:
    settings = settings_for(process.data_dir)
    await asyncio.to_thread(in_state, settings, two_people)
    running = await process.start(BOT_LOG_LEVEL="INFO")
    await until((process.data_dir / "bot.db-wal").exists)
    (old,) = read_keys(key_file(settings))

    code, out, err = await process.run("rotate-keys")

    assert (code, err) == (0, "")
    assert "Waiting for the running bot" in out
    assert "number 2 is needed by nothing" in out
    new, _ = read_keys(key_file(settings))
    assert await counts(process, new) == {1: 3}
    running.terminate()
    _, log = await running.communicate()
    assert running.returncode == 0
    assert b"The key file has changed: it holds 2 secret keys now" in log
    assert old.encode() not in log
    assert new.encode() not in log


@pytest.mark.process
async def test_killed_in_the_middle_nothing_is_lost_and_the_next_start_of_the_bot_finishes(
    process: Process,
) -> None:
    settings = settings_for(process.data_dir)
    people = range(1, 2001)

    async def many(state: LocalState) -> None:
        def work(transaction: Transaction) -> None:
            for number in people:
                transaction.execute(
                    "INSERT INTO person (id, account_id, first_seen_at) VALUES (:id, NULL, 0)", {"id": number}
                )
                transaction.execute(
                    "INSERT INTO account (id, person_id, sealed_key, created_at) VALUES (:id, :id, :sealed, 0)",
                    {"id": number, "sealed": state.vault.seal("1fichier key", number, f"key of {number}")},
                )

        await state.database.write(work)

    await asyncio.to_thread(in_state, settings, many)
    (old,) = read_keys(key_file(settings))
    rotating = await process.start("rotate-keys")

    def under_new_key() -> int:
        keys = read_keys(key_file(settings))
        with contextlib.closing(sqlite3.connect(process.data_dir / "bot.db")) as other:
            rows = other.execute("SELECT sealed_key FROM account").fetchall()
        vault = Vault(keys[:1])
        return len(keys) == 2 and sum(vault.position_of_key(bytes(row[0])) == 1 for row in rows)

    await until(under_new_key)
    rotating.kill()
    await rotating.communicate()
    new, second = read_keys(key_file(settings))
    assert second == old
    half = await counts(process, new, old)
    assert half[1] > 0
    assert half[2] > 0

    running = await process.start()
    await until(partial(_done, process, new))
    running.terminate()
    await running.communicate()
    key_file(settings).write_text(new)
    assert await asyncio.to_thread(in_state, settings, keys_in_clear) == [f"key of {n}" for n in people]


async def _done(process: Process, key: str) -> bool:
    return None not in await counts(process, key)


@pytest.mark.process
async def test_a_key_file_that_became_useless_is_left_alone_by_the_running_bot(process: Process) -> None:
    running = await process.start(BOT_LOG_LEVEL="INFO")
    await until((process.data_dir / "bot.db-wal").exists)
    key_file(settings_for(process.data_dir)).write_text(f"{Fernet.generate_key().decode()}\n")
    assert running.stderr is not None
    async with asyncio.timeout(10):
        while b"The key file has changed and is left alone" not in await running.stderr.readline():
            pass
    assert running.returncode is None
