"""One person with 200 files keeps nobody with a single one waiting for longer than their turn."""

import contextlib
from pathlib import Path
from statistics import mean

import pytest

from tests.reliability.conftest import Figures
from tests.reliability.whole import WholeBot, whole_bot

FILES = 200
OTHERS = 9
SECONDS_A_FILE = 4.0


@pytest.mark.parametrize(
    ("at_once", "per_person"), [(1, 1), (8, 2)], ids=["one at a time", "eight at a time, two of a person"]
)
async def test_nine_people_with_a_file_each_beside_one_with_200(
    fast_path: Path, figures: Figures, at_once: int, per_person: int
) -> None:
    """One person with 200 files, nine with one."""
    async with contextlib.AsyncExitStack() as stack:
        bot = await stack.enter_async_context(
            whole_bot(
                fast_path,
                max_transfers=at_once,
                max_transfers_per_user=per_person,
                onefichier_min_interval_seconds=0.01,
                onefichier_address_interval_seconds=0.01,
            )
        )
        many, *others = await bot.people(1 + OTHERS)
        bot.node.seconds = SECONDS_A_FILE
        for number in range(FILES):
            many.send_file(name=f"many {number}.bin", size=100)
        await accepted(bot, FILES)
        await bot.time.passes(SECONDS_A_FILE / 3)
        for person in others:
            person.send_file(name=f"{person.id}.bin", size=100)
        await accepted(bot, FILES + OTHERS)

        await bot.time.until(lambda: all(person.chat.notifications for person in others))

        taken_at = {call.parameters["file_id"]: call.at for call in bot.calls() if call.method == "getFile"}
        done = await bot.rows("SELECT * FROM transfer WHERE state = 'done' ORDER BY ended_at")
        one_file = mean(row["ended_at"] - taken_at[row["file_id"]] for row in done)
        theirs = [row for row in done if row["person_id"] != many.id]
        waits = {row["person_id"]: taken_at[row["file_id"]] - row["created_at"] for row in theirs}
        told = {row["person_id"]: told_at(bot, row["person_id"]) - row["created_at"] for row in theirs}
        figures.note(f"{at_once} at once, {per_person} of a person; a file takes {one_file:.1f} s on average")
        figures.table(
            ("turn", "person", "waited", "bound", "told after"),
            [
                (
                    turn,
                    person.user["first_name"],
                    f"{waits[person.id]:.1f} s",
                    f"{turn * one_file:.1f} s",
                    f"{told[person.id]:.1f} s",
                )
                for turn, person in enumerate(others, start=1)
            ],
        )
        assert all(waits[person.id] <= turn * one_file for turn, person in enumerate(others, start=1))
        assert len(done) > OTHERS, "whoever has many goes on meanwhile, with their share"


def told_at(bot: WholeBot, person_id: int) -> float:
    (result,) = [
        call
        for call in bot.calls()
        if call.method == "sendMessage"
        and call.parameters["chat_id"] == person_id
        and not call.parameters.get("disable_notification")
    ]
    return result.at


async def accepted(bot: WholeBot, count: int) -> None:
    """Let people's messages be handled; time passes as little as it must."""
    while (await bot.rows("SELECT count(*) AS n FROM transfer"))[0]["n"] < count:
        await bot.time.passes(0.05)
