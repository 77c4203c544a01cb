"""What the bot called and was answered, for tests to read."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    """One call: `method` as the specification spells it, `at` in Unix seconds, `answer` the whole JSON answer."""

    method: str
    parameters: dict[str, Any]
    at: float
    status: int
    answer: dict[str, Any]

    @property
    def ok(self) -> bool:
        return self.status == 200
