from typing import Any

import pytest

from emulators.botapi import BotApi
from emulators.user import Group, Person, Press
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
    button = {"text": "All", "start_parameter": "list"}
    await call(
        "answerInlineQuery",
        inline_query_id=update["inline_query"]["id"],
        results=[article()],
        next_offset="20",
        button=button,
    )
    assert await search.answered() == [article()]
    assert search.answer is not None
    assert (search.answer.next_offset, search.answer.button) == ("20", button)


async def test_a_picked_result_is_posted_by_the_person_and_the_bot_is_told(
    api: BotApi, call: Caller, ada: Person
) -> None:
    search = ada.inline_query("holi")
    query_id = api.updates.pending[0]["inline_query"]["id"]
    result = article() | {
        "input_message_content": {"message_text": "<b>x</b>", "parse_mode": "HTML"},
        "reply_markup": {"inline_keyboard": [[{"text": "Copy", "copy_text": {"text": "x"}}]]},
    }
    await call("answerInlineQuery", inline_query_id=query_id, results=[result])
    message = search.pick("A", ada.chat)
    assert (message.html, message.from_bot, message.has_button("Copy")) == ("<b>x</b>", False, True)
    assert message.payload["via_bot"] == api.bot
    _, chosen, posted = api.updates.pending
    chosen = chosen["chosen_inline_result"]
    assert (chosen["result_id"], chosen["query"], chosen["from"]["id"]) == ("1", "holi", ada.id)
    assert posted["message"] == message.payload
    with pytest.raises(LookupError, match="no result 'B' among"):
        search.pick("B", ada.chat)
    with pytest.raises(LookupError, match="no result '2' was found"):
        search.post("2", ada.chat)
    api.inline_feedback = False
    answer = search.post("1", ada.chat, reply_to=message)
    assert answer.reply_to is message
    assert [list(update)[1] for update in api.updates.pending[3:]] == ["message"]


async def test_what_is_picked_in_a_group_reaches_the_bot_if_it_is_there(
    api: BotApi, call: Caller, ada: Person
) -> None:
    group = Group(api, -1_000_000_000_001, "Friends", [ada])
    search = ada.in_group(group).inline_query("holi")
    query = api.updates.pending[-1]["inline_query"]
    assert query["chat_type"] == "supergroup"
    await call("answerInlineQuery", inline_query_id=query["id"], results=[article()])
    search.pick("A", group.chat)
    assert api.updates.pending[-1]["message"]["via_bot"]["id"] == api.bot["id"]
    group.remove_bot()
    search.pick("A", group.chat)
    assert "message" not in api.updates.pending[-1]


def test_an_inline_query_says_where_it_is_typed_and_is_not_long(api: BotApi, ada: Person) -> None:
    ada.inline_query("x" * 256)
    assert api.updates.pending[-1]["inline_query"]["chat_type"] == "sender"
    with pytest.raises(ValueError, match="at most 256 characters"):
        ada.inline_query("x" * 257)


@pytest.mark.parametrize(("personal", "seen"), [(True, False), (False, True)])
async def test_an_answer_that_is_not_personal_is_everybodys(
    api: BotApi, call: Caller, ada: Person, personal: bool, seen: bool
) -> None:
    eve = Person(api, user_id=43, first_name="Eve")
    ada.inline_query("x")
    query_id = api.updates.pending[0]["inline_query"]["id"]
    await call(
        "answerInlineQuery",
        inline_query_id=query_id,
        results=[article()],
        is_personal=personal,
        cache_time=60,
    )
    assert ada.inline_query("x").titles == ["A"], "Telegram remembers it for a minute"
    assert (eve.inline_query("x").results is not None) is seen
    assert len(api.updates.pending) == (1 if seen else 2)


async def test_an_answer_is_remembered_only_so_long(
    api: BotApi, call: Caller, ada: Person, clock: Clock
) -> None:
    ada.inline_query("x")
    query_id = api.updates.pending[0]["inline_query"]["id"]
    await call(
        "answerInlineQuery", inline_query_id=query_id, results=[article()], cache_time=60, is_personal=True
    )
    clock.advance(61)
    assert ada.inline_query("x").results is None


async def test_an_inline_query_gets_too_old(api: BotApi, call: Caller, ada: Person, clock: Clock) -> None:
    ada.inline_query("x")
    query_id = api.updates.pending[0]["inline_query"]["id"]
    clock.advance(16)
    answer = await call("answerInlineQuery", inline_query_id=query_id, results=[])
    assert answer.error == (400, TOO_OLD)


async def test_a_press_is_no_inline_query(call: Caller, press: Press) -> None:
    answer = await call("answerInlineQuery", inline_query_id=press.query_id, results=[])
    assert answer.error == (400, TOO_OLD)


async def test_without_inline_mode_nobody_can_call_the_bot(api: BotApi, call: Caller, ada: Person) -> None:
    api.inline_mode = False
    assert (await call("getMe")).result["supports_inline_queries"] is False
    with pytest.raises(PermissionError):
        ada.inline_query("x")


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        pytest.param({"results": [article(str(n)) for n in range(51)]}, "RESULTS_TOO_MUCH", id="51-results"),
        pytest.param({"results": [article(), article()]}, "RESULT_ID_DUPLICATE", id="same-id"),
        pytest.param({"results": [], "next_offset": "x" * 65}, "NEXT_OFFSET_INVALID", id="long-offset"),
        pytest.param({"results": [article("")]}, "RESULT_ID_INVALID", id="no-id"),
        pytest.param({"results": [article("x" * 65)]}, "RESULT_ID_INVALID", id="long-id"),
        pytest.param({"results": [article() | {"title": " "}]}, "ARTICLE_TITLE_EMPTY", id="no-title"),
        pytest.param(
            {"results": [article() | {"input_message_content": {"message_text": ""}}]},
            "MESSAGE_EMPTY",
            id="no-text",
        ),
        pytest.param(
            {
                "results": [
                    article() | {"input_message_content": {"message_text": "<b>x", "parse_mode": "HTML"}}
                ]
            },
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
            id="broken-markup",
        ),
        pytest.param(
            {
                "results": [
                    article()
                    | {"reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "x" * 65}]]}}
                ]
            },
            "BUTTON_DATA_INVALID",
            id="bad-button",
        ),
        pytest.param(
            {"results": [], "button": {"text": "", "start_parameter": "x"}},
            "SWITCH_PM_TEXT_EMPTY",
            id="button-without-text",
        ),
        pytest.param(
            {"results": [], "button": {"text": "x", "start_parameter": "a b"}},
            "START_PARAM_INVALID",
            id="bad-start-parameter",
        ),
        pytest.param(
            {"results": [], "button": {"text": "x"}},
            "exactly one of the fields start_parameter and web_app is to be used",
            id="button-without-action",
        ),
    ],
)
async def test_inline_answers_that_are_refused(
    parameters: dict[str, Any], reason: str, api: BotApi, call: Caller, ada: Person
) -> None:
    ada.inline_query("x")
    query_id = api.updates.pending[0]["inline_query"]["id"]
    answer = await call("answerInlineQuery", inline_query_id=query_id, **parameters)
    assert answer.error == (400, f"Bad Request: {reason}")
