"""The whole of a kill test: both services, ten people, the bot, and what each kill left behind."""

import contextlib
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from emulators.botapi import BotApi, SeenMessage
from emulators.onefichier import OneFichier
from emulators.process import bot_settings
from emulators.serving import serve
from emulators.tour import TOKEN
from tests.reliability.crowd import Crowd
from tests.reliability.lives import START_SECONDS, Lives, Records, lives, until
from tests.reliability.traffic import Traffic

# What is under way or waits at the beginning of each life: more than run beside each other.
UNDER_WAY: Final = 12
LOG_LINES: Final = 40
# The longest wait for a moment; several times what a busy machine needs.
MOMENT_SECONDS: Final = 60.0

# The service and the bot keep to the same figures: the official ones and the bot's defaults, in quick motion. Where the
# page allows 3 calls a second the bot makes 2, and so on.
CALLS_PER_SECOND: Final = 12
CALL_SECONDS: Final = 0.125
KEY_CALL_SECONDS: Final = 0.375
LIST_SECONDS: Final = 2.0
ACCOUNT_SECONDS: Final = 10.0
ACCOUNT_ADDRESS_SECONDS: Final = 2.0
FLOOD_SECONDS: Final = 6.0

SETTLE_SECONDS: Final = 4.0
# A listing shows a file later than its report does, and earlier than the bot stops looking for it.
LISTING_LAG_SECONDS: Final = 1.5
# Slow enough for a kill to find files half sent.
SOURCE_BYTES_PER_SECOND: Final = 2_000_000
REMOTE_SECONDS: Final = 0.5
REMOTE_POLL_SECONDS: Final = 2.0
# Longer than a restart, and shorter than the round after which the bot takes a task for not made.
REMOTE_LIST_LAG_SECONDS: Final = 1.6
LOGIN_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Kill:
    moment: str
    at: float


@dataclass(eq=False)
class Scene:
    """A kill test under way.

    Attributes:
        chance: decides what people do and when the bot dies.
        unrecorded: messages that Telegram had taken and the bot died before writing it down: of them a result may be told
            again, and a status message be left standing.
        forgotten: whole files that the node was made to forget before it had stored them.
        known_floods: from when to when the bot was to know that it is locked out.
    """

    api: BotApi
    onefichier: OneFichier
    traffic: Traffic
    crowd: Crowd
    lives: Lives
    records: Records
    data: Path
    chance: random.Random
    kills: list[Kill] = field(default_factory=list)
    unrecorded: set[SeenMessage] = field(default_factory=set)
    forgotten: int = 0
    known_floods: list[tuple[float, float]] = field(default_factory=list)

    async def start(self) -> None:
        """The very first starts, killed while they make what they need; then everybody hands over their key."""
        for made in ("secret.keys", "bot.db"):
            await self.lives.begin()
            await until((self.data / made).exists, START_SECONDS)
            await self.lives.kill()
            self.kills.append(Kill(f"{made} made", time.time()))
        await self.lives.begin()
        for _ in self.crowd.members:
            self.crowd.log_in()
        for member in self.crowd.members:
            await member.person.chat.wait_for("Your key works", timeout=LOGIN_SECONDS)
            # Twins are sent on purpose: nobody is asked about the second one.
            await member.set_up("Files you have", "always upload", timeout=LOGIN_SECONDS)
        await self.kill("everybody logged in")

    async def begin(self) -> None:
        """Another life, with enough to do."""
        self.crowd.send_until(UNDER_WAY)
        await self.lives.begin()

    async def kill(self, moment: str) -> None:
        await self.lives.kill()
        self.kills.append(Kill(moment, time.time()))
        self._note_unrecorded()
        self._check_that_the_unsent_is_not_whole()

    def log_tail(self) -> list[str]:
        """The end of the bot's log, for whoever has to find out what was the matter."""
        return self.lives.log()[-LOG_LINES:]

    def _note_unrecorded(self) -> None:
        batches = self.records.rows("SELECT chat_id, reply_to, told_at, status_message_id FROM batch")
        statuses = {(batch["chat_id"], batch["status_message_id"]) for batch in batches}
        untold = {(batch["chat_id"], batch["reply_to"]) for batch in batches if batch["told_at"] is None}
        for member in self.crowd.members:
            chat_id = member.person.chat.id
            self.unrecorded |= {each for each in member.statuses if (chat_id, each.id) not in statuses}
            self.unrecorded |= {
                each
                for each in member.results
                if each.reply_to is not None and (chat_id, each.reply_to.id) in untold
            }

    def _check_that_the_unsent_is_not_whole(self) -> None:
        """What the records call unsent is sent again without asking."""
        unsent = self.records.rows(
            "SELECT name, node_upload_id FROM transfer WHERE state IN ('queued', 'fetching', 'sending')"
        )
        for row in unsent:
            upload = self.onefichier.uploads.uploads.get(row["node_upload_id"])
            if upload is not None and upload.received is not None:
                raise AssertionError(f"1fichier has all of {row['name']}, which the bot calls unsent")


