"""Files of the disk are read piece by piece, whether or not the kernel can tell what it has in memory."""

import asyncio
import os
from pathlib import Path

import pytest

from transfers.disk import PieceReader

PATIENCE_SECONDS = 10.0
VERSION = Path("/proc/version")


async def read_whole(path: Path, *sizes: int) -> list[bytes]:
    """Its pieces, asked for in these sizes and in the last of them until the end."""
    pieces: list[bytes] = []
    with path.open("rb", buffering=0) as file:
        reader = PieceReader(file)
        while piece := await reader.read(sizes[min(len(pieces), len(sizes) - 1)], within=PATIENCE_SECONDS):
            pieces.append(piece)
    return pieces


@pytest.mark.parametrize("sizes", [(1,), (7, 3, 64), (1000,), (4096,)], ids=str)
async def test_a_file_comes_whole_in_pieces_of_the_sizes_asked_for(
    tmp_path: Path, sizes: tuple[int, ...]
) -> None:
    content = bytes(range(250)) * 4
    path = tmp_path / "film.mkv"
    path.write_bytes(content)

    pieces = await read_whole(path, *sizes)

    assert b"".join(pieces) == content
    assert all(len(piece) <= max(sizes) for piece in pieces)


async def test_what_the_kernel_has_forgotten_comes_from_the_disk(tmp_path: Path) -> None:
    content = os.urandom(1_000_000)
    path = tmp_path / "film.mkv"
    path.write_bytes(content)
    with path.open("rb") as file:
        os.fdatasync(file.fileno())
        os.posix_fadvise(file.fileno(), 200_000, 0, os.POSIX_FADV_DONTNEED)

    assert b"".join(await read_whole(path, 300_000)) == content


async def test_a_file_that_shrinks_ends_early(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    path.write_bytes(b"x" * 100)
    with path.open("rb", buffering=0) as file:
        reader = PieceReader(file)
        assert await reader.read(60, within=PATIENCE_SECONDS) == b"x" * 60
        path.write_bytes(b"x" * 50)
        assert await reader.read(60, within=PATIENCE_SECONDS) == b""


@pytest.mark.skipif(not VERSION.exists(), reason="Linux has such a file system")
async def test_a_file_system_that_cannot_tell_what_is_in_memory_is_read_all_the_same() -> None:
    """/proc keeps nothing in memory, and refuses the question."""
    pieces = await read_whole(VERSION, 16)

    assert b"".join(pieces) == await asyncio.to_thread(VERSION.read_bytes)


async def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    with path.open("wb", buffering=0) as file, pytest.raises(OSError, match="Bad file descriptor"):
        await PieceReader(file).read(10, within=PATIENCE_SECONDS)
