"""Plain messages: an answer to a question, a link, or something that nobody knows what to do with."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, TypeAlias

from telegram import Message, Update

from handlers.context import Context, message_of
from handlers.questions import TextAnswer

TextTaker: TypeAlias = Callable[[Update, Context], Coroutine[Any, Any, bool]]
"""Looks at a plain text, and returns True when it has dealt with it."""

# What a person can send that is neither text nor a file; service messages, such as a pinned one, are not among them.
_NO_FILES: Final = (
    "contact",
    "poll",
    "location",
    "venue",
    "dice",
    "game",
    "story",
    "checklist",
    "invoice",
    "giveaway",
    "paid_media",
)


class PlainTexts:
    """Gives a plain text to whom it may concern: an open question first, then each taker in turn."""

    def __init__(self, answers: Mapping[str, TextAnswer], takers: Sequence[TextTaker]) -> None:
        self._answers = answers
        self._takers = takers

    async def handle(self, update: Update, context: Context) -> None:
        message = message_of(update)
        # A forwarded post is nobody's answer, least of all a key; nor is a file that was picked in inline mode.
        is_own = message.forward_origin is None and message.via_bot is None
        if is_own and await self._answered(context, message):
            return
        for take in self._takers:
            if await take(update, context):
                return
        text = context.t("I didn’t get that. Send me a file or a link, or see /help")
        await context.services.chats.send(message.chat.id, text, reply_to=context.reply_in_group(message))

    async def _answered(self, context: Context, message: Message) -> bool:
        questions = context.services.questions
        now = context.services.clock.now()
        question = await questions.awaiting_text(context.person.id, message.chat.id, now)
        if question is None or question.kind not in self._answers:
            return False
        await self._answers[question.kind](context, question, message.message_id, message.text or "")
        # Last: were the process to die before, the message is handled again.
        await questions.answer(question.id)
        return True


async def unknown_command(update: Update, context: Context) -> None:
    """Answer a command that does not exist."""
    t, message = context.t, message_of(update)
    text = t("I don’t know that command. /help shows what I can do.")
    await context.services.chats.send(message.chat.id, text, reply_to=context.reply_in_group(message))


async def no_file(update: Update, context: Context) -> None:
    """Answer what is neither text nor a file, and pass over what Telegram itself says in a chat."""
    message = message_of(update)
    if any(getattr(message, kind, None) for kind in _NO_FILES):
        text = context.t("That isn’t a file, so there’s nothing to upload.")
        await context.services.chats.send(message.chat.id, text, reply_to=context.reply_in_group(message))
