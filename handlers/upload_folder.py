"""The folder that new files go to."""

from typing import Final

from telegram import InlineKeyboardButton, Update

from handlers.account_names import account_names
from handlers.buttons import Action, button, keyboard
from handlers.command import ButtonCallback
from handlers.context import Context, message_of
from handlers.folder_picker import choose_folder
from handlers.texts import Html, Texts
from storage import Account, Question, StoredFolder

PURPOSE: Final = "upload_folder"


async def choose_upload_folder(update: Update, context: Context) -> None:
    """Turn the message that has the button into the folders to choose from."""
    message = message_of(update)
    await ask_for_upload_folder(context, message.chat.id, PURPOSE, instead_of=message.message_id)


async def ask_for_upload_folder(
    context: Context,
    chat_id: int,
    purpose: str,
    *,
    reply_to: int | None = None,
    instead_of: int | None = None,
) -> None:
    """`purpose`: of the `FolderAnswer` that shows what was chosen, such as a page of settings."""
    account = await context.account()
    heading = context.t("❓ Which folder shall new files go to?")
    await choose_folder(
        context,
        account,
        chat_id,
        purpose,
        {},
        heading,
        start=account.folder_id,
        reply_to=reply_to,
        instead_of=instead_of,
    )


async def show_chosen(context: Context, question: Question, folder: StoredFolder | None) -> None:
    """Have new files go there, and say so; nothing changes where the person would rather not."""
    t = context.t
    account = await use_folder(context, question, folder)
    if question.message_id is not None and account is not None:
        names = await account_names(context.services, t, context.person.id)
        await context.services.chats.edit(
            question.chat_id,
            question.message_id,
            new_files_go_to(t, account.folder_name, names.get(account.id)),
            keyboard=keyboard([change_button(t)]),
        )


async def use_folder(context: Context, question: Question, folder: StoredFolder | None) -> Account | None:
    """Have new files of the account that was asked about go there; None: it is no longer here."""
    services = context.services
    account_id = question.subject["account"]
    if folder is not None:
        await services.people.use_folder(account_id, folder.folder_id, folder.name)
    return await services.account_rows.find(account_id, context.person.id)


def new_files_go_to(t: Texts, folder_name: str, account: str | None = None) -> Html:
    """`account`: the name of the one in use, where there are several."""
    folder = t.folder(folder_name)
    if account is None:
        return t("New files go to 📁 <b>{folder}</b>", folder=folder)
    return t("New files go to 📁 <b>{folder}</b> · <b>{account}</b>", folder=folder, account=account)


def change_button(t: Texts) -> InlineKeyboardButton:
    return button(t.plain("Change folder"), Action.UPLOAD_FOLDER)


BUTTONS: Final[dict[Action, ButtonCallback]] = {Action.UPLOAD_FOLDER: choose_upload_folder}
