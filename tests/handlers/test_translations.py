"""What holds for every text in every language."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from handlers.texts import LOCALES, Texts
from tests.handlers.catalogue import HANDLERS, PAGE, Message, examples, messages, page, spoken

MESSAGES = messages()
LANGUAGES = spoken()
CATALOGUES = sorted(LOCALES.glob("*/LC_MESSAGES/bot.po"))
PLACEHOLDER = re.compile(r"\{(\w*)[^}]*\}")
# Telegram's own limits, and what fills a placeholder at its longest: a name of 250 characters that need escaping.
MESSAGE_CHARACTERS = 4096
POP_UP_CHARACTERS = 200
LONGEST_NAME = "&amp;" * 50 + "x" * 200
TAGS = {"b", "code"}
NO_BREAK = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"

by_language = pytest.mark.parametrize("t", LANGUAGES, ids=[str(t.locale) for t in LANGUAGES])


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


@pytest.mark.parametrize("path", CATALOGUES, ids=[path.parts[-3] for path in CATALOGUES])
def test_every_text_is_translated_and_nothing_else(path: Path) -> None:
    with path.open("rb") as file:
        catalogue = [message for message in read_po(file) if message.id]
    wanted = {(each.text, each.plural) if each.plural else each.text for each in MESSAGES}
    assert {message.id for message in catalogue} == wanted
    assert [message.id for message in catalogue if message.fuzzy] == []
    untranslated = [
        message.id
        for message in catalogue
        if not (all(message.string) if isinstance(message.string, tuple) else message.string)
    ]
    assert untranslated == []


@by_language
def test_a_translation_has_the_placeholders_of_its_text(t: Texts) -> None:
    assert [form for each in MESSAGES for form in each.forms(t) if not _fits(form, each)] == []


def _fits(form: str, message: Message) -> bool:
    wanted = placeholders(message.text) | placeholders(message.plural or "")
    # A form for one may do without the number.
    return placeholders(form) == wanted or (
        message.plural is not None and placeholders(form) == wanted - {"count"}
    )


@by_language
def test_markup_is_whole(t: Texts) -> None:
    assert [form for each in MESSAGES for form in each.forms(t) if not _is_whole(form)] == []


def _is_whole(text: str) -> bool:
    """Whether each tag is one that is used here, and closed in its order."""
    open_tags: list[str] = []
    broken: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag not in TAGS or attrs:
                broken.append(tag)
            open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            if not open_tags or open_tags.pop() != tag:
                broken.append(tag)

    reader = Reader()
    reader.feed(text)
    reader.close()
    return not open_tags and not broken


def test_every_placeholder_has_an_example() -> None:
    known = set(examples(LANGUAGES[0])) | {"count"}
    wanted = {name for each in MESSAGES for name in placeholders(each.text + (each.plural or ""))}
    assert wanted - known == set()


@by_language
def test_every_text_fits_where_it_stands(t: Texts) -> None:
    longest = {
        name: LONGEST_NAME if isinstance(value, str) and not value.startswith(("/", "http")) else value
        for name, value in examples(t).items()
    }
    too_long = [
        text for each in MESSAGES for text in each.filled(t, longest) if len(text) > MESSAGE_CHARACTERS
    ]
    assert too_long == []
    shown = examples(t)
    for text in _said_without_markup():
        form = t.template(text)
        assert len(form.format_map({**shown, "count": 3})) <= POP_UP_CHARACTERS, form


def _said_without_markup() -> Iterator[str]:
    """Of buttons, pop-ups and menus."""
    for path in sorted(HANDLERS.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _name(node) == "plain" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value


# A plain space where the line must not break; a sign without its space; a typewriter's apostrophe.
BAD_FRENCH = re.compile(rf"[^\s:] [:;?!%»]|« |(?<=\w)[?!;»]|\w:(?!\w)|«(?![{NO_BREAK}])|'")


def test_french_has_its_own_typography() -> None:
    french = next(t for t in LANGUAGES if t.locale.language == "fr")
    forms = [form for each in MESSAGES for form in each.forms(french)]
    assert [form for form in forms if BAD_FRENCH.search(re.sub(r"\w+://|<[^>]*>", "", form))] == []


@pytest.mark.parametrize("text", ["Prêt ?", "Prêt?", "« Prêt »", "Clé: voici", "C'est prêt"])
def test_typography_is_seen(text: str) -> None:
    assert BAD_FRENCH.search(text)


def test_no_text_is_said_past_the_catalogues() -> None:
    found = [
        f"{path.name}:{line} {text!r}"
        for path in sorted(HANDLERS.rglob("*.py"))
        for line, text in _unmarked_sentences(ast.parse(path.read_text("utf-8")))
    ]
    assert found == []


# Calls whose strings are for translators, for operators, for programmers, or for Telegram's wire.
_NOT_FOR_READERS = {"t", "n", "plain", "count", "mark", "template", "compile", "getLogger", "TypeAliasType"}
_LOGS = {"debug", "info", "warning", "error", "exception", "critical"}
_SENTENCE = re.compile(r"[^\W\d_]{2,} [^\W\d_]{2,}")


def _unmarked_sentences(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """String literals of two words or more that a person might be shown."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.Call() if _name(node) in _NOT_FOR_READERS | _LOGS:
                # What fills the placeholders is looked at all the same.
                for keyword in node.keywords:
                    yield from _unmarked_sentences(keyword)
            case ast.Raise() | ast.Expr(value=ast.Constant()):
                continue
            case ast.Call() if _name(node) == "__init__":
                continue
            # Telegram’s error texts are compared in lower case, arguments of commands are written in capitals.
            case ast.Constant(value=str(text)) if _SENTENCE.search(text) and text not in {
                text.lower(),
                text.upper(),
            }:
                yield node.lineno, text
            case _:
                yield from _unmarked_sentences(node)


def _name(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def test_the_page_of_texts_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == "\n".join(page()) + "\n"
