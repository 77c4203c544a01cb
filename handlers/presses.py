"""Pressed buttons: told apart, checked, run, and answered in one place."""

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from telegram import CallbackQuery, Message, Update

from handlers.access import is_group
from handlers.buttons import Action, Press, decode
from handlers.chats import MessageGone
from handlers.command import ButtonCallback
from handlers.context import Context, message_of
from handlers.questions import Answer
from handlers.topics import replied_to
from storage import Question

# What these are about is a row that knows its owner; the others show things, to whoever asked for the message.
_ABOUT_ROWS: Final = frozenset(
    {
        Action.CANCEL_TRANSFER,
        Action.CANCEL_BATCH,
        Action.STOP_REMOTE,
        Action.DELETE_ARRIVING,
        Action.SILENCE,
        Action.CANCEL_JOB,
        Action.CANCEL_DELIVERY,
        Action.CONFIRM_JOB,
        Action.SHARE_BATCH,
        Action.PICK,
        Action.PICK_THIS,
        Action.PICK_NEW,
        Action.TRY_AGAIN,
        Action.UPLOAD_AGAIN,
        Action.HELD,
        Action.LINKS_FILE,
        Action.AS_FILE,
        Action.YES,
        Action.NO,
    }
)


class Presses:
    """Runs what stands on the back of a button, and answers the press."""

    def __init__(self, buttons: Mapping[Action, ButtonCallback], answers: Mapping[str, Answer]) -> None:
        self._buttons = {**buttons, Action.YES: self._answered, Action.NO: self._answered}
        self._answers = answers

    async def handle(self, update: Update, context: Context) -> None:
        query = update.callback_query
        if query is None:
            raise AssertionError("registered only for presses")
        pop_up = await self._run(update, context, query)
        await context.services.chats.answer_press(query.id, pop_up or "")

    async def decline(self, context: Context, question: Question) -> None:
        """Answer an open question with no, as /cancel does."""
        answer = self._answers.get(question.kind)
        if answer is not None:
            with contextlib.suppress(MessageGone):
                await answer(context, question, False)  # noqa: FBT003 - an answer is a yes or a no
        await context.services.questions.answer(question.id)

    async def _run(self, update: Update, context: Context, query: CallbackQuery) -> str | None:
        press = decode(query.data or "")
        callback = self._buttons.get(press.action) if press else None
        if press is None or callback is None or _too_old_to_know(press, query):
            return too_old(context)
        if not _may_press(press, query):
            return not_yours(context)
        context.press = press
        return await callback(update, context)

    async def _answered(self, update: Update, context: Context) -> str | None:
        question = await open_question(context)
        if isinstance(question, str):
            return question
        if question.kind not in self._answers:
            return too_old(context)
        if question.message_id is None:
            # Telegram took the question, and we never learnt which message it became.
            question = replace(question, message_id=message_of(update).message_id)
        yes = context.press.action is Action.YES
        pop_up = await self._answers[question.kind](context, question, yes)
        # Last: were the process to die before, the press is handled again, and is repeatable.
        await context.services.questions.answer(question.id)
        return pop_up


async def open_question(context: Context) -> Question | str:
    """The question whose id stands first on the pressed button, or the pop-up that says why it cannot be answered."""
    questions, number = context.services.questions, context.press.number()
    question = await questions.find(number, context.person.id)
    if question is None:
        another = await questions.belongs_to_another(number, context.person.id)
        return not_yours(context) if another else too_old(context)
    if question.answered:
        return context.t.plain("Already done.")
    return question if question.until > context.services.clock.now() else too_old(context)


def too_old(context: Context) -> str:
    return context.t.plain("That’s too old. Send the command again.")


def not_yours(context: Context) -> str:
    return context.t.plain("This button isn’t yours.")


def _too_old_to_know(press: Press, query: CallbackQuery) -> bool:
    """In a group, a message that Telegram no longer shows does not tell whom it was for."""
    message = query.message
    if press.action in _ABOUT_ROWS or message is None or not is_group(message.chat):
        return message is None
    return not (isinstance(message, Message) and replied_to(message))


def _may_press(press: Press, query: CallbackQuery) -> bool:
    message = query.message
    if press.action in _ABOUT_ROWS or not isinstance(message, Message) or not is_group(message.chat):
        return True
    replied = replied_to(message)
    asked = replied.from_user if replied else None
    return asked is not None and asked.id == query.from_user.id
