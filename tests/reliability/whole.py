"""The whole bot in this process, between an emulated Telegram and an emulated 1fichier, by a clock that is moved by hand."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send

from bot.app import serve as serve_bot
from bot.settings import Settings
from emulators.botapi import BotApi, Call, SeenMessage
from emulators.onefichier import EmulatedAccount
from emulators.onefichier import OneFichier as EmulatedOneFichier
from emulators.onefichier.delivery import UPLOAD_PATH
from emulators.serving import serve
from emulators.user import Person
from storage import Database
from tests.clock import FakeClock
from tests.handlers.world import on_one_port
from tests.reliability.stillness import Stillness

TOKEN: Final = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawM"
# The poll waits for people, and says nothing to them.
POLL: Final = "getUpdates"


@dataclass
class WholeBot:
    api: BotApi
    fichier: EmulatedOneFichier
    node: "SlowNode"
    clock: FakeClock
    time: Stillness
    settings: Settings
    accounts: dict[int, EmulatedAccount] = field(default_factory=dict)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._stop = asyncio.Event()
        self._running = asyncio.create_task(serve_bot(self.settings, self._stop, self.clock))
        await self.time.until(lambda: self.api.updates.polling)

    async def stop(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            self._stop.set()
            await running

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    @property
    def now(self) -> float:
        """Unix seconds by the bot's clock."""
        return self.clock.now().timestamp()

    @property
    def database(self) -> Database:
        """The running bot's own."""
        path = self.settings.database_path
        return next(each for each in gc.get_objects() if isinstance(each, Database) and each.path == path)

    async def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.database.fetch_all(sql, values)]

    def person(self, number: int) -> Person:
        return Person(self.api, user_id=1_000 + number, first_name=f"Person {number}")

    def say_key(self, person: Person) -> SeenMessage:
        """Have a person give the key of an account of their own."""
        account = self.accounts.setdefault(person.id, self.fichier.add_account())
        return person.say(f"/login {account.key}")

    async def people(self, count: int) -> list[Person]:
        """So many with an account."""
        everybody = [self.person(number) for number in range(count)]
        for each in everybody:
            self.say_key(each)
        await self.time.until(lambda: all(each.chat.matching("Your key works") for each in everybody))
        return everybody

    def forget(self) -> None:
        """Let the emulators forget all that was said, sent and stored, so that what is left in memory is the bot's."""
        api, fichier = self.api, self.fichier
        for chat in api.chats.values():
            chat.messages.clear()
            chat._by_id.clear()
            chat.actions.clear()
        for account in fichier.accounts:
            account.files.clear()
            account.lingering.clear()
        for store in (
            api.transcript,
            api.updates.produced,
            api.queries,
            api._inline_cache,
            api.limits.breaches,
            api.limits._buckets,
            api.files.by_id,
            api.files._by_path,
            api.files._links,
            fichier.calls,
            fichier.limits.breaches,
            fichier.uploads.uploads,
            fichier.remotes.tasks,
            fichier.remote_results,
            fichier.mint._used,
        ):
            store.clear()

    def calls(self, *, since: float = 0.0) -> list[Call]:
        """All but polls, oldest first."""
        return [call for call in self.api.transcript if call.method != POLL and call.at >= since]


@dataclass
class SlowNode:
    """An upload node that takes `seconds` of the clock for each file, and notes when it began and ended."""

    app: ASGIApp
    clock: FakeClock
    seconds: float = 0.0
    begun: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        takes_time = self.seconds and scope["path"] == UPLOAD_PATH
        if takes_time:
            self.begun.append(self.clock.now().timestamp())
            await self.clock.sleep(self.seconds)
        await self.app(scope, receive, send)
        if takes_time:
            self.ended.append(self.clock.now().timestamp())


@contextlib.asynccontextmanager
async def whole_bot(directory: Path, **settings: object) -> AsyncIterator[WholeBot]:
    """Started, and stopped at the end of the block. `settings` differ from the defaults of the bot."""
    clock = FakeClock()

    def now() -> float:
        return clock.now().timestamp()

    api = BotApi(token=TOKEN, clock=now)
    async with contextlib.AsyncExitStack() as stack:
        fichier = await stack.enter_async_context(EmulatedOneFichier(clock=now, seed=1))
        node = SlowNode(on_one_port(api.app, fichier.app), clock)
        url = await stack.enter_async_context(serve(node))
        given: dict[str, Any] = {
            "token": TOKEN,
            "data_dir": directory / "data",
            "telegram_api_url": url,
            "onefichier_api_url": f"{url}/v1",
            "listen": None,
        }
        bot = WholeBot(api, fichier, node, clock, Stillness(clock), Settings(**given | settings))
        await bot.start()
        try:
            yield bot
        finally:
            await bot.stop()
