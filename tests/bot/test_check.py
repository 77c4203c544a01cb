"""`check` against each kind of wrong configuration, and `move`."""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from emulators.botapi import BotApi
from emulators.onefichier import OneFichier
from emulators.serving import serve
from storage import is_held
from tests.bot.process import TOKEN, Process
from tests.bot.state import add_people, in_state, settings_for
from tests.bot.waiting import until

pytestmark = pytest.mark.usefixtures("as_before")

Check = Callable[..., Awaitable[tuple[int | None, dict[str, list[str]]]]]
Command = Callable[..., Awaitable[tuple[int | None, str, str]]]


@pytest.fixture
def api() -> BotApi:
    return BotApi(token=TOKEN)


@pytest.fixture
async def process(api: BotApi, tmp_path: Path) -> AsyncIterator[Process]:
    async with OneFichier() as onefichier, serve(api.app) as url, serve(onefichier.app) as onefichier_url:
        process = Process(tmp_path, url, onefichier_url)
        yield process
        await process.end()


@pytest.fixture
def command(process: Process, capsys: pytest.CaptureFixture[str]) -> Command:
    return functools.partial(process.here, capsys)


@pytest.fixture
def check(command: Command) -> Check:
    """The exit code, and the lines by their first word."""

    async def run(**variables: str) -> tuple[int | None, dict[str, list[str]]]:
        code, out, err = await command("check", **variables)
        assert err == ""
        assert TOKEN not in out
        lines: dict[str, list[str]] = {"ok": [], "note": [], "wrong": []}
        for line in out.splitlines():
            level, _, text = line.partition(" ")
            lines[level].append(text.strip())
        return code, lines

    return run


def wrong(lines: dict[str, list[str]]) -> str:
    (only,) = lines["wrong"]
    return only


async def stopped_bot(process: Process) -> None:
    settings = settings_for(process.data_dir)
    await asyncio.to_thread(in_state, settings, lambda state: add_people(state, 5))


async def test_before_the_first_start_all_is_well_and_nothing_is_made(process: Process, check: Check) -> None:
    code, lines = await check(BOT_ALLOWED_USERS="5", BOT_ADMINS="5")
    assert (code, lines["wrong"]) == (0, [])
    said = "\n".join(lines["ok"])
    for part in (
        "settings: complete",
        "access: private, 1 people by setting",
        "will be made at the first start",
        "telegram: the bot is @onefichier_test_bot",
        "1fichier: 127.0.0.1",
    ):
        assert part in said
    assert not process.data_dir.exists()


@pytest.mark.process
async def test_a_database_in_use_is_looked_at_without_disturbing_the_bot(
    process: Process, api: BotApi, check: Check
) -> None:
    await process.start()
    await until(lambda: api.updates.polling)
    code, lines = await check()
    assert code == 0
    assert any("in use by the running bot" in line for line in lines["ok"])
    assert any("and they open the database" in line for line in lines["ok"])
    assert any("they lie beside the database" in line for line in lines["note"])
    assert is_held(process.data_dir)
    assert api.updates.polling


async def test_open_access_and_misspelt_settings_are_noted(process: Process, check: Check) -> None:
    code, lines = await check(BOT_ALOWED_USERS="5")
    assert code == 0
    notes = "\n".join(lines["note"])
    assert "BOT_ALOWED_USERS is no setting" in notes
    assert "everyone who finds the bot may use it" in notes
    assert "BOT_ADMINS names nobody" in notes


async def test_a_data_directory_that_cannot_be_used_is_wrong(process: Process, check: Check) -> None:
    code, lines = await check(BOT_DATA_DIR="/dev/null")
    assert code == 2
    assert "data: /dev/null is no directory that this user can write" in wrong(lines)


