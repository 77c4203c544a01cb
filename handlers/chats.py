"""What the bot does in chats: the only place that sends, edits and deletes."""

import contextlib
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, TypeVar

from telegram import (
    ForceReply,
    InlineKeyboardMarkup,
    InlineQueryResult,
    InlineQueryResultsButton,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import ExtBot

from handlers.pace import TelegramPace, Urgency, seconds_of
from handlers.splitting import split
from handlers.status_budget import StatusBudget
from handlers.texts import Html
from onefichier import Clock
from storage import OutboxStore, PeopleStore

log = logging.getLogger(__name__)

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
    """Telegram wants a rest, of this chat or of the bot. Nothing was sent."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Telegram wants a rest of {seconds:g} s.")
        self.seconds = seconds


class Unsure(DeliveryError):
    """No answer from Telegram: it may have done it."""


class RefusedByTelegram(DeliveryError):
    """Telegram will never take this text or keyboard."""


class Chats:
    """Sends in HTML without link previews, silently unless it should ring."""

    def __init__(
        self,
        bot: ExtBot[Urgency],
        people: PeopleStore,
        outbox: OutboxStore,
        clock: Clock,
        pace: TelegramPace,
    ) -> None:
        """`pace`: the one that the bot's calls go through."""
        self._bot = bot
        self._people = people
        self._outbox = outbox
        self._clock = clock
        self.statuses = StatusBudget(clock, pace)

    async def send(
        self,
        chat_id: int,
        text: Html,
        *,
        reply_to: int | None = None,
        keyboard: InlineKeyboardMarkup | None = None,
        ring: bool = False,
        field_hint: str | None = None,
        urgency: Urgency = Urgency.ANSWER,
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
                urgency=urgency,
            )
        return message_id

    async def edit(
        self,
        chat_id: int,
        message_id: int,
        text: Html,
        *,
        keyboard: InlineKeyboardMarkup | None = None,
        urgency: Urgency = Urgency.ANSWER,
    ) -> None:
        """Replace a message's text and keyboard. What does not fit one message is sent silently below it.

        Raises:
            DeliveryError: it stands as before, or nobody knows.
        """
        first, *rest = split(text)

        async def change() -> None:
            try:
                await self._bot.edit_message_text(
                    first,
                    chat_id=chat_id,
                    message_id=message_id,
                    parse_mode=ParseMode.HTML,
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                    reply_markup=None if rest else keyboard,
                    rate_limit_args=urgency,
                )
            except BadRequest as error:
                if not _says(error, _NOT_MODIFIED):
                    raise

        await self._touch(chat_id, change())
        if rest:
            await self.send(chat_id, Html("\n".join(rest)), keyboard=keyboard, urgency=urgency)

    async def send_document(
        self,
        chat_id: int,
        content: bytes,
        *,
        name: str,
        reply_to: int | None = None,
        urgency: Urgency = Urgency.ANSWER,
    ) -> int:
        """Send a small file, silently; returns the id of its message.

        Raises:
            DeliveryError: it was not sent, or nobody knows.
        """

        async def say(chat: int, reply: ReplyParameters | None) -> int:
            message = await self._bot.send_document(
                chat,
                content,
                filename=name,
                disable_notification=True,
                reply_parameters=reply,
                rate_limit_args=urgency,
            )
            return message.message_id

        return await self._place(chat_id, say, reply_to)

    async def edit_buttons(
        self, chat_id: int, message_id: int, keyboard: InlineKeyboardMarkup | None
    ) -> None:
        """Replace a message's keyboard and leave its text.

        Raises:
            DeliveryError: it stands as before, or nobody knows.
        """

        async def change() -> None:
            try:
                await self._bot.edit_message_reply_markup(
                    chat_id=chat_id,
                    message_id=message_id,
                    reply_markup=keyboard,
                    rate_limit_args=Urgency.ANSWER,
                )
            except BadRequest as error:
                if not _says(error, _NOT_MODIFIED):
                    raise

        await self._touch(chat_id, change())

    async def delete(self, chat_id: int, message_id: int, *, urgency: Urgency = Urgency.ANSWER) -> None:
        """Delete a message.

        Raises:
            MessageGone: it is not there, or (`NotDeletable`) will stay there.
            DeliveryError: it still stands, or nobody knows.
        """

        async def remove() -> None:
            await self._bot.delete_message(chat_id, message_id, rate_limit_args=urgency)

        await self._touch(chat_id, remove())

    async def react(self, chat_id: int, message_id: int, emoji: str) -> None:
        """Put a reaction under a message (one of Telegram's fixed list); a message that is gone needs none."""

        async def put() -> None:
            await self._bot.set_message_reaction(chat_id, message_id, emoji, rate_limit_args=Urgency.ANSWER)

        with contextlib.suppress(MessageGone):
            await self._touch(chat_id, put())

    async def show_typing(self, chat_id: int, topic: int | None = None) -> None:
        """Have the chat show that an answer is being written; not worth a second try, nor anybody's turn."""
        with contextlib.suppress(TelegramError):
            await self._bot.send_chat_action(
                chat_id, ChatAction.TYPING, message_thread_id=topic, rate_limit_args=Urgency.STATUS
            )

    async def answer_press(self, press_id: str, text: str = "") -> None:
        """End the waiting of a pressed button, with a pop-up when there is a text (plain, at most 200 characters).

        Answering late or twice does no harm; a press that Telegram does not let us answer soon cannot be answered later.
        """
        try:
            await self._bot.answer_callback_query(
                press_id, text[:LONGEST_POP_UP] or None, rate_limit_args=Urgency.ANSWER
            )
        except BadRequest as error:
            if not _says(error, _PRESS_TOO_OLD):
                raise RefusedByTelegram(error.message) from error
        except RetryAfter as error:
            log.info("A press stays unanswered, as Telegram wants a rest of %.0f s", seconds_of(error))
        except NetworkError as error:
            raise Unsure(error.message) from error

    async def answer_inline(
        self,
        query_id: str,
        results: Sequence[InlineQueryResult],
        *,
        button: InlineQueryResultsButton | None = None,
        next_offset: str = "",
        cache_seconds: int,
    ) -> None:
        """Answer what somebody types after the bot's name, for them alone. An answer that comes too late is worth nothing to anybody."""
        try:
            await self._bot.answer_inline_query(
                query_id,
                results,
                cache_time=cache_seconds,
                is_personal=True,
                next_offset=next_offset,
                button=button,
            )
        except TelegramError as error:
            log.info("An inline query stays without its answer: %s", type(error).__name__)

    async def _send_one(
        self,
        chat_id: int,
        text: Html,
        *,
        reply_to: int | None,
        markup: InlineKeyboardMarkup | ForceReply | None,
        ring: bool,
        urgency: Urgency,
    ) -> int:
        async def say(chat: int, reply: ReplyParameters | None) -> int:
            message = await self._bot.send_message(
                chat,
                text,
                parse_mode=ParseMode.HTML,
                disable_notification=not ring,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_parameters=reply,
                reply_markup=markup,
                rate_limit_args=urgency,
            )
            return message.message_id

        return await self._place(chat_id, say, reply_to)

    async def _place(
        self,
        chat_id: int,
        say: Callable[[int, ReplyParameters | None], Coroutine[Any, Any, int]],
        reply_to: int | None,
    ) -> int:
        """Put a new message into a chat, wherever that is by now."""
        reply = ReplyParameters(reply_to, allow_sending_without_reply=True) if reply_to else None
        try:
            return await self._call(chat_id, say(chat_id, reply))
        except ChatMigrated as error:
            new = error.new_chat_id
            await self._outbox.move_chat(chat_id, new)
            # Numbers of messages begin anew there: the one replied to would be any other.
            return await self._call(new, say(new, None))

    async def _touch(self, chat_id: int, action: Coroutine[Any, Any, None]) -> None:
        """Change what stands in a chat; what stood in a group that became a supergroup stayed behind."""
        try:
            await self._call(chat_id, action)
        except ChatMigrated as error:
            await self._outbox.move_chat(chat_id, error.new_chat_id)
            raise MessageGone(error.message) from error

    async def _call(self, chat_id: int, action: Coroutine[Any, Any, T]) -> T:
        try:
            return await action
        except RetryAfter as error:
            raise SlowDown(seconds_of(error)) from error
        except Forbidden as error:
            await self._note_unreachable(chat_id)
            raise ChatUnreachable(error.message) from error
        except BadRequest as error:
            raise await self._judged(chat_id, error) from error
        except (TimedOut, NetworkError) as error:
            raise Unsure(error.message) from error

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
