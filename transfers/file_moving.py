"""Several files moved at once: into a folder, or into a new one that everybody with its link can see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from onefichier import (
    Client,
    Clock,
    KeyRefused,
    Limited,
    Link,
    NotFound,
    Priority,
    Refusal,
    same_name,
)
from storage import Account, Job, JobFile, JobFileState, JobStore, ListingStore, StoredFolder
from transfers.accounts import Accounts
from transfers.file_changes import FolderGone
from transfers.folder_deletion import TURN_WAIT_SECONDS
from transfers.job_cancelling import heed
from transfers.paths import ROOT

# One link that leads nowhere may have the whole call refused. It is looked for by halves, slowly and not for ever: repeated refusals
# are what brings bans.
REFUSALS: Final = 20
PAUSE_AFTER_REFUSAL_SECONDS: Final = 10.0
# A folder of that name that is somebody's, with files of its own, is not ours to share.
NAMES: Final = 5


@dataclass(frozen=True)
class FileMoving:
    jobs: JobStore
    listings: ListingStore
    accounts: Accounts
    clock: Clock

    async def move(self, account: Account, job: Job) -> int:
        """Move what has not been moved yet; returns how many of all are there now.

        Raises:
            FolderGone: the folder they were to go to.
            OneFichierError: some may have been moved; to be called again.
        """
        async with self.accounts.using(account) as client:
            return await self._move(client, account, job, job.folder_id or ROOT)

    async def share(self, account: Account, job: Job) -> str | None:
        """The public address of the folder that has them now; None when none could be moved. Raises as `move`."""
        async with self.accounts.using(account) as client:
            folder_id = job.folder_id
            if folder_id is None:
                folder_id = await self._make_folder(client, account, job)
            if not await self._move(client, account, job, folder_id):
                await client.remove_folder(folder_id, priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS)
                await self.listings.forget_folder(account.id, folder_id)
                return None
            url = await client.share_folder(
                folder_id, public=True, priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS
            )
        known = await self.listings.folder(account.id, folder_id)
        if known is not None:
            await self.listings.note_folder(account.id, replace(known, shared_url=url))
        return url

    async def _make_folder(self, client: Client, account: Account, job: Job) -> int:
        """A folder of its own for the job, whose earlier try may have made it already."""
        ours = {file.link_id for file in await self.jobs.files(job.id)}
        for number in range(1, NAMES + 1):
            name = job.folder_name if number == 1 else f"{job.folder_name} ({number})"
            try:
                made = await client.make_folder(
                    name, ROOT, priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS
                )
            except (KeyRefused, Limited):
                raise
            except Refusal:
                folder_id = await self._made_before(client, name, ours)
                if folder_id is None and number < NAMES:
                    continue
                if folder_id is None:
                    raise
            else:
                folder_id = made.id
            folder = StoredFolder(folder_id, ROOT, name, None, complete=True)
            await self.listings.note_folder(account.id, folder)
            await self.jobs.note_folder(job.id, folder_id, name)
            return folder_id
        raise AssertionError("the last name is used or refused")

    @staticmethod
    async def _made_before(client: Client, name: str, ours: set[str]) -> int | None:
        """The folder of that name, unless it holds anything that is not of the job."""
        root = await client.list_folder(ROOT, priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS)
        for sub in root.sub_folders:
            if same_name(sub.name, name):
                folder = await client.list_folder(
                    sub.id, files=True, priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS
                )
                foreign = [file for file in folder.files if file.link.id not in ours]
                return sub.id if not foreign and not folder.sub_folders else None
        return None

    async def _move(self, client: Client, account: Account, job: Job, folder_id: int) -> int:
        files = await self.jobs.files(job.id)
        waiting = [file for file in files if file.state is JobFileState.WAITING]
        if waiting:
            try:
                await client.list_folder(folder_id, priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS)
            except NotFound as error:
                raise FolderGone from error
            unsure = await self._move_by_halves(client, account, job, waiting, folder_id)
            await self._settle(client, account, job, unsure, folder_id)
        files = await self.jobs.files(job.id)
        return sum(file.state is JobFileState.DONE for file in files)

    async def _move_by_halves(
        self, client: Client, account: Account, job: Job, files: Sequence[JobFile], folder_id: int
    ) -> list[JobFile]:
        """Returns those of which 1fichier did not say that it moved them."""
        parts, unsure, refusals = [list(files)], list[JobFile](), 0
        while parts:
            await heed(self.jobs, job)
            part = parts.pop()
            if refusals >= REFUSALS:
                unsure += part
                continue
            links = [Link(file.link_id, file.link) for file in part]
            try:
                changed = await client.move_files(
                    links, folder_id, priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS
                )
            except (KeyRefused, Limited):
                raise
            except Refusal:
                refusals += 1
                if len(part) == 1:
                    unsure += part
                else:
                    middle = len(part) // 2
                    parts += [part[middle:], part[:middle]]
                await self.clock.sleep(PAUSE_AFTER_REFUSAL_SECONDS)
                continue
            moved = {link.id for link in changed.links}
            await self._note_moved(account, job, moved, folder_id)
            unsure += [file for file in part if file.link_id not in moved]
        return unsure

    async def _settle(
        self, client: Client, account: Account, job: Job, unsure: Sequence[JobFile], folder_id: int
    ) -> None:
        """Some may have been there before, or moved by a call whose answer was lost: the folder shows them."""
        if not unsure:
            return
        folder = await client.list_folder(
            folder_id, files=True, priority=Priority.TRANSFER, wait=TURN_WAIT_SECONDS
        )
        there = {file.link.id for file in folder.files}
        await self._note_moved(account, job, {each.link_id for each in unsure} & there, folder_id)
        failed = [each.link_id for each in unsure if each.link_id not in there]
        await self.jobs.note_files(job.id, failed, JobFileState.FAILED)

    async def _note_moved(self, account: Account, job: Job, link_ids: set[str], folder_id: int) -> None:
        await self.listings.note_moved(account.id, link_ids, folder_id, self.clock.now())
        await self.jobs.note_files(job.id, link_ids, JobFileState.DONE)
