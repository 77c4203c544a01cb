"""What is searched for after an upload whose outcome is open, and how far the search is."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from onefichier import Link, ListedFile, UploadReport, same_name
from storage import Account, Transfer
from transfers.dates import may_be_since


class Verdict(StrEnum):
    """What 1fichier has.

    `SEND_AGAIN`: no copy. `DAMAGED`: none any more, for the one it had was not what had been sent. `PARKED`: no copy either, and the
    key has to be renewed first.
    """

    ENDED = "ended"
    SEND_AGAIN = "send_again"
    DAMAGED = "damaged"
    PARKED = "parked"


@dataclass(frozen=True)
class Found:
    """`verified`: its checksum is that of what was sent."""

    link: Link
    name: str
    size: int
    verified: bool = False


@dataclass(frozen=True)
class Look:
    """One look into the folders.

    Attributes:
        ambiguous: there is such a file, and it may be another transfer's.
        again_at: when there is a point in the next look, where that is not as usual.
    """

    complete: bool
    verdict: Verdict | None = None
    ambiguous: bool = False
    again_at: datetime | None = None


@dataclass
class Search:
    """How far one search is.

    Attributes:
        report_at: when end.pl is asked next; None: not any more.
        reports: how often it was asked.
        refusals: how often it did not know the upload, or would not say.
        heard: its last answer was one, so that the folders may decide.
        blind: looks in a row that showed nothing at all.
        undeleted: a copy was seen that is not wanted, and is still there.
        damaged: it is not wanted because it differs from what was sent.
    """

    transfer: Transfer
    account: Account
    report_at: datetime | None
    look_at: datetime
    reports: int = 0
    refusals: int = 0
    heard: bool = True
    blind: int = 0
    undeleted: bool = False
    damaged: bool = False
    missing_folders: set[int] = field(default_factory=set)

    def report_is_due(self, now: datetime) -> bool:
        if self.report_at is None:
            return False
        # A report that shows the file outweighs a listing that does not yet.
        before_a_look = now >= self.look_at and self.heard and not self.refusals
        return before_a_look or now >= self.report_at

    @property
    def next_at(self) -> datetime:
        return self.look_at if self.report_at is None else min(self.look_at, self.report_at)


def may_be(file: ListedFile, transfer: Transfer, whole_at: datetime) -> bool:
    return (
        file.size == transfer.size
        and same_name(file.name, transfer.name)
        and may_be_since(file.uploaded, whole_at)
        and (not transfer.checksum or not file.checksum or file.checksum == transfer.checksum)
    )


def is_damaged(report: UploadReport, transfer: Transfer) -> bool:
    if transfer.size is not None and report.size != transfer.size:
        return True
    return bool(transfer.checksum and report.whirlpool and report.whirlpool.lower() != transfer.checksum)


def is_verified(report: UploadReport, transfer: Transfer) -> bool:
    return bool(transfer.checksum) and report.whirlpool.lower() == transfer.checksum
