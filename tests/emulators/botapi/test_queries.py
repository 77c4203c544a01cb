from typing import Any

import pytest

from emulators.botapi import BotApi
from emulators.user import Person, Press
from tests.emulators.botapi.calling import Caller, Clock

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
KEYBOARD = {
    "inline_keyboard": [
        [{"text": "Delete", "callback_data": "d:1"}, {"text": "Open", "url": "https://x.org"}]
    ]
}


@pytest.fixture
async def press(call: Caller, ada: Person) -> Press:
    await call("sendMessage", chat_id=42, text="x", reply_markup=KEYBOARD)
    return ada.press("Delete")


async def test_a_press_arrives_and_its_answer_is_seen(
    api: BotApi, call: Caller, ada: Person, press: Press
) -> None:
    (update,) = api.updates.pending
    query = update["callback_query"]
    assert (query["data"], query["from"]["id"], query["message"]["text"]) == ("d:1", 42, "x")
    assert press.answer is None
    await call("answerCallbackQuery", callback_query_id=query["id"], text="Gone", show_alert=True)
    answer = await press.answered()
    assert (answer.text, answer.show_alert) == ("Gone", True)


async def test_a_press_is_answered_once(call: Caller, press: Press) -> None:
    assert (await call("answerCallbackQuery", callback_query_id=press.query_id)).result is True
    assert (await call("answerCallbackQuery", callback_query_id=press.query_id)).error == (400, TOO_OLD)


async def test_a_press_gets_too_old(call: Caller, press: Press, clock: Clock) -> None:
    clock.advance(16)
    assert (await call("answerCallbackQuery", callback_query_id=press.query_id)).error == (400, TOO_OLD)


async def test_a_long_answer_is_refused_and_the_press_stays_open(call: Caller, press: Press) -> None:
    answer = await call("answerCallbackQuery", callback_query_id=press.query_id, text="x" * 201)
    assert answer.error == (400, "Bad Request: MESSAGE_TOO_LONG")
    assert (await call("answerCallbackQuery", callback_query_id=press.query_id)).result is True


async def test_a_press_under_a_deleted_message_has_no_content(api: BotApi, ada: Person, press: Press) -> None:
    message = ada.chat.last
    button = message.button("Delete")
    ada.delete(message)
    api.updates.drop()
    ada.press(button, message)
    (update,) = api.updates.pending
    shown = update["callback_query"]["message"]
    assert (shown["date"], "text" in shown) == (0, False)


async def test_only_callback_buttons_that_are_there_can_be_pressed(ada: Person, press: Press) -> None:
    with pytest.raises(ValueError, match="'Open' is a url button"):
        ada.press("Open")
    with pytest.raises(LookupError, match="no message has a button 'Keep'"):
        ada.press("Keep")
    with pytest.raises(LookupError, match="2 buttons say 'e' among"):
        ada.press("e")


async def test_a_press_that_is_never_answered_shows_the_chat(press: Press) -> None:
    with pytest.raises(TimeoutError, match=r"the press was not answered; the chat shows \[<1 person"):
        await press.answered(timeout=0.01)


def article(result_id: str = "1") -> dict[str, Any]:
    content = {"message_text": "x"}
    return {"type": "article", "id": result_id, "title": "A", "input_message_content": content}


async def test_an_inline_query_is_answered(api: BotApi, call: Caller, ada: Person) -> None:
    search = ada.inline_query("holi")
    (update,) = api.updates.pending
    assert update["inline_query"]["query"] == "holi"
    await call("answerInlineQuery", inline_query_id=update["inline_query"]["id"], results=[article()])
    assert await search.answered() == [article()]


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        pytest.param({"results": [article(str(n)) for n in range(51)]}, "RESULTS_TOO_MUCH", id="51-results"),
        pytest.param({"results": [article(), article()]}, "RESULT_ID_DUPLICATE", id="same-id"),
        pytest.param({"results": [], "next_offset": "x" * 65}, "NEXT_OFFSET_INVALID", id="long-offset"),
    ],
)
async def test_inline_answers_that_are_refused(
    parameters: dict[str, Any], reason: str, api: BotApi, call: Caller, ada: Person
) -> None:
    ada.inline_query("x")
    query_id = api.updates.pending[0]["inline_query"]["id"]
    answer = await call("answerInlineQuery", inline_query_id=query_id, **parameters)
    assert answer.error == (400, f"Bad Request: {reason}")
