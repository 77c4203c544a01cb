from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.botapi import ApiError
from emulators.botapi.formatting import formatted, found_entities, to_html
from emulators.botapi.markup import parse_html


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        pytest.param("plain", "plain", [], id="plain"),
        pytest.param("a &lt; b &amp;&amp; c &gt; d &quot;", 'a < b && c > d "', [], id="named-references"),
        pytest.param("&#65;&#x42;&copy;&#0;&", "AB&copy;&#0;&", [], id="numeric-references-and-what-is-none"),
        pytest.param("<b>x</b><strong>y</strong>", "xy", [entity("bold", 0, 1), entity("bold", 1, 1)], id="bold"),
        pytest.param("<i>x</i> <em>y</em>", "x y", [entity("italic", 0, 1), entity("italic", 2, 1)], id="italic"),
        pytest.param("<u>x</u><ins>y</ins>", "xy", [entity("underline", 0, 1), entity("underline", 1, 1)], id="underline"),
        pytest.param("<s>x</s><strike>y</strike><del>z</del>", "xyz", [entity("strikethrough", i, 1) for i in range(3)], id="strike"),
        pytest.param("<tg-spoiler>x</tg-spoiler><span class='tg-spoiler'>y</span>", "xy", [entity("spoiler", 0, 1), entity("spoiler", 1, 1)], id="spoiler"),
        pytest.param("<B>x</B>", "x", [entity("bold", 0, 1)], id="capital-tags"),
        pytest.param("<b></b>x", "x", [], id="empty-entity-vanishes"),
        pytest.param("<b>x</>", "x", [entity("bold", 0, 1)], id="nameless-end-tag"),
        pytest.param("😀<b>😀</b>", "😀😀", [entity("bold", 2, 2)], id="offsets-in-utf-16-units"),
        pytest.param("<b>a<i>b</i></b>", "ab", [entity("italic", 1, 1), entity("bold", 0, 2)], id="nested"),
        pytest.param('<a href="https://1fichier.com/?a&amp;b">x</a>', "x", [entity("text_link", 0, 1, url="https://1fichier.com/?a&b")], id="link"),
        pytest.param("<a>example.org</a>", "example.org", [entity("text_link", 0, 11, url="http://example.org")], id="link-without-target"),
        pytest.param("<a href=example.org>x</a>", "x", [entity("text_link", 0, 1, url="http://example.org")], id="unquoted-attribute"),
        pytest.param('<a href="nowhere">x</a>', "x", [], id="a-target-that-is-none"),
        pytest.param('<a href="tg://user?id=7">x</a>', "x", [entity("text_mention", 0, 1, user={"id": 7, "is_bot": False, "first_name": ""})], id="mention"),
        pytest.param('<pre><code class="language-sh">x</code></pre>', "x", [entity("pre", 0, 1, language="sh")], id="code-with-language"),
        pytest.param("<pre>x</pre> <code>y</code>", "x y", [entity("pre", 0, 1), entity("code", 2, 1)], id="code"),
        pytest.param('<code class="language-sh">y</code>', "y", [entity("code", 0, 1)], id="a-language-needs-pre"),
        pytest.param("<blockquote>x</blockquote>", "x", [entity("blockquote", 0, 1)], id="quote"),
        pytest.param("<blockquote expandable>x</blockquote>", "x", [entity("expandable_blockquote", 0, 1)], id="expandable"),
        pytest.param('<tg-emoji emoji-id="5368">👍</tg-emoji>', "👍", [entity("custom_emoji", 0, 2, custom_emoji_id="5368")], id="custom-emoji"),
        pytest.param('<tg-time unix="1800000000">soon</tg-time>', "soon", [entity("date_time", 0, 4, unix_time=1_800_000_000)], id="time"),
    ],
)  # fmt: skip
def test_html_becomes_text_and_entities(source: str, text: str, entities: list[dict[str, Any]]) -> None:
    assert parse_html(source) == (text, entities)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("<x>", 'Unsupported start tag "x" at byte offset 0', id="unknown-tag"),
        pytest.param("é <x>", 'Unsupported start tag "x" at byte offset 3', id="offset-in-bytes"),
        pytest.param("a < b", 'Unsupported start tag "" at byte offset 2', id="bare-less-than"),
        pytest.param("a<b", "Unclosed start tag at byte offset 1", id="tag-without-end"),
        pytest.param("<b>x", 'Can\'t find end tag corresponding to start tag "b"', id="no-end-tag"),
        pytest.param("x</b>", "Unexpected end tag at byte offset 1", id="no-start-tag"),
        pytest.param(
            "<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"', id="crossed"
        ),
        pytest.param("<b>x</b", "Unclosed end tag at byte offset 4", id="unclosed-end-tag"),
        pytest.param(
            "<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0', id="bare-span"
        ),
        pytest.param(
            '<a ="x">x</a>', 'Empty attribute name in the tag "a" at byte offset 0', id="nameless-attribute"
        ),
        pytest.param("<a href", 'Unclosed start tag "a" at byte offset 0', id="attribute-at-the-end"),
        pytest.param('<a href="x', "Unclosed start tag at byte offset 0", id="unclosed-attribute"),
        pytest.param(
            "<a href=x/y>x</a>", "Unexpected end of name token at byte offset 8", id="address-without-quotes"
        ),
        pytest.param(
            "<tg-emoji>x</tg-emoji>", "Invalid custom emoji identifier specified", id="emoji-without-id"
        ),
    ],
)
def test_bad_html_is_refused_with_the_servers_words(source: str, reason: str) -> None:
    with pytest.raises(ApiError) as refusal:
        parse_html(source)
    assert refusal.value.description == f"Bad Request: can't parse entities: {reason}"


