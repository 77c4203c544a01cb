"""Looks now and then whether something has come up that those who look after the bot should know."""

import asyncio
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.settings import Settings
from handlers import Services, admins
from onefichier import Clock, OneFichier
from storage import AlertKind, ProcessStore

log = logging.getLogger(__name__)

EVERY_SECONDS: Final = 30.0
# A restart of Telegram's or of the router is no event.
LONG_SILENCE_SECONDS: Final = 900.0
# Building the file anew after a /logout needs as much room as it has, and a migration keeps a copy; below this floor not even
# the write-ahead log is safe.
LEAST_BESIDE_DATABASE: Final = 200_000_000
# An event has ended when there is a tenth more than its limit: free space swings with every file.
_RECOVERED: Final = 1.1


def least_beside_database(settings: Settings) -> int:
    """Bytes that should be free on the disk of the data directory."""
    try:
        size = settings.database_path.stat().st_size
    except OSError:
        size = 0
    return max(LEAST_BESIDE_DATABASE, 2 * size)


@dataclass(frozen=True)
class Watch:
    """`silence`: seconds since Telegram last answered a poll; None with a webhook."""

    settings: Settings
    services: Services
    service: OneFichier
    clock: Clock
    silence: Callable[[], float] | None = None
    free_bytes: Callable[[Path], int] = lambda directory: shutil.disk_usage(directory).free

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await self.clock.sleep(EVERY_SECONDS)

    async def look(self) -> None:
        """Once. What begins is told, what has ended is noted."""
        await self._look_at_the_address()
        await self._look_at_telegram()
        data, files = self.settings.data_dir, self.settings.telegram_files_dir
        await self._look_at_a_disk(AlertKind.DATABASE_NEARLY_FULL, data, least_beside_database(self.settings))
        if files is not None:
            await self._look_at_a_disk(AlertKind.DISK_LOW, files, self.settings.telegram_files_min_free_bytes)

    async def note_crash(self, process: ProcessStore) -> None:
        """At the start: tell if the process before did not end in order."""
        now = self.clock.now()
        crashed = await process.begin(now)
        if crashed is not None:
            log.warning("The process that began at %s did not end in order", crashed.isoformat())
            await self.services.alerts.happened(
                AlertKind.CRASHED, crashed.timestamp(), admins=await admins(self.services), now=now
            )
            self.services.wakeups.outbox.set()

    async def _look_at_the_address(self) -> None:
        until = self.service.paused_until("")
        if until is None:
            await self._ended(AlertKind.ADDRESS_LOCKED)
        else:
            await self._begins(AlertKind.ADDRESS_LOCKED, until.timestamp())

    async def _look_at_telegram(self) -> None:
        silence = self.silence() if self.silence else 0.0
        if silence < LONG_SILENCE_SECONDS:
            await self._ended(AlertKind.TELEGRAM_UNREACHABLE)
        else:
            await self._begins(AlertKind.TELEGRAM_UNREACHABLE, self.clock.now().timestamp() - silence)

    async def _look_at_a_disk(self, kind: AlertKind, directory: Path, least: int) -> None:
        try:
            # In a thread, as the directory may lie on a disk of another machine.
            free = await asyncio.to_thread(self.free_bytes, directory)
        except OSError as error:
            log.warning("The free space of %s cannot be read: %s", directory, error.strerror)
            return
        if free < least:
            await self._begins(kind, free)
        elif free >= least * _RECOVERED:
            await self._ended(kind)

    async def _begins(self, kind: AlertKind, figure: float) -> None:
        told = await admins(self.services)
        if await self.services.alerts.begin(kind, figure, admins=told, now=self.clock.now()):
            log.warning("Admins are told: %s (%.0f)", kind.value, figure)
            self.services.wakeups.outbox.set()

    async def _ended(self, kind: AlertKind) -> None:
        if await self.services.alerts.end(kind, self.clock.now()):
            log.info("No longer so: %s", kind.value)
