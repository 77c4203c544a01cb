"""Jobs on files and folders: taken up in turn, one at a time in an account, and after a restart where they were."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from onefichier import Clock, KeyRefused, Limited, OneFichierError, Refusal, Unclear, Waiting
from storage import (
    Account,
    CannotOpen,
    Job,
    JobFile,
    JobKind,
    JobState,
    JobStore,
    PeopleStore,
    StorageError,
    StoredFolder,
)
from transfers.file_changes import FolderGone
from transfers.file_moving import FileMoving
from transfers.folder_deletion import Counted, FolderDeletion
from transfers.job_cancelling import JobCancelled
from transfers.pauses import FALLBACK
from transfers.troubles import UNREACHABLE_FOR
from transfers.views import NamedLink
from transfers.wakeups import Wakeups, rung

log = logging.getLogger(__name__)

# The address's pacer decides the pace; more accounts than this beside each other would only wait in it.
AT_ONCE: Final = 8
LOOK_SECONDS: Final = 60.0
# 1fichier gave no verdict; what was done by then is seen at the next try.
ASK_AGAIN: Final = timedelta(seconds=30)
# A question about deleting is understood for so long; then what it counted may be something else.
ASKED_FOR: Final = timedelta(days=1)
CANCEL_SECONDS: Final = 2.0


class Jobs:
    def __init__(
        self,
        *,
        jobs: JobStore,
        people: PeopleStore,
        deletion: FolderDeletion,
        moving: FileMoving,
        wakeups: Wakeups,
        clock: Clock,
    ) -> None:
        self._jobs = jobs
        self._people = people
        self._deletion = deletion
        self._moving = moving
        self._wakeups = wakeups
        self._clock = clock
        self._running: dict[int, tuple[Job, asyncio.Task[None]]] = {}

    async def find(self, job_id: int) -> Job | None:
        return await self._jobs.find(job_id)

    async def files(self, job_id: int) -> list[JobFile]:
        return await self._jobs.files(job_id)

    async def running_of(self, person_id: int) -> list[Job]:
        return await self._jobs.running_of(person_id)

    def counted(self, job_id: int) -> Counted | None:
        """How far a running count is."""
        return self._deletion.counts.get(job_id)

    async def delete_folder(
        self, account: Account, folder: StoredFolder, *, chat_id: int, message_id: int
    ) -> Job:
        """Count what a folder holds, ask about it, and delete it with all of that. `message_id` shows how far it is."""
        return await self._begun(
            await self._jobs.begin(
                account,
                JobKind.DELETE_FOLDER,
                chat_id=chat_id,
                message_id=message_id,
                folder_id=folder.folder_id,
                folder_name=folder.name,
                now=self._clock.now(),
            )
        )

    async def move_files(
        self,
        account: Account,
        files: Sequence[NamedLink],
        folder: StoredFolder,
        *,
        chat_id: int,
        message_id: int,
    ) -> Job:
        return await self._begun(
            await self._jobs.begin(
                account,
                JobKind.MOVE_FILES,
                chat_id=chat_id,
                message_id=message_id,
                folder_id=folder.folder_id,
                folder_name=folder.name,
                files=_named(files),
                now=self._clock.now(),
            )
        )

    async def share_files(
        self, account: Account, files: Sequence[NamedLink], name: str, *, chat_id: int, message_id: int
    ) -> Job:
        """Move files into a new folder called so, and make that public."""
        return await self._begun(
            await self._jobs.begin(
                account,
                JobKind.SHARE_FILES,
                chat_id=chat_id,
                message_id=message_id,
                folder_id=None,
                folder_name=name,
                files=_named(files),
                now=self._clock.now(),
            )
        )

    async def confirm(self, job: Job) -> bool:
        """Yes to what was counted; False when that is too old, or no longer asked."""
        if job.asked_at is None or self._clock.now() - job.asked_at > ASKED_FOR:
            return False
        confirmed = await self._jobs.confirm(job.id, job.person_id)
        if confirmed:
            await self._begun(job)
        return confirmed

    async def cancel(self, job: Job) -> bool:
        """No, or no more: what has been done stays done. False when it has ended."""
        wished = await self._jobs.cancel(job.id, job.person_id, self._clock.now())
        if wished:
            await self._begun(job)
        return wished

    async def stop_work_of(self, person_id: int, account_id: int | None = None) -> None:
        """End what runs of a person, or of one account of theirs, before their rows go."""
        running = [
            (job, task)
            for job, task in self._running.values()
            if job.person_id == person_id and account_id in {None, job.account_id}
        ]
        for _, task in running:
            task.cancel()
        if running:
            await asyncio.wait({task for _, task in running}, timeout=CANCEL_SECONDS)
        for job, _ in running:
            self._wakeups.job_changed(job.id)

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                self._wakeups.jobs.clear()
                # What is read of a job that runs may be over by then; its end has rung, and its account is looked at again.
                busy = frozenset(self._running)
                jobs = await self._jobs.next_of_accounts()
                now = self._clock.now()
                for job in jobs:
                    if job.account_id not in busy and len(self._running) < AT_ONCE and self._may_start(job):
                        self._start(job)
                waiting = [each.not_before - now for each in jobs if each.account_id not in self._running]
                await self._rest([each.total_seconds() for each in waiting])
        finally:
            tasks = [task for _, task in self._running.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, job: Job) -> None:
        task = asyncio.create_task(self._work(job), name=f"job {job.id}")
        self._running[job.account_id] = (job, task)
        self._wakeups.job_changed(job.id)

        def ended(_: asyncio.Task[None]) -> None:
            self._running.pop(job.account_id, None)
            self._wakeups.jobs.set()

        task.add_done_callback(ended)

    def _may_start(self, job: Job) -> bool:
        return job.not_before <= self._clock.now() or job.cancelling

    async def _rest(self, due: Sequence[float]) -> None:
        await rung(self._wakeups.jobs, self._clock, max(0.0, min([LOOK_SECONDS, *due])))

    async def _begun(self, job: Job) -> Job:
        self._wakeups.jobs.set()
        self._wakeups.job_changed(job.id)
        return job

    async def _work(self, job: Job) -> None:
        """A barrier: one job must not end the others."""
        try:
            await self._go_on(job)
        except StorageError:
            log.exception("Job %d could not be recorded; it is taken up again", job.id)
            await self._clock.sleep(ASK_AGAIN.total_seconds())
        except Exception:
            log.exception("Job %d met something unforeseen", job.id)
            await self._jobs.end(job.id, JobState.FAILED, now=self._clock.now())
        self._wakeups.job_changed(job.id)

    async def _go_on(self, job: Job) -> None:
        now = self._clock.now()
        account = await self._people.account(job.account_id)
        if account is None:
            return
        try:
            if job.cancelling:
                raise JobCancelled
            await self._do(account, job)
        except JobCancelled:
            await self._jobs.end(job.id, JobState.CANCELLED, now=now)
        except (Waiting, Limited) as error:
            await self._jobs.put_off(job.id, max(error.until or now + FALLBACK, now))
        except (KeyRefused, CannotOpen):
            log.info("Job %d waits for a new key", job.id)
        except Unclear as error:
            # The job may have got on, or waited long for its turn, before this.
            current = await self._jobs.find(job.id)
            since = current.trouble_since if current else None
            if since is not None and now - since > UNREACHABLE_FOR:
                await self._jobs.end(job.id, JobState.FAILED, now=now)
            else:
                log.info("Job %d is tried again: %s", job.id, type(error).__name__)
                await self._jobs.put_off(job.id, now + ASK_AGAIN, trouble_since=since or now)
        except FolderGone:
            await self._jobs.end(job.id, JobState.FAILED, now=now, detail="Resource not found")
        except Refusal as error:
            await self._jobs.end(job.id, JobState.FAILED, now=now, detail=error.message or None)
        except OneFichierError:
            await self._jobs.end(job.id, JobState.FAILED, now=now)

    async def _do(self, account: Account, job: Job) -> None:
        match job.kind:
            case JobKind.DELETE_FOLDER if job.state is JobState.COUNTING:
                counted = await self._deletion.count(account, job)
                await self._jobs.counted(
                    job.id,
                    files=counted.files,
                    folders=counted.folders,
                    size=counted.size,
                    now=self._clock.now(),
                )
            case JobKind.DELETE_FOLDER:
                await self._deletion.delete(account, job)
                await self._jobs.end(job.id, JobState.DONE, now=self._clock.now())
            case JobKind.MOVE_FILES:
                moved = await self._moving.move(account, job)
                state = JobState.DONE if moved else JobState.FAILED
                await self._jobs.end(job.id, state, now=self._clock.now())
            case JobKind.SHARE_FILES:
                url = await self._moving.share(account, job)
                state = JobState.DONE if url else JobState.FAILED
                await self._jobs.end(job.id, state, now=self._clock.now(), shared_url=url)


def _named(files: Sequence[NamedLink]) -> list[JobFile]:
    return [JobFile(each.link.id, each.link.url, each.name) for each in files]
