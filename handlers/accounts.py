"""Several accounts of one person: added, named, switched between, removed."""

import contextlib
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any, Final

from telegram import InlineKeyboardButton, Update

from handlers.account_names import account_name
from handlers.buttons import Action, button, keyboard
from handlers.chats import DeliveryError
from handlers.command import ButtonCallback
from handlers.context import Context, message_of
from handlers.login import ADD, ask_for_another_key, ask_for_key
from handlers.presses import not_yours, too_old
from handlers.questions import ask
from handlers.quota import offer_line
from handlers.settings_pages import Page, back, show
from handlers.texts import Html, lines
from handlers.upload_folder import new_files_go_to
from onefichier import AccountInfo
from storage import Account, Batch, Question

NAME_QUESTION: Final = "account_name"
REMOVE_QUESTION: Final = "remove_account"
PAGE: Final = "acc"

# As many as a page of buttons holds, and more than anybody is known to have.
MOST_ACCOUNTS: Final = 10
# One line of a phone beside a folder's name.
LONGEST_NAME: Final = 30
# A name comes to mind at once; afterwards a message is only a message again.
NAME_LIFETIME: Final = timedelta(minutes=10)

# Verbs on buttons, so they never change their meaning.
_OPEN: Final = "open"
_USE: Final = "use"
_NAME: Final = "name"
_KEY: Final = "key"
_REMOVE: Final = "rm"


async def accounts_page(context: Context) -> Page:
    """All of them, and which is in use."""
    t = context.t
    accounts = await context.services.account_rows.of(context.person.id)
    if not accounts:
        text = lines(t("<b>Accounts</b>"), t("You have given me no key yet: send /login"))
        return text, keyboard([back(t)])
    in_use = await context.services.people.account_in_use(context.person.id)
    listed = [_line(context, each, in_use=in_use is not None and each.id == in_use.id) for each in accounts]
    add = button(t.plain("Add an account"), Action.ACCOUNT, ADD, 0)
    opened: list[list[InlineKeyboardButton | None]] = [
        [button(account_name(t, each), Action.ACCOUNT, _OPEN, each.id)] for each in accounts
    ]
    return lines(t("<b>Accounts</b>"), *listed), keyboard(
        *opened,
        [add if len(accounts) < MOST_ACCOUNTS else None, back(t)],
    )


async def act(update: Update, context: Context) -> str | None:
    """Do what a button says about one account."""
    services, press = context.services, context.press
    verb, account_id = press.text(), press.number(1)
    if verb == ADD:
        return await _add(update, context)
    account = await services.account_rows.find(account_id, context.person.id)
    if account is None:
        another = await services.people.account(account_id)
        return not_yours(context) if another else too_old(context)
    action = _ACTIONS.get(verb)
    if action is None:
        return too_old(context)
    await action(update, context, account)
    return None


async def take_name(context: Context, question: Question, _: int, text: str) -> None:
    """Call an account as the message says."""
    services, t = context.services, context.t
    account = await services.account_rows.find(question.subject["account"], context.person.id)
    name = " ".join(text.split())
    if account is None:
        said = t("This account is no longer here.")
    elif not 0 < len(name) <= LONGEST_NAME:
        said = t("⚠️ A name has 1 to {most} characters. Nothing was changed.", most=LONGEST_NAME)
    elif await _is_taken(context, account, name):
        said = t(
            "⚠️ Another account of yours is called <b>{name}</b>. Nothing was changed.", name=t.name(name)
        )
    else:
        await services.account_rows.rename(account.id, name)
        said = t("✅ It is called <b>{name}</b> now.", name=t.name(name))
    await services.chats.send(question.chat_id, said)


async def remove(context: Context, question: Question, yes: bool) -> None:  # noqa: FBT001 - an Answer
    """Erase the account from here, or say that nothing was."""
    services, t = context.services, context.t
    account = await services.account_rows.find(question.subject["account"], context.person.id)
    if account is None:
        text = t("This account is no longer here.")
    elif not yes:
        text = t("Nothing removed. <b>{name}</b> is still here.", name=account_name(t, account))
    else:
        name = account_name(t, account)
        statuses = await _statuses(context, account)
        await services.accounts.remove(account)
        await _take_away(context, statuses)
        left = await services.people.account_in_use(context.person.id)
        text = lines(
            t("✅ Removed: <b>{name}</b>, its key and its list of uploads.", name=name),
            t("Its files stay on 1fichier, and its key still exists there; you can cancel it there."),
            t("New files go to <b>{name}</b> now.", name=account_name(t, left))
            if left
            else t("/login starts again."),
        )
    if question.message_id is not None:
        await services.chats.edit(question.chat_id, question.message_id, text)


