"""Sending, editing, deleting: what Telegram may say to it."""

import pytest

from emulators.user import Group
from handlers.buttons import Action, button, keyboard
from handlers.chats import (
    Chats,
    ChatUnreachable,
    MessageGone,
    NotDeletable,
    RefusedByTelegram,
    SlowDown,
    Unsure,
)
from handlers.texts import Html
from storage import FactKind
from tests.handlers.world import World


@pytest.fixture
def chats(world: World) -> Chats:
    return world.services.chats


async def test_messages_are_silent_unless_they_should_ring(world: World, chats: Chats) -> None:
    await chats.send(world.person.id, Html("quiet"))
    await chats.send(world.person.id, Html("done"), ring=True)
    assert [message.text for message in world.person.chat.notifications] == ["done"]


async def test_links_have_no_preview(world: World, chats: Chats) -> None:
    await chats.send(world.person.id, Html("https://1fichier.com/?k3x9w0a1b2c3d4e5f6g7"))
    assert world.person.chat.last.payload["link_preview_options"] == {"is_disabled": True}


async def test_a_long_text_is_several_messages_of_which_one_rings(world: World, chats: Chats) -> None:
    asked = world.person.say("hello")
    markup = keyboard([button("Stop", Action.CANCEL_BATCH, 1)])
    text = Html("\n".join(["<b>" + "x" * 99 + "</b>"] * 100))
    last = await chats.send(world.person.id, text, reply_to=asked.id, keyboard=markup, ring=True)
    parts = world.person.chat.from_bot
    assert len(parts) == 3
    assert [part.silent for part in parts] == [False, True, True]
    assert [part.reply_to for part in parts] == [asked, None, None]
    assert [bool(part.buttons) for part in parts] == [False, False, True]
    assert parts[-1].id == last


async def test_a_reply_to_a_message_that_is_gone_is_sent_all_the_same(world: World, chats: Chats) -> None:
    asked = world.person.say("hello")
    world.person.delete(asked)
    await chats.send(world.person.id, Html("answer"), reply_to=asked.id)
    assert world.person.chat.last.reply_to is None


async def test_an_edit_replaces_text_and_keyboard(world: World, chats: Chats) -> None:
    markup = keyboard([button("Stop", Action.CANCEL_BATCH, 1)])
    message_id = await chats.send(world.person.id, Html("one"), keyboard=markup)
    await chats.edit(world.person.id, message_id, Html("<b>two</b>"))
    assert (world.person.chat.last.html, world.person.chat.last.buttons) == ("<b>two</b>", [])


async def test_an_edit_that_changes_nothing_is_fine(world: World, chats: Chats) -> None:
    message_id = await chats.send(world.person.id, Html("one"))
    await chats.edit(world.person.id, message_id, Html("one"))
    assert world.person.chat.last.edits == []


async def test_an_edit_that_grew_too_long_goes_on_below(world: World, chats: Chats) -> None:
    message_id = await chats.send(world.person.id, Html("one"))
    markup = keyboard([button("Stop", Action.CANCEL_BATCH, 1)])
    await chats.edit(world.person.id, message_id, Html("\n".join(["x" * 99] * 60)), keyboard=markup)
    first, second = world.person.chat.from_bot
    assert first.buttons == []
    assert second.has_button("Stop")
    assert f"{first.text}\n{second.text}" == "\n".join(["x" * 99] * 60)


async def test_what_is_gone_is_told_apart_from_what_stays(world: World, chats: Chats) -> None:
    message = world.person.say("hello")
    await chats.delete(world.person.id, message.id)
    assert message.deleted
    with pytest.raises(MessageGone) as raised:
        await chats.delete(world.person.id, message.id)
    assert not isinstance(raised.value, NotDeletable)
    with pytest.raises(MessageGone):
        await chats.edit(world.person.id, 999, Html("x"))
    old = world.person.say("hello")
    await world.clock.advance(49 * 3600)
    with pytest.raises(NotDeletable):
        await chats.delete(world.person.id, old.id)


async def test_a_reaction_is_put_and_one_to_nothing_is_no_matter(world: World, chats: Chats) -> None:
    message = world.person.say("hello")
    await chats.react(world.person.id, message.id, "👀")
    assert message.reactions == ["👀"]
    world.api.faults.add(
        method="setMessageReaction", status=400, description="Bad Request: message to react not found"
    )
    await chats.react(world.person.id, message.id, "👀")


@pytest.mark.parametrize("how", ["blocked", "deactivated", "never started"])
async def test_a_chat_out_of_reach_is_noted(world: World, chats: Chats, how: str) -> None:
    target = world.person.id
    if how == "blocked":
        world.person.block()
    elif how == "deactivated":
        world.person.deactivate()
    else:
        target = world.somebody().id
    with pytest.raises(ChatUnreachable):
        await chats.send(target, Html("x"))
    rows = await world.database.fetch_all("SELECT chat_id FROM unreachable_chat")
    assert [row["chat_id"] for row in rows] == [target]


