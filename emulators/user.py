"""Scripted people: what they do becomes updates for the bot, and what they see can be asserted on."""

import itertools
import random
from pathlib import Path
from typing import Any, Literal

from emulators.answers import InlineSearch, Press
from emulators.botapi import BotApi, Button, Chat, Content, SeenMessage
from emulators.botapi.attachments import HONEST, Attachment, Honest, Kind
from emulators.botapi.formatting import found_entities
from emulators.botapi.methods.chats import chat_member

__all__ = ["Attachment", "Group", "InlineSearch", "Participant", "Person", "Press"]

MAX_ALBUM_ITEMS = 10
MAX_INLINE_QUERY_CHARACTERS = 256
TOPIC_COLOR = 0x6FB9F0
"""The first of those that Telegram offers."""

Origin = Literal["channel", "user", "hidden"]

_ALBUM_NUMBERS = itertools.count(13_000_000_000_000_000)

_FORWARDED = frozenset({
    "text", "entities", "caption", "caption_entities", "document", "photo", "video", "audio", "voice", "animation",
    "video_note", "sticker", "live_photo", "contact", "poll", "location", "link_preview_options",
})  # fmt: skip


def text_fields(text: str) -> dict[str, Any]:
    """Return what a message of plain text has, with the entities that clients find in it."""
    fields: dict[str, Any] = {"text": text}
    if entities := found_entities(text):
        fields["entities"] = entities
    return fields


