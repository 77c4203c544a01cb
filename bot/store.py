"""Local state, opened as a whole: data directory held, keys at hand, database migrated, keys proved to fit."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from bot.errors import StartError
from bot.logs import hide
from bot.settings import Settings
from storage import (
    Database,
    Vault,
    hold_data_directory,
    inspect,
    is_held,
    load_or_make_keys,
    newest_version,
    open_database,
    read_keys,
)


@dataclass(frozen=True)
class LocalState:
    """`key_file`: the file that the vault's keys come from, and how it looked then; None when they are a setting themselves."""

    database: Database
    vault: Vault
    key_file: Path | None
    key_file_seen: tuple[int, ...] | None


@contextlib.asynccontextmanager
async def open_local_state(settings: Settings) -> AsyncIterator[LocalState]:
    """Everything in the data directory, until the end of the block.

    Raises:
        StorageError: another instance runs there, or directory, database or keys cannot be used.
        StartError: the key file cannot be read or made.
    """
    with hold_data_directory(settings.data_dir):
        async with _opened(settings) as state:
            yield state


@contextlib.asynccontextmanager
async def open_beside(settings: Settings) -> AsyncIterator[tuple[LocalState, bool]]:
    """The same for a command, which may find the bot running: the flag says so.

    While it does not run, the directory is held, so that it does not start in the middle.

    Raises:
        StorageError, StartError: as `open_local_state`; also when there is no database yet.
    """
    if not settings.database_path.exists():
        raise StartError(f"There is no database {settings.database_path}: the bot has not been started yet.")
    if not is_held(settings.data_dir):
        async with open_local_state(settings) as state:
            yield state, False
        return
    if inspect(settings.database_path).version != newest_version():
        raise StartError("The running bot is of another version than this command: restart it first.")
    async with _opened(settings) as state:
        yield state, True


def secret_keys(settings: Settings) -> list[str]:
    """The secret keys, made at the first start.

    Raises:
        StartError: the key file cannot be read or made, or is missing beside a database.
    """
    if settings.key_file is None:
        return [key.get_secret_value() for key in settings.secret_keys]
    # A key made now would not open what is there.
    first_start = not settings.database_path.exists()
    try:
        keys = load_or_make_keys(settings.key_file) if first_start else read_keys(settings.key_file)
    except FileNotFoundError:
        raise StartError(
            f"The key file {settings.key_file} is missing, and the database was sealed with its keys."
            " Put it back, or name the keys in BOT_SECRET_KEYS."
        ) from None
    except OSError as error:
        raise StartError(
            f"The key file {settings.key_file} can be neither read nor made: {error.strerror}."
        ) from error
    hide(*keys)
    return keys


def look_at(path: Path | None) -> tuple[int, ...] | None:
    """What is another when a file has changed; None while there is none."""
    try:
        found = path.stat() if path is not None else None
    except OSError:
        return None
    return (found.st_ino, found.st_size, found.st_mtime_ns) if found else None


@contextlib.asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[LocalState]:
    # Looked at before it is read, lest a change in between be missed.
    seen = look_at(settings.key_file)
    vault = Vault(secret_keys(settings))
    seen = seen or look_at(settings.key_file)
    async with open_database(settings.database_path) as database:
        await vault.prove(database)
        yield LocalState(database, vault, settings.key_file, seen)