@pytest.mark.parametrize(
    "description",
    ["Bad Request: chat not found", "Bad Request: not enough rights to send text messages to the chat"],
)
async def test_a_group_that_does_not_let_it_write_is_out_of_reach(
    world: World, chats: Chats, description: str
) -> None:
    world.api.faults.add(method="sendMessage", status=400, description=description)
    with pytest.raises(ChatUnreachable):
        await chats.send(world.person.id, Html("x"))


async def test_a_group_that_became_a_supergroup_is_followed(world: World, chats: Chats) -> None:
    await world.services.people.meet(world.person.id, "en", world.clock.now())
    group = Group(world.api, -500, "Friends", [world.person])
    now = world.clock.now()
    await world.services.outbox.put(world.person.id, -500, FactKind.PAUSED, 1, now=now)
    group.migrate(-1_000_000_000_777)
    await chats.send(-500, Html("found you"))
    assert group.chat.last.text == "found you"
    facts = await world.services.outbox.due(now, 10)
    assert [fact.chat_id for fact in facts] == [-1_000_000_000_777]


async def test_a_message_of_a_group_that_became_a_supergroup_is_left_behind_there(
    world: World, chats: Chats
) -> None:
    """Numbers begin anew in the new chat: another message may bear the same one there."""
    await world.services.people.meet(world.person.id, "en", world.clock.now())
    group = Group(world.api, -500, "Friends", [world.person])
    await chats.send(-500, Html("hello"))
    left_behind = await chats.send(-500, Html("status"))
    group.migrate(-1_000_000_000_777)
    untouched = await chats.send(group.chat.id, Html("result"))
    assert untouched == left_behind
    await world.clock.advance(1)
    with pytest.raises(MessageGone):
        await chats.edit(-500, left_behind, Html("changed"))
    with pytest.raises(MessageGone):
        await chats.delete(-500, left_behind)
    assert group.chat.last.text == "result"
    assert not group.chat.last.deleted
    await chats.send(-500, Html("answer"), reply_to=left_behind)
    assert group.chat.last.reply_to is None


async def test_a_short_rest_that_telegram_wants_is_waited_for(world: World, chats: Chats) -> None:
    world.api.faults.add(method="sendMessage", status=429, retry_after=7)
    begun = world.clock.elapsed
    await world.let_time_pass_for(chats.send(world.person.id, Html("x")))
    assert [each.text for each in world.person.chat.from_bot] == ["x"]
    assert 7 <= world.clock.elapsed - begun < 9


async def test_a_long_rest_that_telegram_wants_is_passed_on(
    world: World, chats: Chats, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    world.api.faults.add(status=429, retry_after=45, times=2)
    with pytest.raises(SlowDown) as raised:
        await chats.send(world.person.id, Html("x"))
    assert raised.value.seconds == 45
    # Nobody waits for a press so long.
    await chats.answer_press("1")
    assert "A press stays unanswered" in caplog.text


async def test_nothing_more_is_asked_during_a_rest(world: World, chats: Chats) -> None:
    other = world.somebody()
    other.say("hello")
    world.api.faults.add(method="sendMessage", status=429, retry_after=60)
    with pytest.raises(SlowDown):
        await chats.send(world.person.id, Html("x"))
    await world.clock.advance(20)
    with pytest.raises(SlowDown) as raised:
        await chats.send(world.person.id, Html("x"))
    assert raised.value.seconds == 40
    assert len(world.api.calls("sendMessage")) == 1
    await chats.send(other.id, Html("another chat is not concerned"))
    await world.clock.advance(40)
    await chats.send(world.person.id, Html("x"))
    assert world.person.chat.last.text == "x"


async def test_no_answer_is_not_taken_for_a_no(world: World, chats: Chats) -> None:
    world.api.faults.add(drop="after", times=2)
    with pytest.raises(Unsure):
        await chats.send(world.person.id, Html("x"))
    assert world.person.chat.last.text == "x"
    with pytest.raises(Unsure):
        await chats.answer_press("1")


async def test_what_telegram_never_takes_is_told_apart(world: World, chats: Chats) -> None:
    with pytest.raises(RefusedByTelegram, match="parse entities"):
        await chats.send(world.person.id, Html("<b>unclosed"))
    world.api.faults.add(method="answerCallbackQuery", status=400)
    with pytest.raises(RefusedByTelegram):
        await chats.answer_press("1")


async def test_answering_late_or_twice_does_no_harm(chats: Chats) -> None:
    await chats.answer_press("no-such-press", "x" * 500)
