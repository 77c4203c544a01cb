"""Files sent from 1fichier into a chat: a queue of rows, one at a time for each person, in constant memory."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from onefichier import (
    CdnNeeded,
    Clock,
    DownloadMismatch,
    KeyRefused,
    Limited,
    Link,
    MustBeCustomer,
    NotAllowed,
    NotFound,
    OneFichierError,
    OneLocationOnly,
    OwnerLocked,
    Priority,
    Refusal,
    Waiting,
)
from storage import (
    Account,
    CannotOpen,
    Delivery,
    DeliveryReason,
    DeliveryState,
    DeliveryStore,
    PeopleStore,
    Sounds,
    StorageError,
    WantedFile,
)
from transfers.accounts import Accounts
from transfers.gate import Gate
from transfers.pauses import Pauses
from transfers.progress import Meter, Progress
from transfers.telegram_documents import (
    Destination,
    LengthDiffers,
    SendInterrupted,
    SendPostponed,
    SendRefused,
    TelegramDocuments,
)
from transfers.views import FileCard
from transfers.wakeups import Wakeups, rung

log = logging.getLogger(__name__)

T = TypeVar("T")

# Each takes as much of the line as an upload; 1fichier allows an account one place at a time anyway.
AT_ONCE: Final = 2
# Each try may be charged by 1fichier, which the person was told of once.
TRIES: Final = 3
TRY_AGAIN: Final = timedelta(seconds=10)
TURN_WAIT_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 60.0
# While the database cannot be used.
STORAGE_PAUSE_SECONDS: Final = 5.0
CANCEL_SECONDS: Final = 2.0
_REASONS: Final[tuple[tuple[type[Exception], DeliveryReason], ...]] = (
    (MustBeCustomer, DeliveryReason.NEEDS_CUSTOMER),
    (CdnNeeded, DeliveryReason.NEEDS_CDN),
    (OneLocationOnly, DeliveryReason.OTHER_PLACE),
    (OwnerLocked, DeliveryReason.OWNER_LOCKED),
    (NotFound, DeliveryReason.GONE),
    (NotAllowed, DeliveryReason.NOT_ALLOWED),
    (KeyRefused, DeliveryReason.KEY_REFUSED),
    (CannotOpen, DeliveryReason.KEY_REFUSED),
    (Refusal, DeliveryReason.REFUSED),
    (DownloadMismatch, DeliveryReason.DIFFERS),
    (LengthDiffers, DeliveryReason.DIFFERS),
    (SendRefused, DeliveryReason.TELEGRAM_REFUSED),
)


class _Cancelled(Exception):
    """The person wished it before the last piece was allowed out."""


@dataclass
class _Run:
    person_id: int
    account_id: int
    meter: Meter
    task: asyncio.Task[None]


class Deliveries:
    def __init__(
        self,
        *,
        deliveries: DeliveryStore,
        people: PeopleStore,
        accounts: Accounts,
        documents: TelegramDocuments,
        pauses: Pauses,
        wakeups: Wakeups,
        clock: Clock,
        gate: Gate | None = None,
    ) -> None:
        self._deliveries = deliveries
        self._people = people
        self._accounts = accounts
        self._documents = documents
        self._pauses = pauses
        self._wakeups = wakeups
        self._clock = clock
        self._gate = gate or Gate()
        self._running: dict[int, _Run] = {}

    @property
    def size_limit(self) -> int:
        """Bytes of the largest file that Telegram takes from this bot."""
        return self._documents.size_limit

    async def find(self, delivery_id: int) -> Delivery | None:
        return await self._deliveries.find(delivery_id)

    async def begin(
        self, account: Account, card: FileCard, chat_id: int, message_id: int, *, asked_by: str
    ) -> Delivery:
        """Have a file sent to the chat, in reply to the message that shows how far it is.

        `asked_by`: what is the same when it is asked for again after a crash.
        """
        file = WantedFile(card.link.id, card.link.url, card.name, card.size)
        delivery = await self._deliveries.begin(
            account.person_id, account.id, file, chat_id, message_id, self._clock.now(), asked_by=asked_by
        )
        self._wakeups.deliveries.set()
        return delivery

    async def cancel(self, delivery_id: int, person_id: int) -> bool:
        """False when it is too late, or theirs is not to say. Its sockets are closed when this returns."""
        if not await self._deliveries.cancel(delivery_id, person_id, self._clock.now()):
            return False
        if (run := self._running.get(delivery_id)) is not None:
            run.task.cancel()
            await asyncio.wait({run.task}, timeout=CANCEL_SECONDS)
        self._wakeups.deliveries.set()
        return True

    def progress(self, delivery_id: int) -> Progress | None:
        """Numbers of one that is running, else None."""
        run = self._running.get(delivery_id)
        return run.meter.progress() if run else None

    async def cancel_all_of(self, person_id: int) -> int:
        """End what is under way for a person; how many files that were."""
        theirs = [each for each in await self._deliveries.active() if each.person_id == person_id]
        return sum([await self.cancel(each.id, person_id) for each in theirs])

    async def stop_work_of(self, person_id: int, account_id: int | None = None) -> None:
        """End what runs for a person, or for one account of theirs, before their rows go."""
        tasks = {
            run.task
            for run in self._running.values()
            if run.person_id == person_id and account_id in {None, run.account_id}
        }
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CANCEL_SECONDS)

    async def run(self) -> None:
        """Work until cancelled; what an earlier process left is taken up first."""
        try:
            await self._guarded(self._take_up)
            while True:
                self._wakeups.deliveries.clear()
                seconds = await self._guarded(self._look)
                await rung(self._wakeups.deliveries, self._clock, seconds)
        finally:
            await self._stop()

    async def _guarded(self, work: Callable[[], Awaitable[T]]) -> T:
        while True:
            try:
                return await work()
            except StorageError:
                log.exception("Deliveries cannot be read or written; trying again")
                await self._clock.sleep(STORAGE_PAUSE_SECONDS)

    async def _take_up(self) -> None:
        """What was not whole when a process ended is sent again. The rest may have arrived, and is not sent twice unasked."""
        for delivery in await self._deliveries.active():
            if delivery.state is DeliveryState.SENDING:
                await self._deliveries.queue_again(delivery.id, not_before=self._clock.now(), count=False)
            elif delivery.state is DeliveryState.CONFIRMING:
                await self._end(delivery, DeliveryState.UNKNOWN)

    async def _look(self) -> float:
        """Begin what may be begun; seconds until another one is due."""
        now, soonest = self._clock.now(), LOOK_SECONDS
        if self._gate.closed:
            return soonest
        busy = {run.person_id for run in self._running.values()}
        for delivery in await self._deliveries.active():
            if delivery.state is not DeliveryState.QUEUED or delivery.id in self._running:
                continue
            if delivery.not_before is not None and delivery.not_before > now:
                soonest = min(soonest, (delivery.not_before - now).total_seconds())
            elif delivery.person_id not in busy and len(self._running) < AT_ONCE:
                busy.add(delivery.person_id)
                self._begin(delivery)
        return soonest

    def _begin(self, delivery: Delivery) -> None:
        meter = Meter(self._clock)
        meter.total = delivery.size
        task = asyncio.create_task(self._try(delivery, meter), name=f"delivery {delivery.id}")
        self._running[delivery.id] = _Run(delivery.person_id, delivery.account_id, meter, task)

        def ended(_: asyncio.Task[None]) -> None:
            self._running.pop(delivery.id, None)
            self._wakeups.deliveries.set()

        task.add_done_callback(ended)

    async def _try(self, delivery: Delivery, meter: Meter) -> None:
        try:
            await self._send(delivery, meter)
        except _Cancelled:
            pass
        except Exception as failure:  # noqa: BLE001  # a barrier: one file must not end the others
            error = failure
            await self._guarded(lambda: self._broke_off(delivery, error))
        else:
            await self._guarded(lambda: self._end(delivery, DeliveryState.DONE))

    async def _send(self, delivery: Delivery, meter: Meter) -> None:
        account = await self._people.account(delivery.account_id)
        if account is None or not await self._deliveries.begin_sending(delivery.id):
            raise _Cancelled
        self._wakeups.delivery_changed(delivery.id)
        person = await self._people.find(delivery.person_id)
        silent = person is not None and person.preferences.sounds is Sounds.NEVER

        async def before_last_piece() -> None:
            if not await self._deliveries.begin_confirming(delivery.id):
                raise _Cancelled
            self._wakeups.delivery_changed(delivery.id)

        def on_sent(sent: int) -> None:
            if meter.set_sent(sent):
                self._wakeups.delivery_changed(delivery.id)

        link = Link(delivery.link_id, delivery.link)
        async with self._accounts.using(account) as client:
            url = await client.get_download_token(link, priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS)
            async with client.download(url, size=delivery.size) as pieces:
                await self._documents.send(
                    Destination(delivery.chat_id, delivery.message_id, silent),
                    delivery.name,
                    delivery.size,
                    pieces,
                    before_last_piece=before_last_piece,
                    on_sent=on_sent,
                )

    async def _broke_off(self, delivery: Delivery, error: Exception) -> None:
        log.info("Delivery %d, try %d: %s", delivery.id, delivery.tries, type(error).__name__)
        current = await self._deliveries.find(delivery.id)
        if current is None or not current.active:
            return
        now = self._clock.now()
        if isinstance(error, Waiting | Limited):
            until = self._pauses.until(error)
            await self._queue_again(delivery, until, count=False)
            return
        if isinstance(error, SendPostponed):
            await self._queue_again(delivery, now + timedelta(seconds=error.seconds), count=False)
            return
        reason = next((reason for kind, reason in _REASONS if isinstance(error, kind)), None)
        if reason is not None:
            detail = str(error) if isinstance(error, SendRefused) else getattr(error, "message", None)
            await self._end(delivery, DeliveryState.FAILED, reason, detail or None)
        elif current.state is DeliveryState.CONFIRMING:
            await self._end(delivery, DeliveryState.UNKNOWN)
        elif not isinstance(error, OneFichierError | SendInterrupted | StorageError):
            log.error("Delivery %d met something unforeseen", delivery.id, exc_info=error)
            await self._end(delivery, DeliveryState.FAILED, DeliveryReason.BROKEN)
        elif delivery.tries + 1 < TRIES:
            await self._queue_again(delivery, now + TRY_AGAIN, count=True)
        else:
            await self._end(delivery, DeliveryState.FAILED, DeliveryReason.CONNECTION_LOST)

    async def _queue_again(self, delivery: Delivery, until: datetime, *, count: bool) -> None:
        await self._deliveries.queue_again(delivery.id, not_before=until, count=count)
        self._wakeups.delivery_changed(delivery.id)

    async def _end(
        self,
        delivery: Delivery,
        state: DeliveryState,
        reason: DeliveryReason | None = None,
        detail: str | None = None,
    ) -> None:
        await self._deliveries.end(delivery, state, self._clock.now(), reason, detail)
        log.info("Delivery %d ends: %s", delivery.id, reason or state)
        self._wakeups.outbox.set()

    async def _stop(self) -> None:
        tasks = {run.task for run in self._running.values()}
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
