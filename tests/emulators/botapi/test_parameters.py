import json
from typing import Any

import httpx
import pytest

from emulators.botapi import BotApi, specification
from emulators.botapi.parameters import checked as read
from emulators.user import Person
from tests.emulators.botapi.calling import TOKEN, Caller, checked

URL = f"/bot{TOKEN}/sendMessage"
KEYBOARD = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}


@pytest.mark.parametrize(
    "request_arguments",
    [
        pytest.param({"json": {"chat_id": 42, "text": "x", "reply_markup": KEYBOARD}}, id="json"),
        pytest.param(
            {"data": {"chat_id": "42", "text": "x", "reply_markup": json.dumps(KEYBOARD)}}, id="form"
        ),
        pytest.param(
            {"params": {"chat_id": "42", "text": "x", "reply_markup": json.dumps(KEYBOARD)}}, id="query"
        ),
        pytest.param(
            {
                "files": {
                    "chat_id": (None, "42"),
                    "text": (None, "x"),
                    "reply_markup": (None, json.dumps(KEYBOARD)),
                }
            },
            id="multipart",
        ),
    ],
)
async def test_parameters_may_come_in_any_form(
    request_arguments: dict[str, Any], client: httpx.AsyncClient, ada: Person
) -> None:
    answer = checked("sendMessage", await client.post(URL, **request_arguments))
    assert answer.result["text"] == "x"
    assert ada.chat.last.button("a").data == "b"


async def test_get_and_any_case_of_the_name_will_do(client: httpx.AsyncClient, ada: Person) -> None:
    await client.get(f"/bot{TOKEN}/SENDmessage", params={"chat_id": 42, "text": "x"})
    assert ada.chat.last.text == "x"


