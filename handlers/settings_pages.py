"""What the pages of /settings have in common: one message, turned from page to page."""

from collections.abc import Sequence
from typing import Final, TypeAlias

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from handlers.buttons import Action, button
from handlers.context import Context, message_of
from handlers.texts import Html, Texts

Page: TypeAlias = tuple[Html, InlineKeyboardMarkup | None]

MAIN: Final = "main"
_IN_A_ROW: Final = 2


async def show(update: Update, context: Context, page: Page) -> None:
    """Turn the message that has the pressed button into another page."""
    message, (text, markup) = message_of(update), page
    await context.services.chats.edit(message.chat.id, message.message_id, text, keyboard=markup)


def back(t: Texts, page: str = MAIN) -> InlineKeyboardButton:
    return button(t.plain("Back"), Action.SETTINGS, page)


def in_rows(buttons: Sequence[InlineKeyboardButton]) -> list[list[InlineKeyboardButton | None]]:
    return [[*buttons[start : start + _IN_A_ROW]] for start in range(0, len(buttons), _IN_A_ROW)]
