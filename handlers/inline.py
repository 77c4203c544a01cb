"""Inline mode: `@bot words` in any chat finds one's own files, and the one that is picked is posted there with its link.

Answered from what is known here, for every letter typed. What is found is the person's own, so Telegram may keep it for nobody else.
"""

from typing import Final

from telegram import (
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    Update,
)
from telegram.constants import InlineQueryLimit, ParseMode

from handlers.buttons import copy_button, keyboard
from handlers.context import Context
from handlers.login import FROM_A_GROUP
from handlers.start import TO_THE_LIST
from handlers.texts import Html, Texts, lines
from onefichier import parse_link
from storage import Account
from transfers import FileCard, SearchView

# As many as a phone shows while one scrolls; the rest follows then.
PAGE: Final = 20
# A deletion or a new name shows as soon as that.
CACHE_SECONDS: Final = 5


async def answer(update: Update, context: Context) -> None:
    """Offer what fits the words; without any, what was posted last and then the newest."""
    query = update.inline_query
    if query is None:
        raise AssertionError("registered only for inline queries")
    services, t = context.services, context.t
    account = await services.people.account_in_use(query.from_user.id)
    if account is None:
        first = InlineQueryResultsButton(t.plain("Give me your key first"), start_parameter=FROM_A_GROUP)
        await services.chats.answer_inline(query.id, [], button=first, cache_seconds=CACHE_SECONDS)
        return
    found = await _found(context, account, query.query)
    start = int(query.offset) if query.offset.isdecimal() else 0
    shown = found.files[start : start + PAGE]
    cards = await services.search.cards(account, shown)
    await services.chats.answer_inline(
        query.id,
        [_result(context, card) for card in cards],
        button=InlineQueryResultsButton(_as_of(context, found), start_parameter=TO_THE_LIST),
        next_offset=str(start + PAGE) if start + PAGE < len(found.files) else "",
        cache_seconds=CACHE_SECONDS,
    )


async def note_chosen(update: Update, context: Context) -> None:
    """Have what was posted offered first the next time."""
    chosen = update.chosen_inline_result
    if chosen is None:
        raise AssertionError("registered only for chosen results")
    account = await context.services.people.account_in_use(chosen.from_user.id)
    if account is not None:
        await context.services.search.note_chosen(account, chosen.result_id)


async def _found(context: Context, account: Account, said: str) -> SearchView:
    search = context.services.search
    if link := parse_link(said):
        return await search.exact(account, link)
    if said.strip():
        return await search.find(account, said)
    return await search.recent(account, InlineQueryLimit.RESULTS)


def _result(context: Context, card: FileCard) -> InlineQueryResultArticle:
    t, now = context.t, context.services.clock.now()
    about = [t.size(card.size)]
    if card.uploaded_at is not None:
        about.append(t.day(card.uploaded_at, now))
    if card.folder_path is not None:
        about.append(t.plain("📁 {folder}", folder=t.folder(card.folder_path)))
    return InlineQueryResultArticle(
        id=card.link.id,
        title=t.name(card.name),
        description=" · ".join(about),
        input_message_content=InputTextMessageContent(
            _posted(t, card),
            parse_mode=ParseMode.HTML,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        ),
        reply_markup=keyboard([copy_button(t.plain("Copy link"), card.link.url)]),
    )


def _posted(t: Texts, card: FileCard) -> Html:
    """What others are to see: not where the file is kept."""
    name, size = t.name(card.name), t.size(card.size)
    return lines(
        t("<b>{name}</b> · {size}", name=name, size=size),
        t("{link}", link=card.link),
        t("🔑 with a password") if card.has_password else None,
    )


def _as_of(context: Context, found: SearchView) -> str:
    t, now = context.t, context.services.clock.now()
    if found.as_of is None:
        return t.plain("I’m still reading your list of files")
    time = t.time(found.as_of, now)
    if found.since is not None or found.gaps:
        return t.plain("As of {time}, some may be missing", time=time)
    return t.plain("As of {time}", time=time)
