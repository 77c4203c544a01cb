"""What the message of a file on its way into the chat says: how far it is, how it ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from telegram import InlineKeyboardMarkup

from handlers.buttons import Action, button, keyboard
from handlers.errors import quoted
from handlers.status_text import progress_line
from handlers.texts import Html, Texts, lines, mark
from storage import Delivery, DeliveryReason, DeliveryState
from transfers import DELIVERY_TRIES, Progress

_UNFORESEEN: Final = mark("Something went wrong on my side. Nothing was lost.")
_REASONS: Final = {
    DeliveryReason.NEEDS_CUSTOMER: mark(
        "It needs Premium, Access or CDN credit; /quota shows what your account has."
    ),
    DeliveryReason.NEEDS_CDN: mark("1fichier wants CDN credit for it, as I download from a data centre."),
    DeliveryReason.OTHER_PLACE: mark(
        "Your account is downloading from another place; 1fichier allows one at a time."
    ),
    DeliveryReason.OWNER_LOCKED: mark("The account that owns it is locked."),
    DeliveryReason.GONE: mark("It is no longer on 1fichier."),
    DeliveryReason.NOT_ALLOWED: mark("It is private, or its owner chose who may see it."),
    DeliveryReason.KEY_REFUSED: mark("1fichier no longer accepts your key: send a new one with /login"),
    DeliveryReason.DIFFERS: mark("1fichier handed out another size than it had announced."),
    DeliveryReason.TELEGRAM_REFUSED: mark("Telegram did not take it."),
}


@dataclass(frozen=True)
class DeliveryStatus:
    delivery: Delivery
    now: datetime
    progress: Progress | None = None
    in_maintenance: bool = False


def delivery_text(t: Texts, status: DeliveryStatus) -> Html:
    delivery = status.delivery
    if delivery.active:
        return _under_way(t, status)
    name = t.name(delivery.name)
    match delivery.state:
        case DeliveryState.DONE:
            return t("✅ <b>{name}</b> is here now.", name=name)
        case DeliveryState.CANCELLED:
            return t("Cancelled: <b>{name}</b> was not sent.", name=name)
        case DeliveryState.FAILED:
            return lines(t("⚠️ <b>{name}</b> was not sent.", name=name), _reason(t, delivery))
        case _:
            return lines(
                t("⚠️ I don’t know whether <b>{name}</b> has arrived.", name=name),
                t("The connection broke at the very end: look whether it is here, else send it again."),
            )


def delivery_buttons(t: Texts, delivery: Delivery) -> InlineKeyboardMarkup | None:
    if delivery.state in {DeliveryState.QUEUED, DeliveryState.SENDING}:
        return keyboard([button(t.plain("Cancel"), Action.CANCEL_DELIVERY, delivery.id)])
    if delivery.active or delivery.reason is DeliveryReason.GONE:
        return None
    again = None
    if delivery.state is not DeliveryState.DONE:
        again = button(t.plain("Send it here"), Action.SEND_HERE, delivery.link_id)
    return keyboard([again, button(t.plain("Back"), Action.CARD, delivery.link_id)])


def _under_way(t: Texts, status: DeliveryStatus) -> Html:
    delivery, progress = status.delivery, status.progress
    named = t("<b>{name}</b> · {size}", name=t.name(delivery.name), size=t.size(delivery.size))
    if delivery.state is DeliveryState.QUEUED:
        return lines(_waiting(t, status), named)
    if delivery.state is DeliveryState.CONFIRMING:
        return lines(t("⏳ Sent, waiting for Telegram to show it"), named)
    percent = t.percent(progress.sent if progress else 0, delivery.size or 1)
    return lines(
        t("⏳ Sending it here, {percent}", percent=percent),
        named,
        progress_line(t, progress) if progress else None,
    )


def _waiting(t: Texts, status: DeliveryStatus) -> Html:
    if status.in_maintenance:
        return t("⏸ Waiting: its owner is working on this bot")
    until = status.delivery.not_before
    if until is None or until <= status.now:
        return t("⏳ In the queue")
    if status.delivery.tries:
        return t(
            "⏳ Connection lost, starting again (try {number} of {tries})",
            number=status.delivery.tries + 1,
            tries=DELIVERY_TRIES,
        )
    return t("⏸ Paused, goes on at about {time}", time=t.time(until, status.now))


def _reason(t: Texts, delivery: Delivery) -> Html:
    if delivery.reason is DeliveryReason.REFUSED:
        return quoted(t, delivery.detail or "") or t("1fichier gave no reason.")
    if delivery.reason is DeliveryReason.CONNECTION_LOST:
        return t("The connection broke {tries} times.", tries=t.number(DELIVERY_TRIES))
    return t(_REASONS.get(delivery.reason, _UNFORESEEN) if delivery.reason else _UNFORESEEN)
