"""How much room the account has, in words and as a bar."""

from datetime import datetime
from typing import Final

from telegram import Update

from handlers.account_names import account_names
from handlers.command import Command
from handlers.context import Context, message_of
from handlers.texts import Html, Texts, lines, mark
from onefichier import AccountInfo, Limited, Offer, Waiting
from transfers import AccountView

_GIGABYTE: Final = 10**9
_TERABYTE: Final = 10**12


async def quota(update: Update, context: Context) -> None:
    """Show the account; when 1fichier may not be asked yet, say when, and have it told then."""
    message, services = message_of(update), context.services
    account = await context.account()
    now = services.clock.now()
    try:
        view = await services.files.account_info(account)
    except (Waiting, Limited) as error:
        if error.until is None:
            raise
        await services.files.tell_account_info_later(account, message.chat.id, error.until)
        text = answer_later(context.t, error.until, now)
    else:
        names = await account_names(services, context.t, context.person.id)
        text = quota_text(context.t, view, now, names.get(account.id))
    await services.chats.send(message.chat.id, text, reply_to=context.reply_in_group(message))


def answer_later(t: Texts, until: datetime, now: datetime) -> Html:
    return lines(
        t("⏸ I can ask 1fichier again at about {time}.", time=t.time(until, now)),
        t("I’ll tell you then; you needn’t do anything."),
    )


def quota_text(t: Texts, view: AccountView, now: datetime, account: str | None = None) -> Html:
    """An account as /quota shows it; `account`: its name, where there are several."""
    info = view.info
    offer = offer_line(t, info)
    return lines(
        *_warnings(t, info),
        *_usage(t, info),
        Html(""),
        t("<b>{account}</b> · {offer}", account=account, offer=offer) if account else offer,
        *_extras(t, info, now),
        _as_of(t, view, now),
        t("⚠️ 1fichier can’t be reached at the moment.") if view.away else None,
    )


def offer_line(t: Texts, info: AccountInfo) -> Html:
    """The offer, and when it ends: `Premium until 31 January 2027`."""
    if info.offer is Offer.FREE:
        return t("Free account")
    names = {
        Offer.PREMIUM: t("Premium"),
        Offer.ACCESS: t("Access"),
        Offer.PREMIUM_GOLD: t("Premium Gold"),
    }
    name = names.get(info.offer) or t("Offer number {number}", number=info.offer_number)
    if info.subscription_end is None:
        return name
    return t("{offer} until {date}", offer=name, date=t.date(info.subscription_end))


def _warnings(t: Texts, info: AccountInfo) -> list[Html]:
    if info.upload_forbidden and info.overquota:
        return [t("⚠️ 1fichier takes no uploads from you at the moment: your storage is full.")]
    if info.upload_forbidden:
        return [t("⚠️ 1fichier takes no uploads from you at the moment.")]
    if info.overquota:
        return [t("⚠️ You use more than your quota: if it stays so, 1fichier deletes files.")]
    return []


def _usage(t: Texts, info: AccountInfo) -> list[Html]:
    """Cold storage alone counts against the quota, but all of it is what people know they have put there."""
    cold, hot, quota_size = info.cold_storage, info.hot_storage, info.cold_quota
    kinds = t("Cold, unused for 60 days: {cold} · hot: {hot}", cold=t.size(cold), hot=t.size(hot))
    if not quota_size:
        return [t("📊 {used} used", used=t.size(info.used)), kinds]
    return [
        t(
            "📊 {used} used of {quota} ({percent})",
            used=t.size(info.used),
            quota=t.size(quota_size),
            percent=t.percent(info.used, quota_size),
        ),
        t(
            "{bar} {free} free",
            bar=t.bar(info.used, quota_size),
            free=t.size(max(0, quota_size - info.used)),
        ),
        kinds,
    ]


def _extras(t: Texts, info: AccountInfo, now: datetime) -> list[Html]:
    extras = []
    if info.cdn > 0:
        extras.append(t("CDN credit: {size}", size=t.size(info.cdn * _GIGABYTE)))
    if info.extended_quota > 0:
        size = t.size(info.extended_quota * _TERABYTE)
        extras.append(
            t("Bought in addition: {size} until {date}", size=size, date=t.date(info.extended_quota_end))
            if info.extended_quota_end is not None and info.extended_quota_end > now
            else t("Bought in addition: {size}", size=size)
        )
    return extras


def _as_of(t: Texts, view: AccountView, now: datetime) -> Html:
    if view.info.stats_date is None:
        return t("As of {time}", time=t.time(view.as_of, now))
    return t("1fichier’s figures of {time}", time=t.time(view.info.stats_date, now))


QUOTA: Final = Command("quota", "", mark("Your storage"), quota)
