"""The folder that new files go to."""

from typing import Final

from telegram import InlineKeyboardButton, Update

from handlers.buttons import Action, button, keyboard
from handlers.command import ButtonCallback
from handlers.context import Context, message_of
from handlers.folder_picker import choose_folder
from handlers.texts import Html, Texts
from storage import Question, StoredFolder

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
        chat_id,
        purpose,
        {},
        heading,
        start=account.folder_id,
        reply_to=reply_to,
        instead_of=instead_of,
    )


async def use_folder(context: Context, question: Question, folder: StoredFolder | None) -> None:
    """Have new files go there; nothing changes where the person would rather not."""
    services = context.services
    account = await context.account()
    name = account.folder_name
    if folder is not None:
        await services.people.use_folder(account.id, folder.folder_id, folder.name)
        name = folder.name
    if question.message_id is not None:
        t = context.t
        await services.chats.edit(
            question.chat_id,
            question.message_id,
            new_files_go_to(t, name),
            keyboard=keyboard([change_button(t)]),
        )


def new_files_go_to(t: Texts, folder_name: str) -> Html:
    return t("New files go to 📁 <b>{folder}</b>", folder=t.folder(folder_name))


def change_button(t: Texts) -> InlineKeyboardButton:
    return button(t.plain("Change folder"), Action.UPLOAD_FOLDER)


BUTTONS: Final[dict[Action, ButtonCallback]] = {Action.UPLOAD_FOLDER: choose_upload_folder}
