"""The running bot: everything opened in order, and closed in reverse."""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from telegram import Update
from telegram.error import BadRequest, TelegramError

from bot.alerts import Watch
from bot.claim import offer_claim
from bot.condition import Condition
from bot.connection import build_application, initialized
from bot.dispatch import Dispatcher, UnreadableUpdate
from bot.errors import BotError, StartError
from bot.intake import ALLOWED_UPDATES, Intake, RawUpdate
from bot.keys import KeyKeeper
from bot.lag import measure_lag
from bot.metrics import Metrics
from bot.polling import Poller
from bot.settings import Settings
from bot.store import LocalState, open_local_state
from bot.version import version
from bot.web import Webhook, serve_web, web_app
from bot.wiring import Part, Parts, pacing, patience, wire
from handlers import (
    OVERTAKING_PREFIXES,
    BotApplication,
    Services,
    TelegramPace,
    apologise,
    is_readable,
    process,
    publish_commands,
    register,
)
from onefichier import Clock, OneFichier, SystemClock, api_http, node_http, whirlpool_is_available
from storage import REPETITION_WINDOW, InboxStore, LimitRows, ProcessStore, TotalsStore, note_life
from transfers import Checksums, Traffic, Verify

log = logging.getLogger(__name__)

# A part that broke off starts again after this: most likely a disk is full, or Telegram's answer was odd.
RESTART_PAUSE_SECONDS = 5.0
PRUNE_SECONDS = 3600.0
# Far more often than `health` takes a bot for stuck.
SIGN_OF_LIFE_SECONDS = 10.0
# Of the ten seconds that the whole stop may take.
DELETE_WEBHOOK_SECONDS = 2.0
# Enough to see who connects, too little to hold a transfer up.
TELEGRAM_FILES_CONNECT_SECONDS = 15.0


async def serve(settings: Settings, stop: asyncio.Event, clock: Clock | None = None) -> None:
    """Run the bot until `stop` is set; then everything is closed, in reverse order.

    Raises:
        BotError: it cannot start, or cannot go on.
        StorageError: local state cannot be used.
    """
    running = asyncio.create_task(_run(settings, clock or SystemClock()))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        running.cancel()
        # Closing is not itself cancelled: it is bounded by its parts.
        await asyncio.wait({running})
    if not running.cancelled():
        running.result()


async def _run(settings: Settings, clock: Clock) -> None:
    _prove_that_checksums_can_be_had(settings)
    metrics, traffic = Metrics(version()), Traffic()
    async with contextlib.AsyncExitStack() as stack:
        state = await stack.enter_async_context(open_local_state(settings))
        pace = TelegramPace(clock)
        # One for all clients: reading the authorities takes a tenth of the start each time.
        trust = httpx.create_ssl_context()
        application = build_application(settings, pace, trust)
        inbox = InboxStore(state.database, state.vault)
        dispatcher = Dispatcher(
            inbox,
            handle=_handler(application),
            apologise=_apology(application),
            clock=clock,
            metrics=metrics,
        )
        intake = Intake(
            inbox,
            clock=clock,
            metrics=metrics,
            overtaking_prefixes=OVERTAKING_PREFIXES,
            arrived=dispatcher.wake,
        )
        webhook = _webhook_of(settings)
        poller = None if webhook else Poller(application.bot, intake, clock)
        # Before Telegram is reached, so that health is seen from the beginning.
        condition = Condition(
            TotalsStore(state.database),
            ProcessStore(state.database),
            clock,
            can_write=lambda: intake.can_write,
            since_good_poll=poller.since_good_poll if poller else None,
            sent=lambda: traffic.sent,
            database_path=settings.database_path,
            disks=_disks(settings),
            started=clock.monotonic(),
        )
        await stack.enter_async_context(_web(settings, condition, intake, metrics))
        signs = (
            Part("sign of life", _signs_of_life(settings.data_dir, clock)),
            Part("lag", lambda: measure_lag(metrics)),
        )
        await stack.enter_async_context(_in_background(signs, clock))
        await stack.enter_async_context(initialized(application, settings, clock))
        parts = await stack.enter_async_context(
            _conversation(
                settings,
                state,
                application,
                pace,
                metrics,
                traffic,
                trust,
                clock,
                silence=poller.silence if poller else None,
            )
        )
        services = parts.services
        await services.maintenance.load()
        await offer_claim(settings, services.access, application.bot.username, clock)
        await stack.enter_async_context(_life(ProcessStore(state.database), parts.watch, clock))
        background = (
            *parts.background,
            Part("secret keys", KeyKeeper(state, clock).run),
            Part("pruning", _pruning(inbox, services, settings, clock)),
            Part("updates", dispatcher.run),
        )
        if poller is not None:
            background += (Part("long polling", poller.run),)
        async with _in_background(background, clock) as broken:
            if webhook is not None:
                await _set_webhook(application, *webhook, clock)
                if settings.webhook_delete:
                    stack.push_async_callback(_delete_webhook, application)
            await _publish_commands(application)
            log.info("The bot is running (%s)", "webhook" if webhook else "long polling")
            await broken


