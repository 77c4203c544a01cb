"""python-telegram-bot against the emulator: a client that was written for the real server."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot, ForceReply, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
from telegram.error import BadRequest, Conflict, Forbidden, RetryAfter
from telegram.request import HTTPXRequest

from emulators.botapi import BotApi, VirtualFile
from emulators.user import Attachment, Person
from tests.emulators.botapi.calling import TOKEN


def http() -> HTTPXRequest:
    return HTTPXRequest(httpx_kwargs={"trust_env": False})


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    async with (
        api.serve() as url,
        Bot(
            TOKEN,
            base_url=f"{url}/bot",
            base_file_url=f"{url}/file/bot",
            request=http(),
            get_updates_request=http(),
        ) as bot,
    ):
        yield bot


async def test_a_conversation(bot: Bot, ada: Person) -> None:
    asked = ada.say("/help")
    (update,) = await bot.get_updates(timeout=5)
    assert update.message is not None
    assert update.message.text == "/help"
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="y")]])
    sent = await bot.send_message(
        42,
        "<b>Sure?</b>",
        parse_mode="HTML",
        reply_markup=keyboard,
        reply_parameters=ReplyParameters(asked.id),
    )
    press = ada.press("Yes")
    (update,) = await bot.get_updates(offset=update.update_id + 1, timeout=5)
    assert update.callback_query is not None
    await update.callback_query.answer("Done")
    assert (await press.answered()).text == "Done"
    await sent.edit_text("Yes it is")
    assert (await ada.chat.wait_for("Yes it is")).reply_to is asked
    await bot.send_message(42, "Key?", reply_markup=ForceReply(input_field_placeholder="key"))
    await bot.delete_message(42, sent.id)
    assert [message.text for message in ada.chat.visible] == ["/start", "/help", "Key?"]


async def test_every_kind_of_message_is_understood(bot: Bot, ada: Person) -> None:
    ada.send_file("photo")
    ada.send_album([Attachment("video", name="a.mp4"), Attachment("photo", caption="both")])
    ada.forward(Attachment("audio", name="a.mp3"), origin="channel")
    ada.send_contact()
    ada.send_location()
    ada.send_poll()
    updates = await bot.get_updates(timeout=5)
    kinds = [
        type(
            update.message.effective_attachment[0]
            if isinstance(update.message.effective_attachment, tuple)
            else update.message.effective_attachment
        ).__name__
        for update in updates
        if update.message is not None
    ]
    assert kinds == ["PhotoSize", "Video", "PhotoSize", "Audio", "Contact", "Location", "Poll"]


async def test_files_in_both_directions(bot: Bot, ada: Person) -> None:
    content = VirtualFile(300_000, 7)
    file_id = ada.send_file(name="a.bin", content=content).payload["document"]["file_id"]
    file = await bot.get_file(file_id)
    assert await file.download_as_bytearray() == b"".join(content.pieces())
    await bot.send_document(42, b"list", filename="links.txt", caption="here")
    document = ada.chat.last.document
    assert document is not None
    assert (document.name, document.content) == ("links.txt", b"list")


async def test_failures_become_the_librarys_own(
    api: BotApi, bot: Bot, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # the library's coming default; without it RetryAfter warns
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(1, "x")
    api.faults.add(status=429, retry_after=3)
    with pytest.raises(RetryAfter):
        await bot.get_me()
    api.faults.add(method="getUpdates", status=409)
    with pytest.raises(Conflict):
        await bot.get_updates()
    ada.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(42, "x")