class Participant:
    """A person in one chat, and what they can do there."""

    def __init__(
        self, api: BotApi, user: dict[str, Any], chat: Chat, topic: SeenMessage | None = None
    ) -> None:
        self.api = api
        self.user = user
        self.chat = chat
        self.topic = topic

    @property
    def id(self) -> int:
        return int(self.user["id"])

    def say(self, text: str, *, reply_to: SeenMessage | None = None) -> SeenMessage:
        return self._send(text_fields(text), reply_to=reply_to)

    def send_file(
        self,
        kind: Kind = "document",
        *,
        name: str | None = None,
        size: int | None = None,
        content: bytes | Path | Content | None = None,
        caption: str | None = None,
        file_size: int | Honest | None = HONEST,
        file_unique_id: str | None = None,
        mime_type: str | None = None,
        reply_to: SeenMessage | None = None,
    ) -> SeenMessage:
        """Send a file; see `Attachment` for what the arguments mean."""
        attachment = Attachment(
            kind, name, size, content, caption, file_size, file_unique_id=file_unique_id, mime_type=mime_type
        )
        return self.send(attachment, reply_to=reply_to)

    def send(self, attachment: Attachment, *, reply_to: SeenMessage | None = None) -> SeenMessage:
        return self._send(attachment.message_fields(self.api), reply_to=reply_to)

    def send_album(
        self, items: list[Attachment], *, reply_to: SeenMessage | None = None
    ) -> list[SeenMessage]:
        """Send 2 to 10 files as one album: a message each, with the same `media_group_id`."""
        if not 2 <= len(items) <= MAX_ALBUM_ITEMS:
            raise ValueError(f"an album has 2 to {MAX_ALBUM_ITEMS} items, not {len(items)}")
        group = {"media_group_id": str(next(_ALBUM_NUMBERS))}
        return [self._send(item.message_fields(self.api) | group, reply_to=reply_to) for item in items]

    def forward(self, item: SeenMessage | Attachment | str, *, origin: Origin | None = None) -> SeenMessage:
        """Forward a message, or a file or text that somebody else once sent.

        Without `origin`, a message comes from where it stands or was forwarded from, anything else from a friend.

        Raises:
            PermissionError: the message is protected; clients do not offer to forward it.
        """
        if isinstance(item, SeenMessage):
            if item.protected:
                raise PermissionError("the message is protected against forwarding")
            fields = {name: value for name, value in item.payload.items() if name in _FORWARDED}
            if origin is None:
                return self._send(fields | {"forward_origin": _origin_of(item)})
        elif isinstance(item, Attachment):
            fields = item.message_fields(self.api)
        else:
            fields = text_fields(item)
        return self._send(fields | {"forward_origin": self._origin(origin or "user")})

    def edit(self, message: SeenMessage, text: str) -> None:
        """Change one's own text or caption.

        Raises:
            PermissionError: somebody else wrote it.
        """
        self._own(message)
        what = "text" if "text" in message.payload else "caption"
        entities_name = "entities" if what == "text" else "caption_entities"
        payload = {name: value for name, value in message.payload.items() if name != entities_name}
        payload |= {what: text, "edit_date": self.api.now()}
        if entities := found_entities(text):
            payload[entities_name] = entities
        message.note_edit(payload)
        self._deliver("edited_message", message)

    def delete(self, message: SeenMessage) -> None:
        """Delete a message for everyone; in groups only one's own. Bots are not told."""
        if not self.chat.is_private:
            self._own(message)
        message.deleted = True
        self.chat.changes.announce()

    def press(self, button: str | Button, message: SeenMessage | None = None) -> Press:
        """Press a callback button; by its words, under the newest message that has it unless one is given.

        A `Button` taken before an edit presses what stood there then, as a client does that has not seen the edit.

        Raises:
            LookupError: there is no such button.
            ValueError: it is not a callback button; a client opens or copies something then.
        """
        if message is None:
            message = self._message_with(button)
        if isinstance(button, str):
            button = message.button(button)
        if button.kind != "callback":
            raise ValueError(f"{button.text!r} is a {button.kind} button: {button.value!r}")
        query = self.api.open_query(self.chat.changes)
        shown = message.payload
        if message.deleted:
            shown = {"chat": self.chat.description, "message_id": message.id, "date": 0}
        self.api.updates.push(
            "callback_query",
            {
                "id": query.query_id,
                "from": self.user,
                "message": shown,
                "chat_instance": str(_chat_instance(self.chat.id)),
                "data": button.value,
            },
        )
        return Press(query, self.chat)

    def inline_query(self, text: str, *, offset: str = "") -> InlineSearch:
        """Type the bot's name and a text. What Telegram still remembers is shown without asking the bot.

        Raises:
            PermissionError: @BotFather was not told that the bot has an inline mode.
            ValueError: it is longer than clients ask for.
        """
        if not self.api.inline_mode:
            raise PermissionError("the bot cannot be called from other chats")
        if len(text) > MAX_INLINE_QUERY_CHARACTERS:
            raise ValueError(f"an inline query has at most {MAX_INLINE_QUERY_CHARACTERS} characters")
        query = self.api.open_query(self.chat.changes)
        query.inline = (self.id, text, offset)
        query.inline_answer = self.api.kept_inline_answer(self.id, text, offset)
        if query.inline_answer is None:
            asked = {
                "id": query.query_id,
                "from": self.user,
                "query": text,
                "offset": offset,
                "chat_type": "sender" if self.chat.is_private else self.chat.description["type"],
            }
            self.api.updates.push("inline_query", asked)
        return InlineSearch(self.api, self.user, text, query)

    def send_contact(self, phone_number: str = "+49301234567", first_name: str = "Ada") -> SeenMessage:
        return self._send({"contact": {"phone_number": phone_number, "first_name": first_name}})

    def send_location(self, latitude: float = 48.8566, longitude: float = 2.3522) -> SeenMessage:
        return self._send({"location": {"latitude": latitude, "longitude": longitude}})

    def send_poll(self, question: str = "Tea?", options: tuple[str, ...] = ("yes", "no")) -> SeenMessage:
        poll = {
            "id": str(next(_ALBUM_NUMBERS)),
            "question": question,
            "options": [
                {"persistent_id": str(number), "text": text, "voter_count": 0}
                for number, text in enumerate(options)
            ],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": True,
            "members_only": False,
        }
        return self._send({"poll": poll})

    def _origin(self, origin: Origin) -> dict[str, Any]:
        date = self.api.now() - 3600
        if origin == "channel":
            channel = {
                "id": -1_001_234_567_890,
                "type": "channel",
                "title": "Some channel",
                "username": "some_channel",
            }
            return {"type": "channel", "date": date, "chat": channel, "message_id": 77}
        if origin == "hidden":
            return {"type": "hidden_user", "date": date, "sender_user_name": "Somebody"}
        friend = {"id": 70_001, "is_bot": False, "first_name": "Friend"}
        return {"type": "user", "date": date, "sender_user": friend}

    def _own(self, message: SeenMessage) -> None:
        if message.from_bot or message.payload["from"]["id"] != self.id:
            raise PermissionError(f"{self.user['first_name']} did not write message {message.id}")

    def _message_with(self, button: str | Button) -> SeenMessage:
        text = button if isinstance(button, str) else button.text
        for message in reversed(self.chat.visible):
            if message.has_button(text):
                return message
        raise LookupError(f"no message has a button {text!r}; the chat shows {self.chat.messages}")

    def _send(self, fields: dict[str, Any], *, reply_to: SeenMessage | None = None) -> SeenMessage:
        if self.chat.is_private and self.chat.bot_status == "kicked":
            raise PermissionError("a person who has blocked the bot has to unblock it to write to it")
        self.chat.started = True
        # In a topic, what answers nothing is an answer to the message that opened it.
        message = self.api.new_message(self.chat, self.user, fields, reply_to=reply_to or self.topic)
        self.chat.add(message)
        self._deliver("message", message)
        return message

    def _deliver(self, kind: str, message: SeenMessage) -> None:
        if self.chat.is_private or self._bot_reads(message):
            self.api.updates.push(kind, message.payload)

    def _bot_reads(self, message: SeenMessage) -> bool:
        """Privacy mode: in a group a bot gets commands, replies to itself, and messages that mention it."""
        if self.chat.bot_status not in {"member", "administrator"}:
            return False
        if self.chat.bot_status == "administrator" or self.api.can_read_all_group_messages:
            return True
        username = str(self.api.bot["username"]).lower()
        text = message.text.lower()
        if f"@{username}" in text or (message.reply_to is not None and message.reply_to.from_bot):
            return True
        command = text.split(maxsplit=1)[0] if text.strip() else ""
        return command.startswith("/") and "@" not in command


