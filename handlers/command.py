"""A command as a value: handler, menu, /help and the README's table follow from it."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeAlias

from telegram import Update
from telegram.ext import CommandHandler, filters

from handlers.context import Context

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

    def handler(self) -> CommandHandler[Context, Any]:
        # Only new messages: an edited /delete would run again.
        return CommandHandler(self.name, self.callback, filters=filters.UpdateType.MESSAGE)
