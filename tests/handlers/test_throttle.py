"""How fast Telegram may be called: on what it depends, and on what it does not."""

from itertools import pairwise

import pytest

from handlers.throttle import (
    BURST,
    CALLS_PER_SECOND,
    CALM_SECONDS,
    LEAST_CALLS_PER_SECOND,
    LONGEST_COMMON_REST_SECONDS,
    STORM_CHATS,
    Throttle,
)


def calls(throttle: Throttle, now: float, seconds: float) -> list[float]:
    """When calls go that are all taken, each as soon as it may."""
    went: list[float] = []
    end = now + seconds
    while (now := throttle.turn_at(now)) < end:
        throttle.spend(now)
        throttle.accepted(now)
        went.append(now)
    return went


def test_no_second_has_more_calls_than_telegram_takes() -> None:
    went = calls(Throttle(), 0, 10)
    assert len(went) == pytest.approx(10 * CALLS_PER_SECOND + BURST, abs=1)
    assert max(sum(begin <= at < begin + 1 for at in went) for begin in went) <= 30


def test_a_few_calls_after_some_quiet_go_at_once() -> None:
    assert calls(Throttle(), 0, 0.001) == [0] * BURST


def test_one_chat_that_is_refused_again_and_again_slows_down_nobody_else() -> None:
    throttle = Throttle()
    for second in range(60):
        throttle.refused(second, "group", 30)
        throttle.accepted(second)
    assert not throttle.is_slowed


def test_a_few_refused_chats_among_many_slow_down_nobody_else() -> None:
    throttle = Throttle()
    for second in range(60):
        throttle.refused(second, second % 10, 30)
        for _ in range(9):
            throttle.accepted(second)
    assert not throttle.is_slowed


def test_a_storm_over_many_chats_slows_everything_down_to_the_least() -> None:
    throttle = Throttle()
    for moment in range(40):
        throttle.refused(moment / 4, moment % 7, 0)
        throttle.accepted(moment / 4)
    assert throttle.rate == LEAST_CALLS_PER_SECOND
    assert len(calls(throttle, 10, 4)) <= 5


def test_after_the_storm_it_goes_up_step_by_step() -> None:
    throttle = Throttle()
    for moment in range(40):
        throttle.refused(moment / 4, moment % 7, 0)
        throttle.accepted(moment / 4)
    went = calls(throttle, 10, 60)
    numbers = [sum(begin <= at - 10 < begin + CALM_SECONDS for at in went) for begin in range(0, 60, 5)]
    assert numbers[0] <= 2 * CALM_SECONDS
    assert all(later > 1.5 * earlier for earlier, later in pairwise(numbers[:5]))
    assert min(numbers[6:]) >= CALLS_PER_SECOND * CALM_SECONDS - 1
    assert not throttle.is_slowed


def test_when_every_chat_is_refused_all_rest_and_one_call_goes_first() -> None:
    throttle = Throttle()
    for chat in range(STORM_CHATS):
        throttle.refused(1, chat, 35 + chat)
    assert throttle.turn_at(1) == 36
    assert calls(throttle, 1, 36) == [36]


def test_that_all_have_to_rest_is_put_to_the_test_before_long() -> None:
    throttle = Throttle()
    for chat in range(STORM_CHATS):
        throttle.refused(1, chat, 7_200)
    assert throttle.turn_at(1) == 1 + LONGEST_COMMON_REST_SECONDS


def test_what_may_be_left_out_waits_until_all_else_goes_at_full_speed() -> None:
    throttle = Throttle()
    assert throttle.spare_at(0) == 0
    for moment in range(40):
        throttle.refused(moment / 4, moment % 7, 0)
        throttle.accepted(moment / 4)
    now = 10.0
    while throttle.is_slowed:
        assert throttle.spare_at(now) > now
        now = calls(throttle, now, 5)[-1]
    assert throttle.spare_at(now + 1) == now + 1


def test_what_it_remembers_does_not_grow() -> None:
    throttle = Throttle()
    calls(throttle, 0, 100)
    assert len(throttle._outcomes) <= 10 * CALLS_PER_SECOND + BURST
