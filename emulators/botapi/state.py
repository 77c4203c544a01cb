"""Everything one emulated Bot API server knows about one bot and the people it meets."""

import itertools
import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulators.botapi.changes import Changes
from emulators.botapi.chats import Chat, SeenMessage
from emulators.botapi.errors import ApiError, bad_request, forbidden
from emulators.botapi.faults import Faults
from emulators.botapi.files import Files
from emulators.botapi.limits import SendingLimits
from emulators.botapi.transcript import Call
from emulators.botapi.updates import Updates
from emulators.botapi.webhook import Webhook

TRANSCRIPT_LENGTH = 100_000

CALLBACK_SECONDS = 15
"""How long a press may wait for its answer."""


@dataclass(eq=False)
class CallbackAnswer:
    """What the person sees when the bot answers a press: a toast, or with `show_alert` a window."""

    text: str = ""
    show_alert: bool = False
    url: str | None = None


@dataclass(eq=False)
class InlineAnswer:
    """What the person sees above their text field: results to pick from, and a button above them."""

    results: list[dict[str, Any]]
    button: dict[str, Any] | None = None
    next_offset: str = ""
    is_personal: bool = False
    cache_seconds: float = 300


@dataclass(eq=False)
class OpenQuery:
    """A press, or an inline query, that waits for its answer. `inline`: whose and which, if it is one."""

    query_id: str
    asked_at: float
    changes: Changes
    answer: CallbackAnswer | None = None
    inline: tuple[int, str, str] | None = None
    inline_answer: InlineAnswer | None = None


@dataclass
class Profile:
    """What the bot says about itself; keys are (scope as JSON, language)."""

    commands: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)

    def menu(self, chat: Chat, user_id: int, language: str) -> list[dict[str, Any]]:
        """Return the commands that a person who is no administrator is offered in a chat: the narrowest that were set."""
        scopes: list[dict[str, Any]] = [{"type": "chat", "chat_id": chat.id}]
        if chat.is_private:
            scopes.append({"type": "all_private_chats"})
        else:
            scopes.insert(0, {"type": "chat_member", "chat_id": chat.id, "user_id": user_id})
            scopes.append({"type": "all_group_chats"})
        scopes.append({"type": "default"})
        for scope in scopes:
            for code in (language, ""):
                if found := self.commands.get((scope_key(scope), code)):
                    return found
        return []

    def introduction(self, language: str) -> str:
        """Return what an empty chat says of the bot: its description, or the short one where it has no other."""
        for texts in (self.descriptions, self.short_descriptions):
            for code in (language, ""):
                if text := texts.get(code):
                    return text
        return ""


def scope_key(scope: dict[str, Any]) -> str:
    """Return a scope of commands as the key it is kept under."""
    return json.dumps(scope, sort_keys=True)


