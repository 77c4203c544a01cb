"""What people do on the page: write, send, forward, delete, press."""

from pathlib import Path
from typing import Any

import pytest

from emulators.page.demo import Demo
from tests.emulators.botapi.calling import Caller
from tests.emulators.page.conftest import ADA, BO, CHANNEL, GROUP, Page, told

PRIVATE = f"people/{ADA}/chats/{ADA}"


async def test_the_state_names_people_chats_accounts_and_samples(page: Page) -> None:
    state = await page.state()

    assert [(person["name"], person["chats"]) for person in state["people"]] == [
        ("Ada", [ADA, GROUP, CHANNEL]),
        ("Bo", [BO, GROUP, CHANNEL]),
    ]
    assert {chat["id"]: chat["kind"] for chat in state["chats"]} == {
        ADA: "bot",
        BO: "bot",
        GROUP: "group",
        CHANNEL: "channel",
    }
    assert {message["chat"] for message in state["messages"]} == {CHANNEL}
    assert [len(account["key"]) for account in state["accounts"]] == [32, 32]
    assert len(state["samples"]) == 4
    assert any("fails" in each["what"] for each in state["urls"])


async def test_what_a_person_says_is_seen_and_told_to_the_bot(page: Page, shown: Demo) -> None:
    (message,) = await page.say(ADA, ADA, " /start ")

    assert (message["text"], message["sender"]["name"], message["bot"]) == ("/start", "Ada", False)
    assert [update["text"] for update in told(shown)] == ["/start"]
    assert message in (await page.state())["messages"]


async def test_a_reply_names_what_it_answers(page: Page, shown: Demo, bot: Caller) -> None:
    await page.say(ADA, ADA, "/login")
    force_reply = {"force_reply": True, "input_field_placeholder": "Paste your key"}
    asked = (await bot("sendMessage", chat_id=ADA, text="Your key?", reply_markup=force_reply)).result

    (answer,) = await page.say(ADA, ADA, "here", reply_to=asked["message_id"])

    question = next(each for each in (await page.state())["messages"] if each["text"] == "Your key?")
    assert question["force_reply"] == force_reply
    assert answer["reply_to"] == asked["message_id"]
    assert told(shown)[-1]["reply_to_message"]["text"] == "Your key?"


async def test_commands_the_bot_has_set_are_offered(page: Page, bot: Caller) -> None:
    commands = [{"command": "list", "description": "Your files"}]
    await bot("setMyCommands", commands=commands)
    await bot("setMyShortDescription", short_description="Files to links")

    chat = next(each for each in (await page.state())["chats"] if each["id"] == ADA)

    assert (chat["commands"], chat["introduction"]) == ({str(ADA): commands}, "Files to links")


