"""URLs that 1fichier shall fetch: by command at once, and asked about when they come by themselves."""

import contextlib
from collections.abc import Sequence
from typing import Final

from telegram import Update

from handlers import url_file
from handlers.chats import MessageGone
from handlers.command import Command
from handlers.context import Context, message_of
from handlers.links import addresses_in, words_after_command
from handlers.questions import ask
from handlers.texts import Html, Texts, lines, mark
from handlers.topics import replied_to
from handlers.url_lists import MOST_URLS, fetch, named, rejected, take_in, too_many
from storage import Question, WantedUrl
from transfers import UrlList, UrlProblem, read_urls

QUESTION: Final = "fetch"


async def remote(update: Update, context: Context) -> None:
    """Have the URLs behind the command fetched, or those of the message or text file replied to."""
    message = message_of(update)
    replied = replied_to(message)
    # Addresses behind words are not part of the text.
    said = f"{words_after_command(message)}\n{_hidden(addresses_in(message), message.text or '')}"
    if not said.strip() and replied is not None:
        if replied.document is not None:
            await url_file.fetch_from(context, message, replied.document)
            return
        said = addresses_in(replied)
    urls = read_urls(said)
    reply_to = context.reply_in_group(message)
    if not urls.wanted and not urls.rejected:
        await context.services.chats.send(message.chat.id, usage(context.t), reply_to=reply_to)
        return
    await fetch(context, message.chat.id, message.message_id, urls, reply_to=reply_to)


async def take_urls(update: Update, context: Context) -> bool:
    """Ask whether the URLs of a text shall be fetched: they may only have been part of a forwarded post."""
    message = message_of(update)
    urls = read_urls(addresses_in(message))
    refused = [each for each in urls.rejected if each.problem is not UrlProblem.NOT_A_URL]
    reply_to = context.reply_in_group(message)
    if not urls.wanted:
        text = rejected(context.t, UrlList([], refused))
        if text is not None:
            await context.services.chats.send(message.chat.id, text, reply_to=reply_to)
        return text is not None
    if len(urls.wanted) > MOST_URLS:
        text = too_many(context.t, len(urls.wanted))
        await context.services.chats.send(message.chat.id, text, reply_to=reply_to)
        return True
    await context.account()
    await ask(
        context,
        message.chat.id,
        QUESTION,
        {"urls": [[each.url, each.shown] for each in urls.wanted], "message": message.message_id},
        lines(*_question(context.t, urls.wanted)),
        yes=context.t.plain("Fetch"),
        no=context.t.plain("No"),
        reply_to=reply_to,
    )
    return True


async def answer(context: Context, question: Question, yes: bool) -> str | None:  # noqa: FBT001 - an Answer
    """Have them fetched; the status message then stands in place of the question."""
    services, t = context.services, context.t
    wanted = [WantedUrl(url, shown) for url, shown in question.subject["urls"]]
    if yes:
        refusal = await take_in(context, question.chat_id, question.subject["message"], wanted)
        if refusal is not None:
            if question.message_id is not None:
                await services.chats.edit(question.chat_id, question.message_id, refusal)
            return None
    if question.message_id is None:
        return None
    if not yes:
        await services.chats.edit(question.chat_id, question.message_id, t("Nothing fetched."))
        return None
    with contextlib.suppress(MessageGone):
        await services.chats.delete(question.chat_id, question.message_id)
    return None


def _hidden(addresses: str, text: str) -> str:
    return "\n".join(each for each in addresses.splitlines() if each not in text)


def _question(t: Texts, wanted: Sequence[WantedUrl]) -> list[Html]:
    return [
        t.n(
            "❓ Fetch this link to your 1fichier?",
            "❓ Fetch these {count} links to your 1fichier?",
            len(wanted),
        ),
        *named(t, wanted),
    ]


def usage(t: Texts) -> Html:
    return lines(
        t("Send /remote and the link, or several:"),
        t("<code>{example}</code>", example="/remote https://example.org/a.iso"),
        t("Of a text file full of links, reply to it with /remote"),
        t("1fichier fetches it, of any size, and I tell you when it’s done."),
    )


REMOTE: Final = Command("remote", "URL …", mark("Let 1fichier fetch a link"), remote)
