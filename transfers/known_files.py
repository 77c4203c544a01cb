"""Files that are in the account already: their link instead of a second copy."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from onefichier import Clock, KeyRefused, Limited, Link, NotFound, OneFichierError, Priority, Refusal
from storage import Account, DuplicateStore, ListingStore, StoredFile, Transfer, Twin
from transfers.accounts import Accounts
from transfers.files import Files
from transfers.wakeups import Wakeups

log = logging.getLogger(__name__)

# A question about one file waits for its turn as long as an upload does.
TURN_WAIT_SECONDS: Final = 30.0
# For so many files or more, one listing of a folder is cheaper than asking for each.
LIST_FROM: Final = 3
# What a listing of this age shows is still there.
FRESH: Final = timedelta(minutes=1)
# Until the same file, sent twice, has been uploaded the first time.
UNDER_WAY_PAUSE: Final = timedelta(seconds=5)


class UnderWay(Exception):
    """The same Telegram file is being uploaded by an earlier row; its link will do for both."""


@dataclass(frozen=True)
class KnownFiles:
    store: DuplicateStore
    listings: ListingStore
    accounts: Accounts
    files: Files
    wakeups: Wakeups
    clock: Clock

    async def use_what_is_there(self, transfer: Transfer, account: Account) -> bool:
        """End the transfer with the link that its file has already; False when there is none, so that it has to be sent.

        Raises:
            UnderWay: ask again later.
            OneFichierError: 1fichier cannot be asked, or gave no verdict.
        """
        if transfer.again:
            return False
        twin = await self.store.twin(transfer)
        found = await self._find(account, twin) if twin else None
        if twin is None or found is None:
            if await self.store.under_way(transfer):
                raise UnderWay
            return False
        await self.store.finish(
            transfer.id,
            link=found.link,
            name=found.name,
            size=found.size,
            since=twin.uploaded_at,
            now=self.clock.now(),
        )
        return True

    async def answer(self, batch_id: int, person_id: int, *, upload: bool) -> int:
        """Upload the files of a batch that wait for this answer, or leave them out. How many there were."""
        count = await self.store.release(batch_id, person_id, upload=upload, now=self.clock.now())
        self.wakeups.batch_item_ended(batch_id)
        return count

    async def with_names_taken(self, transfers: Iterable[Transfer]) -> set[int]:
        """Of which uploads another file in their folder has the name, as far as is known; their ids."""
        return {
            each.id
            for each in transfers
            if each.there_since is None and each.stored_name and await self.store.is_name_taken(each)
        }

    async def namesake(self, transfer: Transfer) -> StoredFile | None:
        """What the person is asked about, as far as it is still known."""
        return await self.store.namesake(transfer)

    async def _find(self, account: Account, twin: Twin) -> StoredFile | None:
        if await self.store.waiting(account.id) >= LIST_FROM and (
            listed := await self._listed(account, twin)
        ):
            return listed
        try:
            async with self.accounts.using(account) as client:
                info = await client.file_info(
                    Link(twin.link_id, twin.link), priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS
                )
        except NotFound:
            # Deleted elsewhere: nobody needs to ask about it again.
            await self.listings.note_deleted(account.id, twin.link_id, self.clock.now())
            return None
        except (KeyRefused, Limited):
            raise
        except Refusal as error:
            log.info("A file that may be there is sent again: %s", type(error).__name__)
            return None
        if info.folder_id is None:
            return None
        return StoredFile(
            link_id=info.link.id,
            link=info.link.url,
            folder_id=info.folder_id,
            name=info.name,
            size=info.size,
            uploaded_at=info.uploaded,
            has_password=info.has_password,
        )

    async def _listed(self, account: Account, twin: Twin) -> StoredFile | None:
        """As the folder's listing has it, which serves for all files that wait; None when it does not say so now."""
        asked_at = self.clock.now()
        try:
            view = await self.files.folder(account, twin.folder_id)
        except KeyRefused:
            raise
        except OneFichierError as error:
            log.info("No listing for files that may be there: %s", type(error).__name__)
            return None
        if asked_at - view.as_of > FRESH:
            return None
        return next((file for file in view.files if file.link_id == twin.link_id), None)
