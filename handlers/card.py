"""A file's card: its link, size and date, and what can be done with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from telegram import InlineKeyboardMarkup, Update

from handlers.buttons import Action, button, copy_button, keyboard
from handlers.command import ButtonCallback
from handlers.context import Context, message_of
from handlers.links import addresses_in, link_of, links_in
from handlers.places import account_names
from handlers.presses import too_old
from handlers.texts import Html, Texts, lines, mark
from onefichier import Link, LinkKind, link_kind
from transfers import FileCard, FileProblem, NamedLink

# One message names them all.
MOST_LINKS: Final = 30

_OTHER_LINKS: Final = {
    LinkKind.FOLDER: mark("⚠️ That is the link of a folder. I can only look at files."),
    LinkKind.REMOVE: mark("⚠️ Opening that link deletes a file, so I leave it alone."),
    LinkKind.DIRECT: mark("⚠️ That link works only for a while and doesn’t say which file it is."),
}
_PROBLEMS: Final = {
    FileProblem.NOT_FOUND: mark("no longer on 1fichier"),
    FileProblem.NOT_YOURS: mark("in somebody else’s account"),
    FileProblem.UNKNOWN: mark("1fichier didn’t say what it is"),
}


@dataclass(frozen=True)
class BackTo:
    """Where a card was opened: a page of a folder, of those names that `search` (a question's id) looks for; 0: of all."""

    folder_id: int
    page: int
    search: int = 0

    @classmethod
    def from_arguments(cls, arguments: Sequence[int]) -> "BackTo | None":
        return cls(*arguments) if len(arguments) in {2, 3} else None

    @property
    def arguments(self) -> tuple[int, ...]:
        return (self.folder_id, self.page, self.search)


async def take_links(update: Update, context: Context) -> bool:
    """Show the card of a pasted link, or what several lead to."""
    message = message_of(update)
    links = links_in(message)
    reply_to = context.reply_in_group(message)
    if len(links) == 1:
        await show_card(context, message.chat.id, links[0], reply_to=reply_to)
    elif links:
        named = await context.services.files.names(await context.account(), links[:MOST_LINKS])
        text = _listed(context.t, named, len(links) - len(named))
        await context.services.chats.send(message.chat.id, text, reply_to=reply_to)
    else:
        words = f"{message.text}\n{addresses_in(message)}".split()
        kinds = [kind for kind in map(link_kind, words) if kind in _OTHER_LINKS]
        if not kinds or kinds[0] is None:
            return False
        await context.services.chats.send(
            message.chat.id, context.t(_OTHER_LINKS[kinds[0]]), reply_to=reply_to
        )
    return True


async def open_card(update: Update, context: Context) -> str | None:
    """Turn the page of a list that has the button into a file's card."""
    message, press = message_of(update), context.press
    link = link_of(press.text())
    if link is None:
        return too_old(context)
    back = BackTo(press.number(1), press.number(2), press.number(3))
    await show_card(context, message.chat.id, link, back=back, instead_of=message.message_id)
    return None


async def show_card(
    context: Context,
    chat_id: int,
    link: Link,
    *,
    back: BackTo | None = None,
    reply_to: int | None = None,
    instead_of: int | None = None,
) -> None:
    """In a new message, or by editing `instead_of`.

    Raises:
        OneFichierError: the file is gone, private, or 1fichier cannot be asked.
    """
    services, t = context.services, context.t
    account = await context.account_for(link)
    card = await services.files.card(account, link)
    names = await account_names(services, t, context.person.id) if card.own else {}
    text, markup = card_text(t, card, names.get(account.id)), _buttons(t, card, back)
    if instead_of is None:
        await services.chats.send(chat_id, text, reply_to=reply_to, keyboard=markup)
    else:
        await services.chats.edit(chat_id, instead_of, text, keyboard=markup)


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


def _buttons(t: Texts, card: FileCard, back: BackTo | None) -> InlineKeyboardMarkup | None:
    place = back.arguments if back else ()
    return keyboard(
        [copy_button(t.plain("Copy link"), card.link.url)],
        [button(t.plain("Back"), Action.FOLDER, *place) if back else None],
        [button(t.plain("Delete"), Action.DELETE, card.link.id, *place, danger=False) if card.own else None],
    )


def _listed(t: Texts, named: Sequence[NamedLink], more: int) -> Html:
    return lines(
        t.n("{count} link of 1fichier:", "{count} links of 1fichier:", len(named) + more),
        *(_line(t, each) for each in named),
        t.n("and {count} more", "and {count} more", more) if more else None,
        t("Send one of them alone for its card, or reply to this with /delete"),
    )


def _line(t: Texts, each: NamedLink) -> Html:
    link = t("{link}", link=each.link)
    if each.problem is not None:
        return t("{link}\n({problem})", link=link, problem=t(_PROBLEMS[each.problem]))
    return t("<b>{name}</b>\n{link}", name=t.name(each.name or ""), link=link)


BUTTONS: Final[dict[Action, ButtonCallback]] = {Action.CARD: open_card}
