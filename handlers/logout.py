"""Erasing everything that is known about a person."""

from typing import Final

from telegram import Update

from handlers.chats import SlowDown, Unsure
from handlers.command import Command
from handlers.context import Context, message_of
from handlers.questions import ask
from handlers.texts import Html, lines, mark
from storage import Question

QUESTION: Final = "logout"


async def logout(update: Update, context: Context) -> None:
    """Ask whether to erase it all."""
    message, t = message_of(update), context.t
    running = len(await context.services.transfers.active_of(context.person.id))
    stays = t("Your files on 1fichier stay where they are.")
    stop = t.n("{count} running upload will stop.", "{count} running uploads will stop.", running)
    await ask(
        context,
        message.chat.id,
        QUESTION,
        {},
        lines(
            t("❓ Erase your key and everything I know about you?"),
            t("{first} {second}", first=stop, second=stays) if running else stays,
        ),
        yes=t.plain("Erase"),
        no=t.plain("Keep"),
        danger=True,
        reply_to=context.reply_in_group(message),
    )


async def erase(context: Context, question: Question, yes: bool) -> str | None:  # noqa: FBT001 - an Answer
    """Erase, or say that nothing was."""
    t, services = context.t, context.services
    if not yes:
        await _say_instead(context, question, t("Nothing erased. Your key is still here."))
        return None
    await services.accounts.log_out(context.person.id)
    erased = mark("✅ Erased: your key, your list of uploads and your settings.")
    text = lines(
        t(erased), t("The key itself still exists at 1fichier; you can cancel it there. /login starts again.")
    )
    try:
        await _say_instead(context, question, text)
    except (SlowDown, Unsure):
        # A second try would not find the question any more.
        return t.plain(erased)
    return None


async def _say_instead(context: Context, question: Question, text: Html) -> None:
    if question.message_id is not None:
        await context.services.chats.edit(question.chat_id, question.message_id, text)


LOGOUT: Final = Command("logout", "", mark("Erase what I know of you"), logout, in_menu=False)
