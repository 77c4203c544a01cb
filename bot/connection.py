"""The connection to Telegram: python-telegram-bot without its Updater, with pools and time limits of our own."""

import contextlib
import json
import logging
import os
import ssl
from collections.abc import AsyncIterator
from typing import Any

from telegram.error import InvalidToken, NetworkError, TelegramError
from telegram.ext import Application
from telegram.request import HTTPXRequest

from bot.errors import REFUSED_BY_TELEGRAM, StartError
from bot.settings import TELEGRAM_API_URL, Settings
from handlers import CONTEXT_TYPES, BotApplication, TelegramPace
from onefichier import Clock, SystemClock

log = logging.getLogger(__name__)

# A chat's handler and its status edits run beside each other, for as many chats as are served at once.
CONNECTIONS = 128
# One long poll at a time, and a fresh connection when the last one broke.
POLL_CONNECTIONS = 2
CONNECT_SECONDS = 10.0
# Telegram answers in milliseconds; when it is in trouble, an answer after seconds beats none.
READ_SECONDS = 20.0
WRITE_SECONDS = 20.0
POOL_SECONDS = 20.0
# At start Telegram may be out of reach for as long as the machine's network is not up.
MIN_RETRY_SECONDS = 1.0
MAX_RETRY_SECONDS = 30.0


class TelegramRequest(HTTPXRequest):
    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Parse an answer. What this replaces logs the whole of one that is no JSON, messages of people included.

        Raises:
            TelegramError: it is no JSON object.
        """
        try:
            answer = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise TelegramError("Invalid server response")
        return answer


def build_application(
    settings: Settings, pace: TelegramPace | None = None, trust: ssl.SSLContext | None = None
) -> BotApplication:
    """An application that handles what it is given, and fetches nothing by itself.

    `pace`: what its calls wait for; without one, a pace of their own by the clock of the machine. `trust` as for `api_http`.
    """
    # The library warns of its own durations becoming timedelta until told that this is known.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    url = settings.telegram_api_url
    return (
        Application.builder()
        .context_types(CONTEXT_TYPES)
        .token(settings.token.get_secret_value())
        .base_url(f"{url}/bot")
        .base_file_url(f"{url}/file/bot")
        .request(_request(CONNECTIONS, trust))
        .get_updates_request(_request(POLL_CONNECTIONS, trust))
        .rate_limiter(pace or TelegramPace(SystemClock()))
        .updater(None)
        .job_queue(None)
        .build()
    )


@contextlib.asynccontextmanager
async def initialized(
    application: BotApplication, settings: Settings, clock: Clock, *, patient: bool = True
) -> AsyncIterator[None]:
    """Introduce the bot to Telegram (getMe) and close its connections at the end.

    `patient`: try again while Telegram cannot be reached, instead of raising.

    Raises:
        StartError: Telegram does not know the token, or (not `patient`) cannot be reached.
    """
    try:
        await _introduce(application, settings, clock, patient=patient)
        yield
    finally:
        # Closes the connections also when getMe failed, which the application's own shutdown does not.
        await application.shutdown()
        await application.bot.shutdown()


async def _introduce(application: BotApplication, settings: Settings, clock: Clock, *, patient: bool) -> None:
    pause = MIN_RETRY_SECONDS
    while True:
        try:
            await application.initialize()
        except InvalidToken as error:
            # Its text and its causes hold the token.
            raise _refusal(error, settings) from None
        except (TelegramError, KeyError) as error:
            reason = str(error) if isinstance(error, NetworkError) else "no answer of a Bot API"
            if not patient:
                raise StartError(
                    f"Telegram cannot be reached at {settings.telegram_api_url}: {reason}."
                ) from error
            log.warning("Telegram cannot be reached (%s); trying again in %.0f s", reason, pause)
            await clock.sleep(pause)
            pause = min(pause * 2, MAX_RETRY_SECONDS)
        else:
            log.info("Connected to Telegram as @%s", application.bot.username)
            return


def _refusal(error: InvalidToken, settings: Settings) -> StartError:
    known_address = settings.telegram_api_url == TELEGRAM_API_URL
    if known_address or "unauthorized" in str(error.__cause__).lower():
        return StartError(REFUSED_BY_TELEGRAM)
    return StartError(
        f"Nothing at BOT_TELEGRAM_API_URL ({settings.telegram_api_url}) knows this bot: "
        "there is no Bot API server, or BOT_TOKEN is wrong."
    )


def _request(connections: int, trust: ssl.SSLContext | None) -> TelegramRequest:
    return TelegramRequest(
        httpx_kwargs={"verify": trust} if trust else None,
        connection_pool_size=connections,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        write_timeout=WRITE_SECONDS,
        pool_timeout=POOL_SECONDS,
    )
