from typing import Any

import pytest

from emulators.botapi import specification
from emulators.botapi.methods import METHODS
from emulators.botapi.methods.sending import CHAT_ACTIONS

USER = {"id": 1, "is_bot": False, "first_name": "A"}


def test_every_emulated_method_is_spelled_as_in_the_specification() -> None:
    for name in METHODS:
        method = specification().method(name)
        assert method is not None
        assert method.name == name


def test_methods_are_found_in_any_case() -> None:
    assert specification().method("GETME") == specification().method("getMe")
    assert specification().method("getMeNot") is None


def test_the_chat_actions_are_those_of_the_documentation() -> None:
    assert len(CHAT_ACTIONS) == 11


@pytest.mark.parametrize(
    ("types", "value", "expected"),
    [
        pytest.param("Integer", 1, [], id="integer"),
        pytest.param("Integer", True, ["Integer: Integer expected"], id="boolean-is-no-integer"),
        pytest.param("Float", 1, [], id="integer-is-a-float"),
        pytest.param(("Integer", "String"), "x", [], id="one-of-two"),
        pytest.param(("Integer", "String"), None, ["Integer: Integer expected"], id="none-of-two"),
        pytest.param("User", USER, [], id="object"),
        pytest.param("User", USER | {"age": 3}, ["User.age: not in the specification"], id="unknown-field"),
        pytest.param("User", {"id": 1, "is_bot": False}, ["User.first_name: missing"], id="missing-field"),
        pytest.param("User", 3, ["User: User expected"], id="no-object"),
        pytest.param("Array of Array of Integer", [[1], ["a"]], ["Array of Array of Integer[1][0]: Integer expected"], id="nested-list"),
        pytest.param("Array of Integer", 1, ["Array of Integer: Array of Integer expected"], id="no-list"),
        pytest.param("ReactionType", {"type": "emoji", "emoji": "👍"}, [], id="subtype"),
        pytest.param("Update", {"update_id": 1, "message": {}}, ["Update.message.message_id: missing", "Update.message.date: missing", "Update.message.chat: missing"], id="deep"),
    ],
)  # fmt: skip
def test_violations_name_the_place_and_what_was_expected(types: Any, value: Any, expected: list[str]) -> None:
    assert specification().violations(types, value) == expected
