"""Somebody else's file, copied into the person's account."""

from typing import Final

from telegram import Update

from handlers.about_file import about_file, pressed_link
from handlers.buttons import Action
from handlers.card import put_card
from handlers.command import ButtonCallback
from handlers.context import Context, message_of
from handlers.places import Place


@about_file
async def copy_to_mine(update: Update, context: Context) -> None:
    """Copy it, and turn the card into that of the copy, whose link is another one."""
    message, t = message_of(update), context.t
    copied = await context.services.copying.copy(await context.account(), pressed_link(context))
    note = (
        t("✅ Copied. This is your own copy.") if copied.new else t("✅ You already have it. This is yours.")
    )
    place = Place.on(context.press, 1)
    await put_card(
        context, message.chat.id, copied.card, note=note, place=place, instead_of=message.message_id
    )


BUTTONS: Final[dict[Action, ButtonCallback]] = {Action.COPY_TO_MINE: copy_to_mine}
