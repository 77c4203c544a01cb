import json
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.errors import StartError
from bot.intake import Intake
from bot.metrics import Metrics
from bot.settings import Address
from bot.web import MAX_BODY_BYTES, Health, Webhook, serve_web, web_app
from storage import Database, InboxStore
from tests.clock import FakeClock

SECRET = "planted-webhook-secret"
PATH = "/telegram/hook"
UPDATE = {"update_id": 5, "message": {"chat": {"id": 7}, "text": "hello"}}


class Web:
    def __init__(self, client: httpx.AsyncClient, metrics: Metrics) -> None:
        self.client = client
        self.metrics = metrics
        self.silence = 0.0

    async def deliver(
        self,
        body: bytes = json.dumps(UPDATE).encode(),
        *,
        secret: str | bytes | None = SECRET,
        kind: str = "application/json",
        path: str = PATH,
    ) -> httpx.Response:
        headers: list[tuple[bytes, bytes]] = [(b"Content-Type", kind.encode())]
        if secret is not None:
            value = secret.encode() if isinstance(secret, str) else secret
            headers.append((b"X-Telegram-Bot-Api-Secret-Token", value))
        return await self.client.post(path, content=body, headers=headers)

    async def health(self) -> tuple[int, dict[str, Any]]:
        answer = await self.client.get("/healthz")
        return answer.status_code, answer.json()


@pytest.fixture
async def web(inbox: InboxStore) -> AsyncIterator[Web]:
    metrics = Metrics()
    intake = Intake(inbox, clock=FakeClock(), metrics=metrics, overtaking_prefixes=(), arrived=lambda: None)

    def silence() -> float:
        return served.silence

    app = web_app(Health(inbox.depth, silence), metrics, Webhook(PATH, SECRET, intake))
    async with (
        serve_web(app, Address("127.0.0.1", 0)) as address,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{address.port}") as client,
    ):
        served = Web(client, metrics)
        yield served


async def test_a_delivered_update_is_on_disk_before_it_is_acknowledged(web: Web, inbox: InboxStore) -> None:
    answer = await web.deliver()
    assert answer.status_code == 200
    assert await inbox.depth() == 1


async def test_an_update_delivered_twice_is_one(web: Web, inbox: InboxStore) -> None:
    assert [(await web.deliver()).status_code for _ in range(2)] == [200, 200]
    assert await inbox.depth() == 1


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        pytest.param({"secret": "wrong"}, 403, id="wrong secret"),
        pytest.param({"secret": None}, 403, id="no secret"),
        pytest.param({"secret": "gehéim".encode()}, 403, id="secret that is not ASCII"),
        pytest.param({"kind": "text/plain"}, 415, id="another content type"),
        pytest.param({"body": b" " * (MAX_BODY_BYTES + 1)}, 413, id="oversized"),
        pytest.param({"body": b"{"}, 400, id="half a body"),
        pytest.param({"body": b"\xff\xfe"}, 400, id="no text"),
        pytest.param({"body": b"[" * 100_000}, 400, id="nested too deeply"),
        pytest.param({"body": b"[]"}, 400, id="no update"),
        pytest.param({"body": b"{}"}, 400, id="no update id"),
        pytest.param({"path": "/telegram"}, 404, id="wrong path"),
    ],
)
async def test_what_is_no_delivery_is_refused_and_leaves_nothing(
    web: Web, inbox: InboxStore, request_: dict[str, Any], status: int
) -> None:
    assert (await web.deliver(**request_)).status_code == status
    assert await inbox.depth() == 0


async def test_a_content_type_with_a_charset_is_accepted(web: Web) -> None:
    assert (await web.deliver(kind="application/json; charset=utf-8")).status_code == 200


async def test_the_webhook_is_not_read_with_get(web: Web) -> None:
    assert (await web.client.get(PATH)).status_code == 405


async def test_an_inbox_that_cannot_be_written_asks_telegram_to_come_again(
    web: Web, database: Database
) -> None:
    await database.execute("DROP TABLE inbox")
    answer = await web.deliver()
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


async def test_a_well_process_says_so(web: Web) -> None:
    await web.deliver()
    web.silence = 12.34
    assert await web.health() == (
        200,
        {"ok": True, "database": "ok", "updates_waiting": 1, "seconds_since_poll": 12.3},
    )


async def test_a_process_that_has_not_heard_from_telegram_for_long_is_not_well(web: Web) -> None:
    web.silence = 301
    status, report = await web.health()
    assert (status, report["ok"]) == (503, False)


async def test_a_process_without_its_database_is_not_well(web: Web, database: Database) -> None:
    await database.execute("DROP TABLE inbox")
    status, report = await web.health()
    assert (status, report["database"], report["updates_waiting"]) == (503, "unusable", None)


async def test_the_figures_are_read_by_prometheus(web: Web) -> None:
    await web.deliver()
    answer = await web.client.get("/metrics")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert families["bot_updates_received"].samples[0].value == 1
    assert families["bot_inbox_waiting"].samples[0].value == 1


async def test_the_figures_are_there_without_the_database(web: Web, database: Database) -> None:
    await database.execute("DROP TABLE inbox")
    assert (await web.client.get("/metrics")).status_code == 200


async def test_a_process_that_polls_has_no_webhook(inbox: InboxStore) -> None:
    app = web_app(Health(inbox.depth), Metrics())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.post(PATH)).status_code == 404
        assert (await client.get("/healthz")).json()["seconds_since_poll"] is None


@pytest.mark.parametrize(
    ("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)], ids=["IPv4", "IPv6"]
)
async def test_an_address_in_use_is_named(inbox: InboxStore, host: str, family: socket.AddressFamily) -> None:
    app = web_app(Health(inbox.depth), Metrics())
    with socket.create_server((host, 0), family=family) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=rf"cannot listen on {host}:{port}.*BOT_LISTEN"):
            async with serve_web(app, Address(host, port)):
                pass


async def test_it_stops_within_two_seconds_while_a_client_is_silent(inbox: InboxStore) -> None:
    app = web_app(Health(inbox.depth), Metrics())
    async with serve_web(app, Address("127.0.0.1", 0)) as address:
        with socket.create_connection(address) as silent:
            silent.send(b"POST /x HTTP/1.1\r\nContent-Length: 10\r\n\r\n")
            begun = time.monotonic()
    assert time.monotonic() - begun < 2
