"""What a status message says while files or links are under way, and its buttons."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from telegram import InlineKeyboardMarkup

from handlers.account_names import AccountNames, place
from handlers.buttons import Action, button, keyboard
from handlers.held import answers, question
from handlers.stopping import ONE
from handlers.texts import Html, Texts, lines
from storage import Batch, RemoteState, RemoteUpload, StoredFile, Transfer, TransferState
from transfers import TRIES, Progress

# So many names with links keep a status message within one message, whatever the names.
FINISHED_SHOWN: Final = 10
URLS_SHOWN: Final = 10


@dataclass(frozen=True)
class UploadStatus:
    """A batch of files as it stands.

    Attributes:
        transfers: those that were not refused on arrival.
        progress: of the transfers that run, by id.
        before: how many files come before the first one that waits.
        key_refused: nothing goes on before the person has sent a new key.
        paused_until: 1fichier is not asked anything for the account before then.
        without_room: those that wait for room on the disk of the local Bot API server, by id.
        namesake: what the account has already of the only file that waits for an answer.
        accounts: names, where the person has more than one.
        in_maintenance: whoever looks after the bot lets nothing new begin.
    """

    batch: Batch
    transfers: Sequence[Transfer]
    now: datetime
    progress: dict[int, Progress] = field(default_factory=dict)
    before: int = 0
    key_refused: bool = False
    paused_until: datetime | None = None
    without_room: frozenset[int] = frozenset()
    namesake: StoredFile | None = None
    accounts: AccountNames = field(default_factory=dict)
    in_maintenance: bool = False

    @property
    def held(self) -> list[Transfer]:
        """Those that wait for an answer."""
        return [each for each in self.transfers if each.held and each.state is TransferState.QUEUED]


def upload_status(t: Texts, status: UploadStatus) -> Html:
    held = status.held
    others = [
        each for each in status.transfers if each.state is not TransferState.CANCELLED and each not in held
    ]
    if not held:
        return _under_way(t, status, others)
    asked = question(t, held, status.namesake)
    if any(each.active for each in others):
        return lines(_under_way(t, status, others), Html(""), asked)
    return lines(asked, *_finished(t, [each for each in others if each.state is TransferState.DONE]))


def upload_buttons(t: Texts, status: UploadStatus) -> InlineKeyboardMarkup | None:
    held = status.held
    active = [each for each in status.transfers if each.active and not each.cancelling and each not in held]
    cancel = None
    if active and len(status.transfers) == 1:
        cancel = button(t.plain("Cancel"), Action.CANCEL_TRANSFER, active[0].id)
    elif active:
        cancel = button(t.plain("Cancel all"), Action.CANCEL_BATCH, status.batch.id)
    return keyboard(answers(t, held), [cancel])


def remote_status(t: Texts, remotes: Sequence[RemoteUpload], accounts: AccountNames | None = None) -> Html:
    """`remotes`: those of the batch that the person wants, and wants to hear of."""
    account = (accounts or {}).get(remotes[0].account_id)
    active = [each for each in remotes if each.active]
    shown = [t("{url}", url=t.name(each.shown_url)) for each in active[:URLS_SHOWN]]
    more = len(active) - len(shown)
    ended = len(remotes) - len(active)
    return lines(
        t.n(
            "⏳ 1fichier is fetching {count} link for you",
            "⏳ 1fichier is fetching {count} links for you",
            len(active),
        ),
        *shown,
        t.n("and {count} more", "and {count} more", more) if more else None,
        t.n("{count} has ended.", "{count} have ended.", ended) if ended else None,
        place(t, remotes[0].folder_name, account) if account else None,
        t("I’ll tell you when it’s done. You can close Telegram."),
    )


def remote_buttons(t: Texts, remotes: Sequence[RemoteUpload]) -> InlineKeyboardMarkup | None:
    """For all of it; one of several is stopped from /jobs."""
    active = [each for each in remotes if each.active]
    if not active:
        return None
    if len(remotes) > 1:
        return keyboard([button(t.plain("Cancel all"), Action.CANCEL_BATCH, active[0].batch_id)])
    only = active[0].id
    if active[0].state is RemoteState.WAITING:
        return keyboard([button(t.plain("Cancel"), Action.STOP_REMOTE, only)])
    # 1fichier cannot stop what it is fetching.
    return keyboard(
        [
            button(t.plain("Delete on arrival"), Action.DELETE_ARRIVING, ONE, only),
            button(t.plain("Don’t tell me"), Action.STOP_REMOTE, only),
        ]
    )


def file_phase(t: Texts, status: UploadStatus, transfer: Transfer) -> Html:
    """The first line about one file."""
    if transfer.cancelling:
        return t("⏳ Cancelling: if 1fichier has it already, I delete it")
    match transfer.state:
        case TransferState.QUEUED:
            return _waiting(t, status, transfer)
        case TransferState.FETCHING:
            return t("⏳ Getting it from Telegram")
        case TransferState.SENDING:
            percent = _percent(t, status.progress.get(transfer.id))
            return t("⏳ Uploading, {percent}", percent=percent)
        case TransferState.CONFIRMING:
            return t("⏳ Uploaded, waiting for the link")
        case _:
            return t("✅ Uploaded")


def progress_line(t: Texts, progress: Progress) -> Html | None:
    """`▓▓▓▓░░░░░░ 38 MB/s · 20 s left`; None while nothing is known."""
    if progress.total is None:
        return None
    bar = t.bar(progress.sent, progress.total)
    if progress.speed <= 0:
        return Html(bar)
    speed = t.speed(progress.speed)
    if progress.seconds_left is None:
        return t("{bar} {speed}", bar=bar, speed=speed)
    left = t.duration(progress.seconds_left)
    return t("{bar} {speed} · {duration} left", bar=bar, speed=speed, duration=left)


def _percent(t: Texts, progress: Progress | None) -> str:
    if progress is None or progress.total is None:
        return t.percent(0, 1)
    return t.percent(progress.sent, progress.total)


def _waiting(t: Texts, status: UploadStatus, transfer: Transfer) -> Html:
    if (held_up := _held_up(t, status, transfer)) is not None:
        return held_up
    if transfer.not_before is not None and transfer.not_before > status.now:
        return _put_off(t, transfer, transfer.not_before, status.now)
    if status.paused_until is not None and status.paused_until > status.now:
        return _paused(t, status.paused_until, status.now)
    if not status.before:
        return t("⏳ In the queue")
    return t("⏳ In the queue, {count} before it", count=t.number(status.before))


def _held_up(t: Texts, status: UploadStatus, transfer: Transfer) -> Html | None:
    """By something that nobody knows the end of."""
    if transfer.account_id is None or status.key_refused:
        return _for_a_key(t, status.accounts.get(transfer.account_id or 0))
    if status.in_maintenance:
        return t("⏸ Waiting: its owner is working on this bot")
    return t("⏸ Waiting for room on this server") if transfer.id in status.without_room else None


def _put_off(t: Texts, transfer: Transfer, until: datetime, now: datetime) -> Html:
    if not transfer.tries:
        return _paused(t, until, now)
    return t(
        "⏳ Connection lost, starting again (try {number} of {tries})",
        number=transfer.tries + 1,
        tries=TRIES,
    )


def _for_a_key(t: Texts, account: str | None) -> Html:
    if account is None:
        return t("🔑 Waiting for your key: /login")
    return t("🔑 Waiting for a new key of <b>{account}</b>: /settings", account=account)


def _paused(t: Texts, until: datetime, now: datetime) -> Html:
    return t("⏸ Paused, goes on at about {time}", time=t.time(until, now))


def _under_way(t: Texts, status: UploadStatus, transfers: Sequence[Transfer]) -> Html:
    if len(transfers) == 1:
        return _one_file(t, status, transfers[0])
    return _several_files(t, status, transfers)


def _one_file(t: Texts, status: UploadStatus, transfer: Transfer) -> Html:
    progress = status.progress.get(transfer.id)
    sending = transfer.state is TransferState.SENDING and progress is not None
    return lines(
        file_phase(t, status, transfer),
        _named(t, transfer),
        _folder(t, status, transfer),
        progress_line(t, progress) if sending and progress else None,
    )


def _several_files(t: Texts, status: UploadStatus, transfers: Sequence[Transfer]) -> Html:
    done = [each for each in transfers if each.state is TransferState.DONE]
    running = [each for each in transfers if each.state in {TransferState.FETCHING, TransferState.SENDING}]
    waiting = [each for each in transfers if each.state is TransferState.QUEUED]
    if running or not waiting or done:
        first = _counted(t, transfers, len(done))
    else:
        first = lines(_waiting(t, status, waiting[0]), _amount(t, transfers))
    overall = _overall(status, transfers)
    return lines(
        first,
        t("Now: <b>{name}</b>", name=t.name(running[0].given_name)) if running else None,
        progress_line(t, overall) if running and overall else None,
        _common_folder(t, status, transfers),
        *_finished(t, done),
    )


def _counted(t: Texts, transfers: Sequence[Transfer], done: int) -> Html:
    size = _total(transfers)
    first = t.n("⏳ Uploading {count} file", "⏳ Uploading {count} files", len(transfers))
    if done:
        first = t("{uploading}, {done} done", uploading=first, done=t.number(done))
    return t("{uploading} · {size}", uploading=first, size=t.size(size)) if size else first


def _amount(t: Texts, transfers: Sequence[Transfer]) -> Html:
    size = _total(transfers)
    count = t.n("{count} file", "{count} files", len(transfers))
    return t("{files} · {size}", files=count, size=t.size(size)) if size else count


def _total(transfers: Sequence[Transfer]) -> int | None:
    """Bytes of all files; None as long as one does not say its size."""
    sizes = [each.size for each in transfers if each.size is not None]
    return sum(sizes) if len(sizes) == len(transfers) else None


def _overall(status: UploadStatus, transfers: Sequence[Transfer]) -> Progress | None:
    """All files as if they were one."""
    total = _total(transfers)
    if total is None:
        return None
    whole = {TransferState.DONE, TransferState.CONFIRMING}
    sent = sum(each.size or 0 for each in transfers if each.state in whole or not each.active)
    sent += sum(each.sent for each in status.progress.values())
    speed = sum(each.speed for each in status.progress.values())
    return Progress(
        sent=sent, total=total, speed=speed, seconds_left=max(0, total - sent) / speed if speed else None
    )


def _finished(t: Texts, done: Sequence[Transfer]) -> list[Html]:
    """The links there are already, the newest last."""
    if not done:
        return []
    shown = sorted(done, key=lambda each: each.ended_at or each.created_at)[-FINISHED_SHOWN:]
    more = len(done) - len(shown)
    listed = [
        t("<b>{name}</b>\n{link}", name=t.name(each.stored_name or each.name), link=each.link)
        for each in shown
    ]
    return [
        Html(""),
        *([t.n("{count} more before these", "{count} more before these", more)] if more else []),
        *listed,
    ]


def _named(t: Texts, transfer: Transfer) -> Html:
    name = t.name(transfer.given_name)
    if transfer.size is None:
        return t("<b>{name}</b>", name=name)
    return t("<b>{name}</b> · {size}", name=name, size=t.size(transfer.size))


def _common_folder(t: Texts, status: UploadStatus, transfers: Sequence[Transfer]) -> Html | None:
    """None where they go to several."""
    folders = {_folder(t, status, each) for each in transfers}
    return folders.pop() if len(folders) == 1 else None


def _folder(t: Texts, status: UploadStatus, transfer: Transfer) -> Html:
    return place(t, transfer.channel or transfer.folder_name, status.accounts.get(transfer.account_id or 0))
