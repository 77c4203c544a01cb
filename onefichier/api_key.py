"""The key that opens an account, in a type that does not show it."""

from typing import Final

from onefichier.errors import MalformedKey

# Keys in use have 32 characters. The bound only keeps pasted files out of a header.
LONGEST_KEY: Final = 256


class ApiKey:
    """An API key as created on the account's parameters page, without the spaces around it.

    The alphabet is not documented, so nothing is asked of it but that it fits into a header.

    Raises:
        MalformedKey: empty, longer than 256 characters, or with anything but printable ASCII inside.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        stripped = value.strip()
        if not stripped:
            raise MalformedKey("The API key is empty.")
        if len(stripped) > LONGEST_KEY:
            raise MalformedKey(f"The API key is longer than {LONGEST_KEY} characters.")
        if not all("!" <= character <= "~" for character in stripped):
            raise MalformedKey("The API key holds a character that no key has.")
        self._value = stripped

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "ApiKey('**********')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ApiKey) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError("An API key is not pickled.")
