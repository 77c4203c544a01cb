"""Accounts looked at unasked, so that nobody learns too late that their storage is full or their subscription ends."""

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from onefichier import AccountInfo, Clock, Offer, OneFichierError, Priority
from storage import CannotOpen, PeopleStore, StorageError, WarningKind, WarningStore, WatchedAccount
from transfers.files import Files
from transfers.wakeups import Wakeups, rung

log = logging.getLogger(__name__)

# 1fichier is asked about one account a look: user/info is limited to one a minute for all accounts together, and who says /quota
# comes first.
LOOK_SECONDS: Final = 300.0
# Figures younger than this are not asked for again. 1fichier itself computes them about once a day.
FRESH_FOR: Final = timedelta(hours=12)
# An account that could not be asked about lets others go before.
TRIED_FOR: Final = timedelta(hours=1)
# Cold storage is what counts against the quota.
NEARLY_FULL: Final = 0.9
# What hovers around the threshold is told once.
NO_LONGER_NEARLY_FULL: Final = 0.85
ENDS_SOON: Final = timedelta(days=14)
ENDS_VERY_SOON: Final = timedelta(days=3)
# What makes another warning needless when both begin at once.
SAYS_MORE: Final = {
    WarningKind.NEARLY_FULL: WarningKind.OVER_QUOTA,
    WarningKind.ENDS_SOON: WarningKind.ENDS_VERY_SOON,
}


@dataclass(frozen=True)
class AccountWatch:
    files: Files
    people: PeopleStore
    warnings: WarningStore
    wakeups: Wakeups
    clock: Clock
    _tried: dict[int, datetime] = field(default_factory=dict, repr=False, compare=False)

    async def run(self) -> None:
        """Look every five minutes, and at once at what somebody else has asked for, until cancelled.

        What may be asked right after a start is left to people.
        """
        look_at = self.clock.monotonic() + LOOK_SECONDS
        while True:
            await rung(self.wakeups.figures, self.clock, max(0.0, look_at - self.clock.monotonic()))
            is_due = self.clock.monotonic() >= look_at
            if is_due:
                look_at = self.clock.monotonic() + LOOK_SECONDS
            try:
                await self._hear()
                if is_due:
                    await self.once()
            except StorageError:
                log.exception("Accounts cannot be watched; trying again")

    async def once(self) -> None:
        """Have one account's figures renewed where that is due, and warn of what all of them say by now."""
        watched = await self.warnings.watched()
        if (asked := await self._ask(watched)) is not None:
            watched = [each for each in await self.warnings.watched() if each.id == asked] + watched
        seen: set[int] = set()
        for account in watched:
            if account.info is not None and account.id not in seen:
                await self._warn(account, AccountInfo.model_validate_json(account.info))
            seen.add(account.id)

    async def _hear(self) -> None:
        """Warn of what the newest figures say: whoever has just looked at their storage learns it while they are there."""
        self.wakeups.figures.clear()
        new, self.wakeups.new_figures = self.wakeups.new_figures, set()
        if not new:
            return
        for account in await self.warnings.watched():
            if account.info is not None and account.id in new:
                await self._warn(account, AccountInfo.model_validate_json(account.info))

    async def _ask(self, watched: list[WatchedAccount]) -> int | None:
        """The account that 1fichier was asked about."""
        now = self.clock.now()
        for account_id in [key for key, tried in self._tried.items() if now - tried >= TRIED_FOR]:
            del self._tried[account_id]
        for each in watched:
            if each.info_at is not None and now - each.info_at < FRESH_FOR:
                # They come with what is known least of first.
                return None
            account = await self.people.account(each.id)
            if each.id in self._tried or account is None:
                continue
            self._tried[each.id] = now
            try:
                await self.files.account_info(account, priority=Priority.POLLING)
            except (OneFichierError, CannotOpen) as error:
                log.info("Account %d is not looked at now: %s", each.id, type(error).__name__)
            return each.id
        return None

    async def _warn(self, account: WatchedAccount, info: AccountInfo) -> None:
        known = await self.warnings.of(account.id)
        present = warnings_of(info, self.clock.now(), known)
        begun = present - known
        if begun or known - present:
            told = {kind for kind in begun if SAYS_MORE.get(kind) not in present}
            if await self.warnings.note(
                account, self.clock.now(), begun=begun, ended=known - present, told=told
            ):
                log.info("Account %d: %s", account.id, ", ".join(sorted(told)))
                self.wakeups.outbox.set()


def warnings_of(info: AccountInfo, now: datetime, known: Collection[WarningKind] = ()) -> set[WarningKind]:
    """What its owner should know; `known`: what was so before."""
    found = set()
    threshold = NO_LONGER_NEARLY_FULL if WarningKind.NEARLY_FULL in known else NEARLY_FULL
    if info.overquota or (info.cold_quota and info.cold_storage > threshold * info.cold_quota):
        found.add(WarningKind.NEARLY_FULL)
    if info.overquota:
        found.add(WarningKind.OVER_QUOTA)
    if info.upload_forbidden:
        found.add(WarningKind.UPLOADS_FORBIDDEN)
    if info.offer is not Offer.FREE and info.subscription_end is not None:
        left = info.subscription_end - now
        if timedelta() < left <= ENDS_SOON:
            found.add(WarningKind.ENDS_SOON)
        if timedelta() < left <= ENDS_VERY_SOON:
            found.add(WarningKind.ENDS_VERY_SOON)
    return found
