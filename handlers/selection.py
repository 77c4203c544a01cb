"""Several files of a list at once: chosen one by one or all of them, then deleted, moved, linked or shared together."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, TypeAlias

from telegram import Update

from handlers.browse import ListTooOld, account_of_list, list_subject, load_page, remember_list, show_list
from handlers.buttons import Action, copy_button, keyboard
from handlers.command import ButtonCallback
from handlers.context import Context, message_of
from handlers.delete import ask_to_delete
from handlers.folder_picker import choose_folder
from handlers.link_list import FILE_NAME, as_text, listed
from handlers.link_sharing import ask_to_share
from handlers.list_text import PAGE, Page
from handlers.places import Place
from handlers.texts import Html, Texts, lines
from onefichier import Link
from storage import Question, StoredFile, StoredFolder
from transfers import ROOT, NamedLink

PURPOSE: Final = "move_files"
# Whatever happens to them names every one of them, and so many names still fit one message.
MOST_CHOSEN: Final = 50

Deed: TypeAlias = Callable[[Update, Context, Page], Coroutine[Any, Any, str | None]]


async def begin(update: Update, context: Context) -> str | None:
    """Have files of the list chosen. Folders step aside, so the page is that of the same files."""
    place = Place.on(context.press) or Place()
    try:
        page = await load_page(context, place)
    except ListTooOld:
        return _too_old(context)
    first = max(0, page.current * PAGE - len(page.folders)) // PAGE
    return await _show(update, context, place.at(first), [])


async def end(update: Update, context: Context) -> str | None:
    """Show the list again as it was."""
    place = Place.on(context.press) or Place()
    try:
        subject = await list_subject(context, place)
    except ListTooOld:
        return _too_old(context)
    chat_id, words = message_of(update).chat.id, subject.get("words")
    remembered = {"words": words, "account": subject.get("account")}
    list_id = await remember_list(context, chat_id, remembered) if words else 0
    there = Place(place.folder_id, place.page, list_id, place.order)
    return await show_list(context, chat_id, message_of(update).message_id, there)


async def toggle(update: Update, context: Context) -> str | None:
    """Choose a file, or not."""
    link_id, place = context.press.text(), Place.on(context.press, 1) or Place()
    try:
        subject = await list_subject(context, place)
    except ListTooOld:
        return _too_old(context)
    chosen = list(subject.get("chosen") or [])
    if link_id in chosen:
        chosen.remove(link_id)
    elif len(chosen) < MOST_CHOSEN:
        chosen.append(link_id)
    else:
        return _too_many(context)
    return await _show(update, context, place, chosen)


async def choose_all(update: Update, context: Context) -> str | None:
    """Choose every file of the list, on all of its pages; if all are, none."""
    place = Place.on(context.press) or Place()
    try:
        page = await load_page(context, place)
    except ListTooOld:
        return _too_old(context)
    everything = [file.link_id for file in page.files]
    chosen = [] if len(page.chosen_files) == min(len(everything), MOST_CHOSEN) else everything[:MOST_CHOSEN]
    pop_up = await _show(update, context, place, chosen)
    return pop_up or (_too_many(context) if chosen and len(everything) > MOST_CHOSEN else None)


async def delete(update: Update, context: Context, page: Page) -> None:
    """Ask whether they shall go, by name."""
    message = message_of(update)
    await ask_to_delete(
        context,
        message.chat.id,
        _named(page.chosen_files),
        place=page.here,
        in_list=True,
        instead_of=message.message_id,
    )


async def move(update: Update, context: Context, page: Page) -> None:
    """Turn the list into the folders to choose from, below the names."""
    message, t, files = message_of(update), context.t, page.chosen_files
    heading = lines(
        t.n("❓ Where shall this file go?", "❓ Where shall these {count} files go?", len(files)),
        *names_of(t, files),
    )
    about = {
        "files": [[file.link_id, file.link, file.name] for file in files],
        "place": list(page.here.values),
    }
    start = page.place.folder_id if page.view is not None else ROOT
    await choose_folder(
        context,
        await account_of_list(context, page.place),
        message.chat.id,
        PURPOSE,
        about,
        heading,
        start=start,
        instead_of=message.message_id,
    )


async def put_into(context: Context, question: Question, folder: StoredFolder | None) -> str | None:
    """Have them moved, which the message then shows; the list again where the person would rather not."""
    about, message_id = question.subject["about"], question.message_id
    if message_id is None:
        return None
    if folder is None:
        return await show_list(context, question.chat_id, message_id, Place.of(about["place"]) or Place())
    files = [NamedLink(Link(link_id, url), name) for link_id, url, name in about["files"]]
    account = await context.own_account(question.subject["account"])
    await context.services.jobs.move_files(
        account, files, folder, chat_id=question.chat_id, message_id=message_id
    )
    return None


async def show_links(update: Update, context: Context, page: Page) -> None:
    """Send their links, to be copied at once where they are few."""
    message, t, files = message_of(update), context.t, page.chosen_files
    chats, form = context.services.chats, context.person.preferences.links
    named = [(file.name, file.link) for file in files]
    everything = copy_button(t.plain("Copy all"), "\n".join(file.link for file in files))
    reply_to = context.reply_in_group(message)
    await chats.send(
        message.chat.id, lines(*listed(t, named, form)), reply_to=reply_to, keyboard=keyboard([everything])
    )
    if everything is None:
        content = as_text(named, form)
        await chats.send_document(message.chat.id, content, name=FILE_NAME, reply_to=reply_to)


async def share(update: Update, context: Context, page: Page) -> None:
    """Ask whether they shall get one link for all."""
    await ask_to_share(context, message_of(update), _named(page.chosen_files))


def names_of(t: Texts, files: Sequence[StoredFile]) -> list[Html]:
    return [t("• <b>{name}</b>", name=t.name(file.name)) for file in files]


def _with_the_chosen(deed: Deed) -> ButtonCallback:
    """Files that have gone since are not among them; without any, nothing is done."""

    async def pressed(update: Update, context: Context) -> str | None:
        place, message = Place.on(context.press) or Place(), message_of(update)
        try:
            page = await load_page(context, place)
        except ListTooOld:
            return _too_old(context)
        if not page.chosen_files:
            await show_list(context, message.chat.id, message.message_id, place)
            return context.t.plain("Choose a file first.")
        return await deed(update, context, page)

    return pressed


async def _show(update: Update, context: Context, place: Place, chosen: Sequence[str]) -> str | None:
    """Remember what is chosen, and show it."""
    message, services = message_of(update), context.services
    try:
        subject = await list_subject(context, place)
    except ListTooOld:
        return _too_old(context)
    if place.list_id:
        await services.questions.change(place.list_id, context.person.id, {**subject, "chosen": list(chosen)})
    else:
        account = await account_of_list(context, place)
        remembered = {**subject, "account": account.id, "chosen": list(chosen)}
        list_id = await remember_list(context, message.chat.id, remembered)
        place = Place(place.folder_id, place.page, list_id, place.order)
    return await show_list(context, message.chat.id, message.message_id, place)


def _named(files: Sequence[StoredFile]) -> list[NamedLink]:
    return [NamedLink(Link(file.link_id, file.link), file.name, file.size) for file in files]


def _too_old(context: Context) -> str:
    return context.t.plain("That’s too old. Send /list again.")


def _too_many(context: Context) -> str:
    t = context.t
    return t.plain("I take {most} files at most at once.", most=t.number(MOST_CHOSEN))


BUTTONS: Final[dict[Action, ButtonCallback]] = {
    Action.SELECT: begin,
    Action.DESELECT: end,
    Action.TOGGLE: toggle,
    Action.SELECT_ALL: choose_all,
    Action.SELECTED_DELETE: _with_the_chosen(delete),
    Action.SELECTED_MOVE: _with_the_chosen(move),
    Action.SELECTED_LINKS: _with_the_chosen(show_links),
    Action.SELECTED_SHARE: _with_the_chosen(share),
}
