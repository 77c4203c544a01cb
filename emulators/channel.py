"""A channel that people read and forward from; the bot is not in it, so no update tells of its posts."""

from typing import Any

from emulators.botapi import BotApi, Chat, SeenMessage
from emulators.botapi.attachments import Attachment
from emulators.botapi.changes import Changes
from emulators.user import text_fields


class Channel:
    def __init__(self, api: BotApi, channel_id: int, title: str) -> None:
        self.api = api
        # Nothing a bot could see changes with a post.
        self.chat = Chat({"id": channel_id, "type": "channel", "title": title}, Changes())

    def post(self, item: Attachment | str, *, at: int | None = None) -> SeenMessage:
        """Publish a file or a text, now or at a time in the past (Unix seconds)."""
        fields = text_fields(item) if isinstance(item, str) else item.message_fields(self.api)
        payload: dict[str, Any] = {
            "message_id": self.chat.next_message_id(),
            "sender_chat": self.chat.description,
            "chat": self.chat.description,
            "date": self.api.now() if at is None else at,
        }
        message = SeenMessage(chat=self.chat, payload=payload | fields, from_bot=False)
        self.chat.add(message)
        return message