def _prove_that_checksums_can_be_had(settings: Settings) -> None:
    if settings.verify is Verify.NEVER or whirlpool_is_available():
        return
    if settings.verify is Verify.ALWAYS:
        raise StartError(
            "BOT_VERIFY=always needs the checksum Whirlpool, which OpenSSL keeps in its legacy provider: install that"
            " (on Debian 13 openssl-provider-legacy), or set BOT_VERIFY=auto."
        )
    log.info("Uploads are not compared by checksum: this OpenSSL has no Whirlpool")


@contextlib.asynccontextmanager
async def _conversation(
    settings: Settings,
    state: LocalState,
    application: BotApplication,
    pace: TelegramPace,
    metrics: Metrics,
    traffic: Traffic,
    trust: ssl.SSLContext,
    clock: Clock,
    *,
    silence: Callable[[], float] | None,
) -> AsyncIterator[Parts]:
    """The 1fichier client, transfers and handlers, put together; yields what works in the background."""
    async with (
        api_http(trust) as api,
        node_http(trust) as nodes,
        _telegram_files_http(trust) as telegram_http,
        OneFichier(
            api,
            nodes,
            api_url=settings.onefichier_api_url,
            pacing=pacing(settings),
            clock=clock,
            limits=LimitRows(state.database),
            patience=patience(settings),
            observe=metrics.note_call,
        ) as service,
    ):
        with Checksums(settings.verify, clock) as checksums:
            parts = wire(
                settings,
                state,
                service,
                application,
                pace,
                telegram_http,
                checksums,
                clock,
                traffic=traffic,
                silence=silence,
            )
            register(application, parts.services)
            yield parts


@contextlib.asynccontextmanager
async def _web(
    settings: Settings, condition: Condition, intake: Intake, metrics: Metrics
) -> AsyncIterator[None]:
    if settings.listen is None:
        yield
        return
    address_and_secret = _webhook_of(settings)
    webhook = None
    if address_and_secret is not None:
        url, secret = address_and_secret
        webhook = Webhook(urlsplit(url).path, secret, intake)
    async with serve_web(web_app(condition, metrics, webhook), settings.listen) as address:
        log.info("Listening on %s:%d", *address)
        yield


def _disks(settings: Settings) -> tuple[tuple[str, Path], ...]:
    files = settings.telegram_files_dir
    return (("data", settings.data_dir), *((("telegram_files", files),) if files else ()))


def _webhook_of(settings: Settings) -> tuple[str, str] | None:
    """Its URL and secret, when updates come that way."""
    if settings.webhook_url is None or settings.webhook_secret is None:
        return None
    return settings.webhook_url, settings.webhook_secret.get_secret_value()


