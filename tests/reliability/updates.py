"""Updates as the Bot API's specification allows them, and mutilated ones: what hypothesis makes of `bot-api-spec.json`."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import emulators
from tests.reliability.choices import for_each_choice

_SPECIFICATION: Final = json.loads(
    (Path(emulators.__file__).parent / "bot-api-spec.json").read_text(encoding="utf-8")
)
TYPES: Final[dict[str, Any]] = _SPECIFICATION["types"]
_ARRAY: Final = "Array of "

PEOPLE: Final = (501, 502, 503)
GROUP: Final = -1_000_000_000_777
# What the bot asks Telegram for, and what it has to pass over should it come all the same.
KINDS: Final = (
    *["message"] * 12,
    *["callback_query"] * 4,
    *["my_chat_member"] * 2,
    "edited_message", "channel_post", "inline_query", "poll", "chat_member", "message_reaction", "purchased_paid_media",
)  # fmt: skip
# Of a message, what the bot has handlers for.
CONTENTS: Final = (
    "text", "text", "text", "document", "photo", "video", "audio", "voice", "sticker", "animation", "video_note",
    "live_photo", "caption", "contact", "poll", "location", "story", "reply_to_message", "forward_origin",
)  # fmt: skip

LINK: Final = "https://1fichier.com/?k3x9w0a1b2c3d4e5f6g7"
SAID: Final = (
    "/start", "/start login", "/help", "/list", "/list 😀", "/quota", "/jobs", "/cancel", "/logout", "/login",
    f"/delete {LINK}", f"/remote https://example.org/{'a' * 40}.iso", "/remote ftp://x", "/unknown", "/", "/@",
    LINK, f"{LINK} {LINK[:-1]}8", "https://example.org/b.iso", "t.me/c/1/2", "K" * 32, "😀" * 30, "\u202egpj.exe",
    "a\u0000b", "<b>&</b>", "{name}", "\ud83d", "x" * 4_096, "٣ / ٤", "\u200f", "é\u0301", "",
)  # fmt: skip
DATA: Final = (
    "x:t:1", "x:b:1", "x:r:1", "x:t:99999999999999999999", "y:1", "n:1", "y:18446744073709551616", "f:0:0", "f:0:1:1",
    "f:-1:-1", "c:k3x9w0a1b2c3d4e5f6g7:0:0:0", "d:k3x9w0a1b2c3d4e5f6g7", "d:k3x9w0a1b2c3d4e5f6g7:0:0", "c:", "d", ":", "",
)  # fmt: skip
ODD: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1.5, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 10**300, 1e308,
    "", " ", "text", "0", "\ud800", "\udfff\ud800", "\u0000", "\U0010ffff", "𝕏" * 300, "\u202e", "\n", "x" * 20_000,
    [], {}, [[]], [None], {"": ""}, {"id": {}}, [1, "a", None], {"0": [0]},
)  # fmt: skip
DEPTHS: Final = (20, 100, 300)


# A message in a message in a message is as deep as anything that Telegram sends.
_DEEPEST: Final = 3
_INTEGERS: Final = (0, 1, 7, 320, 100_000, 30_000_000, 2**31 - 1, 2**52)
_STRINGS: Final = ("a", "Ada", "https://example.org/a", "file.bin", "</b>😀", "0" * 100, LINK)
# By the name of the field, where the handlers look at it.
_NAMED_INTEGERS: Final = {
    "id": (*PEOPLE, GROUP),
    "date": (1_772_452_800, 1_792_886_400, 0),
}
_NAMED_STRINGS: Final = {
    "text": SAID,
    "caption": SAID,
    "data": DATA,
    "type": (
        "private",
        "group",
        "supergroup",
        "channel",
        "bot_command",
        "text_link",
        "url",
        "mention",
        "new",
    ),
    "language_code": ("en", "fr", "pt-br", "xx", "../../etc", ""),
    "status": ("member", "kicked", "left", "odd"),
}


def built(count: int, *, salt: str) -> list[dict[str, Any]]:
    """So many updates without their ids, the same ones each time for one `salt`; most of them with something wrong."""
    made: list[dict[str, Any]] = []
    for_each_choice(count, lambda random: made.append(mutilated(update(random), random)), salt=salt)
    return made


def update(random: Random) -> dict[str, Any]:
    """An update of the right form; mostly from one of `PEOPLE`, in their chat with the bot."""
    kind = random.choice(KINDS)
    field = next(field for field in TYPES["Update"]["fields"] if field["name"] == kind)
    return {kind: _value(field, random, 0)}


def mutilated(update: dict[str, Any], random: Random) -> dict[str, Any]:
    """With up to three things wrong: gone, of another type, too big, too deep, twice, or under another name."""
    for _ in range(random.choice((0, 1, 1, 2, 3))):
        if not update:
            break
        container, key = random.choice(list(_places(update)))
        match random.choice(
            ("odd", "odd", "odd", "odd", "gone", "gone", "deep", "wrapped", "doubled", "renamed")
        ):
            case "gone":
                del container[key]
            case "deep":
                container[key] = _nested(random.choice(DEPTHS), in_lists=random.random() < 0.5)
            case "wrapped":
                container[key] = [container[key]]
            case "doubled":
                container[key] = [container[key], copy.deepcopy(container[key])]
            case "renamed" if isinstance(container, dict):
                container[f"{key}_"] = container.pop(key)
            case _:
                container[key] = copy.deepcopy(random.choice(ODD))
    return update


def _value(field: dict[str, Any], random: Random, depth: int) -> Any:
    return _of_type(random.choice(field["types"]), field["name"], random, depth)


def _of_type(type_name: str, name: str, random: Random, depth: int) -> Any:
    if type_name.startswith(_ARRAY):
        inner = type_name.removeprefix(_ARRAY)
        return [_of_type(inner, name, random, depth) for _ in range(random.choice((1, 1, 2)))]
    match type_name:
        case "Integer":
            return random.choice(_NAMED_INTEGERS.get(name, _INTEGERS))
        case "Float":
            return random.choice((0.0, 48.85, -1.5))
        case "String":
            return random.choice(_NAMED_STRINGS.get(name, _STRINGS))
        case "Boolean":
            return random.random() < 0.5
    return _object(type_name, name, random, depth + 1)


def _object(type_name: str, name: str, random: Random, depth: int) -> Any:
    described = TYPES[type_name]
    if subtypes := described.get("subtypes"):
        return _of_type(random.choice(subtypes), name, random, depth - 1)
    fields = {field["name"]: field for field in described.get("fields", [])}
    chosen = {name for name, field in fields.items() if field["required"]}
    optional = [name for name in fields if name not in chosen]
    if optional and depth <= _DEEPEST:
        chosen |= set(random.sample(optional, min(len(optional), random.choice((0, 0, 1, 2)))))
    if type_name == "Message" and depth <= _DEEPEST:
        content = random.choice(CONTENTS)
        chosen |= {"from", content} | ({"entities"} if content == "text" and random.random() < 0.7 else set())
    if type_name == "CallbackQuery":
        chosen |= {"message", "data"}
    made = {
        name: _value(fields[name], random, depth)
        for name in fields
        if name in chosen and depth <= 2 * _DEEPEST
    }
    if type_name in {"Message", "InaccessibleMessage"}:
        _put_in_one_chat(made, random)
        for text, entities in (("text", "entities"), ("caption", "caption_entities")):
            _mark_the_first_word(made.get(text) or "", made.get(entities) or [])
    if type_name in {"CallbackQuery", "ChatMemberUpdated"}:
        made["from"] = _person(random.choice(PEOPLE))
    return made


def _put_in_one_chat(message: dict[str, Any], random: Random) -> None:
    """So that it gets past those who look whether the bot is meant."""
    person = random.choice(PEOPLE)
    in_a_group = random.random() < 0.1
    message["chat"] = (
        {"id": GROUP, "type": "supergroup", "title": "Us"}
        if in_a_group
        else {"id": person, "type": "private"}
    )
    message["from"] = _person(person)
    message["message_id"] = random.choice((1, 2, 3, 2**31))


def _mark_the_first_word(text: str, entities: list[dict[str, Any]]) -> None:
    """Entities lie within their text, and count in UTF-16."""
    word = text.split(maxsplit=1)[0] if text.split() else ""
    begin = len(text[: text.index(word)].encode("utf-16-le", "surrogatepass")) // 2
    for entity in entities:
        entity |= {"offset": begin, "length": len(word.encode("utf-16-le", "surrogatepass")) // 2}
    if not word:
        entities.clear()


def _person(person: int) -> dict[str, Any]:
    return {"id": person, "is_bot": False, "first_name": "Ada", "language_code": "en"}


def _places(value: Any, depth: int = 0) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON value that is not deep in it, as its container and its key there."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(inside):
        yield value, key
        if depth < 2 * _DEEPEST:
            yield from _places(inner, depth + 1)


def _nested(depth: int, *, in_lists: bool) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value] if in_lists else {"reply_to_message": value}
    return value
