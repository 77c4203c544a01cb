import asyncio
import contextlib
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefichier import (
    ADDRESS,
    AccountLocked,
    AddressLocked,
    BadAnswer,
    FloodDetected,
    NotAuthenticated,
    NotFound,
    OneFichierError,
    Refused,
    ReportGone,
    ServerTrouble,
    ShutOut,
    Unclear,
    Unreachable,
    UploadNode,
    Waiting,
)
from onefichier.limits import UNANSWERED_SECONDS
from onefichier.transport import LARGEST_ANSWER
from tests.clock import NOON, FakeClock
from tests.onefichier.service import API_URL, FLOOD, KEY, LINK, SCOPE, Bench, SavedLimits, ko, make_bench, ok

INFO = {"url": LINK, "filename": "film.mkv", "size": 5, "date": "2026-03-01 18:22:07"}
KEYS = [
    "status",
    "message",
    "url",
    "urls",
    "filename",
    "size",
    "date",
    "items",
    "sub_folders",
    "folder_id",
    "id",
    "data",
    "links",
    "result",
    "execution_date",
    "acl",
    "offer",
    "email",
    "cdn",
    "count",
    "removed",
]


async def test_every_call_carries_the_key_and_the_json_content_type_also_without_a_body(bench: Bench) -> None:
    bench.answer(httpx.Response(200, json={"url": "up2.1fichier.com", "id": "9kGjlUU2CV"}))
    node = await bench.client.get_upload_server()
    (request,) = bench.service.requests
    assert (node.host, node.id) == ("up2.1fichier.com", "9kGjlUU2CV")
    assert (request.method, str(request.url)) == ("GET", f"{API_URL}/upload/get_upload_server.cgi")
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.headers["Content-Type"] == "application/json"
    assert request.content == b""


async def test_calls_keep_their_distance(bench: Bench) -> None:
    bench.answer(httpx.Response(200, json=INFO))
    await asyncio.gather(*(bench.account(scope).file_info(LINK) for scope in ("a", "a", "b")))
    assert bench.service.times == [0.0, 0.5, 1.5]


