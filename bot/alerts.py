"""Looks now and then whether something has come up that those who look after the bot should know."""

from typing import Final

from bot.settings import Settings

# Building the file anew after a /logout needs as much room as it has, and a migration keeps a copy; below this floor not even
# the write-ahead log is safe.
LEAST_BESIDE_DATABASE: Final = 200_000_000


def least_beside_database(settings: Settings) -> int:
    """Bytes that should be free on the disk of the data directory."""
    try:
        size = settings.database_path.stat().st_size
    except OSError:
        size = 0
    return max(LEAST_BESIDE_DATABASE, 2 * size)
