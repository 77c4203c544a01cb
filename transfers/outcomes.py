"""What an error means for the file it happened to: another try, or the end with a reason."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from onefichier import (
    CdnNeeded,
    EmptyFile,
    MustBeCustomer,
    NotAllowed,
    OwnerLocked,
    Refusal,
    SourceMismatch,
    Unclear,
    UntrustedNode,
    UploadInterrupted,
    UploadRefused,
    UploadStalled,
)
from storage import Reason, Transfer, Trouble
from transfers.relay import NotAccepted
from transfers.room import NoRoom
from transfers.sources import (
    FileNotVisible,
    ReadingBroke,
    ReadingStalled,
    SizeDiffers,
    TelegramFileTooBig,
    TelegramRefuses,
    TelegramUnreachable,
)
from transfers.troubles import doubled, goes_on, is_too_long, once_more, so_far

# "The connection to 1fichier broke three times": more tries of the same file rarely help.
TRIES: Final = 3
# Doubled with each try, and with each time in a row that a service is away.
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(minutes=10)
# Room comes with the end of other transfers: looked for again after so long.
ROOM_PAUSE: Final = timedelta(seconds=15)
# One node of many fails now and then; a second one is tried once.
REFUSED_TRIES: Final = 2


@dataclass(frozen=True)
class Repeat:
    """`counts`: it was a try of this file. `trouble`: what else it was."""

    not_before: datetime
    counts: bool = True
    trouble: Trouble | None = None


@dataclass(frozen=True)
class Ended:
    reason: Reason
    detail: str | None = None


# The same for every try.
_FINAL: Final[tuple[tuple[type[Exception], Reason], ...]] = (
    (EmptyFile, Reason.EMPTY),
    (TelegramFileTooBig, Reason.TOO_BIG),
    (FileNotVisible, Reason.NOT_VISIBLE),
    (MustBeCustomer, Reason.MUST_BE_CUSTOMER),
    (CdnNeeded, Reason.MUST_BE_CUSTOMER),
    (NotAllowed, Reason.NOT_ALLOWED),
    (OwnerLocked, Reason.NOT_ALLOWED),
    (Refusal, Reason.REFUSED),
)
# Worth another try, and this if the last one fails likewise.
_REPEATED: Final[tuple[tuple[type[Exception], Reason], ...]] = (
    (TelegramRefuses, Reason.TELEGRAM_REFUSES),
    (ReadingStalled, Reason.STALLED),
    (ReadingBroke, Reason.TELEGRAM_UNREACHABLE),
    (SizeDiffers, Reason.SIZE_DIFFERS),
    (SourceMismatch, Reason.SIZE_DIFFERS),
    (UploadStalled, Reason.STALLED),
    (UploadInterrupted, Reason.CONNECTION_LOST),
    (UntrustedNode, Reason.CONNECTION_LOST),
)


def outcome_of(error: Exception, transfer: Transfer, now: datetime) -> Repeat | Ended:
    """`transfer.tries` counts the try that met the error."""
    match error:
        case NotAccepted():
            return Ended(error.reason)
        case UploadRefused():
            again = error.retryable and transfer.tries < REFUSED_TRIES
            return Repeat(now) if again else Ended(Reason.REFUSED, error.reason or None)
        case NoRoom():
            # As long as there is none, no file is at fault; after a day the person should know.
            return _kept(Reason.NO_ROOM, transfer, now, ROOM_PAUSE)
        case Unclear():
            return _kept(Reason.CONNECTION_LOST, transfer, now)
        case TelegramUnreachable():
            asked = timedelta(seconds=error.seconds) if error.seconds else None
            return _kept(Reason.TELEGRAM_UNREACHABLE, transfer, now, asked)
        case _:
            return _by_table(error, transfer, now)


def _by_table(error: Exception, transfer: Transfer, now: datetime) -> Repeat | Ended:
    for kind, reason in _FINAL:
        if isinstance(error, kind):
            return Ended(reason, error.message if isinstance(error, Refusal) else None)
    for kind, reason in _REPEATED:
        if isinstance(error, kind):
            return _again_or(Ended(reason), transfer, now)
    return Ended(Reason.BROKEN)


def _kept(
    reason: Reason, transfer: Transfer, now: datetime, pause: timedelta | None = None
) -> Repeat | Ended:
    """It was not the file's fault. `pause`: what is known to help; without one a service is away, and the file rests longer each time."""
    before = so_far(transfer.trouble, transfer.not_before, now)
    if is_too_long(before, now):
        return Ended(reason)
    if pause:
        return Repeat(now + pause, counts=False, trouble=goes_on(before, now))
    trouble = once_more(before, now)
    return Repeat(now + doubled(FIRST_PAUSE, trouble.times, LONGEST_PAUSE), counts=False, trouble=trouble)


def _again_or(ended: Ended, transfer: Transfer, now: datetime) -> Repeat | Ended:
    if transfer.tries >= TRIES:
        return ended
    return Repeat(now + FIRST_PAUSE * 2 ** (transfer.tries - 1))
