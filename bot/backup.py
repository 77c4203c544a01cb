"""`python -m bot backup FILE`: a copy of the database, also while the bot runs."""

from pathlib import Path

from bot.console import say, size
from bot.settings import Settings
from storage import back_up


def run(settings: Settings, file: Path) -> None:
    """Make the copy.

    Raises:
        StorageError: it was not made.
    """
    made = back_up(settings.database_path, file)
    say(f"{file}: {size(made.size)}, version {made.version}, {made.people} people.")
    say(
        f"It can be used only with the secret keys ({keys_of(settings)}), which are not in it: keep a copy of"
    )
    say("them in another place, for without them everybody has to send their 1fichier key again.")


def keys_of(settings: Settings) -> str:
    """Where the secret keys are, for people."""
    return str(settings.key_file) if settings.key_file is not None else "BOT_SECRET_KEYS"
