"""The queue of uploads and the workers that empty it."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from onefichier import (
    Clock,
    KeyRefused,
    Limited,
    Refusal,
    UploadInterrupted,
    UploadRefused,
    Waiting,
)
from storage import (
    AcceptedFile,
    Account,
    CancelOutcome,
    CannotOpen,
    IncomingFile,
    PeopleStore,
    Reason,
    StorageError,
    Transfer,
    TransferState,
    TransferStore,
)
from transfers.acceptance import Acceptance
from transfers.accounts import scope_of
from transfers.gate import Gate
from transfers.known_files import UNDER_WAY_PAUSE, KnownFiles, UnderWay
from transfers.outcome_search import Verdict
from transfers.outcomes import Ended, Repeat, outcome_of
from transfers.pauses import Pauses
from transfers.progress import Meter, Progress, Traffic
from transfers.relay import CancelledByPerson, Relay
from transfers.room import NoRoom
from transfers.settle import Settler
from transfers.wakeups import Wakeups, rung

log = logging.getLogger(__name__)

# The loop looks at the queue by itself now and then; whatever is new rings a bell.
LOOK_SECONDS: Final = 60.0
# While the database cannot be used; what runs meanwhile goes on.
STORAGE_PAUSE_SECONDS: Final = 5.0
# A cancelled transfer closes its sockets within this.
CANCEL_SECONDS: Final = 2.0
# Files that a local server is asked for at once: it may need an hour for each, and those at hand are sent meanwhile.
LOCATING_AT_ONCE: Final = 32
# Files whose outcome is still searched for. With more of them the service is in trouble, and new ones would only add to it.
SETTLING_AT_ONCE: Final = 500


@dataclass
class _Run:
    """`located`: Telegram has handed the file out."""

    person_id: int
    account_id: int
    meter: Meter
    task: asyncio.Task[None]
    located: bool = False


class Uploads(Acceptance):
    def __init__(
        self,
        *,
        transfers: TransferStore,
        people: PeopleStore,
        relay: Relay,
        known_files: KnownFiles,
        settler: Settler,
        pauses: Pauses,
        wakeups: Wakeups,
        clock: Clock,
        at_once: int,
        at_once_per_person: int,
        traffic: Traffic | None = None,
        gate: Gate | None = None,
    ) -> None:
        super().__init__(
            transfers=transfers,
            people=people,
            files=relay.files,
            wakeups=wakeups,
            clock=clock,
            gate=gate or Gate(),
        )
        self._relay = relay
        self._known_files = known_files
        self._settler = settler
        self._pauses = pauses
        self._traffic = traffic or Traffic()
        self._at_once = at_once
        self._per_person = at_once_per_person
        self._sending = asyncio.Semaphore(at_once)
        self._running: dict[int, _Run] = {}
        self._settling: dict[int, _Run] = {}
        self._without_room: set[int] = set()
        self._take_up_at = clock.monotonic()

    async def accept_named(
        self, person_id: int, file: IncomingFile, *, asked_by: int, sent_at: datetime
    ) -> AcceptedFile | None:
        """Upload the file of an earlier message under the name it has here, because message `asked_by` says so.

        None when that file waited in the queue, and goes on under its new name; otherwise it is a file of the message
        that asks for it.
        """
        earlier = await self._transfers.of_message(file.chat_id, file.message_id, file.file_unique_id)
        if earlier is not None and earlier.person_id == person_id:
            # A wish that is handled again, after a crash, finds its file under its new name.
            is_so = earlier.again and earlier.given_name == file.given_name
            if is_so or await self._transfers.rename_queued(earlier.id, file.given_name, file.name):
                self._wakeups.queue.set()
                self._wakeups.batch_changed(earlier.batch_id)
                return None
            # Of what has not left whole, nothing will be there under its old name.
            if earlier.state in {TransferState.FETCHING, TransferState.SENDING}:
                await self.cancel(earlier.id, person_id)
        return await self.accept(person_id, replace(file, message_id=asked_by), sent_at=sent_at, again=True)

    async def cancel(self, transfer_id: int, person_id: int) -> CancelOutcome:
        """Wish a transfer cancelled. Its sockets are closed when this returns."""
        outcome = await self._transfers.cancel(transfer_id, person_id, self._clock.now())
        run = self._running.get(transfer_id)
        if outcome is CancelOutcome.CANCELLED and run is not None:
            run.task.cancel()
            await asyncio.wait({run.task}, timeout=CANCEL_SECONDS)
        transfer = await self._transfers.find(transfer_id)
        if transfer is None:
            return outcome
        if outcome is CancelOutcome.CANCELLED and transfer.active and transfer_id not in self._running:
            # It was being taken up or had no time to end itself.
            await self._end(transfer, TransferState.CANCELLED)
        self._wakeups.batch_item_ended(transfer.batch_id)
        return outcome

    async def cancel_batch(self, batch_id: int, person_id: int) -> list[CancelOutcome]:
        """Cancel what is still under way of a batch; the outcomes of those."""
        active = [each for each in await self._transfers.of_batch(batch_id) if each.active]
        return [await self.cancel(each.id, person_id) for each in active]

    def progress(self, transfer_id: int) -> Progress | None:
        """Numbers of a transfer that is running, else None."""
        run = self._running.get(transfer_id)
        return run.meter.progress() if run else None

    async def position(self, transfer: Transfer) -> int:
        """How many files of the person come before it."""
        return await self._transfers.before_it(transfer)

    def waits_for_room(self, transfer_id: int) -> bool:
        """Whether it stands in the queue because the local Bot API server's disk has no room for it."""
        return transfer_id in self._without_room

    def paused_until(self, account_id: int) -> datetime | None:
        """Until when 1fichier is not asked anything for this account; None when it may be."""
        return self._settler.service.paused_until(scope_of(account_id))

    async def stop_work_of(self, person_id: int, account_id: int | None = None) -> None:
        """End everything of a person that runs, or that of one account, before their rows go."""
        runs = [*self._running.items(), *self._settling.items()]
        tasks = {
            transfer_id: run.task
            for transfer_id, run in runs
            if run.person_id == person_id and account_id in {None, run.account_id}
        }
        for task in tasks.values():
            task.cancel()
        if tasks:
            await asyncio.wait(tasks.values(), timeout=CANCEL_SECONDS)
        await self._relay.discard_all_of(person_id, account_id)

    async def run(self) -> None:
        """Work until cancelled; what an earlier process left is taken up first."""
        try:
            while True:
                self._wakeups.queue.clear()
                looked_at = self._clock.now()
                try:
                    await self._look()
                    await self._wait(looked_at)
                except StorageError:
                    log.exception("The queue cannot be read or written; trying again")
                    await self._clock.sleep(STORAGE_PAUSE_SECONDS)
        finally:
            await self._stop()

    async def _look(self) -> None:
        if self._clock.monotonic() >= self._take_up_at:
            await self._take_up()
            await self.expire()
            self._take_up_at = self._clock.monotonic() + LOOK_SECONDS
        while self._has_room() and await self._take_one():
            pass

    def _has_room(self) -> bool:
        """Files that a local server is still fetching take no place from those at hand; Telegram's own hands out at once."""
        if self._gate.closed:
            return False
        located = sum(run.located for run in self._running.values())
        fetching = len(self._running) - located if self._relay.files.is_local else 0
        return (
            len(self._running) - fetching < self._at_once
            and fetching < LOCATING_AT_ONCE
            and len(self._settling) < SETTLING_AT_ONCE
        )

    async def _take_up(self) -> None:
        """Take up what nobody works on: left by an earlier process, or by a worker that could not write down how it ended.

        What may be whole at 1fichier is searched for; the rest cannot be there, and is queued again.
        """
        for transfer in await self._transfers.under_way():
            if transfer.id in self._running or transfer.id in self._settling:
                continue
            if transfer.state is not TransferState.CONFIRMING:
                await self._transfers.queue_again(transfer.id, not_before=self._clock.now(), count=False)
                self._wakeups.batch_item_ended(transfer.batch_id)
            elif (account := await self._account_of(transfer)) is not None:
                self._settle(transfer, account, taken_up=True)
        await self._relay.discard_left_over()

    async def _take_one(self) -> bool:
        transfer = await self._transfers.take_next(per_person=self._per_person, now=self._clock.now())
        if transfer is None:
            return False
        account = await self._account_of(transfer)
        if account is None:
            # Logged out in between; the row went with the account.
            return True
        log.info("Transfer %d begins, try %d", transfer.id, transfer.tries)
        self._without_room.discard(transfer.id)
        meter = Meter(self._clock, self._traffic)
        task = self._spawn(lambda: self._try(transfer, account, meter), transfer)
        self._running[transfer.id] = _Run(transfer.person_id, account.id, meter, task)
        task.add_done_callback(lambda _: self._ended_running(transfer))
        self._wakeups.batch_changed(transfer.batch_id)
        return True

    def _ended_running(self, transfer: Transfer) -> None:
        self._running.pop(transfer.id, None)
        ring = (
            self._wakeups.batch_item_sent if transfer.id in self._settling else self._wakeups.batch_item_ended
        )
        ring(transfer.batch_id)

    async def _wait(self, looked_at: datetime) -> None:
        """Until something rings, or a file is due that was not when the queue was looked at."""
        seconds = LOOK_SECONDS
        if (due := await self._transfers.next_due(looked_at)) is not None:
            seconds = min(seconds, max(0.0, (due - self._clock.now()).total_seconds()))
        await rung(self._wakeups.queue, self._clock, seconds)

    async def _try(self, transfer: Transfer, account: Account, meter: Meter) -> None:
        try:
            sent = await self._carry(transfer, account, meter)
        except asyncio.CancelledError:
            current = await self._transfers.find(transfer.id)
            if current is not None and current.cancelling and current.state is not TransferState.CONFIRMING:
                await self._end(transfer, TransferState.CANCELLED)
            raise
        except CancelledByPerson:
            await self._end(transfer, TransferState.CANCELLED)
        except UnderWay:
            later = self._clock.now() + UNDER_WAY_PAUSE
            await self._transfers.queue_again(transfer.id, not_before=later, count=False)
        except (Waiting, Limited) as error:
            until = self.paused_until(account.id) or self._pauses.until(error)
            await self._transfers.queue_again(transfer.id, not_before=until, count=False)
            await self._pauses.tell(transfer.person_id, transfer.chat_id, until)
        except (KeyRefused, CannotOpen):
            # Parked: it is not taken again before the account has a new key.
            await self._transfers.queue_again(transfer.id, not_before=self._clock.now(), count=False)
        except (UploadRefused, Refusal) as error:
            await self._failed(transfer, error)
        except NoRoom as error:
            self._without_room.add(transfer.id)
            await self._failed(transfer, error)
        except Exception as error:  # noqa: BLE001  # a barrier: one file must not end the others
            await self._broke_off(transfer, account, error)
        else:
            if sent:
                self._settle(transfer, account)

    async def _carry(self, transfer: Transfer, account: Account, meter: Meter) -> bool:
        """True when 1fichier has taken the file, False when it was there already, which ends the transfer."""
        current = await self._transfers.find(transfer.id)
        if current is None or current.cancelling:
            raise CancelledByPerson
        if await self._known_files.use_what_is_there(transfer, account):
            return False
        source = await self._relay.locate(transfer)
        if (run := self._running.get(transfer.id)) is not None:
            run.located = True
        async with self._sending:
            await self._relay.run(transfer, account, source, meter)
        return True

    async def _broke_off(self, transfer: Transfer, account: Account, error: Exception) -> None:
        """No verdict of 1fichier: what it may have whole is searched for before anything is sent again."""
        current = await self._transfers.find(transfer.id)
        if current is not None and current.state is TransferState.CONFIRMING:
            log.info("Transfer %d broke off at its end: %s", transfer.id, type(error).__name__)
            self._settle(current, account)
        else:
            await self._failed(transfer, error)

    async def _failed(self, transfer: Transfer, error: Exception) -> None:
        outcome = outcome_of(error, transfer, self._clock.now())
        if isinstance(outcome, Ended) and outcome.reason is Reason.BROKEN:
            log.error("Transfer %d met something unforeseen", transfer.id, exc_info=error)
        else:
            log.info("Transfer %d, try %d: %s", transfer.id, transfer.tries, type(error).__name__)
        if isinstance(outcome, Repeat):
            await self._transfers.queue_again(
                transfer.id, not_before=outcome.not_before, count=outcome.counts, trouble=outcome.trouble
            )
        else:
            await self._end(transfer, TransferState.FAILED, outcome.reason, outcome.detail)

    def _settle(self, transfer: Transfer, account: Account, *, taken_up: bool = False) -> None:
        """`taken_up`: who sent it has ended since, and the try with them."""
        if transfer.id in self._settling:
            return
        task = self._spawn(lambda: self._settle_until_known(transfer, account, taken_up=taken_up), transfer)
        self._settling[transfer.id] = _Run(transfer.person_id, account.id, Meter(self._clock), task)

        def ended(_: asyncio.Task[None]) -> None:
            self._settling.pop(transfer.id, None)
            self._wakeups.batch_item_ended(transfer.batch_id)

        task.add_done_callback(ended)

    async def _settle_until_known(self, transfer: Transfer, account: Account, *, taken_up: bool) -> None:
        current = await self._transfers.find(transfer.id)
        if current is None:
            return
        verdict = await self._settler.settle(current, account)
        if verdict is Verdict.ENDED and current.local_path is None:
            return
        current = await self._transfers.find(transfer.id)
        if verdict is Verdict.ENDED or current is None:
            await self._relay.discard(transfer.id)
        elif current.cancelling:
            # 1fichier has no copy.
            await self._end(current, TransferState.CANCELLED)
        elif verdict is Verdict.SEND_AGAIN and not taken_up:
            await self._failed(current, UploadInterrupted("never seen", last_piece_sent=True))
        elif verdict is Verdict.DAMAGED:
            await self._damaged(current)
        else:
            await self._transfers.queue_again(transfer.id, not_before=self._clock.now(), count=False)

    async def _damaged(self, transfer: Transfer) -> None:
        """The copy that differed from what was sent has been removed: sent once more, and told if that differs too."""
        if transfer.damaged:
            await self._end(transfer, TransferState.FAILED, Reason.DAMAGED)
        else:
            await self._transfers.queue_again(transfer.id, not_before=self._clock.now(), damaged=True)

    async def _end(
        self,
        transfer: Transfer,
        state: TransferState,
        reason: Reason | None = None,
        detail: str | None = None,
    ) -> None:
        await self._transfers.end(transfer.id, state, now=self._clock.now(), reason=reason, detail=detail)
        log.info("Transfer %d ends: %s", transfer.id, reason or state)
        self._without_room.discard(transfer.id)
        await self._relay.discard(transfer.id)
        self._wakeups.batch_item_ended(transfer.batch_id)

    async def _account_of(self, transfer: Transfer) -> Account | None:
        return await self._people.account(transfer.account_id) if transfer.account_id is not None else None

    def _spawn(self, work: Callable[[], Coroutine[Any, Any, None]], transfer: Transfer) -> asyncio.Task[None]:
        async def barrier() -> None:
            try:
                await work()
            except Exception:
                log.exception("Work on transfer %d broke off; it is taken up again", transfer.id)

        return asyncio.create_task(barrier(), name=f"transfer {transfer.id}")

    async def _stop(self) -> None:
        tasks = {run.task for run in (*self._running.values(), *self._settling.values())}
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
