"""Somebody else's file that has a password: asked for, and used once to copy it."""

from typing import Final

from telegram import Message, Update

from handlers.about_file import about_file, noted, pressed_link, remembered
from handlers.access import is_group
from handlers.buttons import Action, button, keyboard
from handlers.card import put_card
from handlers.command import ButtonCallback
from handlers.context import Context, message_of
from handlers.copy_to_mine import copied_note
from handlers.questions import ask, ask_for_text, put_away
from handlers.secret_messages import take_out
from handlers.texts import lines
from onefichier import Link
from storage import Question

QUESTION: Final = "foreign_password"
COPY_QUESTION: Final = "copy_protected"


async def offer_password(context: Context, message: Message, link: Link) -> None:
    """Say that there is one. In a group, others would read it."""
    t = context.t
    private = not is_group(message.chat)
    await context.services.chats.send(
        message.chat.id,
        lines(t("⚠️ This file has a password."), t("Its owner can tell it to you.")),
        reply_to=context.reply_in_group(message),
        keyboard=keyboard([button(t.plain("Enter password"), Action.FOREIGN_PASSWORD, link.id)])
        if private
        else None,
    )


@about_file
async def ask_for_password(update: Update, context: Context) -> None:
    """Have the person's next message be the password."""
    message, t = message_of(update), context.t
    text = lines(
        t("🔑 Send me the password of this file in your next message."),
        t("I’ll delete that message at once, and use it for this copy only."),
        t("Changed your mind? /cancel"),
    )
    subject = noted(pressed_link(context), None, None)
    await ask_for_text(context, message.chat.id, QUESTION, subject, text, hint=t.plain("Password"))


async def take_password(context: Context, question: Question, message_id: int, text: str) -> None:
    """Show what it guards, and ask whether that shall be copied."""
    t, (link, _, _) = context.t, remembered(question)
    deleted = await take_out(context, question.chat_id, message_id)
    password = text.strip()
    info = await context.services.copying.look(await context.account(), link, password)
    await ask(
        context,
        question.chat_id,
        COPY_QUESTION,
        {**noted(info.link, None, None), "password": password},
        lines(
            None
            if deleted
            else t("⚠️ I couldn’t delete your message: please delete it yourself, it shows the password."),
            t(
                "❓ Copy <b>{name}</b> · {size} to your account?",
                name=t.name(info.name),
                size=t.size(info.size),
            ),
            t("The copy is yours, without a password."),
        ),
        yes=t.plain("Copy to mine"),
        no=t.plain("No"),
    )
    await put_away(context, question)


async def copy(context: Context, question: Question, yes: bool) -> str | None:  # noqa: FBT001 - an Answer
    """Copy it, and turn the question into the card of the copy."""
    t, (link, _, _) = context.t, remembered(question)
    if question.message_id is None:
        return None
    if not yes:
        await context.services.chats.edit(question.chat_id, question.message_id, t("Nothing was copied."))
        return None
    password = question.subject["password"]
    copied = await context.services.copying.copy(await context.account(), link, password=password)
    await put_card(
        context, question.chat_id, copied.card, note=copied_note(t, copied), instead_of=question.message_id
    )
    return None


BUTTONS: Final[dict[Action, ButtonCallback]] = {Action.FOREIGN_PASSWORD: ask_for_password}
