"""How large the pieces are in which files are read and sent: large enough to be cheap, small enough for many files at once."""

import contextlib
from collections.abc import Iterator
from typing import Final

# Cost goes by the piece: at 2 MiB there is nothing left to gain, and 64 KiB still outrun most lines.
SMALLEST_BYTES: Final = 64 * 1024
LARGEST_BYTES: Final = 2 * 1024 * 1024
# Of all running transfers together. A piece stands in memory about three times over on its way through TLS.
TOTAL_BYTES: Final = 4 * 1024 * 1024
# Each of many brings connections with it besides, whose memory the process keeps: the last of them have no larger pieces.
FEW: Final = 8
TOTAL_OF_MANY_BYTES: Final = 1024 * 1024
# Pieces that were each gone within this, so many of one size, are followed by one of twice the size: whoever is alone for a moment is not
# to have the memory of a large one for the rest of its way. One that takes longer than the second figure is followed by half:
# the limit on a standstill counts pieces, and on a slow line a large one would look like one.
QUICK_SECONDS: Final = 0.25
QUICK_PIECES: Final = 4
SLOW_SECONDS: Final = 2.0


class PieceSizes:
    """Shares a budget of memory among the transfers that run."""

    def __init__(self) -> None:
        self._running = 0
        self._most = 0
        """At once since none ran."""

    @property
    def largest(self) -> int:
        budget = TOTAL_BYTES if self._most <= FEW else TOTAL_OF_MANY_BYTES
        share = budget // max(1, self._running)
        return min(LARGEST_BYTES, max(SMALLEST_BYTES, share))

    @contextlib.contextmanager
    def of_one(self) -> Iterator["PieceSize"]:
        """The size for one transfer, which counts as running until the end of the block."""
        self._running += 1
        self._most = max(self._most, self._running)
        try:
            yield PieceSize(self)
        finally:
            self._running -= 1
            if not self._running:
                self._most = 0


class PieceSize:
    """Begins small, grows while pieces leave quickly, and shrinks on a slow line."""

    def __init__(self, shared: PieceSizes) -> None:
        self._shared = shared
        self._wanted = SMALLEST_BYTES
        self._quick = 0

    def __call__(self) -> int:
        """Bytes that the next piece should have."""
        return min(self._wanted, self._shared.largest)

    def sent(self, seconds: float) -> None:
        """A piece of about the wanted size took so long to leave."""
        self._quick = self._quick + 1 if seconds < QUICK_SECONDS else 0
        if self._quick == QUICK_PIECES:
            self._quick = 0
            self._wanted = min(self._wanted * 2, LARGEST_BYTES)
        elif seconds > SLOW_SECONDS:
            self._wanted = max(self._wanted // 2, SMALLEST_BYTES)
