"""Formatted text: the server's HTML, the entities it finds by itself, and the way back."""

import html
import re
from typing import Any

from emulators.botapi.errors import bad_request
from emulators.botapi.markup import parse_html

MAX_RAW_BYTES = 32_768
MAX_TEXT_CHARACTERS = 4096
MAX_CAPTION_CHARACTERS = 1024
MAX_ENTITIES = 100

_FOUND_BY_ITSELF = (
    (
        "url",
        re.compile(
            r"(?:https?|ftp|tg)://[^\s<>\"«»]+[^\s<>\"«».,:;!?)\]']|www\.[\w-]+\.[^\s<>\"]*[\w/]",
            re.IGNORECASE,
        ),
    ),
    ("email", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("bot_command", re.compile(r"(?<![\w/@<])/[A-Za-z0-9_]{1,32}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w@/])@[A-Za-z][A-Za-z0-9_]{3,31}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#])#[^\W\d]\w*")),
)

_TAGS = {
    "bold": ("<b>", "</b>"),
    "italic": ("<i>", "</i>"),
    "underline": ("<u>", "</u>"),
    "strikethrough": ("<s>", "</s>"),
    "spoiler": ("<tg-spoiler>", "</tg-spoiler>"),
    "code": ("<code>", "</code>"),
    "pre": ("<pre>", "</pre>"),
    "blockquote": ("<blockquote>", "</blockquote>"),
    "expandable_blockquote": ("<blockquote expandable>", "</blockquote>"),
}


def formatted(
    raw: str, *, parse_mode: str | None, entities: list[dict[str, Any]] | None, max_characters: int
) -> tuple[str, list[dict[str, Any]]]:
    """Return text and entities as the server would keep them; offsets count UTF-16 code units.

    Raises:
        ApiError: too long before or after parsing, not parsable, nothing but white space.
    """
    too_long = (
        "message caption is too long" if max_characters == MAX_CAPTION_CHARACTERS else "message is too long"
    )
    if len(raw.encode("utf-8", "surrogatepass")) > MAX_RAW_BYTES:
        raise bad_request("text is too long")
    if any("\ud800" <= character <= "\udfff" for character in raw):
        raise bad_request("strings must be encoded in UTF-8")
    if parse_mode is None or not parse_mode:
        text, found = raw, list(entities or [])
        _check_entities(text, found)
    elif parse_mode.lower() == "html":
        text, found = parse_html(raw)
    else:
        raise bad_request("unsupported parse_mode")
    text, found = _trimmed(text, found)
    if raw and not text:
        raise bad_request("text must be non-empty")
    if len(text) > max_characters:
        raise bad_request(too_long)
    return text, _ordered(found + found_entities(text, taken=found))[:MAX_ENTITIES]


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def found_entities(text: str, taken: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """Return the entities that clients and server find without being told, outside of links and code."""
    blocked = [
        (entity["offset"], entity["offset"] + entity["length"])
        for entity in taken or []
        if entity["type"] in {"code", "pre", "text_link", "text_mention", "date_time", "custom_emoji"}
    ]
    found: list[dict[str, Any]] = []
    for kind, pattern in _FOUND_BY_ITSELF:
        for match in pattern.finditer(text):
            begin, length = utf16_length(text[: match.start()]), utf16_length(match.group())
            if all(begin + length <= start or end <= begin for start, end in blocked):
                blocked.append((begin, begin + length))
                found.append({"type": kind, "offset": begin, "length": length})
    return _ordered(found)


def to_html(text: str, entities: list[dict[str, Any]]) -> str:
    """Return the text with tags for what it was formatted with; what is found by itself stays plain."""
    marks: list[tuple[int, int, int, str]] = []
    for entity in entities:
        tags = _tags_of(entity)
        if tags is not None:
            begin, end = entity["offset"], entity["offset"] + entity["length"]
            marks.extend(((begin, 1, -end, tags[0]), (end, 0, -begin, tags[1])))
    units = text.encode("utf-16-le")
    parts: list[str] = []
    at = 0
    for position, _, _, tag in sorted(marks):
        parts += [html.escape(units[2 * at : 2 * position].decode("utf-16-le"), quote=False), tag]
        at = position
    parts.append(html.escape(units[2 * at :].decode("utf-16-le"), quote=False))
    return "".join(parts)


def _tags_of(entity: dict[str, Any]) -> tuple[str, str] | None:
    if entity["type"] == "text_link":
        return f'<a href="{html.escape(entity["url"])}">', "</a>"
    if entity["type"] == "pre" and "language" in entity:
        return f'<pre><code class="language-{html.escape(entity["language"])}">', "</code></pre>"
    return _TAGS.get(entity["type"])


def _check_entities(text: str, entities: list[dict[str, Any]]) -> None:
    length = utf16_length(text)
    for entity in entities:
        if entity["offset"] < 0 or entity["length"] <= 0 or entity["offset"] + entity["length"] > length:
            raise bad_request("entity beyond the text")


def _ordered(entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def _trimmed(text: str, entities: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """Cut white space at both ends; in front only as far as the first entity begins, as the server does."""
    text = text.rstrip()
    first = min((entity["offset"] for entity in entities), default=len(text))
    leading = min(len(text) - len(text.lstrip()), first)
    text = text[leading:]
    length = utf16_length(text)
    kept: list[dict[str, Any]] = []
    for entity in entities:
        begin = entity["offset"] - leading
        end = min(begin + entity["length"], length)
        if end > begin:
            kept.append(entity | {"offset": begin, "length": end - begin})
    if not text.strip():
        return "", []
    return text, kept
