"""The types of the service's answers, which are unstable: here they become what they mean."""

import re
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict

from onefichier.links import Link, parse_link
from onefichier.paris import from_paris

_FALSE: Final = frozenset({"", "0", "NO", "N", "FALSE", "NONE", "NULL"})
# What Perl and SQL print for "no date"; the epoch, in whichever time zone; and the end of the calendar, for what does not end.
_NO_DATE: Final = "0000-"
_YEARS: Final = range(1971, 9000)
# Of credits in GB and quotas in TB.
_MOST: Final = 1e9


def _integer(value: object) -> object:
    """Numbers arrive as numbers here and as text there; a missing one is 0."""
    if value is None or value == "":
        return 0
    text = str(value).strip()
    if not re.fullmatch(r"-?\d{1,18}(\.0*)?", text, re.ASCII):
        raise ValueError("not a whole number")
    return int(text.split(".")[0])


def _optional_integer(value: object) -> object:
    return None if value is None or value == "" else _integer(value)


def _number(value: object) -> object:
    """Infinity, NaN, and what no storage can hold are no amounts."""
    if value is None or value == "":
        return 0
    number = float(str(value).strip())
    if not abs(number) < _MOST:
        raise ValueError("not an amount")
    return number


def _flag(value: object) -> object:
    return False if value is None else str(value).strip().upper() not in _FALSE


def _moment(value: object) -> object:
    if value is None or value == 0 or isinstance(value, datetime):
        return value or None
    text = str(value).strip()
    if not text or text.startswith(_NO_DATE) or datetime.fromisoformat(text).year not in _YEARS:
        return None
    return from_paris(text)


def _text(value: object) -> object:
    """Perl does not tell a name such as `1984` from a number."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _tuple(value: object) -> object:
    """An empty list arrives as `[]`, null, or an empty text."""
    return () if value is None or value == "" else value


def _link(value: object) -> object:
    if isinstance(value, str):
        link = parse_link(value)
        if link is None:
            raise ValueError("not a download link")
        return link
    return value


def _optional_link(value: object) -> object:
    return None if value is None or value == "" else _link(value)


WholeNumber = Annotated[int, BeforeValidator(_integer)]
OptionalWholeNumber = Annotated[int | None, BeforeValidator(_optional_integer)]
Number = Annotated[float, BeforeValidator(_number)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
"""Aware, in UTC; None for "never"."""
Text = Annotated[str, BeforeValidator(_text)]
FileLink = Annotated[Link, BeforeValidator(_link)]
OptionalFileLink = Annotated[Link | None, BeforeValidator(_optional_link)]
Many = BeforeValidator(_tuple)


class WireModel(BaseModel):
    """A part of an answer. Fields that the service adds are ignored, and what it sent is not quoted in errors."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
        arbitrary_types_allowed=True,
        # Built with the first answer of its kind: most of a start's time goes to what is imported.
        defer_build=True,
    )


Json = dict[str, Any]
