import asyncio

import httpx
import pytest
from starlette.types import Message

from emulators.botapi import BotApi
from emulators.user import Group, Person
from tests.emulators.botapi.calling import TOKEN, Caller, Clock


async def test_a_flood_answer_has_its_header_and_no_effect(api: BotApi, call: Caller, ada: Person) -> None:
    api.faults.add(method="sendMessage", status=429, retry_after=7, times=2)
    for _ in range(2):
        answer = await call("sendMessage", chat_id=42, text="x")
        assert answer.error == (429, "Too Many Requests: retry after 7")
        assert answer.body["parameters"] == {"retry_after": 7}
        assert answer.headers["Retry-After"] == "7"
    assert ada.chat.from_bot == []
    assert (await call("sendMessage", chat_id=42, text="x")).status == 200


@pytest.mark.parametrize(
    ("status", "description", "expected"),
    [
        pytest.param(500, None, "Internal Server Error: restart", id="restart"),
        pytest.param(502, None, "Bad Gateway", id="gateway"),
        pytest.param(418, None, "emulated fault", id="any"),
        pytest.param(403, "Forbidden: user is deactivated", "Forbidden: user is deactivated", id="own-words"),
        pytest.param(
            429, "Too Many Requests: slow down", "Too Many Requests: slow down", id="flood-in-own-words"
        ),
    ],
)
async def test_any_failure_can_be_asked_for(
    status: int, description: str | None, expected: str, api: BotApi, call: Caller
) -> None:
    api.faults.add(status=status, description=description)
    assert (await call("getMe")).error == (status, expected)


async def test_a_fault_can_mean_one_chat_a_chance_or_a_time(
    api: BotApi, call: Caller, ada: Person, clock: Clock
) -> None:
    api.faults.add(status=502, chat_id=43, times=None)
    assert (await call("sendMessage", chat_id=42, text="x")).status == 200
    assert (await call("sendMessage", chat_id=43, text="x")).status == 502
    api.faults.clear()
    fault = api.faults.add(status=502, probability=0.5, times=None, until=clock.now + 10)
    statuses = [(await call("getMe")).status for _ in range(40)]
    assert statuses.count(502) == fault.hits
    assert 5 < fault.hits < 35
    clock.advance(10)
    assert {(await call("getMe")).status for _ in range(20)} == {200}


async def test_a_fault_can_leave_the_first_calls_alone(api: BotApi, call: Caller) -> None:
    api.faults.add(method="getMe", status=502, spare=2)
    assert [(await call("getMe")).status for _ in range(4)] == [200, 200, 502, 200]


async def test_a_flood_answer_with_an_end_asks_for_what_is_left_of_it(
    api: BotApi, call: Caller, clock: Clock
) -> None:
    api.faults.add(status=429, times=None, until=clock.now + 9.5)
    assert (await call("getMe")).body["parameters"] == {"retry_after": 10}
    clock.advance(9)
    assert (await call("getMe")).body["parameters"] == {"retry_after": 1}
    clock.advance(1)
    assert (await call("getMe")).status == 200


async def test_a_fault_can_be_withdrawn(api: BotApi, call: Caller) -> None:
    fault = api.faults.add(status=502, times=None)
    download = api.faults.add_download(status=503)
    api.faults.withdraw(fault)
    api.faults.withdraw(download)
    assert (await call("getMe")).status == 200
    assert api.faults.of_download("any") is None


async def test_a_call_can_be_slow(api: BotApi, call: Caller) -> None:
    api.faults.add(method="getme", delay=0.05)
    begun = asyncio.get_running_loop().time()
    assert (await call("getMe")).status == 200
    assert asyncio.get_running_loop().time() - begun >= 0.05


@pytest.mark.parametrize(("drop", "sent"), [("before", 0), ("after", 1)])
async def test_a_connection_can_be_lost_before_or_after_the_effect(
    drop: str, sent: int, api: BotApi, wire: httpx.AsyncClient, ada: Person
) -> None:
    api.faults.add(drop="before" if drop == "before" else "after")
    call = Caller(wire)
    with pytest.raises(httpx.TransportError):
        await call("sendMessage", chat_id=42, text="x")
    assert len(ada.chat.from_bot) == sent
    assert (await call("sendMessage", chat_id=42, text="y")).status == 200


async def test_in_process_a_lost_connection_is_an_exception(api: BotApi, call: Caller) -> None:
    api.faults.add(drop="before")
    with pytest.raises(ConnectionResetError):
        await call("getMe")


async def test_one_message_a_second_in_one_chat_after_a_burst(
    api: BotApi, call: Caller, ada: Person, clock: Clock
) -> None:
    api.limits.enforced = True
    statuses = [(await call("sendMessage", chat_id=42, text=f"{n}")).status for n in range(6)]
    assert statuses == [200] * 5 + [429]
    clock.advance(1)
    assert (await call("sendMessage", chat_id=42, text="x")).status == 200
    assert (await call("sendChatAction", chat_id=42, action="typing")).status == 200
    (breach,) = api.limits.breaches
    assert (breach.rule, breach.chat_id, breach.retry_after) == ("chat", 42, 1)


async def test_thirty_messages_a_second_in_all(api: BotApi, call: Caller) -> None:
    api.limits.enforced = True
    for user_id in range(1, 32):
        Person(api, user_id=user_id, first_name="P").say("/start")
    statuses = [(await call("sendMessage", chat_id=user_id, text="x")).status for user_id in range(1, 32)]
    assert statuses == [200] * 30 + [429]
    assert api.limits.breaches[0].rule == "all chats"


async def test_twenty_messages_a_minute_in_a_group_are_counted_even_if_not_enforced(
    api: BotApi, call: Caller, ada: Person, clock: Clock
) -> None:
    Group(api, -5, "Family", [ada])
    for _ in range(31):
        clock.advance(1)
        assert (await call("sendMessage", chat_id=-5, text="x")).status == 200
    assert {breach.rule for breach in api.limits.breaches} == {"group"}


async def test_a_client_that_ends_in_the_middle_of_its_request_is_no_error(api: BotApi) -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        raise AssertionError(f"nobody is there for {message}")

    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/bot{TOKEN}/getMe",
        "query_string": b"",
        "headers": [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"9")],
    }
    await api.app(scope, receive, send)

    assert not api.transcript
