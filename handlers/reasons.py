"""Why something did not end as a link: in a sentence of its own, and as half of one in a list."""

from collections.abc import Callable
from typing import Final

from handlers.errors import LONGEST_REASON, quoted
from handlers.texts import Html, Texts, lines, mark
from storage import Reason, RemoteUpload, Transfer

# What ends "Not uploaded: NAME, …".
_BRIEF: Final = {
    Reason.TOO_BIG: mark("it is too big."),
    Reason.EMPTY: mark("it is empty."),
    Reason.TELEGRAM_REFUSES: mark("Telegram doesn’t hand it out at the moment."),
    Reason.TELEGRAM_UNREACHABLE: mark("Telegram couldn’t be reached."),
    Reason.SIZE_DIFFERS: mark("Telegram handed out another size than it had announced."),
    Reason.CONNECTION_LOST: mark("the connection to 1fichier broke."),
    Reason.STALLED: mark("it came to a standstill."),
    Reason.REFUSED: mark("1fichier refused it."),
    Reason.NOT_ALLOWED: mark("1fichier doesn’t allow it to your account."),
    Reason.MUST_BE_CUSTOMER: mark("1fichier does that only for customers."),
    Reason.GUEST_UPLOAD: mark("it didn’t land in your account, so I removed it."),
    Reason.NO_KEY_IN_TIME: mark("I had no key for 24 hours."),
    Reason.NOT_ANSWERED: mark("I asked whether to upload it and had no answer for 24 hours."),
    Reason.NEVER_SEEN: mark("1fichier never showed it."),
    Reason.NO_NEWS: mark("no news for 24 hours."),
    Reason.VANISHED: mark("1fichier no longer knows of it."),
    Reason.SOURCE_FAILED: mark("its server didn’t hand it out."),
    Reason.KEY_REFUSED: mark("1fichier no longer accepts your key."),
    Reason.NOT_VISIBLE: mark("this server can’t see it."),
    Reason.NO_ROOM: mark("this server had no room for it."),
    Reason.DAMAGED: mark("it arrived damaged twice, so I removed it."),
    Reason.DAMAGED_COPY_LEFT: mark("it arrived damaged, and I couldn’t remove that copy."),
    Reason.PASSWORD_UNREADABLE: mark("I can’t read its password any more."),
    Reason.BROKEN: mark("something went wrong on my side."),
    Reason.DAILY_LIMIT: mark("it was more than this bot takes from one person in a day."),
}

# The line below "NAME was not uploaded.": what happened, what to do.
_FULL: Final = {
    Reason.TOO_BIG: mark("Telegram hands bots like this one only smaller files."),
    Reason.EMPTY: mark("It is empty: 1fichier takes no empty files."),
    Reason.TELEGRAM_REFUSES: mark("Telegram doesn’t hand it out at the moment. Send it again later."),
    Reason.TELEGRAM_UNREACHABLE: mark("Telegram couldn’t be reached. Your file is still here in the chat."),
    Reason.SIZE_DIFFERS: mark("Telegram handed out another size than it had announced. Send it again."),
    Reason.CONNECTION_LOST: mark(
        "The connection to 1fichier broke three times. Your file is still here in the chat."
    ),
    Reason.STALLED: mark("It came to a standstill. Your file is still here in the chat."),
    Reason.NOT_ALLOWED: mark("1fichier doesn’t allow it to your account; /quota shows what it has."),
    Reason.MUST_BE_CUSTOMER: mark(
        "1fichier does that only for customers: with Premium, Access or CDN credit. /quota shows what you have."
    ),
    Reason.GUEST_UPLOAD: mark(
        "It didn’t land in your account, so I removed it. Send it again after /login with a fresh key."
    ),
    Reason.NO_KEY_IN_TIME: mark("I kept it for 24 hours without a key. Send /login, then the file again."),
    Reason.NOT_ANSWERED: mark("I asked whether to upload it and had no answer for 24 hours."),
    Reason.NEVER_SEEN: mark(
        "1fichier took it and never showed it. Look with /list before you send it again."
    ),
    Reason.KEY_REFUSED: mark("1fichier no longer accepts your key. Send /login, then the file again."),
    Reason.NOT_VISIBLE: mark("This server can’t see it where Telegram put it. Its owner has to settle that."),
    Reason.NO_ROOM: mark("This server had no room for it in 24 hours. Your file is still here in the chat."),
    Reason.DAMAGED: mark(
        "It arrived at 1fichier damaged, twice, so I removed it there. Your file is still here in the chat."
    ),
    Reason.DAMAGED_COPY_LEFT: mark(
        "It arrived at 1fichier damaged, and I couldn’t remove that copy: delete it in /list. Your file is still here in the chat."
    ),
    Reason.PASSWORD_UNREADABLE: mark(
        "I can’t read the password any more that it was to get. Set it anew in /settings, then try again."
    ),
    Reason.BROKEN: mark("Something went wrong on my side. Your file is still here in the chat."),
}
_SETTLE_FIRST: Final = mark("Trying again won’t help before that is settled on 1fichier’s site.")


