"""The API key: asked for, taken out of the chat, checked, kept."""

import contextlib
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from telegram import InlineKeyboardMarkup, Message, Update

from handlers.access import is_group
from handlers.account_names import account_names
from handlers.buttons import Action, button, keyboard, link_button
from handlers.chats import DeliveryError
from handlers.command import Command
from handlers.context import Context, message_of
from handlers.errors import paused, quoted
from handlers.quota import offer_line
from handlers.secret_messages import take_out
from handlers.texts import Html, Texts, lines, mark
from handlers.upload_folder import change_button, new_files_go_to
from onefichier import (
    AccountLocked,
    KeyRefused,
    Limited,
    MalformedKey,
    OneFichierError,
    Refusal,
    Waiting,
)
from storage import Account, Question
from transfers import LoggedIn

KEY_PAGE: Final = "https://1fichier.com/console/params.pl"
QUESTION: Final = "api_key"
# Long enough to log in at 1fichier and find the page; afterwards a message is only a message again.
ASKED_FOR: Final = timedelta(minutes=10)
# The verb on the button that asks for one more account.
ADD: Final = "add"
# The argument of /start behind the button "Write to me".
FROM_A_GROUP: Final = "login"

# Keys in use have 32 characters. One that is sent without being asked for must not stay in the chat either.
_KEY_SHAPE: Final = re.compile(r"[A-Za-z0-9_=-]{32}", re.ASCII)
# Enough for the next turn at 1fichier. The chat waits meanwhile, and a process that ends begins the whole login again.
OFFER_WAIT_SECONDS: Final = 1.0


async def login(update: Update, context: Context) -> None:
    """Take the key that stands behind the command, or ask for it."""
    message = message_of(update)
    _, *behind = (message.text or "").split(maxsplit=1)
    if is_group(message.chat):
        await _refuse_in_group(context, message, with_key=bool(behind))
    elif behind:
        await _take(context, message.chat.id, message.message_id, behind[0])
    else:
        account = await context.services.people.account_in_use(context.person.id)
        await ask_for_key(context, message.chat.id, account)


async def ask_for_key(context: Context, chat_id: int, account: Account | None) -> None:
    """Have the next plain message taken as the key: of the account, or of the first one."""
    t = context.t
    if account is None:
        first = t("🔑 Send me your API key in your next message.")
        await _ask(context, chat_id, {}, first)
        return
    names = await account_names(context.services, t, context.person.id)
    first = (
        t("🔑 Send me the new API key of <b>{name}</b> in your next message.", name=names[account.id])
        if names
        else t("🔑 Send me your new API key in your next message.")
    )
    other = keyboard([button(t.plain("Another account"), Action.ACCOUNT, ADD, 0)])
    await _ask(context, chat_id, {"account": account.id}, first, other=other)


async def ask_for_another_key(context: Context, chat_id: int) -> None:
    """Have the next plain message taken as the key of one more account."""
    first = context.t("🔑 Send me the API key of the other account in your next message.")
    await _ask(context, chat_id, {"another": True}, first)


async def _ask(
    context: Context,
    chat_id: int,
    subject: Mapping[str, Any],
    first: Html,
    *,
    other: InlineKeyboardMarkup | None = None,
) -> None:
    """Telegram takes either a field hint or buttons."""
    services, t = context.services, context.t
    await services.questions.ask(
        context.person.id,
        chat_id,
        QUESTION,
        subject,
        now=services.clock.now(),
        lifetime=ASKED_FOR,
        awaits_text=True,
    )
    text = lines(
        first,
        t("I’ll delete that message at once and keep the key encrypted."),
        Html(""),
        t("Your key is here: {page}", page=KEY_PAGE),
        t("Changed your mind? /cancel"),
    )
    hint = None if other else t.plain("Paste your key")
    await services.chats.send(chat_id, text, field_hint=hint, keyboard=other)


async def take_key(context: Context, question: Question, message_id: int, text: str) -> None:
    """Take the message that was asked for."""
    await _take(
        context,
        question.chat_id,
        message_id,
        text,
        account_id=question.subject.get("account"),
        another=question.subject.get("another", False),
    )


async def take_stray_key(update: Update, context: Context) -> bool:
    """Take a message that looks like a key although none was asked for."""
    message = message_of(update)
    text = (message.text or "").strip()
    if is_group(message.chat) or not _KEY_SHAPE.fullmatch(text):
        return False
    if len(await context.services.account_rows.of(context.person.id)) > 1:
        await _ask_whose(context, message)
    else:
        await _take(context, message.chat.id, message.message_id, text)
    return True


async def _ask_whose(context: Context, message: Message) -> None:
    """Of several accounts, one would lose its key to another one's."""
    t = context.t
    deleted = await take_out(context, message.chat.id, message.message_id)
    text = lines(
        _deletion(t, deleted=deleted),
        t("🔑 That looks like a key, and you have several accounts: I’ve kept nothing."),
        t("Send /login for the account in use, or choose another one in /settings."),
    )
    await context.services.chats.send(message.chat.id, text)


