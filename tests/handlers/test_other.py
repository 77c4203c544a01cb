"""What nobody knows what to do with, and what goes wrong."""

from typing import Any

import pytest
from telegram import Bot
from telegram.constants import BotDescriptionLimit

import handlers
from emulators.user import Group
from handlers import COMMANDS
from handlers.buttons import Action, button, keyboard
from handlers.chats import RefusedByTelegram, SlowDown, Unsure
from handlers.texts import Html
from storage import IncomingFile
from tests.handlers.world import World

TOO_OLD = "That’s too old. Send the command again."
NOT_YOURS = "This button isn’t yours."


async def test_plain_text_that_is_nothing(world: World) -> None:
    answer = await world.tell("hello <b>there</b>")
    assert answer.text == "I didn’t get that. Send me a file or a link, or see /help"
    assert answer.silent


@pytest.mark.parametrize("said", ["/nothing", "/Unknown text", "/list2"])
async def test_a_command_that_does_not_exist(world: World, said: str) -> None:
    assert (await world.tell(said)).text == "I don’t know that command. /help shows what I can do."


@pytest.mark.parametrize("kind", ["contact", "poll", "location"])
async def test_things_that_are_no_file(world: World, kind: str) -> None:
    getattr(world.person, f"send_{kind}")()
    await world.handle()
    assert world.person.chat.last.text == "That isn’t a file, so there’s nothing to upload."


async def test_what_telegram_itself_says_in_a_chat_is_not_answered(world: World) -> None:
    message = world.api.new_message(world.person.chat, world.person.user, {"delete_chat_photo": True})
    world.api.updates.push("message", message.payload)
    await world.handle()
    assert world.person.chat.from_bot == []


async def press_data(world: World, data: str) -> str:
    """Press a button of a version that is gone."""
    markup = keyboard([button("Old", Action.NO, 1)])
    message_id = await world.services.chats.send(world.person.id, Html("?"), keyboard=markup)
    message = world.person.chat.find(message_id)
    assert message is not None
    message.payload["reply_markup"]["inline_keyboard"][0][0]["callback_data"] = data
    return await world.press("Old", message)


@pytest.mark.parametrize(
    "data",
    ["gone", "y:999", "n:abc", "y:1:2:3", "x:t:0:j:j", "😀", "x:t:", f"x:b:{2**63}", f"y:-{'9' * 23}"],
)
async def test_stale_and_garbled_buttons_are_harmless(world: World, data: str) -> None:
    assert await press_data(world, data) in {TOO_OLD, NOT_YOURS}


async def test_somebody_elses_question_is_not_ones_own_to_answer(world: World) -> None:
    await world.log_in()
    await world.tell("/logout")
    question = await world.services.questions.latest_open(world.person.id, world.person.id, world.clock.now())
    assert question is not None
    eve = world.somebody()
    eve.say("/start")
    await world.handle()
    markup = keyboard([button("Erase", Action.YES, question.id)])
    await world.services.chats.send(eve.id, Html("?"), keyboard=markup)
    assert await world.press("Erase", by=eve) == NOT_YOURS


async def test_in_a_group_a_list_is_only_for_who_asked_for_it(world: World) -> None:
    await world.log_in()
    eve = world.somebody()
    await world.log_in(eve)
    group = Group(world.api, -500, "Friends", [world.person, eve])
    asked = world.person.in_group(group).say("hello @onefichier_test_bot")
    await world.handle()
    markup = keyboard([button("Open", Action.FOLDER, 0, 1)])
    for reply_to in (asked.id, None):
        await world.services.chats.send(-500, Html("?"), reply_to=reply_to, keyboard=markup)
    message, without_reply = group.chat.from_bot[-2:]
    press = eve.in_group(group).press("Open", message)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == NOT_YOURS
    press = eve.in_group(group).press("Open", without_reply)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == TOO_OLD


async def test_an_answer_that_telegram_delays_is_left_to_be_handled_again(world: World) -> None:
    world.api.faults.add(method="sendMessage", status=429, retry_after=45)
    world.person.say("/jobs")
    with pytest.raises(SlowDown) as raised:
        await world.handle()
    assert raised.value.seconds == 45
    assert world.person.chat.from_bot == []


async def test_an_answer_of_unknown_fate_is_left_to_be_handled_again(world: World) -> None:
    world.api.faults.add(method="sendMessage", drop="before")
    world.person.say("/jobs")
    with pytest.raises(Unsure):
        await world.handle()


async def test_words_for_an_error_that_cannot_be_sent_are_left_to_be_sent_again(world: World) -> None:
    world.api.faults.add(method="sendMessage", status=429, retry_after=45)
    world.person.say("/quota")
    with pytest.raises(SlowDown):
        await world.handle()


@pytest.mark.parametrize("said", ["/jobs", "/quota"], ids=["an-answer", "words-for-an-error"])
async def test_nobody_is_left_to_be_answered(world: World, said: str) -> None:
    world.api.faults.add(
        method="sendMessage", status=403, description="Forbidden: bot was blocked by the user"
    )
    world.person.say(said)
    await world.handle()
    rows = await world.database.fetch_all("SELECT chat_id FROM unreachable_chat")
    assert [row["chat_id"] for row in rows] == [world.person.id]


