"""Names that people give to files and folders, checked before 1fichier is asked."""

from enum import StrEnum
from typing import Final

from onefichier import is_too_long

# A longer "extension" is the end of a sentence.
_LONGEST_EXTENSION: Final = 10


class NameProblem(StrEnum):
    EMPTY = "empty"
    TOO_LONG = "too_long"
    TAKEN = "taken"


class NameRefused(Exception):
    """Nothing was changed."""

    def __init__(self, problem: NameProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def checked_name(text: str, *, extension_of: str = "") -> str:
    """The name on one line, with the extension of `extension_of` where it has none itself.

    Raises:
        NameRefused: it is empty, or longer than 1fichier keeps; shortened it would be another name than was asked for.
    """
    name = " ".join(text.split())
    if not name:
        raise NameRefused(NameProblem.EMPTY)
    if not extension_in(name):
        name += extension_in(extension_of)
    if is_too_long(name):
        raise NameRefused(NameProblem.TOO_LONG)
    return name


def extension_in(name: str) -> str:
    """With its dot; empty where what follows the last dot cannot be one."""
    stem, dot, ending = name.rpartition(".")
    if not stem or not dot or not ending.isalnum() or len(ending) > _LONGEST_EXTENSION:
        return ""
    return f".{ending}"
