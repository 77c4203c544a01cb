from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest

from onefichier import (
    ADDRESS,
    AddressLocked,
    FloodDetected,
    Limited,
    NotAllowed,
    NotFound,
    ShutOut,
    UploadNode,
    Waiting,
)
from tests.clock import NOON, FakeClock
from tests.onefichier.service import FLOOD, LINK, SCOPE, Bench, SavedLimits, ko, make_bench, ok

FLOODED = ko(FLOOD)
LOCKED = httpx.Response(403, text="IP Locked")


async def one_byte() -> AsyncIterator[bytes]:
    yield b"x"


async def nothing() -> None: ...


async def test_limits_outlive_the_process(clock: FakeClock) -> None:
    limits = SavedLimits()
    async for bench in make_bench(clock, limits):
        bench.answer(ko(FLOOD))
        with pytest.raises(FloodDetected):
            await bench.client.check_key()
    async for bench in make_bench(clock, limits):
        with pytest.raises(Waiting) as told:
            await bench.account("account:99").check_key(wait=5)
        assert told.value.until == NOON + timedelta(seconds=300)
        assert bench.service.requests == []
        assert bench.onefichier.paused_until("account:99") == told.value.until


@pytest.mark.parametrize(
    ("answer", "rows", "seconds"),
    [
        (ko(FLOOD), [(ADDRESS, "*")], 300),
        (ko(FLOOD, 429), [(ADDRESS, "*")], 300),
        (ko("Flood detected: User Locked #218"), [(SCOPE, "*")], 300),
        (ko("Flood detected: User APK Locked"), [(SCOPE, "*")], 300),
        (ko("IP Locked #12"), [(ADDRESS, "*")], 3600),
        (httpx.Response(403, text="<html>Blocked</html>"), [(ADDRESS, "*")], 300),
        (httpx.Response(200, text="IP Locked"), [(ADDRESS, "*")], 3600),
        (ko(FLOOD, 403, **{"Retry-After": "900"}), [(ADDRESS, "*")], 900),
        (ko(FLOOD, 403, **{"Retry-After": "9"}), [(ADDRESS, "*")], 300),
        (ko(FLOOD, 403, **{"Retry-After": "soon"}), [(ADDRESS, "*")], 300),
        (
            ko(FLOOD, 403, **{"Retry-After": format_datetime(NOON + timedelta(hours=1))}),
            [(ADDRESS, "*")],
            3600,
        ),
        (ko(FLOOD, 403, **{"Retry-After": "9999999"}), [(ADDRESS, "*")], 86400),
    ],
    ids=[
        "address",
        "429",
        "user",
        "key",
        "locked",
        "page without a word",
        "locked page",
        "longer",
        "shorter",
        "garbage",
        "date",
        "endless",
    ],
)
async def test_a_flood_begins_a_pause_that_is_saved(
    bench: Bench, answer: httpx.Response, rows: list[tuple[str, str]], seconds: float
) -> None:
    bench.answer(answer)
    with pytest.raises((FloodDetected, AddressLocked, ShutOut)) as flood:
        await bench.client.file_info(LINK)
    until = NOON + timedelta(seconds=seconds)
    assert flood.value.until == until
    assert bench.limits.rows == dict.fromkeys(rows, until)
    with pytest.raises(Waiting) as told:
        await bench.client.check_key(wait=5)
    assert told.value.until == until
    assert len(bench.service.requests) == 1


async def test_a_flood_of_one_key_leaves_the_others_alone(bench: Bench) -> None:
    bench.answer(ko("Flood detected: User Locked #218"), ok(folder_id=0))
    with pytest.raises(FloodDetected):
        await bench.client.check_key()
    await bench.account("account:13").check_key(wait=5)
    assert len(bench.service.requests) == 2


async def test_a_flood_on_user_info_leaves_every_other_call_alone(bench: Bench) -> None:
    bench.answer(ko("Flood detected: IP Locked #38"), ok(folder_id=0))
    with pytest.raises(FloodDetected):
        await bench.client.account_info()
    await bench.client.check_key(wait=5)
    with pytest.raises(Waiting) as told:
        await bench.account("account:13").account_info(wait=5)
    assert told.value.until == NOON + timedelta(seconds=300)


async def test_pauses_double_and_no_call_goes_during_one(bench: Bench) -> None:
    bench.answer(*[ko(FLOOD)] * 5, ok(folder_id=0), ko(FLOOD))
    for _ in range(5):
        with pytest.raises(FloodDetected):
            await bench.client.check_key()
    await bench.client.check_key()
    with pytest.raises(FloodDetected) as flood:
        await bench.client.check_key()
    assert bench.service.times == [0, 300, 900, 2100, 4500, 8100, 8101.5]
    assert flood.value.until == NOON + timedelta(seconds=8101.5 + 300)


async def test_a_refusal_ends_a_pause_as_well_as_a_success(bench: Bench) -> None:
    bench.answer(ko(FLOOD), ko("Resource not found #469", 404), ko(FLOOD))
    for expected in (FloodDetected, NotFound, FloodDetected):
        with pytest.raises(expected):
            await bench.client.file_info(LINK)
    assert bench.limits.rows[ADDRESS, "*"] == NOON + timedelta(seconds=301.5 + 300)


async def test_a_key_that_is_told_no_too_often_rests_for_the_others_sake(bench: Bench) -> None:
    bench.answer(ko("Resource not found #469", 404))
    for _ in range(6):
        with pytest.raises(NotFound):
            await bench.client.file_info(LINK)
    assert bench.service.times == [0, 1.5, 3, 4.5, 60, 61.5]
    assert bench.limits.rows[SCOPE, "*"] == NOON + timedelta(seconds=63)
    bench.answer(ok(folder_id=0))
    await bench.account("account:13").check_key(wait=5)
    with pytest.raises(Waiting):
        await bench.client.check_key(wait=0.5)


async def test_many_keys_that_are_told_no_rest_before_the_address_is_banned(bench: Bench) -> None:
    bench.answer(ko("Resource not allowed #631"))
    for number in range(9):
        with pytest.raises(NotAllowed):
            await bench.account(f"account:{number}").file_info(LINK)
    assert bench.service.times == [0, 0.5, 1, 1.5, 2, 2.5, 60, 60.5, 61]
    assert bench.limits.rows[ADDRESS, "*"] == NOON + timedelta(seconds=61.5)


FLOODED = ko(FLOOD)


@pytest.mark.parametrize(
    ("answer", "seconds"), [(FLOODED, 300), (LOCKED, 3600)], ids=["flood", "address locked"]
)
@pytest.mark.parametrize("where", ["upload.cgi", "end.pl"])
async def test_a_lock_that_a_node_speaks_of_holds_the_api_too(
    bench: Bench, where: str, answer: httpx.Response, seconds: float
) -> None:
    node = UploadNode(host="up2.1fichier.com", id="9kGjlUU2CV")
    session = bench.client.upload(node, name="a", size=1)
    bench.answer(answer)
    with pytest.raises(Limited) as told:
        await (
            session.send(one_byte(), before_last_piece=nothing)
            if where == "upload.cgi"
            else bench.onefichier.upload_report(node)
        )
    until = NOON + timedelta(seconds=seconds)
    assert told.value.until == until
    assert bench.limits.rows == {(ADDRESS, "*"): until}
    with pytest.raises(Waiting):
        await bench.client.check_key(wait=5)
