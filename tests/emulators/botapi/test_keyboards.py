from typing import Any

import pytest

from emulators.user import Person
from tests.emulators.botapi.calling import Caller


def button(**fields: Any) -> dict[str, Any]:
    return {"text": "x", **fields}


@pytest.mark.parametrize(
    ("pressed", "reason"),
    [
        pytest.param(button(callback_data="ä" * 33), "BUTTON_DATA_INVALID", id="66-bytes-of-data"),
        pytest.param(button(callback_data=""), "BUTTON_DATA_INVALID", id="no-data"),
        pytest.param({"text": " ", "callback_data": "x"}, "inline keyboard button text must be non-empty", id="no-text"),
        pytest.param(button(), "text buttons are unallowed in the inline keyboard", id="no-action"),
        pytest.param(button(url="https://x.org", callback_data="x"), "inline keyboard button must have exactly one action", id="two-actions"),
        pytest.param(button(callback_data="x", style="pink"), "invalid button style specified", id="style"),
        pytest.param(button(copy_text={"text": "x" * 257}), "BUTTON_COPY_TEXT_INVALID", id="257-characters-to-copy"),
        pytest.param(button(url=""), "inline keyboard button URL must be non-empty", id="no-url"),
        pytest.param(button(url="ftp://x.org"), "inline keyboard button URL 'ftp://x.org' is invalid: Unsupported URL protocol", id="ftp"),
        pytest.param(button(url="https://localhost/"), "inline keyboard button URL 'https://localhost/' is invalid: Wrong HTTP URL", id="localhost"),
        pytest.param(button(url="http://[x"), "inline keyboard button URL 'http://[x' is invalid: Wrong HTTP URL", id="broken-url"),
    ],
)  # fmt: skip
async def test_buttons_that_are_refused(
    pressed: dict[str, Any], reason: str, call: Caller, ada: Person
) -> None:
    answer = await call("sendMessage", chat_id=42, text="x", reply_markup={"inline_keyboard": [[pressed]]})
    assert answer.error == (400, f"Bad Request: {reason}")


async def test_buttons_are_seen_as_they_were_sent(call: Caller, ada: Person) -> None:
    rows = [
        [button(callback_data="x" * 64, style="danger"), button(url="tg://user?id=1")],
        [button(copy_text={"text": "x" * 256}), button(url="https://1fichier.com/?abc")],
    ]
    await call("sendMessage", chat_id=42, text="x", reply_markup={"inline_keyboard": rows})
    (first, second), (third, fourth) = ada.chat.last.buttons
    assert (first.kind, first.data, first.style, first.url) == ("callback", "x" * 64, "danger", None)
    assert (second.url, third.copy_text) == ("tg://user?id=1", "x" * 256)
    assert (fourth.url, fourth.data, fourth.copy_text) == ("https://1fichier.com/?abc", None, None)


@pytest.mark.parametrize(
    "rows",
    [[[button(callback_data="x")] * 9], [[button(callback_data="x")]] * 101],
    ids=["nine-in-a-row", "101"],
)
async def test_too_many_buttons_are_refused(rows: list[Any], call: Caller, ada: Person) -> None:
    answer = await call("sendMessage", chat_id=42, text="x", reply_markup={"inline_keyboard": rows})
    assert answer.error == (400, "Bad Request: REPLY_MARKUP_TOO_LONG")


async def test_a_forced_reply_is_seen_but_is_no_keyboard(call: Caller, ada: Person) -> None:
    markup = {"force_reply": True, "input_field_placeholder": "your key"}
    answer = await call("sendMessage", chat_id=42, text="x", reply_markup=markup)
    assert "reply_markup" not in answer.result
    assert ada.chat.last.force_reply == markup
    too_long = await call(
        "sendMessage", chat_id=42, text="x", reply_markup=markup | {"input_field_placeholder": "x" * 65}
    )
    assert too_long.error == (400, "Bad Request: input field placeholder is too long")


async def test_a_reply_keyboard_is_seen(call: Caller, ada: Person) -> None:
    markup = {"keyboard": [[{"text": "yes"}]]}
    await call("sendMessage", chat_id=42, text="x", reply_markup=markup)
    assert ada.chat.last.reply_keyboard == markup
    answer = await call("sendMessage", chat_id=42, text="x", reply_markup={"keyboard": [[{"text": ""}]]})
    assert answer.error == (400, "Bad Request: keyboard button text must be non-empty")
