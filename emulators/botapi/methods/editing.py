"""Changing and removing what stands in a chat."""

from typing import Any

from emulators.botapi.chats import Chat, SeenMessage
from emulators.botapi.errors import bad_request
from emulators.botapi.keyboards import check_reply_markup
from emulators.botapi.methods.registry import Handler, Parameters
from emulators.botapi.methods.sending import text_fields
from emulators.botapi.parameters import missing
from emulators.botapi.state import State

DELETABLE_SECONDS = 48 * 3600
MAX_DELETED_AT_ONCE = 100

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


async def edit_message_text(state: State, parameters: Parameters) -> dict[str, Any]:
    message = _own_message(state, parameters)
    if "text" not in message.payload:
        raise bad_request("there is no text in the message to edit")
    if not parameters.get("text"):
        raise bad_request("message text is empty")
    return _edit(state, message, text_fields(parameters), parameters.get("reply_markup"))


async def edit_message_reply_markup(state: State, parameters: Parameters) -> dict[str, Any]:
    message = _own_message(state, parameters)
    return _edit(state, message, {}, parameters.get("reply_markup"))


def _own_message(state: State, parameters: Parameters) -> SeenMessage:
    """Raises ApiError unless the message is there and the bot's own."""
    for name in ("chat_id", "message_id"):
        if name not in parameters:
            raise missing(name)
    chat = state.writable_chat(parameters["chat_id"])
    message = chat.find(parameters["message_id"])
    if message is None or message.deleted:
        raise bad_request("message to edit not found")
    if not message.from_bot:
        raise bad_request("message can't be edited")
    return message


def _edit(
    state: State, message: SeenMessage, fields: dict[str, Any], markup: dict[str, Any] | None
) -> dict[str, Any]:
    """Replace content and keyboard; an edit without a keyboard removes the one that was there."""
    check_reply_markup(markup or {})
    replaced = {"text", "entities", "link_preview_options"} if fields else set()
    payload = {
        name: value
        for name, value in message.payload.items()
        if name not in replaced | {"reply_markup", "edit_date"}
    } | fields
    if markup and markup["inline_keyboard"]:
        payload["reply_markup"] = markup
    if all(payload.get(name) == message.payload.get(name) for name in ("text", "entities", "reply_markup")):
        raise bad_request(NOT_MODIFIED)
    message.note_edit(payload | {"edit_date": state.now()})
    return message.payload


async def delete_message(state: State, parameters: Parameters) -> bool:
    chat = state.present_chat(parameters["chat_id"])
    message = chat.find(parameters["message_id"])
    if message is None or message.deleted:
        raise bad_request("message to delete not found")
    if not _deletable(state, chat, message):
        raise bad_request("message can't be deleted for everyone")
    _delete(message)
    return True


async def delete_messages(state: State, parameters: Parameters) -> bool:
    chat = state.present_chat(parameters["chat_id"])
    numbers: list[int] = parameters["message_ids"]
    if not numbers:
        raise bad_request("message identifiers are not specified")
    if len(numbers) > MAX_DELETED_AT_ONCE:
        raise bad_request("too many messages to delete")
    for number in numbers:
        message = chat.find(number)
        if message is not None and not message.deleted and _deletable(state, chat, message):
            _delete(message)
    return True


def _deletable(state: State, chat: Chat, message: SeenMessage) -> bool:
    """Less than 48 hours old; in groups, other people's messages only for administrators."""
    if state.now() - message.payload["date"] >= DELETABLE_SECONDS:
        return False
    return message.from_bot or chat.is_private or chat.bot_status == "administrator"


def _delete(message: SeenMessage) -> None:
    message.deleted = True
    message.chat.changes.announce()


async def set_message_reaction(state: State, parameters: Parameters) -> bool:
    chat = state.writable_chat(parameters["chat_id"])
    message = chat.find(parameters["message_id"])
    if message is None or message.deleted:
        raise bad_request("message to react not found")
    reactions: list[dict[str, Any]] = parameters.get("reaction", [])
    if len(reactions) > 1 or any(reaction["type"] != "emoji" for reaction in reactions):
        raise bad_request("REACTION_INVALID")
    message.reactions = [str(reaction["emoji"]) for reaction in reactions]
    chat.changes.announce()
    return True


METHODS: dict[str, Handler] = {
    "editMessageText": edit_message_text,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "setMessageReaction": set_message_reaction,
}
