"""Updates as they arrive, raw, are written down before anything is made of them."""

import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.metrics import Metrics
from onefichier import Clock
from storage import InboxStore, IncomingUpdate

log = logging.getLogger(__name__)

INLINE_QUERY = "inline_query"
CHOSEN_INLINE_RESULT = "chosen_inline_result"
# What the bot asks Telegram for: edits, channel posts and the rest have no meaning here.
ALLOWED_UPDATES = ("message", "callback_query", "my_chat_member", INLINE_QUERY, CHOSEN_INLINE_RESULT)

RawUpdate = Mapping[str, Any]

_CANCEL = re.compile(r"/cancel(?:@\w+)?(?:\s|$)", re.ASCII)
# Chosen by Telegram as positive 32-bit numbers so far; the database keeps 64 bits.
_MAX_UPDATE_ID = 2**63 - 1


class Intake:
    """Where both ways of delivery, long polling and the webhook, end."""

    def __init__(
        self,
        inbox: InboxStore,
        *,
        clock: Clock,
        metrics: Metrics,
        overtaking_prefixes: Sequence[str],
        arrived: Callable[[], None],
    ) -> None:
        """`arrived` is called when something new was written; callback data with one of the prefixes overtakes."""
        self._inbox = inbox
        self._clock = clock
        self._metrics = metrics
        self._overtaking_prefixes = tuple(overtaking_prefixes)
        self._arrived = arrived
        self.can_write = True
        """Whether the last batch could be written down."""

    async def accept(self, deliveries: Sequence[object]) -> int:
        """Write down what Telegram delivered and return how many of them were updates.

        Raises:
            DatabaseFailed: nothing was written; do not acknowledge.
        """
        updates = []
        for delivery in deliveries:
            update = self.read(delivery)
            if update is None:
                self._metrics.unreadable.inc()
                log.warning("Telegram delivered something that is no update; it was left out")
            else:
                updates.append(update)
        if updates:
            self.can_write = False
            added = await self._inbox.receive(updates, self._clock.now())
            self.can_write = True
            self._metrics.updates.inc(added)
            self._metrics.repeated.inc(len(updates) - added)
            if added:
                self._arrived()
        return len(updates)

    def read(self, delivery: object) -> IncomingUpdate | None:
        """The delivery as a row to write, or None when it has no usable `update_id`, or no end.

        Nothing else is asked of it here: what it means is found out when it is on disk.
        """
        update_id = update_id_of(delivery)
        if update_id is None or not isinstance(delivery, dict):
            return None
        try:
            # Half a surrogate pair, which no database and no answer can hold, becomes a question mark.
            payload = json.dumps(delivery, ensure_ascii=False).encode(errors="replace").decode()
        except (ValueError, RecursionError):
            return None
        return IncomingUpdate(update_id, _lane(delivery), self._overtakes(delivery), payload)

    def _overtakes(self, delivery: RawUpdate) -> bool:
        text = _dig(delivery, "message", "text")
        if isinstance(text, str):
            return _CANCEL.match(text) is not None
        data = _dig(delivery, "callback_query", "data")
        return isinstance(data, str) and data.startswith(self._overtaking_prefixes)


def update_id_of(delivery: object) -> int | None:
    """The `update_id`, if the delivery has one that is a number of the right size."""
    update_id = delivery.get("update_id") if isinstance(delivery, dict) else None
    if isinstance(update_id, bool) or not isinstance(update_id, int) or abs(update_id) > _MAX_UPDATE_ID:
        return None
    return update_id


def kind_of(delivery: RawUpdate) -> str:
    """One of `ALLOWED_UPDATES`, or "other"."""
    return next((kind for kind in ALLOWED_UPDATES if kind in delivery), "other")


def _lane(delivery: RawUpdate) -> str:
    """The chat, whose updates are handled in order; for an update without one, the person.

    Who types after the bot's name does not wait for what their chat is doing, nor their chat for that.
    """
    chats = (("message", "chat"), ("callback_query", "message", "chat"), ("my_chat_member", "chat"))
    for path in chats:
        if isinstance(chat_id := _dig(delivery, *path, "id"), int):
            return f"chat:{chat_id}"
    for kind in ALLOWED_UPDATES:
        if isinstance(user_id := _dig(delivery, kind, "from", "id"), int):
            return f"{'inline' if kind == INLINE_QUERY else 'user'}:{user_id}"
    return "none"


def _dig(value: object, *path: str) -> object:
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value
