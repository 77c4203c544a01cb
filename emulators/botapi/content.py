"""The bytes of files: real ones, and virtual ones that need no room."""

import functools
import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

PIECE_BYTES = 256 * 1024

VIRTUAL_BLOCK_BYTES = 65_521
"""A prime, so that a piece lost, doubled or moved changes every checksum."""

_BLOCKS_IN_PIECE = 4


class Content(Protocol):
    """Bytes of known size that can be read any number of times."""

    @property
    def size(self) -> int: ...

    def pieces(self) -> Iterator[bytes]: ...


@functools.lru_cache(maxsize=64)
def _virtual_piece(seed: int) -> bytes:
    return random.Random(seed).randbytes(VIRTUAL_BLOCK_BYTES) * _BLOCKS_IN_PIECE


@dataclass(frozen=True)
class VirtualFile:
    """`size` bytes that repeat one block made from `seed`; gigabytes cost neither disk nor memory."""

    size: int
    seed: int = 0

    def pieces(self) -> Iterator[bytes]:
        piece = _virtual_piece(self.seed)
        whole, rest = divmod(self.size, len(piece))
        for _ in range(whole):
            yield piece
        if rest:
            yield piece[:rest]


@dataclass(frozen=True)
class BytesContent:
    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def pieces(self) -> Iterator[bytes]:
        for begin in range(0, len(self.data), PIECE_BYTES):
            yield self.data[begin : begin + PIECE_BYTES]


@dataclass(frozen=True)
class PathContent:
    """A file on disk, as it is when it is read."""

    path: Path

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def pieces(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece


def content_of(given: bytes | Path | Content) -> Content:
    if isinstance(given, bytes):
        return BytesContent(given)
    if isinstance(given, Path):
        return PathContent(given)
    return given


def checksum(content: Content, algorithm: str = "sha256") -> str:
    """Return the hexadecimal digest of all bytes, by any algorithm that hashlib has here."""
    digest = hashlib.new(algorithm)
    for piece in content.pieces():
        digest.update(piece)
    return digest.hexdigest()
