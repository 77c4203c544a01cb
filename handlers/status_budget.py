"""What status messages of all kinds may call together."""

from enum import StrEnum
from typing import Final, NamedTuple

from handlers.pace import TelegramPace
from onefichier import Clock

# Telegram takes about 30 messages a second in all; the rest is for answers and results, which go first besides.
CALLS_PER_SECOND: Final = 20.0


# Whoever had a chat's last edit lets the other kind of status go first.
HEAD_START_SECONDS: Final = 0.1


class Kind(StrEnum):
    BATCH = "batch"
    JOB = "job"
    DELIVERY = "delivery"


class _Edit(NamedTuple):
    next_at: float
    by: Kind


class StatusBudget:
    """So often in all, and so often in one chat. Times are monotonic seconds."""

    def __init__(self, clock: Clock, pace: TelegramPace) -> None:
        self._clock = clock
        self._pace = pace
        self._next_call = 0.0
        self._edits: dict[int, _Edit] = {}

    @property
    def room_at(self) -> float:
        """From when there is room among all the bot's calls, as far as can be seen now."""
        return max(self._next_call, self._pace.room_at)

    def edit_at(self, chat_id: int, kind: Kind) -> float:
        """From when a chat may see another edit of that kind."""
        last = self._edits.get(chat_id)
        if last is None:
            return 0.0
        return last.next_at + (HEAD_START_SECONDS if last.by is kind else 0.0)

    async def its_turn(self, chat_id: int, kind: Kind, pause: float) -> None:
        """Wait for the next call of all, and have the chat's next edit come `pause` seconds after it at the earliest."""
        now = self._clock.monotonic()
        at = max(self._next_call, now)
        self._next_call = at + 1 / CALLS_PER_SECOND
        last = self._edits.get(chat_id)
        if last is None or last.next_at < at + pause:
            self._edits[chat_id] = _Edit(at + pause, kind)
        if at > now:
            await self._clock.sleep(at - now)

    def sweep(self) -> None:
        """Forget what is over."""
        now = self._clock.monotonic()
        self._edits = {
            chat_id: edit for chat_id, edit in self._edits.items() if edit.next_at + HEAD_START_SECONDS > now
        }
        self._pace.sweep()
