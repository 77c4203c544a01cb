"""Local state, opened as a whole: data directory held, keys at hand, database migrated, keys proved to fit."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from bot.errors import StartError
from bot.settings import Settings
from storage import Database, Vault, hold_data_directory, load_or_make_keys, open_database


@dataclass(frozen=True)
class LocalState:
    database: Database
    vault: Vault


@contextlib.asynccontextmanager
async def open_local_state(settings: Settings) -> AsyncIterator[LocalState]:
    """Everything in the data directory, until the end of the block.

    Raises:
        StorageError: another instance runs there, or directory, database or keys cannot be used.
        StartError: the key file cannot be read or made.
    """
    with hold_data_directory(settings.data_dir):
        vault = Vault(_secret_keys(settings))
        async with open_database(settings.database_path) as database:
            await vault.prove(database)
            yield LocalState(database, vault)


def _secret_keys(settings: Settings) -> list[str]:
    if settings.secret_keys:
        return [key.get_secret_value() for key in settings.secret_keys]
    try:
        return load_or_make_keys(settings.key_file)
    except OSError as error:
        raise StartError(
            f"The key file {settings.key_file} can be neither read nor made: {error.strerror}."
        ) from error
