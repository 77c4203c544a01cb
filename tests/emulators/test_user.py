import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from emulators.botapi import BotApi
from emulators.channel import Channel
from emulators.user import Attachment, Group, Person
from tests.emulators.botapi.calling import TOKEN, Caller, Clock, valid_updates


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    api = BotApi(token=TOKEN, clock=Clock())
    yield api
    valid_updates(api)


@pytest.fixture
async def call(api: BotApi) -> AsyncIterator[Caller]:
    transport = httpx.ASGITransport(app=api.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot-api") as client:
        yield Caller(client)


@pytest.fixture
def ada(api: BotApi) -> Person:
    return Person(api, user_id=42, first_name="Ada", username="ada")


@pytest.fixture
def bob(api: BotApi) -> Person:
    return Person(api, user_id=43, first_name="Bob", language_code="fr")


def delivered(api: BotApi) -> list[dict[str, Any]]:
    """Return the messages that wait for the bot."""
    return [update["message"] for update in api.updates.pending if "message" in update]


def test_what_a_person_says_has_the_entities_a_client_would_make(api: BotApi, ada: Person) -> None:
    ada.say("/remote https://example.org/a.zip")
    (message,) = delivered(api)
    assert [entity["type"] for entity in message["entities"]] == ["bot_command", "url"]
    assert (message["from"]["language_code"], message["chat"]["type"]) == ("en", "private")


@pytest.mark.parametrize(
    "kind",
    ["document", "photo", "video", "audio", "voice", "animation", "video_note", "sticker", "live_photo"],
)
def test_every_kind_of_file_makes_a_valid_update(kind: Any, api: BotApi, ada: Person) -> None:
    ada.send_file(kind, name="a.bin", size=5000, caption="see https://x.org", mime_type="a/b")
    (update,) = valid_updates(api)
    message = update["message"]
    assert message["caption_entities"][0]["type"] == "url"
    file = message["photo"][-1] if kind == "photo" else message[kind]
    assert file["file_size"] == 5000
    assert ("document" in message) == (kind in {"document", "animation"})
    assert ("photo" in message) == (kind in {"photo", "live_photo"})


@pytest.mark.parametrize(("said", "expected"), [(None, None), (7, 7)], ids=["left-out", "a-lie"])
def test_the_size_can_be_left_out_or_lie(
    said: int | None, expected: int | None, api: BotApi, ada: Person
) -> None:
    ada.send_file(content=b"hello", file_size=said, file_unique_id="same")
    (message,) = delivered(api)
    assert message["document"].get("file_size") == expected
    assert message["document"]["file_unique_id"] == "same"
    assert api.files.by_id[message["document"]["file_id"]].content.size == 5


def test_names_may_be_anything_and_make_no_path(api: BotApi, ada: Person) -> None:
    name = "../\u202egpj.\U0001f600/ä.ex e"
    ada.send_file(name=name)
    (message,) = delivered(api)
    assert message["document"]["file_name"] == name
    assert api.files.by_id[message["document"]["file_id"]].path == "documents/file_1.bin"


def test_an_album_is_messages_with_one_group_id(api: BotApi, ada: Person) -> None:
    ada.send_album([Attachment("photo"), Attachment("photo", caption="two"), Attachment("video")])
    assert len({message["media_group_id"] for message in delivered(api)}) == 1
    with pytest.raises(ValueError, match="2 to 10 items"):
        ada.send_album([Attachment()])


@pytest.mark.parametrize(
    ("origin", "kind"), [("channel", "channel"), ("user", "user"), ("hidden", "hidden_user")]
)
def test_forwards_say_where_from(origin: Any, kind: str, api: BotApi, ada: Person) -> None:
    ada.forward(Attachment(name="a.txt"), origin=origin)
    ada.forward("https://x.org/", origin=origin)
    assert [message["forward_origin"]["type"] for message in delivered(api)] == [kind, kind]


async def test_a_forwarded_message_comes_from_where_it_stood(
    api: BotApi, call: Caller, ada: Person, bob: Person
) -> None:
    channel = Channel(api, -1_000_000_000_077, "Sea notes")
    post = channel.post(Attachment("photo", caption="see https://x.org"))
    ada.say("/start")
    await call("sendMessage", chat_id=42, text="a")
    forwarded = [ada.forward(item) for item in (post, ada.chat.last, ada.say("hello"))]
    forwarded.append(bob.forward(forwarded[0]))
    origins = [message.payload["forward_origin"] for message in forwarded]
    assert origins[0] == origins[3]
    assert (origins[0]["chat"]["title"], origins[0]["message_id"]) == ("Sea notes", post.id)
    assert [origin["sender_user"]["first_name"] for origin in origins[1:3]] == ["1fichier", "Ada"]
    assert forwarded[0].payload["caption_entities"][0]["type"] == "url"


def test_posts_of_a_channel_are_seen_by_people_and_not_by_the_bot(api: BotApi) -> None:
    channel = Channel(api, -1_000_000_000_077, "Sea notes")
    channel.post("https://x.org/", at=7)
    channel.post(Attachment(name="a.txt"))
    assert [(message.id, message.text) for message in channel.chat.messages] == [
        (1, "https://x.org/"),
        (2, ""),
    ]
    assert [message.payload["date"] for message in channel.chat.messages] == [7, api.now()]
    assert api.updates.pending == []


async def test_a_message_of_the_bot_is_forwarded_unless_protected(
    api: BotApi, call: Caller, ada: Person, bob: Person
) -> None:
    ada.say("/start")
    await call("sendMessage", chat_id=42, text="a")
    bob.forward(ada.chat.last)
    assert (bob.chat.last.text, bob.chat.last.from_bot) == ("a", False)
    await call("sendMessage", chat_id=42, text="b", protect_content=True)
    with pytest.raises(PermissionError):
        bob.forward(ada.chat.last)


def test_an_edit_is_an_update_and_is_remembered(api: BotApi, ada: Person) -> None:
    message = ada.say("/delte x")
    ada.edit(message, "/delete x")
    assert (message.text, message.edits[0].text) == ("/delete x", "/delte x")
    edited = api.updates.pending[-1]["edited_message"]
    assert (edited["text"], edited["edit_date"]) == ("/delete x", api.now())
    photo = ada.send_file("photo", caption="one")
    ada.edit(photo, "two")
    assert photo.payload["caption"] == "two"


async def test_other_peoples_messages_are_not_edited(
    api: BotApi, call: Caller, ada: Person, bob: Person
) -> None:
    ada.say("/start")
    await call("sendMessage", chat_id=42, text="x")
    with pytest.raises(PermissionError, match="Ada did not write message 2"):
        ada.edit(ada.chat.last, "y")
    group = Group(api, -5, "Family", [ada, bob])
    message = ada.in_group(group).say("/help")
    with pytest.raises(PermissionError):
        bob.in_group(group).delete(message)


def test_blocking_is_told_and_stops_everything(api: BotApi, ada: Person) -> None:
    ada.say("/start")
    ada.block()
    with pytest.raises(PermissionError, match="unblock"):
        ada.say("x")
    ada.unblock()
    ada.say("y")
    changes = [update["my_chat_member"] for update in api.updates.pending if "my_chat_member" in update]
    statuses = [
        (change["old_chat_member"]["status"], change["new_chat_member"]["status"]) for change in changes
    ]
    assert statuses == [("member", "kicked"), ("kicked", "member")]


def test_other_things_than_files_make_valid_updates(api: BotApi, ada: Person) -> None:
    ada.send_contact()
    ada.send_location()
    ada.send_poll()
    assert len(valid_updates(api)) == 3


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("hello", False, id="talk"),
        pytest.param("/help", True, id="command"),
        pytest.param("/help@onefichier_test_bot", True, id="command-to-the-bot"),
        pytest.param("/help@other_bot", False, id="command-to-another-bot"),
        pytest.param("look, @OneFichier_test_bot", True, id="mention"),
    ],
)
def test_privacy_mode_hides_what_is_not_for_the_bot(text: str, read: bool, api: BotApi, ada: Person) -> None:
    group = Group(api, -5, "Family", [ada])
    api.updates.drop()
    ada.in_group(group).say(text)
    assert bool(delivered(api)) == read