@contextlib.asynccontextmanager
async def scene(directory: Path, seed: int) -> AsyncIterator[Scene]:
    chance = random.Random(seed)
    traffic = Traffic()
    api = BotApi(token=TOKEN)
    async with contextlib.AsyncExitStack() as stack:
        onefichier = await stack.enter_async_context(OneFichier(seed=seed))
        telegram_url = await stack.enter_async_context(serve(traffic.before(api.app)))
        onefichier_url = await stack.enter_async_context(serve(traffic.before(onefichier.app)))
        _set_up(onefichier)
        api.faults.add_download(bytes_per_second=SOURCE_BYTES_PER_SECOND, times=None)
        data = directory / "data"
        settings = bot_settings(
            token=TOKEN, data=data, telegram_url=telegram_url, onefichier_url=onefichier_url
        )
        led = await stack.enter_async_context(lives(settings | _figures(), directory))
        yield Scene(
            api,
            onefichier,
            traffic,
            Crowd(api, onefichier, chance),
            led,
            Records(data / "bot.db"),
            data,
            chance,
        )


def _set_up(onefichier: OneFichier) -> None:
    limits = onefichier.limits
    limits.calls_per_second = CALLS_PER_SECOND
    limits.list_folder_seconds = LIST_SECONDS
    limits.account_info_user_seconds = ACCOUNT_SECONDS
    limits.account_info_address_seconds = ACCOUNT_ADDRESS_SECONDS
    limits.flood_lock_seconds = FLOOD_SECONDS
    onefichier.listing_lag = LISTING_LAG_SECONDS
    onefichier.uploads.please_wait_times = 1
    onefichier.remotes.seconds = REMOTE_SECONDS
    onefichier.remotes.list_lag = REMOTE_LIST_LAG_SECONDS


def _figures() -> dict[str, str]:
    return {
        "BOT_LOG_LEVEL": "INFO",
        "BOT_ONEFICHIER_ADDRESS_INTERVAL_SECONDS": str(CALL_SECONDS),
        "BOT_ONEFICHIER_MIN_INTERVAL_SECONDS": str(KEY_CALL_SECONDS),
        "BOT_ONEFICHIER_LIST_SECONDS": str(LIST_SECONDS),
        "BOT_ONEFICHIER_ACCOUNT_SECONDS": str(ACCOUNT_SECONDS),
        "BOT_ONEFICHIER_ACCOUNT_ADDRESS_SECONDS": str(ACCOUNT_ADDRESS_SECONDS),
        "BOT_FLOOD_PAUSE_SECONDS": str(FLOOD_SECONDS),
        "BOT_SETTLE_SECONDS": str(SETTLE_SECONDS),
        "BOT_REMOTE_POLL_SECONDS": str(REMOTE_POLL_SECONDS),
    }
