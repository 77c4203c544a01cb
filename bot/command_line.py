"""The commands of `python -m bot`, and how they are said."""

import argparse
from pathlib import Path
from typing import Final

from bot.settings import TELEGRAM_API_URL
from bot.version import version

DESCRIPTION: Final = """\
A Telegram bot that puts files on your own 1fichier account.

Settings are read from the environment and from a file .env in the current directory; the README lists them.
"""
ENDING: Final = """\
`python -m bot COMMAND --help` says more about one of them.
Exit codes: 0 done and well, 1 failed or not well, 2 not started because of a setting or of what it found.
"""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Names and what they do on one line each."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=18)


def parser() -> argparse.ArgumentParser:
    """Every command as `arguments.command`; None when none is named, which means `run`."""
    top = argparse.ArgumentParser(
        prog="python -m bot",
        description=DESCRIPTION,
        epilog=ENDING,
        formatter_class=_Formatter,
    )
    top.add_argument("--version", action="version", version=f"onefichier-bot {version()}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="commands")

    def add(name: str, summary: str, more: str = "") -> argparse.ArgumentParser:
        return commands.add_parser(name, help=summary, description=f"{summary.capitalize()}. {more}".strip())

    add("run", "run the bot until it is told to stop (the default)")
    add(
        "check",
        "try the settings, line by line, without starting",
        "Looks at the data directory, the secret keys, Telegram, 1fichier and the directory of a local Bot API server. Each"
        " line is ok, note (it works, but look) or wrong, with what to do. Harmless beside the running bot.",
    )
    add(
        "health",
        "tell whether a bot with these settings is running and well",
        "For supervisors: exit code 0 or 1, and one line.",
    )
    add("stats", "print how much there is and how it ends, in numbers")
    _add_users(add("users", "list who uses the bot, let somebody in, keep somebody out, or erase somebody"))
    backup = add(
        "backup",
        "copy the database, also while the bot runs",
        "The copy is one moment of the database and holds nothing of what was deleted. The secret keys are not in it.",
    )
    backup.add_argument("file", type=Path, metavar="FILE", help="where to; it must not exist")
    restore = add(
        "restore",
        "make a copy the database again, while the bot is stopped",
        "It must be whole, of this version or an older one, and open with the secret keys in use. The database until now is"
        " kept beside it.",
    )
    restore.add_argument("file", type=Path, metavar="FILE", help="what `backup` made")
    add(
        "rotate-keys",
        "make a new secret key and seal everything anew under it",
        "Works while the bot runs and while it is stopped. Interrupted, it is begun again and finishes. Says at its end which"
        " older keys nothing needs any more.",
    )
    move = add(
        "move",
        "have Telegram's own server let go of the bot, before the first start with a Bot API server of your own",
        "The bot must be stopped, BOT_TELEGRAM_API_URL must name your server, and it must be running. For ten minutes there is"
        " no way back.",
    )
    move.add_argument(
        "--from",
        dest="leave",
        default=TELEGRAM_API_URL,
        metavar="URL",
        help="the server to leave (default: %(default)s)",
    )
    return top


def _add_users(users: argparse.ArgumentParser) -> None:
    users.description = (
        "Numbers and counts only: never what somebody stores. Without an action, lists everybody."
    )
    actions = users.add_subparsers(dest="action", metavar="ACTION", title="actions")
    for name, summary in (
        ("list", "list everybody"),
        ("allow", "let somebody in, or lift a ban"),
        ("ban", "keep somebody out, and stop what is under way for them"),
        ("remove", "erase everything known about somebody, down to the files of the database"),
    ):
        action = actions.add_parser(name, help=summary, description=f"{summary.capitalize()}.")
        if name != "list":
            action.add_argument("number", type=int, metavar="NUMBER", help="their Telegram id")
