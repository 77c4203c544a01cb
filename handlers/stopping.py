"""Links that 1fichier is fetching already: it cannot be kept from it, so what to do then is asked."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, TypeAlias

from telegram import InlineKeyboardMarkup, Update

from handlers.buttons import Action, button, keyboard
from handlers.command import ButtonCallback
from handlers.context import Context, message_of
from handlers.presses import not_yours, too_old
from handlers.texts import Html, Texts, lines
from storage import RemoteUpload
from transfers import StopOutcome

# What a button is about: one URL, or all of a batch. On buttons, so they never change their meaning.
ONE: Final = "l"
BATCH: Final = "b"
# Where the button stands: the answer then replaces the question.
_BELOW_QUESTION: Final = "q"

_Wish: TypeAlias = Callable[[int, int], Coroutine[Any, Any, StopOutcome]]


def question(t: Texts, count: int) -> Html:
    if count == 1:
        return lines(
            t("1fichier can’t stop a link once it is being fetched."),
            t("I can delete the file as soon as it arrives, or just leave you in peace about it."),
        )
    return lines(
        t.n(
            "1fichier is fetching {count} link already, and can’t stop that.",
            "1fichier is fetching {count} links already, and can’t stop that.",
            count,
        ),
        t("I can delete the files as they arrive, or just leave you in peace about them."),
    )


def answers(t: Texts, scope: str, subject: int, go_on: str) -> InlineKeyboardMarkup | None:
    """`go_on`: what stood in the place of the question before, for the button that leaves everything as it is."""
    return keyboard(
        [
            button(t.plain("Delete on arrival"), Action.DELETE_ARRIVING, scope, subject, _BELOW_QUESTION),
            button(t.plain("Don’t tell me"), Action.SILENCE, scope, subject, _BELOW_QUESTION),
        ],
        [button(t.plain("Go on"), Action.GO_ON, go_on)],
    )


async def stop_batch(context: Context, batch_id: int, reply_to: int, chat_id: int) -> str:
    """Cancel what waits of a batch of URLs, and ask about what is being fetched; a pop-up's text."""
    services, t = context.services, context.t
    wanted = [each for each in await _active(context, batch_id) if each.told and not each.unwanted]
    outcomes = [await services.remotes.stop(each.id, context.person.id) for each in wanted]
    under_way = outcomes.count(StopOutcome.UNDER_WAY)
    if under_way:
        markup = answers(t, BATCH, batch_id, BATCH)
        await services.chats.send(chat_id, question(t, under_way), reply_to=reply_to, keyboard=markup)
    if StopOutcome.CANCELLED in outcomes:
        return t.plain("Cancelled.")
    return "" if under_way else t.plain("Already done.")


async def delete_on_arrival(update: Update, context: Context) -> str | None:
    return await _turn_away(
        update,
        context,
        context.services.remotes.delete_on_arrival,
        context.t.plain("What arrives will be deleted."),
    )


async def silence(update: Update, context: Context) -> str | None:
    return await _turn_away(
        update,
        context,
        context.services.remotes.silence,
        context.t.plain("I won’t tell you about it any more."),
    )


async def _turn_away(update: Update, context: Context, wish: _Wish, answer: str) -> str | None:
    services, press = context.services, context.press
    scope, subject = press.text(), press.number(1)
    if scope not in {ONE, BATCH}:
        return too_old(context)
    ids = [each.id for each in await _active(context, subject)] if scope == BATCH else [subject]
    outcomes = [await wish(each, context.person.id) for each in ids]
    if StopOutcome.NOT_THEIRS in outcomes:
        return not_yours(context)
    said = _said(context, outcomes, answer)
    if press.text(2) == _BELOW_QUESTION:
        message = message_of(update)
        text = context.t("{sentence}", sentence=said)
        await services.chats.edit(message.chat.id, message.message_id, text)
    return said


def _said(context: Context, outcomes: Sequence[StopOutcome], answer: str) -> str:
    if StopOutcome.UNDER_WAY in outcomes:
        return answer
    if StopOutcome.CANCELLED in outcomes:
        return context.t.plain("Cancelled.")
    return context.t.plain("Already done.")


async def _active(context: Context, batch_id: int) -> list[RemoteUpload]:
    return [each for each in await context.services.remotes_store.of_batch(batch_id) if each.active]


BUTTONS: Final[dict[Action, ButtonCallback]] = {
    Action.DELETE_ARRIVING: delete_on_arrival,
    Action.SILENCE: silence,
}
