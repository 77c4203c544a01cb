"""The conversation: an update in, one call, a text out."""

import contextlib
from typing import Any, Final

from telegram import Bot, BotCommand, Update
from telegram.ext import (
    CallbackQueryHandler,
    ChatMemberHandler,
    ChosenInlineResultHandler,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from handlers import (
    accounts,
    admin,
    again,
    browse,
    card,
    copy_to_mine,
    delete,
    download,
    folder_card,
    folder_picker,
    foreign_password,
    held,
    info,
    inline,
    job_presses,
    jobs,
    link_list,
    link_sharing,
    login,
    logout,
    move,
    other,
    password,
    remote,
    rename,
    selection,
    settings,
    stopping,
    upload_folder,
    upload_password,
    url_file,
)
from handlers.access import admins, meet, note_membership, note_migration
from handlers.buttons import OVERTAKING_PREFIXES
from handlers.cancel import cancel_command
from handlers.chat_action import typing_while_it_takes
from handlers.chats import Chats, DeliveryError, SlowDown, Unsure
from handlers.command import Command, handler_of
from handlers.context import CONTEXT_TYPES, BotApplication, HelpEntry, Services
from handlers.delivery_board import DeliveryBoard
from handlers.errors import answer_error, unexpected_errors
from handlers.incoming import is_readable, origin_of
from handlers.job_board import JobBoard
from handlers.pace import TelegramPace
from handlers.presses import Presses
from handlers.quota import QUOTA
from handlers.reader import texts_of
from handlers.results import Postman
from handlers.start import HELP, START
from handlers.status import StatusBoard
from handlers.texts import Html, languages, mark, texts_for
from handlers.upload import CARRIES_FILE, UPLOAD, upload

__all__ = [
    "COMMANDS",
    "CONTEXT_TYPES",
    "OVERTAKING_PREFIXES",
    "BotApplication",
    "Chats",
    "Command",
    "DeliveryBoard",
    "JobBoard",
    "Postman",
    "Services",
    "SlowDown",
    "StatusBoard",
    "TelegramPace",
    "Unsure",
    "admins",
    "apologise",
    "is_readable",
    "process",
    "publish_commands",
    "register",
]

_BEFORE_ALL: Final = -1
_SHORT_DESCRIPTION: Final = mark("Your files from Telegram to your 1fichier account, with the links.")
# What an empty chat shows above the button Start.
_DESCRIPTION: Final = mark(
    "Send or forward me files: I put them on your own 1fichier account and give you the links. I list, find, move and delete"
    " them, and have 1fichier fetch links from the web.\n\nYour API key is kept encrypted; /logout erases it."
)

_PICKER: Final = folder_picker.FolderPicker(
    {
        move.PURPOSE: move.put_into,
        selection.PURPOSE: selection.put_into,
        folder_card.MOVE_PURPOSE: folder_card.put_into,
        upload_folder.PURPOSE: upload_folder.show_chosen,
        settings.PURPOSE: settings.take_folder,
    }
)
_PRESSES: Final = Presses(
    {
        **jobs.BUTTONS,
        **job_presses.BUTTONS,
        **browse.BUTTONS,
        **selection.BUTTONS,
        **folder_card.BUTTONS,
        **_PICKER.buttons,
        **upload_folder.BUTTONS,
        **card.BUTTONS,
        **rename.BUTTONS,
        **move.BUTTONS,
        **password.BUTTONS,
        **copy_to_mine.BUTTONS,
        **foreign_password.BUTTONS,
        **download.BUTTONS,
        **delete.BUTTONS,
        **link_sharing.BUTTONS,
        **link_list.BUTTONS,
        **again.BUTTONS,
        **held.BUTTONS,
        **stopping.BUTTONS,
        **url_file.BUTTONS,
        **settings.BUTTONS,
        **accounts.BUTTONS,
        **admin.BUTTONS,
    },
    {
        logout.QUESTION: logout.erase,
        delete.QUESTION: delete.answer,
        remote.QUESTION: remote.answer,
        url_file.QUESTION: url_file.answer,
        accounts.REMOVE_QUESTION: accounts.remove,
        folder_picker.QUESTION: _PICKER.cancel,
        folder_card.SHARE: folder_card.share,
        folder_card.DELETE: folder_card.delete,
        link_sharing.QUESTION: link_sharing.answer,
        foreign_password.COPY_QUESTION: foreign_password.copy,
    },
)
_PLAIN_TEXTS: Final = other.PlainTexts(
    {
        login.QUESTION: login.take_key,
        browse.SEARCH_QUESTION: browse.take_words,
        rename.QUESTION: rename.take_name,
        password.QUESTION: password.take_password,
        foreign_password.QUESTION: foreign_password.take_password,
        folder_picker.NAME_QUESTION: _PICKER.take_name,
        folder_card.RENAME: folder_card.take_name,
        folder_card.NEW: folder_card.take_new_name,
        accounts.NAME_QUESTION: accounts.take_name,
        upload_password.QUESTION: upload_password.take_password,
    },
    (login.take_stray_key, info.take_links, remote.take_urls),
)

# As /help and Telegram's menu show them: what one does every day first.
COMMANDS: Final = (
    browse.LIST_FILES,
    QUOTA,
    remote.REMOTE,
    jobs.JOBS,
    delete.DELETE,
    UPLOAD,
    info.INFO,
    rename.RENAME,
    move.MOVE,
    password.PASSWORD,
    download.DOWNLOAD,
    settings.SETTINGS,
    login.LOGIN,
    logout.LOGOUT,
    cancel_command(_PRESSES),
    START,
    HELP,
    admin.ADMIN,
)


def register(application: BotApplication, services: Services) -> None:
    """Put the conversation into an application that was built with `CONTEXT_TYPES`."""
    application.bot_data.services = services
    application.bot_data.help = tuple(
        HelpEntry(each.name, each.arguments, each.summary, each.about_file)
        for each in COMMANDS
        if not each.for_admins
    )
    application.add_handler(ChatMemberHandler(note_membership), group=_BEFORE_ALL)
    application.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, note_migration), group=_BEFORE_ALL)
    application.add_handler(TypeHandler(Update, meet), group=_BEFORE_ALL)
    # Only new messages: an edited one would be handled again.
    new = filters.UpdateType.MESSAGE
    application.add_handler(handler_of(COMMANDS))
    application.add_handler(MessageHandler(new & filters.COMMAND, other.unknown_command))
    application.add_handler(MessageHandler(new & filters.TEXT, _PLAIN_TEXTS.handle))
    application.add_handler(MessageHandler(new & url_file.TO_BE_FETCHED, url_file.fetch_captioned))
    application.add_handler(MessageHandler(new & url_file.MAY_BE_LIST, url_file.offer))
    application.add_handler(MessageHandler(new & CARRIES_FILE, upload))
    application.add_handler(MessageHandler(new, other.no_file))
    application.add_handler(CallbackQueryHandler(_PRESSES.handle))
    application.add_handler(InlineQueryHandler(inline.answer))
    application.add_handler(ChosenInlineResultHandler(inline.note_chosen))
    application.add_error_handler(answer_error)


