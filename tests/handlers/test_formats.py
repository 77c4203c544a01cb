"""Numbers, sizes and times."""

from datetime import UTC, datetime, timedelta

import pytest

from handlers.texts import texts_for

t = texts_for("en")
NOW = datetime(2026, 11, 22, 17, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1 kB"),
        (14_000, "14 kB"),
        (999_949, "999.9 kB"),
        (999_960, "1 MB"),
        (1_400_000_000, "1.4 GB"),
        (301_500_000_000, "301.5 GB"),
        (2 * 10**12, "2 TB"),
        (10**16, "10,000 TB"),
    ],
)
def test_sizes_are_decimal_with_one_decimal_at_most(size: int, shown: str) -> None:
    assert t.size(size) == shown


@pytest.mark.parametrize(
    ("speed", "shown"), [(0, "0 kB/s"), (1_440, "1.4 kB/s"), (38_400_000, "38 MB/s"), (999_999, "1 MB/s")]
)
def test_speeds_are_calm(speed: float, shown: str) -> None:
    assert t.speed(speed) == shown


@pytest.mark.parametrize(("limit", "shown"), [(20 << 20, "20 MB"), (None, "2 GB")])
def test_the_largest_file_is_named_as_telegram_names_it(limit: int | None, shown: str) -> None:
    assert t.largest_file(limit) == shown


@pytest.mark.parametrize(
    ("part", "whole", "percent", "bar"),
    [
        (0, 100, "0%", "░░░░░░░░░░"),
        (42, 100, "42%", "▓▓▓▓░░░░░░"),
        (29, 100, "29%", "▓▓░░░░░░░░"),
        (999, 1_000, "99%", "▓▓▓▓▓▓▓▓▓░"),
        (100, 100, "100%", "▓▓▓▓▓▓▓▓▓▓"),
        (150, 100, "100%", "▓▓▓▓▓▓▓▓▓▓"),
        (1, 0, "0%", "░░░░░░░░░░"),
    ],
)
def test_shares_are_rounded_down_so_that_all_means_all(part: int, whole: int, percent: str, bar: str) -> None:
    assert t.percent(part, whole) == percent
    assert t.bar(part, whole) == bar


def test_french_keeps_the_sign_of_a_share_apart_on_the_same_line() -> None:
    assert texts_for("fr").percent(42, 100) == "42\xa0%"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "1 s"),
        (19.2, "20 s"),
        (60, "1 min"),
        (61, "2 min"),
        (4_000, "2 h"),
        (86_400, "1 day"),
        (1e6, "12 days"),
    ],
)
def test_durations_are_rough(seconds: float, shown: str) -> None:
    assert t.duration(seconds) == shown


def test_times_are_those_of_the_language_or_of_the_chosen_zone_and_say_so() -> None:
    assert texts_for("fr").time(NOW) == "18:22 (Paris)"
    assert texts_for("fr", "UTC").time(NOW) == "17:22 (UTC)"
    assert texts_for("en", "Indian/Reunion").time(NOW) == "21:22 (Réunion)"
    assert texts_for("fr", "America/New_York").date_and_time(NOW) == "22 novembre 2026, 12:22 (New York)"
    assert texts_for("en", "Nowhere/Atlantis").time(NOW) == "17:22 (UTC)"
    assert t.time(NOW) == "17:22 (UTC)"
    assert t.time(NOW, NOW) == "17:22 (UTC)"
    assert t.time(NOW + timedelta(days=1), NOW) == "23 Nov, 17:22 (UTC)"
    assert t.date_and_time(NOW) == "22 November 2026, 17:22 (UTC)"


def test_a_day_has_its_year_only_when_it_is_another_one() -> None:
    assert t.day(NOW, NOW) == "22 Nov"
    assert t.day(NOW - timedelta(days=365), NOW) == "22 Nov 2025"


def test_the_main_folder_has_no_name_of_its_own() -> None:
    assert t.folder("") == "Main folder"
    assert t.folder("Videos") == "Videos"


def test_a_moment_to_come_is_rounded_up_so_that_nobody_is_early() -> None:
    now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert texts_for("en").time(now + timedelta(minutes=5, seconds=1), now) == "12:06 (UTC)"
    assert texts_for("en").time(now + timedelta(minutes=5), now) == "12:05 (UTC)"
    assert texts_for("en").time(now - timedelta(seconds=1), now) == "11:59 (UTC)"
