"""Text files full of URLs: fetched on command, and asked about when they come by themselves."""

import re
from dataclasses import asdict
from datetime import datetime
from pathlib import PurePath
from typing import Final

from telegram import Document, Message, Update
from telegram.ext import filters

from handlers.attachments import file_in
from handlers.buttons import Action, button
from handlers.chats import MessageGone
from handlers.command import ButtonCallback
from handlers.context import Context, message_of
from handlers.presses import open_question
from handlers.questions import ask
from handlers.texts import Html, Texts, lines
from handlers.upload import upload, upload_file
from handlers.url_lists import MOST_URLS, fetch, named, take_in
from storage import IncomingFile, Question, WantedUrl
from transfers import (
    LARGEST_LIST,
    ListTooLong,
    NoText,
    SourceError,
    UrlList,
    UrlProblem,
    read_text,
    read_urls,
)

QUESTION: Final = "fetch_list"
# What lists of links are called; a text file of another kind is only a file.
_ENDINGS: Final = frozenset({".txt", ".text", ".list", ".lst", ".urls"})
_TEXT: Final = "text/plain"
# As a caption, which Telegram's libraries do not look into for commands.
_COMMAND: Final = re.compile(r"/remote(?:@\w+)?(?:\s|$)", re.ASCII | re.IGNORECASE)


class _ToBeFetched(filters.MessageFilter):
    """A document with the command below it."""

    def filter(self, message: Message) -> bool:
        return message.document is not None and _COMMAND.match(message.caption or "") is not None


class _MayBeList(filters.MessageFilter):
    def filter(self, message: Message) -> bool:
        document = message.document
        # A caption says that something else is meant, such as a name.
        if document is None or message.animation is not None or message.caption:
            return False
        is_text = document.mime_type == _TEXT or PurePath(document.file_name or "").suffix.lower() in _ENDINGS
        return is_text and 0 < (document.file_size or 0) <= LARGEST_LIST


TO_BE_FETCHED: Final = _ToBeFetched(name="handlers.url_file.TO_BE_FETCHED")
MAY_BE_LIST: Final = _MayBeList(name="handlers.url_file.MAY_BE_LIST")


async def fetch_captioned(update: Update, context: Context) -> None:
    """Have the URLs of a text file fetched that came with the command."""
    message = message_of(update)
    if message.document is None:
        raise AssertionError("registered only for documents")
    await fetch_from(context, message, message.document)


async def fetch_from(context: Context, message: Message, document: Document) -> None:
    """Have the URLs of a text file fetched, as `message` says."""
    services, t = context.services, context.t
    reply_to = context.reply_in_group(message)
    try:
        if (document.file_size or 0) > LARGEST_LIST:
            raise ListTooLong(document.file_size or 0)
        urls = read_urls(await read_text(services.telegram_files, document.file_id))
    except (ListTooLong, NoText, SourceError) as error:
        text = _unreadable(t, t.name(document.file_name or ""), error)
        await services.chats.send(message.chat.id, text, reply_to=reply_to)
        return
    # The words between the links of a list are nothing that was wanted.
    refused = [each for each in urls.rejected if each.problem is not UrlProblem.NOT_A_URL]
    if not urls.wanted and not refused:
        text = t("⚠️ I see no link in <b>{name}</b>.", name=t.name(document.file_name or ""))
        await services.chats.send(message.chat.id, text, reply_to=reply_to)
        return
    found = UrlList(urls.wanted, refused)
    await fetch(context, message.chat.id, message.message_id, found, reply_to=reply_to)


async def offer(update: Update, context: Context) -> None:
    """Ask what is meant by a text file of nothing but URLs; any other one is uploaded."""
    message = message_of(update)
    document, file = message.document, file_in(message)
    if document is None or file is None:
        raise AssertionError("registered only for documents")
    wanted = await _only_urls(context, document)
    account = await context.services.people.account_in_use(context.person.id)
    if not wanted or account is None or account.refused_at is not None:
        await upload(update, context)
        return
    t, name = context.t, context.t.name(document.file_name or "")
    await ask(
        context,
        message.chat.id,
        QUESTION,
        {
            "urls": [[each.url, each.shown] for each in wanted],
            "file": asdict(file),
            "sent_at": message.date.isoformat(),
        },
        lines(
            t.n(
                "❓ <b>{name}</b> holds {count} link. Shall 1fichier fetch it?",
                "❓ <b>{name}</b> holds {count} links. Shall 1fichier fetch them?",
                len(wanted),
                name=name,
            ),
            *named(t, wanted),
        ),
        yes=t.plain("Fetch"),
        no=t.plain("No"),
        other=lambda question_id: button(t.plain("Upload the file"), Action.AS_FILE, question_id),
        reply_to=message.message_id,
    )


async def answer(context: Context, question: Question, yes: bool) -> str | None:  # noqa: FBT001 - an Answer
    """Have them fetched; the status message then stands in place of the question."""
    services, t = context.services, context.t
    if yes:
        wanted = [WantedUrl(url, shown) for url, shown in question.subject["urls"]]
        message_id = question.subject["file"]["message_id"]
        refusal = await take_in(context, question.chat_id, message_id, wanted)
        if refusal is not None:
            if question.message_id is not None:
                await services.chats.edit(question.chat_id, question.message_id, refusal)
            return None
    if question.message_id is None:
        return None
    if not yes:
        text = t("Nothing fetched, nothing uploaded.")
        await services.chats.edit(question.chat_id, question.message_id, text)
        return None
    await _delete(context, question)
    return None


async def upload_instead(_: Update, context: Context) -> str | None:
    """Upload the list itself, as the file that it is."""
    question = await open_question(context)
    if isinstance(question, str):
        return question
    if question.kind != QUESTION:
        return None
    file = IncomingFile(**question.subject["file"])
    await upload_file(context, file, sent_at=datetime.fromisoformat(question.subject["sent_at"]))
    await _delete(context, question)
    await context.services.questions.answer(question.id)
    return None


async def _delete(context: Context, question: Question) -> None:
    if question.message_id is None:
        return
    try:
        await context.services.chats.delete(question.chat_id, question.message_id)
    except MessageGone:
        return


async def _only_urls(context: Context, document: Document) -> list[WantedUrl]:
    """What a list of URLs holds; nothing when something else stands in it, or more than is fetched at once."""
    try:
        urls = read_urls(await read_text(context.services.telegram_files, document.file_id))
    except (ListTooLong, NoText, SourceError):
        return []
    others = [each for each in urls.rejected if each.problem is not UrlProblem.DUPLICATE]
    return [] if others or len(urls.wanted) > MOST_URLS else urls.wanted


def _unreadable(t: Texts, name: str, error: Exception) -> Html:
    if isinstance(error, ListTooLong):
        return lines(
            t(
                "⚠️ <b>{name}</b> is too large for a list of links: {size}, and I read {most}.",
                name=name,
                size=t.size(error.size),
                most=t.size(error.most),
            ),
            t("Nothing was fetched. Send it in parts."),
        )
    if isinstance(error, NoText):
        return lines(t("⚠️ <b>{name}</b> is no text file.", name=name), t("Nothing was fetched."))
    return lines(
        t("⚠️ Telegram doesn’t hand out <b>{name}</b> at the moment.", name=name),
        t("Nothing was fetched. Try again later."),
    )


BUTTONS: Final[dict[Action, ButtonCallback]] = {Action.AS_FILE: upload_instead}
