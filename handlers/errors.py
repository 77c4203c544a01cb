"""What went wrong, in words: what happened, what was kept, what to do."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Final

from telegram import Update
from telegram.constants import ChatType

from handlers.chats import ChatUnreachable, MessageGone
from handlers.context import Context, KeyMissing, KeyParked
from handlers.problems import problem_in_words
from handlers.reader import texts_of
from handlers.texts import Html, Texts, lines
from onefichier import (
    AccountLocked,
    AddressLocked,
    AlreadyRequested,
    BadAnswer,
    CdnNeeded,
    DownloadError,
    DownloadMismatch,
    DownloadRefused,
    EmptyFile,
    FloodDetected,
    KeyRefused,
    Limited,
    MalformedKey,
    MustBeCustomer,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    NothingChanged,
    OneFichierError,
    OneLocationOnly,
    OwnerLocked,
    PasswordNeeded,
    Refusal,
    Refused,
    ReportGone,
    ReportPending,
    ServerTrouble,
    SourceMismatch,
    Unclear,
    Unreachable,
    UntrustedNode,
    UploadError,
    UploadInterrupted,
    UploadRefused,
    Waiting,
    WrongPassword,
)
from storage import CannotOpen

log = logging.getLogger(__name__)

Words = Callable[[Texts, OneFichierError], Html]

# Reasons of a service can be whole pages; so much is enough to recognise one.
LONGEST_REASON: Final = 200


def words(t: Texts, error: OneFichierError, now: datetime) -> Html:
    """What to tell the person, for every error of 1fichier."""
    if isinstance(error, Waiting):
        return paused(t, error.until, now)
    if isinstance(error, Limited):
        return paused(t, error.until, now)
    kind = next(kind for kind in type(error).__mro__ if kind in _WORDS)
    return _WORDS[kind](t, error)


def paused(t: Texts, until: datetime | None, now: datetime) -> Html:
    """A question that needs 1fichier while it is not to be asked; None: nobody knows until when."""
    first = (
        t("⏸ I can ask 1fichier again at about {time}.", time=t.time(until, now))
        if until is not None
        else t("⏸ 1fichier asked me to slow down.")
    )
    return lines(first, t("Nothing was changed. Try again then."))


def key_missing(t: Texts) -> Html:
    return lines(t("🔑 I need your key for that."), t("Send /login to give it to me."))


def key_parked(t: Texts) -> Html:
    return lines(
        t("🔑 1fichier no longer accepts your key."), t("Nothing was changed. Send a new key with /login")
    )


def quoted(t: Texts, reason: str) -> Html | None:
    """A reason in the words of the service, as a line of its own; None when it gave none."""
    brief = " ".join(reason.split())[:LONGEST_REASON]
    return t("Its reason: “{reason}”.", reason=brief) if brief else None


def _fixed(*messages: Callable[[Texts], Html]) -> Words:
    return lambda t, _: lines(*(message(t) for message in messages))


def _refused(t: Texts, error: OneFichierError) -> Html:
    reason = error.message if isinstance(error, Refusal) else ""
    return lines(
        t("⚠️ 1fichier refused that."), quoted(t, reason), None if reason else t("It gave no reason.")
    )


def _upload_refused(t: Texts, error: OneFichierError) -> Html:
    reason = error.reason if isinstance(error, UploadRefused) else ""
    return lines(t("⚠️ 1fichier refused the file."), quoted(t, reason))


def _unclear(t: Texts, error: OneFichierError) -> Html:
    done = isinstance(error, Unclear) and error.maybe_done
    return lines(
        t("⚠️ 1fichier can’t be reached at the moment."),
        t("It may have done it all the same: look with /list before you try again.")
        if done
        else t("Nothing was changed. Try again in a few minutes."),
    )


_WORDS: Final[dict[type, Words]] = {
    MalformedKey: _fixed(
        lambda t: t("⚠️ That isn’t an API key."),
        lambda t: t("Copy the whole key again and send /login"),
    ),
    UntrustedNode: _fixed(
        lambda t: t("⚠️ 1fichier named a server that I don’t trust with your key."),
        lambda t: t("Nothing was sent. Try again later."),
    ),
    Unclear: _unclear,
    Unreachable: _unclear,
    ServerTrouble: _unclear,
    BadAnswer: _unclear,
    KeyRefused: lambda t, _: key_parked(t),
    NotAuthenticated: lambda t, _: key_parked(t),
    AccountLocked: _fixed(
        lambda t: t("🔑 1fichier refuses your key: it is wrong, or your account is locked."),
        lambda t: t("Log in on 1fichier’s site to see which, then send a key with /login"),
    ),
    MustBeCustomer: _fixed(
        lambda t: t("⚠️ 1fichier does that only for customers."),
        lambda t: t("It needs Premium, Access or CDN credit; /quota shows what your account has."),
    ),
    CdnNeeded: _fixed(
        lambda t: t("⚠️ 1fichier wants CDN credit for that."),
        lambda t: t("Premium doesn’t cover addresses of companies and data centres."),
    ),
    OneLocationOnly: _fixed(
        lambda t: t("⚠️ Your account is downloading from another place."),
        lambda t: t("1fichier allows one at a time. Try again when that has ended."),
    ),
    OwnerLocked: _fixed(
        lambda t: t("⚠️ The account that owns this file is locked."),
        lambda t: t("Only its owner can settle that with 1fichier."),
    ),
    NotFound: _fixed(lambda t: t("⚠️ This file is no longer on 1fichier.")),
    NotAllowed: _fixed(
        lambda t: t("⚠️ 1fichier doesn’t let me see that with your key."),
        lambda t: t("It is private, or its owner chose who may see it."),
    ),
    PasswordNeeded: _fixed(
        lambda t: t("⚠️ This file has a password."), lambda t: t("Its owner can tell it to you.")
    ),
    WrongPassword: _fixed(lambda t: t("⚠️ 1fichier says that this password is wrong.")),
    NothingChanged: _fixed(
        lambda t: t("⚠️ Nothing was changed."), lambda t: t("It is so already, or the name is taken.")
    ),
    AlreadyRequested: _fixed(lambda t: t("⏳ 1fichier is fetching this link already.")),
    Refused: _refused,
    Refusal: _refused,
    EmptyFile: _fixed(lambda t: t("⚠️ This file is empty: 1fichier takes no empty files.")),
    SourceMismatch: _fixed(
        lambda t: t("⚠️ Telegram handed out another size than it had announced."),
        lambda t: t("Nothing was uploaded. Send the file again."),
    ),
    UploadRefused: _upload_refused,
    UploadInterrupted: _fixed(
        lambda t: t("⚠️ The connection to 1fichier broke."),
        lambda t: t("Your file is still here in the chat."),
    ),
    ReportPending: _fixed(lambda t: t("⏳ Uploaded, 1fichier hasn’t given the link yet.")),
    ReportGone: _fixed(
        lambda t: t("⚠️ 1fichier no longer knows this upload."),
        lambda t: t("Look with /list whether it is there."),
    ),
    UploadError: _fixed(lambda t: t("⚠️ The upload did not work."), lambda t: t("Send the file again.")),
    DownloadRefused: _fixed(lambda t: t("⚠️ 1fichier doesn’t hand this file out at the moment.")),
    DownloadMismatch: _fixed(
        lambda t: t("⚠️ 1fichier handed out another size than it had announced."),
        lambda t: t("Nothing was sent. Try again later."),
    ),
    DownloadError: _fixed(
        lambda t: t("⚠️ The connection to 1fichier broke."), lambda t: t("Nothing was sent. Try again later.")
    ),
    OneFichierError: _refused,
}
# Their words name a time, which `words` knows.
_WORDED_WITH_A_TIME: Final = (Waiting, Limited, FloodDetected, AddressLocked)

_unexpected: ContextVar[list[Exception] | None] = ContextVar("unexpected", default=None)


@contextmanager
def unexpected_errors() -> Iterator[list[Exception]]:
    """Collect what the error handler finds no words for while an update is processed."""
    found: list[Exception] = []
    token = _unexpected.set(found)
    try:
        yield found
    finally:
        _unexpected.reset(token)


async def answer_error(update: object, context: Context) -> None:
    """Tell the person in words what went wrong; what has no words is left to whoever runs the update."""
    error = context.error
    if isinstance(error, MessageGone | ChatUnreachable):
        # The person deleted the message, or blocked the bot: nobody is there to be answered.
        log.info("An answer found no place: %s", type(error).__name__)
        return
    try:
        # Within: an exception in here would have the update count as handled.
        text = await _answer(update, context, error)
        if text is not None and isinstance(update, Update):
            await _reply(update, context, None if _told_anyway(update, error) else text)
            return
    except (MessageGone, ChatUnreachable):
        return
    except Exception as failure:  # noqa: BLE001 - whatever it is, the update is not done with
        error = failure
    found = _unexpected.get()
    if isinstance(error, Exception) and found is not None:
        found.append(error)


async def _answer(update: object, context: Context, error: Exception | None) -> Html | None:
    user = update.effective_user if isinstance(update, Update) else None
    # An error has a context of its own, in which nobody was met.
    person = await context.services.people.find(user.id) if user else None
    t = texts_of(person)
    if isinstance(error, KeyMissing):
        return key_missing(t)
    if isinstance(error, KeyParked | CannotOpen):
        return key_parked(t)
    if isinstance(error, OneFichierError):
        return words(t, error, context.services.clock.now())
    return problem_in_words(t, error)


def _told_anyway(update: Update, error: Exception | None) -> bool:
    """A key that is refused now is told of in the person's own chat, once: no need to say it there twice."""
    chat = update.effective_chat
    return isinstance(error, KeyRefused | CannotOpen) and chat is not None and chat.type == ChatType.PRIVATE


async def _reply(update: Update, context: Context, text: Html | None) -> None:
    if update.callback_query is not None:
        await context.services.chats.answer_press(update.callback_query.id)
    chat, message = update.effective_chat, update.message
    if chat is not None and text is not None:
        reply_to = message.message_id if message else None
        await context.services.chats.send(chat.id, text, reply_to=reply_to)
