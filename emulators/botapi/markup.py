"""The HTML parse mode, after TDLib's own parser: its tags, its tolerance, its texts."""

import re
from dataclasses import dataclass
from typing import Any

from emulators.botapi.errors import ApiError, bad_request

_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
_ARGUMENTS = {"a": "href", "code": "class", "span": "class", "tg-emoji": "emoji-id", "tg-time": "unix"}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(?P<decimal>\d+)|#[xX](?P<hex>[0-9A-Fa-f]+)|(?P<name>lt|gt|amp|quot));?")
_MAX_CODE_POINT = 0x10FFFF
_MENTION = re.compile(r"tg://user\?id=(\d+)$")
_SCHEMES = ("http://", "https://", "tg://", "ftp://", "ton://", "mailto:", "tel:")


@dataclass(frozen=True)
class _OpenTag:
    name: str
    argument: str
    offset: int
    position: int


def parse_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the text without tags, and its entities.

    Raises:
        ApiError: "can't parse entities: …", with the position in bytes as the server gives it.
    """
    parser = _Parser(source)
    parser.run()
    return "".join(parser.characters), parser.entities


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._offset = 0
        self._open: list[_OpenTag] = []
        self.characters: list[str] = []
        self.entities: list[dict[str, Any]] = []

    def run(self) -> None:
        while self._at < len(self._source):
            character = self._source[self._at]
            if character == "<":
                if self._source.startswith("</", self._at):
                    self._end_tag()
                else:
                    self._start_tag()
            else:
                self._append(self._reference() or self._next())
        if self._open:
            raise _cannot_parse(f'Can\'t find end tag corresponding to start tag "{self._open[-1].name}"')

    def _append(self, character: str) -> None:
        self.characters.append(character)
        self._offset += 2 if character > "\uffff" else 1

    def _next(self) -> str:
        character = self._peek()
        self._at += 1
        return character

    def _peek(self) -> str:
        return self._source[self._at : self._at + 1]

    def _take(self, pattern: str) -> str:
        match = re.compile(pattern).match(self._source, self._at)
        taken = match.group() if match else ""
        self._at += len(taken)
        return taken

    def _reference(self) -> str:
        """Decode the character reference that begins here; one that means nothing stays as it stands."""
        match = _REFERENCE.match(self._source, self._at)
        if match is None:
            return ""
        if match["name"]:
            decoded = _NAMED[match["name"]]
        else:
            code = int(match["decimal"]) if match["decimal"] else int(match["hex"], 16)
            if not 0 < code <= _MAX_CODE_POINT:
                return ""
            decoded = chr(code)
        self._at = match.end()
        return decoded

    def _bytes_before(self, position: int) -> int:
        return len(self._source[:position].encode())

    def _start_tag(self) -> None:
        begin = self._at
        where = f"at byte offset {self._bytes_before(begin)}"
        self._at += 1
        name = self._take(r"[^\s>]*").lower()
        if not self._peek():
            raise _cannot_parse(f"Unclosed start tag {where}")
        if name not in _TYPES:
            raise _cannot_parse(f'Unsupported start tag "{name}" {where}')
        argument = ""
        while True:
            self._take(r"\s*")
            if self._peek() == ">":
                break
            attribute, value = self._attribute(name, where)
            if attribute == _ARGUMENTS.get(name) or (name == "blockquote" and attribute == "expandable"):
                argument = value
        self._at += 1
        if name == "span" and argument != "tg-spoiler":
            raise _cannot_parse(f'Tag "span" must have class "tg-spoiler" {where}')
        if name == "tg-emoji" and not argument.isdigit():
            raise _cannot_parse("Invalid custom emoji identifier specified")
        self._open.append(_OpenTag(name, argument, self._offset, len(self.characters)))

    def _attribute(self, tag: str, where: str) -> tuple[str, str]:
        name = self._take(r"[^\s=>/\"']*").lower()
        if not name:
            raise _cannot_parse(f'Empty attribute name in the tag "{tag}" {where}')
        self._take(r"\s*")
        if self._peek() and self._peek() != "=":
            return name, "1"
        self._at += 1
        self._take(r"\s*")
        quote = self._peek()
        if not quote:
            raise _cannot_parse(f'Unclosed start tag "{tag}" {where}')
        value = self._quoted() if quote in {"'", '"'} else self._token()
        if not self._peek():
            raise _cannot_parse(f"Unclosed start tag {where}")
        return name, value

    def _quoted(self) -> str:
        quote = self._next()
        characters: list[str] = []
        while self._peek() not in {quote, ""}:
            characters.append(self._reference() or self._next())
        self._at += 1
        return "".join(characters)

    def _token(self) -> str:
        begin = self._at
        value = self._take(r"[A-Za-z0-9.-]*").lower()
        if self._peek() and not self._peek().isspace() and self._peek() != ">":
            raise _cannot_parse(f"Unexpected end of name token at byte offset {self._bytes_before(begin)}")
        return value

    def _end_tag(self) -> None:
        where = f"at byte offset {self._bytes_before(self._at)}"
        if not self._open:
            raise _cannot_parse(f"Unexpected end tag {where}")
        self._at += 2
        name = self._take(r"[^\s>]*").lower()
        self._take(r"\s*")
        if self._peek() != ">":
            raise _cannot_parse(f"Unclosed end tag {where}")
        self._at += 1
        opened = self._open.pop()
        if name and name != opened.name:
            raise _cannot_parse(f'Unmatched end tag {where}, expected "</{opened.name}>", found "</{name}>"')
        if self._offset > opened.offset:
            self._close(opened)

    def _close(self, tag: _OpenTag) -> None:
        entity: dict[str, Any] = {
            "type": _TYPES[tag.name],
            "offset": tag.offset,
            "length": self._offset - tag.offset,
        }
        if tag.name in {"code", "pre"} and self._joined_with_code(tag, entity):
            return
        if tag.name == "a" and not self._linked(tag, entity):
            return
        if tag.name == "blockquote" and tag.argument:
            entity["type"] = "expandable_blockquote"
        if tag.name == "tg-emoji":
            entity["custom_emoji_id"] = tag.argument
        if tag.name == "tg-time" and tag.argument.isdigit():
            entity["unix_time"] = int(tag.argument)
        self.entities.append(entity)

    def _linked(self, tag: _OpenTag, entity: dict[str, Any]) -> bool:
        """Fill in the link; a target that is no link leaves plain text, as the server does."""
        url = tag.argument or "".join(self.characters[tag.position :])
        if mention := _MENTION.match(url):
            entity["type"] = "text_mention"
            entity["user"] = {"id": int(mention[1]), "is_bot": False, "first_name": ""}
            return True
        if not url.lower().startswith(_SCHEMES):
            if not re.match(r"[\w-]+(\.[\w-]+)+", url):
                return False
            url = f"http://{url}"
        entity["url"] = url
        return True

    def _joined_with_code(self, tag: _OpenTag, entity: dict[str, Any]) -> bool:
        """Make `<pre><code class="language-x">` one entity with a language."""
        if tag.name == "code" and tag.argument.startswith("language-"):
            entity["language"] = tag.argument.removeprefix("language-")
            if self._open and self._open[-1].name == "pre" and self._open[-1].offset == tag.offset:
                entity["type"] = "pre"
                self.entities.append(entity)
                return True
            del entity["language"]
        last = self.entities[-1] if self.entities else {}
        return (
            tag.name == "pre"
            and "language" in last
            and (last["offset"], last["length"]) == (entity["offset"], entity["length"])
        )


def _cannot_parse(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")
