"""A file's card: its link, size, date and place, and what can be done with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from handlers.account_names import account_names
from handlers.browse import show_list
from handlers.buttons import Action, button, copy_button, keyboard, share_button
from handlers.chats import MessageGone
from handlers.command import ButtonCallback
from handlers.context import Context, message_of
from handlers.links import link_of
from handlers.places import Place
from handlers.presses import too_old
from handlers.texts import Html, Texts, lines
from onefichier import Link, NotFound
from transfers import FileCard


@dataclass(frozen=True)
class CardView:
    """`place`: where it was opened from. `inline`: this bot can be called from other chats."""

    card: FileCard
    place: Place | None
    inline: bool

    def button(self, text: str, action: Action) -> InlineKeyboardButton:
        """One that acts on the file, and knows the way back."""
        return button(text, action, self.card.link.id, *(self.place.values if self.place else ()))


CardButton: TypeAlias = Callable[[Texts, CardView], InlineKeyboardButton | None]


def _copy(t: Texts, view: CardView) -> InlineKeyboardButton | None:
    return copy_button(t.plain("Copy link"), view.card.link.url)


def _share(t: Texts, view: CardView) -> InlineKeyboardButton | None:
    # Inline mode knows the person's own files only.
    return share_button(t.plain("Share"), view.card.link.url) if view.card.own and view.inline else None


def _rename(t: Texts, view: CardView) -> InlineKeyboardButton | None:
    return view.button(t.plain("Rename"), Action.RENAME) if view.card.own else None


def _move(t: Texts, view: CardView) -> InlineKeyboardButton | None:
    return view.button(t.plain("Move"), Action.MOVE) if view.card.own else None


def _password(t: Texts, view: CardView) -> InlineKeyboardButton | None:
    return view.button(t.plain("Password"), Action.PASSWORD) if view.card.own else None


def _copy_to_mine(t: Texts, view: CardView) -> InlineKeyboardButton | None:
    return None if view.card.own else view.button(t.plain("Copy to mine"), Action.COPY_TO_MINE)


def _download(t: Texts, view: CardView) -> InlineKeyboardButton | None:
    return view.button(t.plain("Download"), Action.DOWNLOAD)


def _back(t: Texts, view: CardView) -> InlineKeyboardButton | None:
    return button(t.plain("Back"), Action.FOLDER, *view.place.values) if view.place else None


def _delete(t: Texts, view: CardView) -> InlineKeyboardButton | None:
    return view.button(t.plain("Delete"), Action.DELETE) if view.card.own else None


# Row by row. Deleting stands alone in the last one, where no thumb meets it by mistake.
ROWS: Final[tuple[tuple[CardButton, ...], ...]] = (
    (_copy, _share, _download),
    (_rename, _move, _password),
    (_copy_to_mine,),
    (_back,),
    (_delete,),
)


async def open_card(update: Update, context: Context) -> str | None:
    """Turn the page of a list, or what was asked about a file, into its card."""
    message, press = message_of(update), context.press
    link = link_of(press.text())
    if link is None:
        return too_old(context)
    place = Place.on(press, 1)
    try:
        await show_card(context, message.chat.id, link, place=place, instead_of=message.message_id)
    except NotFound:
        if place is not None:
            await show_list(context, message.chat.id, message.message_id, place)
        return context.t.plain("This file is no longer on 1fichier.")
    return None


async def show_card(
    context: Context,
    chat_id: int,
    link: Link,
    *,
    place: Place | None = None,
    reply_to: int | None = None,
    instead_of: int | None = None,
) -> None:
    """In a new message, or by editing `instead_of`.

    Raises:
        OneFichierError: the file is gone, private, or 1fichier cannot be asked.
    """
    card = await context.services.files.card(await context.account_for(link), link)
    await put_card(context, chat_id, card, place=place, reply_to=reply_to, instead_of=instead_of)


async def put_card(
    context: Context,
    chat_id: int,
    card: FileCard,
    *,
    note: Html | None = None,
    place: Place | None = None,
    reply_to: int | None = None,
    instead_of: int | None = None,
) -> None:
    """Show a file as it is now, with a `note` below. Where the message to be edited is gone, in a new one."""
    chats = context.services.chats
    text, markup = lines(await _text(context, card), note), card_buttons(context, card, place)
    if instead_of is not None:
        try:
            await chats.edit(chat_id, instead_of, text, keyboard=markup)
        except MessageGone:
            pass
        else:
            return
    await chats.send(chat_id, text, reply_to=reply_to, keyboard=markup)


async def _text(context: Context, card: FileCard) -> Html:
    if not card.own:
        return card_text(context.t, card)
    names = await account_names(context.services, context.t, context.person.id)
    owner = await context.services.account_rows.owner_of(context.person.id, card.link.id)
    return card_text(context.t, card, names.get(owner or 0))


def card_buttons(context: Context, card: FileCard, place: Place | None) -> InlineKeyboardMarkup | None:
    view = CardView(card, place, inline=bool(context.bot.bot.supports_inline_queries))
    return keyboard(*([each(context.t, view) for each in row] for row in ROWS))


def card_text(t: Texts, card: FileCard, account: str | None = None) -> Html:
    """`account`: the name of the one that has it, where there are several."""
    size = t.size(card.size)
    password = t("with a password") if card.has_password else t("no password")
    if not card.own:
        place = t("In somebody else’s account · {password}", password=password)
    elif card.folder_path is None:
        place = t("In your account · {password}", password=password)
    else:
        place = t("📁 {folder} · {password}", folder=t.folder(card.folder_path), password=password)
    return lines(
        t("<b>{name}</b>", name=t.name(card.name)),
        t("{size} · {date}", size=size, date=t.date_and_time(card.uploaded_at))
        if card.uploaded_at
        else t("{size}", size=size),
        place,
        t("Account: <b>{account}</b>", account=account) if account else None,
        t("{link}", link=card.link),
    )


BUTTONS: Final[dict[Action, ButtonCallback]] = {Action.CARD: open_card}
