"""The conversation with real stores and services, between an emulated Telegram and an emulated 1fichier."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send
from telegram import Update

import handlers
from emulators.botapi import BotApi, SeenMessage
from emulators.onefichier import EmulatedAccount
from emulators.onefichier import OneFichier as EmulatedOneFichier
from emulators.serving import serve
from emulators.user import Person
from handlers import BotApplication, Services, TelegramPace
from onefichier import OneFichier, Pacing, Patience
from storage import LimitRows
from tests.clock import NOON, FakeClock
from tests.handlers.wiring import TOKEN, build_application, wire
from tests.transfers.hand_driven import Busy, HandDriven, WatchedDatabase, WatchedTransport
from transfers import IndexReader

T = TypeVar("T")

KEY = "TheSecretKey0123456789abcdefABCD"
WANTED = ["message", "callback_query", "my_chat_member", "inline_query", "chosen_inline_result"]
# No calls are spaced, for time stands still; what may be asked how often is as in earnest.
PACING = Pacing(key_interval=0, address_interval=0)

# An answer over loopback takes a few milliseconds; who takes longer waits for the clock.
STANDSTILL_SECONDS = 0.05
CALLBACK_SECONDS = 600.0


@dataclass
class World(HandDriven):
    """A bot, the two services around it, and `person`, who talks to it.

    What people do waits until `handle`. Nothing runs in the background unless `uploads_running` or another part is started.
    """

    api: BotApi
    fichier: EmulatedOneFichier
    clock: FakeClock
    telegram_app: Busy
    fichier_app: Busy
    database: WatchedDatabase
    application: BotApplication
    services: Services
    person: Person
    reader: IndexReader
    _ids: Iterable[int] = field(default_factory=lambda: iter(range(2_000, 3_000)))

    async def handle(self) -> None:
        """Have the bot handle everything that people have done, in order."""
        while pending := self.api.updates.pending:
            raw = pending[0]
            self.api.updates.confirm(raw["update_id"])
            update = Update.de_json(raw, self.application.bot)
            await self.let_time_pass_for(handlers.process(self.application, update))

    async def let_time_pass_for(self, work: Coroutine[Any, Any, T]) -> T:
        """Move the clock by a second whenever the bot does nothing but wait for it, as between two tries of a call."""
        task = asyncio.create_task(work)
        while not (await asyncio.wait({task}, timeout=STANDSTILL_SECONDS))[0]:
            # On a busy machine it may have had no chance yet to do more.
            await self.quiet()
            if self.clock.sleepers and not task.done():
                await self.clock.advance(1)
        return await task

    async def tell(self, text: str, *, reply_to: SeenMessage | None = None) -> SeenMessage:
        """Have the person say something and the bot handle it; the newest message of their chat."""
        self.person.say(text, reply_to=reply_to)
        await self.handle()
        return self.person.chat.last

    async def press(
        self, button: str, message: SeenMessage | None = None, *, by: Person | None = None
    ) -> str:
        """Have a button pressed and handled; the pop-up's text, empty when the bot answered without one."""
        press = (by or self.person).press(button, message)
        await self.handle()
        answer = press.answer
        assert answer is not None, "the press was not answered"
        return answer.text or ""

    async def log_in(self, person: Person | None = None) -> EmulatedAccount:
        """Give a person an account without a word in the chat."""
        account = self.fichier.add_account()
        assert account.key is not None
        member = person or self.person
        await self.services.people.meet(member.id, "en", self.clock.now())
        await self.services.accounts.log_in(member.id, account.key)
        return account

    async def read_index(self) -> None:
        """Have the list of all files of everybody who has searched, or logged in, read."""
        account = await self.services.people.account_in_use(self.person.id)
        assert account is not None
        await self.services.search.begin(account)
        await self.reader.once()

    def somebody(self, first_name: str = "Eve", language_code: str = "en") -> Person:
        """Another person, who has not written to the bot yet."""
        return Person(
            self.api, user_id=next(iter(self._ids)), first_name=first_name, language_code=language_code
        )

    @contextlib.asynccontextmanager
    async def uploads_running(self) -> AsyncIterator[None]:
        """Let files travel while the block runs; time still has to be moved by hand."""
        task = asyncio.create_task(self.services.uploads.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def last(world: World) -> SeenMessage:
    return world.person.chat.last


@contextlib.asynccontextmanager
async def open_world(
    directory: Path,
    *,
    allowed_users: Iterable[int] = (),
    admins: Iterable[int] = (),
    private: bool = False,
    max_bytes: int | None = None,
    max_links: int | None = None,
    enforce_limits: bool = False,
    pacing: Pacing = PACING,
    patience: Patience | None = None,
    settle_for: timedelta = timedelta(minutes=10),
    start: datetime = NOON,
) -> AsyncIterator[World]:
    clock = FakeClock(start)
    api = BotApi(token=TOKEN, clock=lambda: clock.now().timestamp())
    api.updates.allow(WANTED)
    # Where time passes in the background, a second of the clock is a few milliseconds.
    api.callback_seconds = CALLBACK_SECONDS
    async with contextlib.AsyncExitStack() as stack:
        fichier = await stack.enter_async_context(
            EmulatedOneFichier(clock=lambda: clock.now().timestamp(), enforce_limits=enforce_limits)
        )
        telegram_app, fichier_app = Busy(api.app), Busy(fichier.app)
        url = await stack.enter_async_context(serve(on_one_port(telegram_app, fichier_app)))
        http = await stack.enter_async_context(httpx.AsyncClient(transport=WatchedTransport()))
        database = await WatchedDatabase.open(directory / "bot.db")
        stack.push_async_callback(database.close)
        pace = TelegramPace(clock)
        application = build_application(url, pace)
        onefichier = OneFichier(
            http,
            http,
            api_url=f"{url}/v1",
            pacing=pacing,
            clock=clock,
            limits=LimitRows(database),
            patience=patience,
        )
        stack.push_async_callback(onefichier.aclose)
        services = wire(
            application,
            database,
            onefichier,
            http,
            url,
            clock,
            pace,
            allowed_users,
            admins,
            settle_for,
            private=private,
            max_bytes=max_bytes,
            max_links=max_links,
        )
        handlers.register(application, services)
        await stack.enter_async_context(application)
        person = Person(api, user_id=1_000, first_name="Ada")
        person.chat.started = True
        reader = IndexReader(
            accounts=services.accounts,
            people=services.people,
            index=services.search.index,
            wakeups=services.wakeups,
            clock=clock,
        )
        yield World(
            api, fichier, clock, telegram_app, fichier_app, database, application, services, person, reader
        )


def on_one_port(telegram: ASGIApp, fichier: ASGIApp) -> ASGIApp:
    """Both services on one port, told apart by their paths: a server takes a tenth of a second to stop."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        of_telegram = scope["path"].startswith(("/bot", "/file/bot"))
        await (telegram if of_telegram else fichier)(scope, receive, send)

    return app
