"""Who has something new to look at. Only hints: the rows are the truth, and every loop also looks by itself."""

import asyncio

from onefichier import Clock


class Wakeups:
    """Bells between the parts of the process.

    Attributes:
        changed: ids of the batches whose status message may have something new to say.
        changed_jobs: likewise of jobs on files and folders.
        changed_deliveries: likewise of files that are sent into a chat.
        new_figures: ids of the accounts that 1fichier was asked about.
    """

    def __init__(self) -> None:
        self.queue = asyncio.Event()
        self.remotes = asyncio.Event()
        self.outbox = asyncio.Event()
        self.status = asyncio.Event()
        self.changed: set[int] = set()
        self.index = asyncio.Event()
        self.jobs = asyncio.Event()
        self.job_status = asyncio.Event()
        self.changed_jobs: set[int] = set()
        self.deliveries = asyncio.Event()
        self.delivery_status = asyncio.Event()
        self.changed_deliveries: set[int] = set()
        self.figures = asyncio.Event()
        self.new_figures: set[int] = set()

    def batch_changed(self, batch_id: int) -> None:
        self.changed.add(batch_id)
        self.status.set()

    def batch_item_sent(self, batch_id: int) -> None:
        """A place is free, and there is nothing to be told yet."""
        self.batch_changed(batch_id)
        self.queue.set()

    def batch_item_ended(self, batch_id: int) -> None:
        self.batch_changed(batch_id)
        self.outbox.set()
        self.queue.set()

    def job_changed(self, job_id: int) -> None:
        self.changed_jobs.add(job_id)
        self.job_status.set()
        self.outbox.set()

    def delivery_changed(self, delivery_id: int) -> None:
        self.changed_deliveries.add(delivery_id)
        self.delivery_status.set()

    def figures_came(self, account_id: int) -> None:
        self.new_figures.add(account_id)
        self.figures.set()


async def rung(bell: asyncio.Event, clock: Clock, seconds: float) -> None:
    """Return when the bell rings, or after so long."""
    ringing = asyncio.ensure_future(bell.wait())
    timer = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({ringing, timer}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ringing.cancel()
        timer.cancel()
