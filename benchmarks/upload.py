"""A file on disk to an upload server on loopback: the upload session beside `curl -F`."""

import asyncio
import contextlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from benchmarks.report import Table
from onefichier import ApiKey, Client, OneFichier, Pacing, SystemClock, api_http, node_http

MEGABYTE = 1 << 20
FILE_BYTES = {True: 64 * MEGABYTE, False: 1024 * MEGABYTE}
ROUNDS = {True: 3, False: 7}
PIECE_BYTES = MEGABYTE
"""What one read takes: below a quarter of it the cost of each piece shows."""
NO_PAUSE = 0.001
"""Seconds between calls: pacing is not what is measured."""


async def measure_upload(*, short: bool) -> Table:
    """Raises RuntimeError when either side does not take the file."""
    size = FILE_BYTES[short]
    curl = shutil.which("curl")
    seconds: dict[str, list[float]] = {"curl -F": [], "UploadSession": []} if curl else {"UploadSession": []}
    with tempfile.TemporaryDirectory() as folder, sink() as port:
        file = Path(folder) / "file.bin"
        write_file(file, size)
        async with api_http() as http, node_http() as nodes:
            pacing = Pacing(key_interval=NO_PAUSE, address_interval=NO_PAUSE)
            service = OneFichier(
                http, nodes, api_url=f"http://127.0.0.1:{port}/v1", pacing=pacing, clock=SystemClock()
            )
            client = service.client(ApiKey("benchmark"), scope="account:1")
            for _ in range(ROUNDS[short]):
                if curl:
                    seconds["curl -F"].append(await asyncio.to_thread(upload_by_curl, curl, file, port))
                seconds["UploadSession"].append(await upload_by_session(client, file, size))
    return Table(
        title="Upload of a file on disk",
        explanation=f"{size // MEGABYTE} MiB from the page cache to a process on loopback that reads and forgets, without TLS."
        + ("" if curl else " curl is not installed here."),
        seconds=seconds,
        size=size,
    )


@contextlib.contextmanager
def sink() -> Iterator[int]:
    """Run the sink; the value is its port."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.sink"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("The sink has no pipes.")
        yield int(process.stdout.readline())
        process.stdin.close()


def write_file(file: Path, size: int) -> None:
    piece = bytes(range(256)) * (MEGABYTE // 256)
    with file.open("wb") as writing:
        for _ in range(size // MEGABYTE):
            writing.write(piece)


def upload_by_curl(curl: str, file: Path, port: int) -> float:
    # Without Expect, for which curl would wait a second.
    command = [curl, "-sS", "-H", "Expect:", "-w", "%{http_code}", "-F", f"file[]=@{file}"]
    began = time.perf_counter()
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{port}/upload.cgi?id=sink"], check=True, capture_output=True, text=True
    )
    if done.stdout != "302":
        raise RuntimeError(f"The sink answered {done.stdout} to curl.")
    return time.perf_counter() - began


async def upload_by_session(client: Client, file: Path, size: int) -> float:
    async def nothing_to_record() -> None:
        pass

    began = time.perf_counter()
    node = await client.get_upload_server()
    session = client.upload(node, name=file.name, size=size)
    await session.send(pieces(file), before_last_piece=nothing_to_record)
    return time.perf_counter() - began


async def pieces(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as reading:
        while piece := await asyncio.to_thread(reading.read, PIECE_BYTES):
            yield piece
