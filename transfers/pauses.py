"""When 1fichier has to be waited for: until when, and telling the person once."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from onefichier import Clock, Limited, Waiting
from storage import FactKind, OutboxStore
from transfers.wakeups import Wakeups

# A wait shorter than this is over before the person has read about it; one call that probes after a pause takes a minute.
WORTH_TELLING: Final = timedelta(seconds=90)
# An answer that names no end of its pause is asked again after this.
FALLBACK: Final = timedelta(minutes=5)
_MINUTE: Final = 60


@dataclass(frozen=True)
class Pauses:
    outbox: OutboxStore
    wakeups: Wakeups
    clock: Clock

    def until(self, error: Waiting | Limited) -> datetime:
        return error.until or self.clock.now() + FALLBACK

    async def tell(self, person_id: int, chat_id: int, until: datetime) -> None:
        """Have the person told that their work waits; once per pause and chat, also across restarts."""
        now = self.clock.now()
        if until - now < WORTH_TELLING:
            return
        # Every file of a queue expects its turn a little later than the one before: that is still the same pause.
        same_pause = math.floor((until - WORTH_TELLING).timestamp()) + 1
        if await self.outbox.put(
            person_id, chat_id, FactKind.PAUSED, whole_minute(until), now=now, unless_from=same_pause
        ):
            self.wakeups.outbox.set()


def whole_minute(moment: datetime) -> int:
    """Unix seconds, rounded up: people are told minutes, and after a restart the same moment differs by fractions."""
    return -(-int(moment.timestamp()) // _MINUTE) * _MINUTE
