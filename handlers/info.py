"""Links of 1fichier that people send or ask about: one shows its card, several are listed with what they lead to."""

from collections.abc import Sequence
from typing import Final

from telegram import Message, Update

from handlers.about_file import names_of
from handlers.card import show_card
from handlers.command import Command
from handlers.context import Context, message_of
from handlers.foreign_password import offer_password
from handlers.links import addresses_in, links_in
from handlers.texts import Html, Texts, lines, mark
from handlers.topics import replied_to
from onefichier import Link, LinkKind, PasswordNeeded, link_kind
from transfers import FileProblem, NamedLink

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


async def info(update: Update, context: Context) -> None:
    """Show the files of the links behind the command, or in the message replied to."""
    message = message_of(update)
    links = links_in(message) or links_in(replied_to(message))
    if links:
        await _show(context, message, links)
        return
    await context.services.chats.send(
        message.chat.id,
        context.t("Send /info and a 1fichier link, or reply with it to a message that has one."),
        reply_to=context.reply_in_group(message),
    )


async def take_links(update: Update, context: Context) -> bool:
    """Show the card of a pasted link, or what several lead to."""
    message = message_of(update)
    links = links_in(message)
    if links:
        await _show(context, message, links)
        return True
    words = f"{message.text}\n{addresses_in(message)}".split()
    kinds = [kind for kind in map(link_kind, words) if kind in _OTHER_LINKS]
    if not kinds or kinds[0] is None:
        return False
    await context.services.chats.send(
        message.chat.id, context.t(_OTHER_LINKS[kinds[0]]), reply_to=context.reply_in_group(message)
    )
    return True


async def _show(context: Context, message: Message, links: Sequence[Link]) -> None:
    reply_to = context.reply_in_group(message)
    if len(links) == 1:
        try:
            await show_card(context, message.chat.id, links[0], reply_to=reply_to)
        except PasswordNeeded:
            await offer_password(context, message, links[0])
        return
    named = await names_of(context, links[:MOST_LINKS])
    text = _listed(context.t, named, len(links) - len(named))
    await context.services.chats.send(message.chat.id, text, reply_to=reply_to)


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


INFO: Final = Command("info", "LINK", mark("Show a file by its link"), info, in_menu=False, about_file=True)
