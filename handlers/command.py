"""A command as a value: handler, menu, /help and the README's table follow from it."""

from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from telegram import Update
from telegram.ext import CommandHandler, filters

from handlers.context import Context, message_of

Callback: TypeAlias = Callable[[Update, Context], Coroutine[Any, Any, None]]
ButtonCallback: TypeAlias = Callable[[Update, Context], Coroutine[Any, Any, str | None]]
"""What a pressed button runs; returns the plain text of a pop-up, or None. The press is answered for it."""


@dataclass(frozen=True)
class Command:
    """What a person can say after a slash.

    Attributes:
        arguments: as /help and the README show them: "URL ...", "[KEY]".
        summary: a few words, marked for translation.
        in_menu: one of the eight that Telegram's menu offers.
        about_file: takes a link, and does what a button of that file's card does.
        for_admins: not shown to others, and unknown to them.
    """

    name: str
    arguments: str
    summary: str
    callback: Callback
    in_menu: bool = True
    about_file: bool = False
    for_admins: bool = False


def handler_of(commands: Iterable[Command]) -> CommandHandler[Context, Any]:
    """One for all of them: python-telegram-bot asks one handler after another, which took a twentieth of the time of an update."""
    callbacks = {each.name: each.callback for each in commands}

    async def run(update: Update, context: Context) -> None:
        message = message_of(update)
        command = (message.text or "")[1 : message.entities[0].length]
        await callbacks[command.partition("@")[0].lower()](update, context)

    # Only new messages: an edited /delete would run again.
    return CommandHandler(list(callbacks), run, filters=filters.UpdateType.MESSAGE)
