"""The links of several files, in the form that the person wants."""

from collections.abc import Sequence

from telegram import InlineKeyboardButton

from handlers.buttons import copy_button
from handlers.texts import Html, Texts
from storage import LinkFormat

Named = tuple[str, str]
"""A file's name and its link."""


def listed(t: Texts, files: Sequence[Named], form: LinkFormat) -> list[Html]:
    """One or two lines for each file."""
    if form is LinkFormat.PLAIN:
        return [t("{link}", link=link) for _, link in files]
    return [t("<b>{name}</b>\n{link}", name=t.name(name), link=link) for name, link in files]


def copy_all(t: Texts, files: Sequence[Named]) -> InlineKeyboardButton | None:
    """Copies the links alone, which is what other programs take; None when Telegram cannot put them on a button."""
    return copy_button(t.plain("Copy all"), "\n".join(link for _, link in files))
