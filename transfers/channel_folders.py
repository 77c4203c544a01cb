"""Folders named after channels, for what was forwarded from them."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakValueDictionary

from onefichier import Clock, KeyRefused, Limited, Priority, Refusal, same_name
from storage import Account, ListingStore, StoredFolder, Transfer, TransferStore
from transfers.file_changes import FolderGone
from transfers.folders import Folders
from transfers.naming import NameRefused
from transfers.paths import ROOT
from transfers.wakeups import Wakeups

log = logging.getLogger(__name__)

# A file that has to wait longer than this for its turn gives its place to somebody else's.
TURN_WAIT_SECONDS: Final = 30.0
# A folder that was there is believed to be so for a while: what is sent to one that is gone lands in the main folder.
BELIEVED_FOR: Final = timedelta(minutes=30)


@dataclass(frozen=True)
class ChannelFolders:
    folders: Folders
    listings: ListingStore
    transfers: TransferStore
    wakeups: Wakeups
    clock: Clock
    _seen: dict[tuple[int, int], datetime] = field(default_factory=dict, repr=False, compare=False)
    """When folders were last known to be there, by account and folder."""
    _locks: WeakValueDictionary[int, asyncio.Lock] = field(
        default_factory=WeakValueDictionary, repr=False, compare=False
    )
    """Of accounts: files that come together ask for their folder once."""

    async def sorted(self, transfer: Transfer, account: Account) -> Transfer:
        """The transfer with the folder that it goes to, made when needed.

        Sorting is never worth a file: where it cannot be done, the file goes where all files go.

        Raises:
            OneFichierError: 1fichier cannot be asked now, or gave no verdict.
        """
        if not transfer.channel:
            return transfer
        folder_id, name = transfer.folder_id, transfer.folder_name
        try:
            async with self._locks.setdefault(account.id, asyncio.Lock()):
                folder = await self._folder(account, transfer.folder_id, transfer.channel)
        except (KeyRefused, Limited):
            raise
        except (Refusal, FolderGone, NameRefused) as error:
            log.info("Transfer %d is not sorted: %s", transfer.id, type(error).__name__)
        else:
            folder_id, name = folder.folder_id, folder.name
        await self.transfers.put_into(transfer.id, folder_id, name)
        self.wakeups.batch_changed(transfer.batch_id)
        return await self.transfers.find(transfer.id) or transfer

    async def _folder(self, account: Account, parent_id: int, title: str) -> StoredFolder:
        known = await self._known(account, parent_id, title)
        if known is not None:
            return known
        try:
            folder = await self._made(account, parent_id, title)
        except FolderGone:
            # What is sent there lands in the main folder, too.
            if parent_id == ROOT:
                raise
            folder = await self._known(account, ROOT, title) or await self._made(account, ROOT, title)
        return folder

    async def _known(self, account: Account, parent_id: int, title: str) -> StoredFolder | None:
        """The folder, if it is known and still there."""
        subs = await self.listings.sub_folders(account.id, parent_id)
        found = next((sub for sub in subs if same_name(sub.name, title)), None)
        if found is None or self._is_believed(account, found):
            return found
        try:
            await self.folders.look_into(
                account, found.folder_id, priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS
            )
        except FolderGone:
            return None
        self._note_seen(account, found)
        return found

    async def _made(self, account: Account, parent_id: int, title: str) -> StoredFolder:
        folder, _ = await self.folders.make(
            account, parent_id, title, priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS
        )
        self._note_seen(account, folder)
        return folder

    def _is_believed(self, account: Account, folder: StoredFolder) -> bool:
        seen = self._seen.get((account.id, folder.folder_id))
        return seen is not None and self.clock.now() - seen < BELIEVED_FOR

    def _note_seen(self, account: Account, folder: StoredFolder) -> None:
        now = self.clock.now()
        for key in [key for key, seen in self._seen.items() if now - seen >= BELIEVED_FOR]:
            del self._seen[key]
        self._seen[account.id, folder.folder_id] = now
