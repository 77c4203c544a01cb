"""What is running, and stopping it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update

from handlers.account_names import account_names
from handlers.buttons import Action, button, keyboard
from handlers.chats import MessageGone
from handlers.command import ButtonCallback, Command
from handlers.context import Context, message_of
from handlers.job_text import job_in_brief
from handlers.presses import not_yours
from handlers.stopping import ONE, answers, question, stop_batch
from handlers.texts import Html, Texts, lines, mark
from storage import BatchKind, CancelOutcome, Job, RemoteState, RemoteUpload, Transfer, TransferState
from transfers import StopOutcome

# More buttons than this are no help on a phone; the rest is counted, and comes up as the first ones end.
LONGEST_LIST: Final = 12
_BUTTONS_A_ROW: Final = 3
# The last argument of a cancel button that stands below the list, which is then shown anew.
_FROM_LIST: Final = "j"


async def jobs(update: Update, context: Context) -> None:
    """Show what runs, waits, or rests."""
    message = message_of(update)
    text, markup = await _overview(context)
    await context.services.chats.send(
        message.chat.id, text, reply_to=context.reply_in_group(message), keyboard=markup
    )


async def cancel_transfer(update: Update, context: Context) -> str | None:
    """Cancel one file by its button."""
    outcome = await context.services.uploads.cancel(context.press.number(), context.person.id)
    await _refresh(update, context)
    return _said(context, outcome)


async def cancel_batch(_: Update, context: Context) -> str | None:
    """Cancel all that is still under way of what was sent together."""
    services, batch_id = context.services, context.press.number()
    batch = await services.batches.find(batch_id)
    if batch is None or batch.person_id != context.person.id:
        return not_yours(context)
    if batch.kind is BatchKind.REMOTE:
        return await stop_batch(context, batch_id, batch.reply_to, batch.chat_id)
    outcomes = await services.uploads.cancel_batch(batch_id, context.person.id)
    if not outcomes:
        return context.t.plain("Already done.")
    return _said(context, *outcomes)


async def stop_remote(update: Update, context: Context) -> str | None:
    """Cancel a link that still waits. Of one that is being fetched, ask; below its status message, tell no more."""
    services, press, t = context.services, context.press, context.t
    remote_id = press.number()
    if press.text(1) != _FROM_LIST:
        return _stopped(context, await services.remotes.silence(remote_id, context.person.id))
    outcome = await services.remotes.stop(remote_id, context.person.id)
    if outcome is StopOutcome.UNDER_WAY:
        message, markup = message_of(update), answers(t, ONE, remote_id, _FROM_LIST)
        await services.chats.edit(message.chat.id, message.message_id, question(t, 1), keyboard=markup)
        return None
    await _refresh(update, context)
    return _stopped(context, outcome)


async def go_on(update: Update, context: Context) -> str | None:
    """Leave what is being fetched as it is, and show again what stood in the place of the question."""
    message, chats = message_of(update), context.services.chats
    if context.press.text() == _FROM_LIST:
        text, markup = await _overview(context)
        await chats.edit(message.chat.id, message.message_id, text, keyboard=markup)
    else:
        await chats.edit(message.chat.id, message.message_id, context.t("It goes on."))
    return None


async def cancel_replied_to(context: Context, message: Message, message_id: int) -> bool:
    """Cancel what a message of the chat stands for: a file, a list of URLs, a status message. False: nothing."""
    services, person_id, chat_id = context.services, context.person.id, message.chat.id
    transfers = [each for each in await services.transfers.active_of(person_id) if each.chat_id == chat_id]
    remotes = [each for each in await _wanted_links(context) if each.chat_id == chat_id]
    under_way = {each.batch_id for each in transfers} | {each.batch_id for each in remotes}
    shown = await _batches_shown_by(context, message_id, under_way)
    files = [each for each in transfers if each.message_id == message_id or each.batch_id in shown]
    links = {each.batch_id for each in remotes if each.message_id == message_id or each.batch_id in shown}
    said = [
        context.t.plain("Cancelled.")
        for job in await services.jobs.running_of(person_id)
        if (job.chat_id, job.message_id) == (chat_id, message_id) and await services.jobs.cancel(job)
    ]
    outcomes = [await services.uploads.cancel(each.id, person_id) for each in files]
    said += [_said(context, *outcomes)] if outcomes else []
    said += [await stop_batch(context, each, message.message_id, chat_id) for each in sorted(links)]
    if text := lines(*(context.t("{sentence}", sentence=each) for each in dict.fromkeys(said) if each)):
        await services.chats.send(chat_id, text, reply_to=context.reply_in_group(message))
    return bool(said or links)


async def _overview(context: Context) -> tuple[Html, InlineKeyboardMarkup | None]:
    services, t, now = context.services, context.t, context.services.clock.now()
    transfers = await services.transfers.active_of(context.person.id)
    remotes = await _wanted_links(context)
    others = await services.jobs.running_of(context.person.id)
    if not transfers and not remotes and not others:
        return t("Nothing is running."), None
    shown: list[tuple[Html, InlineKeyboardButton | None]] = []
    for transfer in transfers[:LONGEST_LIST]:
        shown.append(
            (await _file_line(context, transfer), _cancel(t, Action.CANCEL_TRANSFER, transfer.id, len(shown)))
        )
    for remote in remotes[: LONGEST_LIST - len(shown)]:
        shown.append((_link_line(t, remote, now), _cancel(t, Action.STOP_REMOTE, remote.id, len(shown))))
    for job in others[: LONGEST_LIST - len(shown)]:
        shown.append((job_in_brief(t, job), _cancel(t, Action.CANCEL_JOB, job.id, len(shown))))
    buttons = [each for _, each in shown]
    more = len(transfers) + len(remotes) + len(others) - len(shown)
    text = lines(
        _heading(t, len(transfers), len(remotes), len(others)),
        *await _pause_lines(context, transfers, remotes, others, now),
        *(t("{number}. {line}", number=number, line=line) for number, (line, _) in enumerate(shown, start=1)),
        t.n("and {count} more", "and {count} more", more) if more else None,
    )
    rows = [buttons[start : start + _BUTTONS_A_ROW] for start in range(0, len(buttons), _BUTTONS_A_ROW)]
    return text, keyboard(*rows)


async def _wanted_links(context: Context) -> list[RemoteUpload]:
    """Of those that 1fichier cannot be kept from, some were said to be of no interest."""
    active = await context.services.remotes_store.active_of(context.person.id)
    return [each for each in active if each.told and not each.unwanted]


def _heading(t: Texts, files: int, links: int, others: int) -> Html:
    counts = [
        t.n("{count} upload", "{count} uploads", files) if files else "",
        t.n("{count} link", "{count} links", links) if links else "",
        t.n("{count} job on your files", "{count} jobs on your files", others) if others else "",
    ]
    return t("⏳ {jobs}", jobs=Html(", ".join(filter(None, counts))))


async def _pause_lines(
    context: Context,
    transfers: Sequence[Transfer],
    remotes: Sequence[RemoteUpload],
    others: Sequence[Job],
    now: datetime,
) -> list[Html]:
    """What holds them up: a key that is missing or refused, or a pause of the service."""
    t, services = context.t, context.services
    numbers = [
        *(each.account_id for each in transfers),
        *(each.account_id for each in remotes),
        *(each.account_id for each in others),
    ]
    accounts = [await services.people.account(each) for each in dict.fromkeys(numbers) if each is not None]
    names = await account_names(services, t, context.person.id)
    held: list[Html] = []
    if any(each.account_id is None for each in transfers):
        held.append(t("🔑 They wait for your key: send /login"))
    for account in accounts:
        if account is None:
            continue
        if account.refused_at is not None:
            held.append(_refused(t, names.get(account.id)))
        elif (until := services.uploads.paused_until(account.id)) is not None:
            held.append(t("⏸ Paused, goes on at about {time}", time=t.time(until, now)))
    return list(dict.fromkeys(held))


def _refused(t: Texts, account: str | None) -> Html:
    if account is None:
        return t("🔑 They wait for a new key, as 1fichier no longer accepts yours: send /login")
    return t("🔑 <b>{account}</b> needs a new key: see /settings", account=account)


async def _file_line(context: Context, transfer: Transfer) -> Html:
    t = context.t
    return t(
        "<b>{name}</b> · {state}", name=t.name(transfer.name), state=await _file_state(context, transfer)
    )


async def _file_state(context: Context, transfer: Transfer) -> Html:
    t, uploads = context.t, context.services.uploads
    if transfer.cancelling:
        return t("being cancelled")
    if transfer.state is TransferState.CONFIRMING:
        return t("uploaded, waiting for the link")
    if transfer.state is TransferState.QUEUED:
        return await _place(context, transfer)
    progress = uploads.progress(transfer.id)
    if progress is None or not progress.total:
        return t("starting")
    percent = t.percent(progress.sent, progress.total)
    if progress.seconds_left is None:
        return t("{percent}", percent=percent)
    return t("{percent}, {duration} left", percent=percent, duration=t.duration(progress.seconds_left))


async def _place(context: Context, transfer: Transfer) -> Html:
    t = context.t
    if transfer.held:
        return t("waits for your answer")
    before = await context.services.uploads.position(transfer)
    return t.n("{count} before it", "{count} before it", before) if before else t("next")


def _link_line(t: Texts, remote: RemoteUpload, now: datetime) -> Html:
    url = t.name(remote.shown_url)
    if remote.state is RemoteState.WAITING:
        return t("{url} · waits", url=url)
    if remote.requested_at is None:
        return t("{url} · 1fichier is fetching it", url=url)
    since = t.time(remote.requested_at, now)
    return t("{url} · 1fichier is fetching it, since {time}", url=url, time=since)


def _cancel(t: Texts, action: Action, row_id: int, position: int) -> InlineKeyboardButton:
    return button(t.plain("Cancel {number}", number=position + 1), action, row_id, _FROM_LIST)


async def _refresh(update: Update, context: Context) -> None:
    """Show the list anew where the button stood below it; status messages are kept up to date elsewhere."""
    message = message_of(update)
    if context.press.text(1) != _FROM_LIST:
        return
    text, markup = await _overview(context)
    try:
        await context.services.chats.edit(message.chat.id, message.message_id, text, keyboard=markup)
    except MessageGone:
        return


async def _batches_shown_by(context: Context, message_id: int, batch_ids: set[int]) -> set[int]:
    batches = [await context.services.batches.find(batch_id) for batch_id in batch_ids]
    return {batch.id for batch in batches if batch is not None and batch.status_message_id == message_id}


def _said(context: Context, *outcomes: CancelOutcome) -> str:
    """The pop-up for what a cancel led to; of several, what the person has to know."""
    t = context.t
    if CancelOutcome.NOT_THEIRS in outcomes:
        return not_yours(context)
    if CancelOutcome.DELETING in outcomes:
        return t.plain("Too late to stop it: I’ll delete the file as soon as it appears.")
    if all(outcome is CancelOutcome.TOO_LATE for outcome in outcomes):
        return t.plain("Too late, it’s already uploaded.")
    return t.plain("Cancelled.")


def _stopped(context: Context, *outcomes: StopOutcome) -> str:
    t = context.t
    if StopOutcome.NOT_THEIRS in outcomes:
        return not_yours(context)
    if StopOutcome.UNDER_WAY in outcomes:
        return t.plain(
            "1fichier can’t stop a link once it is being fetched. I won’t tell you about it any more."
        )
    if all(outcome is StopOutcome.ENDED for outcome in outcomes):
        return t.plain("Already done.")
    return t.plain("Cancelled.")


BUTTONS: Final[dict[Action, ButtonCallback]] = {
    Action.CANCEL_TRANSFER: cancel_transfer,
    Action.CANCEL_BATCH: cancel_batch,
    Action.STOP_REMOTE: stop_remote,
    Action.GO_ON: go_on,
}
JOBS: Final = Command("jobs", "", mark("What is running"), jobs)