async def test_files_that_others_may_read_are_wrong(process: Process, check: Check) -> None:
    await stopped_bot(process)
    (process.data_dir / "bot.db").chmod(0o644)
    (process.data_dir / "secret.keys").chmod(0o640)
    process.data_dir.chmod(0o755)
    code, lines = await check()
    assert code == 2
    assert [line.rpartition(": ")[2] for line in lines["wrong"]] == ["chmod 700", "chmod 600", "chmod 600"]


async def test_a_damaged_database_is_wrong(process: Process, check: Check) -> None:
    await stopped_bot(process)
    (process.data_dir / "bot.db").write_bytes(b"no database" * 1000)
    code, lines = await check()
    assert code == 2
    assert "cannot be read" in wrong(lines)


async def test_keys_that_do_not_fit_are_wrong(process: Process, check: Check) -> None:
    await stopped_bot(process)
    (process.data_dir / "secret.keys").write_bytes(Fernet.generate_key())
    code, lines = await check()
    assert code == 2
    assert "keys: none of the secret keys opens the database" in wrong(lines)


async def test_a_missing_key_file_is_wrong(process: Process, check: Check) -> None:
    await stopped_bot(process)
    (process.data_dir / "secret.keys").unlink()
    code, lines = await check()
    assert code == 2
    assert "is missing, and the database was sealed with its keys" in wrong(lines)


async def test_a_malformed_key_is_wrong(process: Process, check: Check) -> None:
    code, lines = await check(BOT_SECRET_KEYS="planted")
    assert code == 2
    assert "Secret key number 1 is not a Fernet key" in wrong(lines)
    assert "planted" not in str(lines)


async def test_a_refused_token_is_wrong(process: Process, check: Check) -> None:
    code, lines = await check(BOT_TOKEN="1:" + "planted" * 6)
    assert code == 2
    assert "telegram: Telegram refuses BOT_TOKEN" in wrong(lines)
    assert "planted" not in str(lines)


@pytest.mark.parametrize(
    ("variable", "says"),
    [
        ("BOT_TELEGRAM_API_URL", "telegram: Telegram cannot be reached at http://127.0.0.1:9"),
        ("BOT_ONEFICHIER_API_URL", "1fichier does not answer at http://127.0.0.1:9/"),
    ],
)
async def test_a_service_out_of_reach_is_wrong(
    process: Process, variable: str, says: str, check: Check
) -> None:
    code, lines = await check(**{variable: "http://127.0.0.1:9"})
    assert code == 2
    assert says in wrong(lines)


async def test_a_directory_of_the_local_server_that_is_not_there_is_wrong(
    process: Process, tmp_path: Path, check: Check
) -> None:
    code, lines = await check(BOT_TELEGRAM_FILES_DIR=str(tmp_path / "nowhere"))
    assert code == 2
    assert "is no directory that this user can read" in wrong(lines)


