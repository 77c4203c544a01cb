import asyncio
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulators.botapi import BotApi
from emulators.serving import serve
from emulators.user import Person
from tests.emulators.botapi.calling import TOKEN, Caller, Clock

TWO_POLLERS = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)
WEBHOOK_ACTIVE = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def begin_poll(api: BotApi, call: Caller, **parameters: Any) -> "asyncio.Task[Any]":
    poll = asyncio.create_task(call("getUpdates", **parameters))
    await api.updates.changes.until(lambda: api.updates.polling, 2)
    return poll


async def test_a_long_poll_waits_and_wakes_with_the_update(api: BotApi, call: Caller, ada: Person) -> None:
    poll = await begin_poll(api, call, timeout=30)
    assert not poll.done()
    ada.say("hello")
    assert texts((await poll).result) == ["hello"]


async def test_a_long_poll_over_a_connection_ends_with_the_server(api: BotApi) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        async with api.serve() as url:
            poll = asyncio.create_task(client.get(f"{url}/bot{TOKEN}/getUpdates?timeout=30"))
            await api.updates.changes.until(lambda: api.updates.polling, 2)
        with pytest.raises(httpx.TransportError):
            await poll


async def test_without_a_timeout_the_answer_is_immediate(call: Caller) -> None:
    assert (await call("getUpdates")).result == []


async def test_an_offset_confirms_what_is_before_it(call: Caller, ada: Person) -> None:
    for word in ("a", "b", "c"):
        ada.say(word)
    first = (await call("getUpdates", limit=2)).result
    assert texts(first) == ["a", "b"]
    assert texts((await call("getUpdates")).result) == ["a", "b", "c"]
    assert texts((await call("getUpdates", offset=first[-1]["update_id"] + 1)).result) == ["c"]
    assert texts((await call("getUpdates")).result) == ["c"]


async def test_a_negative_offset_keeps_only_the_last(call: Caller, ada: Person) -> None:
    for word in ("a", "b", "c"):
        ada.say(word)
    assert texts((await call("getUpdates", offset=-1)).result) == ["c"]
    assert texts((await call("getUpdates")).result) == ["c"]


async def test_update_ids_that_start_anew_are_delivered_whatever_the_old_offset(
    api: BotApi, call: Caller, ada: Person
) -> None:
    ada.say("before")
    last = (await call("getUpdates")).result[-1]["update_id"]
    assert (await call("getUpdates", offset=last + 1)).result == []
    api.restart_update_ids(5)
    ada.say("after")
    (update,) = (await call("getUpdates", offset=last + 1)).result
    assert update["update_id"] == 5


async def test_updates_are_kept_24_hours(call: Caller, ada: Person, clock: Clock) -> None:
    ada.say("old")
    clock.advance(24 * 3600)
    ada.say("new")
    assert texts((await call("getUpdates")).result) == ["new"]


async def test_the_older_of_two_polls_is_ended(api: BotApi, call: Caller, ada: Person) -> None:
    older = await begin_poll(api, call, timeout=30)
    newer = asyncio.create_task(call("getUpdates", timeout=30))
    assert (await older).error == (409, TWO_POLLERS)
    assert api.updates.polls == 2
    ada.say("x")
    assert texts((await newer).result) == ["x"]


async def test_allowed_updates_are_remembered_and_an_empty_list_resets_them(
    api: BotApi, call: Caller, ada: Person
) -> None:
    await call("getUpdates", allowed_updates=["callback_query", "no_such_kind"])
    ada.say("unwanted")
    assert (await call("getUpdates")).result == []
    assert (await call("getWebhookInfo")).result["allowed_updates"] == ["callback_query"]
    await call("getUpdates", allowed_updates=[])
    ada.say("wanted")
    assert texts((await call("getUpdates")).result) == ["wanted"]
    assert not api.updates.is_allowed("chat_member")


