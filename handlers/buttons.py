"""Buttons, and what is written on their backs: the one place that encodes and decodes callback data."""

import re
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import InlineKeyboardButtonLimit, KeyboardButtonStyle

# Telegram's bound, in bytes of UTF-8.
LONGEST_DATA: Final = InlineKeyboardButtonLimit.MAX_CALLBACK_DATA
LONGEST_COPIED: Final = InlineKeyboardButtonLimit.MAX_COPY_TEXT
# A press with one of these is handled at once, beside whatever else the chat is waiting for.
OVERTAKING_PREFIXES: Final = ("x:",)

_SEPARATOR: Final = ":"
# The database keeps 64 bits, and anybody can make up what a button sends.
_LARGEST_NUMBER: Final = 2**63 - 1
_ARGUMENT: Final = re.compile(r"-?[A-Za-z0-9]{1,24}", re.ASCII)


@unique
class Action(StrEnum):
    """What a press asks for. The values stand on buttons in old messages, so they never change their meaning.

    The comment behind each names its arguments.
    """

    CANCEL_TRANSFER = "x:t"  # transfer id
    CANCEL_BATCH = "x:b"  # batch id
    STOP_REMOTE = "x:r"  # remote upload id
    DELETE_ARRIVING = "x:d"  # of what (l, b), id of the remote upload or batch, where
    SILENCE = "x:s"  # of what (l, b), id of the remote upload or batch, where
    GO_ON = "x:g"  # what is shown instead of the question
    CANCEL_JOB = "x:j"  # job id
    CANCEL_DELIVERY = "x:f"  # delivery id

    YES = "y"  # question id
    NO = "n"  # question id

    AS_FILE = "af"  # question id

    # A place is where in the lists something stands: folder id, page, list id, order (see `handlers.places`).
    FOLDER = "f"  # place
    CARD = "c"  # link id, place
    DELETE = "d"  # link id, place
    RENAME = "cr"  # link id, place
    MOVE = "cm"  # link id, place
    PASSWORD = "cp"  # noqa: S105 - link id, place
    NEW_PASSWORD = "cn"  # noqa: S105 - link id, place
    NO_PASSWORD = "cx"  # noqa: S105 - link id, place
    COPY_TO_MINE = "cc"  # link id, place
    FOREIGN_PASSWORD = "cf"  # noqa: S105 - link id
    DOWNLOAD = "cw"  # link id, place
    DIRECT_LINK = "cl"  # link id, place
    SEND_HERE = "ch"  # link id, place

    SEARCH = "ls"
    SELECT = "lc"  # place
    SELECT_ALL = "la"  # place
    DESELECT = "lx"  # place
    TOGGLE = "lt"  # link id, place
    SELECTED_DELETE = "ld"  # place
    SELECTED_MOVE = "lm"  # place
    SELECTED_LINKS = "ll"  # place
    SELECTED_SHARE = "lo"  # place

    FOLDER_CARD = "fc"  # folder id
    NEW_FOLDER = "fn"  # folder id of the parent
    RENAME_FOLDER = "fr"  # folder id
    MOVE_FOLDER = "fm"  # folder id
    SHARE_FOLDER = "fs"  # folder id
    UNSHARE_FOLDER = "fu"  # folder id
    DELETE_FOLDER = "fd"  # folder id
    UPLOAD_FOLDER = "uf"

    PICK = "pk"  # question id, folder id, page
    PICK_THIS = "pt"  # question id, folder id
    PICK_NEW = "pn"  # question id, folder id of the parent

    SHARE_BATCH = "ob"  # batch id
    CONFIRM_JOB = "jg"  # job id

    TRY_AGAIN = "t"  # of what (b, f, l), id of the batch, transfer or remote upload

    HELD = "h"  # batch id, answer (y, n)
    UPLOAD_AGAIN = "u"  # of what (b, f), id of the batch or transfer

    LINKS_FILE = "l"  # batch id

    SETTINGS = "s"  # page
    SET = "st"  # setting, option
    ACCOUNT = "ac"  # verb, account id

    ADMIN = "a"  # what to do, invitation id


@dataclass(frozen=True)
class Press:
    """What the pressed button asks for, and about what."""

    action: Action
    arguments: tuple[str, ...] = ()

    def number(self, position: int = 0) -> int:
        """An argument that is an id or a page; 0, which no row has, when the button does not hold one."""
        return number_on(self.text(position))

    def text(self, position: int = 0) -> str:
        return self.arguments[position] if position < len(self.arguments) else ""


def number_on(text: str) -> int:
    """The number that an argument is; 0 for any other text, and for one that no row can have."""
    try:
        number = int(text)
    except ValueError:
        return 0
    return number if abs(number) <= _LARGEST_NUMBER else 0


def encode(action: Action, *arguments: str | int) -> str:
    """Callback data.

    Raises:
        ValueError: an argument is neither a number nor letters and digits, or all together are too long.
    """
    texts = [str(argument) for argument in arguments]
    data = _SEPARATOR.join((action, *texts))
    if not all(_ARGUMENT.fullmatch(text) for text in texts) or len(data.encode()) > LONGEST_DATA:
        raise ValueError(f"{data!r} cannot stand on a button.")
    return data


def decode(data: str) -> Press | None:
    """What `encode` wrote; None for anything else, such as data of a version that is gone."""
    for action in Action:
        if data == action or data.startswith(f"{action}{_SEPARATOR}"):
            arguments = tuple(data[len(action) :].split(_SEPARATOR)[1:])
            return Press(action, arguments) if all(map(_ARGUMENT.fullmatch, arguments)) else None
    return None


def button(text: str, action: Action, *arguments: str | int, danger: bool = False) -> InlineKeyboardButton:
    """A button that acts. `text` is plain (`t.plain`), `danger` makes it red: only for what cannot be undone."""
    style = KeyboardButtonStyle.DANGER if danger else None
    return InlineKeyboardButton(text, callback_data=encode(action, *arguments), style=style)


def link_button(text: str, url: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(text, url=url)


def copy_button(text: str, copied: str) -> InlineKeyboardButton | None:
    """A button that copies a text; None when Telegram cannot put so much of it on a button."""
    if not 1 <= len(copied) <= LONGEST_COPIED:
        return None
    return InlineKeyboardButton(text, copy_text=CopyTextButton(copied))


def share_button(text: str, query: str) -> InlineKeyboardButton:
    """A button that has a chat chosen and asks this bot's inline mode for `query` there."""
    return InlineKeyboardButton(text, switch_inline_query=query)


def keyboard(*rows: list[InlineKeyboardButton | None]) -> InlineKeyboardMarkup | None:
    """Rows of buttons; a None among them is left out, and so is a row that is then empty."""
    kept = [[each for each in row if each is not None] for row in rows]
    filled = [row for row in kept if row]
    return InlineKeyboardMarkup(filled) if filled else None
