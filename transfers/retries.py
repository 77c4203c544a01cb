"""Trying again what ended without a link, and uploading again what was there already."""

from dataclasses import dataclass

from onefichier import Clock
from storage import RetryOf, RetryRefusal, RetryStore, RetryWhat
from transfers.wakeups import Wakeups


@dataclass(frozen=True)
class Retries:
    store: RetryStore
    wakeups: Wakeups
    clock: Clock

    async def try_again(
        self, what: RetryOf, subject: int, person_id: int, *, wanted: RetryWhat = RetryWhat.FAILED
    ) -> RetryRefusal | None:
        """Begin anew, in a batch of its own. None: it is under way."""
        begun = await self.store.begin(what, subject, person_id, self.clock.now(), wanted=wanted)
        if isinstance(begun, RetryRefusal):
            return begun
        self.wakeups.queue.set()
        self.wakeups.remotes.set()
        self.wakeups.batch_changed(begun.id)
        return None
