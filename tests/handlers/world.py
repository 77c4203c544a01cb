"""The conversation with real stores and services, between an emulated Telegram and an emulated 1fichier."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

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
from handlers import CONTEXT_TYPES, BotApplication, Chats, Services, TelegramPace
from onefichier import OneFichier, Pacing, Patience
from storage import (
    AccessStore,
    AccountStore,
    AlertStore,
    BatchStore,
    Database,
    DeliveryStore,
    DuplicateStore,
    FileIndex,
    JobStore,
    LimitRows,
    ListingStore,
    LocalFileStore,
    OutboxStore,
    PeopleStore,
    ProcessStore,
    QuestionStore,
    RemoteStore,
    RetryStore,
    TakenInStore,
    TotalsStore,
    TransferStore,
    Vault,
    WarningStore,
)
from tests.clock import NOON, FakeClock
from tests.transfers.hand_driven import Busy, HandDriven, WatchedDatabase, WatchedTransport
from transfers import (
    Accounts,
    Allowance,
    Barring,
    ChannelFolders,
    Checksums,
    Copying,
    Deliveries,
    DirectLinks,
    FileChanges,
    FileMoving,
    Files,
    FolderDeletion,
    Folders,
    Gate,
    IndexReader,
    Jobs,
    KnownFiles,
    Maintenance,
    Pauses,
    Relay,
    Remotes,
    RemoteWatch,
    Retries,
    Search,
    Settler,
    TelegramDocuments,
    TelegramFiles,
    Uploads,
    Verify,
    Wakeups,
)

T = TypeVar("T")

TOKEN = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
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
        application = _application(url, pace)
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
        services = _services(
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


def _application(telegram_url: str, pace: TelegramPace) -> BotApplication:
    def request() -> HTTPXRequest:
        return HTTPXRequest(httpx_kwargs={"transport": WatchedTransport()})

    return (
        Application.builder()
        .token(TOKEN)
        .base_url(f"{telegram_url}/bot")
        .base_file_url(f"{telegram_url}/file/bot")
        .request(request())
        .get_updates_request(request())
        .context_types(CONTEXT_TYPES)
        .rate_limiter(pace)
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
    pace: TelegramPace,
    allowed_users: Iterable[int],
    admins: Iterable[int],
    settle_for: timedelta,
    *,
    private: bool,
    max_bytes: int | None,
    max_links: int | None,
) -> Services:
    vault = Vault([Fernet.generate_key().decode()])
    people = PeopleStore(database, vault)
    transfers = TransferStore(database, vault)
    remotes_store = RemoteStore(database, vault)
    listings = ListingStore(database)
    job_rows = JobStore(database)
    outbox = OutboxStore(database)
    access = AccessStore(database, vault)
    wakeups = Wakeups()
    account_rows = AccountStore(database, vault)
    maintenance = Maintenance(ProcessStore(database), wakeups, clock)
    allowance = Allowance(TakenInStore(database), clock, max_bytes, max_links)
    gate = Gate(allowance, maintenance)
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
    folders = Folders(accounts, people, listings)
    known_files = KnownFiles(DuplicateStore(database), listings, accounts, files, wakeups, clock)
    uploads = Uploads(
        transfers=transfers,
        people=people,
        relay=Relay(
            transfers=transfers,
            accounts=accounts,
            files=telegram_files,
            local_files=LocalFileStore(database),
            channel_folders=ChannelFolders(folders, listings, transfers, wakeups, clock),
            checksums=Checksums(Verify.NEVER, clock),
            wakeups=wakeups,
            clock=clock,
        ),
        known_files=known_files,
        settler=Settler(onefichier, transfers, listings, accounts, clock, settle_for, pauses),
        pauses=pauses,
        wakeups=wakeups,
        clock=clock,
        at_once=8,
        at_once_per_person=2,
        gate=gate,
    )
    jobs = Jobs(
        jobs=job_rows,
        people=people,
        deletion=FolderDeletion(job_rows, people, listings, accounts, wakeups, clock),
        moving=FileMoving(job_rows, listings, accounts, clock),
        wakeups=wakeups,
        clock=clock,
    )
    deliveries = Deliveries(
        deliveries=DeliveryStore(database),
        people=people,
        accounts=accounts,
        documents=TelegramDocuments(
            application.bot,
            http,
            api_url=telegram_url,
            is_local=False,
        ),
        pauses=pauses,
        wakeups=wakeups,
        clock=clock,
        gate=gate,
    )
    accounts.on_log_out(uploads.stop_work_of)
    accounts.on_log_out(deliveries.stop_work_of)
    accounts.on_log_out(jobs.stop_work_of)
    remotes = Remotes(
        remotes=remotes_store,
        accounts=accounts,
        watch=RemoteWatch(remotes_store, listings, accounts, wakeups, clock),
        pauses=pauses,
        wakeups=wakeups,
        clock=clock,
        poll_seconds=45,
        address_interval=0.5,
        gate=gate,
    )
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
        remotes=remotes,
        retries=Retries(RetryStore(database), wakeups, clock),
        files=files,
        known_files=known_files,
        telegram_files=telegram_files,
        file_changes=FileChanges(files, accounts, listings, clock),
        folders=folders,
        copying=Copying(files, accounts, people, listings, clock),
        deliveries=deliveries,
        direct_links=DirectLinks(accounts, listings, clock),
        search=Search(FileIndex(database), listings, wakeups, clock),
        jobs=jobs,
        wakeups=wakeups,
        chats=Chats(application.bot, people, outbox, clock, pace),
        access=access,
        alerts=AlertStore(database),
        warnings=WarningStore(database),
        totals=TotalsStore(database),
        allowance=allowance,
        barring=Barring(access, transfers, remotes_store, uploads, remotes, deliveries, clock),
        maintenance=maintenance,
        open_to_all=not frozenset(allowed_users) and not private,
        allowed_users=frozenset(allowed_users),
        admins=frozenset(admins),
        progress_seconds=3,
    )
