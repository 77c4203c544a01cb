"""Getting a file back: what it costs is said first."""

from typing import Final

from telegram import InlineKeyboardButton, Update

from handlers.about_file import about_file, pressed_link, said_about
from handlers.access import is_group
from handlers.buttons import Action, button, copy_button, keyboard, link_button
from handlers.command import ButtonCallback, Command
from handlers.context import Context, message_of
from handlers.delivery_text import DeliveryStatus, delivery_buttons, delivery_text
from handlers.places import Place
from handlers.presses import not_yours, too_old
from handlers.texts import lines, mark
from onefichier import Link, NotFound
from storage import DeliveryState
from transfers import FileCard, FileGone

_USAGE: Final = mark("Send /download and a 1fichier link, or reply with it to a message that has the link.")


async def download(update: Update, context: Context) -> None:
    """Show how the file of a link can be had, and what that may cost."""
    message = message_of(update)
    said = await said_about(context, message, _USAGE)
    if said is not None:
        await _offer(context, message.chat.id, said[0], None, reply_to=context.reply_in_group(message))


@about_file
async def download_from_card(update: Update, context: Context) -> None:
    """Turn the card into the ways to have its file."""
    message = message_of(update)
    place = Place.on(context.press, 1)
    await _offer(context, message.chat.id, pressed_link(context), place, instead_of=message.message_id)


@about_file
async def send_here(update: Update, context: Context) -> None:
    """Have the file sent to this chat; the message shows how far it is."""
    message, link = message_of(update), pressed_link(context)
    services, t = context.services, context.t
    account = await context.account_for(link)
    card = await _card(context, link)
    if card.size > services.deliveries.size_limit:
        place = Place.on(context.press, 1)
        await _offer(context, message.chat.id, link, place, instead_of=message.message_id)
        return
    query = update.callback_query
    if query is None:
        raise AssertionError("registered only for presses")
    delivery = await services.deliveries.begin(
        account, card, message.chat.id, message.message_id, asked_by=query.id
    )
    status = DeliveryStatus(
        delivery,
        services.clock.now(),
        services.deliveries.progress(delivery.id),
        in_maintenance=services.maintenance.on,
    )
    await services.chats.edit(
        message.chat.id,
        message.message_id,
        delivery_text(t, status),
        keyboard=delivery_buttons(t, delivery),
    )
    services.wakeups.delivery_changed(delivery.id)


async def cancel_delivery(update: Update, context: Context) -> str | None:
    """Stop sending, at once."""
    message, services, t = message_of(update), context.services, context.t
    delivery = await services.deliveries.find(context.press.number())
    if delivery is None:
        return too_old(context)
    if delivery.person_id != context.person.id:
        return not_yours(context)
    cancelled = await services.deliveries.cancel(delivery.id, context.person.id)
    current = await services.deliveries.find(delivery.id) or delivery
    if not cancelled and current.state is not DeliveryState.CANCELLED:
        return t.plain("Too late, it’s already sent.") if current.active else t.plain("Already done.")
    await services.chats.edit(
        message.chat.id,
        message.message_id,
        delivery_text(t, DeliveryStatus(current, services.clock.now())),
        keyboard=delivery_buttons(t, current),
    )
    return None


@about_file
async def direct_link(update: Update, context: Context) -> str | None:
    """Turn the message into a button that downloads. In a group, anybody could press it."""
    message, t = message_of(update), context.t
    if is_group(message.chat):
        return t.plain("Not here: others could use it. Use this file’s card in our private chat.")
    link, place = pressed_link(context), Place.on(context.press, 1)
    account = await context.account_for(link)
    card = await _card(context, link)
    made = await context.services.direct_links.make(account, link)
    text = lines(
        t("✅ <b>{name}</b> · {size}", name=t.name(card.name), size=t.size(card.size)),
        t(
            "The link works once. Begin before {time}.",
            time=t.time(made.until, context.services.clock.now()),
        ),
    )
    # On buttons only: what Telegram looks at to show a preview would be the one download.
    markup = keyboard(
        [link_button(t.plain("Download"), made.url), copy_button(t.plain("Copy link"), made.url)],
        [_back(context, link, place)],
    )
    await context.services.chats.edit(message.chat.id, message.message_id, text, keyboard=markup)
    return None


async def _offer(
    context: Context,
    chat_id: int,
    link: Link,
    place: Place | None,
    *,
    reply_to: int | None = None,
    instead_of: int | None = None,
) -> None:
    t, card = context.t, await _card(context, link)
    values = place.values if place else ()
    limit = context.services.deliveries.size_limit
    fits = card.size <= limit
    text = lines(
        t("❓ Download <b>{name}</b> · {size}?", name=t.name(card.name), size=t.size(card.size)),
        t("A direct link is for you alone: it works once, and has to be begun within 5 minutes."),
        t("Sent here, it comes by a server: 1fichier may charge CDN credit for that.")
        if fits
        else t("It is too big to be sent here: Telegram takes {limit} from me.", limit=t.size(limit)),
        t("1fichier allows downloads from one place at a time."),
    )
    markup = keyboard(
        [
            button(t.plain("Direct link"), Action.DIRECT_LINK, link.id, *values),
            button(t.plain("Send it here"), Action.SEND_HERE, link.id, *values) if fits else None,
        ],
        [_back(context, link, place)],
    )
    if instead_of is None:
        await context.services.chats.send(chat_id, text, reply_to=reply_to, keyboard=markup)
    else:
        await context.services.chats.edit(chat_id, instead_of, text, keyboard=markup)


async def _card(context: Context, link: Link) -> FileCard:
    try:
        return await context.services.files.card(await context.account_for(link), link)
    except NotFound as error:
        raise FileGone("") from error


def _back(context: Context, link: Link, place: Place | None) -> InlineKeyboardButton:
    return button(context.t.plain("Back"), Action.CARD, link.id, *(place.values if place else ()))


BUTTONS: Final[dict[Action, ButtonCallback]] = {
    Action.DOWNLOAD: download_from_card,
    Action.DIRECT_LINK: direct_link,
    Action.SEND_HERE: send_here,
    Action.CANCEL_DELIVERY: cancel_delivery,
}
DOWNLOAD: Final = Command(
    "download", "LINK", mark("Download a file"), download, in_menu=False, about_file=True
)
