"""The service's dates: French local time, written without offset.

In the hour that exists twice (the last Sunday of October, 02:00 to 03:00) a text does not say which one is meant. Read, it is taken as the
first of the two. Written as the edge of a window, it is moved an hour outwards, so that no file is hidden by the choice.
"""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

PARIS: Final = ZoneInfo("Europe/Paris")
_FORMAT: Final = "%Y-%m-%d %H:%M:%S"
_REPEATED: Final = timedelta(hours=1)


def from_paris(text: str) -> datetime:
    """The moment that a date of the service means, aware, in UTC. A text with an offset means what it says.

    Raises:
        ValueError: not a date.
    """
    moment = datetime.fromisoformat(text.strip())
    return (moment if moment.tzinfo else moment.replace(tzinfo=PARIS)).astimezone(UTC)


def window_start(moment: datetime) -> str:
    """`sent_after`: nothing sent at the moment or later lies before this text."""
    local = moment.astimezone(PARIS)
    return _text(local - _REPEATED if _exists_twice(local) else local)


def window_end(moment: datetime) -> str:
    """`sent_before`: nothing sent until the moment lies behind this text."""
    local = moment.astimezone(PARIS)
    return _text(local + _REPEATED if _exists_twice(local) else local)


def _exists_twice(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _text(local: datetime) -> str:
    return local.strftime(_FORMAT)
