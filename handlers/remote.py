"""URLs that 1fichier shall fetch: by command at once, and asked about when they come by themselves."""

import contextlib
from collections.abc import Sequence
from typing import Final

from telegram import Update

from handlers.allowance import tell_of_maintenance, too_many_links_today
from handlers.chats import MessageGone
from handlers.command import Command
from handlers.context import Context, message_of
from handlers.links import addresses_in, words_after_command
from handlers.questions import ask
from handlers.texts import Html, Texts, lines, mark
from storage import BATCH_FILES, Question, WantedUrl
from transfers import RejectedUrl, UrlList, UrlProblem, read_urls

QUESTION: Final = "fetch"
# The URLs of one message are one batch, whose result names each.
MOST_URLS: Final = BATCH_FILES
# In a question, and in the list of those that are not taken.
URLS_SHOWN: Final = 10

_PROBLEMS: Final = {
    UrlProblem.NOT_A_URL: mark("⚠️ That isn’t a link: {url}"),
    UrlProblem.BAD_SCHEME: mark(
        "⚠️ 1fichier fetches only what begins with http://, https:// or ftp://, not {url}"
    ),
    UrlProblem.TELEGRAM_FILE: mark(
        "⚠️ I don’t hand on addresses of {url}: they hold a bot’s secret. Forward me the file itself."
    ),
    UrlProblem.ONEFICHIER_LINK: mark("⚠️ That is on 1fichier already. Send it alone to see its card: {url}"),
    UrlProblem.TOO_LONG: mark("⚠️ That link is too long: {url}"),
}


async def remote(update: Update, context: Context) -> None:
    """Have the URLs behind the command fetched, or those of the message replied to."""
    message = message_of(update)
    # Addresses behind words are not part of the text.
    said = f"{words_after_command(message)}\n{_hidden(addresses_in(message), message.text or '')}"
    if not said.strip() and message.reply_to_message is not None:
        said = addresses_in(message.reply_to_message)
    urls = read_urls(said)
    reply_to = context.reply_in_group(message)
    if not urls.wanted and not urls.rejected:
        await context.services.chats.send(message.chat.id, _usage(context.t), reply_to=reply_to)
        return
    if len(urls.wanted) > MOST_URLS:
        text = _too_many(context.t, len(urls.wanted))
        await context.services.chats.send(message.chat.id, text, reply_to=reply_to)
        return
    if urls.wanted:
        # What becomes of them, the status message of their batch tells.
        account = await context.account()
        if too_many := await too_many_links_today(context, message.chat.id, message.message_id, urls.wanted):
            await context.services.chats.send(message.chat.id, too_many, reply_to=reply_to)
            return
        await context.services.remotes.accept(account, message.chat.id, message.message_id, urls.wanted)
        await tell_of_maintenance(context, message.chat.id, reply_to)
    if rejected := _rejected(context.t, urls):
        await context.services.chats.send(message.chat.id, rejected, reply_to=reply_to)


async def take_urls(update: Update, context: Context) -> bool:
    """Ask whether the URLs of a text shall be fetched: they may only have been part of a forwarded post."""
    message = message_of(update)
    urls = read_urls(addresses_in(message))
    rejected = [each for each in urls.rejected if each.problem is not UrlProblem.NOT_A_URL]
    reply_to = context.reply_in_group(message)
    if not urls.wanted:
        text = _rejected(context.t, UrlList([], rejected))
        if text is not None:
            await context.services.chats.send(message.chat.id, text, reply_to=reply_to)
        return text is not None
    if len(urls.wanted) > MOST_URLS:
        text = _too_many(context.t, len(urls.wanted))
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
        account = await context.account()
        chat_id, message_id = question.chat_id, question.subject["message"]
        if too_many := await too_many_links_today(context, chat_id, message_id, wanted):
            if question.message_id is not None:
                await services.chats.edit(chat_id, question.message_id, too_many)
            return None
        await services.remotes.accept(account, chat_id, message_id, wanted)
        await tell_of_maintenance(context, chat_id, None)
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
    more = len(wanted) - URLS_SHOWN
    return [
        t.n(
            "❓ Fetch this link to your 1fichier?",
            "❓ Fetch these {count} links to your 1fichier?",
            len(wanted),
        ),
        *(t("{url}", url=t.name(each.shown)) for each in wanted[:URLS_SHOWN]),
        *([t.n("and {count} more", "and {count} more", more)] if more > 0 else []),
    ]


def _usage(t: Texts) -> Html:
    return lines(
        t("Send /remote and the link, or several:"),
        t("<code>{example}</code>", example="/remote https://example.org/a.iso"),
        t("1fichier fetches it, of any size, and I tell you when it’s done."),
    )


def _too_many(t: Texts, count: int) -> Html:
    return lines(
        t(
            "⚠️ That’s {count} links, and I take {most} at most in one message.",
            count=t.number(count),
            most=t.number(MOST_URLS),
        ),
        t("None was fetched. Send them in parts."),
    )


def _rejected(t: Texts, urls: UrlList) -> Html | None:
    """Why some are not fetched. A URL that came twice is simply fetched once."""
    rejected = [each for each in urls.rejected if each.problem is not UrlProblem.DUPLICATE]
    if not rejected:
        return None
    telegram = [each for each in rejected if each.problem is UrlProblem.TELEGRAM_LINK]
    others = [each for each in rejected if each not in telegram]
    shown = [_problem(t, each) for each in others[:URLS_SHOWN]]
    more = len(others) - len(shown)
    return lines(
        *shown,
        t.n("and {count} more", "and {count} more", more) if more else None,
        *(_telegram(t) if telegram else []),
    )


def _problem(t: Texts, rejected: RejectedUrl) -> Html:
    return t(_PROBLEMS[rejected.problem], url=t.name(rejected.shown))


def _telegram(t: Texts) -> list[Html]:
    return [
        t("⚠️ I can’t open Telegram links. Forward me the message itself."),
        t("If the channel doesn’t allow forwarding, bots can’t get the file."),
    ]


REMOTE: Final = Command("remote", "URL …", mark("Let 1fichier fetch a link"), remote)
