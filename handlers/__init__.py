"""The conversation: an update in, one call, a text out."""

import contextlib
from typing import Any, Final

from telegram import Bot, BotCommand, Update
from telegram.ext import CallbackQueryHandler, ChatMemberHandler, MessageHandler, TypeHandler, filters

from handlers import (
    accounts,
    again,
    browse,
    card,
    delete,
    held,
    jobs,
    link_list,
    login,
    logout,
    other,
    remote,
    settings,
    stopping,
    url_file,
)
from handlers.access import meet, note_membership
from handlers.buttons import OVERTAKING_PREFIXES
from handlers.cancel import cancel_command
from handlers.chats import Chats, DeliveryError, SlowDown, Unsure
from handlers.command import Command
from handlers.context import CONTEXT_TYPES, BotApplication, Services
from handlers.errors import answer_error, unexpected_errors
from handlers.presses import Presses
from handlers.quota import QUOTA
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
    "Postman",
    "Services",
    "SlowDown",
    "StatusBoard",
    "Unsure",
    "apologise",
    "process",
    "publish_commands",
    "register",
]

_BEFORE_ALL: Final = -1
_SHORT_DESCRIPTION: Final = mark("Your files from Telegram to your 1fichier account, with the links.")

_PRESSES: Final = Presses(
    {
        **jobs.BUTTONS,
        **browse.BUTTONS,
        **card.BUTTONS,
        **delete.BUTTONS,
        **again.BUTTONS,
        **held.BUTTONS,
        **link_list.BUTTONS,
        **stopping.BUTTONS,
        **url_file.BUTTONS,
        **settings.BUTTONS,
        **accounts.BUTTONS,
    },
    {
        logout.QUESTION: logout.erase,
        delete.QUESTION: delete.answer,
        remote.QUESTION: remote.answer,
        url_file.QUESTION: url_file.answer,
        accounts.REMOVE_QUESTION: accounts.remove,
    },
)
_PLAIN_TEXTS: Final = other.PlainTexts(
    {login.QUESTION: login.take_key, accounts.NAME_QUESTION: accounts.take_name},
    (login.take_stray_key, card.take_links, remote.take_urls),
)

# As /help and Telegram's menu show them: what one does every day first.
COMMANDS: Final = (
    browse.LIST,
    QUOTA,
    remote.REMOTE,
    jobs.JOBS,
    delete.DELETE,
    UPLOAD,
    settings.SETTINGS,
    login.LOGIN,
    logout.LOGOUT,
    cancel_command(_PRESSES),
    START,
    HELP,
)


def register(application: BotApplication, services: Services) -> None:
    """Put the conversation into an application that was built with `CONTEXT_TYPES`."""
    application.bot_data.services = services
    application.bot_data.help = tuple((each.name, each.arguments, each.summary) for each in COMMANDS)
    application.add_handler(ChatMemberHandler(note_membership), group=_BEFORE_ALL)
    application.add_handler(TypeHandler(Update, meet), group=_BEFORE_ALL)
    # Only new messages: an edited one would be handled again.
    new = filters.UpdateType.MESSAGE
    for command in COMMANDS:
        application.add_handler(command.handler())
    application.add_handler(MessageHandler(new & filters.COMMAND, other.unknown_command))
    application.add_handler(MessageHandler(new & filters.TEXT, _PLAIN_TEXTS.handle))
    application.add_handler(MessageHandler(new & url_file.TO_BE_FETCHED, url_file.fetch_captioned))
    application.add_handler(MessageHandler(new & url_file.MAY_BE_LIST, url_file.offer))
    application.add_handler(MessageHandler(new & CARRIES_FILE, upload))
    application.add_handler(MessageHandler(new, other.no_file))
    application.add_handler(CallbackQueryHandler(_PRESSES.handle))
    application.add_error_handler(answer_error)


async def process(application: BotApplication, update: Update) -> None:
    """Handle one update. What a person can be told of in words is told; anything else is raised, and may be tried again."""
    with unexpected_errors() as found:
        await application.process_update(update)
    if found:
        raise found[0]


async def apologise(application: BotApplication, raw_update: dict[str, Any], reference: str) -> None:
    """Tell whoever sent an update that it could not be handled; quietly nothing where there is nobody to tell."""
    pressed = _object(raw_update, "callback_query")
    message = _object(raw_update, "message") or _object(pressed, "message")
    sender = _object(pressed, "from") or _object(message, "from")
    chat_id = _object(message, "chat").get("id")
    services = application.bot_data.services
    if services is None or not isinstance(chat_id, int):
        return
    sender_id, said = sender.get("id"), sender.get("language_code")
    person = await services.people.find(sender_id) if isinstance(sender_id, int) else None
    t = texts_for(person.language if person else said if isinstance(said, str) else None)
    text = t(
        "Something went wrong on my side. Nothing was lost; the owner can look it up as {reference}.",
        reference=Html(f"<code>{reference}</code>"),
    )
    with contextlib.suppress(DeliveryError):
        await services.chats.send(chat_id, text)


async def publish_commands(bot: Bot) -> None:
    """Have Telegram offer the menu, and the bot's short description, in every language that there is."""
    for language in (None, *languages()):
        t = texts_for(language)
        menu = [BotCommand(each.name, t.plain(each.summary)) for each in COMMANDS if each.in_menu]
        await bot.set_my_commands(menu, language_code=language)
        await bot.set_my_short_description(t.plain(_SHORT_DESCRIPTION), language_code=language)


def _object(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """A field of an update that may be as odd as it likes."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}
