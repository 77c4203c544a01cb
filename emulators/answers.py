"""What people wait for: the answer to a pressed button, and to what they type after the bot's name."""

from typing import Any

from emulators.botapi import BotApi, CallbackAnswer, Chat, SeenMessage
from emulators.botapi.changes import PATIENCE_SECONDS
from emulators.botapi.methods.queries import posted_fields
from emulators.botapi.state import InlineAnswer, OpenQuery


class Press:
    """A pressed button, until the bot has answered it."""

    def __init__(self, query: OpenQuery, chat: Chat) -> None:
        self._query = query
        self._chat = chat

    @property
    def query_id(self) -> str:
        return self._query.query_id

    @property
    def answer(self) -> CallbackAnswer | None:
        """What the bot answered; None as long as it has not."""
        return self._query.answer

    async def answered(self, *, timeout: float = PATIENCE_SECONDS) -> CallbackAnswer:
        """Return the answer once it is there.

        Raises:
            TimeoutError: not within `timeout` seconds; its text shows the chat.
        """
        try:
            return await self._query.changes.until(lambda: self.answer, timeout)
        except TimeoutError:
            raise TimeoutError(f"the press was not answered; the chat shows {self._chat.messages}") from None


class InlineSearch:
    """An inline query, until the bot has answered it."""

    def __init__(self, api: BotApi, user: dict[str, Any], text: str, query: OpenQuery) -> None:
        self._api = api
        self._user = user
        self._text = text
        self._query = query

    @property
    def query_id(self) -> str:
        return self._query.query_id

    @property
    def answer(self) -> InlineAnswer | None:
        return self._query.inline_answer

    @property
    def results(self) -> list[dict[str, Any]] | None:
        return None if self.answer is None else self.answer.results

    @property
    def titles(self) -> list[str]:
        """What there is to pick from, as the person reads it."""
        return [result["title"] for result in self.results or []]

    async def answered(self, *, timeout: float = PATIENCE_SECONDS) -> list[dict[str, Any]]:
        """Return the results once they are there. Raises TimeoutError."""
        await self._query.changes.until(lambda: self.answer, timeout)
        return self.results or []

    def pick(self, title: str, chat: Chat) -> SeenMessage:
        """Post the result of that title in a chat, as the person; the bot is told if it wants to be.

        Raises:
            LookupError: there is no such result.
        """
        for result in self.results or []:
            if result["title"] == title:
                return self.post(result["id"], chat)
        raise LookupError(f"no result {title!r} among {self.titles}")

    def post(self, result_id: str, chat: Chat, *, reply_to: SeenMessage | None = None) -> SeenMessage:
        """Likewise by its id. The message, too, reaches the bot in chats where it is: also in a group whose others it does not read.

        Raises:
            LookupError: there is no such result.
        """
        result = next((each for each in self.results or [] if each["id"] == result_id), None)
        if result is None:
            raise LookupError(f"no result {result_id!r} was found")
        fields = posted_fields(result) | {"via_bot": self._api.bot}
        if result.get("reply_markup"):
            fields["reply_markup"] = result["reply_markup"]
        chat.started = True
        message = self._api.new_message(chat, self._user, fields, reply_to=reply_to)
        chat.add(message)
        if self._api.inline_feedback:
            self._api.updates.push(
                "chosen_inline_result",
                {"result_id": result["id"], "from": self._user, "query": self._text},
            )
        if chat.is_private or chat.bot_status in {"member", "administrator"}:
            self._api.updates.push("message", message.payload)
        return message