async def test_in_a_group_replies_to_the_bot_are_read_and_files_with_its_name(
    api: BotApi, call: Caller, ada: Person, bob: Person
) -> None:
    group = Group(api, -1_000_000_000_005, "Family", [ada, bob])
    await call("sendMessage", chat_id=-1_000_000_000_005, text="hello")
    api.updates.drop()
    ada.in_group(group).send_file(name="unread.txt")
    bob.in_group(group).send_file(
        name="reply.txt", reply_to=group.chat.last if group.chat.last.from_bot else None
    )
    bob.in_group(group).send_file(name="named.txt", caption="@onefichier_test_bot")
    first = group.chat.from_bot[0]
    bob.in_group(group).send_file(name="reply.txt", reply_to=first)
    assert [message["document"]["file_name"] for message in delivered(api)] == ["named.txt", "reply.txt"]


def test_an_administrator_and_a_bot_without_privacy_mode_read_all(api: BotApi, ada: Person) -> None:
    open_group, closed = Group(api, -5, "A", [ada], bot_is_admin=True), Group(api, -6, "B", [ada])
    api.updates.drop()
    ada.in_group(open_group).say("one")
    ada.in_group(closed).say("two")
    api.can_read_all_group_messages = True
    ada.in_group(closed).say("three")
    closed.remove_bot()
    ada.in_group(closed).say("four")
    assert [message["text"] for message in delivered(api)] == ["one", "three"]


