from datetime import UTC, datetime

import pytest

from onefichier.paris import from_paris, window_end, window_start


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-15 12:00:00", datetime(2026, 1, 15, 11, tzinfo=UTC)),
        ("2026-07-15 12:00:00", datetime(2026, 7, 15, 10, tzinfo=UTC)),
        ("2026-10-25 02:30:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25 03:00:00", datetime(2026, 10, 25, 2, tzinfo=UTC)),
        ("2026-03-29 03:00:00", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ],
    ids=["winter", "summer", "hour that exists twice", "after it", "after the hour that is missing"],
)
def test_dates_are_french_local_time(text: str, moment: datetime) -> None:
    assert from_paris(text) == moment
    assert from_paris(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("moment", "start", "end"),
    [
        (datetime(2026, 1, 15, 11, tzinfo=UTC), "2026-01-15 12:00:00", "2026-01-15 12:00:00"),
        (datetime(2026, 10, 24, 23, 59, tzinfo=UTC), "2026-10-25 01:59:00", "2026-10-25 01:59:00"),
        (datetime(2026, 10, 25, 0, 10, tzinfo=UTC), "2026-10-25 01:10:00", "2026-10-25 03:10:00"),
        (datetime(2026, 10, 25, 1, 50, tzinfo=UTC), "2026-10-25 01:50:00", "2026-10-25 03:50:00"),
        (datetime(2026, 10, 25, 2, 0, tzinfo=UTC), "2026-10-25 03:00:00", "2026-10-25 03:00:00"),
    ],
    ids=["plain", "before", "first 02:10", "second 02:50", "after"],
)
def test_a_window_hides_nothing_in_the_hour_that_exists_twice(moment: datetime, start: str, end: str) -> None:
    assert (window_start(moment), window_end(moment)) == (start, end)


def test_what_is_no_date_is_refused() -> None:
    with pytest.raises(ValueError, match="Invalid isoformat"):
        from_paris("yesterday")
