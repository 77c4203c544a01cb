from typing import Any

import pytest

from emulators.botapi import BotApi
from emulators.user import Group, Person
from tests.emulators.botapi.calling import Caller, Clock

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)
KEYBOARD = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}


async def send(call: Caller, text: str = "x", **more: Any) -> int:
    answer = await call("sendMessage", chat_id=42, text=text, **more)
    return int(answer.result["message_id"])


async def test_both_sides_share_one_row_of_numbers(call: Caller, ada: Person) -> None:
    first = await send(call)
    assert ada.say("y").id == first + 1


async def test_a_message_is_seen_with_all_it_was_sent_with(call: Caller, ada: Person) -> None:
    asked = ada.say("question")
    await send(
        call,
        "<b>x</b>",
        parse_mode="HTML",
        disable_notification=True,
        protect_content=True,
        link_preview_options={"is_disabled": True},
        reply_parameters={"message_id": asked.id, "quote": "quest"},
    )
    seen = ada.chat.last
    assert (seen.html, seen.text, seen.silent, seen.protected) == ("<b>x</b>", "x", True, True)
    assert seen.reply_to is asked
    assert seen.date.timestamp() == ada.api.now()
    assert ada.chat.notifications == []


@pytest.mark.parametrize("deleted", [True, False], ids=["deleted", "never-there"])
async def test_a_reply_needs_its_target(deleted: bool, call: Caller, ada: Person) -> None:
    message = ada.say("x")
    if deleted:
        ada.delete(message)
    target = {"message_id": message.id if deleted else 999}
    answer = await call("sendMessage", chat_id=42, text="y", reply_parameters=target)
    assert answer.error == (400, "Bad Request: message to be replied not found")
    await send(call, reply_parameters=target | {"allow_sending_without_reply": True})
    assert ada.chat.last.reply_to is None


async def test_a_quote_must_stand_in_the_target(call: Caller, ada: Person) -> None:
    asked = ada.say("question")
    reply = {"message_id": asked.id, "quote": "answer"}
    answer = await call("sendMessage", chat_id=42, text="y", reply_parameters=reply)
    assert answer.error == (400, "Bad Request: QUOTE_TEXT_INVALID")


async def test_an_edit_replaces_text_and_keyboard_and_keeps_what_was(call: Caller, ada: Person) -> None:
    number = await send(call, "one", reply_markup=KEYBOARD)
    await call("editMessageText", chat_id=42, message_id=number, text="<i>two</i>", parse_mode="HTML")
    seen = ada.chat.last
    assert (seen.html, seen.buttons) == ("<i>two</i>", [])
    (edit,) = seen.edits
    assert (edit.text, edit.buttons[0][0].data) == ("one", "b")
    await call("editMessageReplyMarkup", chat_id=42, message_id=number, reply_markup=KEYBOARD)
    assert (seen.html, seen.button("a").data) == ("<i>two</i>", "b")
    assert len(ada.chat.notifications) == 1


async def test_an_edit_without_a_change_is_refused(call: Caller, ada: Person) -> None:
    number = await send(call, "one", reply_markup=KEYBOARD)
    same = await call("editMessageText", chat_id=42, message_id=number, text=" one ", reply_markup=KEYBOARD)
    assert same.error == (400, NOT_MODIFIED)
    same = await call("editMessageReplyMarkup", chat_id=42, message_id=number, reply_markup=KEYBOARD)
    assert same.error == (400, NOT_MODIFIED)


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        pytest.param({}, "chat_id is empty", id="no-chat"),
        pytest.param({"chat_id": 42}, "message identifier is not specified", id="no-message"),
        pytest.param(
            {"chat_id": 42, "message_id": 99, "text": "x"}, "message to edit not found", id="unknown"
        ),
        pytest.param(
            {"chat_id": 42, "message_id": 1, "text": "x"}, "message can't be edited", id="not-its-own"
        ),
        pytest.param({"chat_id": 42, "message_id": 2}, "message text is empty", id="no-text"),
        pytest.param({"chat_id": 42, "message_id": 2, "text": ""}, "message text is empty", id="empty-text"),
    ],
)
async def test_edits_that_are_refused(
    parameters: dict[str, Any], reason: str, call: Caller, ada: Person
) -> None:
    assert await send(call) == 2
    assert (await call("editMessageText", **parameters)).error == (400, f"Bad Request: {reason}")


async def test_a_document_has_no_text_to_edit(call: Caller, ada: Person) -> None:
    photo = ada.send_file(name="a.txt")
    file_id = photo.payload["document"]["file_id"]
    sent = (await call("sendDocument", chat_id=42, document=file_id)).result
    answer = await call("editMessageText", chat_id=42, message_id=sent["message_id"], text="x")
    assert answer.error == (400, "Bad Request: there is no text in the message to edit")


