"""/settings: one message with buttons, edited in place."""

from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from handlers.access import is_group
from handlers.buttons import Action, button, keyboard, link_button
from handlers.choices import CHOICES, Option, Setting
from handlers.command import ButtonCallback, Command
from handlers.context import Context, message_of
from handlers.presses import too_old
from handlers.texts import Html, Texts, lines, mark
from storage import Account, Preferences

# The argument of /start behind the button "Write to me".
FROM_A_GROUP: Final = "settings"
_MAIN: Final = "main"
_FOLDER: Final = "folder"
_MAIN_FOLDER: Final = "root"
_IN_A_ROW: Final = 2


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
        await _show(update, context, *_options(context.t, setting, context.person.preferences))
    elif page == _FOLDER:
        await _show(update, context, *_folder(context.t, await context.account()))
    else:
        await _show(update, context, *await _main(context, context.person.preferences))
    return None


async def choose(update: Update, context: Context) -> str | None:
    """Store what the button says, and show all settings as they are then."""
    code, option = context.press.text(), context.press.text(1)
    if code == _FOLDER:
        account = await context.account()
        await context.services.people.set_folder(account.id, 0, "")
        await _show(update, context, *await _main(context, context.person.preferences))
        return None
    setting = _setting(code)
    change = setting.choose(option) if setting else None
    if change is None:
        return too_old(context)
    preferences = await context.services.people.prefer(context.person.id, change)
    # In the language that was chosen just now.
    context.person = await context.services.people.find(context.person.id) or context.person
    await _show(update, context, *await _main(context, preferences))
    return None


async def _show(update: Update, context: Context, text: Html, markup: InlineKeyboardMarkup | None) -> None:
    message = message_of(update)
    await context.services.chats.edit(message.chat.id, message.message_id, text, keyboard=markup)


async def _main(context: Context, preferences: Preferences) -> tuple[Html, InlineKeyboardMarkup | None]:
    t = context.t
    account = await context.services.people.account_in_use(context.person.id)
    folder = (
        t("📁 New files go to <b>{folder}</b>", folder=t.folder(account.folder_name)) if account else None
    )
    text = lines(t("<b>Settings</b>"), folder, *(_line(t, each, preferences) for each in CHOICES))
    buttons: list[InlineKeyboardButton | None] = [
        button(t.plain("Folder"), Action.SETTINGS, _FOLDER) if account else None,
        *(button(t.plain(each.title), Action.SETTINGS, each.code) for each in CHOICES),
    ]
    return text, keyboard(*_rows([each for each in buttons if each]))


def _line(t: Texts, setting: Setting, preferences: Preferences) -> Html:
    value = setting.chosen(preferences).words(t)
    return t("{title}: <b>{value}</b>", title=t.plain(setting.title), value=value)


def _options(
    t: Texts, setting: Setting, preferences: Preferences
) -> tuple[Html, InlineKeyboardMarkup | None]:
    chosen = setting.chosen(preferences)
    options: list[list[InlineKeyboardButton | None]] = [
        [button(_marked(t, each, chosen), Action.SET, setting.code, each.code)] for each in setting.options()
    ]
    text = lines(t("<b>{title}</b>", title=t.plain(setting.title)), t(setting.question))
    return text, keyboard(*options, [_back(t)])


def _folder(t: Texts, account: Account) -> tuple[Html, InlineKeyboardMarkup | None]:
    text = t("📁 New files go to <b>{folder}</b>", folder=t.folder(account.folder_name))
    reset = button(t.plain("Main folder"), Action.SET, _FOLDER, _MAIN_FOLDER) if account.folder_id else None
    return text, keyboard([reset], [_back(t)])


def _marked(t: Texts, option: Option, chosen: Option) -> str:
    words = option.words(t)
    return t.plain("✓ {words}", words=words) if option.code == chosen.code else words


def _back(t: Texts) -> InlineKeyboardButton:
    return button(t.plain("Back"), Action.SETTINGS, _MAIN)


def _rows(buttons: list[InlineKeyboardButton]) -> list[list[InlineKeyboardButton | None]]:
    return [[*buttons[start : start + _IN_A_ROW]] for start in range(0, len(buttons), _IN_A_ROW)]


def _setting(code: str) -> Setting | None:
    return next((each for each in CHOICES if each.code == code), None)


BUTTONS: Final[dict[Action, ButtonCallback]] = {Action.SETTINGS: open_page, Action.SET: choose}
SETTINGS: Final = Command("settings", "", mark("Folder, language, sounds"), settings)
