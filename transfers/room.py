"""Room on the disk of a local Bot API server: given out before the server is asked to fetch a file."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

# What people can send at most, with Premium. Taken for a file whose message does not say its size.
LARGEST_FILE_BYTES: Final = 4_000_000_000


class NoRoom(Exception):
    """The disk would be left with less free space than it must keep."""


class Room:
    def __init__(
        self, directory: Path, floor: int, *, free_bytes: Callable[[Path], int] | None = None
    ) -> None:
        """`floor`: bytes that must stay free."""
        self._directory = directory
        self._floor = floor
        self._free_bytes = free_bytes or _free_bytes
        self._given_out = 0

    @contextlib.asynccontextmanager
    async def of(self, size: int | None) -> AsyncIterator[None]:
        """Room for a file while the server fetches it. What has arrived of it meanwhile counts twice, which errs on the safe side.

        Raises:
            NoRoom: there is none now.
        """
        wanted = LARGEST_FILE_BYTES if size is None else size
        # Taken before the disk is asked: two that come together must not both see the same space.
        self._given_out += wanted
        try:
            # In a thread, as the directory may lie on a disk of another machine.
            free = await asyncio.to_thread(self._free_bytes, self._directory)
            if free - self._given_out < self._floor:
                raise NoRoom
            yield
        finally:
            self._given_out -= wanted


def _free_bytes(directory: Path) -> int:
    return shutil.disk_usage(directory).free
