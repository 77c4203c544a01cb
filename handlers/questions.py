"""Questions with two buttons, asked in one way and answered in one place."""

import contextlib
from collections.abc import Callable, Coroutine, Mapping
from datetime import timedelta
from typing import Any, Final, TypeAlias

from telegram import InlineKeyboardButton

from handlers.buttons import Action, button, keyboard
from handlers.chats import DeliveryError, SlowDown
from handlers.context import Context
from handlers.names import shortened
from handlers.texts import Html
from storage import Question

# A day: a question about files is still understood then, and what it is about is looked up anew when answered.
LIFETIME: Final = timedelta(days=1)
# Afterwards a message is only a message again.
TYPED_WITHIN: Final = timedelta(minutes=10)
# Telegram shows no more in an input field.
LONGEST_HINT: Final = 64

Answer: TypeAlias = Callable[[Context, Question, bool], Coroutine[Any, Any, str | None]]
"""Acts on a yes (True) or a no, edits the message that asked (`question.chat_id`, `question.message_id`), and returns a
pop-up's plain text or None. It may run twice after a crash, so a yes must be repeatable."""

TextAnswer: TypeAlias = Callable[[Context, Question, int, str], Coroutine[Any, Any, None]]
"""Takes the text of the message with that id as the answer."""


async def ask(
    context: Context,
    chat_id: int,
    kind: str,
    subject: Mapping[str, Any],
    text: Html,
    *,
    yes: str,
    no: str,
    danger: bool = False,
    other: Callable[[int], InlineKeyboardButton] | None = None,
    reply_to: int | None = None,
    instead_of: int | None = None,
) -> Question:
    """Ask, in a new message or by editing `instead_of`. `kind` names the `Answer`; `subject` must fit JSON.

    `yes` and `no` are the buttons' plain texts; `danger` makes yes red. `other` makes a third button, below them, of the
    question's id.
    """
    services = context.services
    question = await services.questions.ask(
        context.person.id, chat_id, kind, subject, now=services.clock.now(), lifetime=LIFETIME
    )
    markup = keyboard(
        [button(yes, Action.YES, question.id, danger=danger), button(no, Action.NO, question.id)],
        [other(question.id) if other else None],
    )
    try:
        if instead_of is None:
            message_id = await services.chats.send(chat_id, text, reply_to=reply_to, keyboard=markup)
        else:
            message_id = instead_of
            await services.chats.edit(chat_id, message_id, text, keyboard=markup)
    except SlowDown:
        # It is asked anew when the update is taken up again.
        await services.questions.withdraw(question.id)
        raise
    await services.questions.placed(question.id, message_id)
    return question


async def ask_for_text(
    context: Context, chat_id: int, kind: str, subject: Mapping[str, Any], text: Html, *, hint: str
) -> None:
    """Have the next plain message taken by the `TextAnswer` of `kind`; `hint` (plain) shows in the input field."""
    services = context.services
    question = await services.questions.ask(
        context.person.id,
        chat_id,
        kind,
        subject,
        now=services.clock.now(),
        lifetime=TYPED_WITHIN,
        awaits_text=True,
    )
    message_id = await services.chats.send(chat_id, text, field_hint=shortened(hint, LONGEST_HINT))
    await services.questions.placed(question.id, message_id)


async def put_away(context: Context, question: Question) -> None:
    """Delete the message that asked for a text: what became of it shows elsewhere."""
    if question.message_id is not None:
        with contextlib.suppress(DeliveryError):
            await context.services.chats.delete(question.chat_id, question.message_id)
