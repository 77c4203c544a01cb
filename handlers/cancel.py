"""/cancel: the job replied to, or the question that is open."""

from telegram import Update

from handlers.command import Callback, Command
from handlers.context import Context, message_of
from handlers.jobs import cancel_replied_to
from handlers.presses import Presses
from handlers.texts import Html, mark
from handlers.topics import replied_to


def cancel_command(presses: Presses) -> Command:
    """/cancel, which says no to open questions as their buttons do."""
    return Command("cancel", "", mark("Cancel a question or job"), _cancel_with(presses), in_menu=False)


def _cancel_with(presses: Presses) -> Callback:
    async def cancel(update: Update, context: Context) -> None:
        """Cancel the job replied to, else the running question."""
        message = message_of(update)
        replied = replied_to(message)
        if replied is not None and await cancel_replied_to(context, message, replied.message_id):
            return
        text = await _close_question(context, presses, message.chat.id)
        await context.services.chats.send(
            message.chat.id,
            text or context.t("Nothing to cancel. /jobs shows what is running."),
            reply_to=context.reply_in_group(message),
        )

    return cancel


async def _close_question(context: Context, presses: Presses, chat_id: int) -> Html | None:
    services = context.services
    question = await services.questions.latest_open(context.person.id, chat_id, services.clock.now())
    if question is None:
        return None
    await presses.decline(context, question)
    return context.t("Cancelled.")
