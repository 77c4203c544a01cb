"""`python -m bot restore FILE`: a copy becomes the database, while the bot does not run."""

from pathlib import Path

from bot.backup import keys_of
from bot.console import say
from bot.errors import StartError
from bot.settings import Settings
from bot.store import secret_keys
from storage import Vault, hold_data_directory, inspect, newest_version, put_in_place


def run(settings: Settings, file: Path) -> None:
    """Put the copy in place, if it is whole, not too new, and opens with the secret keys.

    Raises:
        BotError, StorageError: the database is as it was.
    """
    with hold_data_directory(settings.data_dir):
        found = inspect(file)
        if found.proof is not None and not Vault(_keys_at_hand(settings)).fits(found.proof):
            raise StartError(
                f"The secret keys ({keys_of(settings)}) do not open {file}. Put back those that belong to it."
            )
        before = put_in_place(file, settings.database_path)
    say(f"{settings.database_path} is now {file}: version {found.version}, {found.people} people.")
    if found.version < newest_version():
        say(f"The next start brings it to version {newest_version()}.")
    if before is not None:
        say(f"The database until now is kept as {before}; delete it when all is well.")
    say("What was under way when the copy was made is taken up again at the next start.")


def _keys_at_hand(settings: Settings) -> list[str]:
    if settings.key_file is not None and not settings.key_file.exists():
        raise StartError(
            f"The key file {settings.key_file} is missing. A backup does not hold it: put back the one that belongs"
            " to it first."
        )
    return secret_keys(settings)
