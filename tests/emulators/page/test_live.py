"""What the page is told while it looks on."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from emulators.page.demo import Demo
from tests.emulators.botapi.calling import Caller
from tests.emulators.page.conftest import ADA, CHANNEL, Page


class Looker:
    """Reads the events of one browser."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines

    async def next(self, kind: str) -> Any:
        """The next news of one kind; what is of another kind is passed over."""
        async with asyncio.timeout(5):
            async for line in self._lines:
                if line.startswith("data: "):
                    told = json.loads(line.removeprefix("data: "))
                    if told["kind"] == kind:
                        return told["value"]
        raise AssertionError("the events have ended")


@pytest.fixture
async def looker(page: Page) -> AsyncIterator[Looker]:
    async with page.http.stream("GET", "/control/events") as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        yield Looker(response.aiter_lines())


async def test_whoever_comes_is_told_all_of_it_first(looker: Looker, page: Page) -> None:
    assert await looker.next("state") == await page.state()


async def test_messages_are_told_when_they_come_change_and_go(
    looker: Looker, page: Page, bot: Caller
) -> None:
    await looker.next("state")
    (said,) = await page.say(ADA, ADA, "/start")
    assert (await looker.next("chat"))["started"]
    assert await looker.next("message") == said

    sent = (await bot("sendMessage", chat_id=ADA, text="1%", disable_notification=True)).result
    message = await looker.next("message")
    assert (message["text"], message["edited"], message["silent"], message["bot"]) == (
        "1%",
        False,
        True,
        True,
    )

    for text in ("2%", "1%"):
        await bot("editMessageText", chat_id=ADA, message_id=sent["message_id"], text=text)
        message = await looker.next("message")
        assert (message["id"], message["text"], message["edited"]) == (sent["message_id"], text, True)

    await bot(
        "setMessageReaction", chat_id=ADA, message_id=said["id"], reaction=[{"type": "emoji", "emoji": "👀"}]
    )
    assert (await looker.next("message"))["reactions"] == ["👀"]

    await bot("deleteMessage", chat_id=ADA, message_id=sent["message_id"])
    assert await looker.next("gone") == {"chat": ADA, "id": sent["message_id"]}


async def test_chat_actions_are_told(looker: Looker, page: Page, bot: Caller) -> None:
    await page.say(ADA, ADA, "/start")
    await looker.next("chat")

    await bot("sendChatAction", chat_id=ADA, action="upload_document")

    assert (await looker.next("chat"))["action"]["action"] == "upload_document"


async def test_the_other_side_is_told(looker: Looker, page: Page, shown: Demo) -> None:
    await looker.next("state")
    await page.post("weather", bytes_per_second=50_000)
    assert (await looker.next("weather"))["bytes_per_second"] == 50_000

    # Nobody announces it: the page looks.
    shown.scene.resident(ADA).account.add_file("new.txt")
    account = await looker.next("account")
    assert (account["person"], "new.txt" in {file["name"] for file in account["files"]}) == (ADA, True)


async def test_an_answer_to_a_press_is_told(looker: Looker, page: Page, bot: Caller) -> None:
    await page.say(ADA, ADA, "/start")
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "g"}]]}
    await bot("sendMessage", chat_id=ADA, text="x", reply_markup=keyboard)
    path = f"people/{ADA}/chats/{ADA}/presses"
    number = (await page.post(path, message=2, row=0, column=0))["press"]
    assert (await looker.next("press"))["answer"] is None

    await bot("answerCallbackQuery", callback_query_id=number, text="Done")

    assert (await looker.next("press"))["answer"]["text"] == "Done"


async def test_each_browser_is_told_by_itself(looker: Looker, page: Page) -> None:
    await looker.next("state")
    async with page.http.stream("GET", "/control/events") as response:
        other = Looker(response.aiter_lines())
        state = await other.next("state")
        assert {message["chat"] for message in state["messages"]} == {CHANNEL}
        (said,) = await page.say(ADA, ADA, "x")
        assert [await each.next("message") for each in (looker, other)] == [said, said]
