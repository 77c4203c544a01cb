"""The bot's process on the page: started, restarted, killed."""

import os
import signal

import pytest

from emulators.page.demo import Demo
from emulators.page.keeper import BotKeeper
from tests.emulators.page.conftest import ADA, Page

pytestmark = pytest.mark.process


async def until(shown: Demo, condition: str) -> None:
    """Wait until the bot is in a condition."""
    await shown.api.changes.until(lambda: shown.keeper.condition == condition, 20)


async def test_the_bot_is_started_restarted_killed_and_started_again(page: Page, shown: Demo) -> None:
    process = (await page.state())["process"]
    assert (process["condition"], process["pid"], process["starts"]) == ("stopped", None, 0)

    await page.post("process", do="start")
    await until(shown, "running")
    first = (await page.state())["process"]["pid"]
    await page.post("process", do="start")
    assert (await page.state())["process"]["starts"] == 1

    await page.post("process", do="restart")
    await until(shown, "running")
    process = (await page.state())["process"]
    assert (process["starts"], process["pid"] == first) == (2, False)

    await page.post("process", do="kill")
    process = (await page.state())["process"]
    assert (process["condition"], process["pid"]) == ("killed", None)
    await page.post("process", do="kill")
    await page.say(ADA, ADA, "/start")

    await page.post("process", do="start")
    await until(shown, "running")
    await shown.scene.resident(ADA).person.chat.wait_for("I need your API key", timeout=15)


async def test_a_bot_that_ends_by_itself_is_seen(page: Page, shown: Demo) -> None:
    await page.post("process", do="start")
    await until(shown, "running")
    process = (await page.state())["process"]

    os.kill(process["pid"], signal.SIGINT)

    await until(shown, "broken")
    assert (await page.state())["process"]["exit_code"] == 0


async def test_a_bot_that_cannot_start_is_seen(page: Page, shown: Demo) -> None:
    shown.keeper = BotKeeper({"BOT_TOKEN": "none"}, shown.api, log=shown.directory / "log")

    await page.post("process", do="start")

    await until(shown, "broken")
    assert (await page.state())["process"]["exit_code"] == 2
    assert "BOT_TOKEN is wrong" in (shown.directory / "log").read_text()
