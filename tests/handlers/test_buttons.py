"""What stands on the back of buttons."""

import pytest

from handlers import OVERTAKING_PREFIXES
from handlers.buttons import LONGEST_DATA, Action, Press, copy_button, decode, encode, keyboard, link_button


@pytest.mark.parametrize("action", Action)
def test_what_is_encoded_is_decoded(action: Action) -> None:
    assert decode(encode(action)) == Press(action)
    data = encode(action, 2**53, "k3x9w0a1b2c3d4e5f6g7", -1)
    assert decode(data) == Press(action, (str(2**53), "k3x9w0a1b2c3d4e5f6g7", "-1"))
    assert len(data.encode()) <= LONGEST_DATA


def test_no_action_begins_as_another_does() -> None:
    assert len({encode(action) for action in Action}) == len(Action)
    assert not [(a, b) for a in Action for b in Action if a is not b and b.startswith(f"{a}:")]


def test_cancelling_overtakes() -> None:
    cancelling = {
        Action.CANCEL_TRANSFER,
        Action.CANCEL_BATCH,
        Action.STOP_REMOTE,
        Action.DELETE_ARRIVING,
        Action.SILENCE,
        Action.GO_ON,
        Action.CANCEL_JOB,
        Action.CANCEL_DELIVERY,
    }
    assert {action for action in Action if encode(action).startswith(OVERTAKING_PREFIXES)} == cancelling


@pytest.mark.parametrize(
    "data", ["", "nonsense", "y:", "y:1:", "y:../../etc", "y:é", "x:", "X:t:1", "y:" + "9" * 60, "\x00"]
)
def test_garbage_is_nothing(data: str) -> None:
    assert decode(data) is None


@pytest.mark.parametrize("arguments", [("a:b",), ("",), ("x" * 24, "x" * 24, "x" * 24)])
def test_what_does_not_fit_a_button_is_refused(arguments: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="cannot stand on a button"):
        encode(Action.YES, *arguments)


def test_arguments_that_are_missing_or_no_numbers_are_nobodys_row() -> None:
    press = Press(Action.YES, ("abc", "9" * 24))
    assert (press.number(0), press.number(1), press.number(2)) == (0, 0, 0)
    assert (press.text(0), press.text(2)) == ("abc", "")


def test_a_text_too_long_to_be_copied_gets_no_button() -> None:
    assert copy_button("Copy", "x" * 257) is None
    assert copy_button("Copy", "x" * 256) is not None


def test_empty_rows_and_empty_keyboards_are_left_out() -> None:
    assert keyboard([None], []) is None
    markup = keyboard([None], [link_button("Page", "https://example.org")])
    assert markup is not None
    assert [[each.text for each in row] for row in markup.inline_keyboard] == [["Page"]]
