from collections.abc import AsyncIterator

import httpx
import pytest

from emulators.sample_site import SAMPLE_URLS, sample_site
from emulators.serving import serve


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with (
        serve(sample_site(slow_seconds=0.02)) as url,
        httpx.AsyncClient(base_url=url, trust_env=False) as http,
    ):
        yield http


async def test_all_samples_are_there_but_the_one_that_fails(client: httpx.AsyncClient) -> None:
    statuses = {sample.path: (await client.get(sample.path)).status_code for sample in SAMPLE_URLS}

    assert statuses.pop("/files/missing.iso") == 404
    assert set(statuses.values()) == {200}


async def test_the_slow_file_comes_whole(client: httpx.AsyncClient) -> None:
    lines = (await client.get("/files/tide-gauge.csv")).text.splitlines()

    assert (len(lines), lines[0], lines[-1]) == (192, "2026-03-01 00:00;0.0 m", "2026-03-01 23:00;4.4 m")


async def test_a_page_is_html(client: httpx.AsyncClient) -> None:
    assert (await client.get("/gallery")).headers["Content-Type"].startswith("text/html")
