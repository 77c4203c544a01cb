"""How the process is: what `/healthz` and `/metrics` are asked, answered anew each time."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.metrics import Levels
from onefichier import Clock
from storage import ProcessStore, StorageError, Switch, Totals, TotalsStore

# A poll returns after half a minute at most, and pauses between failing ones are shorter than that.
MAX_SILENCE_SECONDS: Final = 300
# A handler has five minutes, and what Telegram keeps from being answered is waited for for a quarter of an hour.
MAX_UPDATE_AGE_SECONDS: Final = 1800


@dataclass(frozen=True)
class Condition:
    """What is looked at.

    Attributes:
        can_write: whether the last updates could be written down.
        since_good_poll: seconds since Telegram's updates were last fetched; None where Telegram delivers them.
        sent: bytes that went to 1fichier since the start.
        disks: directories whose free space is told, by what they are for.
        started: when the process did, on the clock's monotonic scale.
    """

    totals: TotalsStore
    process: ProcessStore
    clock: Clock
    can_write: Callable[[], bool] = lambda: True
    since_good_poll: Callable[[], float] | None = None
    sent: Callable[[], int] = lambda: 0
    database_path: Path | None = None
    disks: tuple[tuple[str, Path], ...] = ()
    started: float | None = None

    async def report(self) -> dict[str, object]:
        """For supervisors: `ok`, and what it is made of. `problems` says in words why it is not."""
        problems = []
        waiting, age = None, None
        try:
            waiting, age = (await self.totals.all()).inbox, await self._update_age()
        except StorageError:
            problems.append("the database cannot be read")
        if not self.can_write():
            problems.append("updates cannot be written down")
        silence = self.since_good_poll() if self.since_good_poll else None
        if silence is not None and silence >= MAX_SILENCE_SECONDS:
            problems.append("Telegram's updates have not been fetched for minutes")
        if age is not None and age >= MAX_UPDATE_AGE_SECONDS:
            problems.append("an update has waited for too long")
        return {
            "ok": not problems,
            "problems": problems,
            "seconds_running": None
            if self.started is None
            else round(self.clock.monotonic() - self.started, 1),
            "updates_waiting": waiting,
            "seconds_oldest_update": None if age is None else round(age, 1),
            "seconds_since_poll": None if silence is None else round(silence, 1),
        }

    async def levels(self) -> Levels:
        silence = self.since_good_poll() if self.since_good_poll else None
        free = await asyncio.to_thread(self._free)
        try:
            totals = await self.totals.all()
            return await self._levels(totals, silence, free)
        except StorageError:
            # The rest is worth seeing all the more.
            return Levels(sent=self.sent(), since_good_poll=silence, free=free)

    async def _levels(self, totals: Totals, silence: float | None, free: dict[str, int]) -> Levels:
        now = self.clock.now()
        pauses = await self.totals.pauses(now)
        return Levels(
            uploads=totals.uploads,
            remotes=totals.remotes,
            ended=totals.ended,
            sent=self.sent(),
            people=totals.people,
            accounts=totals.accounts,
            refused_keys=totals.refused_keys,
            inbox=totals.inbox,
            inbox_age=await self._update_age() or 0.0,
            outbox=totals.outbox,
            unreachable_chats=totals.unreachable_chats,
            address_pause=max(
                ((until - now).total_seconds() for address, until in pauses if address), default=0.0
            ),
            paused_accounts=sum(not address for address, _ in pauses),
            since_good_poll=silence,
            database_bytes=self.database_path.stat().st_size if self.database_path else None,
            free=free,
            maintenance=await self.process.is_on(Switch.MAINTENANCE),
        )

    async def _update_age(self) -> float | None:
        oldest = await self.totals.oldest_update()
        return None if oldest is None else (self.clock.now() - oldest).total_seconds()

    def _free(self) -> dict[str, int]:
        """In a thread, as a directory may lie on a disk of another machine."""
        found = {}
        for name, directory in self.disks:
            try:
                found[name] = shutil.disk_usage(directory).free
            except OSError:
                continue
        return found
