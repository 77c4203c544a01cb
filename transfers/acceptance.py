"""Files taken in from people: queued, or refused at once with the reason."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from onefichier import Clock
from storage import AcceptedFile, Duplicates, IncomingFile, PeopleStore, TransferStore
from transfers.gate import Gate
from transfers.sources import TelegramFiles
from transfers.wakeups import Wakeups

log = logging.getLogger(__name__)

# Files sent before there is a key are kept for so long (texts.md: "Kept for 24 hours").
KEPT_WITHOUT_KEY: Final = timedelta(hours=24)
# As long as a question can be answered.
KEPT_WITHOUT_ANSWER: Final = timedelta(hours=24)


class Acceptance:
    def __init__(
        self,
        *,
        transfers: TransferStore,
        people: PeopleStore,
        files: TelegramFiles,
        wakeups: Wakeups,
        clock: Clock,
        gate: Gate,
    ) -> None:
        self._transfers = transfers
        self._people = people
        self._files = files
        self._wakeups = wakeups
        self._clock = clock
        self._gate = gate

    @property
    def size_limit(self) -> int | None:
        """Bytes of the largest file that Telegram hands to this bot; None: all that people can send."""
        return self._files.size_limit

    async def accept(
        self, person_id: int, file: IncomingFile, *, sent_at: datetime, again: bool = False
    ) -> AcceptedFile:
        """Take a file in. One that cannot be uploaded is recorded as refused, with its reason.

        `again`: upload it whatever is there already, as the person may also have set for all files.
        """
        person = await self._people.find(person_id)
        always = person is not None and person.preferences.duplicates is Duplicates.UPLOAD
        if person is None or not person.preferences.sort_channels:
            file = replace(file, channel="")
        accepted = await self._transfers.accept(
            person_id,
            file,
            await self._people.account_in_use(person_id),
            sent_at=sent_at,
            now=self._clock.now(),
            refused=await self._gate.refusal(person_id, file, self.size_limit),
            again=again or always,
        )
        if accepted.new:
            verb = "refused" if accepted.transfer.refused else "taken in"
            log.info("Transfer %d of batch %d is %s", accepted.transfer.id, accepted.batch.id, verb)
        self._wakeups.queue.set()
        self._wakeups.batch_changed(accepted.batch.id)
        return accepted

    async def expire(self) -> None:
        """Give up what nobody gave a key or an answer for."""
        now = self._clock.now()
        keyless = await self._transfers.expire_without_key(now - KEPT_WITHOUT_KEY, now)
        if keyless + await self._transfers.expire_unanswered(now - KEPT_WITHOUT_ANSWER, now):
            self._wakeups.outbox.set()
