"""What a whole run leaves on disk: no secret in any file, in any form; nothing that others may read; no content in the log."""

import asyncio
import base64
import json
import os
import stat
import sys
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from storage import read_keys
from tests.bot.in_process import free_port
from tests.bot.waiting import until
from tests.end_to_end.conftest import LOG_NAME, World
from tests.end_to_end.planted import Planted, traces
from tests.end_to_end.test_main_job import has_link

pytestmark = pytest.mark.process

URL_PASSWORD = "hunter22/secret+"
WEBHOOK_SECRET = "planted-webhook-secret"
# Of the right form, and nobody's.
WRONG_KEY = "PlantedWrongKey0123456789abcdefX"
FILE_NAME = "Planted name of a file.bin"


async def command(world: World, *arguments: str) -> tuple[int | None, str]:
    """Run a command beside the bot; its exit code, and all that it said."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BOT_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", *arguments),
        env=environment | world.settings,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def live_through_a_day(world: World, backups: Path) -> list[str]:
    """Use what there is, with the troubles that make libraries log; what the commands said."""
    person = world.person
    await world.start()
    said = person.say(f"/login {WRONG_KEY}")
    await person.chat.wait_for("I’ve kept nothing", after=said, timeout=30)
    # Answers that python-telegram-bot, pydantic and httpx make tracebacks of.
    world.api.faults.add(method="editMessageText", status=500, times=2)
    world.api.faults.add(method="sendMessage", status=502, times=1)
    world.api.push_raw(
        {"message": {"message_id": "odd", "chat": {"id": person.id}, "from": {"id": person.id}}}
    )
    await world.log_in()
    sent = person.send_file(name=FILE_NAME, size=50_000)
    await person.chat.wait_for(has_link, after=sent, timeout=30)
    said = person.say(f"/remote http://ada:{quote(URL_PASSWORD, safe='')}@127.0.0.1:1/{'x' * 8}.iso")
    await person.chat.wait_for("127.0.0.1", after=said, timeout=30)
    outputs = []
    for arguments in (
        ("backup", str(backups / "before.db")),
        ("rotate-keys",),
        ("backup", str(backups / "after.db")),
        ("check",),
        ("users",),
        ("stats",),
    ):
        code, output = await command(world, *arguments)
        assert code == 0, output
        outputs.append(output)
    async with httpx.AsyncClient(base_url=f"http://{world.settings['BOT_LISTEN']}") as client:
        figures = (await client.get("/metrics")).text
        outputs += [figures, (await client.get("/healthz")).text]
    # Counts and ages: not even a number that stands for somebody.
    for private in (str(person.id), FILE_NAME, *(file.url for file in world.account.files.values())):
        assert private not in figures
    return outputs


async def test_no_secret_stands_in_any_file_that_a_run_leaves(world: World, tmp_path: Path) -> None:
    world.settings |= {
        "BOT_LOG_LEVEL": "DEBUG",
        "BOT_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "BOT_ADMINS": str(world.person.id),
        "BOT_LISTEN": f"127.0.0.1:{free_port()}",
    }
    backups = tmp_path / "backups"
    backups.mkdir()
    outputs = await live_through_a_day(world, backups)
    await world.kill()
    (tmp_path / "said.txt").write_text("\n".join(outputs))

    key_file = world.data / "secret.keys"
    new, old = read_keys(key_file)
    secrets = [
        Planted("the token", world.settings["BOT_TOKEN"]),
        Planted("a 1fichier key", world.account.key or ""),
        Planted("a key that was refused", WRONG_KEY),
        Planted("a password in a URL", URL_PASSWORD),
        Planted("the webhook's secret", WEBHOOK_SECRET),
        Planted("the secret key in use", new),
        Planted("the secret key before", old),
    ]
    assert traces(tmp_path, secrets, besides=frozenset({key_file})) == []
    # The scan sees what there is.
    assert traces(world.data, secrets[-2:]) == [
        "secret.keys: the secret key in use (plain)",
        "secret.keys: the secret key before (plain)",
    ]
    log = world.log
    assert "is set aside under reference" in log
    for content in (FILE_NAME, "1fichier.com/?", *(file.url for file in world.account.files.values())):
        assert content not in log.replace("1fichier.com/?<link>", "")


async def test_only_the_bots_user_may_read_what_it_writes(world: World, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        await world.start()
        await world.log_in()
        code, output = await command(world, "backup", str(tmp_path / "copy.db"))
    finally:
        os.umask(before)
    assert code == 0, output
    written = [world.data, *world.data.rglob("*"), tmp_path / "copy.db"]
    assert len(written) > 5
    assert {
        path.name: stat.filemode(path.stat().st_mode) for path in written if path.stat().st_mode & 0o077
    } == {}


async def test_no_secret_stands_on_a_command_line(world: World) -> None:
    await world.start()
    await world.log_in()
    assert world.process is not None
    shown = await asyncio.create_subprocess_exec(
        *("ps", "-ww", "-o", "args=", "-p", str(world.process.pid)), stdout=asyncio.subprocess.PIPE
    )
    command_line, _ = await shown.communicate()
    assert b"bot" in command_line
    assert world.settings["BOT_TOKEN"].encode() not in command_line


async def test_what_logout_erases_is_in_no_file_of_the_database(world: World) -> None:
    await world.start()
    await world.log_in()
    said = world.person.say("/logout")
    question = await world.person.chat.wait_for("Erase your key", after=said, timeout=30)
    world.person.press("Erase", question)
    await world.person.chat.wait_for("Erased: your key", timeout=30)
    number = Planted("their number", str(world.person.id))

    def places() -> list[Path]:
        return [path for path in world.data.glob("bot.db*") if number.found_in(path.read_bytes())]

    # The wish itself stands in the inbox until it has been handled.
    await until(lambda: not places())
    await world.kill()
    assert places() == []


async def test_a_file_can_be_followed_through_the_log_from_its_update_to_its_link(world: World) -> None:
    world.settings["BOT_LOG_FORMAT"] = "json"
    await world.start()
    await world.log_in()
    sent = world.person.send_file(name=FILE_NAME, size=50_000)
    await world.person.chat.wait_for(has_link, after=sent, timeout=30)
    await world.stop()
    entries = [json.loads(line) for line in world.log.splitlines()]
    (taken_in,) = [entry for entry in entries if entry["message"].endswith("is taken in")]
    ids = taken_in["ids"]

    def with_id(name: str) -> list[str]:
        return [entry["message"] for entry in entries if entry.get("ids", {}).get(name) == ids[name]]

    assert any("is handled: message" in message for message in with_id("update"))
    transfer = " | ".join(with_id("transfer"))
    for event in ("is taken in", "begins, try 1", "has been sent", "is stored"):
        assert event in transfer
    assert any(message.startswith("Fact") and "is told" in message for message in with_id("batch"))
    assert all(set(entry) >= {"time", "level", "logger", "message"} for entry in entries)
    assert LOG_NAME in {path.name for path in world.data.parent.iterdir()}


class TestTheScanItself:
    @pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
    @pytest.mark.parametrize("behind", ["", "z", "zy"])
    def test_it_finds_base64_wherever_in_a_text_it_begins(self, before: str, behind: str) -> None:
        secret = Planted("x", "hunter22/secret+")
        text = f"{before}hunter22/secret+{behind}".encode()
        assert secret.found_in(b"..." + base64.b64encode(text) + b"...")
        assert secret.found_in(base64.urlsafe_b64encode(text))

    @pytest.mark.parametrize(
        "form",
        [
            "hunter22/secret+",
            "68756e74657232322f7365637265742b",
            "68756E74657232322F7365637265742B",
            "hunter22%2Fsecret%2B",
        ],
    )
    def test_it_finds_the_other_forms(self, form: str) -> None:
        assert Planted("x", "hunter22/secret+").found_in(f"<{form}>".encode())

    def test_it_finds_nothing_where_nothing_is(self) -> None:
        assert Planted("x", "hunter22/secret+").found_in(os.urandom(100_000)) == []