class Person(Participant):
    """A person with a private chat with the bot, which begins when they first write."""

    def __init__(
        self,
        api: BotApi,
        *,
        user_id: int,
        first_name: str,
        username: str | None = None,
        language_code: str = "en",
    ) -> None:
        user: dict[str, Any] = {"id": user_id, "is_bot": False, "first_name": first_name}
        chat: dict[str, Any] = {"id": user_id, "type": "private", "first_name": first_name}
        if username is not None:
            user["username"] = chat["username"] = username
        private = Chat(chat, api.changes)
        super().__init__(api, user | {"language_code": language_code}, private)
        private.members[user_id] = self.user
        api.chats[user_id] = private

    def in_group(self, group: "Group", topic: SeenMessage | None = None) -> Participant:
        """Return this person with the same verbs in a group they are in, or in a topic of it.

        Raises:
            LookupError: they are not.
        """
        if self.id not in group.chat.members:
            raise LookupError(f"{self.user['first_name']} is not in {group.chat.description['title']}")
        return Participant(self.api, self.user, group.chat, topic)

    def block(self) -> None:
        self._set_bot_status("kicked")

    def unblock(self) -> None:
        self._set_bot_status("member")

    def deactivate(self) -> None:
        """Delete one's Telegram account. Bots are not told."""
        self.chat.deactivated = True

    def _set_bot_status(self, status: Literal["member", "kicked"]) -> None:
        _push_bot_status(self.api, self.chat, self.user, status)


class Group:
    """A group with people and the bot in it; the first member added the bot."""

    def __init__(
        self, api: BotApi, group_id: int, title: str, members: list[Person], *, bot_is_admin: bool = False
    ) -> None:
        if group_id >= 0:
            raise ValueError("ids of groups are negative")
        kind = "supergroup" if group_id <= -1_000_000_000_000 else "group"
        self.api = api
        self.chat = Chat({"id": group_id, "type": kind, "title": title}, api.changes)
        self.chat.started = True
        self.chat.members = {member.id: member.user for member in members}
        self.chat.bot_status = "left"
        self._founder = members[0].user
        api.chats[group_id] = self.chat
        _push_bot_status(api, self.chat, self._founder, "administrator" if bot_is_admin else "member")

    def remove_bot(self) -> None:
        _push_bot_status(self.api, self.chat, self._founder, "kicked")

    def open_topic(self, name: str, *, by_bot: bool = False) -> SeenMessage:
        """Have a topic, which is the thread of the message that opens it.

        Raises:
            ValueError: only a supergroup has topics.
        """
        if self.chat.description["type"] != "supergroup":
            raise ValueError("only a supergroup has topics")
        self.chat.description["is_forum"] = True
        topic = {"name": name, "icon_color": TOPIC_COLOR}
        opener = self.api.bot if by_bot else self._founder
        message = self.api.new_message(self.chat, opener, {"forum_topic_created": topic}, from_bot=by_bot)
        message.payload |= {"message_thread_id": message.id, "is_topic_message": True}
        self.chat.add(message)
        # A bot is told of nothing that it does itself.
        if not by_bot:
            self.api.updates.push("message", message.payload)
        return message

    def migrate(self, new_id: int) -> None:
        """Become a supergroup: the old chat answers with the new id from now on, and both say so."""
        old = self.chat
        new = Chat(old.description | {"id": new_id, "type": "supergroup"}, self.api.changes)
        new.started, new.members, new.bot_status = True, old.members, old.bot_status
        self.api.chats[new_id] = new
        for chat, fields in ((old, {"migrate_to_chat_id": new_id}), (new, {"migrate_from_chat_id": old.id})):
            message = self.api.new_message(chat, self._founder, fields)
            chat.add(message)
            self.api.updates.push("message", message.payload)
        old.migrated_to = new_id
        self.chat = new


def _origin_of(message: SeenMessage) -> dict[str, Any]:
    payload, chat = message.payload, message.chat.description
    if "forward_origin" in payload:
        return dict(payload["forward_origin"])
    if chat["type"] == "channel":
        return {"type": "channel", "date": payload["date"], "chat": chat, "message_id": message.id}
    return {"type": "user", "date": payload["date"], "sender_user": payload["from"]}


def _push_bot_status(
    api: BotApi, chat: Chat, by: dict[str, Any], status: Literal["member", "administrator", "kicked"]
) -> None:
    """Change what the bot is in a chat, and tell it."""
    old, chat.bot_status = chat.bot_status, status
    api.updates.push(
        "my_chat_member",
        {
            "chat": chat.description,
            "from": by,
            "date": api.now(),
            "old_chat_member": chat_member(api.bot, old),
            "new_chat_member": chat_member(api.bot, status),
        },
    )
    chat.changes.announce()


def _chat_instance(chat_id: int) -> int:
    """Return the number that stands for a chat in presses: the same each time, and not the chat's id."""
    return random.Random(chat_id).getrandbits(62)
