import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet

from bot.app import PRUNE_SECONDS, RESTART_PAUSE_SECONDS
from bot.errors import StartError, TokenRefused
from bot.settings import Address, Settings
from emulators.botapi import BotApi
from emulators.serving import serve as serve_emulator
from emulators.user import Person
from storage import AlreadyRunning, DatabaseTooNew, DatabaseUnusable, KeysDoNotFit, is_held
from tests.bot.in_process import SECRET, TOKEN, Bot, free_port
from tests.bot.waiting import until
from tests.clock import FakeClock


@pytest.fixture
def api() -> BotApi:
    return BotApi(token=TOKEN)


@pytest.fixture
async def bot(api: BotApi, tmp_path: Path) -> AsyncIterator[Bot]:
    async with serve_emulator(api.app) as url:
        bot = Bot(api, url, tmp_path / "data")
        yield bot
        await bot.end()


@pytest.fixture
def person(api: BotApi) -> Person:
    return Person(api, user_id=5, first_name="Ada")


async def test_a_person_is_answered(bot: Bot, person: Person) -> None:
    bot.start()
    person.say("/start")
    await person.chat.wait_for("1fichier")
    assert await bot.stop() < 5


async def test_nobody_yet_looks_after_it_and_who_reads_the_log_does(
    bot: Bot, person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    bot.start()
    await until(lambda: "Nobody looks after this bot" in caplog.text)
    code = caplog.text.partition("?start=")[2].split()[0]
    said = person.say(f"/start {code}")
    await person.chat.wait_for("You now look after this bot", after=said)
    await bot.stop()
    caplog.clear()
    bot.start()
    await bot.polls()
    await bot.stop()
    assert "Nobody looks after this bot" not in caplog.text


async def test_after_a_crash_the_admins_are_told_once(bot: Bot, person: Person) -> None:
    admins = frozenset({person.id})
    person.say("/start")
    bot.start(admins=admins)
    await person.chat.wait_for("1fichier")
    await bot.stop()
    await bot.in_the_database("UPDATE process SET stopped_at = NULL")
    bot.start(admins=admins)
    await person.chat.wait_for("I have started again after a crash")
    await bot.stop()
    bot.start(admins=admins)
    await bot.polls()
    await bot.stop()
    told = [message for message in person.chat.messages if "after a crash" in message.text]
    assert len(told) == 1


async def test_an_end_by_a_refused_token_is_no_crash(bot: Bot, api: BotApi, person: Person) -> None:
    task = bot.start()
    await bot.polls()
    api.faults.add(status=401, description="Unauthorized", times=None)
    person.say("hello")
    with pytest.raises(TokenRefused):
        await task
    assert await bot.in_the_database("SELECT 1 FROM process WHERE stopped_at IS NULL") == []


async def test_commands_are_published(bot: Bot, api: BotApi) -> None:
    bot.start()
    await until(lambda: api.calls("setMyCommands"))
    assert "quota" in str(api.profile.commands)


async def test_one_odd_update_among_good_ones_is_apologised_for_and_the_rest_answered(
    bot: Bot, api: BotApi, person: Person
) -> None:
    person.say("/start")
    api.push_raw(
        {
            "message": {
                "message_id": "odd",
                "chat": {"id": person.id, "type": "private"},
                "from": {"id": 5},
            }
        }
    )
    person.say("/help")
    bot.start()
    await until(lambda: not api.updates.pending)
    await until(lambda: len([message for message in person.chat.messages if message.from_bot]) >= 3)
    assert any("Something went wrong on my side" in message.text for message in person.chat.messages)


async def test_what_arrived_while_it_was_stopped_is_answered_at_the_next_start(
    bot: Bot, person: Person
) -> None:
    bot.start()
    await bot.polls()
    await bot.stop()
    person.say("/start")
    bot.start()
    await person.chat.wait_for("1fichier")


async def test_an_update_is_not_handled_again_after_a_restart(bot: Bot, api: BotApi, person: Person) -> None:
    person.say("/start")
    bot.start()
    await person.chat.wait_for("1fichier")
    await until(lambda: not api.updates.pending)
    await bot.stop()
    answers = len(person.chat.messages)
    bot.start()
    await bot.polls()
    await bot.stop()
    assert len(person.chat.messages) == answers


async def test_a_menu_that_cannot_be_set_stops_nothing(
    bot: Bot, api: BotApi, person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    api.faults.add(method="setMyCommands", status=500, times=None)
    bot.start()
    person.say("/start")
    await person.chat.wait_for("1fichier")
    await until(lambda: "menu could not be set" in caplog.text)


async def test_a_part_that_breaks_off_starts_again(
    bot: Bot, api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    bot.start(clock=clock)
    await bot.polls()
    await bot.in_the_database("ALTER TABLE inbox RENAME TO away")

    async def broke_off() -> bool:
        await clock.advance(PRUNE_SECONDS)
        return "(pruning) broke off" in caplog.text

    await until(broke_off)
    await bot.in_the_database("ALTER TABLE away RENAME TO inbox")
    await bot.in_the_database(
        "INSERT INTO inbox (update_id, lane, state, received_at) VALUES (1, 'old', 'handled', 0)"
    )

    async def pruned() -> bool:
        await clock.advance(RESTART_PAUSE_SECONDS)
        return await bot.in_the_database("SELECT id FROM inbox") == []

    await until(pruned)


async def test_it_waits_for_telegram_at_the_start_and_stops_while_it_waits(bot: Bot) -> None:
    task = bot.start(telegram_api_url="http://127.0.0.1:9")
    await until(lambda: is_held(bot.settings.data_dir))
    await asyncio.sleep(0.05)
    assert not task.done()
    assert await bot.stop() < 2


async def test_a_token_that_telegram_refuses_ends_the_start(bot: Bot) -> None:
    other = Settings(token="1:" + "B" * 35).token
    with pytest.raises(StartError, match="Telegram refuses BOT_TOKEN") as refused:
        await bot.start(token=other)
    assert "BBBB" not in str(refused.value)


async def test_an_address_without_a_bot_api_is_named(bot: Bot, api: BotApi) -> None:
    api.faults.add(method="getMe", status=404, description="Not Found")
    with pytest.raises(StartError, match="BOT_TELEGRAM_API_URL"):
        await bot.start()


async def test_a_token_revoked_while_it_runs_ends_it(bot: Bot, api: BotApi, person: Person) -> None:
    task = bot.start()
    await bot.polls()
    api.faults.add(status=401, description="Unauthorized", times=None)
    person.say("hello")
    with pytest.raises(TokenRefused):
        await task


async def test_a_data_directory_that_cannot_be_written_is_named(bot: Bot, tmp_path: Path) -> None:
    in_its_place = tmp_path / "file"
    in_its_place.touch()
    with pytest.raises(DatabaseUnusable, match="BOT_DATA_DIR"):
        await bot.start(data_dir=in_its_place)


async def test_a_second_instance_on_the_same_directory_is_refused(
    bot: Bot, api: BotApi, tmp_path: Path
) -> None:
    bot.start()
    await bot.polls()
    second = Bot(api, bot.settings.telegram_api_url, bot.settings.data_dir)
    with pytest.raises(AlreadyRunning):
        await second.start()
    assert api.updates.polling


async def test_keys_that_do_not_open_the_database_are_refused(bot: Bot) -> None:
    bot.start()
    await bot.polls()
    await bot.stop()
    (bot.settings.data_dir / "secret.keys").write_bytes(Fernet.generate_key())
    with pytest.raises(KeysDoNotFit):
        await bot.start()


async def test_a_key_file_lost_beside_its_database_is_named_and_no_other_is_made(bot: Bot) -> None:
    bot.start()
    await bot.polls()
    await bot.stop()
    key_file = bot.settings.data_dir / "secret.keys"
    key_file.unlink()
    with pytest.raises(StartError, match="is missing, and the database was sealed"):
        await bot.start()
    assert not key_file.exists()


async def test_a_key_file_that_cannot_be_read_is_named(bot: Bot) -> None:
    (bot.settings.data_dir / "secret.keys").mkdir(parents=True)
    with pytest.raises(StartError, match=r"secret\.keys"):
        await bot.start()


async def test_a_database_newer_than_the_code_is_refused(bot: Bot) -> None:
    bot.start()
    await bot.polls()
    await bot.stop()
    await bot.in_the_database("PRAGMA user_version = 999")
    with pytest.raises(DatabaseTooNew):
        await bot.start()


async def test_an_address_in_use_ends_the_start(bot: Bot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(StartError, match="BOT_LISTEN"):
        await bot.start(listen=Address("127.0.0.1", taken.getsockname()[1]))


async def test_its_health_can_be_asked_while_it_runs(bot: Bot) -> None:
    port = free_port()
    bot.start(listen=Address("127.0.0.1", port))
    await bot.polls()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        report = (await client.get("/healthz")).json()

        async def figures_show(wanted: str) -> bool:
            return wanted in (await client.get("/metrics")).text

        assert await figures_show("bot_updates_received_total 0.0")
        await until(lambda: figures_show("bot_loop_lag_seconds_count 1.0"))
    assert report["ok"] is True


async def test_a_webhook_that_telegram_does_not_accept_ends_the_start(bot: Bot, api: BotApi) -> None:
    api.faults.add(
        method="setWebhook", status=400, description="Bad Request: bad webhook: Failed to resolve host"
    )
    webhook = Settings(token=TOKEN, webhook_url="https://bot.invalid/telegram", webhook_secret=SECRET)
    with pytest.raises(StartError, match="BOT_WEBHOOK_URL"):
        await bot.start(
            listen=Address("127.0.0.1", 0),
            webhook_url=webhook.webhook_url,
            webhook_secret=webhook.webhook_secret,
        )
