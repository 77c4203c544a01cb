"""What the bot is built from in the tests' world, as `bot.wiring` does it in earnest."""

from collections.abc import Iterable
from datetime import timedelta

import httpx
from cryptography.fernet import Fernet
from telegram.ext import Application
from telegram.request import HTTPXRequest

from handlers import CONTEXT_TYPES, BotApplication, Chats, Services, TelegramPace
from onefichier import OneFichier
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
from tests.clock import FakeClock
from tests.transfers.hand_driven import WatchedTransport
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

TOKEN = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def build_application(telegram_url: str, pace: TelegramPace) -> BotApplication:
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


def wire(
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
