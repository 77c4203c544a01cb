"""The command line: `python -m bot`."""

import gc

if __name__ == "__main__":
    # Nothing of what is imported here goes away again: looking for garbage meanwhile takes a twelfth of the start.
    gc.disable()

import argparse
import sys
from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from bot import backup, check, health, move, restore, rotation, running, stats, users
from bot.command_line import parser
from bot.errors import BotError, SettingsError
from bot.logs import Redactor, set_up_logs
from bot.privacy import keep_files_private, take_secrets_out_of_the_environment
from bot.settings import Settings, load_settings
from storage import StorageError

EXIT_OK: Final = 0
EXIT_FAILED: Final = 1
EXIT_NOT_STARTED: Final = 2

# False: it has said itself what is wrong.
_COMMANDS: Final = MappingProxyType[str, Callable[[Settings, argparse.Namespace], bool | None]](
    {
        "run": lambda settings, _: running.run(settings),
        "check": lambda settings, _: check.run(settings),
        "health": lambda settings, _: health.run(settings),
        "stats": lambda settings, _: stats.run(settings),
        "users": lambda settings, given: users.run(
            settings, given.action or "list", getattr(given, "number", None)
        ),
        "backup": lambda settings, given: backup.run(settings, given.file),
        "restore": lambda settings, given: restore.run(settings, given.file),
        "rotate-keys": lambda settings, _: rotation.run(settings),
        "move": lambda settings, given: move.run(settings, given.leave),
    }
)
# A `run` that fails has not started; so has whoever calls `check` before one.
_NOT_STARTED: Final = frozenset({"run", "check"})


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says and return the exit code."""
    gc.enable()
    given = parser().parse_args(arguments)
    command = given.command or "run"
    failed = EXIT_NOT_STARTED if command in _NOT_STARTED else EXIT_FAILED
    keep_files_private()
    try:
        settings = load_settings()
    except SettingsError as error:
        _say(error)
        return EXIT_NOT_STARTED
    take_secrets_out_of_the_environment()
    level = settings.log_level if command == "run" else "WARNING"
    set_up_logs(level, settings.log_format, settings.secrets())
    try:
        well = _COMMANDS[command](settings, given)
    except (BotError, StorageError) as error:
        _say(error)
        return failed
    if well is False:
        return EXIT_FAILED if command == "run" else failed
    return EXIT_OK


def _say(error: BotError | StorageError) -> None:
    # What a library says about a connection may quote an address, and with it the token.
    sys.stderr.write(f"{Redactor()(str(error))}\n")


if __name__ == "__main__":
    sys.exit(main())
