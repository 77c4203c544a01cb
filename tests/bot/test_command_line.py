"""The bot as its own process, as an operator meets it."""

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from emulators.botapi import BotApi
from emulators.serving import serve
from emulators.user import Person
from tests.bot.process import TOKEN, Process
from tests.bot.waiting import until

pytestmark = pytest.mark.process


@pytest.fixture
def api() -> BotApi:
    return BotApi(token=TOKEN)


@pytest.fixture
async def process(api: BotApi, tmp_path: Path) -> AsyncIterator[Process]:
    async with serve(api.app) as url:
        process = Process(tmp_path, url)
        yield process
        await process.end()


async def test_it_answers_and_ends_when_told(process: Process, api: BotApi) -> None:
    person = Person(api, user_id=5, first_name="Ada")
    person.say("/start")
    running = await process.start()
    await person.chat.wait_for("1fichier", timeout=15)
    running.send_signal(signal.SIGTERM)
    running.send_signal(signal.SIGTERM)
    async with asyncio.timeout(10):
        _, log = await running.communicate()
    assert running.returncode == 0
    assert b"The bot has stopped" in log
    assert TOKEN.encode() not in log


async def test_a_killed_process_leaves_nothing_that_stops_the_next_one(process: Process, api: BotApi) -> None:
    first = await process.start()
    await until(lambda: api.updates.polling)
    first.kill()
    await first.communicate()
    person = Person(api, user_id=5, first_name="Ada")
    person.say("/start")
    await process.start("run")
    await person.chat.wait_for("1fichier", timeout=15)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        pytest.param({"BOT_TOKEN": ""}, "BOT_TOKEN is missing", id="token missing"),
        pytest.param({"BOT_TOKEN": "planted"}, "BOT_TOKEN is wrong", id="token malformed"),
        pytest.param({"BOT_TOKEN": "1:" + "planted" * 6}, "Telegram refuses BOT_TOKEN", id="token refused"),
        pytest.param({"BOT_DATA_DIR": "/dev/null"}, "BOT_DATA_DIR", id="data directory"),
        pytest.param({"BOT_SECRET_KEYS": "planted"}, "Secret key number 1", id="secret key"),
    ],
)
async def test_a_start_that_fails_ends_in_one_sentence(
    process: Process, variables: dict[str, str], sentence: str
) -> None:
    code, _, err = await process.run("run", BOT_LOG_LEVEL="ERROR", **variables)
    assert code == 2
    assert sentence in err
    assert err.count("\n") == 1
    assert "planted" not in err


async def test_a_token_revoked_while_it_runs_ends_it_with_a_sentence(process: Process, api: BotApi) -> None:
    running = await process.start(BOT_LOG_FORMAT="json")
    await until(lambda: api.updates.polling)
    api.faults.add(status=401, description="Unauthorized", times=None)
    Person(api, user_id=5, first_name="Ada").say("hello")
    async with asyncio.timeout(10):
        _, log = await running.communicate()
    assert running.returncode == 1
    assert "Telegram refuses BOT_TOKEN" in json.loads(log.splitlines()[-1])["message"]


async def test_health_tells_a_running_bot_from_none(process: Process, api: BotApi) -> None:
    code, _, err = await process.run("health")
    assert code == 1
    assert "No running bot" in err
    await process.start()
    await until(lambda: api.updates.polling)
    assert (await process.run("health"))[0] == 0
    code, _, err = await process.run("health", BOT_LISTEN="127.0.0.1:9")
    assert code == 1
    assert "does not answer" in err


async def test_health_finds_a_bot_that_is_stuck_although_it_has_no_web_endpoint(
    process: Process, api: BotApi
) -> None:
    running = await process.start()
    await until(lambda: api.updates.polling)
    running.send_signal(signal.SIGSTOP)
    hour_ago = time.time() - 3600
    os.utime(process.data_dir / "bot.lock", (hour_ago, hour_ago))
    code, _, err = await process.run("health")
    assert code == 1
    assert "is stuck" in err


async def test_health_asks_the_web_endpoint(process: Process, api: BotApi) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"0.0.0.0:{taken.getsockname()[1]}"
    await process.start(BOT_LISTEN=listen)
    await until(lambda: api.updates.polling)
    code, out, _ = await process.run("health", BOT_LISTEN=listen)
    assert code == 0
    assert '"ok":true' in out


async def test_misspelt_settings_and_open_access_are_warned_of(process: Process) -> None:
    _, _, err = await process.run(BOT_ALOWED_USERS="5", BOT_TOKEN="1:" + "A" * 35)
    assert "BOT_ALOWED_USERS is no setting" in err
    assert "Everyone who finds the bot may use it" in err


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("--help", "run the bot until"),
        ("--version", "onefichier-bot "),
        ("backup --help", "must not exist"),
        ("users --help", "erase everything known about somebody"),
        ("users ban --help", "NUMBER"),
    ],
)
async def test_it_explains_itself_without_any_settings(process: Process, argument: str, said: str) -> None:
    code, out, _ = await process.run(*argument.split(), BOT_TOKEN="")
    assert code == 0
    assert said in out
