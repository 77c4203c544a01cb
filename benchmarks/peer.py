"""The other side of the wire, in a process of its own: compiled on the spot, or else the emulators."""

import asyncio
import contextlib
import shutil
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from benchmarks.certificate import Certificate, certificate_in, make_certificate
from benchmarks.seeds import KEY

SOURCE: Final = Path(__file__).with_name("peer.c")
COMPILERS: Final = ("cc", "gcc", "clang")
# Longer than anything here takes on a busy machine.
WAIT_SECONDS: Final = 120.0

# What an event says: a node was asked for, a file of Telegram's was begun; of an upload its first byte, its last
# byte, or that it broke off before.
NODE, FILE, FIRST, WHOLE, CUT = "node", "file", "first", "whole", "cut"


@dataclass(frozen=True)
class Event:
    """`at`: seconds of the monotonic clock, which all processes share; `size`: of the body."""

    at: float
    what: str
    upload: int
    size: int


def event_from(line: str) -> Event:
    nanoseconds, what, upload, size = line.split()
    return Event(int(nanoseconds) / 1e9, what, int(upload), int(size))


@dataclass
class Peer:
    """`compiled` False: the emulators stand in, which are slower than what is measured."""

    certificate: Certificate
    secure_port: int
    plain_port: int
    compiled: bool
    telegram_url: str
    """Methods and files of the Bot API: over TLS by way of the compiled peer, else the emulated one itself."""
    events: list[Event] = field(default_factory=list)
    _heard: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.secure_port}"

    @property
    def proxy(self) -> str:
        """A proxy all of whose tunnels end here."""
        return f"http://127.0.0.1:{self.plain_port}"

    def of(self, what: str, *, since: float = 0.0) -> list[Event]:
        return [event for event in self.events if event.what == what and event.at >= since]

    async def until(self, condition: Callable[[], object], *, seconds: float = WAIT_SECONDS) -> None:
        """Return once the condition holds, which is asked again after each event.

        Raises:
            TimeoutError: nothing at all has happened for so many seconds.
        """
        while not condition():
            self._heard.clear()
            await asyncio.wait_for(self._heard.wait(), seconds)

    async def upload_id(self) -> str:
        """A place for an upload, as every client asks for one."""
        trust = ssl.create_default_context(cafile=self.certificate.certificate)
        async with httpx.AsyncClient(verify=trust) as http:
            answer = await http.get(
                f"{self.url}/v1/upload/get_upload_server.cgi",
                headers={"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
            )
        return str(answer.json()["id"])

    async def first(self, what: str, *, since: float) -> float:
        """The moment of the first such event, once there is one. Raises TimeoutError."""
        await self.until(lambda: self.of(what, since=since))
        return self.of(what, since=since)[0].at

    async def listen(self, lines: asyncio.StreamReader) -> None:
        while line := await lines.readline():
            self.events.append(event_from(line.decode("ascii")))
            self._heard.set()


def prepare_peer(folder: Path) -> None:
    """Make the certificate and, where there are a compiler and the headers of OpenSSL, the program."""
    make_certificate(folder)
    compiler = next((name for name in COMPILERS if shutil.which(name)), None)
    if compiler is not None:
        command = [compiler, "-O2", "-std=c11", "-pthread", "-o", str(folder / "peer"), str(SOURCE)]
        subprocess.run([*command, "-lssl", "-lcrypto"], check=False, capture_output=True)


def prepared(folder: Path) -> tuple[Path | None, Certificate]:
    """What `prepare_peer` has made; None for a program that could not be compiled."""
    program = folder / "peer"
    return program if program.exists() else None, certificate_in(folder)


@contextlib.asynccontextmanager
async def peer(
    folder: Path,
    *,
    telegram_url: str = "",
    file_bytes: int = 0,
    rate: int = 0,
    checksums: Mapping[int, str] | None = None,
) -> AsyncIterator[Peer]:
    """Run it until the end of the block.

    Args:
        folder: where `prepare_peer` has put the program and its certificate.
        telegram_url: the emulated Bot API that methods are handed through to; files are handed out here.
        file_bytes: how long each of Telegram's files is.
        rate: bytes per second of each body, in and out; 0: as fast as can be.
        checksums: Whirlpool of an uploaded file by its size.
    """
    program, certificate = prepared(folder)
    command = [str(program)] if program else [sys.executable, "-m", "benchmarks.emulated_peer"]
    command += ["--cert", str(certificate.certificate), "--key", str(certificate.key)]
    command += ["--telegram", telegram_url.rpartition(":")[2] or "0", "--rate", str(rate)]
    command += ["--file-bytes", str(file_bytes)]
    for size, checksum in (checksums or {}).items():
        command += ["--checksum", f"{size}={checksum}"]
    async with _running(command) as lines:
        secure_port, plain_port = (int(port) for port in (await lines.readline()).split())
        running = Peer(
            certificate,
            secure_port,
            plain_port,
            compiled=program is not None,
            telegram_url=f"https://127.0.0.1:{secure_port}" if program else telegram_url,
        )
        listening = asyncio.create_task(running.listen(lines))
        try:
            yield running
        finally:
            listening.cancel()


@contextlib.asynccontextmanager
async def _running(command: Sequence[str]) -> AsyncIterator[asyncio.StreamReader]:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("The peer has no pipes.")
    try:
        yield process.stdout
    finally:
        process.stdin.close()
        await process.wait()
