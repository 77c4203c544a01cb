"""The conversation with real stores and services, between an emulated Telegram and an emulated 1fichier."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from cryptography.fernet import Fernet
from starlette.types import ASGIApp, Receive, Scope, Send
from telegram import Update
from telegram.ext import Application
from telegram.request import HTTPXRequest

import handlers
from emulators.botapi import BotApi, SeenMessage
from emulators.onefichier import EmulatedAccount
from emulators.onefichier import OneFichier as EmulatedOneFichier
from emulators.serving import serve
from emulators.user import Person
from handlers import CONTEXT_TYPES, BotApplication, Chats, Services
from onefichier import OneFichier, Pacing
from storage import (
    AccountStore,
    BatchStore,
    Database,
    DuplicateStore,
    LimitRows,
    ListingStore,
    LocalFileStore,
    OutboxStore,
    PeopleStore,
    QuestionStore,
    RemoteStore,
    RetryStore,
    TransferStore,
    Vault,
    open_database,
)
from tests.clock import FakeClock
from transfers import (
    Accounts,
    Checksums,
    Files,
    KnownFiles,
    Pauses,
    Relay,
    Remotes,
    RemoteWatch,
    Retries,
    Settler,
    TelegramFiles,
    Uploads,
    Verify,
    Wakeups,
)

TOKEN = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
KEY = "TheSecretKey0123456789abcdefABCD"
WANTED = ["message", "callback_query", "my_chat_member"]
# No calls are spaced, for time stands still; what may be asked how often is as in earnest.
PACING = Pacing(key_interval=0, address_interval=0)

# Over loopback; reading the certificates of the world would take most of a test's time.
PLAIN_HTTP: dict[str, Any] = {"trust_env": False, "verify": False}
# An answer over loopback takes a few milliseconds; who takes longer waits for the clock.
STANDSTILL_SECONDS = 0.05


@dataclass
class World:
    """A bot, the two services around it, and `person`, who talks to it.

    What people do waits until `handle`. Nothing runs in the background unless `uploads_running` or another part is started.
    """

    api: BotApi
    fichier: EmulatedOneFichier
    clock: FakeClock
    database: Database
    application: BotApplication
    services: Services
    person: Person
    _ids: Iterable[int] = field(default_factory=lambda: iter(range(2_000, 3_000)))

    async def handle(self) -> None:
        """Have the bot handle everything that people have done, in order."""
        while pending := self.api.updates.pending:
            raw = pending[0]
            self.api.updates.confirm(raw["update_id"])
            update = Update.de_json(raw, self.application.bot)
            await self._let_time_pass_for(handlers.process(self.application, update))

    async def _let_time_pass_for(self, work: Coroutine[Any, Any, None]) -> None:
        """Move the clock by a second whenever the bot does nothing but wait for it, as between two tries of a call."""
        task = asyncio.create_task(work)
        while not (await asyncio.wait({task}, timeout=STANDSTILL_SECONDS))[0]:
            if self.clock.sleepers:
                await self.clock.advance(1)
        await task

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


@contextlib.asynccontextmanager
async def open_world(
    directory: Path,
    *,
    allowed_users: Iterable[int] = (),
    admins: Iterable[int] = (),
    enforce_limits: bool = False,
) -> AsyncIterator[World]:
    clock = FakeClock()
    api = BotApi(token=TOKEN, clock=lambda: clock.now().timestamp())
    api.updates.allow(WANTED)
    async with contextlib.AsyncExitStack() as stack:
        fichier = await stack.enter_async_context(
            EmulatedOneFichier(clock=lambda: clock.now().timestamp(), enforce_limits=enforce_limits)
        )
        url = await stack.enter_async_context(serve(_on_one_port(api, fichier)))
        http = await stack.enter_async_context(httpx.AsyncClient(**PLAIN_HTTP))
        database = await stack.enter_async_context(open_database(directory / "bot.db"))
        application = _application(url)
        onefichier = OneFichier(
            http,
            http,
            api_url=f"{url}/v1",
            pacing=PACING,
            clock=clock,
            limits=LimitRows(database),
        )
        services = _services(application, database, onefichier, http, url, clock, allowed_users, admins)
        handlers.register(application, services)
        await stack.enter_async_context(application)
        person = Person(api, user_id=1_000, first_name="Ada")
        person.chat.started = True
        yield World(api, fichier, clock, database, application, services, person)


def _on_one_port(api: BotApi, fichier: EmulatedOneFichier) -> ASGIApp:
    """Both services on one port, told apart by their paths: a server takes a tenth of a second to stop."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        of_telegram = scope["path"].startswith(("/bot", "/file/bot"))
        await (api.app if of_telegram else fichier.app)(scope, receive, send)

    return app


