"""Putting a file into another folder: from its card, or by command."""

from typing import Final

from telegram import Update

from handlers.about_file import about_file, noted, pressed_link, said_about, show_gone
from handlers.buttons import Action
from handlers.card import put_card
from handlers.command import ButtonCallback, Command
from handlers.context import Context, message_of
from handlers.folder_picker import choose_folder
from handlers.places import Place
from handlers.texts import mark
from onefichier import Link
from storage import Question, StoredFolder
from transfers import ROOT, FileGone

PURPOSE: Final = "move_file"
_USAGE: Final = mark("Send /move and a 1fichier link, or reply with it to a message that has the link.")


async def move(update: Update, context: Context) -> None:
    """Ask which folder the file of a link shall go to."""
    message = message_of(update)
    said = await said_about(context, message, _USAGE)
    if said is not None:
        await _ask(context, message.chat.id, said[0], None, reply_to=context.reply_in_group(message))


@about_file
async def move_from_card(update: Update, context: Context) -> None:
    """Turn the card into the folders to choose from."""
    message = message_of(update)
    place = Place.on(context.press, 1)
    await _ask(context, message.chat.id, pressed_link(context), place, instead_of=message.message_id)


async def put_into(context: Context, question: Question, folder: StoredFolder | None) -> str | None:
    """Move it, and show the card as it is then; the card again where the person would rather not."""
    services, about = context.services, question.subject["about"]
    link = Link(*about["link"])
    place = Place.of(about["place"]) if about["place"] is not None else None
    account = await context.account_for(link)
    try:
        if folder is None:
            card = await services.file_changes.own(account, link)
        else:
            card = await services.file_changes.move(account, link, folder.folder_id)
    except FileGone as error:
        await show_gone(context, question.chat_id, question.message_id, error, place)
        return context.t.plain("This file is no longer on 1fichier.")
    await put_card(context, question.chat_id, card, place=place, instead_of=question.message_id)
    return None


async def _ask(
    context: Context,
    chat_id: int,
    link: Link,
    place: Place | None,
    *,
    reply_to: int | None = None,
    instead_of: int | None = None,
) -> None:
    account = await context.account_for(link)
    card = await context.services.file_changes.own(account, link)
    await choose_folder(
        context,
        account,
        chat_id,
        PURPOSE,
        noted(card.link, place, None),
        context.t("❓ Where shall <b>{name}</b> go?", name=context.t.name(card.name)),
        start=card.folder_id or ROOT,
        reply_to=reply_to,
        instead_of=instead_of,
    )


BUTTONS: Final[dict[Action, ButtonCallback]] = {Action.MOVE: move_from_card}
MOVE: Final = Command(
    "move", "LINK", mark("Move a file to another folder"), move, in_menu=False, about_file=True
)
