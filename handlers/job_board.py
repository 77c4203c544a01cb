"""Messages of jobs: edited as they go on, within the budget of all statuses, and turned into what they ask or how they ended."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from handlers.chats import DeliveryError, MessageGone, SlowDown
from handlers.context import Services
from handlers.job_text import JobStatus, job_buttons, job_text
from handlers.pace import Urgency
from handlers.reader import texts_of
from handlers.status_budget import Kind
from handlers.texts import Texts
from storage import Job, JobFile, JobKind

log = logging.getLogger(__name__)

# Bells that ring while a job is looked at are one.
PAUSE_SECONDS: Final = 0.05


class JobBoard:
    """What is late of the progress is dropped; what a job asks, and its end, are told by the postman through `say`."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._edit_at: dict[int, float] = {}
        self._shown: dict[int, int] = {}
        # Their readers have deleted them, or nobody can be shown them.
        self._gone: set[int] = set()
        self._one_at_a_time = asyncio.Lock()

    async def run(self) -> None:
        """Work until cancelled."""
        wakeups, clock = self._services.wakeups, self._services.clock
        while True:
            wakeups.job_status.clear()
            for job_id in sorted(wakeups.changed_jobs):
                if self._edit_at.get(job_id, 0.0) <= clock.monotonic():
                    wakeups.changed_jobs.discard(job_id)
                    await self._look(job_id)
            await self._rest()

    async def say(self, job: Job) -> None:
        """Show a job as it is; in a new message where its own is gone.

        Raises:
            DeliveryError: it is not shown.
        """
        async with self._one_at_a_time:
            status = await self._status(job)
            t = await self._texts(job)
            text, markup, chats = job_text(t, status), job_buttons(t, job), self._services.chats
            if job.message_id is not None:
                try:
                    await chats.edit(
                        job.chat_id, job.message_id, text, keyboard=markup, urgency=Urgency.RESULT
                    )
                except MessageGone:
                    pass
                else:
                    return
            await chats.send(job.chat_id, text, keyboard=markup, urgency=Urgency.RESULT)

    async def _look(self, job_id: int) -> None:
        try:
            job = await self._services.jobs.find(job_id)
            if job is None or not job.running or job.message_id is None:
                self._forget(job_id)
                return
            async with self._one_at_a_time:
                await self._edit(job)
        except SlowDown as error:
            self._put_off(job_id, self._services.clock.monotonic() + error.seconds)
        except MessageGone:
            log.info("The message of job %d is gone and stays so", job_id)
            self._gone.add(job_id)
        except DeliveryError as error:
            log.info("The message of job %d stays as it is: %s", job_id, type(error).__name__)
        except Exception:
            log.exception("The message of job %d could not be shown", job_id)

    async def _edit(self, job: Job) -> None:
        # Looked at again: by now its end may have been told.
        services, current = self._services, await self._services.jobs.find(job.id)
        if current is None or not current.running or current.message_id is None:
            return
        if job.id in self._gone or await services.people.is_unreachable(current.chat_id):
            return
        budget = services.chats.statuses
        at = max(budget.room_at, budget.edit_at(current.chat_id, Kind.JOB))
        if at > services.clock.monotonic():
            self._put_off(job.id, at)
            return
        t, status = await self._texts(current), await self._status(current)
        text, markup = job_text(t, status), job_buttons(t, current)
        fingerprint = hash((text, str(markup)))
        if self._shown.get(job.id) == fingerprint:
            return
        await budget.its_turn(current.chat_id, Kind.JOB, services.progress_seconds)
        await services.chats.edit(
            current.chat_id, current.message_id, text, keyboard=markup, urgency=Urgency.STATUS
        )
        self._shown[job.id] = fingerprint

    def _put_off(self, job_id: int, at: float) -> None:
        self._edit_at[job_id] = at
        self._services.wakeups.changed_jobs.add(job_id)

    def _forget(self, job_id: int) -> None:
        self._edit_at.pop(job_id, None)
        self._shown.pop(job_id, None)
        self._gone.discard(job_id)

    async def _rest(self) -> None:
        clock, wakeups = self._services.clock, self._services.wakeups
        await clock.sleep(PAUSE_SECONDS)
        due = [self._edit_at.get(job_id, 0.0) for job_id in wakeups.changed_jobs]
        if wakeups.job_status.is_set():
            return
        waits = {asyncio.ensure_future(wakeups.job_status.wait())}
        timer = asyncio.ensure_future(clock.sleep(max(0.0, min(due) - clock.monotonic()))) if due else None
        try:
            await asyncio.wait({*waits, timer} if timer else waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (*waits, timer):
                if each is not None:
                    each.cancel()

    async def _status(self, job: Job) -> JobStatus:
        services = self._services
        files: Sequence[JobFile] = ()
        if job.kind is not JobKind.DELETE_FOLDER and not job.running:
            files = await services.jobs.files(job.id)
        account = await services.people.account(job.account_id)
        return JobStatus(
            job=job,
            now=services.clock.now(),
            files=files,
            counted=services.jobs.counted(job.id),
            key_refused=account is not None and account.refused_at is not None,
            paused_until=services.uploads.paused_until(job.account_id),
        )

    async def _texts(self, job: Job) -> Texts:
        person = await self._services.people.find(job.person_id)
        return texts_of(person)
