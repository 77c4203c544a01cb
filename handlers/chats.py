"""What the bot does in chats: the only place that sends, edits and deletes."""

import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

from telegram import Bot, ForceReply, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    NetworkError,
    RetryAfter,
    TimedOut,
)

from handlers.splitting import split
from handlers.texts import Html
from onefichier import Clock
from storage import OutboxStore, PeopleStore

T = TypeVar("T")

# Telegram shows at most so much of a pop-up.
LONGEST_POP_UP: Final = 200

# Beginnings of Telegram's texts, in lower case: it has no codes for them.
_NOT_MODIFIED: Final = ("message is not modified", "message_not_modified")
_GONE: Final = (
    "message to edit not found",
    "message can't be edited",
    "message to delete not found",
    "message to react not found",
    "message_id_invalid",
    "there is no text in the message to edit",
)
_NOT_DELETABLE: Final = ("message can't be deleted",)
_OUT_OF_REACH: Final = (
    "chat not found",
    "not enough rights to send",
    "have no rights to send a message",
    "chat_write_forbidden",
    "need administrator rights in the channel chat",
    "topic_closed",
    "user_is_blocked",
    "peer_id_invalid",
    "group chat was deactivated",
)
_PRESS_TOO_OLD: Final = ("query is too old", "query_id_invalid")


class DeliveryError(Exception):
    """Root of what can go wrong on the way into a chat."""


class MessageGone(DeliveryError):
    """The message to edit or delete is not there, or may not be touched any more."""


class NotDeletable(MessageGone):
    """It still stands, and Telegram will not let us delete it: too old, or no rights in this group."""


class ChatUnreachable(DeliveryError):
    """Blocked, left or deleted; noted down, so that nothing more is sent there until it is heard of again."""