async def process(application: BotApplication, update: Update) -> None:
    """Handle one update. What a person can be told of in words is told; anything else is raised, and may be tried again."""
    services = application.bot_data.services
    if services is None:
        raise AssertionError("updates are handled once the conversation is registered")
    with unexpected_errors() as found:
        async with typing_while_it_takes(services.chats, services.clock, update):
            await application.process_update(update)
    if found:
        raise found[0]


async def apologise(application: BotApplication, raw_update: dict[str, Any], reference: str) -> None:
    """Tell whoever sent an update that it could not be handled; quietly nothing where there is nobody to tell."""
    services = application.bot_data.services
    origin = origin_of(raw_update)
    if services is None or origin.chat_id is None:
        return
    person = await services.people.find(origin.person_id) if origin.person_id is not None else None
    t = texts_of(person) if person else texts_for(origin.language_code)
    text = t(
        "Something went wrong on my side. Nothing was lost; the owner can look it up as {reference}.",
        reference=Html(f"<code>{reference}</code>"),
    )
    with contextlib.suppress(DeliveryError):
        await services.chats.send(origin.chat_id, text)


async def publish_commands(bot: Bot) -> None:
    """Have Telegram offer the menu, and say what the bot is for, in every language that there is."""
    for language in (None, *languages()):
        t = texts_for(language)
        menu = [BotCommand(each.name, t.plain(each.summary)) for each in COMMANDS if each.in_menu]
        await bot.set_my_commands(menu, language_code=language)
        await bot.set_my_short_description(t.plain(_SHORT_DESCRIPTION), language_code=language)
        await bot.set_my_description(t.plain(_DESCRIPTION), language_code=language)
