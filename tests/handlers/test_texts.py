"""Translation and escaping."""

import gettext
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from handlers.texts import Html, Texts, languages, lines, mark, texts_for

t = texts_for("en")
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param("<b>fake</b>", "&lt;b&gt;fake&lt;/b&gt;", id="markup"),
        pytest.param("Tom & Jerry", "Tom &amp; Jerry", id="ampersand"),
        pytest.param("{name} {0}", "{name} {0}", id="braces"),
        pytest.param(Html("<b>real</b>"), "<b>real</b>", id="marked-up"),
        pytest.param(3, "3", id="number"),
    ],
)
def test_values_are_escaped_unless_they_are_markup(value: object, shown: str) -> None:
    assert t("<i>{name}</i>", name=value) == f"<i>{shown}</i>"


def test_plain_texts_are_not_escaped() -> None:
    assert t.plain("📁 {name}", name="Tom & <Jerry>") == "📁 Tom & <Jerry>"


@pytest.mark.parametrize(("count", "shown"), [(0, "0 files"), (1, "1 file"), (1_500, "1,500 files")])
def test_a_count_chooses_its_form(count: int, shown: str) -> None:
    assert t.n("{count} file", "{count} files", count) == shown
    assert t.count("{count} file", "{count} files", count) == shown


def test_lines_leave_out_what_is_none_and_keep_what_is_empty() -> None:
    assert lines(Html("a"), None, Html(""), Html("b")) == "a\n\nb"


def test_an_empty_message_stays_empty_although_catalogues_keep_their_header_there() -> None:
    assert t("") == ""


@pytest.mark.parametrize("code", [None, "", "en", "en-US", "xx", "../../etc", "de" * 100, "tlh"])
def test_languages_without_a_catalogue_are_spoken_to_in_english(code: str | None) -> None:
    texts = texts_for(code)
    assert texts(mark("Nothing is running.")) == "Nothing is running."
    assert str(texts.locale) == "en"


def test_a_catalogue_translates_and_brings_its_own_numbers() -> None:
    class French(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return {"{number} GB": "{number} Go", "{count} file": "{count} fichier"}.get(message, message)

    french = Texts(French(), Locale("fr"))
    assert french.size(1_400_000_000) == "1,4 Go"


def test_every_language_with_a_catalogue_is_known_to_telegram_by_its_code() -> None:
    assert all(2 <= len(code) <= 8 for code in languages())


def test_the_template_for_translators_holds_every_text() -> None:
    """A text that was added without `pybabel extract` would stay English for ever."""
    keywords = {"t": None, "plain": None, "mark": None, "n": (1, 2), "count": (1, 2)}
    found = {
        message
        for _, _, message, _, _ in extract_from_dir(
            ROOT / "handlers", [("**.py", "python")], keywords=keywords
        )
    }
    with (ROOT / "handlers/locales/bot.pot").open("rb") as template:
        listed = {message.id for message in read_po(template) if message.id}
    assert found == listed
