"""Long polling: Telegram's own queue is emptied into the inbox, and acknowledged only after it is on disk."""

import logging
import random
from datetime import timedelta

from telegram import Bot
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.errors import TokenRefused
from bot.intake import ALLOWED_UPDATES, Intake, update_id_of
from onefichier import Clock
from storage import StorageError

log = logging.getLogger(__name__)

# Telegram waits for 50 seconds at most; some proxies and routers forget a connection that is silent for a minute.
POLL_SECONDS = 30
# Beyond the wait itself, for an answer on a slow line.
POLL_MARGIN_SECONDS = 15
# Telegram's maximum.
BATCH = 100
# Long enough to spare a service in trouble, short enough that people hardly notice its return.
MIN_PAUSE_SECONDS = 1.0
MAX_PAUSE_SECONDS = 30.0
MAX_REASON_LENGTH = 120

# python-telegram-bot parses what its own getUpdates returns, and one odd update would spoil a batch. Its raw
# call warns when it is given a name it knows; this one becomes `getUpdates` on the wire.
_GET_UPDATES = "get_Updates"


class Poller:
    """Asks for updates until it is cancelled."""

    def __init__(self, bot: Bot, intake: Intake, clock: Clock) -> None:
        self._bot = bot
        self._intake = intake
        self._clock = clock
        self._jitter = random.SystemRandom()
        self._pause = 0.0
        self._webhook_deleted = False
        # 0: from the first update that was not acknowledged.
        self._offset = 0
        self._last_answer = self._last_good_poll = clock.monotonic()

    def silence(self) -> float:
        """Seconds since Telegram last answered; before its first answer, since the start."""
        return self._clock.monotonic() - self._last_answer

    def since_good_poll(self) -> float:
        """Seconds since what Telegram answered was also written down."""
        return self._clock.monotonic() - self._last_good_poll

    async def run(self) -> None:
        """Poll for ever.

        Raises:
            TokenRefused: Telegram does not know the token any more.
        """
        while True:
            if (pause := await self._turn()) > 0:
                await self._clock.sleep(pause)

    async def _turn(self) -> float:
        """Ask once and return the seconds to wait before the next time."""
        try:
            if not self._webhook_deleted:
                await self._bot.delete_webhook()
                self._webhook_deleted = True
            deliveries = await self._ask()
            self._last_answer = self._clock.monotonic()
            acknowledged = await self._take(deliveries)
            self._last_good_poll = self._last_answer
        except (TelegramError, StorageError, KeyError, TypeError) as error:
            return self._after(error)
        if not acknowledged:
            # Nothing in it bears an id, so it would come again at once.
            return self._longer_pause()
        self._pause = 0.0
        return 0.0

    def _after(self, error: Exception) -> float:
        if _token_refused(error):
            raise TokenRefused from error
        if isinstance(error, RetryAfter):
            return _seconds(error.retry_after)
        if isinstance(error, StorageError):
            log.error("Updates are not acknowledged, because they cannot be written down: %s", error)
        elif isinstance(error, Conflict):
            self._on_conflict(error)
        elif isinstance(error, NetworkError):
            # A proxy's whole error page may stand in the text.
            log.warning("Telegram cannot be reached (%s); trying again", str(error)[:MAX_REASON_LENGTH])
        else:
            # A server in trouble, or a proxy that answers in its place.
            log.warning("Telegram gave no usable answer (%s); trying again", type(error).__name__)
        return self._longer_pause()

    async def _ask(self) -> list[object]:
        deliveries = await self._bot.do_api_request(
            _GET_UPDATES,
            {
                "offset": self._offset,
                "limit": BATCH,
                "timeout": POLL_SECONDS,
                "allowed_updates": list(ALLOWED_UPDATES),
            },
            read_timeout=POLL_SECONDS + POLL_MARGIN_SECONDS,
        )
        if not isinstance(deliveries, list):
            raise TypeError("getUpdates answers with a list")
        return deliveries

    async def _take(self, deliveries: list[object]) -> bool:
        """Write a batch down and acknowledge it with the next call; False when nothing in it bears an id."""
        if not deliveries:
            # All is acknowledged. Ids chosen anew after an idle week may be lower than this offset, which
            # would acknowledge them unseen.
            self._offset = 0
            return True
        await self._intake.accept(deliveries)
        ids = [update_id for delivery in deliveries if (update_id := update_id_of(delivery)) is not None]
        if ids:
            self._offset = max(ids) + 1
        return bool(ids)

    def _on_conflict(self, error: Conflict) -> None:
        if "webhook" in str(error).lower():
            log.warning("A webhook was set for this bot by someone else; it is deleted, as this bot polls")
            self._webhook_deleted = False
        else:
            log.error("Another process polls with the same BOT_TOKEN. Only one may: stop the other one")

    def _longer_pause(self) -> float:
        self._pause = min(max(self._pause * 2, MIN_PAUSE_SECONDS), MAX_PAUSE_SECONDS)
        # Up to a quarter less or more, so that bots that lost Telegram together do not return together.
        return self._pause * self._jitter.uniform(0.75, 1.25)


def _token_refused(error: Exception) -> bool:
    # After getMe python-telegram-bot turns 401 and 404 into the same error; the cause keeps Telegram's words.
    cause = error if isinstance(error, InvalidToken) else error.__cause__
    return isinstance(cause, InvalidToken) and "unauthorized" in str(cause).lower()


def _seconds(duration: float | timedelta) -> float:
    return duration.total_seconds() if isinstance(duration, timedelta) else float(duration)
