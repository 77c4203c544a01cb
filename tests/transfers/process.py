"""A process of ours beside the emulated services, which a test may end and start again."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import httpx
from cryptography.fernet import Fernet
from telegram import Bot
from telegram.request import HTTPXRequest

from emulators.botapi import BotApi
from emulators.onefichier import OneFichier as EmulatedService
from onefichier import OneFichier, Pacing
from storage import (
    AccountStore,
    BatchStore,
    DeliveryStore,
    DuplicateStore,
    FileIndex,
    HistoryStore,
    JobStore,
    LimitRows,
    ListingStore,
    LocalFileStore,
    OutboxStore,
    PeopleStore,
    QuestionStore,
    RemoteStore,
    TransferStore,
    Vault,
)
from tests.clock import FakeClock
from tests.transfers.hand_driven import Busy, HandDriven, WatchedDatabase, WatchedTransport
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
SETTLE_SECONDS = 600.0
POLL_SECONDS = 45.0


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


class Surroundings(HandDriven):
    """What a process of ours has around it: services, a database with its stores, and time."""

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


class Process:
    """Our side: everything that a restart makes anew."""

    def __init__(self, world: Surroundings) -> None:
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


def _http(*, keep: int = 8) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=keep)
    return httpx.AsyncClient(transport=WatchedTransport(limits=limits), trust_env=False)
