import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefichier import is_too_long, safe_name, same_name
from onefichier.names import LONGEST_NAME, LONGEST_NAME_BYTES


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("a\"b'c<d>e$f/g`h\\i", "a＂b＇c＜d＞e＄f／g｀h＼i"),
        (" both ends ", "␠both ends␠"),
        ("  two", "␠ two"),
        (" ", "␠"),
        (".", "．"),
        ("..", "．．"),
        (".hidden", ".hidden"),
        ("line\nbreak\ttab\x7f", "line␊break␉tab␡"),
        ("nul\x00", "nul␀"),
        ("c1\x85 ", "c1␠"),
        ("e\u0301té.txt", "été.txt"),
        ("ab\u202egpj.exe", "ab\u202egpj.exe"),
        ("party 🎉.png", "party 🎉.png"),
        ("lone \ud800.txt", "lone ?.txt"),
        ("", "file"),
        ("\x85", "file"),
    ],
)
def test_unsafe_characters_become_look_alikes(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("a" * 300 + ".tar", ".tar"),
        ("é" * 250 + ".txt", ".txt"),
        ("🎉" * 100 + ".jpeg", ".jpeg"),
        ("a" * 300, "a"),
        ("a." + "b" * 300, "b"),
        (" " + "a" * 249, "a"),
    ],
)
def test_a_long_name_keeps_its_extension(name: str, end: str) -> None:
    safe = safe_name(name)
    assert safe.endswith(end)
    assert LONGEST_NAME_BYTES - 12 <= len(safe.encode()) <= LONGEST_NAME_BYTES
    assert len(safe) <= LONGEST_NAME


@given(st.text(max_size=400))
def test_a_safe_name_stays_as_it_is(name: str) -> None:
    safe = safe_name(name)
    assert safe_name(safe) == safe
    assert 0 < len(safe) <= LONGEST_NAME
    assert len(safe.encode()) <= LONGEST_NAME_BYTES
    assert not set(safe) & set("\"'<>$/`\\´\r\n\x00")


def test_names_are_compared_as_the_service_stores_them() -> None:
    assert same_name("e\u0301/", "é／")
    assert not same_name("A", "a")


@pytest.mark.parametrize(
    ("name", "too_long"),
    [("a" * 250, False), ("a" * 251, True), ("é" * 127, False), ("é" * 128, True), ("<" * 86, True)],
)
def test_a_name_is_too_long_when_it_would_be_shortened(name: str, too_long: bool) -> None:
    assert is_too_long(name) is too_long
    assert (len(safe_name(name)) < len(name)) is too_long
