"""/list: folders and files as pages of buttons, and what is called so in the whole account."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from telegram import Update

from handlers.account_names import account_names
from handlers.buttons import Action
from handlers.command import ButtonCallback, Command
from handlers.context import Context, message_of
from handlers.links import words_after_command
from handlers.list_text import Page, page_buttons, page_text
from handlers.places import Order, Place
from handlers.questions import ask_for_text, put_away
from handlers.texts import mark
from onefichier import NotFound
from storage import Account, Question, StoredFile

# The question that remembers what is looked for, and what is chosen. Nobody is to answer it.
LIST: Final = "list"
SEARCH_QUESTION: Final = "search"
# The pages of a list can be turned for so long; then it is looked for anew.
LIFETIME: Final = timedelta(days=1)
# Longer than any name.
LONGEST_SEARCH: Final = 250


class ListTooOld(Exception):
    """What was looked for or chosen is not known any more."""


async def list_files(update: Update, context: Context) -> None:
    """Show the main folder; with a text, what is called so anywhere."""
    message = message_of(update)
    await send_list(context, message.chat.id, words_after_command(message), context.reply_in_group(message))


async def turn_page(update: Update, context: Context) -> str | None:
    """Show another page or folder in the message that has the button."""
    message = message_of(update)
    place = Place.on(context.press) or Place()
    return await show_list(context, message.chat.id, message.message_id, place)


async def ask_for_words(update: Update, context: Context) -> None:
    """Ask what to look for."""
    t = context.t
    text = t("❓ What is it called? Part of the name will do, with or without accents.")
    chat_id = message_of(update).chat.id
    await ask_for_text(context, chat_id, SEARCH_QUESTION, {}, text, hint=t.plain("Part of a name"))


async def take_words(context: Context, question: Question, message_id: int, text: str) -> None:
    """Show what is called so."""
    in_group = question.chat_id != context.person.id
    await send_list(context, question.chat_id, text, message_id if in_group else None)
    await put_away(context, question)


async def show_list(context: Context, chat_id: int, message_id: int, place: Place) -> str | None:
    """Turn a message into a page of a list; returns a pop-up's text."""
    pop_up = None
    try:
        page = await load_page(context, place)
    except ListTooOld:
        return context.t.plain("That’s too old. Send /list again.")
    except NotFound:
        await context.services.folders.forget(await account_of_list(context, place), place.folder_id)
        pop_up = context.t.plain("This folder is no longer on 1fichier.")
        page = await load_page(context, Place(order=place.order))
    text = page_text(context.t, page, context.services.clock.now())
    await context.services.chats.edit(chat_id, message_id, text, keyboard=page_buttons(context.t, page))
    return pop_up


async def load_page(context: Context, place: Place) -> Page:
    """What there is to see at a place.

    Raises:
        ListTooOld: what was looked for or chosen is not known any more.
        OneFichierError: nothing is known of the folder, and 1fichier cannot be asked or says no.
    """
    subject = await list_subject(context, place)
    words, chosen = str(subject.get("words", "")), subject.get("chosen")
    account, services = await _account_of(context, place, subject), context.services
    names = await account_names(services, context.t, context.person.id)
    selected = None if chosen is None else frozenset(chosen)
    if words:
        found = await services.search.find(account, words)
        files, account_name = _sorted(found.files, place.order), names.get(account.id)
        page = Page(place, [], files, account_name, found=found, words=words, chosen=selected)
        _, shown = page.shown
        cards = await services.search.cards(account, shown)
        return replace(page, paths={card.folder_id: card.folder_path for card in cards})
    view = await services.files.folder(account, place.folder_id)
    # What is chosen are files; folders would only be in the way.
    folders = view.sub_folders if selected is None else []
    files = _sorted(view.files, place.order)
    return Page(place, folders, files, names.get(account.id), view=view, chosen=selected)


async def account_of_list(context: Context, place: Place) -> Account:
    """The one whose files are listed at a place.

    Raises:
        ListTooOld: what was looked for or chosen is not known any more.
    """
    return await _account_of(context, place, await list_subject(context, place))


async def _account_of(context: Context, place: Place, subject: Mapping[str, Any]) -> Account:
    account_id = subject.get("account")
    return await (context.own_account(account_id) if account_id else context.account_with(place.folder_id))


async def list_subject(context: Context, place: Place) -> Mapping[str, Any]:
    """What is remembered of a list; nothing of one that is only looked at."""
    if not place.list_id:
        return {}
    question = await context.services.questions.find(place.list_id, context.person.id)
    if question is None or question.kind != LIST:
        raise ListTooOld
    return question.subject


async def remember_list(context: Context, chat_id: int, subject: Mapping[str, Any]) -> int:
    """Remember what is looked for or chosen; returns the list's id."""
    services = context.services
    question = await services.questions.ask(
        context.person.id, chat_id, LIST, subject, now=services.clock.now(), lifetime=LIFETIME
    )
    await services.questions.answer(question.id)
    return question.id


async def send_list(context: Context, chat_id: int, said: str, reply_to: int | None) -> None:
    """Send a list: of the main folder, or of what is called so."""
    words = " ".join(said.split())[:LONGEST_SEARCH]
    account = await context.account()
    remembered = {"words": words, "account": account.id}
    list_id = await remember_list(context, chat_id, remembered) if words else 0
    page = await load_page(context, Place(list_id=list_id))
    await context.services.chats.send(
        chat_id,
        page_text(context.t, page, context.services.clock.now()),
        reply_to=reply_to,
        keyboard=page_buttons(context.t, page),
    )


def _sorted(files: Sequence[StoredFile], order: Order) -> Sequence[StoredFile]:
    """Files come newest first from a folder, and best first from a search, which is left as it is."""
    match order:
        case Order.NAME:
            return sorted(files, key=lambda file: file.name.casefold())
        case Order.LARGEST:
            return sorted(files, key=lambda file: -file.size)
        case Order.NEWEST:
            return files


BUTTONS: Final[dict[Action, ButtonCallback]] = {
    Action.FOLDER: turn_page,
    Action.SEARCH: ask_for_words,
}
LIST_FILES: Final = Command("list", "[TEXT]", mark("Your files"), list_files)
