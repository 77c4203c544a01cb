"""Files on their way from the browser: streamed to disk."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from emulators.page.control import page_app
from emulators.page.demo import Demo
from emulators.page.spool import Spool
from emulators.serving import serve
from tests.bot.waiting import until
from tests.emulators.page.conftest import Page

LARGE = 48_000_000
MEMORY = 12_000_000
PIECE = bytes(64_000)


async def pieces(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield PIECE


async def test_a_large_file_is_never_whole_in_memory(page: Page, tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        response = await page.http.post(
            "/control/files", params={"name": "large.bin"}, content=pieces(LARGE // len(PIECE))
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert response.json()["size"] == LARGE
    assert [path.stat().st_size for path in (tmp_path / "sent").iterdir()] == [LARGE]
    assert peak < MEMORY


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "found-out"])
async def test_a_file_above_the_limit_is_refused_and_leaves_nothing(
    announced: bool, shown: Demo, tmp_path: Path
) -> None:
    directory = tmp_path / "small"
    directory.mkdir()
    app = page_app(shown, Spool(directory, largest=1000))
    async with serve(app) as url, httpx.AsyncClient(base_url=url, trust_env=False) as http:
        content: bytes | AsyncIterator[bytes] = bytes(1001) if announced else pieces(1)
        response = await http.post("/control/files", content=content)

    assert (response.status_code, response.json()) == (413, {"error": "Telegram takes files of up to 2 GB"})
    assert list(directory.iterdir()) == []


async def test_a_file_that_breaks_off_leaves_nothing(shown: Demo, tmp_path: Path) -> None:
    address = urlsplit(shown.url)
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(b"POST /control/files?name=a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")
    writer.write(bytes(50_000))
    await until(lambda: any((tmp_path / "sent").iterdir()))

    writer.close()

    await until(lambda: not any((tmp_path / "sent").iterdir()))
