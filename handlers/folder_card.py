"""A folder's card: renamed, moved, shared, deleted."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from telegram import InlineKeyboardMarkup, Update

from handlers.browse import show_list
from handlers.buttons import Action, button, copy_button, keyboard
from handlers.chats import MessageGone
from handlers.command import ButtonCallback
from handlers.context import Context, message_of
from handlers.folder_picker import ask_for_folder_name, choose_folder
from handlers.places import Place
from handlers.problems import problem_in_words
from handlers.questions import ask, ask_for_text, put_away
from handlers.texts import Html, Texts, lines, mark
from handlers.upload_folder import new_files_go_to
from storage import Question, StoredFolder
from transfers import ROOT, FolderContents, FolderGone, IntoItself, NameRefused, NotEmpty

SHARE: Final = "share_folder"
DELETE: Final = "delete_folder"
RENAME: Final = "rename_folder"
NEW: Final = "new_folder"
MOVE_PURPOSE: Final = "move_folder"


def _about_folder(
    callback: Callable[[Update, Context, int], Awaitable[str | None]],
) -> ButtonCallback:
    """A button about a folder: where that is gone, its parent is shown, and the press says so."""

    async def guarded(update: Update, context: Context) -> str | None:
        message, folder_id = message_of(update), context.press.number()
        try:
            return await callback(update, context, folder_id)
        except FolderGone:
            await show_list(context, message.chat.id, message.message_id, Place())
            return context.t.plain("This folder is no longer on 1fichier.")

    return guarded


async def open_card(update: Update, context: Context, folder_id: int) -> None:
    """Turn the page of a list into the folder's card."""
    message = message_of(update)
    await _show(context, message.chat.id, message.message_id, folder_id)


async def ask_name(update: Update, context: Context, folder_id: int) -> None:
    """Ask for another name."""
    await _ask_name(context, message_of(update).chat.id, message_of(update).message_id, folder_id)


async def take_name(context: Context, question: Question, message_id: int, text: str) -> None:  # noqa: ARG001 - a TextAnswer
    """Rename it, and show its card as it is then; a name that cannot be given is asked for again."""
    folder_id, card_id = question.subject["folder"], question.subject["card"]
    try:
        await context.services.folders.rename(await context.account_with(folder_id), folder_id, text)
    except NameRefused as error:
        await put_away(context, question)
        problem = problem_in_words(context.t, error)
        await _ask_name(context, question.chat_id, card_id, folder_id, problem=problem)
        return
    except FolderGone as error:
        await _say(context, question.chat_id, card_id, problem_in_words(context.t, error))
        return
    await _show(context, question.chat_id, card_id, folder_id)
    await put_away(context, question)


async def ask_new_name(update: Update, context: Context, folder_id: int) -> None:
    """Ask what a new folder in this one shall be called."""
    await _ask_new_name(context, message_of(update).chat.id, message_of(update).message_id, folder_id)


async def take_new_name(context: Context, question: Question, message_id: int, text: str) -> None:  # noqa: ARG001 - a TextAnswer
    """Make it, and show the list that has it."""
    parent_id, list_message = question.subject["folder"], question.subject["card"]
    try:
        await context.services.folders.make(await context.account_with(parent_id), parent_id, text)
    except NameRefused as error:
        await put_away(context, question)
        problem = problem_in_words(context.t, error)
        await _ask_new_name(context, question.chat_id, list_message, parent_id, problem=problem)
        return
    except FolderGone as error:
        await _say(context, question.chat_id, list_message, problem_in_words(context.t, error))
        return
    await show_list(context, question.chat_id, list_message, Place(parent_id))
    await put_away(context, question)


async def ask_where(update: Update, context: Context, folder_id: int) -> None:
    """Turn the card into the folders to choose from, without itself."""
    message, t = message_of(update), context.t
    account = await context.account_with(folder_id)
    contents = await context.services.folders.look_into(account, folder_id)
    await choose_folder(
        context,
        account,
        message.chat.id,
        MOVE_PURPOSE,
        {"folder": folder_id},
        t("❓ Where shall 📁 <b>{name}</b> go?", name=t.folder(contents.folder.name)),
        start=contents.folder.parent_id or ROOT,
        without=[folder_id],
        instead_of=message.message_id,
    )


