"""Updates from the inbox to their handlers: in order within a chat, chats beside each other."""

import asyncio
import json
import logging
import secrets
import traceback
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import NamedTuple

from telegram.error import BadRequest, NetworkError, RetryAfter

from bot.intake import INLINE_QUERY, RawUpdate, kind_of
from bot.logs import while_handling
from bot.metrics import Metrics
from handlers import SlowDown, Unsure
from onefichier import Clock
from storage import InboxEntry, InboxStore, StorageError

log = logging.getLogger(__name__)

# Chats served at once. A handler waits for Telegram's answer most of its time; beyond this the pool of
# connections to Telegram would be the next thing to wait for.
MAX_LANES = 64
# Updates of one chat in a row before others that wait for a free lane have their turn.
TURN = 20
MAX_FAILURES = 3
# A process that ended this often while the update was handled was most likely ended by it.
MAX_INTERRUPTIONS = 10
# From the next one on, an update waits before it is handled again, longer each time: if it is what ends the process, the bot lives
# meanwhile. Processes that end sooner than that, whatever ends them, are no interruptions.
UNSUSPICIOUS_INTERRUPTIONS = 2
MIN_CAUTION_SECONDS = 1.0
MAX_CAUTION_SECONDS = 60.0
# After the first and the second failure.
FAILURE_PAUSES_SECONDS = (1.0, 5.0)
# Telegram out of reach is not the update's fault; with these pauses this is about a quarter of an hour. A rest that Telegram
# asks for is no trouble: it is kept as often as it is asked for.
MAX_POSTPONEMENTS = 20
MIN_POSTPONEMENT_SECONDS = 1.0
MAX_POSTPONEMENT_SECONDS = 60.0
# Handlers queue what takes long and wait for no limit of 1fichier's; this ends one that hangs.
HANDLER_SECONDS = 300
# What is running when the process is asked to stop may end by itself, within the ten seconds of the whole stop.
GRACE_SECONDS = 3.0
# While the database cannot be used.
STORAGE_PAUSE_SECONDS = 5.0
# What is typed after the bot's name is answered while it is typed or not at all, such as after a restart.
INLINE_ANSWERED_WITHIN = timedelta(seconds=10)

# Read out to an operator: without characters that look alike.
_REFERENCE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_REFERENCE_LENGTH = 4


class UnreadableUpdate(Exception):
    """The update cannot be understood, now or later."""


class _Processed(NamedTuple):
    """`handled`: still to be recorded. `pause`: seconds until it should be tried again."""

    handled: bool
    pause: float | None = None


_DONE_WITH = _Processed(handled=False)


