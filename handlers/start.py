"""The first messages: what the bot does, and the next step."""

from typing import Final

from telegram import Update

from handlers import remote, settings
from handlers.browse import send_list
from handlers.buttons import keyboard, link_button
from handlers.command import Command
from handlers.context import Context, HelpEntry, message_of
from handlers.errors import key_parked
from handlers.login import FROM_A_GROUP, KEY_PAGE, ask_for_key
from handlers.texts import Html, Texts, lines, mark
from storage import Entry

# The argument of /start behind the button that stands above what inline mode has found.
TO_THE_LIST: Final = "list"
# Arguments of /start that others may link to, such as t.me/…?start=help-remote.
TO_HELP: Final = "help"
TO_HELP_WITH_LINKS: Final = "help-remote"


async def start(update: Update, context: Context) -> None:
    """Greet, and say the next step; from a group's button, go on to what it leads to at once."""
    message = message_of(update)
    if context.args == [FROM_A_GROUP]:
        account = await context.services.people.account_in_use(context.person.id)
        await ask_for_key(context, message.chat.id, account)
        return
    if context.args == [settings.FROM_A_GROUP]:
        await settings.settings(update, context)
        return
    if context.args == [TO_THE_LIST]:
        await send_list(context, message.chat.id, "", context.reply_in_group(message))
        return
    if context.args == [TO_HELP_WITH_LINKS]:
        await context.services.chats.send(
            message.chat.id, remote.usage(context.t), reply_to=context.reply_in_group(message)
        )
        return
    await _tell(update, context, with_commands=context.args == [TO_HELP])


async def show_help(update: Update, context: Context) -> None:
    """Say what can be said, below the next step."""
    await _tell(update, context, with_commands=True)


async def _tell(update: Update, context: Context, *, with_commands: bool) -> None:
    services, t, message = context.services, context.t, message_of(update)
    account = await services.people.account_in_use(context.person.id)
    if account is None:
        text = welcome(t, services.uploads.size_limit)
    elif account.refused_at is not None:
        text = key_parked(t)
    elif with_commands:
        text = how_it_works(t, services.uploads.size_limit)
    else:
        text = ready(t)
    if with_commands:
        text = lines(text, Html(""), *_commands(context))
        text = lines(text, t("/admin looks after this bot") if context.is_admin else None)
    if context.entry is Entry.CLAIMED:
        text = lines(t("✅ You now look after this bot: /admin"), Html(""), text)
    markup = keyboard([link_button(t.plain("Get my key"), KEY_PAGE)]) if account is None else None
    await services.chats.send(
        message.chat.id, text, reply_to=context.reply_in_group(message), keyboard=markup
    )


def welcome(t: Texts, size_limit: int | None) -> Html:
    return lines(
        t("Hi! Send me files, I put them on your 1fichier account and give you the links."),
        Html(""),
        t("To begin, I need your API key:"),
        t("1. Press “Get my key” and copy the key from that page."),
        t("2. Come back and send /login"),
        Html(""),
        t(
            "This bot takes files up to {size}. I keep your key encrypted; /logout erases it.",
            size=t.largest_file(size_limit),
        ),
    )


def ready(t: Texts) -> Html:
    return lines(
        t("You’re all set: send or forward me a file."),
        Html(""),
        t("/list your files · /quota your storage"),
        t("/remote let 1fichier fetch a link · /help the rest"),
    )


def how_it_works(t: Texts, size_limit: int | None) -> Html:
    return lines(
        t("Send or forward me files, up to {size}: you get their links.", size=t.largest_file(size_limit)),
        t("A web link: 1fichier fetches it. A 1fichier link: I show its file."),
    )


def _commands(context: Context) -> list[Html]:
    """Each on a line of its own, but those about one file, which say the same as the buttons of its card."""
    t, commands = context.t, context.bot_data.help
    about_files = [f"/{each.name}" for each in commands if each.about_file]
    return [
        *(_line(t, each) for each in commands if not each.about_file),
        t("On a link, or in reply to one: {commands}", commands=" ".join(about_files)),
    ]


def _line(t: Texts, entry: HelpEntry) -> Html:
    # All of it shall fit one screen, so what may be left out is.
    arguments = "" if entry.arguments.startswith("[") else entry.arguments
    said = f"/{entry.name} {arguments}".rstrip()
    return t("{command}: {summary}", command=said, summary=t(entry.summary))


START: Final = Command("start", "", mark("What this bot does"), start, in_menu=False)
HELP: Final = Command("help", "", mark("How it works"), show_help)
