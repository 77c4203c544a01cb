"""Files on their way from the browser into a chat: written to disk as they arrive, never whole in memory."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LARGEST_FILE: Final = 4000 * 512 * 1024
"""Bytes: Telegram's clients send 4000 parts of 512 KiB at most."""


class TooLargeError(Exception):
    """More bytes than a client of Telegram sends."""


@dataclass(frozen=True)
class SpooledFile:
    id: str
    name: str
    size: int
    path: Path


class Spool:
    def __init__(self, directory: Path, *, largest: int = LARGEST_FILE) -> None:
        self._directory = directory
        self.largest = largest
        self._numbers = itertools.count(1)
        self._files: dict[str, SpooledFile] = {}

    async def take(self, name: str, chunks: AsyncIterator[bytes]) -> SpooledFile:
        """Write a file down. What does not arrive whole leaves nothing.

        Raises:
            TooLargeError: it is larger than anybody could send.
        """
        identifier = f"f{next(self._numbers)}"
        path = self._directory / identifier
        size = 0
        file = await asyncio.to_thread(path.open, "wb")
        try:
            async for chunk in chunks:
                size += len(chunk)
                if size > self.largest:
                    raise TooLargeError
                await asyncio.to_thread(file.write, chunk)
        except BaseException:
            file.close()
            path.unlink()
            raise
        await asyncio.to_thread(file.close)
        spooled = SpooledFile(identifier, name, size, path)
        self._files[identifier] = spooled
        return spooled

    def find(self, identifier: str) -> SpooledFile:
        """Raises LookupError when there is no such file."""
        if identifier not in self._files:
            raise LookupError(f"no file {identifier!r} was sent here")
        return self._files[identifier]
