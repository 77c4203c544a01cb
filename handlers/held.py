"""Files that the account has already by name and size: whether to upload them is asked on their batch's status message."""

from collections.abc import Sequence
from typing import Final

from telegram import InlineKeyboardButton, Update

from handlers.buttons import Action, button
from handlers.command import ButtonCallback
from handlers.context import Context
from handlers.presses import not_yours, too_old
from handlers.texts import Html, Texts, lines
from storage import StoredFile, Transfer

# Enough to know which are meant; the others are counted.
NAMES_SHOWN: Final = 10
_YES: Final = "y"
_NO: Final = "n"


def question(t: Texts, held: Sequence[Transfer], namesake: StoredFile | None) -> Html:
    """`namesake`: what the account has, where one file is asked about and it is still known."""
    if len(held) == 1:
        name = t.name(held[0].given_name)
        return lines(
            t("❓ You have a file of this name and size already."),
            t("<b>{name}</b> · {size}", name=name, size=t.size(held[0].size or 0)),
            t("{link}", link=namesake.link) if namesake else None,
            t("Shall I upload it all the same?"),
        )
    shown = [t("• <b>{name}</b>", name=t.name(each.given_name)) for each in held[:NAMES_SHOWN]]
    more = len(held) - len(shown)
    return lines(
        t.n(
            "❓ {count} file you have already, by its name and size:",
            "❓ {count} files you have already, by their names and sizes:",
            len(held),
        ),
        *shown,
        t.n("and {count} more", "and {count} more", more) if more else None,
        t("Shall I upload them all the same?"),
    )


def answers(t: Texts, held: Sequence[Transfer]) -> list[InlineKeyboardButton | None]:
    if not held:
        return []
    batch_id = held[0].batch_id
    one = len(held) == 1
    return [
        button(t.plain("Upload it") if one else t.plain("Upload them"), Action.HELD, batch_id, _YES),
        button(t.plain("Leave it out") if one else t.plain("Leave them out"), Action.HELD, batch_id, _NO),
    ]


async def answer(_: Update, context: Context) -> str | None:
    """Upload what waits for this answer, or leave it out; the status message follows by itself."""
    services, press, t = context.services, context.press, context.t
    batch = await services.batches.find(press.number())
    if batch is None or press.text(1) not in {_YES, _NO}:
        return too_old(context)
    if batch.person_id != context.person.id:
        return not_yours(context)
    upload = press.text(1) == _YES
    if not await services.known_files.answer(batch.id, context.person.id, upload=upload):
        return t.plain("Already done.")
    return t.plain("It’s in the queue.") if upload else t.plain("Left out.")


BUTTONS: Final[dict[Action, ButtonCallback]] = {Action.HELD: answer}
