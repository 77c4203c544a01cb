import asyncio
import json
import re
import socket
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.condition import Condition
from bot.errors import StartError
from bot.intake import Intake
from bot.metrics import Metrics
from bot.settings import Address
from bot.web import MAX_BODY_BYTES, Webhook, serve_web, web_app
from storage import Database, InboxStore, LimitRows, ProcessStore, Switch, TotalsStore
from tests.clock import FakeClock

SECRET = "planted-webhook-secret"
PATH = "/telegram/hook"
UPDATE = {"update_id": 5, "message": {"chat": {"id": 7}, "text": "hello"}}


class Web:
    def __init__(self, client: httpx.AsyncClient, metrics: Metrics, clock: FakeClock) -> None:
        self.client = client
        self.metrics = metrics
        self.clock = clock
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


def condition(database: Database, **given: Any) -> Condition:
    return Condition(TotalsStore(database), ProcessStore(database), FakeClock(), **given)


@pytest.fixture
async def web(inbox: InboxStore, database: Database, tmp_path: Path) -> AsyncIterator[Web]:
    metrics, clock = Metrics("1.2.3"), FakeClock()
    intake = Intake(inbox, clock=clock, metrics=metrics, overtaking_prefixes=(), arrived=lambda: None)

    def silence() -> float:
        return served.silence

    looked_at = Condition(
        TotalsStore(database),
        ProcessStore(database),
        clock,
        can_write=lambda: intake.can_write,
        since_good_poll=silence,
        sent=lambda: 4096,
        database_path=database.path,
        disks=(("data", tmp_path), ("gone", tmp_path / "nowhere")),
        started=clock.monotonic(),
    )
    app = web_app(looked_at, metrics, Webhook(PATH, SECRET, intake, body_seconds=0.05))
    async with (
        serve_web(app, Address("127.0.0.1", 0)) as address,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{address.port}") as client,
    ):
        served = Web(client, metrics, clock)
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
    await web.clock.advance(60)
    web.silence = 12.34
    assert await web.health() == (
        200,
        {
            "ok": True,
            "problems": [],
            "seconds_running": 60.0,
            "updates_waiting": 1,
            "seconds_oldest_update": 60.0,
            "seconds_since_poll": 12.3,
        },
    )


async def test_a_process_that_has_not_heard_from_telegram_for_long_is_not_well(web: Web) -> None:
    web.silence = 301
    status, report = await web.health()
    assert (status, report["ok"]) == (503, False)
    assert "Telegram" in report["problems"][0]


async def test_a_process_whose_updates_wait_for_too_long_is_not_well(web: Web) -> None:
    await web.deliver()
    await web.clock.advance(1801)
    status, report = await web.health()
    assert (status, report["problems"]) == (503, ["an update has waited for too long"])


async def test_a_process_without_its_database_is_not_well(web: Web, database: Database) -> None:
    await database.execute("DROP TABLE inbox")
    status, report = await web.health()
    assert (status, report["problems"], report["updates_waiting"]) == (
        503,
        ["the database cannot be read"],
        None,
    )


async def test_a_process_that_cannot_write_updates_down_is_not_well_until_it_can(
    web: Web, database: Database
) -> None:
    refuse = "CREATE TRIGGER full BEFORE INSERT ON inbox BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    await database.execute(refuse)
    assert (await web.deliver()).status_code == 503
    status, report = await web.health()
    assert (status, report["problems"]) == (503, ["updates cannot be written down"])
    await database.execute("DROP TRIGGER full")
    assert (await web.deliver()).status_code == 200
    assert (await web.health())[0] == 200


async def answer_to_a_beginning(web: Web, length: int, beginning: bytes = b"") -> bytes:
    """The first line of what is answered while the body has not come as a whole."""
    reader, writer = await asyncio.open_connection(web.client.base_url.host, web.client.base_url.port)
    try:
        head = (
            f"POST {PATH} HTTP/1.1",
            "Host: x",
            "Content-Type: application/json",
            f"X-Telegram-Bot-Api-Secret-Token: {SECRET}",
            f"Content-Length: {length}",
        )
        writer.write("\r\n".join((*head, "", "")).encode() + beginning)
        async with asyncio.timeout(2):
            return await reader.readline()
    finally:
        writer.close()


async def test_a_body_that_does_not_come_is_not_waited_for(web: Web, inbox: InboxStore) -> None:
    assert b" 408 " in await answer_to_a_beginning(web, 100, b'{"update_id"')
    assert await inbox.depth() == 0


async def test_a_body_announced_as_too_long_is_refused_before_it_comes(web: Web) -> None:
    assert b" 413 " in await answer_to_a_beginning(web, MAX_BODY_BYTES + 1)


