"""The bytes of stored files: kept in memory, on disk, made up again on demand, or forgotten."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from emulators.onefichier.whirlpool import whirlpool

CHUNK_BYTES = 256 * 1024
KEEP_BYTES = (
    4 << 20
)  # what one file may hold of memory; the larger ones go to disk, or leave only their checksums


class ContentForgottenError(Exception):
    """The bytes of a large file were hashed and not kept."""


class Content(Protocol):
    @property
    def size(self) -> int: ...

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` to before `stop`, in pieces.

        Raises:
            ContentForgottenError: They are not there any more.
        """
        ...


@dataclass(frozen=True, slots=True)
class KeptContent:
    data: bytes = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.data)

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        for position in range(start, stop, CHUNK_BYTES):
            yield self.data[position : min(position + CHUNK_BYTES, stop)]


@dataclass(frozen=True, slots=True)
class DiskContent:
    path: Path
    size: int

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            file.seek(start)
            while start < stop and (data := file.read(min(CHUNK_BYTES, stop - start))):
                start += len(data)
                yield data


@dataclass(frozen=True, slots=True)
class RepeatedContent:
    """One block again and again: gigabytes that take no room and can be compared."""

    block: bytes = field(repr=False)
    size: int

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        while start < stop:
            offset = start % len(self.block)
            data = self.block[offset : offset + stop - start]
            start += len(data)
            yield data


@dataclass(frozen=True, slots=True)
class ForgottenContent:
    size: int

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        raise ContentForgottenError(f"{self.size} bytes, of which {start} to {stop} were asked for")


@dataclass(frozen=True, slots=True)
class Received:
    """A file that has arrived whole, with its checksums in hexadecimal ("" where none were computed)."""

    content: Content
    size: int
    sha256: str
    whirlpool: str


class ContentSink:
    """Takes a file piece by piece, never holding more than `keep_bytes` of it in memory."""

    def __init__(self, *, keep_bytes: int, directory: Path | None, checksums: bool) -> None:
        self._keep_bytes = keep_bytes
        self._directory = directory
        self._sha256 = hashlib.sha256() if checksums else None
        self._whirlpool = whirlpool() if checksums else None
        self._kept: bytearray | None = bytearray()
        self._file: IO[bytes] | None = None
        self.size = 0

    def write(self, data: bytes) -> None:
        self.size += len(data)
        if self._sha256 is not None and self._whirlpool is not None:
            self._sha256.update(data)
            self._whirlpool.update(data)
        if self._kept is not None and self.size > self._keep_bytes:
            if self._directory is not None:
                self._file = tempfile.NamedTemporaryFile(dir=self._directory, delete=False)  # noqa: SIM115 - closed by finish or discard
                self._file.write(self._kept)
            self._kept = None
        if self._kept is not None:
            self._kept += data
        elif self._file is not None:
            self._file.write(data)

    def finish(self) -> Received:
        content: Content
        if self._kept is not None:
            content = KeptContent(bytes(self._kept))
        elif self._file is not None:
            self._file.close()
            content = DiskContent(Path(self._file.name), self.size)
        else:
            content = ForgottenContent(self.size)
        return Received(
            content,
            self.size,
            self._sha256.hexdigest() if self._sha256 else "",
            self._whirlpool.hexdigest() if self._whirlpool else "",
        )

    def discard(self) -> None:
        if self._file is not None:
            self._file.close()
            Path(self._file.name).unlink()


def received(content: bytes | Content | Received) -> Received:
    """Content that did not travel, with its checksums; what is forgotten has made-up ones."""
    if isinstance(content, Received):
        return content
    if isinstance(content, ForgottenContent):
        return Received(content, content.size, "0" * 64, "0" * 128)
    kept = KeptContent(content) if isinstance(content, bytes) else content
    sha256, by_whirlpool = checksums(kept.chunks(0, kept.size))
    return Received(kept, kept.size, sha256, by_whirlpool)


def spoiled(arrived: Received) -> Received:
    """The same file as a failing disk gives it back: as long, and another one."""
    if isinstance(arrived.content, KeptContent):
        data = bytearray(arrived.content.data)
        data[0] ^= 1
        return received(bytes(data))
    return Received(arrived.content, arrived.size, arrived.sha256[::-1], arrived.whirlpool[::-1])


def checksums(chunks: Iterable[bytes]) -> tuple[str, str]:
    """SHA-256 and Whirlpool of the joined pieces."""
    sha256, by_whirlpool = hashlib.sha256(), whirlpool()
    for chunk in chunks:
        sha256.update(chunk)
        by_whirlpool.update(chunk)
    return sha256.hexdigest(), by_whirlpool.hexdigest()
