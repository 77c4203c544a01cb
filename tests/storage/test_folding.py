"""What is one to a person is one to the search."""

import pytest

from storage import folded
from storage.folding import Fit, fit


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Été à la mer.mp4", "ete a la mer.mp4", id="accents"),
        pytest.param("e\u0301te\u0301", "été", id="composed or not"),
        pytest.param("STRASSE", "straße", id="sharp s"),
        pytest.param("Œuvre complète", "oeuvre complete", id="ligature"),
        pytest.param("Ærø", "aero", id="nordic"),
        pytest.param("Łódź", "lodz", id="stroke"),
        pytest.param("İstanbul Kadıköy", "istanbul kadikoy", id="turkish"),
        pytest.param("ＦＵＬＬ　ｗｉｄｔｈ", "full width", id="width"),
        pytest.param("a＜b＞", "A<B>", id="look-alikes that stand for forbidden characters"),
        pytest.param("Ελλάδα", "ελλαδα", id="greek"),
        pytest.param("ЁЛКА", "елка", id="cyrillic"),
        pytest.param("  two \t  words\n", "two words", id="space"),
        pytest.param("™ ﬁlm", "tm film", id="compatibility"),
    ],
)
def test_spellings_of_one_name_are_folded_into_one(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_folding_again_changes_nothing() -> None:
    once = folded("Été_2026™ ÆØ Ǆ ŉ.MKV")
    assert folded(once) == once


@pytest.mark.parametrize(
    ("name", "words", "expected"),
    [
        ("holiday 2026.mp4", ["holiday"], Fit.BEGINS),
        ("holiday 2026.mp4", ["holiday", "2026"], Fit.BEGINS),
        ("holiday 2026.mp4", ["2026"], Fit.WORDS),
        ("holiday.2026.mp4", ["2026", "holi"], Fit.WORDS),
        ("(art) party", ["art"], Fit.WORDS),
        ("party art", ["art"], Fit.WORDS),
        ("party", ["art"], Fit.INSIDE),
        ("holiday party", ["holiday", "art"], Fit.INSIDE),
    ],
)
def test_a_name_fits_better_when_it_begins_with_what_was_typed(
    name: str, words: list[str], expected: Fit
) -> None:
    assert fit(name, words) is expected