async def test_an_error_without_words_is_raised_for_whoever_runs_the_update(world: World) -> None:
    world.api.faults.add(
        method="sendMessage", status=400, description="Bad Request: something nobody has seen", times=None
    )
    world.person.say("/jobs")
    with pytest.raises(RefusedByTelegram, match="omething nobody has seen"):
        await world.handle()


async def test_an_error_whose_words_cannot_be_found_is_raised_too(world: World) -> None:
    await world.tell("/start")
    await world.database.execute("UPDATE person SET sounds = 'odd'")
    world.person.say("/list")
    with pytest.raises(ValueError, match="odd"):
        await world.handle()


async def test_words_for_an_error_behind_a_button_end_its_waiting(world: World) -> None:
    markup = keyboard([button("Open", Action.FOLDER, 0, 1)])
    await world.tell("/start")
    await world.services.chats.send(world.person.id, Html("?"), keyboard=markup)
    assert await world.press("Open") == ""
    assert world.person.chat.last.text == "🔑 I need your key for that.\nSend /login to give it to me."


async def test_words_in_a_group_are_a_reply_to_who_asked(world: World) -> None:
    group = Group(world.api, -500, "Friends", [world.person])
    asked = world.person.in_group(group).say("/quota@onefichier_test_bot")
    await world.handle()
    assert group.chat.last.reply_to is asked
    emulated = await world.log_in()
    world.fichier.revoke_key(emulated)
    asked = world.person.in_group(group).say("/quota@onefichier_test_bot")
    await world.handle()
    assert group.chat.last.reply_to is asked
    assert group.chat.last.text.startswith("🔑 1fichier no longer accepts your key.")


async def test_an_update_that_cannot_be_handled_is_apologised_for(world: World) -> None:
    await world.tell("/start")
    raw = world.api.updates.produced[-1]
    await handlers.apologise(world.application, raw, "7K3F")
    assert world.person.chat.last.html == (
        "Something went wrong on my side. Nothing was lost; the owner can look it up as <code>7K3F</code>."
    )


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param({"update_id": 1}, id="nothing-in-it"),
        pytest.param({"message": {"chat": None}}, id="no-chat"),
        pytest.param({"message": {"chat": {"id": "x"}}}, id="an-odd-chat"),
        pytest.param({"message": {"chat": {"id": 999_999}}}, id="an-unknown-chat"),
        pytest.param({"message": {"chat": {"id": 2**63}}}, id="a-chat-in-no-database"),
        pytest.param({"message": {"chat": {"id": True}}}, id="a-flag-for-a-chat"),
        pytest.param({"message": "text"}, id="an-odd-message"),
        pytest.param({"callback_query": {"from": {"id": 1}}}, id="a-press-without-message"),
    ],
)
async def test_odd_updates_are_apologised_for_to_nobody(world: World, raw: dict[str, Any]) -> None:
    await handlers.apologise(world.application, raw, "7K3F")
    assert world.person.chat.from_bot == []


async def test_a_press_that_cannot_be_handled_is_apologised_for_in_its_chat(world: World) -> None:
    await world.log_in()
    await world.tell("/logout")
    await world.press("Keep")
    raw = world.api.updates.produced[-1]
    await handlers.apologise(world.application, raw, "7K3F")
    assert "7K3F" in world.person.chat.last.text


async def test_an_update_that_concerns_nobody_is_passed_over(world: World) -> None:
    world.api.push_raw({"poll_answer": {"poll_id": "1", "option_ids": [], "option_persistent_ids": []}})
    await world.handle()


async def test_the_menu_has_eight_entries_in_the_order_of_use(world: World) -> None:
    bot: Bot = world.application.bot
    # In every language there is, which are more calls than Telegram takes at once.
    await world.let_time_pass_for(handlers.publish_commands(bot))
    menu = await world.let_time_pass_for(bot.get_my_commands())
    assert [(each.command, each.description) for each in menu] == [
        ("list", "Your files"),
        ("quota", "Your storage"),
        ("remote", "Let 1fichier fetch a link"),
        ("jobs", "What is running"),
        ("delete", "Delete by link"),
        ("settings", "Folder, language, sounds"),
        ("login", "Give or renew your key"),
        ("help", "How it works"),
    ]
    description = await world.let_time_pass_for(bot.get_my_short_description())
    assert description.short_description == (
        "Your files from Telegram to your 1fichier account, with the links."
    )
    for language, beginning in (
        (None, "Send or forward me files"),
        ("fr", "Envoyez-moi ou transférez-moi des fichiers"),
    ):
        long = await world.let_time_pass_for(bot.get_my_description(language_code=language))
        assert long.description.startswith(beginning)
        assert len(long.description) <= BotDescriptionLimit.MAX_DESCRIPTION_LENGTH


def test_no_command_is_there_twice() -> None:
    assert len({command.name for command in COMMANDS}) == len(COMMANDS)


async def test_a_file_of_somebody_is_not_in_the_list_of_another(world: World) -> None:
    await world.log_in()
    file = IncomingFile(world.person.id, 500, "f", "u", "document", "a", "a.bin", 5)
    await world.services.uploads.accept(world.person.id, file, sent_at=world.clock.now())
    eve = world.somebody()
    eve.say("/jobs")
    await world.handle()
    assert eve.chat.last.text == "Nothing is running."