def _application(telegram_url: str) -> BotApplication:
    def request() -> HTTPXRequest:
        return HTTPXRequest(httpx_kwargs=PLAIN_HTTP)

    return (
        Application.builder()
        .token(TOKEN)
        .base_url(f"{telegram_url}/bot")
        .base_file_url(f"{telegram_url}/file/bot")
        .request(request())
        .get_updates_request(request())
        .context_types(CONTEXT_TYPES)
        .updater(None)
        .job_queue(None)
        .build()
    )


def _services(
    application: BotApplication,
    database: Database,
    onefichier: OneFichier,
    http: httpx.AsyncClient,
    telegram_url: str,
    clock: FakeClock,
    allowed_users: Iterable[int],
    admins: Iterable[int],
) -> Services:
    vault = Vault([Fernet.generate_key().decode()])
    people = PeopleStore(database, vault)
    transfers = TransferStore(database, vault)
    remotes_store = RemoteStore(database, vault)
    listings = ListingStore(database)
    outbox = OutboxStore(database)
    wakeups = Wakeups()
    account_rows = AccountStore(database, vault)
    accounts = Accounts(onefichier, people, account_rows, database, wakeups, clock)
    pauses = Pauses(outbox, wakeups, clock)
    telegram_files = TelegramFiles(application.bot, http, api_url=telegram_url)
    files = Files(
        accounts=accounts,
        people=people,
        listings=listings,
        transfers=transfers,
        outbox=outbox,
        wakeups=wakeups,
        clock=clock,
        list_seconds=30,
        account_seconds=300,
    )
    known_files = KnownFiles(DuplicateStore(database), listings, accounts, files, wakeups, clock)
    uploads = Uploads(
        transfers=transfers,
        people=people,
        relay=Relay(
            transfers=transfers,
            accounts=accounts,
            files=telegram_files,
            local_files=LocalFileStore(database),
            checksums=Checksums(Verify.NEVER, clock),
            wakeups=wakeups,
            clock=clock,
            stall_seconds=60,
        ),
        known_files=known_files,
        settler=Settler(onefichier, transfers, listings, accounts, clock, timedelta(minutes=10)),
        pauses=pauses,
        wakeups=wakeups,
        clock=clock,
        at_once=8,
        at_once_per_person=2,
    )
    accounts.on_log_out(uploads.stop_work_of)
    return Services(
        clock=clock,
        people=people,
        account_rows=account_rows,
        questions=QuestionStore(database, vault),
        batches=BatchStore(database),
        transfers=transfers,
        remotes_store=remotes_store,
        outbox=outbox,
        accounts=accounts,
        uploads=uploads,
        remotes=Remotes(
            remotes=remotes_store,
            people=people,
            accounts=accounts,
            watch=RemoteWatch(remotes_store, listings, accounts, wakeups, clock),
            pauses=pauses,
            wakeups=wakeups,
            clock=clock,
            poll_seconds=45,
            address_interval=0.5,
        ),
        retries=Retries(RetryStore(database), wakeups, clock),
        files=files,
        known_files=known_files,
        telegram_files=telegram_files,
        wakeups=wakeups,
        chats=Chats(application.bot, people, outbox, clock),
        allowed_users=frozenset(allowed_users),
        admins=frozenset(admins),
        progress_seconds=3,
    )
