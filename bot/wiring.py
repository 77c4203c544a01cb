"""What is built from what: stores, transfers and the conversation, from settings and open resources."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import httpx

from bot.alerts import Watch
from bot.settings import Settings
from bot.store import LocalState
from handlers import (
    BotApplication,
    Chats,
    DeliveryBoard,
    JobBoard,
    Postman,
    Services,
    StatusBoard,
    TelegramPace,
)
from onefichier import Clock, OneFichier, Pacing, Patience
from storage import (
    AccessStore,
    AccountStore,
    AlertStore,
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
    ProcessStore,
    QuestionStore,
    RemoteStore,
    RetryStore,
    TakenInStore,
    TotalsStore,
    TransferStore,
    WarningStore,
)
from transfers import (
    Accounts,
    AccountWatch,
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
    Housekeeping,
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
    Traffic,
    Uploads,
    Wakeups,
)


@dataclass(frozen=True)
class Part:
    """Something that works in the background until it is cancelled."""

    name: str
    run: Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Parts:
    services: Services
    watch: Watch
    background: tuple[Part, ...]


def pacing(settings: Settings) -> Pacing:
    return Pacing(
        key_interval=settings.onefichier_min_interval_seconds,
        address_interval=settings.onefichier_address_interval_seconds,
        list_seconds=settings.onefichier_list_seconds,
        account_seconds=settings.onefichier_account_seconds,
        account_address_seconds=settings.onefichier_account_address_seconds,
        flood_pause_seconds=settings.flood_pause_seconds,
        lock_pause_seconds=settings.lock_pause_seconds,
    )


def patience(settings: Settings) -> Patience:
    return Patience(stall=settings.stall_seconds)


def wire(
    settings: Settings,
    state: LocalState,
    service: OneFichier,
    application: BotApplication,
    pace: TelegramPace,
    telegram_http: httpx.AsyncClient,
    checksums: Checksums,
    clock: Clock,
    *,
    traffic: Traffic | None = None,
    silence: Callable[[], float] | None = None,
) -> Parts:
    database, vault = state.database, state.vault
    people = PeopleStore(database, vault)
    questions = QuestionStore(database, vault)
    batches = BatchStore(database)
    transfer_rows = TransferStore(database, vault)
    remote_rows = RemoteStore(database, vault)
    outbox = OutboxStore(database)
    listings = ListingStore(database)
    index = FileIndex(database)
    job_rows = JobStore(database)
    warnings = WarningStore(database)
    delivery_rows = DeliveryStore(database)

    access = AccessStore(database, vault)
    wakeups = Wakeups()
    account_rows = AccountStore(database, vault)
    maintenance = Maintenance(ProcessStore(database), wakeups, clock)
    allowance = Allowance(
        TakenInStore(database), clock, settings.max_bytes_per_user_day, settings.max_remotes_per_user_day
    )
    gate = Gate(allowance, maintenance)
    accounts = Accounts(service, people, account_rows, database, wakeups, clock)
    telegram_files = TelegramFiles(
        application.bot,
        telegram_http,
        api_url=settings.telegram_api_url,
        files_dir=settings.telegram_files_dir,
        delete_local_files=settings.telegram_files_delete,
        min_free_bytes=settings.telegram_files_min_free_bytes,
        stall_seconds=settings.stall_seconds,
    )
    pauses = Pauses(outbox, wakeups, clock)
    settler = Settler(
        service,
        transfer_rows,
        listings,
        accounts,
        clock,
        settle_for=timedelta(seconds=settings.settle_seconds),
        pauses=pauses,
    )
    files = Files(
        accounts=accounts,
        people=people,
        listings=listings,
        transfers=transfer_rows,
        outbox=outbox,
        wakeups=wakeups,
        clock=clock,
        list_seconds=settings.onefichier_list_seconds,
        account_seconds=settings.onefichier_account_seconds,
    )
    folders = Folders(accounts, people, listings)
    known_files = KnownFiles(DuplicateStore(database), listings, accounts, files, wakeups, clock)
    uploads = Uploads(
        transfers=transfer_rows,
        people=people,
        relay=Relay(
            transfers=transfer_rows,
            accounts=accounts,
            files=telegram_files,
            local_files=LocalFileStore(database),
            channel_folders=ChannelFolders(folders, listings, transfer_rows, wakeups, clock),
            checksums=checksums,
            wakeups=wakeups,
            clock=clock,
        ),
        known_files=known_files,
        settler=settler,
        pauses=pauses,
        wakeups=wakeups,
        clock=clock,
        at_once=settings.max_transfers,
        at_once_per_person=settings.max_transfers_per_user,
        traffic=traffic,
        gate=gate,
    )
    deliveries = Deliveries(
        deliveries=delivery_rows,
        people=people,
        accounts=accounts,
        documents=TelegramDocuments(
            application.bot,
            telegram_http,
            api_url=settings.telegram_api_url,
            is_local=telegram_files.is_local,
            stall_seconds=settings.stall_seconds,
        ),
        pauses=pauses,
        wakeups=wakeups,
        clock=clock,
        gate=gate,
    )
    accounts.on_log_out(uploads.stop_work_of)
    accounts.on_log_out(deliveries.stop_work_of)
    remotes = Remotes(
        remotes=remote_rows,
        accounts=accounts,
        watch=RemoteWatch(remote_rows, listings, accounts, wakeups, clock),
        pauses=pauses,
        wakeups=wakeups,
        clock=clock,
        poll_seconds=settings.remote_poll_seconds,
        address_interval=settings.onefichier_address_interval_seconds,
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
    accounts.on_log_out(jobs.stop_work_of)
    reader = IndexReader(accounts=accounts, people=people, index=index, wakeups=wakeups, clock=clock)
    search = Search(index, listings, wakeups, clock)
    housekeeping = Housekeeping(
        service=service,
        accounts=accounts,
        settler=settler,
        batches=batches,
        outbox=outbox,
        questions=questions,
        listings=listings,
        jobs=job_rows,
        deliveries=delivery_rows,
        past=HistoryStore(database),
        search=search,
        limits=LimitRows(database),
        clock=clock,
        history=timedelta(days=settings.history_days),
    )
    services = Services(
        clock=clock,
        people=people,
        account_rows=account_rows,
        questions=questions,
        batches=batches,
        transfers=transfer_rows,
        remotes_store=remote_rows,
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
        search=search,
        jobs=jobs,
        wakeups=wakeups,
        chats=Chats(application.bot, people, outbox, clock, pace),
        access=access,
        alerts=AlertStore(database),
        warnings=warnings,
        totals=TotalsStore(database),
        allowance=allowance,
        barring=Barring(access, transfer_rows, remote_rows, uploads, remotes, deliveries, clock),
        maintenance=maintenance,
        open_to_all=settings.is_open,
        allowed_users=settings.allowed_users,
        admins=settings.admins,
        progress_seconds=settings.progress_seconds,
    )
    board, job_board = StatusBoard(services), JobBoard(services)
    delivery_board = DeliveryBoard(services)
    watch = Watch(settings, services, service, clock, silence)
    # Ended in reverse: what tells people outlives what there is to tell.
    return Parts(
        services,
        watch,
        (
            Part("alerts", watch.run),
            Part("results", Postman(services, board, job_board, delivery_board).run),
            Part("status messages", board.run),
            Part("messages of jobs", job_board.run),
            Part("messages of files sent back", delivery_board.run),
            Part("uploads", uploads.run),
            Part("remote uploads", remotes.run),
            Part("files sent back", deliveries.run),
            Part("jobs", jobs.run),
            Part("lists of all files", reader.run),
            Part("warnings", AccountWatch(files, people, warnings, wakeups, clock).run),
            Part("housekeeping", housekeeping.run),
        ),
    )
