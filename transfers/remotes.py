"""Remote uploads: URLs handed to 1fichier one by one, at most ten outstanding per account."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from onefichier import (
    AlreadyRequested,
    Clock,
    KeyRefused,
    Limited,
    MustBeCustomer,
    NotAllowed,
    Priority,
    Refusal,
    Unclear,
    Waiting,
)
from storage import (
    Account,
    Batch,
    CannotOpen,
    Reason,
    RemoteState,
    RemoteStore,
    RemoteUpload,
    WantedUrl,
)
from transfers.accounts import Accounts
from transfers.gate import Gate
from transfers.pauses import Pauses
from transfers.remote_watch import RemoteWatch
from transfers.troubles import doubled, goes_on, is_too_long, once_more, so_far
from transfers.wakeups import Wakeups

log = logging.getLogger(__name__)

# The site's form: "Sans Premium, vous ne pouvez pas avoir plus de 10 demandes de téléchargement simultanées".
OUTSTANDING: Final = 10
# Part of that sentence: the account has others outstanding that this bot does not know.
_TOO_MANY: Final = "simultan"
# Before the same URL is asked for again after an answer that was no verdict; doubled with each one in a row.
ASK_AGAIN: Final = timedelta(seconds=60)
LONGEST_ASK_AGAIN: Final = timedelta(minutes=10)
# A request waits for its turn, others of the account behind it.
TURN_WAIT_SECONDS: Final = 30.0
# The address's pacer decides the pace, and calls take less than two of its turns. Each connection more is looked at before and after each call.
ACCOUNTS_AT_ONCE: Final = 2


class StopOutcome(StrEnum):
    """What became of a wish to stop a URL. `UNDER_WAY`: 1fichier fetches it, and cannot be kept from it."""

    CANCELLED = "cancelled"
    UNDER_WAY = "under_way"
    ENDED = "ended"
    NOT_THEIRS = "not_theirs"


class Remotes:
    def __init__(
        self,
        *,
        remotes: RemoteStore,
        accounts: Accounts,
        watch: RemoteWatch,
        pauses: Pauses,
        wakeups: Wakeups,
        clock: Clock,
        poll_seconds: float,
        address_interval: float,
        gate: Gate | None = None,
    ) -> None:
        self._remotes = remotes
        self._accounts = accounts
        self._watch = watch
        self._pauses = pauses
        self._wakeups = wakeups
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._address_interval = address_interval
        self._gate = gate or Gate()
        self._side_by_side = asyncio.Semaphore(ACCOUNTS_AT_ONCE)

    async def accept(
        self, account: Account, chat_id: int, message_id: int, urls: Sequence[WantedUrl]
    ) -> tuple[Batch, bool]:
        """Take in the URLs of one message. The flag is False when they had been taken in before."""
        batch, new = await self._remotes.accept(account, chat_id, message_id, urls, now=self._clock.now())
        if new:
            log.info("Batch %d takes in %d links", batch.id, len(urls))
        self._wakeups.remotes.set()
        self._wakeups.batch_changed(batch.id)
        return batch, new

    async def stop(self, remote_id: int, person_id: int) -> StopOutcome:
        """Cancel what still waits here; of the rest the person may hear no more, or have it deleted when it comes."""
        remote = await self._remotes.find(remote_id)
        if remote is None or remote.person_id != person_id:
            return StopOutcome.NOT_THEIRS
        if await self._remotes.cancel_waiting(remote_id, person_id, self._clock.now()):
            self._wakeups.batch_item_ended(remote.batch_id)
            return StopOutcome.CANCELLED
        return StopOutcome.UNDER_WAY if remote.active else StopOutcome.ENDED

    async def silence(self, remote_id: int, person_id: int) -> StopOutcome:
        """Stop as far as possible, and tell no more of what comes all the same."""
        outcome = await self.stop(remote_id, person_id)
        if outcome is StopOutcome.UNDER_WAY and await self._remotes.stop_telling(remote_id, person_id):
            await self._ring(remote_id)
        return outcome

    async def delete_on_arrival(self, remote_id: int, person_id: int) -> StopOutcome:
        """Stop as far as possible, and delete what comes all the same."""
        outcome = await self.stop(remote_id, person_id)
        if outcome is StopOutcome.UNDER_WAY and await self._remotes.want_deleted(remote_id, person_id):
            await self._ring(remote_id)
        return outcome

    async def _ring(self, remote_id: int) -> None:
        remote = await self._remotes.find(remote_id)
        if remote is not None:
            self._wakeups.batch_item_ended(remote.batch_id)

    async def run(self) -> None:
        """Request what waits as it comes, and watch the rest in rounds, until cancelled."""
        next_round = self._clock.monotonic()
        while True:
            self._wakeups.remotes.clear()
            accounts = await self._remotes.accounts_with_work()
            self._watch.forget_all_but([account.id for account, _ in accounts])
            watching = self._clock.monotonic() >= next_round
            await asyncio.gather(
                *(
                    self._serve(account, requesting=waits, watching=watching)
                    for account, waits in accounts
                    if waits or watching
                )
            )
            if watching:
                next_round = self._clock.monotonic() + self._round_seconds(len(accounts))
            await self._rest(next_round if accounts else None)

    def _round_seconds(self, accounts: int) -> float:
        """One call per account, and half of the address's turns at most."""
        return max(self._poll_seconds, accounts * 2 * self._address_interval)

    async def _rest(self, next_round: float | None) -> None:
        tasks: set[asyncio.Future[Any]] = {asyncio.ensure_future(self._wakeups.remotes.wait())}
        if next_round is not None:
            seconds = max(0.0, next_round - self._clock.monotonic())
            tasks.add(asyncio.ensure_future(self._clock.sleep(seconds)))
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    async def _serve(self, account: Account, *, requesting: bool, watching: bool) -> None:
        async with self._side_by_side:
            await self._serve_account(account, requesting=requesting, watching=watching)

    async def _serve_account(self, account: Account, *, requesting: bool, watching: bool) -> None:
        try:
            if requesting and not self._gate.closed:
                await self._request_waiting(account)
            if watching:
                await self._watch.look(account)
        except (Waiting, Refusal, CannotOpen, Unclear) as error:
            log.info("Remote uploads of account %d rest: %s", account.id, type(error).__name__)
            if isinstance(error, Waiting | Limited):
                await self._tell_pause(account, self._pauses.until(error))
            if watching:
                await self._watch.end_old(account)
        except Exception:
            log.exception("Remote uploads of account %d met something unforeseen", account.id)

    async def _request_waiting(self, account: Account) -> None:
        active = await self._remotes.active_of_account(account.id)
        outstanding = sum(each.state in {RemoteState.REQUESTING, RemoteState.FETCHING} for each in active)
        now = self._clock.now()
        for remote in active:
            if remote.state is not RemoteState.WAITING:
                continue
            if not remote.told or remote.unwanted:
                # The person wished it stopped while it was being asked for, and 1fichier has not got it.
                await self._end(remote, RemoteState.CANCELLED)
                continue
            if outstanding >= OUTSTANDING:
                break
            if remote.not_before is None or remote.not_before <= now:
                # One that was taken just now may have ended its trouble.
                current = await self._remotes.find(remote.id)
                outstanding += await self._request(account, current or remote)

    async def _request(self, account: Account, remote: RemoteUpload) -> bool:
        """Ask 1fichier for one URL; True when it has it, or may have it.

        Raises:
            OneFichierError: there is no point in asking for the account's other URLs now.
        """
        try:
            async with self._accounts.using(account) as client:
                url = self._remotes.url(remote)
                if not await self._remotes.begin_requesting(remote.id, self._clock.now()):
                    return False
                task = await client.request_remote(
                    [url], remote.folder_id, priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS
                )
        except AlreadyRequested:
            await self._remotes.note_fetching(remote.id, None)
        except (Waiting, Limited) as error:
            await self._remotes.wait_again(remote.id, self._pauses.until(error))
            raise
        except (KeyRefused, CannotOpen):
            await self._remotes.wait_again(remote.id, self._clock.now())
            raise
        except Unclear as error:
            if not error.maybe_done:
                await self._ask_again(remote)
                raise
            # The answer is lost: the rounds will show whether 1fichier has it.
        except Refusal as error:
            await self._refused(account, remote, error)
            return False
        else:
            await self._remotes.note_fetching(remote.id, task.id)
        log.info("Remote upload %d of batch %d is with 1fichier", remote.id, remote.batch_id)
        self._wakeups.batch_changed(remote.batch_id)
        return True

    async def _tell_pause(self, account: Account, until: datetime) -> None:
        for remote in await self._remotes.active_of_account(account.id):
            if remote.told:
                await self._pauses.tell(remote.person_id, remote.chat_id, until)

    async def _ask_again(self, remote: RemoteUpload) -> None:
        now = self._clock.now()
        if is_too_long(so_far(remote.trouble, remote.not_before, now), now):
            await self._end(remote, RemoteState.FAILED, Reason.CONNECTION_LOST)
        else:
            await self._wait_again(remote)

    async def _wait_again(self, remote: RemoteUpload) -> datetime:
        """Returns when it will be asked for."""
        now = self._clock.now()
        trouble = once_more(so_far(remote.trouble, remote.not_before, now), now)
        again_at = now + doubled(ASK_AGAIN, trouble.times, LONGEST_ASK_AGAIN)
        await self._remotes.wait_again(remote.id, again_at, trouble=trouble)
        return again_at

    async def _refused(self, account: Account, remote: RemoteUpload, error: Refusal) -> None:
        now = self._clock.now()
        before = so_far(remote.trouble, remote.not_before, now)
        if _TOO_MANY in error.message.lower() and not is_too_long(before, now):
            again_at = await self._wait_again(remote)
            # The others would only be refused likewise, and repeated refusals bring a ban.
            for each in await self._remotes.active_of_account(account.id):
                if each.state is RemoteState.WAITING and each.id != remote.id:
                    later = max(again_at, each.not_before or again_at)
                    begun = so_far(each.trouble, each.not_before, now)
                    await self._remotes.wait_again(each.id, later, trouble=goes_on(begun, now))
            raise error
        await self._end_refused(remote, error)
        if isinstance(error, MustBeCustomer):
            for other in await self._remotes.active_of_account(account.id):
                if other.state is RemoteState.WAITING:
                    await self._end_refused(other, error)

    async def _end_refused(self, remote: RemoteUpload, error: Refusal) -> None:
        match error:
            case MustBeCustomer():
                reason = Reason.MUST_BE_CUSTOMER
            case NotAllowed():
                reason = Reason.NOT_ALLOWED
            case _:
                reason = Reason.REFUSED
        await self._end(remote, RemoteState.FAILED, reason, error.message or None)

    async def _end(
        self,
        remote: RemoteUpload,
        state: RemoteState,
        reason: Reason | None = None,
        detail: str | None = None,
    ) -> None:
        await self._remotes.end(remote.id, state, now=self._clock.now(), reason=reason, detail=detail)
        log.info("Remote upload %d of batch %d ends: %s", remote.id, remote.batch_id, reason or state)
        self._wakeups.batch_item_ended(remote.batch_id)
