"""Both emulated services, a real database, and a process of ours that may be ended and started again; time passes by hand."""

import asyncio
import contextlib
import inspect
import itertools
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
from cryptography.fernet import Fernet
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from telegram import Bot
from telegram.request import HTTPXRequest

from emulators.botapi import BotApi
from emulators.botapi.attachments import HONEST, Honest
from emulators.botapi.content import Content, content_of
from emulators.onefichier import Call, EmulatedAccount
from emulators.onefichier import OneFichier as EmulatedService
from emulators.serving import serve
from onefichier import OneFichier, Pacing
from storage import (
    Account,
    AccountStore,
    BatchStore,
    Database,
    DeliveryStore,
    DuplicateStore,
    Fact,
    FactKind,
    FileIndex,
    HistoryStore,
    IncomingFile,
    JobStore,
    LimitRows,
    ListingStore,
    LocalFileStore,
    OutboxStore,
    PeopleStore,
    QuestionStore,
    RemoteStore,
    RemoteUpload,
    Transfer,
    TransferState,
    TransferStore,
    Vault,
    WantedUrl,
)
from storage.database import Transaction
from tests.clock import FakeClock
from tests.loop import running_loop
from transfers import (
    Accounts,
    ChannelFolders,
    Checksums,
    FileChanges,
    FileMoving,
    Files,
    FolderDeletion,
    Folders,
    Housekeeping,
    IndexReader,
    Jobs,
    KnownFiles,
    Pauses,
    Relay,
    Remotes,
    RemoteWatch,
    Search,
    Settler,
    TelegramFiles,
    Uploads,
    Verify,
    Wakeups,
)

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
ADA = 42
SETTLE_SECONDS = 600.0
POLL_SECONDS = 45.0
# Real time after which a condition will not come true any more, also where several tests share the machine.
PATIENCE_SECONDS = 120.0
# What a cancelled transfer has to close its sockets, in real time.
CLOSED_WITHIN_SECONDS = 2.0
# Real time between two looks at what works in other threads.
QUIET_SECONDS = 0.002
# A request under way without any news for so long has stalled.
STALLED_ROUNDS = 60

T = TypeVar("T")
Condition = Callable[[], bool | Awaitable[bool]]


