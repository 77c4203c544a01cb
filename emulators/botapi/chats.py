"""Chats and their messages, as everyone in them sees them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from emulators.botapi.changes import PATIENCE_SECONDS, Changes
from emulators.botapi.formatting import to_html
from emulators.botapi.keyboards import ACTIONS
from emulators.botapi.parameters import Upload

BUTTON_KINDS = {"callback_data": "callback"}
"""Kinds of button are named by their field, but for these."""


@dataclass(frozen=True)
class Button:
    """A button under a message; `value` is its callback data, address, or text to copy."""

    text: str
    kind: str
    value: Any
    style: str | None = None

    @property
    def data(self) -> str | None:
        return self.value if self.kind == "callback" else None

    @property
    def url(self) -> str | None:
        return self.value if self.kind == "url" else None

    @property
    def copy_text(self) -> str | None:
        return str(self.value["text"]) if self.kind == "copy_text" else None


@dataclass(frozen=True)
class Edit:
    """What a message was before it was edited, and when that happened."""

    text: str
    html: str
    buttons: list[list[Button]]
    edited_at: datetime


@dataclass(frozen=True)
class ChatAction:
    action: str
    at: datetime
    topic: "SeenMessage | None" = None


@dataclass(eq=False)
class SeenMessage:
    """A message as a person sees it; `payload` is the `Message` the Bot API has for it."""

    chat: "Chat"
    payload: dict[str, Any]
    from_bot: bool
    silent: bool = False
    force_reply: dict[str, Any] | None = None
    reply_keyboard: dict[str, Any] | None = None
    document: Upload | None = None
    reactions: list[str] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    deleted: bool = False

    @property
    def id(self) -> int:
        return int(self.payload["message_id"])

    @property
    def date(self) -> datetime:
        return datetime.fromtimestamp(self.payload["date"], UTC)

    @property
    def text(self) -> str:
        """The text, or the caption."""
        return str(self.payload.get("text", self.payload.get("caption", "")))

    @property
    def entities(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.payload.get("entities", self.payload.get("caption_entities", []))
        return found

    @property
    def html(self) -> str:
        return to_html(self.text, self.entities)

    @property
    def buttons(self) -> list[list[Button]]:
        rows = self.payload.get("reply_markup", {}).get("inline_keyboard", [])
        return [[_button(button) for button in row] for row in rows]

    @property
    def reply_to(self) -> "SeenMessage | None":
        """What it answers; where it only stands in a topic, clients show it as no answer."""
        target = self.payload.get("reply_to_message")
        if target is None or "forum_topic_created" in target:
            return None
        return self.chat.find(target["message_id"])

    @property
    def protected(self) -> bool:
        return bool(self.payload.get("has_protected_content"))

    def button(self, text: str) -> Button:
        """Return the button that says `text`, or the only one whose words contain it.

        Raises:
            LookupError: there is none, or several.
        """
        buttons = [button for row in self.buttons for button in row]
        found = [button for button in buttons if button.text == text] or [
            button for button in buttons if text in button.text
        ]
        if len(found) != 1:
            raise LookupError(
                f"{len(found)} buttons say {text!r} among {[button.text for button in buttons]}"
            )
        return found[0]

    def has_button(self, text: str) -> bool:
        return any(text in button.text for row in self.buttons for button in row)

    def note_edit(self, payload: dict[str, Any]) -> None:
        """Become `payload`, with what was before kept in `edits`."""
        edited_at = datetime.fromtimestamp(payload["edit_date"], UTC)
        self.edits.append(Edit(self.text, self.html, self.buttons, edited_at))
        self.payload = payload
        self.chat.changes.announce()

    def __repr__(self) -> str:
        writer = "bot" if self.from_bot else "person"
        buttons = [[button.text for button in row] for row in self.buttons]
        marks = " silent" * self.silent + " deleted" * self.deleted
        return f"<{self.id} {writer}{marks}: {self.text!r}{f' {buttons}' if buttons else ''}>"


def _button(button: dict[str, Any]) -> Button:
    action = next(name for name in ACTIONS if name in button)
    return Button(
        text=button["text"],
        kind=BUTTON_KINDS.get(action, action),
        value=button[action],
        style=button.get("style"),
    )


Wanted = str | Callable[[SeenMessage], bool]


class Chat:
    """One chat: its messages in order, who is in it, what the bot may do there."""

    def __init__(self, description: dict[str, Any], changes: Changes) -> None:
        self.description = description
        self.changes = Changes(changes)
        self.messages: list[SeenMessage] = []
        self.actions: list[ChatAction] = []
        self.drafts: dict[int, str] = {}
        self.members: dict[int, dict[str, Any]] = {}
        self.started = False
        self.bot_status: Literal["member", "administrator", "kicked", "left"] = "member"
        self.deactivated = False
        self.migrated_to: int | None = None
        self._by_id: dict[int, SeenMessage] = {}
        self._last_id = 0

    @property
    def id(self) -> int:
        return int(self.description["id"])

    @property
    def is_private(self) -> bool:
        return bool(self.description["type"] == "private")

    @property
    def visible(self) -> list[SeenMessage]:
        """The messages that have not been deleted."""
        return [message for message in self.messages if not message.deleted]

    @property
    def last(self) -> SeenMessage:
        """The newest message that has not been deleted.

        Raises:
            LookupError: the chat is empty.
        """
        for message in reversed(self.messages):
            if not message.deleted:
                return message
        raise LookupError("the chat is empty")

    @property
    def from_bot(self) -> list[SeenMessage]:
        return [message for message in self.messages if message.from_bot]

    @property
    def notifications(self) -> list[SeenMessage]:
        """The bot's messages that made a sound; an edit never does."""
        return [message for message in self.messages if message.from_bot and not message.silent]

    def add(self, message: SeenMessage) -> None:
        self.messages.append(message)
        self._by_id[message.id] = message
        self.changes.announce()

    def next_message_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def find(self, message_id: int) -> SeenMessage | None:
        return self._by_id.get(message_id)

    def find_topic(self, thread_id: int) -> SeenMessage | None:
        """The service message that opened a topic, whose number is the topic's."""
        found = self.find(thread_id)
        return found if found is not None and "forum_topic_created" in found.payload else None

    def matching(self, wanted: Wanted, *, after: SeenMessage | None = None) -> SeenMessage | None:
        """Return the bot's newest visible message that contains a text, or fulfils a condition."""
        return next(self._matching(wanted, after), None)

    def _matching(self, wanted: Wanted, after: SeenMessage | None) -> Iterator[SeenMessage]:
        for message in reversed(self.messages):
            if after is not None and message.id <= after.id:
                return
            if not message.from_bot or message.deleted:
                continue
            if wanted in message.text if isinstance(wanted, str) else wanted(message):
                yield message

    async def wait_for(
        self, wanted: Wanted, *, timeout: float = PATIENCE_SECONDS, after: SeenMessage | None = None
    ) -> SeenMessage:
        """Return the bot's newest visible message that contains a text, or fulfils a condition, once there is one.

        With `after`, only messages newer than that one count. Returns at the message or edit itself.

        Raises:
            TimeoutError: none within `timeout` seconds; its text shows the chat.
        """
        try:
            return await self.changes.until(lambda: self.matching(wanted, after=after), timeout)
        except TimeoutError:
            raise TimeoutError(
                f"no message of the bot matches {wanted!r}; the chat shows {self.messages}"
            ) from None

    async def wait_until(
        self, condition: Callable[["Chat"], object], *, timeout: float = PATIENCE_SECONDS
    ) -> None:
        """Return once the chat fulfils a condition, which is asked again after each change.

        Raises:
            TimeoutError: not within `timeout` seconds; its text shows the chat.
        """
        try:
            await self.changes.until(lambda: bool(condition(self)) or None, timeout)
        except TimeoutError:
            raise TimeoutError(f"the condition does not hold; the chat shows {self.messages}") from None
