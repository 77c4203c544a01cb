"""The shape of an emulated method."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from emulators.botapi.state import State

Parameters = dict[str, Any]


@dataclass(frozen=True)
class Described:
    """A result that the server gives a `description` beside."""

    result: Any
    description: str


Handler = Callable[[State, Parameters], Awaitable[Any]]
"""Takes checked parameters, returns the `result` or a `Described` one, or raises `ApiError`."""