async def put_into(context: Context, question: Question, folder: StoredFolder | None) -> str | None:
    """Move it, and show its card as it is then."""
    services, folder_id = context.services, question.subject["about"]["folder"]
    problem = None
    if folder is not None:
        try:
            await services.folders.move(await context.account_with(folder_id), folder_id, folder.folder_id)
        except (IntoItself, NameRefused) as error:
            problem = problem_in_words(context.t, error)
        except FolderGone:
            if await services.folders.known(await context.account_with(folder_id), folder_id) is not None:
                raise
            return await _list_instead(context, question)
    if question.message_id is not None:
        await _show(context, question.chat_id, question.message_id, folder_id, note=problem)
    return None


async def ask_to_share(update: Update, context: Context, folder_id: int) -> None:
    """Ask before everybody can see it."""
    t = context.t
    warning = t("Whoever has its link can see what is in it, also what you put there later.")
    await _ask_about_sharing(
        update,
        context,
        folder_id,
        mark("❓ Share 📁 <b>{name}</b>?"),
        warning,
        yes=t.plain("Share"),
        public=True,
    )


async def ask_to_stop(update: Update, context: Context, folder_id: int) -> None:
    """Ask before its link stops working."""
    t = context.t
    warning = t("Its link will stop working. The files keep theirs.")
    await _ask_about_sharing(
        update,
        context,
        folder_id,
        mark("❓ Stop sharing 📁 <b>{name}</b>?"),
        warning,
        yes=t.plain("Stop sharing"),
        public=False,
    )


async def share(context: Context, question: Question, yes: bool) -> str | None:  # noqa: FBT001 - an Answer
    """Share it, or stop that, and show its card as it is then."""
    folder_id, public = question.subject["folder"], question.subject["public"]
    if question.message_id is None:
        return None
    try:
        if yes:
            await context.services.folders.share(
                await context.account_with(folder_id), folder_id, public=public
            )
        await _show(context, question.chat_id, question.message_id, folder_id)
    except FolderGone:
        return await _list_instead(context, question)
    return None


async def ask_to_delete(update: Update, context: Context, folder_id: int) -> None:
    """Ask whether it shall go. One that is not empty is counted first, and asked about once more."""
    message, t = message_of(update), context.t
    contents = await context.services.folders.look_into(await context.account_with(folder_id), folder_id)
    name = t.folder(contents.folder.name)
    if contents.empty:
        text, yes = t("🗑 Delete the empty folder 📁 <b>{name}</b>?", name=name), t.plain("Delete")
    else:
        yes = t.plain("Count")
        text = lines(
            t("🗑 Delete 📁 <b>{name}</b> with all that is in it?", name=name),
            t("I count that first, and ask you once more."),
        )
    await ask(
        context,
        message.chat.id,
        DELETE,
        {"folder": folder_id, "empty": contents.empty},
        text,
        yes=yes,
        no=t.plain("Keep"),
        danger=contents.empty,
        instead_of=message.message_id,
    )


async def delete(context: Context, question: Question, yes: bool) -> str | None:  # noqa: FBT001 - an Answer
    """Delete an empty folder; have a full one counted, which the message then shows."""
    services, t, folder_id = context.services, context.t, question.subject["folder"]
    chat_id, message_id = question.chat_id, question.message_id
    if message_id is None:
        return None
    account = await context.account_with(folder_id)
    known = await services.folders.known(account, folder_id)
    if known is None:
        return await _list_instead(context, question)
    if not yes:
        await _show(context, chat_id, message_id, folder_id)
        return None
    if not question.subject["empty"]:
        await services.jobs.delete_folder(account, known, chat_id=chat_id, message_id=message_id)
        return None
    try:
        was_for_new_files = await services.folders.remove_empty(account, folder_id)
    except NotEmpty as error:
        await _show(context, chat_id, message_id, folder_id, note=problem_in_words(t, error))
        return None
    text = lines(
        t("✅ Deleted: 📁 <b>{name}</b>", name=t.folder(known.name)),
        new_files_go_to(t, "") if was_for_new_files else None,
    )
    back = button(t.plain("Back"), Action.FOLDER, *Place(known.parent_id or ROOT).values)
    await services.chats.edit(chat_id, message_id, text, keyboard=keyboard([back]))
    return None