@pytest.mark.parametrize(
    ("raw", "parse_mode", "reason"),
    [
        pytest.param("x" * 4097, None, "message is too long", id="4097-characters"),
        pytest.param("x" * 32_769, None, "text is too long", id="32769-bytes"),
        pytest.param(" \n ", None, "text must be non-empty", id="white-space"),
        pytest.param("<b> </b>", "HTML", "text must be non-empty", id="white-space-in-tags"),
        pytest.param("x", "Markup", "unsupported parse_mode", id="unknown-parse-mode"),
        pytest.param("\ud800", None, "strings must be encoded in UTF-8", id="half-a-surrogate-pair"),
    ],
)
def test_texts_that_cannot_be_sent(raw: str, parse_mode: str | None, reason: str) -> None:
    with pytest.raises(ApiError) as refusal:
        formatted(raw, parse_mode=parse_mode, entities=None, max_characters=4096)
    assert refusal.value.description == f"Bad Request: {reason}"


def test_tags_do_not_count_towards_the_length() -> None:
    text, _ = formatted("<b>" + "😀" * 4096 + "</b>", parse_mode="html", entities=None, max_characters=4096)
    assert len(text) == 4096


def test_a_long_caption_is_refused_in_its_own_words() -> None:
    with pytest.raises(ApiError, match="message caption is too long"):
        formatted("x" * 1025, parse_mode=None, entities=None, max_characters=1024)


def test_white_space_at_both_ends_goes_and_entities_move_along() -> None:
    text, entities = formatted("\n  <b>x</b> y  \n", parse_mode="HTML", entities=None, max_characters=4096)
    assert (text, entities) == ("x y", [entity("bold", 0, 1)])


def test_entities_given_beyond_the_text_are_refused() -> None:
    with pytest.raises(ApiError, match="entity beyond the text"):
        formatted("abc", parse_mode=None, entities=[entity("bold", 1, 3)], max_characters=4096)


def test_only_a_hundred_entities_are_kept() -> None:
    _, entities = formatted("<b>x</b> " * 150, parse_mode="HTML", entities=None, max_characters=4096)
    assert len(entities) == 100


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("/start@some_bot now", [entity("bot_command", 0, 15)], id="command"),
        pytest.param("a/b /c/d", [], id="paths-are-no-commands"),
        pytest.param(
            "see https://1fichier.com/?abc&x=1.", [entity("url", 4, 29)], id="url-without-full-stop"
        ),
        pytest.param(
            "😀 @ada_l #tag", [entity("mention", 3, 6), entity("hashtag", 10, 4)], id="mention-and-hashtag"
        ),
        pytest.param("mail a.b@example.org", [entity("email", 5, 15)], id="email"),
        pytest.param("ftp://example.org/a", [entity("url", 0, 19)], id="ftp"),
    ],
)
def test_entities_found_without_being_told(text: str, found: list[dict[str, Any]]) -> None:
    assert found_entities(text) == found


def test_nothing_is_found_inside_code() -> None:
    assert found_entities("/start", taken=[entity("code", 0, 6)]) == []


@pytest.mark.parametrize(
    "source",
    [
        "<b>a<i>b</i></b> &amp; <u>c</u>",
        '<a href="https://x.org/?a&amp;b">x</a>',
        '<pre><code class="language-sh">x</code></pre>',
        "<blockquote expandable>😀</blockquote><tg-spoiler>y</tg-spoiler>",
    ],
)
def test_html_survives_the_way_there_and_back(source: str) -> None:
    assert to_html(*parse_html(source)) == source


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_escaped_text_arrives_as_it_was(text: str) -> None:
    assert parse_html(to_html(text, [])) == (text, [])


@given(st.text("<>/b&;= a\"'i😀", max_size=30))
def test_any_input_is_parsed_or_refused(source: str) -> None:
    try:
        parse_html(source)
    except ApiError as refusal:
        assert refusal.description.startswith("Bad Request: can't parse entities: ")  # noqa: PT017 - most inputs are fine
