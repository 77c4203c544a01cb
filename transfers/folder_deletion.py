"""A folder deleted with all that is in it: counted, then emptied from within, files before the folder that holds them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from onefichier import (
    Client,
    Clock,
    KeyRefused,
    Limited,
    Link,
    ListedFile,
    NotFound,
    Priority,
    Refusal,
)
from storage import Account, Job, JobStore, ListingStore, PeopleStore
from transfers.accounts import Accounts
from transfers.job_cancelling import heed
from transfers.paths import DEEPEST
from transfers.wakeups import Wakeups

log = logging.getLogger(__name__)

# A job that has to wait longer for its turn shows that it waits, and goes on later.
TURN_WAIT_SECONDS: Final = 60.0
# In one call; between two of them a wish to cancel is heard.
DELETED_AT_ONCE: Final = 100
# A folder that was emptied may be listed as it was for a while. Its listings lie half a minute apart.
LOOKS: Final = 4


@dataclass(frozen=True)
class Counted:
    """What is in a folder and below it; `folders` counts the folder itself."""

    files: int = 0
    folders: int = 0
    size: int = 0


@dataclass(frozen=True)
class FolderDeletion:
    """`counts`: how far counting is, by job."""

    jobs: JobStore
    people: PeopleStore
    listings: ListingStore
    accounts: Accounts
    wakeups: Wakeups
    clock: Clock
    counts: dict[int, Counted] = field(default_factory=dict, repr=False, compare=False)

    async def count(self, account: Account, job: Job) -> Counted:
        """By one cheap call a folder.

        Raises:
            JobCancelled: nothing was changed.
            OneFichierError: the count is begun anew later.
        """
        counted = Counted()
        waiting, seen = [job.folder_id or 0], set[int]()
        try:
            async with self.accounts.using(account) as client:
                while waiting:
                    await heed(self.jobs, job)
                    folder_id = waiting.pop()
                    if folder_id in seen:
                        continue
                    seen.add(folder_id)
                    try:
                        folder = await client.list_folder(
                            folder_id, priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS
                        )
                    except NotFound:
                        if folder_id == job.folder_id:
                            raise
                        continue
                    waiting += [sub.id for sub in folder.sub_folders]
                    counted = Counted(
                        counted.files + folder.file_count, counted.folders + 1, counted.size + folder.size
                    )
                    self.counts[job.id] = counted
                    self.wakeups.job_changed(job.id)
        finally:
            self.counts.pop(job.id, None)
        return counted

    async def delete(self, account: Account, job: Job) -> None:
        """Delete it all. What an earlier try has deleted is not there any more, so this may be called again.

        Raises:
            JobCancelled: what has been deleted by now is gone, the rest is still there.
            OneFichierError: likewise.
        """
        async with self.accounts.using(account) as client:
            await _Run(self, account, job, client).delete(job.folder_id or 0)


@dataclass
class _Run:
    deletion: FolderDeletion
    account: Account
    job: Job
    client: Client
    deleted: set[str] = field(default_factory=set)
    """Links that a listing may still show."""

    async def delete(self, folder_id: int, depth: int = 0) -> None:
        """Raises Refusal when the folder stays however often it is looked at."""
        in_vain = 0
        try:
            while True:
                deleted = len(self.deleted)
                is_cut = await self._empty(folder_id, depth)
                if is_cut and len(self.deleted) > deleted:
                    continue
                in_vain += 1
                if await self._remove_folder(folder_id, last_look=in_vain >= LOOKS):
                    break
        except NotFound:
            log.info("Folder %d is gone already", folder_id)
        await self.deletion.listings.forget_folder(self.account.id, folder_id)
        await self.deletion.people.note_folder_gone(self.account.id, folder_id)

    async def _remove_folder(self, folder_id: int, *, last_look: bool) -> bool:
        """False when it may not be empty: something may have come into it, or be still listed."""
        try:
            await self.client.remove_folder(folder_id, priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS)
        except (KeyRefused, Limited, NotFound):
            raise
        except Refusal:
            if last_look:
                raise
            return False
        return True

    async def _empty(self, folder_id: int, depth: int) -> bool:
        """Delete what the folder shows; True when its listing was cut."""
        await heed(self.deletion.jobs, self.job)
        folder = await self.client.list_folder(
            folder_id, files=True, priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS
        )
        left = [file for file in folder.files if file.link.id not in self.deleted]
        for start in range(0, len(left), DELETED_AT_ONCE):
            await heed(self.deletion.jobs, self.job)
            await self._remove(left[start : start + DELETED_AT_ONCE])
        for sub in folder.sub_folders if depth < DEEPEST else ():
            await self.delete(sub.id, depth + 1)
        return not folder.complete

    async def _remove(self, files: Sequence[ListedFile]) -> None:
        links = [file.link for file in files]
        try:
            removed: Sequence[Link] = (
                await self.client.remove_files(links, priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS)
            ).links
        except NotFound:
            # They were only still listed.
            removed = links
        gone = {link.id for link in removed}
        self.deleted |= gone
        await self.deletion.listings.note_all_deleted(self.account.id, gone, self.deletion.clock.now())
        await self.deletion.jobs.note_deleted(self.job.id, len(removed))
        self.deletion.wakeups.job_changed(self.job.id)
