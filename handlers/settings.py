"""/settings: one message with buttons, edited in place."""

from typing import Final

from telegram import InlineKeyboardButton, Update

from handlers import accounts, upload_password
from handlers.access import is_group
from handlers.account_names import account_name
from handlers.buttons import Action, button, keyboard, link_button
from handlers.choices import CHOICES, Option, Setting
from handlers.command import ButtonCallback, Command
from handlers.context import Context, message_of
from handlers.presses import too_old
from handlers.settings_pages import Page, back, in_rows, show
from handlers.texts import Html, Texts, lines, mark
from handlers.upload_folder import ask_for_upload_folder, new_files_go_to, use_folder
from storage import Preferences, Question, StoredFolder

# The argument of /start behind the button "Write to me".
FROM_A_GROUP: Final = "settings"
_FOLDER: Final = "folder"
# More options than that would not fit a phone's screen otherwise.
_ONE_BELOW_THE_OTHER: Final = 6
PURPOSE: Final = "settings_folder"


async def settings(update: Update, context: Context) -> None:
    """Show what is set. Only in private: accounts and folders are nobody else's business."""
    message, t = message_of(update), context.t
    if is_group(message.chat):
        url = f"https://t.me/{context.bot.username}?start={FROM_A_GROUP}"
        await context.services.chats.send(
            message.chat.id,
            t("Settings are between you and me: write to me in private."),
            reply_to=message.message_id,
            keyboard=keyboard([link_button(t.plain("Write to me"), url)]),
        )
        return
    text, markup = await _main(context, context.person.preferences)
    await context.services.chats.send(message.chat.id, text, keyboard=markup)


async def open_page(update: Update, context: Context) -> str | None:
    """Turn the message that has the button into another page."""
    page = context.press.text()
    setting = _setting(page)
    if setting is not None:
        await show(update, context, _options(context.t, setting, context.person.preferences))
    elif page == upload_password.PAGE:
        await show(update, context, upload_password.password_page(context))
    elif page == _FOLDER:
        message = message_of(update)
        await ask_for_upload_folder(context, message.chat.id, PURPOSE, instead_of=message.message_id)
    elif page == accounts.PAGE:
        await show(update, context, await accounts.accounts_page(context))
    else:
        await show(update, context, await _main(context, context.person.preferences))
    return None


async def choose(update: Update, context: Context) -> str | None:
    """Store what the button says, and show all settings as they are then."""
    code, option = context.press.text(), context.press.text(1)
    if code == upload_password.PAGE:
        if not await upload_password.change(context, message_of(update).chat.id, option):
            return too_old(context)
        await show(update, context, await _main(context, context.person.preferences))
        return None
    setting = _setting(code)
    change = setting.choose(option) if setting else None
    if change is None:
        return too_old(context)
    preferences = await context.services.people.prefer(context.person.id, change)
    # In the language that was chosen just now.
    context.person = await context.services.people.find(context.person.id) or context.person
    await show(update, context, await _main(context, preferences))
    return None


async def take_folder(context: Context, question: Question, folder: StoredFolder | None) -> None:
    """Have new files go there, and show all settings again."""
    await use_folder(context, question, folder)
    if question.message_id is not None:
        text, markup = await _main(context, context.person.preferences)
        await context.services.chats.edit(question.chat_id, question.message_id, text, keyboard=markup)


async def _main(context: Context, preferences: Preferences) -> Page:
    t = context.t
    account = await context.services.people.account_in_use(context.person.id)
    known = await context.services.account_rows.of(context.person.id)
    text = lines(
        t("<b>Settings</b>"),
        t("Account: <b>{name}</b>", name=account_name(t, account)) if account and len(known) > 1 else None,
        new_files_go_to(t, account.folder_name) if account else None,
        *(_line(t, each, preferences) for each in CHOICES),
        upload_password.password_line(t, context.person),
    )
    buttons: list[InlineKeyboardButton | None] = [
        button(t.plain("Folder"), Action.SETTINGS, _FOLDER) if account else None,
        *(button(t.plain(each.title), Action.SETTINGS, each.code) for each in CHOICES),
        button(t.plain("Password"), Action.SETTINGS, upload_password.PAGE),
        button(t.plain("Accounts"), Action.SETTINGS, accounts.PAGE),
    ]
    return text, keyboard(*in_rows([each for each in buttons if each]))


def _line(t: Texts, setting: Setting, preferences: Preferences) -> Html:
    value = setting.chosen(preferences).words(t)
    return t("{title}: <b>{value}</b>", title=t.plain(setting.title), value=value)


def _options(t: Texts, setting: Setting, preferences: Preferences) -> Page:
    chosen = setting.chosen(preferences)
    buttons = [
        button(_marked(t, each, chosen), Action.SET, setting.code, each.code) for each in setting.options()
    ]
    options = in_rows(buttons) if len(buttons) > _ONE_BELOW_THE_OTHER else [[each] for each in buttons]
    text = lines(t("<b>{title}</b>", title=t.plain(setting.title)), t(setting.question))
    return text, keyboard(*options, [back(t)])


def _marked(t: Texts, option: Option, chosen: Option) -> str:
    words = option.words(t)
    return t.plain("✓ {words}", words=words) if option.code == chosen.code else words


def _setting(code: str) -> Setting | None:
    return next((each for each in CHOICES if each.code == code), None)


BUTTONS: Final[dict[Action, ButtonCallback]] = {Action.SETTINGS: open_page, Action.SET: choose}
SETTINGS: Final = Command("settings", "", mark("Folder, language, sounds"), settings)
