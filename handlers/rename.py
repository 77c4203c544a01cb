"""Giving a file another name: from its card, or by command."""

from typing import Final

from telegram import Update

from handlers.about_file import about_file, noted, pressed_link, remembered, said_about, show_gone
from handlers.buttons import Action
from handlers.card import put_card
from handlers.command import ButtonCallback, Command
from handlers.context import Context, message_of
from handlers.places import Place
from handlers.problems import problem_in_words
from handlers.questions import ask_for_text, put_away
from handlers.result_text import renamed
from handlers.texts import Html, lines, mark
from onefichier import Link
from storage import Question
from transfers import FileCard, FileGone, NameRefused, checked_name, extension_in

QUESTION: Final = "rename"
_USAGE: Final = mark(
    "Send /rename, a 1fichier link and the new name, or reply with it to a message that has the link."
)


async def rename(update: Update, context: Context) -> None:
    """Rename the file of a link, asking for the name where none is said."""
    message = message_of(update)
    said = await said_about(context, message, _USAGE)
    if said is None:
        return
    link, name = said
    if not name:
        await _ask(context, message.chat.id, link, None, None)
        return
    card = await context.services.file_changes.rename(await context.account_for(link), link, name)
    await put_card(
        context,
        message.chat.id,
        card,
        note=_note(context, name, card),
        reply_to=context.reply_in_group(message),
    )


@about_file
async def rename_from_card(update: Update, context: Context) -> None:
    """Ask for the name."""
    message = message_of(update)
    place = Place.on(context.press, 1)
    await _ask(context, message.chat.id, pressed_link(context), place, message.message_id)


async def take_name(context: Context, question: Question, message_id: int, text: str) -> None:  # noqa: ARG001 - a TextAnswer
    """Rename, and show the card as it is now; a name that cannot be given is asked for again."""
    link, place, card_id = remembered(question)
    try:
        card = await context.services.file_changes.rename(await context.account_for(link), link, text)
    except NameRefused as error:
        await put_away(context, question)
        problem = problem_in_words(context.t, error)
        await _ask(context, question.chat_id, link, place, card_id, problem=problem)
        return
    except FileGone as error:
        await show_gone(context, question.chat_id, card_id, error, place)
        return
    note = _note(context, text, card)
    await put_card(context, question.chat_id, card, note=note, place=place, instead_of=card_id)
    await put_away(context, question)


async def _ask(
    context: Context,
    chat_id: int,
    link: Link,
    place: Place | None,
    card_id: int | None,
    *,
    problem: Html | None = None,
) -> None:
    t = context.t
    card = await context.services.file_changes.own(await context.account_for(link), link)
    ending = extension_in(card.name)
    text = lines(
        problem,
        t("❓ What shall <b>{name}</b> be called?", name=t.name(card.name)),
        t("Now: <code>{name}</code>", name=card.name),
        t("Without an extension it keeps {extension}", extension=ending) if ending else None,
        t("Changed your mind? /cancel"),
    )
    await ask_for_text(context, chat_id, QUESTION, noted(link, place, card_id), text, hint=card.name)


def _note(context: Context, said: str, card: FileCard) -> Html | None:
    """What 1fichier has made of the name, where that is not what was said."""
    return renamed(context.t, checked_name(said, extension_of=card.name), card.name)


BUTTONS: Final[dict[Action, ButtonCallback]] = {Action.RENAME: rename_from_card}
RENAME: Final = Command("rename", "LINK NAME", mark("Rename a file"), rename, in_menu=False, about_file=True)
