import pytest

from handlers.reasons import (
    no_news,
    not_fetched,
    not_fetched_in_brief,
    not_uploaded,
    not_uploaded_in_brief,
)
from handlers.texts import texts_for
from storage import Reason
from tests.handlers.rows import a_remote, a_transfer

T = texts_for("en")


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words(reason: Reason) -> None:
    file, url = a_transfer(reason=reason), a_remote(reason=reason)
    assert len(not_uploaded(T, file).splitlines()) == 2
    assert "Holiday.mp4" in not_uploaded(T, file)
    assert not_uploaded_in_brief(T, file).startswith("<b>Holiday.mp4</b>, ")
    assert "example.org/a.iso" in not_fetched(T, url)
    assert not_fetched_in_brief(T, url).startswith("example.org/a.iso, ")


def test_without_a_reason_it_is_this_side() -> None:
    assert "on my side" in not_uploaded(T, a_transfer())
    assert "on my side" in not_fetched(T, a_remote())


def test_a_refusal_is_quoted_with_what_would_help() -> None:
    refused = a_transfer(reason=Reason.REFUSED, detail="Compte <bloqué>")
    assert not_uploaded(T, refused) == (
        "⚠️ 1fichier refused <b>Holiday.mp4</b>.\n"
        "Its reason: “Compte &lt;bloqué&gt;”."
        " Trying again won’t help before that is settled on 1fichier’s site."
    )
    assert not_uploaded_in_brief(T, refused) == (
        "<b>Holiday.mp4</b>, 1fichier refused it. Its reason: “Compte &lt;bloqué&gt;”."
    )


def test_what_is_not_known_is_not_denied() -> None:
    assert not_uploaded(T, a_transfer(reason=Reason.NEVER_SEEN)) == (
        "⚠️ I don’t know what became of <b>Holiday.mp4</b>.\n"
        "1fichier took it and never showed it. Look with /list before you send it again."
    )


def test_what_is_only_for_customers_is_said_with_where_to_look() -> None:
    text = not_uploaded(T, a_transfer(reason=Reason.MUST_BE_CUSTOMER, detail="You must be a customer"))
    assert "Premium, Access or CDN credit" in text
    assert "/quota" in text
    assert "“You must be a customer”" in text
    assert "Premium" in not_fetched(T, a_remote(reason=Reason.MUST_BE_CUSTOMER))


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        pytest.param(
            "404 Not Found",
            "The answer was “404 Not Found”. Open it in a browser: does it still work?",
            id="an answer",
        ),
        pytest.param(
            None, "Its server didn’t hand it out. Open it in a browser: does it still work?", id="none"
        ),
        pytest.param("x" * 5_000, f"The answer was “{'x' * 200}”.", id="a whole page"),
    ],
)
def test_what_the_source_answered_is_quoted(detail: str | None, said: str) -> None:
    text = not_fetched(T, a_remote(reason=Reason.SOURCE_FAILED, detail=detail))
    assert text.startswith(f"⚠️ Not fetched: example.org/a.iso\n{said}")


@pytest.mark.parametrize(
    ("reason", "first"),
    [
        pytest.param(Reason.NO_NEWS, "⚠️ No news of example.org/a.iso for 24 hours.", id="silent"),
        pytest.param(Reason.VANISHED, "⚠️ 1fichier no longer knows of example.org/a.iso", id="vanished"),
    ],
)
def test_silence_is_told_with_where_to_look(reason: Reason, first: str) -> None:
    assert no_news(T, a_remote(reason=reason)) == (
        f"{first}\n1fichier hasn’t said how it ended. If it isn’t in 📁 Main folder, send me the link again."
    )
