"""Between two calls a job looks whether it is still wanted."""

from storage import Job, JobStore


class JobCancelled(Exception):
    """The person wishes no more of it, or has logged out. What was done by then stays done."""


async def heed(jobs: JobStore, job: Job) -> None:
    """Raises JobCancelled when it is not wanted any more."""
    current = await jobs.find(job.id)
    if current is None or current.cancelling:
        raise JobCancelled
