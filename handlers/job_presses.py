"""Buttons of jobs on files and folders: yes to what was counted, and no more of it."""

from typing import Final

from telegram import Update

from handlers.buttons import Action
from handlers.command import ButtonCallback
from handlers.context import Context
from handlers.presses import not_yours, too_old
from storage import Job, JobState


async def confirm_job(_: Update, context: Context) -> str | None:
    """Delete what was counted."""
    job = await _job(context)
    if isinstance(job, str):
        return job
    if job.state is not JobState.ASKING:
        return context.t.plain("Already done.")
    if await context.services.jobs.confirm(job):
        return None
    await context.services.jobs.cancel(job)
    return too_old(context)


async def cancel_job(_: Update, context: Context) -> str | None:
    """Keep what was asked about, or stop what runs; its message then says how far it came."""
    job = await _job(context)
    if isinstance(job, str):
        return job
    if not await context.services.jobs.cancel(job):
        return context.t.plain("Already done.")
    return (
        None if job.state is JobState.ASKING else context.t.plain("I stop after the call that is under way.")
    )


async def _job(context: Context) -> Job | str:
    job = await context.services.jobs.find(context.press.number())
    if job is None:
        return too_old(context)
    return job if job.person_id == context.person.id else not_yours(context)


BUTTONS: Final[dict[Action, ButtonCallback]] = {
    Action.CONFIRM_JOB: confirm_job,
    Action.CANCEL_JOB: cancel_job,
}