class Dispatcher:
    """Hands every update of the inbox to `handle`, as often as it takes, and sets aside what never works.

    `handle` raises `UnreadableUpdate` for an update that no second try will help; `apologise` tells the person the
    reference under which an update was set aside.
    """

    def __init__(
        self,
        inbox: InboxStore,
        *,
        handle: Callable[[RawUpdate], Awaitable[None]],
        apologise: Callable[[RawUpdate, str], Awaitable[None]],
        clock: Clock,
        metrics: Metrics,
        grace: float = GRACE_SECONDS,
    ) -> None:
        self._inbox = inbox
        self._handle = handle
        self._apologise = apologise
        self._clock = clock
        self._metrics = metrics
        self._grace = grace
        self._wake = asyncio.Event()
        self._busy: set[str] = set()
        # Those of the busy lanes that wait for a time to come.
        self._quiet: set[str] = set()
        self._overtaking: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._resting: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._postponements: dict[int, int] = {}
        self._waited_for: set[int] = set()

    def wake(self) -> None:
        """Look into the inbox: something was written there."""
        self._wake.set()

    async def run(self) -> None:
        """Dispatch until cancelled. What still runs then has a short grace, and is otherwise run again next time."""
        try:
            while True:
                self._wake.clear()
                try:
                    await self._start_what_waits()
                except StorageError:
                    log.exception("The inbox cannot be read; trying again")
                    await self._clock.sleep(STORAGE_PAUSE_SECONDS)
                else:
                    await self._wake.wait()
        finally:
            await self._finish()

    async def _start_what_waits(self) -> None:
        free = MAX_LANES - len(self._busy - self._quiet)
        for entry in await self._inbox.take(busy=self._busy, running=self._overtaking, lanes=free):
            if entry.overtakes:
                self._overtaking.add(entry.id)
                task = asyncio.create_task(self._overtake(entry))
            else:
                self._busy.add(entry.lane)
                task = asyncio.create_task(self._serve_lane(entry))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("An update's progress could not be recorded; it will be run again", exc_info=error)
        self.wake()

    async def _overtake(self, entry: InboxEntry) -> None:
        try:
            handled, pause = await self._process(entry)
            if handled:
                await self._inbox.handled(entry.id)
                self._forget(entry, "handled")
            elif pause is not None:
                await self._rest(pause)
        finally:
            self._overtaking.discard(entry.id)

    async def _serve_lane(self, entry: InboxEntry) -> None:
        """Process the lane's updates one after another, until one has to be tried again after a pause."""
        try:
            following: InboxEntry | None = entry
            for turns_left in reversed(range(TURN)):
                if following is None:
                    return
                handled, pause = await self._process(following)
                if pause is not None:
                    await self._rest_in_lane(entry.lane, pause)
                    return
                last = turns_left == 0 or self._stopping
                following = await self._go_on(following, handled=handled, last=last)
        finally:
            self._busy.discard(entry.lane)

    async def _rest_in_lane(self, lane: str, pause: float) -> None:
        """The lane stays busy, as its order holds, while others may have its place."""
        self._quiet.add(lane)
        self.wake()
        try:
            await self._rest(pause)
        finally:
            self._quiet.discard(lane)

    async def _go_on(self, entry: InboxEntry, *, handled: bool, last: bool) -> InboxEntry | None:
        """Record that an update was handled, and take the lane's next one unless it was the `last` for now."""
        if not handled:
            return None if last else await self._inbox.take_next(entry.lane)
        following = None
        if last:
            await self._inbox.handled(entry.id)
        else:
            following = await self._inbox.handled_then_next(entry)
        self._forget(entry, "handled")
        return following

    async def _rest(self, pause: float) -> None:
        """Wait as somebody whom a stop need not wait for."""
        task = asyncio.current_task()
        if self._stopping or task is None:
            return
        self._resting.add(task)
        try:
            await self._clock.sleep(pause)
        finally:
            self._resting.discard(task)

    async def _process(self, entry: InboxEntry) -> _Processed:
        """Handle it once."""
        update = _parsed(entry)
        interruptions = entry.starts - 1 - entry.failures
        if update is None or interruptions >= MAX_INTERRUPTIONS:
            why = "it cannot be read" if update is None else "it was interrupted too often"
            await self._set_aside(entry, update, why)
            return _DONE_WITH
        if (caution := self._caution(entry, interruptions)) is not None:
            await self._inbox.postponed(entry.id)
            return _Processed(handled=False, pause=caution)
        if INLINE_QUERY in update and self._clock.now() - entry.received_at > INLINE_ANSWERED_WITHIN:
            # Telegram takes no answer any more, and who typed it has typed on.
            await self._inbox.handled(entry.id)
            self._forget(entry, "too_late")
            return _DONE_WITH
        started = self._clock.monotonic()
        try:
            async with asyncio.timeout(HANDLER_SECONDS):
                with while_handling(entry.update_id):
                    await self._handle(update)
        except UnreadableUpdate:
            await self._set_aside(entry, update, "it has an unknown form")
            return _DONE_WITH
        except Exception as error:  # noqa: BLE001  # whatever a handler raises, the other chats go on
            return _Processed(handled=False, pause=await self._after_error(entry, update, error))
        seconds = self._clock.monotonic() - started
        self._metrics.handling.labels(kind_of(update)).observe(seconds)
        log.info("Update %d is handled: %s, %.0f ms", entry.update_id, kind_of(update), seconds * 1000)
        return _Processed(handled=True)

    def _caution(self, entry: InboxEntry, interruptions: int) -> float | None:
        """The pause, once in each process, before an update during which others have ended is handled."""
        suspicious = interruptions - UNSUSPICIOUS_INTERRUPTIONS
        if suspicious <= 0 or entry.id in self._waited_for:
            return None
        self._waited_for.add(entry.id)
        return min(MIN_CAUTION_SECONDS * 2.0 ** (suspicious - 1), MAX_CAUTION_SECONDS)

    async def _after_error(self, entry: InboxEntry, update: RawUpdate, error: Exception) -> float | None:
        """Returns None when the update is done with, else the seconds until it should be tried again."""
        if (pause := self._postponement(entry, error)) is not None:
            log.warning(
                "Update %d waits %.0f s for Telegram (%s)", entry.update_id, pause, type(error).__name__
            )
            await self._inbox.postponed(entry.id)
            return pause
        log.error("Handling update %d failed: %s", entry.update_id, _outline(error))
        failures = await self._inbox.failed(entry.id)
        if failures >= MAX_FAILURES:
            await self._set_aside(entry, update, "handling it failed again and again")
            return None
        return FAILURE_PAUSES_SECONDS[failures - 1]

    def _postponement(self, entry: InboxEntry, error: Exception) -> float | None:
        """The pause when the error is a passing trouble of Telegram's, unless it has lasted too long."""
        if isinstance(error, BadRequest) or not isinstance(
            error, NetworkError | RetryAfter | SlowDown | Unsure
        ):
            return None
        if isinstance(error, SlowDown):
            return error.seconds
        if isinstance(error, RetryAfter):
            asked = error.retry_after
            return asked.total_seconds() if isinstance(asked, timedelta) else float(asked)
        count = self._postponements.get(entry.id, 0)
        if count >= MAX_POSTPONEMENTS:
            return None
        self._postponements[entry.id] = count + 1
        return min(MIN_POSTPONEMENT_SECONDS * 2.0**count, MAX_POSTPONEMENT_SECONDS)

    async def _set_aside(self, entry: InboxEntry, update: RawUpdate | None, why: str) -> None:
        reference = "".join(secrets.choice(_REFERENCE_ALPHABET) for _ in range(_REFERENCE_LENGTH))
        log.error("Update %d is set aside under reference %s: %s", entry.update_id, reference, why)
        if update is not None:
            try:
                await self._apologise(update, reference)
            except Exception as error:  # noqa: BLE001  # an apology is tried once
                log.error("The person could not be told about reference %s: %s", reference, _outline(error))
        await self._inbox.set_aside(entry.id, reference)
        self._forget(entry, "set_aside")

    def _forget(self, entry: InboxEntry, outcome: str) -> None:
        self._postponements.pop(entry.id, None)
        self._waited_for.discard(entry.id)
        self._metrics.handled.labels(outcome).inc()

    async def _finish(self) -> None:
        self._stopping = True
        for task in self._resting:
            task.cancel()
        running = set(self._tasks)
        if not running:
            return
        _, late = await asyncio.wait(running, timeout=self._grace)
        for task in late:
            task.cancel()
        if late:
            log.info("%d updates were interrupted by the stop and are run again at the next start", len(late))
            await asyncio.wait(late)
        await self._inbox.rest()


def _parsed(entry: InboxEntry) -> RawUpdate | None:
    if entry.payload is None:
        return None
    try:
        update: RawUpdate = json.loads(entry.payload)
    except (ValueError, RecursionError):
        return None
    return update


def _outline(error: BaseException) -> str:
    """Types and places of an error and its causes, without the messages: these may quote what a person sent."""
    parts: list[str] = []
    current: BaseException | None = error
    while current is not None:
        places = "".join(traceback.format_tb(current.__traceback__))
        parts.append(f"{type(current).__qualname__}\n{places}".rstrip())
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\ncaused by ".join(parts)
