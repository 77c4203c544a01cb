"""A file's password: set, changed, removed; the message that held it does not stay in the chat."""

from typing import Final

from telegram import Update

from handlers.about_file import about_file, noted, pressed_link, remembered, said_about, show_gone
from handlers.access import is_group
from handlers.buttons import Action, button, keyboard, link_button
from handlers.card import put_card
from handlers.command import ButtonCallback, Command
from handlers.context import Context, message_of
from handlers.places import Place
from handlers.problems import problem_in_words
from handlers.questions import ask_for_text, put_away
from handlers.secret_messages import take_out
from handlers.texts import Html, lines, mark
from onefichier import Link
from storage import Question
from transfers import SHORTEST_PASSWORD, FileCard, FileGone, PasswordTooShort

QUESTION: Final = "password"
_USAGE: Final = mark("Send /password and a 1fichier link, or reply with it to a message that has the link.")


async def password(update: Update, context: Context) -> None:
    """Set the password that stands behind the link, or ask for one. In a group, others would read it."""
    message = message_of(update)
    if is_group(message.chat):
        await _refuse_in_group(context, message.chat.id, message.message_id)
        return
    said = await said_about(context, message, _USAGE)
    if said is None:
        return
    link, secret = said
    if secret:
        await _take(context, message.chat.id, message.message_id, secret, link, None, None)
        return
    card = await context.services.file_changes.own(await context.account_for(link), link)
    await _offer(context, message.chat.id, card, None, None)


@about_file
async def password_from_card(update: Update, context: Context) -> str | None:
    """Ask for a password; where there is one, ask first what shall become of it."""
    message = message_of(update)
    if is_group(message.chat):
        return context.t.plain("Not here: others would see it. Use this file’s card in our private chat.")
    card = await context.services.file_changes.own(
        await context.account_for(pressed_link(context)), pressed_link(context)
    )
    await _offer(context, message.chat.id, card, Place.on(context.press, 1), message.message_id)
    return None


@about_file
async def new_password(update: Update, context: Context) -> None:
    """Ask for another password."""
    message = message_of(update)
    card = await context.services.file_changes.own(
        await context.account_for(pressed_link(context)), pressed_link(context)
    )
    await _ask(context, message.chat.id, card, Place.on(context.press, 1), message.message_id)


@about_file
async def no_password(update: Update, context: Context) -> None:
    """Remove the password, and show the card as it is then."""
    message, link = message_of(update), pressed_link(context)
    card = await context.services.file_changes.set_password(await context.account_for(link), link, "")
    place = Place.on(context.press, 1)
    await put_card(context, message.chat.id, card, place=place, instead_of=message.message_id)


async def take_password(context: Context, question: Question, message_id: int, text: str) -> None:
    """Take the message that was asked for."""
    link, place, card_id = remembered(question)
    await _take(context, question.chat_id, message_id, text.strip(), link, place, card_id)
    await put_away(context, question)


async def _offer(
    context: Context, chat_id: int, card: FileCard, place: Place | None, card_id: int | None
) -> None:
    if not card.has_password:
        await _ask(context, chat_id, card, place, card_id)
        return
    t, values = context.t, place.values if place else ()
    text = t("🔑 <b>{name}</b> has a password.", name=t.name(card.name))
    markup = keyboard(
        [
            button(t.plain("Change"), Action.NEW_PASSWORD, card.link.id, *values),
            button(t.plain("Remove"), Action.NO_PASSWORD, card.link.id, *values),
        ],
        [button(t.plain("Back"), Action.CARD, card.link.id, *values)],
    )
    if card_id is None:
        await context.services.chats.send(chat_id, text, keyboard=markup)
    else:
        await context.services.chats.edit(chat_id, card_id, text, keyboard=markup)


async def _ask(
    context: Context,
    chat_id: int,
    card: FileCard,
    place: Place | None,
    card_id: int | None,
    *,
    problem: Html | None = None,
) -> None:
    t = context.t
    text = lines(
        problem,
        t("🔑 Send me the password for <b>{name}</b> in your next message.", name=t.name(card.name)),
        t("It needs {least} characters or more. I’ll delete that message at once.", least=SHORTEST_PASSWORD),
        t("Changed your mind? /cancel"),
    )
    subject = noted(card.link, place, card_id)
    await ask_for_text(context, chat_id, QUESTION, subject, text, hint=t.plain("Password"))


async def _take(
    context: Context,
    chat_id: int,
    message_id: int,
    secret: str,
    link: Link,
    place: Place | None,
    card_id: int | None,
) -> None:
    t, services = context.t, context.services
    deleted = await take_out(context, chat_id, message_id)
    left = (
        None
        if deleted
        else t("⚠️ I couldn’t delete your message: please delete it yourself, it shows the password.")
    )
    account = await context.account_for(link)
    try:
        card = await services.file_changes.set_password(account, link, secret)
    except PasswordTooShort as error:
        problem = lines(left, problem_in_words(t, error))
        card = await services.file_changes.own(account, link)
        await _ask(context, chat_id, card, place, card_id, problem=problem)
        return
    except FileGone as error:
        await show_gone(context, chat_id, card_id, error, place)
        return
    await put_card(context, chat_id, card, note=left, place=place, instead_of=card_id)


async def _refuse_in_group(context: Context, chat_id: int, message_id: int) -> None:
    """Whatever stood behind the command may have been a password."""
    t, chats = context.t, context.services.chats
    await take_out(context, chat_id, message_id)
    await chats.send(
        chat_id,
        t("🔑 Not here: others would see the password. Send it to me in private."),
        keyboard=keyboard([link_button(t.plain("Write to me"), f"https://t.me/{context.bot.username}")]),
    )


BUTTONS: Final[dict[Action, ButtonCallback]] = {
    Action.PASSWORD: password_from_card,
    Action.NEW_PASSWORD: new_password,
    Action.NO_PASSWORD: no_password,
}
PASSWORD: Final = Command(
    "password", "LINK", mark("Give a file a password"), password, in_menu=False, about_file=True
)
