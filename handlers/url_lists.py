"""Lists of URLs: taken as far as they can be, and what is the matter with the others."""

from collections.abc import Sequence
from typing import Final

from handlers.allowance import tell_of_maintenance, too_many_links_today
from handlers.context import Context
from handlers.texts import Html, Texts, lines, mark
from storage import WantedUrl
from transfers import RejectedUrl, UrlList, UrlProblem

# More than a message holds. They are one batch, whose result names each; of more, nobody would read it.
MOST_URLS: Final = 200
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


async def fetch(
    context: Context, chat_id: int, message_id: int, urls: UrlList, *, reply_to: int | None
) -> None:
    """Have the URLs of a message fetched; what becomes of them, the status message of their batch tells."""
    services, t = context.services, context.t
    if len(urls.wanted) > MOST_URLS:
        await services.chats.send(chat_id, too_many(t, len(urls.wanted)), reply_to=reply_to)
        return
    if urls.wanted:
        refusal = await take_in(context, chat_id, message_id, urls.wanted, reply_to=reply_to)
        if refusal is not None:
            await services.chats.send(chat_id, refusal, reply_to=reply_to)
            return
    if refused := rejected(t, urls):
        await services.chats.send(chat_id, refused, reply_to=reply_to)


async def take_in(
    context: Context,
    chat_id: int,
    message_id: int,
    wanted: Sequence[WantedUrl],
    *,
    reply_to: int | None = None,
) -> Html | None:
    """Queue the URLs of a message, as far as one person may have any fetched today; otherwise the reason."""
    account = await context.account()
    refusal = await too_many_links_today(context, chat_id, message_id, wanted)
    if refusal is None:
        await context.services.remotes.accept(account, chat_id, message_id, wanted)
        await tell_of_maintenance(context, chat_id, reply_to)
    return refusal


def named(t: Texts, wanted: Sequence[WantedUrl]) -> list[Html]:
    """The first of them, and how many more there are."""
    more = len(wanted) - URLS_SHOWN
    return [
        *(t("{url}", url=t.name(each.shown)) for each in wanted[:URLS_SHOWN]),
        *([t.n("and {count} more", "and {count} more", more)] if more > 0 else []),
    ]


def too_many(t: Texts, count: int) -> Html:
    return lines(
        t(
            "⚠️ That’s {count} links, and I take {most} at most at once.",
            count=t.number(count),
            most=t.number(MOST_URLS),
        ),
        t("None was fetched. Send them in parts."),
    )


def rejected(t: Texts, urls: UrlList) -> Html | None:
    """Why some are not fetched. A URL that came twice is simply fetched once."""
    told = [each for each in urls.rejected if each.problem is not UrlProblem.DUPLICATE]
    if not told:
        return None
    telegram = [each for each in told if each.problem is UrlProblem.TELEGRAM_LINK]
    others = [each for each in told if each not in telegram]
    shown = [_problem(t, each) for each in others[:URLS_SHOWN]]
    more = len(others) - len(shown)
    return lines(
        *shown,
        t.n("and {count} more", "and {count} more", more) if more else None,
        *(_telegram(t) if telegram else []),
    )


def _problem(t: Texts, each: RejectedUrl) -> Html:
    return t(_PROBLEMS[each.problem], url=t.name(each.shown))


def _telegram(t: Texts) -> list[Html]:
    return [
        t("⚠️ I can’t open Telegram links. Forward me the message itself."),
        t("If the channel doesn’t allow forwarding, bots can’t get the file."),
    ]
