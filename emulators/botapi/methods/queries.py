"""Answers to presses and inline queries, and files."""

import re
from typing import Any

from emulators.botapi.errors import bad_request
from emulators.botapi.keyboards import check_reply_markup
from emulators.botapi.methods.registry import Handler, Parameters
from emulators.botapi.methods.sending import text_fields
from emulators.botapi.state import CallbackAnswer, InlineAnswer, State

MAX_ANSWER_CHARACTERS = 200
MAX_INLINE_RESULTS = 50
MAX_INLINE_OFFSET_BYTES = 64
MAX_INLINE_RESULT_ID_BYTES = 64
INLINE_CACHE_SECONDS = 300

_START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


async def answer_callback_query(state: State, parameters: Parameters) -> bool:
    text = parameters.get("text", "")
    if len(text) > MAX_ANSWER_CHARACTERS:
        raise bad_request("MESSAGE_TOO_LONG")
    query = state.take_query(parameters["callback_query_id"])
    query.answer = CallbackAnswer(text, bool(parameters.get("show_alert")), parameters.get("url"))
    query.changes.announce()
    return True


async def answer_inline_query(state: State, parameters: Parameters) -> bool:
    results: list[dict[str, Any]] = parameters["results"]
    if len(results) > MAX_INLINE_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    if len({result["id"] for result in results}) < len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    if len(parameters.get("next_offset", "").encode()) > MAX_INLINE_OFFSET_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    for result in results:
        _check_inline_result(result)
    button = parameters.get("button")
    if button is not None:
        _check_inline_button(button)
    answer = InlineAnswer(
        results=results,
        button=button,
        next_offset=parameters.get("next_offset", ""),
        is_personal=bool(parameters.get("is_personal")),
        cache_seconds=parameters.get("cache_time", INLINE_CACHE_SECONDS),
    )
    state.keep_inline_answer(state.take_query(parameters["inline_query_id"]), answer)
    return True


def _check_inline_result(result: dict[str, Any]) -> None:
    """Articles are all that is emulated of the twenty kinds; their text becomes a message like any other."""
    if not 1 <= len(result["id"].encode()) <= MAX_INLINE_RESULT_ID_BYTES:
        raise bad_request("RESULT_ID_INVALID")
    if result["type"] != "article":
        raise bad_request(f"{result['type']} results are not emulated")
    if not result["title"].strip():
        raise bad_request("ARTICLE_TITLE_EMPTY")
    if not result["input_message_content"].get("message_text"):
        raise bad_request("MESSAGE_EMPTY")
    posted_fields(result)
    check_reply_markup(result.get("reply_markup") or {})


def _check_inline_button(button: dict[str, Any]) -> None:
    if not button["text"].strip():
        raise bad_request("SWITCH_PM_TEXT_EMPTY")
    if ("start_parameter" in button) is ("web_app" in button):
        raise bad_request("exactly one of the fields start_parameter and web_app is to be used")
    if "start_parameter" in button and not _START_PARAMETER.fullmatch(button["start_parameter"]):
        raise bad_request("START_PARAM_INVALID")


def posted_fields(result: dict[str, Any]) -> dict[str, Any]:
    """The fields of the message that a picked result becomes. Raises ApiError for a text the server would refuse."""
    content: dict[str, Any] = result["input_message_content"]
    return text_fields({**content, "text": content["message_text"]})


async def get_file(state: State, parameters: Parameters) -> dict[str, Any]:
    return await state.files.get(parameters["file_id"])


METHODS: dict[str, Handler] = {
    "answerCallbackQuery": answer_callback_query,
    "answerInlineQuery": answer_inline_query,
    "getFile": get_file,
}