async def test_in_private_both_sides_messages_can_be_deleted_once(call: Caller, ada: Person) -> None:
    incoming = ada.say("secret")
    number = await send(call)
    for message_id in (incoming.id, number):
        assert (await call("deleteMessage", chat_id=42, message_id=message_id)).result is True
        gone = await call("deleteMessage", chat_id=42, message_id=message_id)
        assert gone.error == (400, "Bad Request: message to delete not found")
    assert incoming.deleted
    assert [message.text for message in ada.chat.visible] == ["/start"]
    edit = await call("editMessageText", chat_id=42, message_id=number, text="y")
    assert edit.error == (400, "Bad Request: message to edit not found")


async def test_after_48_hours_nothing_is_deleted(call: Caller, ada: Person, clock: Clock) -> None:
    number = await send(call)
    clock.advance(48 * 3600)
    answer = await call("deleteMessage", chat_id=42, message_id=number)
    assert answer.error == (400, "Bad Request: message can't be deleted for everyone")


async def test_deleting_many_skips_what_is_not_there(call: Caller, ada: Person) -> None:
    numbers = [await send(call), await send(call)]
    assert (await call("deleteMessages", chat_id=42, message_ids=[*numbers, 999])).result is True
    assert [message.text for message in ada.chat.visible] == ["/start"]
    none = await call("deleteMessages", chat_id=42, message_ids=[])
    assert none.error == (400, "Bad Request: message identifiers are not specified")
    many = await call("deleteMessages", chat_id=42, message_ids=list(range(101)))
    assert many.error == (400, "Bad Request: too many messages to delete")


@pytest.mark.parametrize("is_admin", [True, False], ids=["administrator", "member"])
async def test_in_a_group_only_an_administrator_deletes_other_peoples_messages(
    is_admin: bool, api: BotApi, call: Caller, ada: Person
) -> None:
    group = Group(api, -5, "Family", [ada], bot_is_admin=is_admin)
    message = ada.in_group(group).say("/help")
    answer = await call("deleteMessage", chat_id=-5, message_id=message.id)
    assert answer.body["ok"] == message.deleted == is_admin


@pytest.mark.parametrize(
    ("chat_id", "status", "reason"),
    [
        pytest.param(7, 403, "Forbidden: bot can't initiate conversation with a user", id="never-started"),
        pytest.param(8, 403, "Forbidden: bot was blocked by the user", id="blocked"),
        pytest.param(9, 403, "Forbidden: user is deactivated", id="deactivated"),
        pytest.param(-1, 403, "Forbidden: bot was kicked from the group chat", id="kicked"),
        pytest.param(-2, 403, "Forbidden: bot is not a member of the group chat", id="left"),
        pytest.param(-3, 400, "Bad Request: group chat was upgraded to a supergroup chat", id="migrated"),
        pytest.param("@nobody", 400, "Bad Request: chat not found", id="unknown-name"),
    ],
)
async def test_chats_that_cannot_be_reached(
    chat_id: int | str, status: int, reason: str, api: BotApi, call: Caller, ada: Person
) -> None:
    Person(api, user_id=7, first_name="New")
    blocking = Person(api, user_id=8, first_name="Bob")
    blocking.say("/start")
    blocking.block()
    Person(api, user_id=9, first_name="Gone").deactivate()
    Group(api, -1, "A", [ada]).remove_bot()
    Group(api, -2, "B", [ada])
    await call("leaveChat", chat_id=-2)
    Group(api, -3, "C", [ada]).migrate(-1_000_000_000_003)
    for method in ("sendMessage", "editMessageText", "sendChatAction"):
        extra: dict[str, Any] = {"action": "typing"} if method == "sendChatAction" else {"text": "x"}
        extra |= {"message_id": 1} if method == "editMessageText" else {}
        answer = await call(method, chat_id=chat_id, **extra)
        assert answer.error == (status, reason)
        moved_to = answer.body.get("parameters", {}).get("migrate_to_chat_id")
        assert moved_to == (-1_000_000_000_003 if chat_id == -3 else None)


async def test_actions_drafts_and_reactions_are_seen(call: Caller, ada: Person) -> None:
    await call("sendChatAction", chat_id=42, action="upload_document")
    assert [action.action for action in ada.chat.actions] == ["upload_document"]
    wrong = await call("sendChatAction", chat_id=42, action="dance")
    assert wrong.error == (400, "Bad Request: wrong parameter action in request")
    await call("sendMessageDraft", chat_id=42, draft_id=3, text="<b>wri</b>", parse_mode="HTML")
    assert ada.chat.drafts == {3: "wri"}
    nameless = await call("sendMessageDraft", chat_id=42, draft_id=0, text="x")
    assert nameless.error == (400, "Bad Request: draft identifier must be non-zero")
    message = ada.say("x")
    await call(
        "setMessageReaction", chat_id=42, message_id=message.id, reaction=[{"type": "emoji", "emoji": "👍"}]
    )
    assert message.reactions == ["👍"]
    paid = await call("setMessageReaction", chat_id=42, message_id=message.id, reaction=[{"type": "paid"}])
    assert paid.error == (400, "Bad Request: REACTION_INVALID")
    unknown = await call("setMessageReaction", chat_id=42, message_id=999)
    assert unknown.error == (400, "Bad Request: message to react not found")


