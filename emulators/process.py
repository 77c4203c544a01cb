"""The real bot as a process of its own, pointed at the emulators by its settings alone."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Final

# As everywhere where it runs: without the docstrings of libraries, which are 5 MB of memory.
BOT: Final = ("-OO", "-m", "bot", "run")
# Above the bot's own bound for stopping.
STOP_SECONDS = 12.0


def bot_settings(*, token: str, data: Path, telegram_url: str, onefichier_url: str) -> dict[str, str]:
    """Settings with which nothing has to be waited for: the emulators count limits and do not enforce them."""
    return {
        "BOT_TOKEN": token,
        "BOT_DATA_DIR": str(data),
        "BOT_TELEGRAM_API_URL": telegram_url,
        "BOT_ONEFICHIER_API_URL": f"{onefichier_url}/v1",
        "BOT_ONEFICHIER_MIN_INTERVAL_SECONDS": "0.05",
        "BOT_ONEFICHIER_ADDRESS_INTERVAL_SECONDS": "0.02",
        "BOT_ONEFICHIER_LIST_SECONDS": "1",
        "BOT_ONEFICHIER_ACCOUNT_SECONDS": "1",
        "BOT_ONEFICHIER_ACCOUNT_ADDRESS_SECONDS": "1",
        "BOT_REMOTE_POLL_SECONDS": "1",
        "BOT_PROGRESS_SECONDS": "1",
        "BOT_LISTEN": "",
        "BOT_LOG_LEVEL": "WARNING",
    }


async def start(
    settings: Mapping[str, str], *, log: Path | None = None, program: Sequence[str] = BOT
) -> asyncio.subprocess.Process:
    """Start the bot; its output goes to `log`, or where ours goes.

    `program`: Python's arguments, where something else than the plain bot runs.
    """
    # Settings of whoever starts the demo must not leak into it.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BOT_")}
    environment |= {**settings, "NO_PROXY": "127.0.0.1", "PYTHONUNBUFFERED": "1"}
    with contextlib.ExitStack() as stack:
        output = stack.enter_context(log.open("ab")) if log is not None else None
        # A group of its own: Ctrl-C is for whoever started it, who then ends it in order.
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *program,
            env=environment,
            stdout=output,
            stderr=output,
            process_group=0,
        )


@contextlib.asynccontextmanager
async def bot_process(
    settings: Mapping[str, str], *, log: Path | None = None, program: Sequence[str] = BOT
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start the bot, and stop it by SIGTERM at the end of the block."""
    process = await start(settings, log=log, program=program)
    try:
        yield process
    finally:
        await stop(process)


async def stop(process: asyncio.subprocess.Process) -> int:
    """SIGTERM, and SIGKILL to one that does not obey; returns the exit code, negative for a signal."""
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
    return await process.wait()
