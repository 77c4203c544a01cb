"""What is told apart before any handler sees it: updates that handlers can rely on, and others."""

from typing import Any

import pytest

from handlers.attachments import KINDS
from handlers.incoming import _Message, is_readable

ADA = {"id": 5, "is_bot": False, "first_name": "Ada"}
CHAT = {"id": 5, "type": "private"}
FILE = {"file_id": "a", "file_unique_id": "b"}
CHANNEL = {
    "type": "channel",
    "date": 0,
    "message_id": 1,
    "chat": {"id": -100, "type": "channel", "title": "Films", "username": "films"},
}


def message(**fields: Any) -> dict[str, Any]:
    return {"message": {"message_id": 1, "date": 1_772_452_800, "chat": CHAT, "from": ADA, **fields}}


def press(**fields: Any) -> dict[str, Any]:
    return {"callback_query": {"id": "1", "from": ADA, **fields}}


def inline_query(**fields: Any) -> dict[str, Any]:
    return {"inline_query": {"id": "1", "from": ADA, "query": "sea", "offset": "", **fields}}


def chosen_result(**fields: Any) -> dict[str, Any]:
    return {"chosen_inline_result": {"result_id": "1", "from": ADA, "query": "sea", **fields}}


def entity(offset: int, length: int) -> dict[str, Any]:
    return {"type": "bot_command", "offset": offset, "length": length}


@pytest.mark.parametrize(
    "update",
    [
        pytest.param({}, id="nothing"),
        pytest.param(message(text="/start", entities=[entity(0, 6)]), id="a command"),
        pytest.param(message(text="😀/start", entities=[entity(2, 6)]), id="behind a character of two units"),
        pytest.param(message(caption="a", caption_entities=[entity(0, 1)], document=FILE), id="a caption"),
        pytest.param(message(photo=[FILE | {"width": 3, "height": 4}]), id="a photo"),
        pytest.param(message(reply_to_message=message(text="a")["message"]), id="a reply"),
        pytest.param(message(text="a", entities=[entity(0, 2)]), id="an entity that is too long"),
        pytest.param(message(dice={"value": "odd"}, poll=3), id="what no handler looks at"),
        pytest.param(press(data="x:t:1", message=message()["message"] | {"date": 0}), id="a press"),
        pytest.param(press(), id="a press without its message"),
        pytest.param(
            {"my_chat_member": {"chat": CHAT, "from": ADA, "new_chat_member": {"status": "kicked"}}},
            id="a membership",
        ),
        pytest.param(inline_query(), id="an inline query"),
        pytest.param(chosen_result(), id="a chosen inline result"),
        pytest.param(message(migrate_to_chat_id=-100), id="a migration"),
        pytest.param(message(forward_origin=CHANNEL), id="forwarded from a channel"),
        pytest.param(
            message(forward_origin={"type": "hidden_user", "sender_user_name": 3}),
            id="forwarded from a person",
        ),
        pytest.param(message(reply_to_message=message(document=FILE)["message"]), id="a reply to a file"),
    ],
)
def test_what_telegram_documents_is_readable(update: dict[str, Any]) -> None:
    assert is_readable(update)


@pytest.mark.parametrize(
    "update",
    [
        pytest.param({"message": []}, id="no object"),
        pytest.param(message(text=5), id="a text that is a number"),
        pytest.param(message(date="today"), id="a date that is a text"),
        pytest.param(message(date=10**15), id="a date in no calendar"),
        pytest.param(message(chat={"id": 2**63, "type": "private"}), id="a number too big"),
        pytest.param(message(chat={"id": True, "type": "private"}), id="a flag for a number"),
        pytest.param(message(**{"from": ADA | {"language_code": ["en"]}}), id="a language that is a list"),
        pytest.param(message(text="😀", entities=[entity(1, 1)]), id="half a character"),
        pytest.param(message(entities=[entity(0, 1)]), id="without a text"),
        pytest.param(message(document=FILE | {"file_size": -1}), id="a size below nothing"),
        pytest.param(message(document={"file_id": "a"}), id="half a file"),
        pytest.param(message(photo=[FILE | {"width": "3"}]), id="a width that is a text"),
        pytest.param(message(reply_to_message={"message_id": 1}), id="a reply to half a message"),
        pytest.param(press(id=7), id="a press with a number for its id"),
        pytest.param(press(data={}), id="data that is no text"),
        pytest.param({"my_chat_member": {"chat": CHAT, "from": ADA}}, id="half a membership"),
        pytest.param(inline_query(offset=3), id="an offset that is a number"),
        pytest.param(inline_query(**{"from": ADA | {"id": 2**63}}), id="a typist with a number too big"),
        pytest.param(chosen_result(query=None), id="a result chosen of no query"),
        pytest.param(message(migrate_to_chat_id=[]), id="a migration to a list"),
        pytest.param(
            message(forward_origin=CHANNEL | {"chat": {"title": 3}}), id="a channel named with a number"
        ),
        pytest.param(message(forward_origin={"type": "channel"}), id="forwarded from no channel"),
        pytest.param(message(forward_origin=[]), id="forwarded from a list"),
        pytest.param(
            message(reply_to_message=message(document={"file_id": "a"})["message"]),
            id="a reply to half a file",
        ),
    ],
)
def test_anything_else_is_not(update: dict[str, Any]) -> None:
    assert not is_readable(update)


def test_nesting_without_end_is_not_readable() -> None:
    innermost: dict[str, Any] = message()["message"]
    for _ in range(900):
        innermost = message(reply_to_message=innermost)["message"]
    assert not is_readable({"message": innermost})


def test_every_kind_of_file_is_looked_at() -> None:
    assert set(KINDS) <= set(_Message.model_fields)
