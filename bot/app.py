"""The running bot: everything opened in order, and closed in reverse."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlsplit

import httpx
from telegram import Update
from telegram.error import BadRequest, TelegramError

from bot.connection import build_application, initialized
from bot.dispatch import Dispatcher, UnreadableUpdate
from bot.errors import BotError, StartError
from bot.intake import ALLOWED_UPDATES, Intake, RawUpdate
from bot.metrics import Metrics
from bot.polling import Poller
from bot.settings import Settings
from bot.store import LocalState, open_local_state
from bot.web import Health, Webhook, serve_web, web_app
from bot.wiring import Part, pacing, patience, wire
from handlers import (
    OVERTAKING_PREFIXES,
    BotApplication,
    TelegramPace,
    apologise,
    process,
    publish_commands,
    register,
)
from onefichier import Clock, OneFichier, SystemClock, api_http, node_http, whirlpool_is_available
from storage import REPETITION_WINDOW, InboxStore, LimitRows
from transfers import Checksums, Verify

log = logging.getLogger(__name__)

# A part that broke off starts again after this: most likely a disk is full, or Telegram's answer was odd.
RESTART_PAUSE_SECONDS = 5.0
PRUNE_INBOX_SECONDS = 3600.0
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
    metrics = Metrics()
    async with contextlib.AsyncExitStack() as stack:
        state = await stack.enter_async_context(open_local_state(settings))
        pace = TelegramPace(clock)
        application = build_application(settings, pace)
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
        await stack.enter_async_context(_web(settings, inbox, intake, metrics, poller))
        await stack.enter_async_context(initialized(application, settings, clock))
        background = await stack.enter_async_context(_conversation(settings, state, application, pace, clock))
        background += (Part("pruning of the inbox", _pruning(inbox, clock)), Part("updates", dispatcher.run))
        if poller is not None:
            background += (Part("long polling", poller.run),)
        async with _in_background(background, clock) as broken:
            if webhook is not None:
                await _set_webhook(application, *webhook, clock)
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
    clock: Clock,
) -> AsyncIterator[tuple[Part, ...]]:
    """The 1fichier client, transfers and handlers, put together; yields what works in the background."""
    async with (
        api_http() as api,
        node_http() as nodes,
        _telegram_files_http() as telegram_http,
        OneFichier(
            api,
            nodes,
            api_url=settings.onefichier_api_url,
            pacing=pacing(settings),
            clock=clock,
            limits=LimitRows(state.database),
            patience=patience(settings),
        ) as service,
    ):
        with Checksums(settings.verify, clock) as checksums:
            parts = wire(settings, state, service, application, pace, telegram_http, checksums, clock)
            register(application, parts.services)
            yield parts.background


@contextlib.asynccontextmanager
async def _web(
    settings: Settings, inbox: InboxStore, intake: Intake, metrics: Metrics, poller: Poller | None
) -> AsyncIterator[None]:
    if settings.listen is None:
        yield
        return
    address_and_secret = _webhook_of(settings)
    webhook = None
    if address_and_secret is not None:
        url, secret = address_and_secret
        webhook = Webhook(urlsplit(url).path, secret, intake)
    health = Health(inbox.depth, poller.silence if poller else None)
    async with serve_web(web_app(health, metrics, webhook), settings.listen) as address:
        log.info("Listening on %s:%d", *address)
        yield


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
        try:
            update = Update.de_json(dict(raw), application.bot)
        except Exception as error:
            # The library trusts Telegram's types: anything may be raised where they differ.
            raise UnreadableUpdate from error
        await process(application, update)

    return handle


def _apology(application: BotApplication) -> Callable[[RawUpdate, str], Awaitable[None]]:
    async def tell(raw: RawUpdate, reference: str) -> None:
        await apologise(application, dict(raw), reference)

    return tell


def _pruning(inbox: InboxStore, clock: Clock) -> Callable[[], Awaitable[None]]:
    async def prune() -> None:
        while True:
            await inbox.prune(clock.now() - REPETITION_WINDOW)
            await clock.sleep(PRUNE_INBOX_SECONDS)

    return prune


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


async def _publish_commands(application: BotApplication) -> None:
    try:
        await publish_commands(application.bot)
    except TelegramError as error:
        # The commands work without the menu, which is set again at the next start.
        log.warning("The command menu could not be set: %s", error)


def _telegram_files_http() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        follow_redirects=False, timeout=httpx.Timeout(None, connect=TELEGRAM_FILES_CONNECT_SECONDS)
    )
