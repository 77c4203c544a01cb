"""File names of strangers on a line of the chat."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.names import LONGEST_NAME, shown_name

FAMILY = "👨‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("Holiday 2026.mp4", "Holiday 2026.mp4", id="ordinary"),
        pytest.param("a\nb\tc\x00d", "a b c d", id="controls"),
        pytest.param("invoice\u202efdp.exe", "invoicefdp.exe", id="right-to-left-override"),
        pytest.param("שלום.mp4", "\u2068שלום.mp4\u2069", id="right-to-left-letters-are-isolated"),
        pytest.param("x" * 300 + ".part05.rar", "x" * 35 + "…" + "x" * 13 + ".part05.rar", id="long"),
        pytest.param("a" * 60, "a" * 60, id="exactly-as-long-as-allowed"),
    ],
)
def test_a_name_stays_on_its_line_and_tells_its_end(name: str, shown: str) -> None:
    assert shown_name(name) == shown


def test_an_emoji_is_not_torn_apart() -> None:
    shown = shown_name(f"{'x' * 30}{FAMILY}{'y' * 100}{FAMILY}{'z' * 20}")
    assert shown.replace(FAMILY, "") == shown.replace(FAMILY, "").replace("\u200d", "")


def test_a_flag_and_a_letter_with_an_accent_are_not_torn_apart() -> None:
    assert shown_name("x" * 34 + "🇫🇷" + "y" * 100).startswith("x" * 34 + "…")
    assert shown_name("x" * 34 + "e\u0301" + "y" * 100).startswith("x" * 34 + "…")


@given(st.text(max_size=400))
def test_any_name_is_short_and_on_one_line(name: str) -> None:
    shown = shown_name(name)
    assert len(shown) <= LONGEST_NAME + 2
    assert len(shown.splitlines()) <= 1