async def _take(
    context: Context,
    chat_id: int,
    message_id: int,
    key_text: str,
    *,
    account_id: int | None = None,
    another: bool = False,
) -> None:
    services, t = context.services, context.t
    deleted = await take_out(context, chat_id, message_id)
    try:
        logged_in = await services.accounts.log_in(
            context.person.id, key_text, account_id=account_id, another=another
        )
    except OneFichierError as error:
        answer = lines(_deletion(t, deleted=deleted), _refusal(context, error, deleted=deleted))
        await services.chats.send(chat_id, answer)
        return
    answer = lines(_deletion(t, deleted=deleted), await _success(context, logged_in, deleted=deleted))
    markup = keyboard([change_button(t)])
    answer_id = await services.chats.send(chat_id, answer, keyboard=markup)
    # The first search finds something only when the list of files has been read.
    await services.search.begin(logged_in.account)
    await _add_offer(context, logged_in.account, chat_id, answer_id, answer)


def _deletion(t: Texts, *, deleted: bool) -> Html | None:
    if deleted:
        return None
    return t("⚠️ I couldn’t delete your message: please delete it yourself, it shows your key.")


async def _success(context: Context, logged_in: LoggedIn, *, deleted: bool) -> Html:
    services, t, account = context.services, context.t, logged_in.account
    size = t.largest_file(services.uploads.size_limit)
    waiting = logged_in.waiting
    names = await account_names(services, t, context.person.id)
    in_use = await services.people.account_in_use(context.person.id)
    return lines(
        t("✅ Your key works. I’ve deleted your message.") if deleted else t("✅ Your key works."),
        _whose(t, names[account.id], known=logged_in.known) if names else None,
        t("Send or forward me a file, up to {size}: you’ll get its link here.", size=size),
        t.n(
            "I’m now uploading the file you sent before.",
            "I’m now uploading the {count} files you sent before.",
            waiting,
        )
        if waiting
        else None,
        Html(""),
        new_files_go_to(t, in_use.folder_name if in_use else "", names.get(in_use.id) if in_use else None),
    )


def _whose(t: Texts, name: str, *, known: bool) -> Html:
    if known:
        return t("You had this account already: it is <b>{name}</b>.", name=name)
    return t("It is the key of <b>{name}</b>.", name=name)


def _refusal(context: Context, error: OneFichierError, *, deleted: bool) -> Html:
    t = context.t
    if isinstance(error, Waiting | Limited):
        now = context.services.clock.now()
        return lines(paused(t, error.until, now), t("I’ve kept nothing. Send /login again then."))
    if isinstance(error, MalformedKey):
        first = t("⚠️ That isn’t an API key. I’ve kept nothing.")
        return lines(first, t("Copy the whole key again and send /login"))
    if isinstance(error, AccountLocked):
        return lines(
            t("⚠️ 1fichier refuses this key: it is wrong, or your account is locked. I’ve kept nothing."),
            t("Log in on 1fichier’s site to see which, then send /login"),
        )
    if isinstance(error, KeyRefused):
        first = t("⚠️ 1fichier doesn’t accept this key. I’ve kept nothing.")
        return lines(first, t("Copy the whole key again and send /login"))
    if isinstance(error, Refusal):
        return lines(t("⚠️ 1fichier refused this key. I’ve kept nothing."), quoted(t, error.message))
    return lines(
        t(
            "⚠️ 1fichier can’t be reached, so I couldn’t check the key."
            " I’ve kept nothing and deleted your message."
        )
        if deleted
        else t("⚠️ 1fichier can’t be reached, so I couldn’t check the key. I’ve kept nothing."),
        t("Send /login again in a few minutes."),
    )


async def _add_offer(context: Context, account: Account, chat_id: int, message_id: int, answer: Html) -> None:
    """Add the account's offer to the answer when it can be had now; nobody waits for it."""
    with contextlib.suppress(OneFichierError, DeliveryError):
        view = await context.services.files.account_info(account, wait=OFFER_WAIT_SECONDS)
        await context.services.chats.edit(
            chat_id,
            message_id,
            lines(answer, offer_line(context.t, view.info)),
            keyboard=keyboard([change_button(context.t)]),
        )


async def _refuse_in_group(context: Context, message: Message, *, with_key: bool) -> None:
    t, chats = context.t, context.services.chats
    write = link_button(t.plain("Write to me"), f"https://t.me/{context.bot.username}?start={FROM_A_GROUP}")
    if not with_key:
        await chats.send(
            message.chat.id,
            t("🔑 Not here: send me your key in private."),
            reply_to=message.message_id,
            keyboard=keyboard([write]),
        )
        return
    deleted = await take_out(context, message.chat.id, message.message_id)
    await chats.send(
        message.chat.id,
        lines(
            _deletion(t, deleted=deleted),
            t("⚠️ Not here: others may have seen your key."),
            t("Make a new one on 1fichier’s page, then send it to me in private."),
        ),
        reply_to=message.message_id,
        keyboard=keyboard([link_button(t.plain("New key"), KEY_PAGE), write]),
    )


LOGIN: Final = Command("login", "[KEY]", mark("Give or renew your key"), login)
