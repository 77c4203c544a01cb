"""The real bot as its own process against both emulators."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from emulators.botapi import BotApi
from emulators.onefichier import EmulatedAccount, OneFichier
from emulators.process import bot_process, bot_settings
from emulators.serving import serve
from emulators.tour import TOKEN, sample_site
from emulators.user import Person

LOG_NAME = "bot.log"


class World:
    """Both services, a person with an account, and the bot, which may be stopped, killed and started again."""

    def __init__(
        self, api: BotApi, onefichier: OneFichier, settings: dict[str, str], data: Path, site: str
    ) -> None:
        self.api = api
        self.onefichier = onefichier
        self.settings = settings
        self.data = data
        self.site = site
        self.account: EmulatedAccount = onefichier.add_account()
        self.person = Person(api, user_id=11_111_111, first_name="Ada")
        self.process: asyncio.subprocess.Process | None = None
        self._running = contextlib.AsyncExitStack()

    @property
    def log(self) -> str:
        path = self.data.parent / LOG_NAME
        return path.read_text(encoding="utf-8") if path.exists() else ""

    async def start(self) -> None:
        self.process = await self._running.enter_async_context(
            bot_process(self.settings, log=self.data.parent / LOG_NAME)
        )

    async def stop(self) -> int:
        """SIGTERM, and the exit code."""
        await self._running.aclose()
        if self.process is None:
            raise AssertionError("the bot was not started")
        return await self.process.wait()

    async def kill(self) -> None:
        """SIGKILL."""
        if self.process is None:
            raise AssertionError("the bot was not started")
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()
        await self._running.aclose()

    async def log_in(self, person: Person | None = None, account: EmulatedAccount | None = None) -> None:
        person = person or self.person
        said = person.say(f"/login {(account or self.account).key}")
        await person.chat.wait_for("Your key works", after=said, timeout=15)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """The bot is not started yet."""
    async with contextlib.AsyncExitStack() as stack:
        api = BotApi(token=TOKEN)
        onefichier = await stack.enter_async_context(OneFichier())
        telegram_url = await stack.enter_async_context(serve(api.app))
        onefichier_url = await stack.enter_async_context(serve(onefichier.app))
        site = await stack.enter_async_context(serve(sample_site()))
        settings = bot_settings(
            token=TOKEN, data=tmp_path / "data", telegram_url=telegram_url, onefichier_url=onefichier_url
        )
        settings["BOT_LOG_LEVEL"] = "INFO"
        world = World(api, onefichier, settings, tmp_path / "data", site)
        try:
            yield world
        finally:
            await world._running.aclose()
