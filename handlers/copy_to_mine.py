"""Somebody else's file, copied into the person's account."""

from typing import Final

from telegram import Update

from handlers.about_file import about_file, pressed_link
from handlers.buttons import Action
from handlers.card import put_card
from handlers.command import ButtonCallback
from handlers.context import Context, message_of
from handlers.places import Place
from handlers.texts import Html, Texts
from transfers import Copied


@about_file
async def copy_to_mine(update: Update, context: Context) -> None:
    """Copy it, and turn the card into that of the copy, whose link is another one."""
    message = message_of(update)
    copied = await context.services.copying.copy(await context.account(), pressed_link(context))
    place, note = Place.on(context.press, 1), copied_note(context.t, copied)
    await put_card(
        context, message.chat.id, copied.card, note=note, place=place, instead_of=message.message_id
    )


def copied_note(t: Texts, copied: Copied) -> Html:
    if copied.new:
        return t("✅ Copied. This is your own copy.")
    return t("✅ You already have it. This is yours.")


BUTTONS: Final[dict[Action, ButtonCallback]] = {Action.COPY_TO_MINE: copy_to_mine}
