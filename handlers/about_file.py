"""What commands and buttons about one file have in common."""

import functools
from collections.abc import Sequence
from typing import Any

from telegram import Message, Update

from handlers.buttons import Action, button, keyboard
from handlers.command import ButtonCallback
from handlers.context import Context, message_of
from handlers.links import link_and_words, link_of, links_in
from handlers.places import Place
from handlers.presses import too_old
from handlers.problems import file_gone
from handlers.texts import lines
from handlers.topics import replied_to
from onefichier import Link
from storage import Question
from transfers import FileGone, NamedLink, NotYours


async def said_about(context: Context, message: Message, usage: str) -> tuple[Link, str] | None:
    """The link that a command is about, and its other words; None when the `usage` was told instead."""
    link, words = link_and_words(message)
    if link is not None:
        return link, words
    t = context.t
    several = len(links_in(replied_to(message))) > 1
    text = lines(t("⚠️ That message has several links. Name one of them.") if several else None, t(usage))
    await context.services.chats.send(message.chat.id, text, reply_to=context.reply_in_group(message))
    return None


def about_file(callback: ButtonCallback) -> ButtonCallback:
    """A button under a card: where the file is gone, the message says so, and the press too."""

    @functools.wraps(callback)
    async def guarded(update: Update, context: Context) -> str | None:
        message = message_of(update)
        if link_of(context.press.text()) is None:
            return too_old(context)
        try:
            return await callback(update, context)
        except FileGone as error:
            place = Place.on(context.press, 1)
            await show_gone(context, message.chat.id, message.message_id, error, place)
            return context.t.plain("This file is no longer on 1fichier.")
        except NotYours:
            return context.t.plain("It is not in your account.")

    return guarded


def pressed_link(context: Context) -> Link:
    """The link on the pressed button of an `about_file` callback."""
    link = link_of(context.press.text())
    if link is None:
        raise AssertionError("about_file has looked at it")
    return link


async def show_gone(
    context: Context, chat_id: int, card_id: int | None, error: FileGone, place: Place | None
) -> None:
    """Turn a card, if there is one, into the word that its file is gone, with the way back to the list, which knows it by now."""
    t, chats = context.t, context.services.chats
    if card_id is None:
        await chats.send(chat_id, file_gone(t, error))
        return
    back = button(t.plain("Back"), Action.FOLDER, *place.values) if place else None
    await chats.edit(chat_id, card_id, file_gone(t, error), keyboard=keyboard([back]))


async def names_of(context: Context, links: Sequence[Link]) -> list[NamedLink]:
    """What links lead to, each as the account that has it knows it."""
    found: dict[str, NamedLink] = {}
    for account, theirs in await context.by_account(links):
        found |= {each.link.id: each for each in await context.services.files.names(account, theirs)}
    return [found[link.id] for link in links]


def noted(link: Link, place: Place | None, message_id: int | None) -> dict[str, Any]:
    """What a question about a file has to remember; `message_id` is its card's."""
    return {"link": [link.id, link.url], "place": list(place.values) if place else None, "card": message_id}


def remembered(question: Question) -> tuple[Link, Place | None, int | None]:
    """What `noted` wrote."""
    link_id, url = question.subject["link"]
    values = question.subject["place"]
    return Link(link_id, url), Place.of(values) if values is not None else None, question.subject["card"]
