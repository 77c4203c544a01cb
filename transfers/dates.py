"""1fichier's dates against our own clock."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

# How far 1fichier's clock may be off ours.
CLOCK_SKEW: Final = timedelta(minutes=2)
_PARIS: Final = ZoneInfo("Europe/Paris")
_REPEATED: Final = timedelta(hours=1)


def may_be_since(date: datetime | None, since: datetime) -> bool:
    """Whether what 1fichier dates so can be as young as `since`; True when it gives no date.

    Its dates are French local time without offset. One from the hour that exists twice is read as the first of the two,
    and so may be an hour too early.
    """
    if date is None:
        return True
    if _exists_twice(date):
        date += _REPEATED
    return date >= since - CLOCK_SKEW


def _exists_twice(date: datetime) -> bool:
    local = date.astimezone(_PARIS)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
