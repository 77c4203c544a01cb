"""What hypothesis chooses, the same each time."""

from collections.abc import Callable
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st


def for_each_choice(count: int, take: Callable[[Random], None], *, salt: str = "") -> None:
    """Have something done so many times, each with other choices; `salt` makes them others altogether.

    The choices of one example drawn one by one would take hypothesis ten times as long.
    """

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 2**64 - 1))
    def each(seed: int) -> None:
        take(Random(f"{salt}{seed}"))

    each()
