"""What one person may have taken in within a day, by the settings of whoever runs the bot."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from onefichier import Clock
from storage import TakenInStore

# Not the calendar's day: nobody's ends at midnight somewhere else.
WINDOW: Final = timedelta(hours=24)


@dataclass(frozen=True)
class Allowance:
    """None: no limit. What failed does not count, nor what was cancelled before it began."""

    taken_in: TakenInStore
    clock: Clock
    most_bytes: int | None = None
    most_links: int | None = None

    async def takes_file(self, person_id: int, size: int | None) -> bool:
        """Whether a file still fits. One whose size is not said fits as long as anything does."""
        if self.most_bytes is None:
            return True
        taken = await self.taken_in.bytes(person_id, self._since())
        return taken + (size or 1) <= self.most_bytes

    async def links_left(self, person_id: int, chat_id: int, message_id: int) -> int | None:
        """How many links of this message may be taken, whether some of them were before or not."""
        if self.most_links is None:
            return None
        taken = await self.taken_in.links(person_id, self._since(), besides=(chat_id, message_id))
        return max(0, self.most_links - taken)

    async def bytes_free_again_at(self, person_id: int) -> datetime:
        """When the oldest of what counts leaves the window."""
        return self._a_day_after(await self.taken_in.oldest_file(person_id, self._since()))

    async def links_free_again_at(self, person_id: int) -> datetime:
        return self._a_day_after(await self.taken_in.oldest_link(person_id, self._since()))

    def _a_day_after(self, oldest: datetime | None) -> datetime:
        return (oldest or self.clock.now()) + WINDOW

    def _since(self) -> datetime:
        return self.clock.now() - WINDOW
