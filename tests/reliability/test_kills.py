"""kill -9 at every step and at random moments, of the real process, with ten people at it."""

import os
import random
import time
from pathlib import Path

import pytest

from tests.reliability.conftest import Figures
from tests.reliability.moments import AT_RANDOM, MOMENTS, Moment
from tests.reliability.reckoning import finish, reckon
from tests.reliability.scene import Scene, scene

pytestmark = pytest.mark.process

# Beside these, the first starts are killed too.
KILLS = 48
KILLS_IN_A_SOAK = 300


def seed() -> int:
    """Another one each time, unless one is to be repeated."""
    return int(os.environ.get("KILLS_SEED") or random.SystemRandom().randrange(1_000_000))


def moments(kills: int, chance: random.Random) -> list[Moment]:
    """Every step once, or as often as fills half of the kills; the others at random."""
    times = max(1, kills // 2 // len(MOMENTS))
    steps = [step for _ in range(times) for step in MOMENTS]
    chosen = [*steps, *[AT_RANDOM] * (kills - len(steps))]
    chance.shuffle(chosen)
    return chosen


async def die(scene: Scene, moment: Moment) -> None:
    try:
        async with moment.come(scene):
            await scene.kill(moment.name)
    except TimeoutError:
        raise AssertionError("\n".join([f"it never came to {moment.name!r}", *scene.log_tail()])) from None


async def test_a_bot_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing(
    tmp_path: Path, figures: Figures, soak: bool
) -> None:
    """Kills: the real process, ten people, kill -9 at every step and at random moments."""
    number, begun = seed(), time.monotonic()
    figures.note(f"seed {number} (KILLS_SEED repeats what people do and which moments come)")
    async with scene(tmp_path, number) as stage:
        await stage.start()
        for moment in moments(KILLS_IN_A_SOAK if soak else KILLS, stage.chance):
            await die(stage, moment)
        await finish(stage)
        found = reckon(stage)

        figures.table(
            ("what", "count", "expected"),
            [
                ("kills", len(stage.kills), ""),
                ("moments", len({kill.moment for kill in stage.kills}), ""),
                ("files", stage.crowd.files, ""),
                ("remote uploads", stage.crowd.urls, ""),
                (
                    "whole files received by 1fichier",
                    found.bodies,
                    f"{stage.crowd.files} and {stage.forgotten} that it forgot",
                ),
                ("files lost", len(found.lost), 0),
                ("duplicates on 1fichier", len(found.duplicates), 0),
                ("links of other files or people", len(found.mixed_up), 0),
                ("links or reasons not told", len(found.untold), 0),
                ("results told twice", found.twice, f"at most {len(stage.kills)}"),
                ("status messages left standing", found.standing, f"at most {len(stage.kills)}"),
                ("of these two, without a kill that explains it", len(found.unexplained), 0),
                ("limits of the service broken across restarts", len(found.breaches), 0),
                ("seconds", round(time.monotonic() - begun), ""),
            ],
        )
        assert found.lost == []
        assert found.duplicates == []
        assert found.mixed_up == []
        assert found.untold == []
        assert found.unexplained == []
        assert found.twice <= len(stage.kills)
        assert found.standing <= len(stage.kills)
        assert found.breaches == []
        assert found.troubles == []
