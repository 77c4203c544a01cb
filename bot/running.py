"""`python -m bot run`: the bot, until it is told to stop."""

import asyncio
import gc
import logging
import os
import signal
import threading
from typing import Final

import sniffio

from bot.allocator import keep_buffers
from bot.app import serve
from bot.errors import BotError, StartError
from bot.privacy import keep_private
from bot.settings import Settings, unknown_variables
from storage import StorageError

log = logging.getLogger(__name__)

# Everything that is open closes well within this; `kill -9` loses nothing either.
STOP_SECONDS: Final = 9.0


def run(settings: Settings) -> bool:
    """Run, and return whether it ended in order.

    Raises:
        StartError, StorageError: it did not start.
    """
    for name in unknown_variables():
        log.warning("%s is no setting of this bot: is it misspelt?", name)
    keep_buffers()
    # What was imported stays to the end. Each full collection that looked at all of it held the event loop for a twentieth of a second.
    gc.freeze()
    keep_private()
    # Asked for in each call of httpx, by what stands below it.
    sniffio.thread_local.name = "asyncio"
    if settings.is_open:
        log.warning(
            "Everyone who finds the bot may use it; BOT_ALLOWED_USERS or BOT_ACCESS=private limits that"
        )
    try:
        asyncio.run(_serve_until_told(settings))
    except (StartError, StorageError):
        raise
    except BotError as error:
        log.critical("%s", error)
        return False
    except Exception:
        log.exception("The bot ends because of an error")
        return False
    log.info("The bot has stopped")
    return True


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
        os._exit(1)

    timer = threading.Timer(STOP_SECONDS, end)
    timer.daemon = True
    timer.start()