def _line(context: Context, account: Account, *, in_use: bool) -> Html:
    t, name = context.t, account_name(context.t, account)
    if account.refused_at is not None:
        return t("🔑 <b>{name}</b> · 1fichier no longer accepts its key", name=name)
    return t("<b>{name}</b> · in use", name=name) if in_use else t("<b>{name}</b>", name=name)


async def _account_page(context: Context, account: Account) -> Page:
    services, t = context.services, context.t
    in_use = await services.people.account_in_use(context.person.id)
    is_used = in_use is not None and in_use.id == account.id
    known = await services.people.account_info(account.id)
    text = lines(
        _line(context, account, in_use=is_used),
        new_files_go_to(t, account.folder_name),
        offer_line(t, AccountInfo.model_validate_json(known[0])) if known else None,
    )
    return text, keyboard(
        [None if is_used else button(t.plain("Use it"), Action.ACCOUNT, _USE, account.id)],
        [
            button(t.plain("Name"), Action.ACCOUNT, _NAME, account.id),
            button(t.plain("Renew key"), Action.ACCOUNT, _KEY, account.id),
        ],
        [back(t, PAGE)],
        [button(t.plain("Remove"), Action.ACCOUNT, _REMOVE, account.id)],
    )


async def _add(update: Update, context: Context) -> str | None:
    accounts = await context.services.account_rows.of(context.person.id)
    if len(accounts) >= MOST_ACCOUNTS:
        return context.t.plain("I keep {most} accounts at most.", most=MOST_ACCOUNTS)
    await ask_for_another_key(context, message_of(update).chat.id)
    return None


async def _open(update: Update, context: Context, account: Account) -> None:
    await show(update, context, await _account_page(context, account))


async def _use(update: Update, context: Context, account: Account) -> None:
    await context.services.account_rows.use(account.id, context.person.id)
    await show(update, context, await accounts_page(context))


async def _renew_key(update: Update, context: Context, account: Account) -> None:
    await ask_for_key(context, message_of(update).chat.id, account)


async def _ask_for_name(update: Update, context: Context, account: Account) -> None:
    services, t, chat_id = context.services, context.t, message_of(update).chat.id
    await services.questions.ask(
        context.person.id,
        chat_id,
        NAME_QUESTION,
        {"account": account.id},
        now=services.clock.now(),
        lifetime=NAME_LIFETIME,
        awaits_text=True,
    )
    text = lines(
        t("❓ What shall I call <b>{name}</b>?", name=account_name(t, account)),
        t("Send me a name. Changed your mind? /cancel"),
    )
    await services.chats.send(chat_id, text, field_hint=t.plain("Name of the account"))


async def _ask_whether_to_remove(update: Update, context: Context, account: Account) -> None:
    services, t, message = context.services, context.t, message_of(update)
    uploads = await services.transfers.active_of(context.person.id)
    running = sum(each.account_id == account.id for each in uploads)
    await ask(
        context,
        message.chat.id,
        REMOVE_QUESTION,
        {"account": account.id},
        lines(
            t("❓ Remove <b>{name}</b>, its key and all I know about it?", name=account_name(t, account)),
            t.n("{count} running upload will stop.", "{count} running uploads will stop.", running)
            if running
            else None,
            t("Your files on 1fichier stay where they are."),
        ),
        yes=t.plain("Remove"),
        no=t.plain("Keep"),
        danger=True,
        instead_of=message.message_id,
    )


async def _statuses(context: Context, account: Account) -> list[Batch]:
    """Of what is under way there, and will be gone."""
    services = context.services
    files = await services.transfers.active_of(context.person.id)
    links = await services.remotes_store.active_of_account(account.id)
    ids = {each.batch_id for each in files if each.account_id == account.id}
    ids |= {each.batch_id for each in links}
    found = [await services.batches.find(number) for number in sorted(ids)]
    return [each for each in found if each is not None]


async def _take_away(context: Context, batches: Sequence[Batch]) -> None:
    """A status message that nobody keeps true any more would go on saying that something runs."""
    services = context.services
    for batch in batches:
        if batch.status_message_id is not None and await services.batches.find(batch.id) is None:
            with contextlib.suppress(DeliveryError):
                await services.chats.delete(batch.chat_id, batch.status_message_id)


async def _is_taken(context: Context, account: Account, name: str) -> bool:
    others = await context.services.account_rows.of(context.person.id)
    return any(
        account_name(context.t, each).casefold() == name.casefold()
        for each in others
        if each.id != account.id
    )


_ACTIONS: Final[dict[str, Callable[[Update, Context, Account], Coroutine[Any, Any, None]]]] = {
    _OPEN: _open,
    _USE: _use,
    _NAME: _ask_for_name,
    _KEY: _renew_key,
    _REMOVE: _ask_whether_to_remove,
}
BUTTONS: Final[dict[Action, ButtonCallback]] = {Action.ACCOUNT: act}
