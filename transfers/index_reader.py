"""Reading the list of all files of an account, for the search: one call an hour, window by window from the newest to the oldest.

A list is cut at 5,000 files, and nobody documents which those are. Where they come newest first, everything back to the last of them is
known; where they come in no order, nothing is, and a narrower window is asked for next.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from onefichier import (
    Clock,
    KeyRefused,
    Limited,
    Listing,
    OneFichierError,
    Priority,
    Waiting,
)
from storage import CannotOpen, FileIndex, PeopleStore, Reading, StorageError, Window
from transfers.accounts import Accounts
from transfers.files import stored
from transfers.pauses import FALLBACK
from transfers.wakeups import Wakeups, rung

log = logging.getLogger(__name__)

ALL_FILES: Final = -1
# The list of all files may be asked for once an hour; so often it is read anew for who searches.
EVERY: Final = timedelta(hours=1)
# Others wait behind this call of the key; a reading that does not get its turn comes back later.
TURN_WAIT_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 600.0
# Files that the next window is made to hold, with room for busier days before the cut.
WANTED_FILES: Final = 4_000
# A window is made so much longer at most where there were few files: it has to get past years without any.
LONGEST_STEP: Final = 16.0
# Dates have whole seconds, and whether the edges of a window are part of it is not documented.
OVERLAP: Final = timedelta(seconds=1)


@dataclass(frozen=True)
class Step:
    """What one window has shown: `covered` without a gap, and how the reading goes on."""

    covered: Window | None
    reading: Reading


class IndexReader:
    def __init__(
        self,
        *,
        accounts: Accounts,
        people: PeopleStore,
        index: FileIndex,
        wakeups: Wakeups,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._people = people
        self._index = index
        self._wakeups = wakeups
        self._clock = clock

    async def run(self) -> None:
        """Read what is wanted, until cancelled."""
        while True:
            self._wakeups.index.clear()
            await self.once()
            await self._rest([reading.not_before for reading in await self._index.readings()])

    async def once(self) -> None:
        """Read one window of each list that is due."""
        for reading in await self._index.readings():
            if reading.not_before <= self._clock.now():
                await self._try(reading)

    async def _rest(self, due: Sequence[datetime]) -> None:
        now = self._clock.now()
        seconds = min([LOOK_SECONDS, *(max(1.0, (each - now).total_seconds()) for each in due)])
        await rung(self._wakeups.index, self._clock, seconds)

    async def _try(self, reading: Reading) -> None:
        """A barrier: one account's list must not end the reading of the others'."""
        now = self._clock.now()
        try:
            await self._read(reading)
        except (Waiting, Limited) as error:
            await self._index.put_off(reading.account_id, max(error.until or now + FALLBACK, now + OVERLAP))
        except (KeyRefused, CannotOpen):
            # Parked: it goes on with a new key.
            log.info("The list of account %d waits for a new key", reading.account_id)
        except OneFichierError as error:
            log.info("The list of account %d could not be read: %s", reading.account_id, type(error).__name__)
            await self._index.put_off(reading.account_id, now + EVERY)
        except StorageError:
            raise
        except Exception:
            log.exception("The list of account %d met something unforeseen", reading.account_id)
            await self._index.put_off(reading.account_id, now + EVERY)

    async def _read(self, reading: Reading) -> None:
        account = await self._people.account(reading.account_id)
        if account is None:
            return
        window, now = next_window(reading, self._clock.now()), self._clock.now()
        async with self._accounts.using(account) as client:
            listing = await client.list_files(
                ALL_FILES,
                sent_after=window.after,
                sent_before=window.before,
                priority=Priority.POLLING,
                wait=TURN_WAIT_SECONDS,
            )
        files = [stored(file, None) for file in listing.files]
        step = after_window(reading, window, listing, now)
        log.info(
            "Account %d: %d files listed, %s",
            account.id,
            len(files),
            "to go on" if step.reading.under_way else "all read",
        )
        await self._index.note_window(
            replace(step.reading, not_before=now + EVERY), files, step.covered, now=self._clock.now()
        )


def next_window(reading: Reading, now: datetime) -> Window:
    """The time to ask for next."""
    before = reading.tail_at + OVERLAP if reading.tail_at else None
    after = (reading.tail_at or now) - reading.span if reading.span else None
    return Window(after, before)


def after_window(reading: Reading, window: Window, listing: Listing, now: datetime) -> Step:
    """What is known now. A reading that was complete begins anew with its first window."""
    begins = reading.tail_at is None
    here = replace(
        reading, head_at=now if begins else reading.head_at, gaps=False if begins else reading.gaps
    )
    if listing.complete:
        span = _longer(window, len(listing.files), now)
        return Step(window, replace(here, tail_at=window.after, span=span if window.after else None))
    dates = [file.uploaded for file in listing.files if file.uploaded is not None]
    if len(dates) == len(listing.files) and all(one >= other for one, other in pairwise(dates)):
        known = Window(dates[-1], window.before)
        if window.before is None or dates[-1] < window.before - OVERLAP:
            return Step(known, replace(here, tail_at=dates[-1], span=None))
    return _narrower(here, window, sorted(dates), now)


def _longer(window: Window, files: int, now: datetime) -> timedelta | None:
    """So long that it holds about `WANTED_FILES`, if they lie as close as in this window; None: all the rest."""
    if window.after is None:
        return None
    length = (window.before or now) - window.after
    longer = length.total_seconds() * min(WANTED_FILES / max(files, 1), LONGEST_STEP)
    # Before the service existed there are none.
    beginning = (window.after - datetime.fromtimestamp(0, window.after.tzinfo)).total_seconds()
    return timedelta(seconds=longer) if longer < beginning else None


def _narrower(reading: Reading, window: Window, dates: Sequence[datetime], now: datetime) -> Step:
    """Half of what was shown; what cannot be halved is passed over, and that is said."""
    end = window.before or now
    if (
        dates
        and (span := end - dates[len(dates) // 2]) > 2 * OVERLAP
        and (window.after is None or dates[len(dates) // 2] > window.after)
    ):
        return Step(None, replace(reading, tail_at=reading.tail_at or now, span=span))
    passed = window.after or (dates[0] - 2 * OVERLAP if dates else None)
    return Step(None, replace(reading, tail_at=passed, gaps=True))