class SlowDown(DeliveryError):
    """Telegram wants a rest for this chat. Nothing was sent."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Telegram wants a rest of {seconds:g} s.")
        self.seconds = seconds


class Unsure(DeliveryError):
    """No answer from Telegram: it may have done it."""


class RefusedByTelegram(DeliveryError):
    """Telegram will never take this text or keyboard."""


class Chats:
    """Sends in HTML without link previews, silently unless it should ring."""

    def __init__(self, bot: Bot, people: PeopleStore, outbox: OutboxStore, clock: Clock) -> None:
        self._bot = bot
        self._people = people
        self._outbox = outbox
        self._clock = clock
        # Monotonic seconds before which Telegram wants no more of one kind of call in one chat. Answers, results and
        # statuses share it: each finding it out by a call of its own would lengthen the rest.
        self._rests: dict[tuple[int, str], float] = {}

    async def send(
        self,
        chat_id: int,
        text: Html,
        *,
        reply_to: int | None = None,
        keyboard: InlineKeyboardMarkup | None = None,
        ring: bool = False,
        field_hint: str | None = None,
    ) -> int:
        """Send a text, in several messages when it is long; returns the id of the last, which has the keyboard.

        The first message is the reply, and the one that rings. `field_hint` asks for an answer and shows that text in
        the input field.

        Raises:
            DeliveryError: it was not sent, or nobody knows.
        """
        parts = split(text)
        last = len(parts) - 1
        message_id = 0
        for position, part in enumerate(parts):
            markup = ForceReply(input_field_placeholder=field_hint) if field_hint else keyboard
            message_id = await self._send_one(
                chat_id,
                part,
                reply_to=reply_to if position == 0 else None,
                markup=markup if position == last else None,
                ring=ring and position == 0,
            )
        return message_id

    async def edit(
        self, chat_id: int, message_id: int, text: Html, *, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        """Replace a message's text and keyboard. What does not fit one message is sent silently below it.

        Raises:
            DeliveryError: it stands as before, or nobody knows.
        """
        first, *rest = split(text)

        async def change(chat: int) -> None:
            try:
                await self._bot.edit_message_text(
                    first,
                    chat_id=chat,
                    message_id=message_id,
                    parse_mode=ParseMode.HTML,
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                    reply_markup=None if rest else keyboard,
                )
            except BadRequest as error:
                if not _says(error, _NOT_MODIFIED):
                    raise

        await self._call(chat_id, "edit", change)
        if rest:
            await self.send(chat_id, Html("\n".join(rest)), keyboard=keyboard)

    async def send_document(
        self, chat_id: int, content: bytes, *, name: str, reply_to: int | None = None
    ) -> int:
        """Send a small file, silently; returns the id of its message.

        Raises:
            DeliveryError: it was not sent, or nobody knows.
        """
        reply = ReplyParameters(reply_to, allow_sending_without_reply=True) if reply_to else None

        async def say(chat: int) -> int:
            message = await self._bot.send_document(
                chat, content, filename=name, disable_notification=True, reply_parameters=reply
            )
            return message.message_id

        return await self._call(chat_id, "send", say)

    async def edit_buttons(
        self, chat_id: int, message_id: int, keyboard: InlineKeyboardMarkup | None
    ) -> None:
        """Replace a message's keyboard and leave its text.

        Raises:
            DeliveryError: it stands as before, or nobody knows.
        """

        async def change(chat: int) -> None:
            try:
                await self._bot.edit_message_reply_markup(
                    chat_id=chat, message_id=message_id, reply_markup=keyboard
                )
            except BadRequest as error:
                if not _says(error, _NOT_MODIFIED):
                    raise

        await self._call(chat_id, "edit", change)

    async def delete(self, chat_id: int, message_id: int) -> None:
        """Delete a message.

        Raises:
            MessageGone: it is not there, or (`NotDeletable`) will stay there.
            DeliveryError: it still stands, or nobody knows.
        """

        async def remove(chat: int) -> None:
            await self._bot.delete_message(chat, message_id)

        await self._call(chat_id, "delete", remove)

    async def react(self, chat_id: int, message_id: int, emoji: str) -> None:
        """Put a reaction under a message (one of Telegram's fixed list); a message that is gone needs none."""

        async def put(chat: int) -> None:
            await self._bot.set_message_reaction(chat, message_id, emoji)

        with contextlib.suppress(MessageGone):
            await self._call(chat_id, "react", put)

    async def answer_press(self, press_id: str, text: str = "") -> None:
        """End the waiting of a pressed button, with a pop-up when there is a text (plain, at most 200 characters).

        Answering late or twice does no harm.
        """
        try:
            await self._bot.answer_callback_query(press_id, text[:LONGEST_POP_UP] or None)
        except BadRequest as error:
            if not _says(error, _PRESS_TOO_OLD):
                raise RefusedByTelegram(error.message) from error
        except RetryAfter as error:
            raise SlowDown(_seconds(error)) from error
        except NetworkError as error:
            raise Unsure(error.message) from error

    async def _send_one(
        self,
        chat_id: int,
        text: Html,
        *,
        reply_to: int | None,
        markup: InlineKeyboardMarkup | ForceReply | None,
        ring: bool,
    ) -> int:
        reply = ReplyParameters(reply_to, allow_sending_without_reply=True) if reply_to else None

        async def say(chat: int) -> int:
            message = await self._bot.send_message(
                chat,
                text,
                parse_mode=ParseMode.HTML,
                disable_notification=not ring,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_parameters=reply,
                reply_markup=markup,
            )
            return message.message_id

        return await self._call(chat_id, "send", say)

    async def _call(self, chat_id: int, kind: str, action: Callable[[int], Awaitable[T]]) -> T:
        if (rest := self._rests.get((chat_id, kind), 0.0) - self._clock.monotonic()) > 0:
            raise SlowDown(rest)
        try:
            try:
                return await action(chat_id)
            except ChatMigrated as error:
                await self._outbox.move_chat(chat_id, error.new_chat_id)
                return await action(error.new_chat_id)
        except RetryAfter as error:
            self._note_rest(chat_id, kind, _seconds(error))
            raise SlowDown(_seconds(error)) from error
        except Forbidden as error:
            await self._note_unreachable(chat_id)
            raise ChatUnreachable(error.message) from error
        except BadRequest as error:
            raise await self._judged(chat_id, error) from error
        except (TimedOut, NetworkError) as error:
            raise Unsure(error.message) from error

    def _note_rest(self, chat_id: int, kind: str, seconds: float) -> None:
        now = self._clock.monotonic()
        self._rests = {key: until for key, until in self._rests.items() if until > now}
        self._rests[chat_id, kind] = now + seconds

    async def _judged(self, chat_id: int, error: BadRequest) -> DeliveryError:
        if _says(error, _NOT_DELETABLE):
            return NotDeletable(error.message)
        if _says(error, _GONE):
            return MessageGone(error.message)
        if _says(error, _OUT_OF_REACH):
            await self._note_unreachable(chat_id)
            return ChatUnreachable(error.message)
        return RefusedByTelegram(error.message)

    async def _note_unreachable(self, chat_id: int) -> None:
        await self._people.note_unreachable(chat_id, self._clock.now())


def _says(error: BadRequest, beginnings: tuple[str, ...]) -> bool:
    return error.message.lower().startswith(beginnings)


def _seconds(error: RetryAfter) -> float:
    # An int by default, a timedelta where PTB_TIMEDELTA is set.
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
