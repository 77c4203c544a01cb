"""Proof of fidelity: Debian's rclone, which speaks to the real 1fichier every day, works against the emulator.

rclone knows no other address than the real one. A CONNECT proxy on loopback sends each of its tunnels to a TLS server
here, whose certificate was made on the spot.
"""

import asyncio
import contextlib
import datetime as dt
import os
import shutil
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from emulators.onefichier import EmulatedAccount, OneFichier
from emulators.serving import serve
from tests.emulators.onefichier.conftest import KEY

RCLONE = shutil.which("rclone")
PIPE_BYTES = 64 * 1024

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(RCLONE is None, reason="rclone is not on PATH (Debian: apt install rclone)"),
]


@dataclass
class Rclone:
    certificate: Path
    proxy: str
    home: Path

    async def run(self, *arguments: str) -> str:
        """What rclone printed; its complaints fail the test."""
        environment = {"HTTPS_PROXY": self.proxy, "PATH": os.environ["PATH"], "HOME": str(self.home)}
        process = await asyncio.create_subprocess_exec(
            str(RCLONE),
            "--ca-cert",
            str(self.certificate),
            "--config",
            "",
            "--retries",
            "1",
            "--low-level-retries",
            "1",
            *arguments,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        printed, complaints = await process.communicate()
        assert process.returncode == 0, complaints.decode()
        return printed.decode()


def remote(path: str = "") -> str:
    return f":fichier,api_key={KEY}:{path}"


def write_certificate(directory: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "api.1fichier.com")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("api.1fichier.com")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_path, key_path = directory / "certificate.pem", directory / "key.pem"
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificate_path, key_path


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while data := await reader.read(PIPE_BYTES):
            writer.write(data)
            await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def forwarder(
    port: int, *, tls: ssl.SSLContext | None = None, is_proxy: bool = False
) -> AsyncIterator[int]:
    """A port whose connections go to another one: after ending TLS, or after an HTTP CONNECT."""
    connections: set[asyncio.Task[None]] = set()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        if is_proxy:
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"CONNECT api.1fichier.com:443 ")
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            await asyncio.gather(pipe(reader, inner_writer), pipe(inner_reader, writer))
        finally:
            for each in (writer, inner_writer):
                each.close()
                with contextlib.suppress(ConnectionError, ssl.SSLError):
                    await each.wait_closed()
            connections.discard(task)

    server = await asyncio.start_server(forward, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await server.wait_closed()


@pytest.fixture
async def rclone(service: OneFichier, account: EmulatedAccount, tmp_path: Path) -> AsyncIterator[Rclone]:
    service.scheme = "https"
    certificate, key = write_certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    async with (
        serve(service.app) as base,
        forwarder(urlsplit(base).port or 0, tls=context) as tls_port,
        forwarder(tls_port, is_proxy=True) as proxy_port,
    ):
        yield Rclone(certificate, f"http://127.0.0.1:{proxy_port}", tmp_path)


async def test_uploads_with_checksum_and_lists(
    rclone: Rclone, account: EmulatedAccount, tmp_path: Path
) -> None:
    source = tmp_path / "film é.bin"
    source.write_bytes(os.urandom(300_000))

    await rclone.run("copyto", str(source), remote("film é.bin"))

    assert await rclone.run("lsf", "--format", "ps", remote()) == "film é.bin;300000\n"
    assert [file.read() for file in account.files.values()] == [source.read_bytes()]


async def test_downloads_what_is_stored(rclone: Rclone, account: EmulatedAccount, tmp_path: Path) -> None:
    account.add_file("notes.txt", b"hello, " * 1000)

    assert await rclone.run("cat", remote("notes.txt")) == "hello, " * 1000
    await rclone.run("copyto", remote("notes.txt"), str(tmp_path / "back.txt"))

    assert (tmp_path / "back.txt").read_bytes() == b"hello, " * 1000


async def test_reads_the_quota(rclone: Rclone, account: EmulatedAccount) -> None:
    account.cold_storage = 500 * 10**9

    printed = await rclone.run("about", "--json", remote())

    assert '"total": 2000000000000' in printed.replace(":", ": ").replace("  ", " ")
    assert '"used": 500000000000' in printed.replace(":", ": ").replace("  ", " ")


async def test_renames_a_file(rclone: Rclone, account: EmulatedAccount) -> None:
    file = account.add_file("old.txt")

    await rclone.run("moveto", remote("old.txt"), remote("new.txt"))

    assert file.name == "new.txt"


async def test_moves_into_another_folder_by_its_known_defect(
    rclone: Rclone, account: EmulatedAccount
) -> None:
    """Version 1.60.1 compares the destination with itself and only renames; later ones move."""
    folder = account.add_folder("docs")
    file = account.add_file("old.txt")

    await rclone.run("moveto", remote("old.txt"), remote("docs/new.txt"))

    assert file.name == "new.txt"
    assert file.folder_id in {0, folder.id}


async def test_makes_and_removes_folders(rclone: Rclone, account: EmulatedAccount) -> None:
    await rclone.run("mkdir", remote("docs/letters"))

    assert await rclone.run("lsf", "-R", remote()) == "docs/\ndocs/letters/\n"
    assert [account.path_of(folder_id) for folder_id in account.folders] == ["docs", "docs/letters"]

    await rclone.run("rmdir", remote("docs/letters"))

    assert [folder.name for folder in account.folders.values()] == ["docs"]


async def test_gives_the_link_of_a_file(rclone: Rclone, account: EmulatedAccount) -> None:
    file = account.add_file("a.txt")

    assert await rclone.run("link", remote("a.txt")) == f"{file.url}\n"


async def test_deletes_a_file(rclone: Rclone, account: EmulatedAccount) -> None:
    account.add_file("a.txt")
    kept = account.add_file("b.txt")

    await rclone.run("deletefile", remote("a.txt"))

    assert list(account.files.values()) == [kept]


async def test_deletes_a_folder_with_all_that_is_in_it(rclone: Rclone, account: EmulatedAccount) -> None:
    """Files before the folders that held them, as the service takes no other order."""
    docs = account.add_folder("docs")
    letters = account.add_folder("letters", docs.id)
    for folder in (docs, letters):
        account.add_file("a.txt", folder_id=folder.id)
    kept = account.add_file("b.txt")

    await rclone.run("purge", remote("docs"))

    assert account.folders == {}
    assert list(account.files.values()) == [kept]