class Busy:
    """Counts an application's requests: those under way, all, and by the last part of their paths.

    What stands under `outage` is answered with 503.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.running = 0
        self.seen = 0
        self.begun: Counter[str] = Counter()
        self.outage: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.running += 1
        self.seen += 1
        self.begun[scope["path"].rpartition("/")[2]] += 1
        is_out = self.outage is not None and scope["path"].startswith(self.outage)
        try:
            await (PlainTextResponse("out", 503) if is_out else self._app)(scope, receive, send)
        finally:
            self.running -= 1
            self.seen += 1


class WatchedTransport(httpx.AsyncHTTPTransport):
    """Counts requests from before their connection is made until their answers are read."""

    running = 0

    def __init__(self, limits: httpx.Limits = httpx.Limits()) -> None:  # noqa: B008  # as httpx has it, and it never changes
        # Over loopback; reading the certificates of the world would take much of a test's time.
        super().__init__(trust_env=False, verify=False, limits=limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        WatchedTransport.running += 1
        try:
            response = await super().handle_async_request(request)
        except BaseException:
            WatchedTransport.running -= 1
            raise
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _WatchedStream(response.stream)
        return response


class _WatchedStream(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._stream:
            yield piece

    async def aclose(self) -> None:
        try:
            await self._stream.aclose()
        finally:
            WatchedTransport.running -= 1


class WatchedDatabase(Database):
    """Counts what is under way, so that time does not pass meanwhile."""

    running = 0
    seen = 0

    async def write(self, work: Callable[[Transaction], T], *, ahead: bool = False) -> T:
        with self._counted():
            return await super().write(work, ahead=ahead)

    async def execute(self, sql: str, values: Mapping[str, Any] | None = None) -> int:
        with self._counted():
            return await super().execute(sql, values)

    async def change(
        self, sql: str, values: Mapping[str, Any] | None = None, *, ahead: bool = False
    ) -> list[sqlite3.Row]:
        with self._counted():
            return await super().change(sql, values, ahead=ahead)

    async def fetch_all(self, sql: str, values: Mapping[str, Any] | None = None) -> list[sqlite3.Row]:
        with self._counted():
            return await super().fetch_all(sql, values)

    async def set_writable(self, writable: bool) -> None:
        """Have SQLite itself refuse to write, as on a disk that went read-only."""
        await self._writer.execute(f"PRAGMA query_only = {'OFF' if writable else 'ON'}")

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1
            self.seen += 1


@dataclass
class Options:
    """What differs from one test's process to another's."""

    at_once: int = 8
    at_once_per_person: int = 2
    settle_seconds: float = SETTLE_SECONDS
    stall_seconds: float = 5
    local_dir: Path | None = None
    delete_local_files: bool = True
    min_free_bytes: int = 0
    free_bytes: int | None = None
    """What the disk of a local server says it has; None: the truth."""
    local_patience: float = 30
    verify: Verify = Verify.ALWAYS
    pacing: Pacing = field(default_factory=lambda: Pacing(key_interval=0.05, address_interval=0.02))


class Process:
    """Our side: everything that a restart makes anew."""

    def __init__(self, world: "World") -> None:
        self._stack = contextlib.AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []
        self._world = world

    async def __aenter__(self) -> Self:
        world, clock, options = self._world, self._world.clock, self._world.options
        enter = self._stack.enter_async_context
        self.wakeups = Wakeups()
        self.service = await enter(
            OneFichier(
                await enter(_http()),
                await enter(_http(keep=0)),
                api_url=f"{world.service_url}/v1",
                pacing=options.pacing,
                clock=clock,
                limits=LimitRows(world.database),
            )
        )
        self.bot = Bot(
            TOKEN,
            base_url=f"{world.telegram_url}/bot",
            request=HTTPXRequest(httpx_kwargs={"transport": WatchedTransport()}),
            get_updates_request=HTTPXRequest(httpx_kwargs={"transport": WatchedTransport()}),
        )
        await self.bot.initialize()
        self._stack.push_async_callback(self.bot.shutdown)
        self.accounts = Accounts(
            self.service, world.people, world.account_rows, world.database, self.wakeups, clock
        )
        self.telegram_files = TelegramFiles(
            self.bot,
            await enter(_http()),
            api_url=world.telegram_url,
            files_dir=options.local_dir,
            delete_local_files=options.delete_local_files,
            min_free_bytes=options.min_free_bytes,
            free_bytes=None if options.free_bytes is None else lambda _: options.free_bytes or 0,
            stall_seconds=options.stall_seconds,
            local_patience=options.local_patience,
        )
        self.checksums = self._stack.enter_context(Checksums(options.verify, clock))
        self.pauses = Pauses(world.outbox, self.wakeups, clock)
        self.settler = Settler(
            self.service,
            world.transfers,
            world.listings,
            self.accounts,
            clock,
            settle_for=timedelta(seconds=options.settle_seconds),
            pauses=self.pauses,
        )
        self.files = Files(
            accounts=self.accounts,
            people=world.people,
            listings=world.listings,
            transfers=world.transfers,
            outbox=world.outbox,
            wakeups=self.wakeups,
            clock=clock,
            list_seconds=30,
            account_seconds=300,
        )
        self.known_files = KnownFiles(
            DuplicateStore(world.database), world.listings, self.accounts, self.files, self.wakeups, clock
        )
        self.folders = Folders(self.accounts, world.people, world.listings)
        self.uploads = Uploads(
            transfers=world.transfers,
            people=world.people,
            relay=Relay(
                transfers=world.transfers,
                accounts=self.accounts,
                files=self.telegram_files,
                local_files=LocalFileStore(world.database),
                channel_folders=ChannelFolders(
                    self.folders, world.listings, world.transfers, self.wakeups, clock
                ),
                checksums=self.checksums,
                wakeups=self.wakeups,
                clock=clock,
            ),
            known_files=self.known_files,
            settler=self.settler,
            pauses=self.pauses,
            wakeups=self.wakeups,
            clock=clock,
            at_once=options.at_once,
            at_once_per_person=options.at_once_per_person,
        )
        self.accounts.on_log_out(self.uploads.stop_work_of)
        self.remotes = Remotes(
            remotes=world.remotes,
            accounts=self.accounts,
            watch=RemoteWatch(world.remotes, world.listings, self.accounts, self.wakeups, clock),
            pauses=self.pauses,
            wakeups=self.wakeups,
            clock=clock,
            poll_seconds=POLL_SECONDS,
            address_interval=options.pacing.address_interval,
        )
        self.file_changes = FileChanges(self.files, self.accounts, world.listings, clock)
        self.search = Search(world.index, world.listings, self.wakeups, clock)
        self.reader = IndexReader(
            accounts=self.accounts, people=world.people, index=world.index, wakeups=self.wakeups, clock=clock
        )
        self.jobs = Jobs(
            jobs=world.job_rows,
            people=world.people,
            deletion=FolderDeletion(
                world.job_rows, world.people, world.listings, self.accounts, self.wakeups, clock
            ),
            moving=FileMoving(world.job_rows, world.listings, self.accounts, clock),
            wakeups=self.wakeups,
            clock=clock,
        )
        self.accounts.on_log_out(self.jobs.stop_work_of)
        self.housekeeping = Housekeeping(
            service=self.service,
            accounts=self.accounts,
            settler=self.settler,
            batches=world.batches,
            outbox=world.outbox,
            questions=world.questions,
            listings=world.listings,
            jobs=world.job_rows,
            deliveries=DeliveryStore(world.database),
            past=HistoryStore(world.database),
            search=Search(FileIndex(world.database), world.listings, self.wakeups, clock),
            limits=LimitRows(world.database),
            clock=clock,
            history=timedelta(days=90),
        )
        return self

    def run(self, *loops: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._tasks += [asyncio.create_task(loop()) for loop in loops]

    async def __aexit__(self, *_exception: object) -> None:
        for task in self._tasks:
            task.cancel()
        done = await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._stack.aclose()
        assert all(isinstance(each, asyncio.CancelledError) for each in done), done


class HandDriven:
    """Time that passes only while everybody waits for it: what travels arrives before the next second begins."""

    clock: FakeClock
    telegram_app: Busy
    fichier_app: Busy
    fichier: EmulatedService
    database: WatchedDatabase

    async def until(self, condition: Condition, *, most_seconds: float = 7200.0) -> None:
        """Let everybody work and time pass from one sleeper's waking to the next, until it is so.

        Raises:
            AssertionError: not within `most_seconds` of the clock or `PATIENCE_SECONDS` of real time.
        """
        loop = asyncio.get_running_loop()
        give_up_at, latest = loop.time() + PATIENCE_SECONDS, self.clock.elapsed + most_seconds
        while not await _holds(condition):
            assert loop.time() < give_up_at, (
                f"real time is over after {self.clock.elapsed:.0f} s of the clock"
            )
            assert self.clock.elapsed <= latest, f"not within {most_seconds:.0f} s"
            await self.quiet()
            if not await _holds(condition):
                await self.clock.advance(self.clock.next_wake or 0.0)

    async def result(self, work: Coroutine[Any, Any, T]) -> T:
        """What work comes to that waits for the clock, such as a call for its turn."""
        task = asyncio.create_task(work)
        await self.until(task.done)
        return await task

    async def quiet(self) -> None:
        """Let everybody get as far as they can without time passing."""
        rounds = 0
        await self.rest()
        while self._is_busy() and rounds < STALLED_ROUNDS:
            before = self._activity()
            await asyncio.sleep(QUIET_SECONDS)
            await self.rest()
            rounds = rounds + 1 if self._activity() == before else 0

    async def rest(self) -> None:
        """As `quiet`, without waiting for services that take their time over a request."""
        loop = running_loop()
        await loop.rest_of_threads()
        while self.database.running:
            await asyncio.sleep(QUIET_SECONDS)
            await loop.rest_of_threads()

    def _is_busy(self) -> bool:
        apps = self.telegram_app.running + self.fichier_app.running
        return bool(apps + WatchedTransport.running)

    async def passes(self, seconds: float) -> None:
        """Let time pass as a process that works all the while sees it."""
        end = self.clock.elapsed + seconds
        while self.clock.elapsed < end:
            await self.quiet()
            wake = self.clock.next_wake
            left = end - self.clock.elapsed
            await self.clock.advance(left if wake is None else min(wake, left))
        await self.quiet()

    def _activity(self) -> tuple[int, ...]:
        return (
            self.telegram_app.seen,
            self.fichier_app.seen,
            self.database.seen,
            self.clock.sleepers,
            sum(upload.bytes_received for upload in self.fichier.uploads.uploads.values()),
        )


class World(HandDriven):
    def __init__(
        self,
        clock: FakeClock,
        telegram: BotApi,
        fichier: EmulatedService,
        database: WatchedDatabase,
        options: Options,
    ) -> None:
        self.clock = clock
        self.telegram = telegram
        self.fichier = fichier
        self.database = database
        self.options = options
        self.telegram_app = Busy(telegram.app)
        self.fichier_app = Busy(fichier.app)
        self.telegram_url = ""
        self.service_url = ""
        vault = Vault([Fernet.generate_key().decode()])
        self.people = PeopleStore(database, vault)
        self.account_rows = AccountStore(database, vault)
        self.batches = BatchStore(database)
        self.transfers = TransferStore(database, vault)
        self.remotes = RemoteStore(database, vault)
        self.outbox = OutboxStore(database)
        self.questions = QuestionStore(database, vault)
        self.listings = ListingStore(database)
        self.index = FileIndex(database)
        self.job_rows = JobStore(database)
        self.account = fichier.add_account()
        self._messages = itertools.count(1)
        self._process: Process | None = None

    @property
    def process(self) -> Process:
        assert self._process is not None, "no process runs"
        return self._process

    @property
    def uploads(self) -> Uploads:
        return self.process.uploads

    @property
    def files(self) -> Files:
        return self.process.files

    async def open(self, stack: contextlib.AsyncExitStack) -> None:
        self.telegram_url = await stack.enter_async_context(serve(self.telegram_app))
        self.service_url = await stack.enter_async_context(serve(self.fichier_app))
        await self.start()
        stack.push_async_callback(self.stop)

    async def start(self) -> None:
        self._process = await Process(self).__aenter__()

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await process.__aexit__()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    def run_uploads(self) -> None:
        self.process.run(self.uploads.run)

    def run_remotes(self) -> None:
        self.process.run(self.process.remotes.run)

    async def log_in(self, person_id: int = ADA, account: EmulatedAccount | None = None) -> Account:
        """Give a person a key without asking 1fichier."""
        await self.people.meet(person_id, "en", self.clock.now())
        key = (account or self.account).key
        assert key is not None
        stored, _ = await self.people.store_key(person_id, key, self.clock.now())
        return stored

    async def current(self, account: Account) -> Account:
        found = await self.people.account(account.id)
        assert found is not None
        return found

    async def file(
        self,
        content: bytes | Content = b"content",
        name: str = "a.bin",
        *,
        person_id: int = ADA,
        announced: int | Honest | None = HONEST,
        unique: str | None = None,
    ) -> IncomingFile:
        """A file as a message to the bot carries it; `announced` is the size that the message claims.

        `unique`: what tells Telegram's files apart.
        """
        await self.people.meet(person_id, "en", self.clock.now())
        real = content_of(content)
        size = real.size if isinstance(announced, Honest) else announced
        stored = self.telegram.files.add(
            "document", real, name=name, announced_size=size, file_unique_id=unique
        )
        return IncomingFile(
            chat_id=person_id,
            message_id=next(self._messages),
            file_id=stored.file_id,
            file_unique_id=stored.file_unique_id,
            kind="document",
            given_name=name,
            name=name,
            size=size,
        )

    async def send(
        self,
        content: bytes | Content = b"content",
        name: str = "a.bin",
        *,
        person_id: int = ADA,
        announced: int | Honest | None = HONEST,
        unique: str | None = None,
        again: bool = False,
    ) -> Transfer:
        """A person sends a file, which shall be uploaded `again` whatever is there already; its row."""
        file = await self.file(content, name, person_id=person_id, announced=announced, unique=unique)
        accepted = await self.uploads.accept(person_id, file, sent_at=self.clock.now(), again=again)
        return accepted.transfer

    async def row(self, transfer: Transfer) -> Transfer:
        found = await self.transfers.find(transfer.id)
        assert found is not None
        return found

    async def state(self, transfer: Transfer) -> TransferState:
        return (await self.row(transfer)).state

    async def ended(self, *transfers: Transfer) -> list[Transfer]:
        """Let time pass until all have ended; their rows."""

        async def over() -> bool:
            return not any([(await self.row(each)).active for each in transfers])

        await self.until(over)
        return [await self.row(each) for each in transfers]

    async def reaches(self, transfer: Transfer, *states: TransferState) -> Transfer:
        async def there() -> bool:
            return await self.state(transfer) in states

        await self.until(there)
        return await self.row(transfer)

    async def request(
        self, account: Account, *urls: str, message_id: int | None = None
    ) -> list[RemoteUpload]:
        """A person sends URLs; one row each."""
        wanted = [WantedUrl(url, url.partition("//")[2]) for url in urls]
        number = next(self._messages) if message_id is None else message_id
        batch, _ = await self.process.remotes.accept(account, account.person_id, number, wanted)
        return await self.remotes.of_batch(batch.id)

    async def remote(self, remote: RemoteUpload) -> RemoteUpload:
        found = await self.remotes.find(remote.id)
        assert found is not None
        return found

    async def fetched(self, *remotes: RemoteUpload) -> list[RemoteUpload]:
        """Let time pass until all have ended; their rows."""

        async def over() -> bool:
            return not any([(await self.remote(each)).active for each in remotes])

        await self.until(over)
        return [await self.remote(each) for each in remotes]

    def calls(self, endpoint: str) -> list[Call]:
        return [call for call in self.fichier.calls if call.endpoint == endpoint]

    async def facts(self, kind: FactKind) -> list[Fact]:
        """All that anybody is or was to be told of a kind."""
        rows = await self.database.fetch_all(
            "SELECT * FROM outbox WHERE kind = :kind ORDER BY id", {"kind": kind.value}
        )
        return [
            Fact(row["id"], row["person_id"], row["chat_id"], kind, row["subject"], bool(row["plain"]))
            for row in rows
        ]

    async def closed(self) -> None:
        """Wait, in real time, until neither service serves anything any more; time does not pass."""
        give_up_at = asyncio.get_running_loop().time() + CLOSED_WITHIN_SECONDS
        while self.telegram_app.running or self.fichier_app.running:  # the services ring no bell
            assert asyncio.get_running_loop().time() < give_up_at, "a connection is still open"
            await asyncio.sleep(QUIET_SECONDS)


def _http(*, keep: int = 8) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=keep)
    return httpx.AsyncClient(transport=WatchedTransport(limits=limits), trust_env=False)


async def _holds(condition: Condition) -> bool:
    value = condition()
    return await value if inspect.isawaitable(value) else value
