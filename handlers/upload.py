"""A file arrives: taken in, or refused with the way out."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from telegram import Message, Update
from telegram.ext import filters

from handlers.allowance import too_much_today
from handlers.attachments import KINDS, file_in
from handlers.chats import MessageGone
from handlers.command import Command
from handlers.context import Context, message_of
from handlers.links import words_after_command
from handlers.texts import Html, Texts, lines, mark
from handlers.topics import replied_to
from storage import AcceptedFile, Batch, IncomingFile, Reason, Transfer

# A longer list is not read; the rest is counted.
NAMES_SHOWN: Final = 10
# What people can send where the owner runs a Bot API server of their own, in bytes.
_WITH_A_LOCAL_SERVER: Final = 2 * 10**9
_SEEN: Final = "👀"
# As a caption, which Telegram's libraries do not look into for commands.
_COMMAND: Final = re.compile(r"/upload(?:@\w+)?(?=\s|$)[^\S\n]*(?P<name>[^\n]*)", re.ASCII | re.IGNORECASE)


class _CarriesFile(filters.MessageFilter):
    """Unlike `filters.ATTACHMENT`, only what can be uploaded."""

    def filter(self, message: Message) -> bool:
        return any(getattr(message, kind) for kind in KINDS)


CARRIES_FILE: Final = _CarriesFile(name="handlers.upload.CARRIES_FILE")


async def upload(update: Update, context: Context) -> None:
    """Take the message's file in. Its status message follows by itself."""
    message = message_of(update)
    said = _COMMAND.match(message.caption or "")
    file = file_in(
        message,
        asked=said["name"] if said else "",
        strip_channel=context.person.preferences.strip_channel,
    )
    if file is None:
        raise AssertionError("registered only for messages with a file")
    await upload_file(context, file, sent_at=message.date)


async def upload_file(context: Context, file: IncomingFile, *, sent_at: datetime) -> None:
    """Take in a file that a message of the person has brought."""
    await _answer(context, await context.services.uploads.accept(context.person.id, file, sent_at=sent_at))


async def upload_named(update: Update, context: Context) -> None:
    """Upload the file of the message replied to, under the name behind the command where there is one."""
    message, t = message_of(update), context.t
    file = None
    if (replied := replied_to(message)) is not None:
        file = file_in(
            replied,
            asked=words_after_command(message),
            strip_channel=context.person.preferences.strip_channel,
        )
    if file is None:
        text = lines(
            t("Reply to a file with /upload and the name that it shall have,"),
            t("or write that below a file as you send it."),
        )
        await context.services.chats.send(message.chat.id, text, reply_to=context.reply_in_group(message))
        return
    accepted = await context.services.uploads.accept_named(
        context.person.id, file, asked_by=message.message_id, sent_at=message.date
    )
    if accepted is None:
        text = t("It will be called <b>{name}</b>.", name=t.name(file.given_name))
        await context.services.chats.send(message.chat.id, text, reply_to=message.message_id)
    else:
        await _answer(context, accepted)


async def _answer(context: Context, accepted: AcceptedFile) -> None:
    """Only what cannot go on needs words."""
    if accepted.transfer.refused:
        await _tell_refused(context, accepted.batch)
    elif accepted.transfer.account_id is None:
        await _ask_for_key(context, accepted.transfer)


async def _tell_refused(context: Context, batch: Batch) -> None:
    """Once per batch: the notice is edited as others join."""
    services = context.services
    refused = [each for each in await services.transfers.of_batch(batch.id) if each.refused]
    text = refused_text(context.t, refused, services.uploads.size_limit, is_admin=context.is_admin)
    if daily := [each for each in refused if each.reason is Reason.DAILY_LIMIT]:
        text = lines(text or None, await too_much_today(context, daily))
    if batch.notice_message_id is not None:
        try:
            await services.chats.edit(batch.chat_id, batch.notice_message_id, text)
        except MessageGone:
            pass
        else:
            return
    message_id = await services.chats.send(batch.chat_id, text, reply_to=refused[0].message_id)
    await services.batches.note_notice_message(batch.id, message_id)


def refused_text(
    t: Texts, refused: Sequence[Transfer], size_limit: int | None, *, is_admin: bool = False
) -> Html:
    """Why files were turned down on arrival, and what to do about it."""
    big = [each for each in refused if each.reason is Reason.TOO_BIG]
    empty = [each for each in refused if each.reason is Reason.EMPTY]
    return lines(*_too_big(t, big, size_limit, is_admin=is_admin), *_empty(t, empty))


def _too_big(t: Texts, big: Sequence[Transfer], size_limit: int | None, *, is_admin: bool) -> list[Html]:
    if not big:
        return []
    limit = t.largest_file(size_limit)
    if len(big) == 1:
        size = t.size(big[0].size or 0)
        name = t.name(big[0].given_name)
        first = [
            t(
                "⚠️ <b>{name}</b> is too big: {size}, and I can take {limit}.",
                name=name,
                size=size,
                limit=limit,
            )
        ]
    else:
        first = [
            t.n(
                "⚠️ {count} file is too big, as I can take {limit}:",
                "⚠️ {count} files are too big, as I can take {limit}:",
                len(big),
                limit=limit,
            ),
            *_named(t, big),
        ]
    raised = t.size(_WITH_A_LOCAL_SERVER)
    return [
        *first,
        t("Bots like this one get no more from Telegram. Two ways out:"),
        t("• Is it on the web? Send me its link, any size."),
        t("• To allow {size}, see “Large files” in the guide.", size=raised)
        if is_admin
        else t("• The owner of this bot can raise the limit to {size}.", size=raised),
    ]


def _empty(t: Texts, empty: Sequence[Transfer]) -> list[Html]:
    if len(empty) == 1:
        name = t.name(empty[0].given_name)
        return [t("⚠️ <b>{name}</b> is empty: 1fichier takes no empty files.", name=name)]
    if not empty:
        return []
    first = t.n(
        "⚠️ {count} file is empty, and 1fichier takes no empty files:",
        "⚠️ {count} files are empty, and 1fichier takes no empty files:",
        len(empty),
    )
    return [first, *_named(t, empty)]


def _named(t: Texts, transfers: Sequence[Transfer]) -> list[Html]:
    shown = [
        t("• <b>{name}</b> · {size}", name=t.name(each.given_name), size=t.size(each.size or 0))
        for each in transfers[:NAMES_SHOWN]
    ]
    more = len(transfers) - len(shown)
    return [*shown, *([t.n("and {count} more", "and {count} more", more)] if more else [])]


async def _ask_for_key(context: Context, transfer: Transfer) -> None:
    """Said with the first file that waits; the others only get a sign that they were seen."""
    services, t = context.services, context.t
    waiting = [
        each for each in await services.transfers.active_of(context.person.id) if each.account_id is None
    ]
    if waiting and waiting[0].id != transfer.id:
        await services.chats.react(transfer.chat_id, transfer.message_id, _SEEN)
        return
    text = lines(
        t("🔑 I need your key before I can upload."),
        t(
            "I’ve kept <b>{name}</b> and will send it as soon as you’ve used /login",
            name=t.name(transfer.given_name),
        ),
    )
    await services.chats.send(transfer.chat_id, text, reply_to=transfer.message_id)


UPLOAD: Final = Command("upload", "[NAME]", mark("Name an upload"), upload_named, in_menu=False)
