"""Why files and folders could not be changed, in words."""

from collections.abc import Callable
from typing import Final

from handlers.texts import Html, Texts, lines
from onefichier import LONGEST_NAME
from transfers import (
    SHORTEST_PASSWORD,
    FileGone,
    FolderGone,
    IntoItself,
    NameProblem,
    NameRefused,
    NotEmpty,
    NotYours,
    PasswordTooShort,
)


def problem_in_words(t: Texts, error: BaseException | None) -> Html | None:
    """None for what is no such problem."""
    if isinstance(error, NameRefused):
        return _name_refused(t, error)
    if isinstance(error, FileGone):
        return file_gone(t, error)
    words = next((words for kind, words in _WORDS.items() if isinstance(error, kind)), None)
    return words(t) if words else None


def file_gone(t: Texts, error: FileGone) -> Html:
    if not error.name:
        return t("⚠️ This file is no longer on 1fichier.")
    return t("⚠️ <b>{name}</b> is no longer on 1fichier.", name=t.name(error.name))


def _name_refused(t: Texts, error: NameRefused) -> Html:
    match error.problem:
        case NameProblem.EMPTY:
            return t("⚠️ That is no name.")
        case NameProblem.TOO_LONG:
            return t(
                "⚠️ That name is too long: 1fichier takes {most} characters, fewer with accents.",
                most=t.number(LONGEST_NAME),
            )
        case NameProblem.TAKEN:
            return t("⚠️ That name is taken: there is another one called so there.")


_WORDS: Final[dict[type[Exception], Callable[[Texts], Html]]] = {
    NotYours: lambda t: t("⚠️ This file is in somebody else’s account: I can only change yours."),
    FolderGone: lambda t: t("⚠️ This folder is no longer on 1fichier."),
    IntoItself: lambda t: t("⚠️ A folder can’t go into itself, nor into a folder that is in it."),
    NotEmpty: lambda t: lines(
        t("⚠️ By now there is something in this folder."), t("Nothing was deleted. Press the button again.")
    ),
    PasswordTooShort: lambda t: t(
        "⚠️ That is too short: 1fichier wants {least} characters or more.", least=t.number(SHORTEST_PASSWORD)
    ),
}
