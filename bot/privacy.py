"""What the process keeps to itself: its memory, its files, and the secrets that it was started with."""

import contextlib
import ctypes
import os
import resource
from collections.abc import Callable
from typing import Final

from bot.settings import PREFIX, SECRETS

# Of Linux's prctl.h.
_SET_DUMPABLE: Final = 4


def keep_private(load: Callable[[None], ctypes.CDLL] = ctypes.CDLL) -> None:
    """Leave no core dump, and let no other process of the same user read memory or environment.

    Keys are in memory while they are used. A limit of 0 bytes is not enough: it does not hold for dumps that the system
    pipes into a program, as most do today.
    """
    # Not where the system forbids a service to set limits: then it has set this one itself.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Other systems have no prctl.
    with contextlib.suppress(OSError, AttributeError):
        load(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)


def keep_files_private() -> None:
    """Whatever this process makes, only its user may read: database, log, keys, backups."""
    os.umask(0o077)


def take_secrets_out_of_the_environment() -> None:
    """They have been read; a child process would inherit them."""
    for name in SECRETS:
        os.environ.pop(f"{PREFIX}{name}".upper(), None)
