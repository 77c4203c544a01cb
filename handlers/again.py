"""The buttons "Try again" below what failed, and "Upload again" below what was there already."""

import contextlib
from typing import Final

from telegram import InlineKeyboardButton, Update

from handlers.buttons import Action, button, keyboard
from handlers.chats import MessageGone
from handlers.command import ButtonCallback
from handlers.context import Context, message_of
from handlers.presses import not_yours, too_old
from handlers.texts import Texts
from storage import RetryOf, RetryRefusal, RetryWhat

# On buttons, so they never change their meaning.
_CODES: Final = {"b": RetryOf.BATCH, "f": RetryOf.FILE, "l": RetryOf.LINK}


def try_again_button(t: Texts, what: RetryOf, subject: int) -> InlineKeyboardButton:
    return button(t.plain("Try again"), Action.TRY_AGAIN, _code(what), subject)


def upload_again_button(t: Texts, what: RetryOf, subject: int) -> InlineKeyboardButton:
    return button(t.plain("Upload again"), Action.UPLOAD_AGAIN, _code(what), subject)


async def try_again(update: Update, context: Context) -> str | None:
    """Begin anew what failed; a status message of its own follows."""
    return await _begin(update, context, RetryWhat.FAILED)


async def upload_again(update: Update, context: Context) -> str | None:
    """Upload what the account had already; a status message of its own follows."""
    return await _begin(update, context, RetryWhat.KNOWN)


async def _begin(update: Update, context: Context, wanted: RetryWhat) -> str | None:
    services, press, t = context.services, context.press, context.t
    what = _CODES.get(press.text())
    if what is None:
        return too_old(context)
    refusal = await services.retries.try_again(what, press.number(1), context.person.id, wanted=wanted)
    if refusal is RetryRefusal.GONE:
        return too_old(context)
    if refusal is RetryRefusal.NOT_THEIRS:
        return not_yours(context)
    # Also when it had begun already: the handling of that press may have broken off.
    await _take_button_away(update, context)
    if refusal is RetryRefusal.NOTHING:
        return t.plain("Already done.")
    return t.plain("I’m trying again.") if wanted is RetryWhat.FAILED else t.plain("It’s in the queue.")


def _code(what: RetryOf) -> str:
    return next(code for code, each in _CODES.items() if each is what)


async def _take_button_away(update: Update, context: Context) -> None:
    message = message_of(update)
    if message.reply_markup is None:
        return
    pressed = update.callback_query.data if update.callback_query else None
    rows: list[list[InlineKeyboardButton | None]] = [
        [each for each in row if each.callback_data != pressed]
        for row in message.reply_markup.inline_keyboard
    ]
    with contextlib.suppress(MessageGone):
        await context.services.chats.edit_buttons(message.chat.id, message.message_id, keyboard(*rows))


BUTTONS: Final[dict[Action, ButtonCallback]] = {
    Action.TRY_AGAIN: try_again,
    Action.UPLOAD_AGAIN: upload_again,
}
