"""Messages from the bot."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from emulators.botapi.chats import Chat, ChatAction, SeenMessage
from emulators.botapi.content import BytesContent, PathContent
from emulators.botapi.errors import ApiError, bad_request
from emulators.botapi.files import StoredFile
from emulators.botapi.formatting import MAX_CAPTION_CHARACTERS, MAX_TEXT_CHARACTERS, formatted
from emulators.botapi.keyboards import check_reply_markup
from emulators.botapi.methods.registry import Handler, Parameters
from emulators.botapi.parameters import Upload
from emulators.botapi.state import State
from emulators.botapi.times import aware

MAX_QUOTE_CHARACTERS = 1024
MAX_DOCUMENT_BYTES = 50 * 1024 * 1024
"""What the cloud takes from a bot."""

MAX_LOCAL_DOCUMENT_BYTES = 2000 * 1024 * 1024
"""What a server in local mode takes."""

CHAT_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)

_DOCUMENT_MISSING = "there is no document in the request"


async def send_message(state: State, parameters: Parameters) -> dict[str, Any]:
    chat = state.writable_chat(parameters["chat_id"])
    if not parameters["text"]:
        raise bad_request("message text is empty")
    fields = text_fields(parameters)
    return _send(state, chat, parameters, fields).payload


async def send_document(state: State, parameters: Parameters) -> dict[str, Any]:
    chat = state.writable_chat(parameters["chat_id"])
    caption, entities = formatted(
        parameters.get("caption", ""),
        parse_mode=parameters.get("parse_mode"),
        entities=parameters.get("caption_entities"),
        max_characters=MAX_CAPTION_CHARACTERS,
    )
    document = parameters["document"]
    fields: dict[str, Any] = {"document": _document(state, document)}
    if caption:
        fields["caption"] = caption
    if entities:
        fields["caption_entities"] = entities
    upload = document if isinstance(document, Upload) else None
    return _send(state, chat, parameters, fields, upload=upload).payload


def text_fields(parameters: Parameters) -> dict[str, Any]:
    """Return the fields of a text message; refuses what the server would refuse."""
    text, entities = formatted(
        parameters["text"],
        parse_mode=parameters.get("parse_mode"),
        entities=parameters.get("entities"),
        max_characters=MAX_TEXT_CHARACTERS,
    )
    fields: dict[str, Any] = {"text": text}
    if entities:
        fields["entities"] = entities
    if parameters.get("link_preview_options"):
        fields["link_preview_options"] = parameters["link_preview_options"]
    return fields


def _send(
    state: State, chat: Chat, parameters: Parameters, fields: dict[str, Any], *, upload: Upload | None = None
) -> SeenMessage:
    markup: dict[str, Any] = parameters.get("reply_markup") or {}
    check_reply_markup(markup)
    topic = _topic(chat, parameters)
    reply_to, quote = _reply_target(chat, parameters.get("reply_parameters"))
    fields = fields | quote
    if "inline_keyboard" in markup:
        fields["reply_markup"] = markup
    if parameters.get("protect_content"):
        fields["has_protected_content"] = True
    message = state.new_message(chat, state.bot, fields, from_bot=True, reply_to=reply_to or topic)
    message.silent = bool(parameters.get("disable_notification"))
    message.force_reply = markup if "force_reply" in markup else None
    message.reply_keyboard = markup if "keyboard" in markup else None
    message.document = upload
    chat.add(message)
    return message


def _reply_target(chat: Chat, reply: dict[str, Any] | None) -> tuple[SeenMessage | None, dict[str, Any]]:
    if reply is None:
        return None, {}
    target = chat.find(reply["message_id"])
    if target is None or target.deleted:
        if reply.get("allow_sending_without_reply"):
            return None, {}
        raise bad_request("message to be replied not found")
    quote = reply.get("quote")
    if not quote:
        return target, {}
    if len(quote) > MAX_QUOTE_CHARACTERS or quote not in target.text:
        raise bad_request("QUOTE_TEXT_INVALID")
    return target, {"quote": {"text": quote, "position": target.text.index(quote), "is_manual": True}}


def _topic(chat: Chat, parameters: Parameters) -> SeenMessage | None:
    """Where in a forum it goes; the general topic has no number that a bot could name."""
    thread_id = parameters.get("message_thread_id")
    if thread_id is None:
        return None
    topic = chat.find_topic(thread_id)
    if topic is None:
        raise bad_request("message thread not found")
    return topic


def _document(state: State, document: Upload | str) -> dict[str, Any]:
    if isinstance(document, Upload):
        most = MAX_DOCUMENT_BYTES if state.local_dir is None else MAX_LOCAL_DOCUMENT_BYTES
        if document.size > most:
            raise ApiError(413, "Request Entity Too Large")
        if not document.size:
            raise bad_request("file must be non-empty")
        content = BytesContent(document.head)
        stored = state.files.add("document", content, name=document.name, announced_size=document.size)
        return stored.describe() | {"file_name": document.name, "mime_type": document.mime_type}
    known: StoredFile | None = state.files.by_id.get(document)
    if known is not None:
        return known.describe()
    if document.startswith("file://") and state.local_dir is not None:
        path = Path(unquote(urlsplit(document).path))
        if not path.is_file():
            raise bad_request(_DOCUMENT_MISSING)
        on_disk = PathContent(path)
        stored = state.files.add("document", on_disk, name=path.name, announced_size=on_disk.size)
        return stored.describe() | {"file_name": path.name}
    raise bad_request("wrong remote file identifier specified: Wrong string length")


async def send_message_draft(state: State, parameters: Parameters) -> bool:
    chat = state.writable_chat(parameters["chat_id"])
    if not parameters["draft_id"]:
        raise bad_request("draft identifier must be non-zero")
    text, _ = formatted(
        parameters.get("text", ""),
        parse_mode=parameters.get("parse_mode"),
        entities=parameters.get("entities"),
        max_characters=MAX_TEXT_CHARACTERS,
    )
    chat.drafts[parameters["draft_id"]] = text
    chat.changes.announce()
    return True


async def send_chat_action(state: State, parameters: Parameters) -> bool:
    chat = state.writable_chat(parameters["chat_id"])
    if parameters["action"] not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.actions.append(ChatAction(parameters["action"], aware(state.clock()), _topic(chat, parameters)))
    chat.changes.announce()
    return True


METHODS: dict[str, Handler] = {
    "sendMessage": send_message,
    "sendDocument": send_document,
    "sendMessageDraft": send_message_draft,
    "sendChatAction": send_chat_action,
}
