"""The demo in a terminal, until Ctrl-C."""

import asyncio
import signal
import socket
import sys
from typing import Final

from emulators.page.demo import demo

PORT: Final = 8800

_EVERYWHERE: Final = "0.0.0.0"


async def run(*, host: str, port: int) -> int:
    """Show the demo until the process is told to end; returns the exit code."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, told.set)
    if not _is_free(host, port):
        _say(f"Port {port} is taken, so the demo takes another one.")
        port = 0
    async with demo(host=host, port=port) as world:
        _say(f"\n  The demo is on {world.url.replace(_EVERYWHERE, '127.0.0.1')}\n  Ctrl-C ends it.\n")
        await world.keeper.start()
        await told.wait()
        _say("\nEnding the bot and both emulators.")
    _say("Everything has ended.")
    return 0


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        # As the server does: a port whose connections have just been closed can be taken again.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