async def test_the_directory_of_a_local_server_is_looked_at(
    process: Process, tmp_path: Path, check: Check
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    variables = {"BOT_TELEGRAM_FILES_DIR": str(files), "BOT_TELEGRAM_FILES_MIN_FREE_BYTES": "1"}
    code, lines = await check(**variables)
    assert code == 0
    assert any("has nothing of this bot yet" in line for line in lines["note"])
    (files / TOKEN).mkdir()
    code, lines = await check(**variables)
    assert code == 0
    assert any("files: up to 2 GB" in line for line in lines["ok"])
    variables["BOT_TELEGRAM_FILES_MIN_FREE_BYTES"] = str(10**18)
    code, lines = await check(**variables)
    assert code == 2
    assert "nothing would be fetched" in wrong(lines)


async def test_a_missing_setting_is_one_sentence(process: Process, command: Command) -> None:
    code, out, err = await command("check", BOT_TOKEN="")
    assert (code, out) == (2, "")
    assert err.startswith("BOT_TOKEN is missing")
    assert err.count("\n") == 1


async def test_a_webhook_whose_deliveries_fail_is_noted(tmp_path: Path, check: Check) -> None:
    # A local server delivers to any port, in plain HTTP.
    local = BotApi(token=TOKEN, local_dir=tmp_path / "files")
    url = "http://127.0.0.1:9/telegram"
    async with local.serve() as server:
        hook = {
            "BOT_TELEGRAM_API_URL": server,
            "BOT_WEBHOOK_URL": url,
            "BOT_WEBHOOK_SECRET": "secret",
            "BOT_LISTEN": "127.0.0.1:9",
        }
        _, lines = await check(**hook)
        assert any("the webhook will be set at the start" in line for line in lines["ok"])
        local.webhook.set(url, secret="secret", max_connections=None, local=True)
        _, lines = await check(**hook)
        assert any(f"delivers to {url}" in line for line in lines["ok"])
        local.webhook.last_error = (1, "Connection refused")
        _, lines = await check(**hook)
        assert any("failed: Connection refused" in line for line in lines["note"])


class TestMove:
    async def test_the_server_that_is_left_lets_go_and_the_way_back_is_explained(
        self, process: Process, api: BotApi, tmp_path: Path, command: Command
    ) -> None:
        own = BotApi(token=TOKEN, local_dir=tmp_path / "files")
        async with serve(own.app) as own_url:
            leave = process.environment["BOT_TELEGRAM_API_URL"]
            code, out, err = await command("move", "--from", leave, BOT_TELEGRAM_API_URL=own_url)
            assert (code, err) == (0, "")
            assert "For ten minutes there is no way back" in out
            assert api.logged_out
            assert not own.logged_out
            code, out, _ = await command("move", "--from", leave, BOT_TELEGRAM_API_URL=own_url)
            assert code == 0
            assert TOKEN not in out

    async def test_nobody_leaves_before_their_own_server_answers(
        self, process: Process, api: BotApi, command: Command
    ) -> None:
        leave = process.environment["BOT_TELEGRAM_API_URL"]
        code, _, err = await command("move", "--from", leave, BOT_TELEGRAM_API_URL="http://127.0.0.1:9")
        assert code == 1
        assert "does not answer" in err
        assert not api.logged_out

    async def test_the_setting_comes_first(self, process: Process, api: BotApi, command: Command) -> None:
        code, _, err = await command("move", "--from", process.environment["BOT_TELEGRAM_API_URL"])
        assert code == 1
        assert "BOT_TELEGRAM_API_URL still names" in err
        assert not api.logged_out

    @pytest.mark.process
    async def test_a_running_bot_is_stopped_first(
        self, process: Process, api: BotApi, command: Command
    ) -> None:
        await process.start()
        await until(lambda: api.updates.polling)
        leave = process.environment["BOT_TELEGRAM_API_URL"]
        code, _, err = await command("move", "--from", leave, BOT_TELEGRAM_API_URL="http://127.0.0.1:9")
        assert code == 1
        assert "Stop it first" in err

    async def test_a_token_that_is_refused_moves_nothing(
        self, process: Process, api: BotApi, tmp_path: Path, command: Command
    ) -> None:
        own = BotApi(token=TOKEN, local_dir=tmp_path / "files")
        async with serve(own.app) as own_url:
            leave = process.environment["BOT_TELEGRAM_API_URL"]
            other = {"BOT_TELEGRAM_API_URL": own_url, "BOT_TOKEN": "1:" + "planted" * 6}
            code, _, err = await command("move", "--from", leave, **other)
            assert code == 1
            assert "Telegram refuses BOT_TOKEN" in err
            api.faults.add(method="logOut", status=429, retry_after=600)
            code, _, err = await command("move", "--from", leave, BOT_TELEGRAM_API_URL=own_url)
            assert code == 1
            assert "Too Many Requests: retry after 600" in err
            code, _, err = await command("move", "--from", "http://127.0.0.1:9", BOT_TELEGRAM_API_URL=own_url)
            assert code == 1
            assert "gave no usable answer" in err
            assert TOKEN not in err