class State:
    """Readable at any time; people change it by `emulators.user`, the bot by calling methods."""

    def __init__(
        self,
        *,
        token: str,
        clock: Callable[[], float] = time.time,
        local_dir: Path | None = None,
        bot_username: str = "onefichier_test_bot",
        limits: bool = False,
        transcript_length: int | None = TRANSCRIPT_LENGTH,
    ) -> None:
        self.token = token
        self.clock = clock
        self.bot: dict[str, Any] = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "1fichier",
            "username": bot_username,
        }
        self.can_read_all_group_messages = False
        self.chats: dict[int, Chat] = {}
        self.changes = Changes()
        self.updates = Updates(clock)
        self.webhook = Webhook(self.updates, clock)
        self.files = Files(token=token, clock=clock, local_dir=local_dir)
        self.faults = Faults()
        self.limits = SendingLimits(enforced=limits)
        self.profile = Profile()
        self.transcript: deque[Call] = deque(maxlen=transcript_length)
        self.unsupported: list[str] = []
        self.queries: dict[str, OpenQuery] = {}
        self.callback_seconds: float = CALLBACK_SECONDS
        self.logged_out = False
        self.inline_mode = True
        """Whether @BotFather was told that the bot can be called from other chats; `inline_feedback`: and to tell what was picked."""
        self.inline_feedback = True
        # Of an answer that is not personal, everybody gets the same.
        self._inline_cache: dict[tuple[int | None, str, str], tuple[float, InlineAnswer]] = {}
        self._query_ids = itertools.count(4_000_000_000)

    @property
    def local_dir(self) -> Path | None:
        return self.files.local_dir

    def now(self) -> int:
        return int(self.clock())

    def calls(self, method: str) -> list[Call]:
        """Return the calls of one method in the transcript, oldest first."""
        return [call for call in self.transcript if call.method == method]

    def restart_update_ids(self, first: int) -> None:
        """Number the coming updates from `first`, as the server does after a week without any."""
        self.updates.restart_ids(first)

    def push_raw(self, update: dict[str, Any]) -> dict[str, Any]:
        """Queue an update as it is, however odd."""
        return self.updates.push_raw(update)

    def open_query(self, changes: Changes) -> OpenQuery:
        query = OpenQuery(str(next(self._query_ids)), self.clock(), changes)
        self.queries[query.query_id] = query
        return query

    def take_query(self, query_id: str) -> OpenQuery:
        """Return an open query, once.

        Raises:
            ApiError: unknown, answered before, or too old.
        """
        query = self.queries.pop(query_id, None)
        if query is None or self.clock() - query.asked_at > self.callback_seconds:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        return query

    def keep_inline_answer(self, query: OpenQuery, answer: InlineAnswer) -> None:
        """Answer an inline query, and whoever asks the same before the answer is too old."""
        if query.inline is None:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        user_id, text, offset = query.inline
        query.inline_answer = answer
        key = (user_id if answer.is_personal else None, text, offset)
        self._inline_cache[key] = (self.clock() + answer.cache_seconds, answer)
        query.changes.announce()

    def kept_inline_answer(self, user_id: int, text: str, offset: str) -> InlineAnswer | None:
        """The answer that a person sees without the bot being asked."""
        for owner in (user_id, None):
            until, answer = self._inline_cache.get((owner, text, offset), (0.0, None))
            if self.clock() < until:
                return answer
        return None

    def chat(self, chat_id: int | str) -> Chat:
        """Raises ApiError when there is no such chat."""
        if isinstance(chat_id, str) and not chat_id:
            raise bad_request("chat_id is empty")
        for chat in self.chats.values():
            if chat.id == chat_id or (
                isinstance(chat_id, str)
                and chat_id == f"@{chat.description.get('username')}"
                and not chat.is_private
            ):
                return chat
        raise bad_request("chat not found")

    def present_chat(self, chat_id: int | str) -> Chat:
        """Return a chat whose messages may be deleted, also where the bot may no longer write.

        Raises:
            ApiError: the chat is unknown, or has become another one.
        """
        chat = self.chat(chat_id)
        _refuse_migrated(chat)
        return chat

    def writable_chat(self, chat_id: int | str) -> Chat:
        """Return a chat that the bot may write to.

        Raises:
            ApiError: the chat is unknown, was left, blocks the bot, or has become another one.
        """
        chat = self.chat(chat_id)
        if chat.deactivated:
            raise forbidden("user is deactivated")
        _refuse_migrated(chat)
        if chat.is_private:
            if not chat.started:
                raise forbidden("bot can't initiate conversation with a user")
            if chat.bot_status == "kicked":
                raise forbidden("bot was blocked by the user")
        elif chat.bot_status == "kicked":
            raise forbidden(f"bot was kicked from the {chat.description['type']} chat")
        elif chat.bot_status == "left":
            raise forbidden(f"bot is not a member of the {chat.description['type']} chat")
        return chat

    def new_message(
        self,
        chat: Chat,
        sender: dict[str, Any],
        fields: dict[str, Any],
        *,
        from_bot: bool = False,
        reply_to: SeenMessage | None = None,
    ) -> SeenMessage:
        """Make a message with the next number in a chat; nobody sees it before it is added there."""
        payload: dict[str, Any] = {
            "message_id": chat.next_message_id(),
            "from": sender,
            "chat": chat.description,
            "date": self.now(),
        }
        if reply_to is not None:
            payload["reply_to_message"] = without_reply(reply_to.payload)
            payload |= _thread_of(reply_to)
        return SeenMessage(chat=chat, payload=payload | fields, from_bot=from_bot)


def _refuse_migrated(chat: Chat) -> None:
    if chat.migrated_to is not None:
        raise ApiError(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            {"migrate_to_chat_id": chat.migrated_to},
        )


def _thread_of(replied: SeenMessage) -> dict[str, Any]:
    """What an answer bears of the thread it stands in: in supergroups each has one, topic or not."""
    if replied.chat.description["type"] != "supergroup":
        return {}
    topic = {"is_topic_message": True} if replied.payload.get("is_topic_message") else {}
    return {"message_thread_id": replied.payload.get("message_thread_id", replied.id)} | topic


def without_reply(payload: dict[str, Any]) -> dict[str, Any]:
    """Return a message as it appears inside another one: replies do not nest."""
    return {name: value for name, value in payload.items() if name != "reply_to_message"}
