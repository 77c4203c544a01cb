"""Maintenance: nothing new is begun, what runs ends. What people send meanwhile is kept, and begun afterwards."""

from onefichier import Clock
from storage import ProcessStore, Switch
from transfers.wakeups import Wakeups


class Maintenance:
    """The row is the truth; `on` is what it said last, for loops that ask often."""

    def __init__(self, process: ProcessStore, wakeups: Wakeups, clock: Clock) -> None:
        self._process = process
        self._wakeups = wakeups
        self._clock = clock
        self.on = False

    async def load(self) -> None:
        """Take up what an earlier process left. Comes before anything is begun."""
        self.on = await self._process.is_on(Switch.MAINTENANCE)

    async def turn(self, *, on: bool) -> None:
        await self._process.turn(Switch.MAINTENANCE, self._clock.now(), on=on)
        self.on = on
        self._wakeups.queue.set()
        self._wakeups.remotes.set()
        self._wakeups.deliveries.set()
