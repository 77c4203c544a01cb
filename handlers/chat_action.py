"""A chat shows that the bot is at work, while an answer takes its time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from telegram import MaybeInaccessibleMessage, Update

from handlers.chats import Chats
from handlers.topics import topic_of
from onefichier import Clock

# Most answers are there sooner; one more call for each of them would be noise.
PATIENCE_SECONDS: Final = 1.0
# Telegram shows it for five seconds, or until the next message.
REPEAT_SECONDS: Final = 4.5


@contextlib.asynccontextmanager
async def typing_while_it_takes(chats: Chats, clock: Clock, update: Update) -> AsyncIterator[None]:
    """For as long as the block runs, beginning after a moment. Says nothing where nobody waits, as in inline mode."""
    message = update.message or (update.callback_query.message if update.callback_query else None)
    if message is None:
        yield
        return
    showing = asyncio.create_task(_keep_showing(chats, clock, message))
    try:
        yield
    finally:
        # Its end need not be waited for.
        showing.cancel()


async def _keep_showing(chats: Chats, clock: Clock, message: MaybeInaccessibleMessage) -> None:
    await clock.sleep(PATIENCE_SECONDS)
    while True:
        await chats.show_typing(message.chat.id, topic_of(message))
        await clock.sleep(REPEAT_SECONDS)
