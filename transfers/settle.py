"""From "the last piece may have left" to a verdict: the link, or sending again, or unknown.

Nothing is sent again while the file may still turn up. 1fichier begins to store with the first call of end.pl, so that call is made
whatever happened to the upload's answer.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from onefichier import (
    REFUSAL_STATUS,
    Client,
    Clock,
    KeyRefused,
    Limited,
    NotFound,
    OneFichier,
    OneFichierError,
    Priority,
    Refusal,
    RemoveLink,
    ReportGone,
    ReportPending,
    ServerTrouble,
    UploadNode,
    UploadReport,
    Waiting,
)
from storage import (
    Account,
    CannotOpen,
    ListingStore,
    Reason,
    StoredFile,
    Transfer,
    TransferState,
    TransferStore,
)
from transfers.accounts import Accounts
from transfers.dates import CLOCK_SKEW
from transfers.outcome_search import Found, Look, Search, Verdict, is_damaged, is_verified, may_be
from transfers.pauses import Pauses

log = logging.getLogger(__name__)

# end.pl usually knows at once; a large file is stored and scanned for minutes.
REPORT_PAUSES_SECONDS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
# A node in trouble is asked as long as it could still answer: storing begins only then, so nothing shows in a folder before.
TROUBLE_PAUSE: Final = timedelta(seconds=60)
REPORT_LIFE: Final = timedelta(hours=2)
# A node that does not know the upload may still be taking in its end. Asked more often, it is one of the repeated 404 that bring bans.
GONE_PAUSE: Final = timedelta(seconds=30)
GONE_ANSWERS: Final = 5
# Two listings of one folder lie at least 30 s apart. One that cannot be had is tried less and less often.
LOOK_SECONDS: Final = 30.0
LONGEST_LOOK: Final = timedelta(minutes=10)
# Folders that cannot be looked at for so long (1fichier away, no valid key) leave the outcome unknown.
LONGEST_SEARCH: Final = timedelta(hours=24)
ROOT: Final = 0


@dataclass(frozen=True)
class Settler:
    service: OneFichier
    transfers: TransferStore
    listings: ListingStore
    accounts: Accounts
    clock: Clock
    settle_for: timedelta
    pauses: Pauses

    async def settle(self, transfer: Transfer, account: Account) -> Verdict:
        """Find out what became of a transfer in `confirming`. Ends it, or says that it is to be sent again."""
        # Counted anew after a restart: storing begins with the first call of end.pl, which may not have been made before.
        begun = self.clock.now()
        search = Search(
            transfer,
            account,
            report_at=begun if transfer.node_url and transfer.node_upload_id else None,
            look_at=begun + (self._look_every if transfer.redirected else timedelta()),
        )
        while True:
            search.undeleted = False
            verdict = await self._ask_report(search)
            now = self.clock.now()
            if verdict is None and now >= search.look_at:
                look = await self._look_in_folders(search)
                verdict = look.verdict
                if verdict is None and self._is_over(search, look, now - begun):
                    verdict = await self._give_up(search, look)
                search.look_at = max(look.again_at or now, self.clock.now() + self._look_every)
            if verdict is not None:
                return verdict
            await self.clock.sleep(max(0.0, (search.next_at - self.clock.now()).total_seconds()))

    async def remove_guest_uploads(self) -> None:
        """Remove what landed outside its account and could not be removed then."""
        for transfer_id, remove_link in await self.transfers.guest_uploads():
            try:
                await self.service.remove_guest(RemoveLink(remove_link))
            except OneFichierError as error:
                log.warning("A guest upload is still to be removed: %s", type(error).__name__)
            else:
                await self.transfers.note_guest_removed(transfer_id)

    async def _ask_report(self, search: Search) -> Verdict | None:
        transfer, now = search.transfer, self.clock.now()
        if not search.report_is_due(now):
            return None
        node = UploadNode(host=transfer.node_url or "", id=transfer.node_upload_id or "")
        pause = REPORT_PAUSES_SECONDS[min(search.reports, len(REPORT_PAUSES_SECONDS) - 1)]
        search.reports += 1
        search.report_at = now + timedelta(seconds=pause)
        try:
            report = await self.service.upload_report(node)
        except OneFichierError as error:
            await self._no_report(search, error)
            return None
        if report.is_guest:
            return await self._reject_guest_upload(transfer, search.account, report)
        found = Found(report.link, report.name, report.size, verified=is_verified(report, transfer))
        if is_damaged(report, transfer) and not await self._is_unwanted(transfer):
            return await self._reject_damaged(search, found)
        return await self._adopt(search, found)

    async def _no_report(self, search: Search, error: OneFichierError) -> None:
        log.info("No report of transfer %d: %s", search.transfer.id, type(error).__name__)
        search.heard = isinstance(error, ReportPending | ReportGone)
        now = self.clock.now()
        match error:
            case ReportPending():
                # It waits for what has arrived whole: as good as the 302, which may have been lost.
                await self.transfers.note_redirected(search.transfer.id)
            case ReportGone():
                search.refusals += 1
                search.report_at = now + GONE_PAUSE if search.refusals < GONE_ANSWERS else None
            case Limited():
                search.report_at = await self._told_pause(search, error)
            case Refusal() | ServerTrouble() if error.http_status in REFUSAL_STATUS:
                search.refusals += 1
                search.report_at = now + (GONE_PAUSE if search.refusals < GONE_ANSWERS else LONGEST_LOOK)
            case _ if search.reports >= len(REPORT_PAUSES_SECONDS):
                search.report_at = now + TROUBLE_PAUSE

    async def _told_pause(self, search: Search, error: Waiting | Limited) -> datetime:
        until = self.pauses.until(error)
        await self.pauses.tell(search.transfer.person_id, search.transfer.chat_id, until)
        return until

    async def _reject_guest_upload(
        self, transfer: Transfer, account: Account, report: UploadReport
    ) -> Verdict:
        log.warning("Transfer %d landed outside the account and is removed", transfer.id)
        if report.remove is not None:
            # Kept, sealed, until it has worked.
            await self.transfers.note_guest_upload(transfer.id, report.remove.reveal())
            await self.remove_guest_uploads()
        try:
            async with self.accounts.using(account) as client:
                await client.check_key(priority=Priority.TRANSFER, wait=LOOK_SECONDS)
        except (KeyRefused, CannotOpen):
            return Verdict.PARKED
        except OneFichierError as error:
            log.info("The key of account %d could not be checked: %s", account.id, type(error).__name__)
            return Verdict.SEND_AGAIN
        await self.transfers.end(
            transfer.id, TransferState.FAILED, now=self.clock.now(), reason=Reason.GUEST_UPLOAD
        )
        return Verdict.ENDED

    async def _look_in_folders(self, search: Search) -> Look:
        transfer, ambiguous = search.transfer, False
        if transfer.whole_at is None:
            return Look(complete=True)
        for folder_id in dict.fromkeys((transfer.folder_id, ROOT)):
            if folder_id in search.missing_folders:
                continue
            try:
                async with self.accounts.using(search.account) as client:
                    found = await self._look_in(client, transfer, folder_id, transfer.whole_at)
            except NotFound:
                # What is sent to a folder that is not there lands in the root.
                search.missing_folders.add(folder_id)
                continue
            except (OneFichierError, CannotOpen) as error:
                # Nothing was seen, so nothing follows from it: the row stays in `confirming`.
                log.info("Folder %d could not be looked at: %s", folder_id, type(error).__name__)
                return Look(complete=False, again_at=await self._after_nothing_seen(search, error))
            # Asked after the listing: a twin that was whole before it is by now in `confirming`, or owns its link.
            if found and not transfer.checksum and (len(found) > 1 or await self.transfers.twins(transfer)):
                # Which of two equal files is the one that was sent cannot be told by a listing.
                ambiguous = True
                continue
            for candidate in found:
                verdict = await self._adopt(search, candidate)
                if verdict is not None:
                    return Look(complete=True, verdict=verdict)
        search.blind = 0
        return Look(complete=True, ambiguous=ambiguous)

    async def _after_nothing_seen(self, search: Search, error: Exception) -> datetime | None:
        """When there is a point in the next look; None: as usual, since it costs no call while the key is parked."""
        if isinstance(error, KeyRefused | CannotOpen):
            return None
        if isinstance(error, Waiting | Limited):
            return await self._told_pause(search, error)
        pause: timedelta = min(self._look_every * 2**search.blind, LONGEST_LOOK)
        search.blind += 1
        return self.clock.now() + pause

    async def _look_in(
        self, client: Client, transfer: Transfer, folder_id: int, whole_at: datetime
    ) -> list[Found]:
        listing = await client.list_files(
            folder_id,
            sent_after=whole_at - CLOCK_SKEW,
            priority=Priority.TRANSFER,
            wait=LOOK_SECONDS,
        )
        found = [file for file in listing.files if may_be(file, transfer, whole_at)]
        link_ids = [file.link.id for file in found]
        others = await self.transfers.links_owned(link_ids)
        others |= await self.listings.known_before(transfer.account_id or 0, link_ids, whole_at)
        return [Found(file.link, file.name, file.size) for file in found if file.link.id not in others]

    async def _adopt(self, search: Search, found: Found) -> Verdict | None:
        """Record the link as this transfer's, or delete what was cancelled; None when the link belongs to another."""
        transfer, now = search.transfer, self.clock.now()
        name = found.name or transfer.name
        kept = await self.transfers.finish(
            transfer.id,
            link=found.link.url,
            link_id=found.link.id,
            name=name,
            size=found.size,
            now=now,
            verified=found.verified,
        )
        if not kept:
            return await self._delete(search, found) if await self._is_unwanted(transfer) else None
        log.info("Transfer %d of batch %d is stored", transfer.id, transfer.batch_id)
        file = StoredFile(
            link_id=found.link.id,
            link=found.link.url,
            folder_id=transfer.folder_id,
            name=name,
            size=found.size,
            uploaded_at=now,
            has_password=transfer.protected,
        )
        await self.listings.note_file(search.account.id, file, now)
        return Verdict.ENDED

    async def _is_unwanted(self, transfer: Transfer) -> bool:
        current = await self.transfers.find(transfer.id)
        return current is not None and current.cancelling

    async def _delete(self, search: Search, found: Found) -> Verdict | None:
        """Cancelled too late to keep it from 1fichier: delete it now that it has a link."""
        try:
            if not await self._remove(search, found):
                return None
        except Refusal as error:
            return await self._leave(search.transfer, Reason.NOT_ALLOWED, error.message or None)
        await self.transfers.end(search.transfer.id, TransferState.CANCELLED, now=self.clock.now())
        return Verdict.ENDED

    async def _reject_damaged(self, search: Search, found: Found) -> Verdict | None:
        """What 1fichier has is not what was sent: a link to it would be worse than none."""
        log.warning("Transfer %d: the stored copy differs from what was sent", search.transfer.id)
        search.damaged = True
        try:
            return Verdict.DAMAGED if await self._remove(search, found) else None
        except Refusal as error:
            return await self._leave(search.transfer, Reason.DAMAGED_COPY_LEFT, error.message or None)

    async def _remove(self, search: Search, found: Found) -> bool:
        """Remove a copy that is not wanted; False when it may still be there.

        Raises:
            Refusal: it will not go, and asking again would be one of the repeated refusals that bring bans.
        """
        account = search.account
        try:
            async with self.accounts.using(account) as client:
                await client.remove_files([found.link.url], priority=Priority.TRANSFER, wait=LOOK_SECONDS)
        except NotFound:
            log.info("The copy of transfer %d had been deleted before", search.transfer.id)
        except (OneFichierError, CannotOpen) as error:
            log.info("A copy of transfer %d is not deleted: %s", search.transfer.id, type(error).__name__)
            if isinstance(error, Refusal) and not isinstance(error, KeyRefused | Limited):
                raise
            search.undeleted = True
            return False
        await self.listings.note_deleted(account.id, found.link.id, self.clock.now())
        return True

    @property
    def _look_every(self) -> timedelta:
        return min(timedelta(seconds=LOOK_SECONDS), self.settle_for)

    def _is_over(self, search: Search, look: Look, searched: timedelta) -> bool:
        """Whether what was not found by now is not to be found."""
        whole_at = search.transfer.whole_at
        if searched < self.settle_for:
            return False
        if whole_at is None or self.clock.now() >= whole_at + LONGEST_SEARCH:
            return True
        reported = search.heard or search.report_at is None or searched >= REPORT_LIFE
        return look.complete and reported and not search.undeleted

    async def _give_up(self, search: Search, look: Look) -> Verdict:
        transfer = search.transfer
        if search.damaged:
            return await self._leave(transfer, Reason.DAMAGED_COPY_LEFT)
        current = await self.transfers.find(transfer.id)
        if current is not None and look.complete and not look.ambiguous and not current.redirected:
            if not current.cancelling:
                return Verdict.SEND_AGAIN
            await self.transfers.end(transfer.id, TransferState.CANCELLED, now=self.clock.now())
            return Verdict.ENDED
        return await self._leave(transfer, Reason.NEVER_SEEN)

    async def _leave(self, transfer: Transfer, reason: Reason, detail: str | None = None) -> Verdict:
        """The person has to look for themselves."""
        await self.transfers.end(
            transfer.id, TransferState.UNKNOWN, now=self.clock.now(), reason=reason, detail=detail
        )
        return Verdict.ENDED
