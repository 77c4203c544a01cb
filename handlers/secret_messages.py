"""Messages that hold a secret do not stay in the chat."""

from typing import Final

from handlers.chats import DeliveryError, MessageGone, NotDeletable, Unsure
from handlers.context import Context

_TRIES: Final = 2


async def take_out(context: Context, chat_id: int, message_id: int) -> bool:
    """Delete the message; True when it does not stand in the chat any more."""
    for _ in range(_TRIES):
        try:
            await context.services.chats.delete(chat_id, message_id)
        except NotDeletable:
            return False
        except MessageGone:
            return True
        except Unsure:
            continue
        except DeliveryError:
            return False
        return True
    return False
