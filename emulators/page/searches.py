"""What people type after the bot's name, until they pick something of what it found."""

import contextlib
from typing import Final

from emulators.botapi import SeenMessage
from emulators.page.views import Json, search_view
from emulators.user import InlineSearch, Participant

KEPT: Final = 50

PATIENCE_SECONDS: Final = 10.0
"""A bot that has found nothing by then is not waited for: nothing is shown, as in clients."""


class Searches:
    def __init__(self, *, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._asked: dict[str, tuple[int, InlineSearch]] = {}

    async def ask(self, participant: Participant, text: str, offset: str) -> Json:
        """What the bot offers; without an `answer` when it gave none.

        Raises:
            PermissionError: the bot has no inline mode.
        """
        search = participant.inline_query(text, offset=offset)
        self._asked[search.query_id] = (participant.id, search)
        while len(self._asked) > KEPT:
            del self._asked[next(iter(self._asked))]
        with contextlib.suppress(TimeoutError):
            await search.answered(timeout=self._patience)
        return search_view(search)

    def pick(
        self, participant: Participant, search_id: str, result_id: str, reply_to: SeenMessage | None
    ) -> SeenMessage:
        """Post a result into the participant's chat.

        Raises:
            LookupError: they have not asked that, or long ago, or it was not found.
        """
        asker, search = self._asked.get(search_id, (None, None))
        if search is None or asker != participant.id:
            raise LookupError(f"there is no search {search_id!r}")
        return search.post(result_id, participant.chat, reply_to=reply_to)
