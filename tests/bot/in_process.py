"""The whole bot in this process, on an emulated Telegram."""

import asyncio
import contextlib
import socket
import sqlite3
import time
from pathlib import Path

from bot.app import serve
from bot.settings import Settings
from emulators.botapi import BotApi
from onefichier import Clock, SystemClock
from tests.bot.waiting import until

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawM"
SECRET = "planted-webhook-secret"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class Hasty(SystemClock):
    """A clock of real time whose pauses are short."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.01))


class Bot:
    """The whole bot, in this process, on an emulated Telegram."""

    def __init__(self, api: BotApi, url: str, data_dir: Path) -> None:
        self.api = api
        self.settings = Settings(
            token=TOKEN,
            data_dir=data_dir,
            telegram_api_url=url,
            onefichier_api_url="http://127.0.0.1:9/v1",
            listen=None,
        )
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self, *, clock: Clock | None = None, **changed: object) -> asyncio.Task[None]:
        self._stop = asyncio.Event()
        settings = self.settings.model_copy(update=changed)
        self._task = asyncio.create_task(serve(settings, self._stop, clock))
        return self._task

    async def in_the_database(self, sql: str) -> list[tuple[object, ...]]:
        """Run a statement as another process would: in a thread, as the loop may hold the lock it waits for."""

        def run() -> list[tuple[object, ...]]:
            with contextlib.closing(sqlite3.connect(self.settings.database_path)) as other, other:
                return other.execute(sql).fetchall()

        return await asyncio.to_thread(run)

    async def polls(self) -> None:
        await until(lambda: self.api.updates.polling)

    async def stop(self) -> float:
        """Stop it and return the seconds that took."""
        begun = time.monotonic()
        self._stop.set()
        if self._task is not None:
            await self._task
        self._task = None
        return time.monotonic() - begun

    async def end(self) -> None:
        self._stop.set()
        if self._task is not None:
            with contextlib.suppress(Exception):
                await self._task
