"""Answers to presses and inline queries, and files."""

from typing import Any

from emulators.botapi.errors import bad_request
from emulators.botapi.methods.registry import Handler, Parameters
from emulators.botapi.state import CallbackAnswer, State

MAX_ANSWER_CHARACTERS = 200
MAX_INLINE_RESULTS = 50
MAX_INLINE_OFFSET_BYTES = 64


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
    query = state.take_query(parameters["inline_query_id"])
    query.results = results
    query.changes.announce()
    return True


async def get_file(state: State, parameters: Parameters) -> dict[str, Any]:
    return await state.files.get(parameters["file_id"])


METHODS: dict[str, Handler] = {
    "answerCallbackQuery": answer_callback_query,
    "answerInlineQuery": answer_inline_query,
    "getFile": get_file,
}