@pytest.mark.parametrize(
    ("answer", "leaf"),
    [
        (ko("Resource not found #469", 404), NotFound),
        (ko("Resource not found #469", 200), NotFound),
        (ko("No such user #93"), AccountLocked),
        (ko("Not authenticated #1", 401), NotAuthenticated),
        (ko("Surprise #9", 200), Refused),
        (httpx.Response(403, text="IP Locked"), AddressLocked),
        (httpx.Response(200, text="<html>Maintenance</html>"), ServerTrouble),
        (httpx.Response(200, content=b""), ServerTrouble),
        (httpx.Response(302, headers={"Location": "https://example.com"}), ServerTrouble),
        (httpx.Response(200, json=[1]), BadAnswer),
        (httpx.Response(200, json="text"), BadAnswer),
        (httpx.Response(200, json={}), BadAnswer),
        (httpx.Response(200, json={"status": "MAYBE"}), BadAnswer),
        (httpx.Response(200, json={"status": "KO", "message": ["odd"]}), Refused),
        (httpx.Response(200, json={"status": "OK"}), BadAnswer),
        (httpx.Response(200, json=INFO | {"size": "big"}), BadAnswer),
        (httpx.Response(200, content=b"[" * 100_000), ServerTrouble),
        (httpx.Response(200, content=b"\xff\xfe{}"), ServerTrouble),
        (httpx.Response(404, json=["nothing"]), ShutOut),
        (httpx.Response(403, text="<html>Who are you?</html>"), ShutOut),
        (httpx.Response(410, text="<html>Gone</html>"), ShutOut),
        (httpx.Response(200, content=b"x" * (LARGEST_ANSWER + 1)), BadAnswer),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else value.text[:30],
)
async def test_a_bad_answer_is_one_typed_error_and_asked_for_once(
    bench: Bench, answer: httpx.Response, leaf: type[OneFichierError]
) -> None:
    bench.answer(answer)
    with pytest.raises(leaf) as raised:
        await bench.client.file_info(LINK)
    assert len(bench.service.requests) == 1
    assert KEY not in f"{raised.value} {raised.value.__dict__}"


async def test_an_absent_status_counts_as_success_when_the_keys_are_there(bench: Bench) -> None:
    bench.answer(httpx.Response(200, json=INFO))
    assert (await bench.client.file_info(LINK)).name == "film.mkv"


@pytest.mark.parametrize("status", [500, 502, 503, 504, 509])
async def test_a_reading_call_is_repeated_through_server_trouble(bench: Bench, status: int) -> None:
    bench.answer(
        httpx.Response(status, text="<html>"), httpx.ReadError("reset"), httpx.Response(200, json=INFO)
    )
    assert (await bench.client.file_info(LINK)).size == 5
    assert bench.service.times == [0.0, 1.5, 4.5]


async def test_a_reading_call_is_repeated_twice_and_no_more(bench: Bench) -> None:
    bench.answer(httpx.Response(503))
    with pytest.raises(ServerTrouble) as trouble:
        await bench.client.file_info(LINK)
    assert trouble.value.http_status == 503
    assert not trouble.value.maybe_done
    assert len(bench.service.requests) == 3


@pytest.mark.parametrize(
    ("failure", "maybe_done", "timed_out"),
    [
        (httpx.Response(503), True, None),
        (httpx.Response(200, text="<html>"), True, None),
        (httpx.ReadError("cut"), True, False),
        (httpx.ReadTimeout("slow"), True, True),
        (httpx.ConnectError("refused"), False, False),
        (httpx.ConnectTimeout("slow"), False, False),
        (httpx.Response(200, content=b"x", headers={"Content-Encoding": "gzip"}), True, None),
    ],
    ids=["503", "page", "cut", "stall", "no connection", "no connection in time", "undecodable"],
)
async def test_a_call_with_an_effect_is_never_repeated_and_says_whether_it_may_be_done(
    bench: Bench, failure: httpx.Response | Exception, maybe_done: bool, timed_out: bool | None
) -> None:
    bench.answer(failure)
    with pytest.raises(Unclear) as raised:
        await bench.client.remove_files([LINK])
    assert raised.value.maybe_done is maybe_done
    assert not isinstance(raised.value, Unreachable) or raised.value.timed_out is timed_out
    assert raised.value.endpoint == "file/rm.cgi"
    assert len(bench.service.requests) == 1


async def test_a_stall_is_not_repeated(bench: Bench) -> None:
    bench.answer(httpx.ReadTimeout("slow"))
    with pytest.raises(Unreachable) as stalled:
        await bench.client.file_info(LINK)
    assert stalled.value.timed_out
    assert not stalled.value.maybe_done
    assert len(bench.service.requests) == 1


async def test_an_allowance_is_saved_before_its_call_is_sent_and_counted_from_its_answer(
    bench: Bench,
) -> None:
    bench.answer(ok(items=[]))
    await bench.client.list_files(123)
    assert bench.limits.rows == {(SCOPE, "file/ls.cgi:123"): NOON + timedelta(seconds=30)}
    before, after = bench.limits.saved
    assert before == (0, NOON + timedelta(seconds=30 + UNANSWERED_SECONDS))
    assert after == (1, NOON + timedelta(seconds=30))


async def test_a_call_that_was_under_way_when_the_process_ended_is_counted_as_late_as_it_can_have_come(
    clock: FakeClock,
) -> None:
    limits = SavedLimits()
    async for bench in make_bench(clock, limits):
        bench.answer(httpx.ReadError("gone"))
        with pytest.raises(Unreachable):
            await bench.client.list_files(123)
    async for bench in make_bench(clock, limits):
        with pytest.raises(Waiting) as told:
            await bench.client.list_files(123, wait=5)
        assert told.value.until == NOON + timedelta(seconds=30 + UNANSWERED_SECONDS)


async def test_the_same_folder_is_listed_again_only_after_its_time(bench: Bench) -> None:
    bench.answer(ok(items=[]))
    await bench.client.list_files(1)
    await bench.client.list_files(2)
    with pytest.raises(Waiting) as told:
        await bench.client.list_files(1, wait=5)
    assert told.value.until == NOON + timedelta(seconds=30)
    await bench.client.list_files(1)
    await bench.account("account:13").list_files(1)
    assert bench.service.times == [0.0, 1.5, 30.0, 30.5]


async def test_user_info_goes_by_key_and_by_address(bench: Bench) -> None:
    bench.answer(ok(email="me@example.org", offer="1"))
    await bench.client.account_info()
    with pytest.raises(Waiting) as told:
        await bench.account("account:13").account_info(wait=5)
    assert (told.value.scope, told.value.until) == (ADDRESS, NOON + timedelta(seconds=60))
    with pytest.raises(Waiting) as told:
        await bench.client.account_info(wait=5)
    assert (told.value.scope, told.value.until) == (SCOPE, NOON + timedelta(seconds=300))
    assert len(bench.service.requests) == 1


async def test_an_allowance_is_counted_from_the_end_of_a_call_that_took_long(bench: Bench) -> None:
    async def slow() -> None:
        await bench.clock.sleep(20)

    bench.answer(ok(email="me@example.org"))
    bench.service.before_answering = slow
    await bench.client.account_info()
    assert bench.limits.rows[SCOPE, "user/info.cgi"] == NOON + timedelta(seconds=320)
    with pytest.raises(Waiting) as told:
        await bench.client.account_info(wait=5)
    assert told.value.until == NOON + timedelta(seconds=320)


async def test_neither_key_nor_answer_stands_in_any_error(bench: Bench) -> None:
    bench.answer(httpx.ReadError(f"while sending Bearer {KEY}"))
    with pytest.raises(Unreachable) as raised:
        await bench.client.remove_files([LINK])
    assert KEY not in str(raised.value)
    assert raised.value.__cause__ is not None


async def test_how_each_call_ended_is_told_by_endpoint_and_kind_and_nothing_else(bench: Bench) -> None:
    bench.answer(ok(**INFO), ko("Resource not found #123", 404), ko(FLOOD))
    await bench.client.file_info(LINK)
    for error in (NotFound, FloodDetected, Waiting):
        with pytest.raises(error):
            await bench.client.file_info(LINK, wait=5)
    assert bench.observed == [
        ("file/info.cgi", "ok"),
        ("file/info.cgi", "NotFound"),
        ("file/info.cgi", "FloodDetected"),
    ]


async def test_the_report_of_a_node_is_told_as_well(bench: Bench) -> None:
    bench.answer(httpx.Response(404, content=b"gone"))
    with pytest.raises(ReportGone):
        await bench.client.upload_report(UploadNode(url="up2.1fichier.com", id="9kGjlUU2CV"))
    assert bench.observed == [("end.pl", "ReportGone")]


async def test_forgetting_is_harmless(bench: Bench) -> None:
    bench.answer(ok(folder_id=0))
    await bench.client.check_key()
    await bench.clock.sleep(4000)
    bench.onefichier.sweep()
    await bench.client.check_key(wait=0)


@pytest.mark.parametrize(
    "body",
    [{"data": 5}, {"data": ""}, {"data": [5]}, {"data": [{"id": "x"}]}, {"data": [{"id": None}]}],
    ids=str,
)
async def test_a_list_of_tasks_that_is_none_is_a_bad_answer(bench: Bench, body: dict[str, Any]) -> None:
    bench.answer(ok(**body))
    with pytest.raises(BadAnswer):
        await bench.client.list_remote()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=12,
)


@given(st.integers(200, 599), st.dictionaries(st.sampled_from(KEYS), JSON) | st.binary(max_size=200))
async def test_whatever_the_service_answers_ends_in_a_value_or_in_one_of_our_errors(
    status: int, body: dict[str, Any] | bytes
) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    async for bench in make_bench(FakeClock(auto=True)):
        bench.answer(httpx.Response(status, content=content))
        client = bench.client
        for call in (
            client.file_info(LINK),
            client.list_files(),
            client.list_folder(),
            client.remove_files([LINK]),
            client.rename_file(LINK, "b"),
            client.copy_files([LINK]),
            client.list_remote(),
            client.remote_info(5),
            client.account_info(),
            client.get_upload_server(),
        ):
            with contextlib.suppress(OneFichierError):
                await call