def not_uploaded(t: Texts, transfer: Transfer) -> Html:
    """The whole answer about one file."""
    name = t.name(transfer.given_name)
    if transfer.reason is Reason.REFUSED:
        reason = quoted(t, transfer.detail or "")
        return lines(
            t("⚠️ 1fichier refused <b>{name}</b>.", name=name),
            Html(f"{reason} {t(_SETTLE_FIRST)}") if reason else t("It gave no reason."),
        )
    quote = quoted(t, transfer.detail or "") if transfer.reason in _QUOTED else None
    return lines(
        t("⚠️ I don’t know what became of <b>{name}</b>.", name=name)
        if transfer.reason is Reason.NEVER_SEEN
        else t("⚠️ <b>{name}</b> was not uploaded.", name=name),
        t(_FULL.get(transfer.reason or Reason.BROKEN, _FULL[Reason.BROKEN])),
        quote,
    )


def not_uploaded_in_brief(t: Texts, transfer: Transfer) -> Html:
    return _in_brief(
        t, t("<b>{name}</b>", name=t.name(transfer.given_name)), transfer.reason, transfer.detail
    )


def not_fetched(t: Texts, remote: RemoteUpload) -> Html:
    """The whole answer about one URL."""
    return lines(
        t("⚠️ Not fetched: {url}", url=t.name(remote.shown_url)),
        _ABOUT_A_URL.get(remote.reason or Reason.BROKEN, _other)(t, remote),
    )


def not_fetched_in_brief(t: Texts, remote: RemoteUpload) -> Html:
    url = t("{url}", url=t.name(remote.shown_url))
    return _in_brief(t, url, remote.reason, remote.detail)


def no_news(t: Texts, remote: RemoteUpload) -> Html:
    folder = t.folder(remote.folder_name)
    url = t.name(remote.shown_url)
    return lines(
        t("⚠️ 1fichier no longer knows of {url}", url=url)
        if remote.reason is Reason.VANISHED
        else t("⚠️ No news of {url} for 24 hours.", url=url),
        t(
            "1fichier hasn’t said how it ended. If it isn’t in 📁 {folder}, send me the link again.",
            folder=folder,
        ),
    )


def in_words(t: Texts, detail: str) -> Html:
    """1fichier's own words, as the end of a sentence."""
    brief = " ".join(detail.split())[:LONGEST_REASON]
    return t("1fichier said “{reason}”.", reason=brief)


def _in_brief(t: Texts, what: Html, reason: Reason | None, detail: str | None) -> Html:
    first = t("{what}, {reason}", what=what, reason=t(_BRIEF[reason or Reason.BROKEN]))
    quote = quoted(t, detail or "") if reason in {*_QUOTED, Reason.REFUSED, Reason.SOURCE_FAILED} else None
    return Html(f"{first} {quote}") if quote else first


def _source_failed(t: Texts, remote: RemoteUpload) -> Html:
    advice = t("Open it in a browser: does it still work?")
    answer = " ".join((remote.detail or "").split())
    if not answer:
        return Html(f"{t('Its server didn’t hand it out.')} {advice}")
    return Html(f"{t('The answer was “{answer}”.', answer=answer[:LONGEST_REASON])} {advice}")


def _must_be_customer(t: Texts, remote: RemoteUpload) -> Html:
    return lines(t(_FULL[Reason.MUST_BE_CUSTOMER]), quoted(t, remote.detail or ""))


def _other(t: Texts, remote: RemoteUpload) -> Html:
    brief = t(_BRIEF[remote.reason or Reason.BROKEN])
    return lines(
        t("The reason: {reason}", reason=brief),
        quoted(t, remote.detail or ""),
    )


_QUOTED: Final = frozenset({Reason.NOT_ALLOWED, Reason.MUST_BE_CUSTOMER})
_ABOUT_A_URL: Final[dict[Reason, Callable[[Texts, RemoteUpload], Html]]] = {
    Reason.SOURCE_FAILED: _source_failed,
    Reason.MUST_BE_CUSTOMER: _must_be_customer,
}
