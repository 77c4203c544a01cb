"""Between the commit of `confirming` and the last piece of an upload: a moment too short to be met by waiting for it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Final

from emulators.onefichier import Upload
from tests.reliability.lives import until
from tests.reliability.scene import MOMENT_SECONDS, Scene
from tests.reliability.traffic import Phase, Target

# The final bytes of an upload, which the bot holds back, and what ends the body behind them.
LAST_PIECE: Final = 64 * 1024
CLOSING: Final = len("\r\n--\r\n--") + 32
# No other file has this size, by which its request is known.
SIZE: Final = 345_678
MOST_FRAMING: Final = 1_000
TRIES: Final = 20
# Shorter than the bot's way from the commit to the last piece.
STEP_SECONDS: Final = 0.000_1
STEPS: Final = 20_000
# What has left the process has arrived after so many looks at the connection.
ROUNDS: Final = 10
ROUND_SECONDS: Final = 0.01


@contextlib.asynccontextmanager
async def last_piece_held_back(scene: Scene) -> AsyncIterator[None]:
    await scene.begin()
    for _ in range(TRIES):
        if await _stopped_behind_the_commit(scene):
            yield
            return
        scene.lives.resume()
    raise AssertionError("the bot was never met between its commit and the last piece")


async def _stopped_behind_the_commit(scene: Scene) -> bool:
    """Stop the bot when `confirming` is committed and the last piece has not left it; False when that was missed.

    The commit is kept from happening until the bot waits for it. Then the process goes on in small steps.
    """
    scene.crowd.send_file(SIZE)
    target = Target(r"/upload\.cgi", least_bytes=SIZE, most_bytes=SIZE + MOST_FRAMING)
    with scene.traffic.hold(target, Phase.BEGUN) as hold:
        await hold.until_reached(MOMENT_SECONDS)
        upload = scene.onefichier.uploads.uploads[hold.upload_id]
        with scene.records.no_commits():
            hold.released.set()
            await until(lambda: upload.bytes_received >= hold.length - LAST_PIECE - CLOSING, MOMENT_SECONDS)
            scene.lives.pause()
    for _ in range(STEPS):
        if _is_confirming(scene, upload):
            break
        scene.lives.resume()
        _pass(STEP_SECONDS)
        scene.lives.pause()
    for _ in range(ROUNDS):
        await asyncio.sleep(ROUND_SECONDS)
    return upload.received is None


def _is_confirming(scene: Scene, upload: Upload) -> bool:
    return bool(
        scene.records.rows(
            "SELECT 1 FROM transfer WHERE node_upload_id = :id AND state = 'confirming'", id=upload.id
        )
    )


def _pass(seconds: float) -> None:
    """Let less time pass than one can sleep for."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass
