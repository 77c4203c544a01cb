"""One link for all: files moved into a new folder that everybody with its link can see."""

from collections.abc import Sequence
from typing import Final

from telegram import Message, Update

from handlers.buttons import Action
from handlers.command import ButtonCallback
from handlers.context import Context, message_of
from handlers.presses import not_yours, too_old
from handlers.questions import ask
from handlers.texts import lines
from onefichier import Link, parse_link
from storage import Account, BatchKind, Question, RemoteState, TransferState
from transfers import NamedLink

QUESTION: Final = "share_files"


async def share_batch(update: Update, context: Context) -> str | None:
    """Ask whether what arrived together shall get one link for all."""
    services, message = context.services, message_of(update)
    batch = await services.batches.find(context.press.number())
    if batch is None:
        return too_old(context)
    if batch.person_id != context.person.id:
        return not_yours(context)
    files = (
        await _remotes(context, batch.id)
        if batch.kind is BatchKind.REMOTE
        else await _uploads(context, batch.id)
    )
    if not files:
        return too_old(context)
    await ask_to_share(context, message, files)
    return None


async def ask_to_share(context: Context, message: Message, files: Sequence[NamedLink]) -> None:
    """Ask in a new message, which then shows what becomes of it: the one with the button keeps the links.

    A folder is in one account: files of several are asked about one account after the other.
    """
    links = {each.link.id: each for each in files}
    for account, theirs in await context.by_account([each.link for each in files]):
        await _ask(context, message, account, [links[each.id] for each in theirs])


async def _ask(context: Context, message: Message, account: Account, files: Sequence[NamedLink]) -> None:
    t = context.t
    count = len(files)
    await ask(
        context,
        message.chat.id,
        QUESTION,
        {"files": [[each.link.id, each.link.url, each.name] for each in files], "account": account.id},
        lines(
            t.n("❓ One link for this file?", "❓ One link for all {count} files?", count),
            *(t("• <b>{name}</b>", name=t.name(each.name)) for each in files if each.name),
            t(
                "I move them into a new folder, and whoever has its link can see what is in it. Their own links stay."
            ),
        ),
        yes=t.plain("Make link"),
        no=t.plain("No"),
        reply_to=context.reply_in_group(message),
    )


async def answer(context: Context, question: Question, yes: bool) -> str | None:  # noqa: FBT001 - an Answer
    """Have it done, which the message then shows."""
    services, t = context.services, context.t
    if question.message_id is None:
        return None
    if not yes:
        text = t("Nothing shared. The files stay where they are.")
        await services.chats.edit(question.chat_id, question.message_id, text)
        return None
    files = [NamedLink(Link(link_id, url), name) for link_id, url, name in question.subject["files"]]
    now = services.clock.now().astimezone(t.zone)
    name = t.plain("Shared {moment}", moment=f"{now:%Y-%m-%d %H.%M}")
    account = await context.own_account(question.subject["account"])
    await services.jobs.share_files(
        account, files, name, chat_id=question.chat_id, message_id=question.message_id
    )
    return None


async def _uploads(context: Context, batch_id: int) -> list[NamedLink]:
    transfers = await context.services.transfers.of_batch(batch_id)
    return [
        NamedLink(link, each.stored_name or each.name, each.stored_size)
        for each in transfers
        if each.state is TransferState.DONE and (link := parse_link(each.link or ""))
    ]


async def _remotes(context: Context, batch_id: int) -> list[NamedLink]:
    remotes = await context.services.remotes_store.of_batch(batch_id)
    return [
        NamedLink(link, each.stored_name or each.shown_url, each.stored_size)
        for each in remotes
        if each.state is RemoteState.DONE and (link := parse_link(each.link or ""))
    ]


BUTTONS: Final[dict[Action, ButtonCallback]] = {Action.SHARE_BATCH: share_batch}