def test_only_members_speak_in_a_group(api: BotApi, ada: Person, bob: Person) -> None:
    group = Group(api, -5, "A", [ada])
    with pytest.raises(LookupError, match="Bob is not in A"):
        bob.in_group(group)
    with pytest.raises(ValueError, match="negative"):
        Group(api, 5, "A", [ada])


def test_a_group_that_migrates_goes_on_under_its_new_id(api: BotApi, ada: Person) -> None:
    group = Group(api, -5, "A", [ada])
    group.migrate(-1_000_000_000_005)
    ada.in_group(group).say("/help")
    assert [message["chat"]["id"] for message in delivered(api)] == [
        -5,
        -1_000_000_000_005,
        -1_000_000_000_005,
    ]
    assert delivered(api)[0]["migrate_to_chat_id"] == -1_000_000_000_005


async def test_waiting_ends_with_the_message_or_the_edit(call: Caller, ada: Person) -> None:
    ada.say("done? not by me")
    waiting = asyncio.create_task(ada.chat.wait_for("done"))
    await asyncio.sleep(0)
    assert not waiting.done()
    await call("sendMessage", chat_id=42, text="working")
    await call("editMessageText", chat_id=42, message_id=2, text="done")
    assert (await waiting).id == 2
    assert await ada.chat.wait_for(lambda message: bool(message.edits)) is ada.chat.last


async def test_waiting_can_ask_for_something_newer(call: Caller, ada: Person) -> None:
    ada.say("/start")
    await call("sendMessage", chat_id=42, text="done")
    first = await ada.chat.wait_for("done")
    waiting = asyncio.create_task(ada.chat.wait_for("done", after=first))
    await asyncio.sleep(0)
    assert not waiting.done()
    await call("sendMessage", chat_id=42, text="done", disable_notification=True)
    assert (await waiting).silent
    assert len(ada.chat.notifications) == 1


async def test_waiting_in_vain_shows_the_chat(ada: Person) -> None:
    ada.say("hello")
    with pytest.raises(TimeoutError, match=r"matches 'x'; the chat shows \[<1 person: 'hello'>\]"):
        await ada.chat.wait_for("x", timeout=0.01)
    with pytest.raises(TimeoutError, match="the condition does not hold"):
        await ada.chat.wait_until(lambda chat: len(chat.messages) > 1, timeout=0.01)


async def test_deletions_can_be_waited_for(call: Caller, ada: Person) -> None:
    secret = ada.say("secret")
    waiting = asyncio.create_task(ada.chat.wait_until(lambda _: secret.deleted))
    await call("deleteMessage", chat_id=42, message_id=secret.id)
    await waiting
    with pytest.raises(LookupError, match="the chat is empty"):
        _ = ada.chat.last


def test_what_is_said_in_a_topic_is_a_reply_to_the_message_that_opened_it(api: BotApi, ada: Person) -> None:
    group = Group(api, -1_000_000_000_005, "A", [ada])
    topic = group.open_topic("Films")
    said = ada.in_group(group, topic).say("/help")
    opened, told = delivered(api)
    assert opened["forum_topic_created"]["name"] == "Films"
    assert told["reply_to_message"]["message_id"] == told["message_thread_id"] == opened["message_id"]
    assert told["is_topic_message"]
    assert said.reply_to is None, "clients do not show it as one"
    with pytest.raises(ValueError, match="supergroup"):
        Group(api, -5, "B", [ada]).open_topic("Films")


async def test_the_bot_speaks_in_a_topic_by_a_reply_or_by_its_number(
    api: BotApi, call: Caller, ada: Person
) -> None:
    group = Group(api, -1_000_000_000_005, "A", [ada])
    topic, asked = group.open_topic("Films"), ada.in_group(group).say("/help")
    place = {"chat_id": group.chat.id, "message_thread_id": topic.id}
    in_topic = ada.in_group(group, topic).say("/help")
    await call("sendMessage", chat_id=group.chat.id, text="a", reply_parameters={"message_id": in_topic.id})
    await call("sendMessage", text="b", **place)
    await call("sendChatAction", action="typing", **place)
    assert [each.payload["message_thread_id"] for each in group.chat.from_bot] == [topic.id] * 2
    assert [each.topic for each in group.chat.actions] == [topic]
    answer = await call(
        "sendMessage", chat_id=group.chat.id, text="c", reply_parameters={"message_id": asked.id}
    )
    assert (answer.result["message_thread_id"], "is_topic_message" in answer.result) == (asked.id, False)
    refused = await call("sendChatAction", action="typing", chat_id=group.chat.id, message_thread_id=asked.id)
    assert refused.error == (400, "Bad Request: message thread not found")
