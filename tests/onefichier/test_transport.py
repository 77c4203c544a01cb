"""Connections check who they speak to, and what one holds goes with its answer."""

import gc
import ssl
import weakref
from collections.abc import Callable, Iterator

import httpx
import pytest
from starlette.applications import Starlette

from emulators.serving import serve
from onefichier import api_http, node_http
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


@pytest.mark.parametrize("make", [api_http, node_http], ids=["API", "nodes"])
async def test_certificates_are_verified(make: Callable[[], httpx.AsyncClient]) -> None:
    async with make() as http:
        context = http._transport._pool._ssl_context  # type: ignore[attr-defined]  # the only place it can be seen
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
