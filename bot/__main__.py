"""The command line: `python -m bot`."""

import argparse
import asyncio
import logging
import os
import signal
import sys
import threading
from importlib.metadata import PackageNotFoundError, version

import httpx

from bot.allocator import keep_buffers
from bot.app import serve
from bot.check import check
from bot.errors import BotError, SettingsError, StartError
from bot.logs import Redactor, set_up_logs
from bot.settings import Settings, load_settings, unknown_variables
from storage import StorageError, is_held

log = logging.getLogger(__name__)

EXIT_OK = 0
EXIT_BROKEN = 1
EXIT_NOT_STARTED = 2

# Everything that is open closes well within this; `kill -9` loses nothing either.
STOP_SECONDS = 9.0
HEALTH_SECONDS = 5.0
# A web endpoint that listens on every address is asked on this one.
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared with, not listened on


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says and return the exit code."""
    command = _parser().parse_args(arguments).command or "run"
    try:
        settings = load_settings()
    except SettingsError as error:
        return _refuse(error)
    if command == "health":
        return _health(settings)
    set_up_logs(settings.log_level, settings.log_format, settings.secrets())
    if command == "check":
        return EXIT_OK if asyncio.run(check(settings)) else EXIT_NOT_STARTED
    return _run(settings)


def _run(settings: Settings) -> int:
    for name in unknown_variables():
        log.warning("%s is no setting of this bot: is it misspelt?", name)
    keep_buffers()
    if not settings.allowed_users:
        log.warning("Everyone who finds the bot may use it; BOT_ALLOWED_USERS limits that")
    try:
        asyncio.run(_serve_until_told(settings))
    except (StartError, StorageError) as error:
        return _refuse(error)
    except BotError as error:
        log.critical("%s", error)
        return EXIT_BROKEN
    except Exception:
        log.exception("The bot ends because of an error")
        return EXIT_BROKEN
    log.info("The bot has stopped")
    return EXIT_OK


async def _serve_until_told(settings: Settings) -> None:
    stop = asyncio.Event()

    def told(signal_number: int) -> None:
        if stop.is_set():
            log.info("Already stopping")
            return
        log.info("Stopping (%s)", signal.Signals(signal_number).name)
        _end_soon()
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told, number)
    await serve(settings, stop)


def _end_soon() -> None:
    """End the process when closing takes too long, whatever holds it. The next start takes everything up again."""

    def end() -> None:
        log.error("Closing took more than %.0f s; the process ends as it is", STOP_SECONDS)
        os._exit(EXIT_BROKEN)

    timer = threading.Timer(STOP_SECONDS, end)
    timer.daemon = True
    timer.start()


def _health(settings: Settings) -> int:
    if not is_held(settings.data_dir):
        sys.stderr.write(f"No running bot holds {settings.data_dir}.\n")
        return EXIT_BROKEN
    if settings.listen is None:
        return EXIT_OK
    host, port = settings.listen
    url = httpx.URL(scheme="http", host=_EVERY_ADDRESS.get(host, host), port=port, path="/healthz")
    try:
        # The endpoint is on this machine: no proxy leads there.
        answer = httpx.get(url, timeout=HEALTH_SECONDS, trust_env=False)
    except httpx.HTTPError as error:
        sys.stderr.write(f"{url} does not answer ({type(error).__name__}).\n")
        return EXIT_BROKEN
    sys.stdout.write(f"{answer.text}\n")
    return EXIT_OK if answer.status_code == httpx.codes.OK else EXIT_BROKEN


def _refuse(error: BotError | StorageError) -> int:
    # What a library says about a connection may quote an address, and with it the token.
    sys.stderr.write(f"{Redactor()(str(error))}\n")
    return EXIT_NOT_STARTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        description="A Telegram bot that puts files on your own 1fichier account. Settings are read from the environment and from .env.",
    )
    parser.add_argument("--version", action="version", version=f"onefichier-bot {_version()}")
    commands = parser.add_subparsers(dest="command", metavar="command", title="commands")
    commands.add_parser("run", help="run the bot until it is told to stop (the default)")
    commands.add_parser("check", help="try the settings, the data directory and the token, without starting")
    commands.add_parser("health", help="exit with 0 if a bot with these settings is running and well")
    return parser


def _version() -> str:
    try:
        return version("onefichier-bot")
    except PackageNotFoundError:
        # Run from its tree, without having been installed.
        return "(from source)"


if __name__ == "__main__":
    sys.exit(main())
