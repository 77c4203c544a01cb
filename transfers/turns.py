"""Files that are sent share the event loop with people who wait for an answer."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final

# An answer takes dozens of the loop's turns, one after another. Were every file whose connection has room to go on by a piece in each of
# them, a /help would take half a second beside 32 files. A turn without a file is a short one: of the processor's time files still have nearly
# all that nobody else wants.
TURNS_OF_OTHERS: Final = 4
# A turn that was over sooner had next to nobody in it, for the loop alone takes 2 to 5 us: files need not let more of them pass. Whoever
# waits for the database or a connection meanwhile has no use for them either.
QUIET_SECONDS: Final = 20e-6


class Turns:
    """Lets one file go on in a turn of the event loop, and the next in its order some turns later."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """`now`: seconds of real time, which is what turns take."""
        self._now = now
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._turns_until_next = 0
        self._turn_began = 0.0

    async def take(self) -> None:
        """Return when the file may go on by one piece."""
        loop = asyncio.get_running_loop()
        if not self._turns_until_next:
            self._begin(loop)
            return
        turn = loop.create_future()
        self._waiting.append(turn)
        await turn

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self._turns_until_next = 1 + TURNS_OF_OTHERS
        self._turn_began = self._now()
        loop.call_soon(self._pass)

    def _pass(self) -> None:
        loop = asyncio.get_running_loop()
        began, self._turn_began = self._turn_began, self._now()
        quiet = self._turn_began - began < QUIET_SECONDS
        self._turns_until_next = 0 if quiet else self._turns_until_next - 1
        if self._turns_until_next:
            loop.call_soon(self._pass)
            return
        while self._waiting:
            turn = self._waiting.popleft()
            # Whoever waited for it may be gone.
            if not turn.done():
                turn.set_result(None)
                self._begin(loop)
                return
