import contextlib
import itertools

from transfers.pieces import (
    FEW,
    LARGEST_BYTES,
    QUICK_PIECES,
    QUICK_SECONDS,
    SLOW_SECONDS,
    SMALLEST_BYTES,
    TOTAL_BYTES,
    TOTAL_OF_MANY_BYTES,
    PieceSize,
    PieceSizes,
)

UNTIL_LARGEST = 5 * QUICK_PIECES
"""Quick pieces: five times twice as large."""


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
    for running in (1, FEW, FEW + 1, 32, 128):
        with contextlib.ExitStack() as stack:
            pieces = [stack.enter_context(sizes.of_one()) for _ in range(running)]
            for piece in pieces:
                send_quickly(piece)
            budget = TOTAL_BYTES if running <= FEW else TOTAL_OF_MANY_BYTES
            assert sum(piece() for piece in pieces) <= max(budget, running * SMALLEST_BYTES)
    with sizes.of_one() as size:
        send_quickly(size)
        assert size() == LARGEST_BYTES


def test_the_last_of_many_keep_to_the_budget_of_many_until_all_have_ended() -> None:
    sizes = PieceSizes()
    with sizes.of_one() as last, sizes.of_one() as last_but_one:
        with contextlib.ExitStack() as stack:
            for _ in range(FEW):
                stack.enter_context(sizes.of_one())
        for each in (last, last_but_one):
            send_quickly(each)
        others = [sizes.of_one() for _ in range(FEW - 2)]
        with contextlib.ExitStack() as stack:
            pieces = [last, last_but_one, *map(stack.enter_context, others)]
            for piece in pieces:
                send_quickly(piece)
            assert sum(piece() for piece in pieces) == TOTAL_OF_MANY_BYTES
    with contextlib.ExitStack() as stack:
        pieces = [stack.enter_context(sizes.of_one()) for _ in range(FEW)]
        for piece in pieces:
            send_quickly(piece)
        assert sum(piece() for piece in pieces) == TOTAL_BYTES
