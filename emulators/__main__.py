"""`python -m emulators`: the real bot against both emulators, on a page or in a scripted conversation."""

import argparse
import asyncio
import sys

from emulators.page.command import PORT, run
from emulators.tour import tour


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m emulators",
        description="The real bot against a Telegram and a 1fichier on this machine: no token, no account, no network.",
    )
    parser.add_argument(
        "what",
        nargs="?",
        choices=("page", "tour"),
        default="page",
        help="a page on which the bot is used by hand (the default), or a scripted conversation, printed as it happens",
    )
    parser.add_argument(
        "--port", type=int, default=PORT, help="of the page (%(default)s; a free one if it is taken)"
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="where the page listens: 0.0.0.0 in a container, so that its port can be published (%(default)s)",
    )
    chosen = parser.parse_args(arguments)
    return asyncio.run(tour() if chosen.what == "tour" else run(host=chosen.host, port=chosen.port))


if __name__ == "__main__":
    sys.exit(main())
