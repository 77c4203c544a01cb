"""One instance per data directory."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from storage.errors import AlreadyRunning, DatabaseUnusable

LOCK_NAME = "bot.lock"

# `is_held` of a health check takes the lock for a moment, which must not stop an instance from starting.
_TRIES = 3
_PAUSE_SECONDS = 0.05


@contextlib.contextmanager
def hold_data_directory(directory: Path) -> Iterator[None]:
    """Hold the directory until the end of the block. The kernel lets go of it even after `kill -9`.

    Raises:
        AlreadyRunning: another process holds it.
        DatabaseUnusable: the directory cannot be made or written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(directory / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise DatabaseUnusable(
            f"The data directory {directory} cannot be written: {error.strerror}. "
            "Give the bot's user write access to it, or set BOT_DATA_DIR to another one."
        ) from error
    try:
        if not _locked(descriptor):
            raise AlreadyRunning(
                f"Another instance of the bot is running on {directory}. Stop it, or set BOT_DATA_DIR to another one."
            )
        yield
    finally:
        os.close(descriptor)


def is_held(directory: Path) -> bool:
    """Whether a running instance holds the directory."""
    try:
        descriptor = os.open(directory / LOCK_NAME, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _try_lock(descriptor)
    finally:
        os.close(descriptor)


def note_life(directory: Path) -> None:
    """Whoever holds the directory leaves a sign that it is not stuck; see `seconds_since_life`."""
    os.utime(directory / LOCK_NAME)


def seconds_since_life(directory: Path) -> float:
    """How long ago the holder last left a sign, in this machine's time."""
    return max(0.0, time.time() - (directory / LOCK_NAME).stat().st_mtime)


def _locked(descriptor: int) -> bool:
    for _ in range(_TRIES):
        if _try_lock(descriptor):
            return True
        time.sleep(_PAUSE_SECONDS)
    return False


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
