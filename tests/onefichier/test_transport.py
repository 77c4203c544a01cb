"""What a connection holds goes with its answer."""

import gc
import weakref
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette

from emulators.serving import serve
from onefichier.transport import close_answer


@pytest.fixture
def no_collections() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.mark.usefixtures("no_collections")
async def test_an_answer_that_was_closed_is_gone_without_a_garbage_collection() -> None:
    limits = httpx.Limits(max_keepalive_connections=0)
    async with serve(Starlette()) as url, httpx.AsyncClient(limits=limits, trust_env=False) as http:
        response = await http.send(http.build_request("GET", url), stream=True)
        gone = [weakref.ref(response), weakref.ref(response.extensions["network_stream"])]

        await close_answer(response)
        del response

    assert [reference() for reference in gone] == [None, None]