@pytest.mark.parametrize(
    ("method", "parameters", "reason"),
    [
        pytest.param("sendMessage", {"text": "x"}, "chat_id is empty", id="no-chat"),
        pytest.param("sendMessage", {"chat_id": "", "text": "x"}, "chat_id is empty", id="empty-chat"),
        pytest.param("sendMessage", {"chat_id": 1, "text": "x"}, "chat not found", id="unknown-chat"),
        pytest.param("sendMessage", {"chat_id": 42}, "message text is empty", id="no-text"),
        pytest.param("sendMessage", {"chat_id": 42, "text": ""}, "message text is empty", id="empty-text"),
        pytest.param("sendMessage", {"chat_id": 42, "text": "x", "colour": "red"}, 'unknown parameter "colour" of sendMessage', id="unknown-name"),
        pytest.param("sendMessage", {"chat_id": 42, "text": 5}, "invalid parameter: text: String expected", id="wrong-type"),
        pytest.param("sendMessage", {"chat_id": 42, "text": "x", "protect_content": "maybe"}, "invalid parameter: protect_content: Boolean expected", id="no-boolean"),
        pytest.param("sendMessage", {"chat_id": 42, "text": "x", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object", id="keyboard-no-json"),
        pytest.param("sendMessage", {"chat_id": 42, "text": "x", "reply_markup": "[]"}, "object expected as reply markup", id="keyboard-no-object"),
        pytest.param("sendMessage", {"chat_id": 42, "text": "x", "reply_markup": {"inline_keyboard": [[{"txt": "a"}]]}}, "invalid parameter: reply_markup.inline_keyboard[0][0].txt: not in the specification", id="keyboard-misspelt"),
        pytest.param("sendMessage", {"chat_id": 42, "text": "x", "entities": "x"}, 'can\'t parse "entities" JSON object', id="entities-no-json"),
        pytest.param("deleteMessage", {"chat_id": 42}, "message identifier is not specified", id="no-message-id"),
        pytest.param("deleteMessages", {"chat_id": 42}, "message identifiers are not specified", id="no-message-ids"),
        pytest.param("getFile", {}, "file_id not specified", id="no-file-id"),
        pytest.param("sendDocument", {"chat_id": 42}, "there is no document in the request", id="no-document"),
        pytest.param("sendDocument", {"chat_id": 42, "document": "attach://gone"}, "there is no document in the request", id="document-not-attached"),
        pytest.param("sendChatAction", {"chat_id": 42}, "wrong parameter action in request", id="no-action"),
        pytest.param("setMyCommands", {}, 'parameter "commands" is required', id="any-other"),
    ],
)  # fmt: skip
async def test_parameters_that_are_refused(
    method: str, parameters: dict[str, Any], reason: str, call: Caller, ada: Person
) -> None:
    assert (await call(method, **parameters)).error == (400, f"Bad Request: {reason}")


@pytest.mark.parametrize("body", [b"{", b"[]"], ids=["broken", "no-object"])
async def test_a_json_body_that_is_no_object_is_refused(body: bytes, client: httpx.AsyncClient) -> None:
    response = await client.post(URL, content=body, headers={"Content-Type": "application/json"})
    assert response.json()["description"] == "Bad Request: can't parse request JSON object"


async def test_a_file_where_a_text_belongs_is_refused(client: httpx.AsyncClient, ada: Person) -> None:
    response = await client.post(URL, data={"chat_id": "42"}, files={"text": ("a.txt", b"x")})
    assert response.json()["description"] == 'Bad Request: parameter "text" is not a file'


async def test_a_part_that_nothing_refers_to_is_refused(client: httpx.AsyncClient, ada: Person) -> None:
    response = await client.post(URL, data={"chat_id": "42", "text": "x"}, files={"stray": ("a.txt", b"x")})
    assert response.json()["description"] == 'Bad Request: unknown parameter "stray" of sendMessage'


async def test_documents_are_counted_hashed_and_kept_up_to_a_bound(
    client: httpx.AsyncClient, ada: Person
) -> None:
    url = f"/bot{TOKEN}/sendDocument"
    await client.post(url, data={"chat_id": "42"}, files={"document": ("a.txt", b"hello", "text/plain")})
    small = ada.chat.last.document
    assert small is not None
    assert (small.name, small.size, small.content, small.mime_type) == ("a.txt", 5, b"hello", "text/plain")
    await client.post(url, data={"chat_id": "42"}, files={"document": ("b.bin", bytes(3 << 20))})
    big = ada.chat.last.document
    assert big is not None
    assert (big.size, len(big.head)) == (3 << 20, 1 << 20)
    with pytest.raises(ValueError, match="3145728 bytes were sent"):
        _ = big.content


async def test_attached_empty_and_known_documents(
    client: httpx.AsyncClient, call: Caller, ada: Person
) -> None:
    url = f"/bot{TOKEN}/sendDocument"
    attached = {"chat_id": "42", "document": "attach://part", "caption": "<b>c</b>", "parse_mode": "HTML"}
    sent = checked(
        "sendDocument", await client.post(url, data=attached, files={"part": ("a.txt", b"hello")})
    ).result
    assert ada.chat.last.html == "<b>c</b>"
    again = await call("sendDocument", chat_id=42, document=sent["document"]["file_id"])
    assert again.result["document"]["file_unique_id"] == sent["document"]["file_unique_id"]
    empty = await client.post(url, data={"chat_id": "42"}, files={"document": ("a.txt", b"")})
    assert empty.json()["description"] == "Bad Request: file must be non-empty"
    unknown = await call("sendDocument", chat_id=42, document="https://example.org/x")
    assert unknown.error == (400, "Bad Request: wrong remote file identifier specified: Wrong string length")


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        pytest.param("/bot1/getMe", 401, "Unauthorized: invalid token specified", id="malformed-token"),
        pytest.param(f"/bot{TOKEN}x/getMe", 401, "Unauthorized", id="revoked-token"),
        pytest.param(f"/bot{TOKEN}/getMeNot", 404, "Not Found: method not found", id="unknown-method"),
        pytest.param("/", 404, "Not Found", id="other-path"),
        pytest.param(
            f"/bot{TOKEN}/sendGift", 501, "Not Implemented: sendGift is not emulated", id="not-emulated"
        ),
    ],
)
async def test_paths_that_lead_nowhere(
    path: str, status: int, reason: str, client: httpx.AsyncClient
) -> None:
    response = await client.post(path)
    assert (response.status_code, response.json()["description"]) == (status, reason)


async def test_what_is_not_emulated_is_noted(api: BotApi, call: Caller) -> None:
    await call("sendGift")
    await call("sendNothing")
    assert api.unsupported == ["sendGift", "sendNothing"]


async def test_the_transcript_has_every_call_with_typed_parameters(
    api: BotApi, client: httpx.AsyncClient, ada: Person
) -> None:
    await client.post(URL, data={"chat_id": "42", "text": "x", "reply_markup": json.dumps(KEYBOARD)})
    await client.post(URL, data={"chat_id": "42", "oops": "y"})
    good, bad = api.transcript
    assert (good.method, good.parameters["reply_markup"], good.ok) == ("sendMessage", KEYBOARD, True)
    assert (bad.status, bad.parameters["oops"], bad.answer["ok"]) == (400, "y", False)
    assert api.calls("getMe") == []


def test_texts_become_numbers_and_booleans() -> None:
    method = specification().method("sendLocation")
    assert method is not None
    sent = {"chat_id": "1", "latitude": "48.85", "longitude": "2", "protect_content": "True"}
    assert read(method, sent) == {"chat_id": 1, "latitude": 48.85, "longitude": 2, "protect_content": True}
