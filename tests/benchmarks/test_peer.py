"""The peer speaks as 1fichier and as Telegram's file host do, compiled or emulated."""

import contextlib
import shutil
import ssl
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from benchmarks.peer import CUT, FIRST, NODE, WHOLE, Event, Peer, event_from, peer, prepare_peer
from onefichier import ApiKey, OneFichier, Pacing, SystemClock, api_http, node_http

SIZE = 300_000
CHECKSUM = "0f" * 64

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the benchmarks measure on Linux"),
]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("peer")
    prepare_peer(folder)
    return folder


@contextlib.asynccontextmanager
async def compiled_peer(prepared: Path) -> AsyncIterator[Peer]:
    if not (prepared / "peer").exists():
        pytest.skip("there is no C compiler with the headers of OpenSSL (Debian: apt install gcc libssl-dev)")
    async with peer(prepared, file_bytes=SIZE, checksums={SIZE: CHECKSUM}) as far:
        yield far


@contextlib.asynccontextmanager
async def emulated_peer(prepared: Path) -> AsyncIterator[Peer]:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("certificate.pem", "key.pem"):
            shutil.copy(prepared / name, folder)
        async with peer(Path(folder)) as far:
            yield far


@pytest.fixture(params=[compiled_peer, emulated_peer])
async def running(request: pytest.FixtureRequest, prepared: Path) -> AsyncIterator[Peer]:
    async with request.param(prepared) as far:
        yield far


def trust(far: Peer) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=far.certificate.certificate)


def test_a_line_is_an_event() -> None:
    assert event_from("1500000000 whole 7 42") == Event(1.5, "whole", 7, 42)


async def test_our_own_client_uploads_there_and_reads_the_report(running: Peer) -> None:
    async def content() -> AsyncIterator[bytes]:
        for _ in range(SIZE // 1000):
            yield b"x" * 1000

    async def nothing_to_record() -> None: ...

    async with api_http(trust(running)) as api, node_http(trust(running)) as nodes:
        service = OneFichier(
            api, nodes, api_url=f"{running.url}/v1", pacing=Pacing(key_interval=0.001), clock=SystemClock()
        )
        client = service.client(ApiKey("any"), scope="account:1")
        node = await client.get_upload_server()
        session = client.upload(node, name="film é.mkv", size=SIZE)
        await session.send(content(), before_last_piece=nothing_to_record)
        report = await client.upload_report(node)
        await service.aclose()

    assert (report.name, report.size, report.is_guest) == ("film é.mkv", SIZE, False)
    if running.compiled:
        assert report.whirlpool == CHECKSUM
    await running.until(lambda: running.of(WHOLE), seconds=5)
    assert [event.what for event in running.events] == [NODE, FIRST, WHOLE]
    assert running.events[-1].size > SIZE


async def test_a_body_that_breaks_off_is_not_whole(running: Peer) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b"x" * 1000
        raise LookupError

    address = f"{running.url}/upload.cgi?id={await running.upload_id()}"
    headers = {"Content-Length": "2000", "Content-Type": "multipart/form-data; boundary=b"}
    async with httpx.AsyncClient(verify=trust(running)) as http:
        with pytest.raises(LookupError):
            await http.post(address, headers=headers, content=half())

    await running.until(lambda: running.of(CUT), seconds=5)
    assert running.of(WHOLE) == []


async def test_telegrams_files_are_as_long_as_was_asked_for(prepared: Path) -> None:
    async with compiled_peer(prepared) as far, httpx.AsyncClient(verify=trust(far)) as http:
        answer = await http.get(f"{far.telegram_url}/file/bot1:X/documents/film.mkv")
    assert len(answer.content) == SIZE
