"""What the owner of an account is warned of, in words."""

from datetime import datetime, timedelta

from handlers.texts import Html, Texts, lines
from onefichier import AccountInfo
from storage import WarningKind

_DAY = timedelta(days=1)


def warning_text(
    t: Texts, kind: WarningKind, info: AccountInfo, now: datetime, account: str | None = None
) -> Html:
    """`account`: its name, where there are several."""
    return lines(
        *_said(t, kind, info, now),
        t("Account: <b>{account}</b>", account=account) if account else None,
        t("You can switch such warnings off in /settings"),
    )


def _said(t: Texts, kind: WarningKind, info: AccountInfo, now: datetime) -> tuple[Html, ...]:
    match kind:
        case WarningKind.NEARLY_FULL:
            return (
                t(
                    "⚠️ Your storage is nearly full: {used} of {quota} ({percent})",
                    used=t.size(info.cold_storage),
                    quota=t.size(info.cold_quota),
                    percent=t.percent(info.cold_storage, info.cold_quota),
                ),
                t("Only files unused for 60 days count. What goes over may be deleted by 1fichier."),
            )
        case WarningKind.OVER_QUOTA:
            return (
                t("⚠️ You use more than your quota: if it stays so, 1fichier deletes files."),
                t("Make room with /list, or get more on 1fichier’s site."),
            )
        case WarningKind.UPLOADS_FORBIDDEN:
            return (
                t("⚠️ 1fichier takes no uploads from you at the moment."),
                t("Its site may say why; /quota shows how full your storage is."),
            )
        case WarningKind.ENDS_SOON | WarningKind.ENDS_VERY_SOON:
            return _ends(t, info.subscription_end or now, now)


def _ends(t: Texts, end: datetime, now: datetime) -> tuple[Html, ...]:
    """A day that has begun counts: nobody is to be told that there is more time than there is."""
    days = (end - now) // _DAY
    date = t.date(end)
    if days < 1:
        first = t("⚠️ Your 1fichier subscription ends on {date}, in less than a day.", date=date)
    else:
        first = t.n(
            "⚠️ Your 1fichier subscription ends on {date}, in {count} day.",
            "⚠️ Your 1fichier subscription ends on {date}, in {count} days.",
            days,
            date=date,
        )
    return first, t("After that, 1fichier keeps files for a shorter time.")
