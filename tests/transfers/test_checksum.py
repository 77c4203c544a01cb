import hashlib
import os
from collections.abc import Iterator

import pytest

from tests.clock import FakeClock
from transfers import Checksums, Verify
from transfers.checksum import BUFFERED_BYTES, TRIAL_BYTES, PassingChecksum

PIECE = 1024 * 1024


class Slow:
    """A computation on a machine where it takes time, by a clock that passes by hand."""

    def __init__(self, clock: FakeClock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self.fed = 0

    def update(self, data: bytes, /) -> None:
        self.fed += len(data)
        self._clock._elapsed += self._seconds

    def hexdigest(self) -> str:
        return "slow"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def fed(checksum: PassingChecksum | None, pieces: int) -> str | None:
    assert checksum is not None
    for _ in range(pieces):
        await checksum.feed(bytes(PIECE))
    return await checksum.result()


async def test_it_is_that_of_all_pieces_in_their_order(clock: FakeClock) -> None:
    pieces = [os.urandom(length) for length in (1, PIECE, 70_000, 0, 5)]
    with (
        Checksums(Verify.ALWAYS, clock, new_computation=hashlib.sha256) as checksums,
        checksums.of_one() as checksum,
    ):
        assert checksum is not None
        for piece in pieces:
            await checksum.feed(piece)
        assert await checksum.result() == hashlib.sha256(b"".join(pieces)).hexdigest()


async def test_it_is_given_up_where_it_would_slow_the_transfer_down(clock: FakeClock) -> None:
    slow = Slow(clock, 1.0)
    with (
        Checksums(Verify.AUTO, clock, new_computation=lambda: slow) as checksums,
        checksums.of_one() as checksum,
    ):
        assert await fed(checksum, 40) is None
    assert slow.fed <= TRIAL_BYTES + PIECE


async def test_it_is_computed_at_any_price_when_asked_for(clock: FakeClock) -> None:
    slow = Slow(clock, 1.0)
    with (
        Checksums(Verify.ALWAYS, clock, new_computation=lambda: slow) as checksums,
        checksums.of_one() as checksum,
    ):
        assert await fed(checksum, 40) == "slow"


async def test_it_is_kept_where_the_transfer_is_slower(clock: FakeClock) -> None:
    with (
        Checksums(Verify.AUTO, clock, new_computation=lambda: Slow(clock, 0.0)) as checksums,
        checksums.of_one() as checksum,
    ):
        assert await fed(checksum, 40) == "slow"


async def test_it_is_kept_where_only_the_buffers_of_the_connection_were_faster(clock: FakeClock) -> None:
    class SlowAtFirst(Slow):
        def update(self, data: bytes, /) -> None:
            if self.fed < BUFFERED_BYTES:
                super().update(data)

    slow = SlowAtFirst(clock, 1.0)
    with (
        Checksums(Verify.AUTO, clock, new_computation=lambda: slow) as checksums,
        checksums.of_one() as checksum,
    ):
        assert await fed(checksum, 40) == "slow"
    assert slow.fed == BUFFERED_BYTES


@pytest.mark.parametrize(("cores", "most"), [(1, 1), (2, 1), (4, 3)])
def test_only_idle_cores_are_used(clock: FakeClock, cores: int, most: int) -> None:
    with Checksums(Verify.AUTO, clock, new_computation=hashlib.sha256, cores=cores) as checksums:
        assert len(list(_open(checksums, 6))) == most


def test_every_transfer_gets_one_when_asked_for(clock: FakeClock) -> None:
    with Checksums(Verify.ALWAYS, clock, new_computation=hashlib.sha256, cores=1) as checksums:
        assert len(list(_open(checksums, 6))) == 6


@pytest.mark.parametrize("verify", [Verify.NEVER, Verify.AUTO])
def test_none_is_computed_where_none_is_wanted_or_can_be_had(clock: FakeClock, verify: Verify) -> None:
    have_none = verify is Verify.AUTO
    with (
        Checksums(
            verify, clock, new_computation=(lambda: None) if have_none else hashlib.sha256
        ) as checksums,
        checksums.of_one() as checksum,
    ):
        assert checksum is None


def _open(checksums: Checksums, count: int) -> Iterator[PassingChecksum]:
    """Those of so many transfers that run at once."""
    if count:
        with checksums.of_one() as checksum:
            if checksum is not None:
                yield checksum
            yield from _open(checksums, count - 1)
