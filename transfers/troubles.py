"""What is not a file's or a URL's own fault: when it is tried again, and when it is given up."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from storage import Trouble

# As long as a service cannot be reached at all, no file and no URL is at fault; after a day the person should know.
UNREACHABLE_FOR: Final = timedelta(hours=24)
# More than any pause here takes to its longest. A day of them would be more than a timedelta can hold.
_DOUBLINGS: Final = 16


def so_far(trouble: Trouble | None, due: datetime | None, now: datetime) -> Trouble | None:
    """What was `due` and not tried for a day begins anew: its key was refused, or this program did not run."""
    return None if due is not None and now - due > UNREACHABLE_FOR else trouble


def goes_on(trouble: Trouble | None, now: datetime) -> Trouble:
    """It is kept from going on, and no service was away for it."""
    return trouble or Trouble(0, now)


def once_more(trouble: Trouble | None, now: datetime) -> Trouble:
    """A service was away for it."""
    going_on = goes_on(trouble, now)
    return replace(going_on, times=going_on.times + 1)


def is_too_long(trouble: Trouble | None, now: datetime) -> bool:
    """Never the first time, however long ago it came: it may have waited for its turn."""
    return trouble is not None and now - trouble.since > UNREACHABLE_FOR


def doubled(first: timedelta, times: int, longest: timedelta) -> timedelta:
    """The pause after so many times in a row."""
    return min(first * (1 << min(times - 1, _DOUBLINGS)), longest)
