import math

import pytest

from onefichier import Pacing
from onefichier.limits import ADDRESS, Allowance, Bars, Row, allowances_of

KEY = "account:1"
EVERYTHING = Row(KEY, "*")


@pytest.mark.parametrize(
    ("endpoint", "folder_id", "expected"),
    [
        ("user/info.cgi", None, {(ADDRESS, "user/info.cgi"): 60, (KEY, "user/info.cgi"): 300}),
        ("file/ls.cgi", 0, {(KEY, "file/ls.cgi:0"): 30}),
        ("file/ls.cgi", 123, {(KEY, "file/ls.cgi:123"): 30}),
        ("file/ls.cgi", -1, {(KEY, "file/ls.cgi:-1"): 3600}),
        ("folder/ls.cgi", None, {}),
        ("folder/ls.cgi", 5, {(KEY, "file/ls.cgi:5"): 30}),
        ("file/info.cgi", None, {}),
    ],
)
def test_what_a_call_uses_up(
    endpoint: str, folder_id: int | None, expected: dict[tuple[str, str], float]
) -> None:
    allowances = allowances_of(KEY, endpoint, Pacing(), folder_id=folder_id)
    assert allowances == tuple(Allowance(Row(*row), seconds) for row, seconds in expected.items())


def test_pauses_double_up_to_an_hour_and_start_anew_after_a_success() -> None:
    bars = Bars()
    now, lengths = 0.0, []
    for _ in range(6):
        until = bars.pause(EVERYTHING, now=now + 1, asked_at=now, first=300)
        lengths.append(until - now - 1)
        now = until
        assert bars.begin_probe([EVERYTHING]) == (EVERYTHING,)
    assert lengths == [300, 600, 1200, 2400, 3600, 3600]
    bars.end_probe([EVERYTHING], lifted=True)
    assert bars.pause(EVERYTHING, now=now + 1, asked_at=now, first=300) == now + 301


def test_an_answer_to_an_earlier_call_does_not_double_the_pause() -> None:
    bars = Bars()
    assert bars.pause(EVERYTHING, now=10, asked_at=9, first=300) == 310
    assert bars.pause(EVERYTHING, now=11, asked_at=9.5, first=300) == 310


def test_a_longer_pause_that_the_service_asks_for_is_kept() -> None:
    assert Bars().pause(EVERYTHING, now=0, asked_at=0, first=300, at_least=7200) == 7200


def test_a_lock_longer_than_an_hour_is_not_cut() -> None:
    assert Bars().pause(EVERYTHING, now=0, asked_at=0, first=5000) == 5000


def test_a_probe_bars_the_others_until_its_outcome_is_known() -> None:
    bars = Bars()
    bars.pause(EVERYTHING, now=0, asked_at=0, first=300)
    assert bars.opens_at([EVERYTHING]) == 300
    bars.begin_probe([EVERYTHING, Row(ADDRESS, "*")])
    assert bars.opens_at([EVERYTHING]) == math.inf
    bars.end_probe([EVERYTHING], lifted=False)
    assert bars.opens_at([EVERYTHING]) == 300
    assert bars.begin_probe([EVERYTHING]) == (EVERYTHING,)


def test_an_allowance_needs_no_probe() -> None:
    bars = Bars()
    bars.hold(EVERYTHING, 30)
    bars.hold(EVERYTHING, 20)
    assert bars.last_to_open([Row(ADDRESS, "*"), EVERYTHING]) == (30, EVERYTHING)
    assert bars.begin_probe([EVERYTHING]) == ()


def test_what_is_unused_is_forgotten() -> None:
    bars = Bars()
    bars.hold(EVERYTHING, 30)
    bars.forget_before(31)
    bars.end_probe([EVERYTHING], lifted=True)
    assert bars.last_to_open([EVERYTHING]) == (-math.inf, None)