async def _ask_about_sharing(
    update: Update, context: Context, folder_id: int, text: str, warning: Html, *, yes: str, public: bool
) -> None:
    message, t = message_of(update), context.t
    contents = await context.services.folders.look_into(await context.account_with(folder_id), folder_id)
    await ask(
        context,
        message.chat.id,
        SHARE,
        {"folder": folder_id, "public": public},
        lines(t(text, name=t.folder(contents.folder.name)), warning),
        yes=yes,
        no=t.plain("No"),
        instead_of=message.message_id,
    )


async def _show(
    context: Context, chat_id: int, message_id: int, folder_id: int, *, note: Html | None = None
) -> None:
    services = context.services
    account = await context.account_with(folder_id)
    contents = await services.folders.look_into(account, folder_id)
    path = await services.folders.path(account, folder_id)
    text = lines(_text(context.t, contents, path), note)
    markup = _buttons(context.t, contents.folder)
    try:
        await services.chats.edit(chat_id, message_id, text, keyboard=markup)
    except MessageGone:
        await services.chats.send(chat_id, text, keyboard=markup)


def _text(t: Texts, contents: FolderContents, path: str | None) -> Html:
    files = t.n("{count} file", "{count} files", contents.files)
    folders = t.n("{count} folder", "{count} folders", contents.folders)
    inside = t("{files}, {folders}", files=files, folders=folders) if contents.folders else files
    url = contents.folder.shared_url
    return lines(
        t("📁 <b>{name}</b>", name=t.folder(contents.folder.name)),
        t("{path}", path=t.path(path)),
        t("{inside} · {size}", inside=inside, size=t.size(contents.size)),
        t("Shared: {link}", link=url) if url else t("not shared"),
    )


def _buttons(t: Texts, folder: StoredFolder) -> InlineKeyboardMarkup | None:
    folder_id, url = folder.folder_id, folder.shared_url
    return keyboard(
        [
            copy_button(t.plain("Copy link"), url),
            button(t.plain("Stop sharing"), Action.UNSHARE_FOLDER, folder_id)
            if url
            else button(t.plain("Share"), Action.SHARE_FOLDER, folder_id),
        ],
        [
            button(t.plain("New folder"), Action.NEW_FOLDER, folder_id),
            button(t.plain("Rename"), Action.RENAME_FOLDER, folder_id),
            button(t.plain("Move"), Action.MOVE_FOLDER, folder_id),
        ],
        [button(t.plain("Back"), Action.FOLDER, *Place(folder_id).values)],
        [button(t.plain("Delete"), Action.DELETE_FOLDER, folder_id)],
    )


async def _ask_name(
    context: Context, chat_id: int, card_id: int, folder_id: int, *, problem: Html | None = None
) -> None:
    t = context.t
    folder = (
        await context.services.folders.look_into(await context.account_with(folder_id), folder_id)
    ).folder
    text = lines(
        problem,
        t("❓ What shall 📁 <b>{name}</b> be called?", name=t.folder(folder.name)),
        t("Changed your mind? /cancel"),
    )
    await ask_for_text(context, chat_id, RENAME, _noted(folder_id, card_id), text, hint=folder.name)


async def _ask_new_name(
    context: Context, chat_id: int, list_message: int, parent_id: int, *, problem: Html | None = None
) -> None:
    subject = _noted(parent_id, list_message)
    await ask_for_folder_name(context, chat_id, NEW, subject, parent_id, problem=problem)


def _noted(folder_id: int, card_id: int) -> dict[str, Any]:
    return {"folder": folder_id, "card": card_id}


async def _say(context: Context, chat_id: int, card_id: int, text: Html | None) -> None:
    back = button(context.t.plain("Back"), Action.FOLDER, *Place().values)
    await context.services.chats.edit(chat_id, card_id, text or Html(""), keyboard=keyboard([back]))


async def _list_instead(context: Context, question: Question) -> str:
    if question.message_id is not None:
        await show_list(context, question.chat_id, question.message_id, Place())
    return context.t.plain("This folder is no longer on 1fichier.")


BUTTONS: Final[dict[Action, ButtonCallback]] = {
    Action.FOLDER_CARD: _about_folder(open_card),
    Action.NEW_FOLDER: _about_folder(ask_new_name),
    Action.RENAME_FOLDER: _about_folder(ask_name),
    Action.MOVE_FOLDER: _about_folder(ask_where),
    Action.SHARE_FOLDER: _about_folder(ask_to_share),
    Action.UNSHARE_FOLDER: _about_folder(ask_to_stop),
    Action.DELETE_FOLDER: _about_folder(ask_to_delete),
}
