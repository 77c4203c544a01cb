import math

import pytest

from onefichier import Priority
from onefichier.schedule import Schedule, Waiter

ASK, SEND, POLL = Priority.INTERACTIVE, Priority.TRANSFER, Priority.POLLING


def schedule(**state: object) -> Schedule:
    return Schedule(address_interval=0.5, key_interval=1.5, **state)  # type: ignore[arg-type]  # table of states


CASES = [
    ("nobody waits", {}, [], None),
    ("the first call goes at once", {}, [Waiter(1, "a", SEND)], (10.0, 1)),
    ("the address is busy", {"address_free_at": 10.3}, [Waiter(1, "a", ASK)], (10.3, 1)),
    ("the key is busy", {"key_free_at": {"a": 11.0}}, [Waiter(1, "a", ASK)], (11.0, 1)),
    (
        "another key goes first",
        {"key_free_at": {"a": 11.0}},
        [Waiter(1, "a", ASK), Waiter(2, "b", POLL)],
        (10.0, 2),
    ),
    ("interactive before transfers", {}, [Waiter(1, "a", SEND), Waiter(2, "b", ASK)], (10.0, 2)),
    ("transfers before polling", {}, [Waiter(1, "a", POLL), Waiter(2, "b", SEND)], (10.0, 2)),
    ("equals in their order", {}, [Waiter(2, "b", SEND), Waiter(1, "a", SEND)], (10.0, 1)),
    (
        "polling has its quarter",
        {"turns_since_polling": 3},
        [Waiter(1, "a", ASK), Waiter(2, "b", POLL), Waiter(3, "c", POLL)],
        (10.0, 2),
    ),
    (
        "polling has no more",
        {"turns_since_polling": 2},
        [Waiter(1, "a", ASK), Waiter(2, "b", POLL)],
        (10.0, 1),
    ),
    ("a barred call waits", {}, [Waiter(1, "a", ASK, opens_at=70.0)], (70.0, 1)),
    (
        "a barred call lets others pass",
        {},
        [Waiter(1, "a", ASK, opens_at=70.0), Waiter(2, "a", POLL)],
        (10.0, 2),
    ),
    ("nobody knows when", {}, [Waiter(1, "a", ASK, opens_at=math.inf)], None),
    ("a limit that is past", {}, [Waiter(1, "a", ASK, opens_at=3.0)], (10.0, 1)),
]


@pytest.mark.parametrize(
    ("state", "waiting", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_next_turn(
    state: dict[str, object], waiting: list[Waiter], expected: tuple[float, int] | None
) -> None:
    turn = schedule(**state).next_turn(10.0, waiting)
    assert (turn and (turn.at, turn.waiter.number)) == expected


def order_of_turns(plan: Schedule, waiting: list[Waiter]) -> list[tuple[float, int]]:
    turns: list[tuple[float, int]] = []
    now = 0.0
    while (turn := plan.next_turn(now, waiting)) is not None:
        plan.give(turn)
        waiting.remove(turn.waiter)
        now = turn.at
        turns.append((turn.at, turn.waiter.number))
    return turns


def test_turns_keep_both_intervals() -> None:
    waiting = [Waiter(number, scope, ASK) for number, scope in enumerate("aaabbc")]
    turns = order_of_turns(schedule(), waiting)
    assert turns == [(0.0, 0), (0.5, 3), (1.0, 5), (1.5, 1), (2.0, 4), (3.0, 2)]


def test_one_turn_in_four_goes_to_polling_while_others_wait() -> None:
    waiting = [Waiter(number, f"ask{number}", ASK) for number in range(9)]
    waiting += [Waiter(number, f"poll{number}", POLL) for number in range(100, 103)]
    numbers = [number for _, number in order_of_turns(schedule(), waiting)]
    assert numbers == [0, 1, 2, 100, 3, 4, 5, 101, 6, 7, 8, 102]


def test_a_forecast_says_what_then_happens_and_changes_nothing() -> None:
    waiting = [Waiter(number, scope, SEND) for number, scope in enumerate("aaabbc")]
    plan = schedule()
    forecasts = {
        waiter.number: plan.forecast(0.0, waiting, waiter.number, most_turns=50) for waiter in waiting
    }
    assert plan.key_free_at == {}
    assert forecasts == {number: at for at, number in order_of_turns(plan, waiting)}


def test_a_forecast_has_a_horizon() -> None:
    waiting = [Waiter(number, f"key{number}", SEND) for number in range(100)]
    assert schedule().forecast(0.0, waiting, 99, most_turns=10) == 4.5
    assert schedule().forecast(0.0, [Waiter(1, "a", ASK, math.inf)], 1, most_turns=10) == math.inf


def test_keys_unused_for_long_are_forgotten() -> None:
    plan = schedule(key_free_at={"old": 5.0, "new": 50.0})
    plan.forget_before(10.0)
    assert plan.key_free_at == {"new": 50.0}