def family(text: str) -> dict[str, dict[tuple[str, ...], float]]:
    """Every sample by its name, and there by the values of its labels in the order of these values."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for each in text_string_to_metric_families(text):
        for sample in each.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.values()))] = sample.value
    return found


async def test_the_figures_are_read_by_prometheus(web: Web, database: Database) -> None:
    await web.deliver()
    await web.clock.advance(30)
    now = web.clock.now()
    await LimitRows(database).save("address", "*", now + timedelta(seconds=90))
    await LimitRows(database).save("account:1", "*", now + timedelta(seconds=90))
    await ProcessStore(database).turn(Switch.MAINTENANCE, now, on=True)
    await database.execute("INSERT INTO tally VALUES ('upload', 'done', '', 3, 700)")
    await database.execute("INSERT INTO tally VALUES ('remote', 'failed', 'refused', 2, 0)")
    web.metrics.note_call("file/ls.cgi", "ok")
    web.metrics.note_call("file/ls.cgi", "FloodDetected")
    web.metrics.handling.labels("message").observe(0.2)
    web.metrics.lag.observe(0.002)
    figures = family((await web.client.get("/metrics")).text)
    assert figures["bot_info"] == {("1.2.3",): 1}
    assert figures["bot_updates_received_total"] == {(): 1}
    assert figures["bot_update_seconds_count"] == {("message",): 1}
    assert figures["bot_inbox_waiting"] == {(): 1}
    assert figures["bot_inbox_age_seconds"] == {(): 30}
    assert figures["bot_outbox_waiting"] == {(): 0}
    assert figures["bot_uploads_ended_total"] == {("", "done"): 3}
    assert figures["bot_remotes_ended_total"] == {("failed", "refused"): 2}
    assert figures["bot_stored_bytes_total"] == {("upload",): 700}
    assert figures["bot_sent_bytes_total"] == {(): 4096}
    assert figures["bot_api_calls_total"] == {
        ("file/ls.cgi", "ok"): 1,
        ("FloodDetected", "file/ls.cgi"): 1,
    }
    assert figures["bot_pause_seconds"] == {(): 90}
    assert figures["bot_paused_accounts"] == {(): 1}
    assert figures["bot_loop_lag_seconds_count"] == {(): 1}
    assert figures["bot_maintenance"] == {(): 1}
    assert set(figures["bot_free_bytes"]) == {("data",)}
    assert figures["bot_database_bytes"][()] > 0


async def test_the_figures_are_there_without_the_database(web: Web, database: Database) -> None:
    await database.execute("DROP TABLE inbox")
    answer = await web.client.get("/metrics")
    assert answer.status_code == 200
    figures = family(answer.text)
    assert "bot_inbox_waiting" not in figures
    assert figures["bot_sent_bytes_total"] == {(): 4096}


async def test_the_dashboard_shows_figures_that_exist(web: Web) -> None:
    web.metrics.handled.labels("handled").inc()
    shown = set(family((await web.client.get("/metrics")).text)) | {
        "bot_api_calls_total",
        "bot_uploads",
        "bot_remotes",
        "bot_uploads_ended_total",
        "bot_remotes_ended_total",
        "bot_stored_bytes_total",
        "bot_update_seconds_bucket",
    }
    dashboard = json.loads((Path(__file__).parents[2] / "docs" / "grafana.json").read_text("utf-8"))
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    asked = {name for query in queries for name in re.findall(r"\b(?:bot|process)_[a-z_]+", query)}
    assert len(asked) > 15
    assert asked - shown == set()


async def test_a_process_that_polls_has_no_webhook(database: Database) -> None:
    app = web_app(condition(database), Metrics())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.post(PATH)).status_code == 404
        assert (await client.get("/healthz")).json()["seconds_since_poll"] is None


@pytest.mark.parametrize(
    ("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)], ids=["IPv4", "IPv6"]
)
async def test_an_address_in_use_is_named(
    database: Database, host: str, family: socket.AddressFamily
) -> None:
    app = web_app(condition(database), Metrics())
    with socket.create_server((host, 0), family=family) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=rf"cannot listen on {host}:{port}.*BOT_LISTEN"):
            async with serve_web(app, Address(host, port)):
                pass


async def test_it_stops_within_two_seconds_while_a_client_is_silent(database: Database) -> None:
    app = web_app(condition(database), Metrics())
    async with serve_web(app, Address("127.0.0.1", 0)) as address:
        with socket.create_connection(address) as silent:
            silent.send(b"POST /x HTTP/1.1\r\nContent-Length: 10\r\n\r\n")
            begun = time.monotonic()
    assert time.monotonic() - begun < 2
