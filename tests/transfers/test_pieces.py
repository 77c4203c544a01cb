import contextlib
import itertools

from transfers.pieces import (
    LARGEST_BYTES,
    QUICK_PIECES,
    QUICK_SECONDS,
    SLOW_SECONDS,
    SMALLEST_BYTES,
    TOTAL_BYTES,
    PieceSize,
    PieceSizes,
)

UNTIL_LARGEST = 4 * QUICK_PIECES
"""Quick pieces: four times twice as large."""


def send_quickly(size: PieceSize, pieces: int = UNTIL_LARGEST) -> None:
    for _ in range(pieces):
        size.sent(QUICK_SECONDS / 2)


def test_pieces_grow_while_they_leave_quickly() -> None:
    with PieceSizes().of_one() as size:
        seen = [size()]
        while seen[-1] < LARGEST_BYTES:
            send_quickly(size, QUICK_PIECES - 1)
            assert size() == seen[-1]
            send_quickly(size, 1)
            seen.append(size())
        send_quickly(size)
        assert size() == LARGEST_BYTES
    assert seen[0] == SMALLEST_BYTES
    assert all(later == 2 * earlier for earlier, later in itertools.pairwise(seen))


def test_pieces_shrink_on_a_slow_line_down_to_the_smallest() -> None:
    with PieceSizes().of_one() as size:
        send_quickly(size)
        sizes = []
        for _ in range(10):
            size.sent(SLOW_SECONDS * 2)
            sizes.append(size())
    assert sizes[0] == LARGEST_BYTES // 2
    assert sizes[-1] == SMALLEST_BYTES


def test_pieces_of_an_ordinary_pace_stay_as_they_are() -> None:
    with PieceSizes().of_one() as size:
        send_quickly(size, QUICK_PIECES)
        size.sent((QUICK_SECONDS + SLOW_SECONDS) / 2)
        assert size() == 2 * SMALLEST_BYTES


def test_all_transfers_together_hold_no_more_than_the_budget() -> None:
    sizes = PieceSizes()
    for running in (1, 8, 32, 128):
        with contextlib.ExitStack() as stack:
            pieces = [stack.enter_context(sizes.of_one()) for _ in range(running)]
            for piece in pieces:
                send_quickly(piece)
            assert sum(piece() for piece in pieces) <= max(TOTAL_BYTES, running * SMALLEST_BYTES)
    with sizes.of_one() as size:
        send_quickly(size)
        assert size() == LARGEST_BYTES
