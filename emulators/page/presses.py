"""Buttons that were pressed on the page, until nobody waits for the answer any more."""

from collections import deque
from dataclasses import dataclass
from typing import Any, Final

from emulators.botapi import SeenMessage
from emulators.user import Participant, Press

KEPT: Final = 50


@dataclass(frozen=True)
class _Pressed:
    press: Press
    person_id: int
    message: SeenMessage
    row: int
    column: int


class Presses:
    def __init__(self) -> None:
        self._pressed: deque[_Pressed] = deque(maxlen=KEPT)

    def press(self, participant: Participant, message: SeenMessage, row: int, column: int) -> str:
        """Press a button by its place; returns the press's id.

        Raises:
            LookupError: there is no such button.
            ValueError: it is one that a client opens or copies, of which the bot is not told.
        """
        if not (0 <= row < len(message.buttons) and 0 <= column < len(message.buttons[row])):
            raise LookupError(f"message {message.id} has no button {column} in row {row}")
        press = participant.press(message.buttons[row][column], message)
        self._pressed.append(_Pressed(press, participant.id, message, row, column))
        return press.query_id

    def view(self) -> list[dict[str, Any]]:
        return [_view(pressed) for pressed in self._pressed]


def _view(pressed: _Pressed) -> dict[str, Any]:
    answer = pressed.press.answer
    return {
        "id": pressed.press.query_id,
        "person": pressed.person_id,
        "chat": pressed.message.chat.id,
        "message": pressed.message.id,
        "row": pressed.row,
        "column": pressed.column,
        "answer": None
        if answer is None
        else {"text": answer.text, "alert": answer.show_alert, "url": answer.url},
    }
