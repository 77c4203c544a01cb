"""Byte for byte, over plain connections and over TLS, whatever happened to an upload before."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from telegram import Bot
from telegram.request import HTTPXRequest

from emulators.botapi import BotApi, VirtualFile, checksum
from emulators.onefichier import UPLOAD, EmulatedAccount
from emulators.onefichier import OneFichier as EmulatedService
from emulators.serving import serve
from onefichier import (
    ApiKey,
    Client,
    OneFichier,
    Pacing,
    SystemClock,
    Unreachable,
    UploadInterrupted,
    api_http,
    node_http,
)
from tests.transfers.process import TOKEN
from transfers import TelegramFiles
from transfers.pieces import PieceSizes

CONTENT = VirtualFile(5_000_011, seed=9)


@dataclass
class World:
    telegram: BotApi
    service: EmulatedService
    account: EmulatedAccount
    client: Client
    cloud: TelegramFiles
    local: TelegramFiles

    async def upload(self, files: TelegramFiles) -> None:
        """Send the file once, on the way of every transfer."""
        stored = self.telegram.files.add("document", CONTENT, name="a.bin", announced_size=CONTENT.size)
        # A local server answers with a path, Telegram's own with a link: one emulator does both here.
        self.telegram.files.local_dir = None if files is self.cloud else self.local_dir
        source = await files.locate(stored.file_id, size=CONTENT.size)
        node = await self.client.get_upload_server()
        with PieceSizes().of_one() as size:
            async with source.open(size) as stream:
                session = self.client.upload(node, name="a.bin", size=stream.size)
                await session.send(stream.pieces, before_last_piece=_nothing)
        await self.client.upload_report(node)

    local_dir: Path = Path()

    def stored(self) -> list[str]:
        return [file.sha256 for file in self.account.files.values()]


async def _nothing() -> None: ...


def certificate(directory: Path) -> tuple[Path, Path]:
    """One that its own holder vouches for, for 127.0.0.1: paths of the certificate and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "emulators")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = directory / "certificate.pem", directory / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return chain, secret


@pytest.fixture(params=["plain", "TLS"])
async def world(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    paths = certificate(tmp_path) if request.param == "TLS" else None
    if paths is not None:
        monkeypatch.setenv("SSL_CERT_FILE", str(paths[0]))
    service = EmulatedService()
    local_dir = tmp_path / "telegram"
    local_dir.mkdir()
    telegram = BotApi(token=TOKEN)
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        await enter(service)
        service_url = await enter(serve(service.app, certificate=paths))
        telegram_url = await enter(serve(telegram.app, certificate=paths))
        account = service.add_account()
        pacing = Pacing(key_interval=0.001, address_interval=0.001)
        onefichier = await enter(
            OneFichier(
                await enter(api_http()),
                await enter(node_http()),
                api_url=f"{service_url}/v1",
                pacing=pacing,
                clock=SystemClock(),
            )
        )
        bot = Bot(TOKEN, base_url=f"{telegram_url}/bot", request=HTTPXRequest())
        await bot.initialize()
        stack.push_async_callback(bot.shutdown)
        http = await enter(httpx.AsyncClient())
        yield World(
            telegram,
            service,
            account,
            onefichier.client(ApiKey(account.key or ""), scope="account:1"),
            TelegramFiles(bot, http, api_url=telegram_url),
            TelegramFiles(bot, http, api_url=telegram_url, files_dir=local_dir),
            local_dir,
        )


@pytest.mark.parametrize("way", ["cloud", "local"])
class TestAFile:
    async def test_arrives_as_it_is(self, world: World, way: str) -> None:
        await world.upload(getattr(world, way))

        assert world.stored() == [checksum(CONTENT)]

    async def test_arrives_as_it_is_after_a_try_that_was_cancelled(self, world: World, way: str) -> None:
        stall = world.service.faults.add(UPLOAD, "stall", at_byte=1_000_000, seconds=5)
        sending = asyncio.create_task(world.upload(getattr(world, way)))
        await stall.struck.wait()
        await asyncio.sleep(0.05)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        stall.released.set()
        assert world.stored() == []

        await world.upload(getattr(world, way))

        assert world.stored() == [checksum(CONTENT)]

    @pytest.mark.parametrize("at_byte", [0, 100_000, 3_000_000])
    async def test_arrives_as_it_is_after_a_connection_that_was_cut(
        self, world: World, way: str, at_byte: int
    ) -> None:
        world.service.faults.add(UPLOAD, "cut", at_byte=at_byte)
        with pytest.raises(UploadInterrupted):
            await world.upload(getattr(world, way))
        assert world.stored() == []

        await world.upload(getattr(world, way))

        assert world.stored() == [checksum(CONTENT)]


@pytest.mark.parametrize("world", ["TLS"], indirect=True)
async def test_a_certificate_that_nobody_vouches_for_is_not_accepted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    async with api_http() as http, node_http() as nodes:
        address = f"{world.client._nodes._api_url}"
        stranger = OneFichier(http, nodes, api_url=address, pacing=Pacing(), clock=SystemClock())
        async with stranger:
            with pytest.raises(Unreachable):
                await stranger.client(ApiKey("a" * 32), scope="account:1").get_upload_server(wait=5)
