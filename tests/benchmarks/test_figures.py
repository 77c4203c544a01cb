import pytest

from benchmarks.figures import Figure, Sense, Verdict, medians, percentile, readable

SPEED = Figure("speed", "speed of something", Sense.AT_LEAST, 1.3, 1.6, "x")
LAG = Figure("lag", "lag of something", Sense.AT_MOST, 25, unit="ms")


@pytest.mark.parametrize(
    ("figure", "value", "verdict"),
    [
        (SPEED, 1.3, Verdict.MET),
        (SPEED, 1.2999, Verdict.MISSED),
        (LAG, 25, Verdict.MET),
        (LAG, 25.001, Verdict.MISSED),
    ],
)
def test_a_bound_itself_is_good_enough(figure: Figure, value: float, verdict: Verdict) -> None:
    assert figure.verdict(value, figure.must) is verdict


def test_bounds_and_values_are_shown_with_their_unit() -> None:
    assert (SPEED.bound(1.6), SPEED.shown(1.4567)) == ("≥ 1.6 x", "1.46 x")
    assert (LAG.bound(25), LAG.shown(0.03)) == ("≤ 25 ms", "0.03 ms")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (1234.5, "1,234"), (99.94, "99.9"), (1.0, "1"), (0.01234, "0.0123"), (-0.5, "-0.5")],
)
def test_numbers_have_three_digits_that_mean_something(value: float, shown: str) -> None:
    assert readable(value) == shown


@pytest.mark.parametrize(("percent", "expected"), [(0, 1), (1, 1), (50, 50), (99, 99), (100, 100)])
def test_a_percentile_is_one_of_the_values(percent: float, expected: int) -> None:
    values = [*range(100, 0, -1)]
    assert percentile(values, percent) == expected


def test_the_ninety_ninth_of_a_few_values_is_the_largest() -> None:
    assert percentile([3.0, 9.0, 1.0], 99) == 9.0


def test_there_is_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 50)


def test_one_slow_round_does_not_move_a_median() -> None:
    assert medians({"curl": [1.0, 1.1, 9.0]}) == {"curl": 1.1}
