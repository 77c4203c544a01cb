"""The Bot API's documentation as data, and whether a value is what it describes."""

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SPECIFICATION_FILE = Path(__file__).parent.parent / "bot-api-spec.json"

_ARRAY = "Array of "


@dataclass(frozen=True)
class Parameter:
    name: str
    types: tuple[str, ...]
    required: bool

    @property
    def takes_json(self) -> bool:
        """Whether the value is JSON inside a text field."""
        return not set(self.types) <= {"Integer", "Float", "String", "Boolean", "InputFile"}


@dataclass(frozen=True)
class Method:
    name: str
    parameters: dict[str, Parameter]
    returns: tuple[str, ...]


class Specification:
    """Methods and types by name; methods are found in any case, as on the real server."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.version: str = data["version"]
        self._types: dict[str, dict[str, Any]] = data["types"]
        self._methods = {
            name.lower(): Method(
                name=name,
                parameters={
                    field["name"]: Parameter(field["name"], tuple(field["types"]), field["required"])
                    for field in method.get("fields", [])
                },
                returns=tuple(method["returns"]),
            )
            for name, method in data["methods"].items()
        }

    def method(self, name: str) -> Method | None:
        return self._methods.get(name.lower())

    def update_kinds(self) -> tuple[str, ...]:
        return tuple(
            field["name"] for field in self._types["Update"]["fields"] if field["name"] != "update_id"
        )

    def violations(self, types: str | tuple[str, ...], value: Any, path: str = "") -> list[str]:
        """Return what makes `value` none of `types`: paths with what was expected there, empty when it is valid."""
        if isinstance(types, str):
            return self._violations_of_one(types, value, path or types)
        found: list[str] = []
        for type_name in types:
            violations = self._violations_of_one(type_name, value, path or type_name)
            if not violations:
                return []
            found = found or violations
        return found

    def _violations_of_one(self, type_name: str, value: Any, path: str) -> list[str]:
        if type_name.startswith(_ARRAY):
            if not isinstance(value, list):
                return [f"{path}: {type_name} expected"]
            item_type = type_name.removeprefix(_ARRAY)
            return [
                violation
                for index, item in enumerate(value)
                for violation in self._violations_of_one(item_type, item, f"{path}[{index}]")
            ]
        if type_name in _SCALARS:
            return [] if _SCALARS[type_name](value) else [f"{path}: {type_name} expected"]
        return self._violations_of_object(type_name, value, path)

    def _violations_of_object(self, type_name: str, value: Any, path: str) -> list[str]:
        if not isinstance(value, dict):
            return [f"{path}: {type_name} expected"]
        described = self._types[type_name]
        if described.get("subtypes"):
            return self.violations(tuple(described["subtypes"]), value, path)
        fields = {field["name"]: field for field in described.get("fields", [])}
        found = [f"{path}.{name}: not in the specification" for name in value if name not in fields]
        for name, field in fields.items():
            if name in value:
                found += self.violations(tuple(field["types"]), value[name], f"{path}.{name}")
            elif field["required"]:
                found.append(f"{path}.{name}: missing")
        return found


_SCALARS = {
    "Integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "Float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "String": lambda value: isinstance(value, str),
    "Boolean": lambda value: isinstance(value, bool),
}


@functools.cache
def specification() -> Specification:
    """Read the specification once, at first use."""
    return Specification(json.loads(SPECIFICATION_FILE.read_text(encoding="utf-8")))
