"""What has to be done now and then, so that nothing grows and nothing is left lying."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from onefichier import Clock, OneFichier
from storage import (
    BatchStore,
    DeliveryStore,
    HistoryStore,
    JobStore,
    LimitRows,
    ListingStore,
    OutboxStore,
    QuestionStore,
)
from transfers.accounts import Accounts
from transfers.search import Search
from transfers.settle import Settler

log = logging.getLogger(__name__)

EVERY_SECONDS: Final = 600.0
# After somebody was erased: by then it is recorded that their wish has been handled.
AFTER_ERASING_SECONDS: Final = 2.0
# A listing has long caught up with a deletion by then.
DELETED_KEPT: Final = timedelta(days=1)
# An old button is answered with "too old" for so long, then as any unknown one.
QUESTIONS_KEPT: Final = timedelta(days=7)


@dataclass(frozen=True)
class Housekeeping:
    service: OneFichier
    accounts: Accounts
    settler: Settler
    batches: BatchStore
    outbox: OutboxStore
    questions: QuestionStore
    listings: ListingStore
    jobs: JobStore
    deliveries: DeliveryStore
    past: HistoryStore
    search: Search
    limits: LimitRows
    clock: Clock
    history: timedelta

    async def run(self) -> None:
        """Do all of it every ten minutes, and soon after somebody was erased, until cancelled."""
        while True:
            self.accounts.erased.clear()
            await self.once()
            await self._rest()

    async def _rest(self) -> None:
        bell = asyncio.ensure_future(self.accounts.erased.wait())
        timer = asyncio.ensure_future(self.clock.sleep(EVERY_SECONDS))
        try:
            await asyncio.wait({bell, timer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            bell.cancel()
            timer.cancel()
        if not timer.done():
            await self.clock.sleep(AFTER_ERASING_SECONDS)

    async def once(self) -> None:
        """Each part for itself: what one of them cannot do keeps none of the others from being done."""
        now = self.clock.now()
        then = now - self.history
        parts: tuple[Callable[[], Awaitable[object]], ...] = (
            lambda: self.past.end_parked(then, now),
            lambda: self.jobs.end_parked(then, now),
            lambda: self.past.forget_unreachable(then),
            lambda: self.batches.prune(then),
            lambda: self.outbox.prune(then),
            lambda: self.questions.prune(now - QUESTIONS_KEPT),
            lambda: self.listings.prune(now - DELETED_KEPT),
            lambda: self.jobs.prune(then),
            lambda: self.deliveries.prune(then),
            lambda: self.limits.prune(now),
            self.settler.remove_guest_uploads,
            self.accounts.erase_traces,
        )
        for part in parts:
            try:
                await part()
            except Exception:
                log.exception("A part of housekeeping broke off; it is done again later")
        self.service.sweep()
        self.search.sweep()