async def test_chats_and_members_are_described(api: BotApi, call: Caller, ada: Person) -> None:
    group = Group(api, -5, "Family", [ada], bot_is_admin=True)
    assert (await call("getChat", chat_id=-5)).result["title"] == "Family"
    statuses = [
        (await call("getChatMember", chat_id=-5, user_id=user_id)).result["status"]
        for user_id in (42, api.bot["id"])
    ]
    assert statuses == ["member", "administrator"]
    assert (await call("getChatMember", chat_id=-5, user_id=1)).error == (
        400,
        "Bad Request: member not found",
    )
    group.remove_bot()
    banned = (await call("getChatMember", chat_id=-5, user_id=api.bot["id"])).result
    assert banned["status"] == "kicked"
    private = await call("leaveChat", chat_id=42)
    assert private.error[1] == "Bad Request: chat member status can't be changed in private chats"


async def test_commands_and_descriptions_are_kept_by_scope_and_language(api: BotApi, call: Caller) -> None:
    commands = [{"command": "help", "description": "Help"}]
    scope = {"type": "all_private_chats"}
    await call("setMyCommands", commands=commands, scope=scope, language_code="fr")
    assert (await call("getMyCommands", scope=scope, language_code="fr")).result == commands
    assert (await call("getMyCommands")).result == []
    await call("deleteMyCommands", scope=scope, language_code="fr")
    assert (await call("getMyCommands", scope=scope, language_code="fr")).result == []
    await call("setMyDescription", description="Long")
    await call("setMyShortDescription", short_description="Short")
    assert (await call("getMyDescription")).result == {"description": "Long"}
    assert (await call("getMyShortDescription")).result == {"short_description": "Short"}


async def test_a_person_is_offered_the_narrowest_commands_that_were_set(
    api: BotApi, call: Caller, ada: Person
) -> None:
    group = Group(api, -5, "Family", [ada])
    steps: list[tuple[str, dict[str, Any], str, list[str]]] = [
        ("all", {}, "", ["all", "all"]),
        ("private", {"type": "all_private_chats"}, "", ["private", "all"]),
        ("prive", {"type": "all_private_chats"}, "fr", ["prive", "all"]),
        ("groups", {"type": "all_group_chats"}, "", ["prive", "groups"]),
        ("family", {"type": "chat", "chat_id": -5}, "", ["prive", "family"]),
        ("hers", {"type": "chat_member", "chat_id": -5, "user_id": 42}, "", ["prive", "hers"]),
    ]
    for name, scope, language, expected in steps:
        commands = [{"command": name, "description": name}]
        await call(
            "setMyCommands", commands=commands, language_code=language, **({"scope": scope} if scope else {})
        )
        menus = [api.profile.menu(chat, ada.id, "fr") for chat in (ada.chat, group.chat)]
        assert [menu[0]["command"] for menu in menus] == expected


async def test_an_empty_chat_shows_the_description_or_the_short_one(api: BotApi, call: Caller) -> None:
    assert api.profile.introduction("fr") == ""
    await call("setMyShortDescription", short_description="Short")
    assert api.profile.introduction("fr") == "Short"
    await call("setMyDescription", description="Long")
    await call("setMyDescription", description="Longue", language_code="fr")
    assert (api.profile.introduction("fr"), api.profile.introduction("de")) == ("Longue", "Long")


@pytest.mark.parametrize(
    ("method", "parameters", "reason"),
    [
        pytest.param("setMyCommands", {"commands": [{"command": "Help", "description": "x"}]}, "BOT_COMMAND_INVALID", id="capital"),
        pytest.param("setMyCommands", {"commands": [{"command": "help", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID", id="not-described"),
        pytest.param("setMyCommands", {"commands": [{"command": "help", "description": "x"}] * 101}, "BOT_COMMANDS_TOO_MUCH", id="101-commands"),
        pytest.param("setMyCommands", {"commands": [], "language_code": "french"}, "invalid language code specified", id="language"),
        pytest.param("setMyDescription", {"description": "x" * 513}, "BOT_DESCRIPTION_TOO_LONG", id="description"),
        pytest.param("setMyShortDescription", {"short_description": "x" * 121}, "BOT_SHORT_DESCRIPTION_TOO_LONG", id="short-description"),
    ],
)  # fmt: skip
async def test_profiles_that_are_refused(
    method: str, parameters: dict[str, Any], reason: str, call: Caller
) -> None:
    assert (await call(method, **parameters)).error == (400, f"Bad Request: {reason}")