async def test_a_file_comes_from_the_disk_and_can_be_had_back(
    page: Page, shown: Demo, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 4000
    file = await page.give("été.bin", content)

    (message,) = await page.say(ADA, ADA, "see https://x.org", files=[file])

    assert [path.stat().st_size for path in (tmp_path / "sent").iterdir()] == [len(content)]
    assert (message["file"]["kind"], message["file"]["name"]) == ("document", "été.bin")
    assert [entity["type"] for entity in message["entities"]] == ["url"]
    response = await page.http.get(f"/control/attachments/{message['file']['id']}")
    assert response.content == content
    assert response.headers["Content-Disposition"] == "attachment"
    assert told(shown)[0]["document"]["file_size"] == len(content)


async def test_pictures_films_and_music_are_sent_as_clients_do(page: Page) -> None:
    names = ["a.jpg", "b.PNG", "c.mp4", "d.mp3", "e.pdf", "f.svg"]
    files = [await page.give(name, name.encode()) for name in names]

    messages = await page.say(ADA, ADA, "all", files=files)

    kinds = [message["file"]["kind"] for message in messages]
    assert kinds == ["photo", "photo", "video", "audio", "document", "document"]
    albums = [message["album"] for message in messages]
    assert albums[0] == albums[1] == albums[2] != albums[4] == albums[5]
    assert albums[3] is None
    assert [message["text"] for message in messages] == ["all", "", "", "", "", ""]


async def test_files_can_be_sent_as_they_are(page: Page) -> None:
    files = [await page.give(name, b"x") for name in ("a.jpg", "b.mp4")]

    messages = await page.say(ADA, ADA, files=files, sent_as="document")

    assert [message["file"]["kind"] for message in messages] == ["document", "document"]
    assert messages[0]["album"] == messages[1]["album"] is not None


async def test_more_files_than_an_album_holds_become_several(page: Page, bot: Caller) -> None:
    await page.say(ADA, ADA, "/start")
    asked = (await bot("sendMessage", chat_id=ADA, text="Which?")).result["message_id"]
    file = await page.give("a.txt", b"x")

    messages = await page.say(ADA, ADA, files=[file] * 21, reply_to=asked)

    albums = [message["album"] for message in messages]
    assert [albums.count(album) for album in dict.fromkeys(albums)] == [10, 10, 1]
    assert albums[-1] is None
    assert [message["reply_to"] for message in messages] == [asked] * 10 + [None] * 11


@pytest.mark.parametrize(("sample", "count"), [("photo", 1), ("document", 1), ("album", 3), ("film", 1)])
async def test_samples_are_at_hand(sample: str, count: int, page: Page) -> None:
    messages = await page.say(ADA, ADA, sample=sample)

    assert len(messages) == count
    assert all(message["file"]["size"] > 0 for message in messages)


async def test_posts_of_the_channel_are_forwarded_with_their_origin(page: Page, shown: Demo) -> None:
    posts = [each for each in (await page.state())["messages"] if each["chat"] == CHANNEL]
    chosen = [post["id"] for post in posts if post["file"]]

    answer = await page.post(f"{PRIVATE}/forwards", from_chat=CHANNEL, messages=chosen)

    assert [each["forwarded_from"] for each in answer["messages"]] == ["Sea notes"] * 3
    assert [each["file"]["kind"] for each in answer["messages"]] == ["photo", "document", "audio"]
    assert [each["forward_origin"]["type"] for each in told(shown)] == ["channel"] * 3


async def test_what_the_bot_protects_is_not_forwarded(page: Page, bot: Caller) -> None:
    await page.say(ADA, ADA, "/start")
    await bot("sendMessage", chat_id=ADA, text="secret", protect_content=True)

    refusal = await page.refused(f"{PRIVATE}/forwards", from_chat=ADA, messages=[2])

    assert refusal == (403, "the message is protected against forwarding")


async def test_a_message_is_deleted_and_gone(page: Page) -> None:
    (message,) = await page.say(ADA, ADA, "oops")

    response = await page.http.delete(f"/control/{PRIVATE}/messages/{message['id']}")

    assert response.status_code == 200
    assert message not in (await page.state())["messages"]
    again = await page.http.delete(f"/control/{PRIVATE}/messages/{message['id']}")
    assert (again.status_code, again.json()) == (404, {"error": "there is no message 1"})


async def test_in_a_group_nobody_deletes_what_another_wrote(page: Page) -> None:
    (message,) = await page.say(ADA, GROUP, "mine")

    response = await page.http.delete(f"/control/people/{BO}/chats/{GROUP}/messages/{message['id']}")

    assert (response.status_code, response.json()) == (403, {"error": "Bo did not write message 1"})


async def test_a_press_is_told_with_who_pressed_and_its_answer_is_seen(
    page: Page, shown: Demo, bot: Caller
) -> None:
    keyboard = {
        "inline_keyboard": [
            [{"text": "Site", "url": "https://x.org"}],
            [
                {"text": "Keep", "callback_data": "k"},
                {"text": "Delete", "callback_data": "d", "style": "danger"},
            ],
            [{"text": "Copy", "copy_text": {"text": "abc"}}],
        ]
    }
    message = (await bot("sendMessage", chat_id=GROUP, text="Sure?", reply_markup=keyboard)).result
    place = {"message": message["message_id"], "row": 1, "column": 1}

    pressed = (await page.post(f"people/{BO}/chats/{GROUP}/presses", **place))["press"]

    (press,) = (await page.state())["presses"]
    assert press == {"id": pressed, "person": BO, "chat": GROUP, **place, "answer": None}
    query = shown.api.updates.pending[-1]["callback_query"]
    assert (query["from"]["first_name"], query["data"]) == ("Bo", "d")
    await bot("answerCallbackQuery", callback_query_id=query["id"], text="Not yours", show_alert=True)
    (press,) = (await page.state())["presses"]
    assert press["answer"] == {"text": "Not yours", "alert": True, "url": None}
    (shown_message,) = [each for each in (await page.state())["messages"] if each["text"] == "Sure?"]
    assert [
        [(b["text"], b["kind"], b["style"], b["value"]) for b in row] for row in shown_message["buttons"]
    ] == [
        [("Site", "url", None, "https://x.org")],
        [("Keep", "callback", None, None), ("Delete", "callback", "danger", None)],
        [("Copy", "copy_text", None, "abc")],
    ]


async def test_only_what_asks_the_bot_can_be_pressed(page: Page, bot: Caller) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Site", "url": "https://x.org"}]]}
    await bot("sendMessage", chat_id=GROUP, text="x", reply_markup=keyboard)
    path = f"people/{ADA}/chats/{GROUP}/presses"

    status, reason = await page.refused(path, message=1, row=0, column=0)

    assert status == 400
    assert "url button" in reason
    for row, column in ((0, 1), (1, 0), (-1, 0)):
        status, _ = await page.refused(path, message=1, row=row, column=column)
        assert status == 404


async def test_nobody_looks_into_another_persons_chat(page: Page, bot: Caller) -> None:
    await page.say(ADA, ADA, "mine")

    for path, body in (
        (f"people/{BO}/chats/{ADA}/messages", {"text": "x"}),
        (f"people/{BO}/chats/{BO}/forwards", {"from_chat": ADA, "messages": [1]}),
        (f"people/{BO}/chats/{ADA}/presses", {"message": 1, "row": 0, "column": 0}),
        (f"people/1/chats/{ADA}/messages", {"text": "x"}),
        (f"people/{ADA}/chats/me/messages", {"text": "x"}),
    ):
        status, _ = await page.refused(path, **body)
        assert status == 404


async def test_a_channel_is_not_written_to(page: Page) -> None:
    assert await page.refused(f"people/{ADA}/chats/{CHANNEL}/messages", text="x") == (
        403,
        "a channel is read and forwarded from, not written to",
    )


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        pytest.param({"text": "  "}, 400, "neither a text nor a file was to be sent", id="nothing"),
        pytest.param({"text": "x" * 4097}, 400, "text: String should have at most 4096", id="too-long"),
        pytest.param({"txt": "x"}, 400, "txt: Extra inputs are not permitted", id="misspelt"),
        pytest.param({"text": 7}, 400, "text: Input should be a valid string", id="a-number"),
        pytest.param({"files": ["f7"]}, 404, "no file 'f7' was sent here", id="no-such-file"),
        pytest.param({"sample": "tune"}, 404, "there is no sample 'tune'", id="no-such-sample"),
        pytest.param({"text": "x", "reply_to": 9}, 404, "there is no message 9", id="no-such-message"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_the_reason(
    body: dict[str, Any], status: int, reason: str, page: Page, shown: Demo
) -> None:
    refused_with, text = await page.refused(f"{PRIVATE}/messages", **body)

    assert refused_with == status
    assert text.startswith(reason)
    assert told(shown) == []


async def test_a_body_that_is_no_json_is_refused(page: Page) -> None:
    response = await page.http.post(f"/control/{PRIVATE}/messages", content=b"{")

    assert response.status_code == 400
    assert "JSON" in response.json()["error"]
