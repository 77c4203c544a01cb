import contextlib
import itertools

from transfers.pieces import (
    LARGEST_BYTES,
    QUICK_SECONDS,
    SLOW_SECONDS,
    SMALLEST_BYTES,
    TOTAL_BYTES,
    PieceSizes,
)


def test_pieces_grow_while_they_leave_quickly() -> None:
    with PieceSizes().of_one() as size:
        seen = [size()]
        while seen[-1] < LARGEST_BYTES:
            size.sent(QUICK_SECONDS / 2)
            seen.append(size())
        size.sent(0)
        assert size() == LARGEST_BYTES
    assert seen[0] == SMALLEST_BYTES
    assert all(later == 2 * earlier for earlier, later in itertools.pairwise(seen))


def test_pieces_shrink_on_a_slow_line_down_to_the_smallest() -> None:
    with PieceSizes().of_one() as size:
        for _ in range(10):
            size.sent(0)
        sizes = []
        for _ in range(10):
            size.sent(SLOW_SECONDS * 2)
            sizes.append(size())
    assert sizes[0] == LARGEST_BYTES // 2
    assert sizes[-1] == SMALLEST_BYTES


def test_pieces_of_an_ordinary_pace_stay_as_they_are() -> None:
    with PieceSizes().of_one() as size:
        size.sent(0)
        size.sent((QUICK_SECONDS + SLOW_SECONDS) / 2)
        assert size() == 2 * SMALLEST_BYTES


def test_all_transfers_together_hold_no_more_than_the_budget() -> None:
    sizes = PieceSizes()
    for running in (1, 8, 32, 128):
        with contextlib.ExitStack() as stack:
            pieces = [stack.enter_context(sizes.of_one()) for _ in range(running)]
            for piece in pieces:
                for _ in range(10):
                    piece.sent(0)
            assert sum(piece() for piece in pieces) <= TOTAL_BYTES
    with sizes.of_one() as size:
        for _ in range(10):
            size.sent(0)
        assert size() == LARGEST_BYTES
