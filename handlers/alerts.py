"""What those who look after the bot are told by itself."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from handlers.texts import Html, Texts, lines
from storage import Alert, AlertKind

Words = Callable[[Texts, Alert, datetime], Html]


def alert_text(t: Texts, alert: Alert, now: datetime) -> Html:
    return _WORDS[alert.kind](t, alert, now)


def _address_locked(t: Texts, alert: Alert, now: datetime) -> Html:
    return lines(
        t("⏸ 1fichier takes no calls from this server until about {time}.", time=_time(t, alert, now)),
        t("Uploads that run go on; everything else waits, and people are told so. Nothing needs to be done."),
    )


def _disk_low(t: Texts, alert: Alert, _: datetime) -> Html:
    return lines(
        t("⚠️ The disk of the Bot API server has {size} left.", size=t.size(int(alert.figure))),
        t("No new file is fetched below BOT_TELEGRAM_FILES_MIN_FREE_BYTES; what people send waits."),
    )


def _database_nearly_full(t: Texts, alert: Alert, _: datetime) -> Html:
    return lines(
        t("⚠️ The disk of the database has {size} left.", size=t.size(int(alert.figure))),
        t("When it is full, nothing more can be taken in. Make room, or move BOT_DATA_DIR."),
    )


def _telegram_unreachable(t: Texts, alert: Alert, now: datetime) -> Html:
    return lines(
        t("⚠️ Telegram could not be reached since about {time}.", time=_time(t, alert, now)),
        t("You read this, so it is back. What people sent meanwhile is being done."),
    )


def _crashed(t: Texts, alert: Alert, now: datetime) -> Html:
    return lines(
        t("⚠️ I have started again after a crash."),
        t(
            "The process that began at {time} did not end in order. Nothing is lost; the log may say why.",
            time=_time(t, alert, now),
        ),
    )


def _time(t: Texts, alert: Alert, now: datetime) -> str:
    return t.time(datetime.fromtimestamp(alert.figure, UTC), now)


_WORDS: Final[dict[AlertKind, Words]] = {
    AlertKind.ADDRESS_LOCKED: _address_locked,
    AlertKind.DISK_LOW: _disk_low,
    AlertKind.DATABASE_NEARLY_FULL: _database_nearly_full,
    AlertKind.TELEGRAM_UNREACHABLE: _telegram_unreachable,
    AlertKind.CRASHED: _crashed,
}