@contextlib.asynccontextmanager
async def _in_background(parts: tuple[Part, ...], clock: Clock) -> AsyncIterator[asyncio.Future[None]]:
    """Run the parts; the yielded future fails when one cannot go on. They end in reverse order."""
    broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def watch(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None and not broken.done():
            broken.set_exception(error)

    async with contextlib.AsyncExitStack() as stack:
        for part in parts:
            task = asyncio.create_task(_keep_running(part, clock), name=part.name)
            task.add_done_callback(watch)
            stack.push_async_callback(_end, task)
        try:
            yield broken
        finally:
            broken.cancel()


async def _keep_running(part: Part, clock: Clock) -> None:
    while True:
        try:
            await part.run()
        except BotError:
            raise
        except Exception:
            log.exception("A part of the bot (%s) broke off; it starts again", part.name)
        await clock.sleep(RESTART_PAUSE_SECONDS)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


def _handler(application: BotApplication) -> Callable[[RawUpdate], Awaitable[None]]:
    async def handle(raw: RawUpdate) -> None:
        # What was not asked for and comes all the same need not even be readable.
        wanted = {kind: raw[kind] for kind in ("update_id", *ALLOWED_UPDATES) if kind in raw}
        if not is_readable(wanted):
            raise UnreadableUpdate
        try:
            update = Update.de_json(wanted, application.bot)
        except Exception as error:
            # The library trusts Telegram's types: anything may be raised where they differ.
            raise UnreadableUpdate from error
        await process(application, update)

    return handle


def _apology(application: BotApplication) -> Callable[[RawUpdate, str], Awaitable[None]]:
    async def tell(raw: RawUpdate, reference: str) -> None:
        await apologise(application, dict(raw), reference)

    return tell


def _pruning(
    inbox: InboxStore, services: Services, settings: Settings, clock: Clock
) -> Callable[[], Awaitable[None]]:
    async def prune() -> None:
        while True:
            now = clock.now()
            await inbox.prune(now - REPETITION_WINDOW)
            await services.access.prune(now - REPETITION_WINDOW)
            await services.alerts.prune(now - timedelta(days=settings.history_days))
            await clock.sleep(PRUNE_SECONDS)

    return prune


@contextlib.asynccontextmanager
async def _life(process: ProcessStore, watch: Watch, clock: Clock) -> AsyncIterator[None]:
    """Note the start, tell of a crash before it, and note the end if this is no crash."""
    await watch.note_crash(process)
    try:
        yield
    except (asyncio.CancelledError, BotError):
        await process.end(clock.now())
        raise


def _signs_of_life(directory: Path, clock: Clock) -> Callable[[], Awaitable[None]]:
    async def live() -> None:
        while True:
            note_life(directory)
            await clock.sleep(SIGN_OF_LIFE_SECONDS)

    return live


async def _set_webhook(application: BotApplication, url: str, secret: str, clock: Clock) -> None:
    while True:
        try:
            await application.bot.set_webhook(url, allowed_updates=list(ALLOWED_UPDATES), secret_token=secret)
        except BadRequest as error:
            raise StartError(f"Telegram does not accept BOT_WEBHOOK_URL: {error}.") from error
        except TelegramError as error:
            log.warning("The webhook could not be set (%s); trying again", type(error).__name__)
            await clock.sleep(RESTART_PAUSE_SECONDS)
        else:
            return


async def _delete_webhook(application: BotApplication) -> None:
    """Tried once: the process is about to end, and Telegram keeps what comes in either case."""
    try:
        async with asyncio.timeout(DELETE_WEBHOOK_SECONDS):
            await application.bot.delete_webhook()
    except (TelegramError, TimeoutError) as error:
        log.warning("The webhook could not be deleted (%s)", type(error).__name__)


async def _publish_commands(application: BotApplication) -> None:
    try:
        await publish_commands(application.bot)
    except TelegramError as error:
        # The commands work without the menu, which is set again at the next start.
        log.warning("The command menu could not be set: %s", error)


def _telegram_files_http(trust: ssl.SSLContext) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        verify=trust,
        follow_redirects=False,
        timeout=httpx.Timeout(None, connect=TELEGRAM_FILES_CONNECT_SECONDS),
    )