async def test_odd_updates_are_delivered_as_they_are(api: BotApi, call: Caller) -> None:
    api.push_raw({"update_id": 7, "message": {"date": "yesterday"}})
    api.push_raw({"new_kind": {}})
    assert await call.unchecked("getUpdates") == [
        {"update_id": 7, "message": {"date": "yesterday"}},
        {"update_id": 8, "new_kind": {}},
    ]
    api.updates.produced.clear()


async def test_a_webhook_ends_and_forbids_polling(api: BotApi, call: Caller) -> None:
    poll = await begin_poll(api, call, timeout=30)
    answer = await call("setWebhook", url="https://bot.example.org/hook")
    assert answer.body["description"] == "Webhook was set"
    assert (await poll).error == (409, "Conflict: terminated by setWebhook request")
    assert (await call("getUpdates")).error == (409, WEBHOOK_ACTIVE)
    await call("setWebhook", url="")
    assert (await call("getWebhookInfo")).result["url"] == ""
    assert (await call("getUpdates")).result == []


@pytest.mark.parametrize(
    ("url", "secret", "reason"),
    [
        pytest.param(
            "http://x.org/", "", "bad webhook: An HTTPS URL must be provided for webhook", id="plain"
        ),
        pytest.param(
            "https://x.org:8080/",
            "",
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
            id="port",
        ),
        pytest.param("https:///x", "", "bad webhook: URL host is empty", id="no-host"),
        pytest.param("https://x.org/", "a b", "secret token contains unallowed characters", id="secret"),
    ],
)
async def test_webhooks_that_are_refused(url: str, secret: str, reason: str, call: Caller) -> None:
    assert (await call("setWebhook", url=url, secret_token=secret)).error == (400, f"Bad Request: {reason}")


async def test_a_webhook_gets_each_update_until_it_takes_it(clock: Clock, tmp_path: Any) -> None:
    api = BotApi(token=TOKEN, clock=clock, local_dir=tmp_path)
    ada = Person(api, user_id=42, first_name="Ada")
    received: list[tuple[str, str | None]] = []
    answers = [503, 429, 200, 200]

    async def hook(request: Request) -> Response:
        update = await request.json()
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        received.append((update["message"]["text"], secret))
        return Response(status_code=answers.pop(0), headers={"Retry-After": "0.01"})

    app = Starlette(routes=[Route("/hook", hook, methods=["POST"])])
    async with (
        api.serve() as url,
        serve(app) as bot_url,
        httpx.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        call = Caller(client)
        ada.say("dropped")
        await call("setWebhook", url=f"{bot_url}/hook", secret_token="s3cret", drop_pending_updates=True)
        ada.say("one")
        ada.say("two")
        await api.updates.changes.until(lambda: not api.updates.pending, 5)
        assert received == [("one", "s3cret")] * 3 + [("two", "s3cret")]
        info = (await call("getWebhookInfo")).result
        assert info["last_error_message"] == "Wrong response from the webhook: 429 Too Many Requests"
        answer = await call("deleteWebhook", drop_pending_updates=True)
        assert answer.body["description"] == "Webhook was deleted"
        assert (await call("deleteWebhook")).body["description"] == "Webhook is already deleted"


async def test_a_webhook_that_cannot_be_reached_is_tried_again(clock: Clock, tmp_path: Any) -> None:
    api = BotApi(token=TOKEN, clock=clock, local_dir=tmp_path)
    ada = Person(api, user_id=42, first_name="Ada")
    async with api.serve() as url, httpx.AsyncClient(base_url=url, trust_env=False) as client:
        ada.say("x")
        await Caller(client)("setWebhook", url="http://127.0.0.1:9/hook")
        _, reason = await api.updates.changes.until(lambda: api.webhook.last_error, 5)
        assert reason == "ConnectError"
        assert len(api.updates.pending) == 1


async def test_after_log_out_nothing_is_answered(call: Caller) -> None:
    assert (await call("close")).result is True
    assert (await call("logOut")).result is True
    assert (await call("getMe")).error == (400, "Bad Request: Logged out")
