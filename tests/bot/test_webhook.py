"""The whole bot with a webhook instead of polling."""

from pathlib import Path

import pytest

from bot.settings import Address, Settings
from emulators.botapi import BotApi
from emulators.serving import serve as serve_emulator
from emulators.user import Person
from tests.bot.in_process import SECRET, TOKEN, Bot, Hasty, free_port
from tests.bot.waiting import until


async def test_updates_come_by_webhook_when_one_is_set(tmp_path: Path) -> None:
    # A local server delivers to any port, in plain HTTP.
    api = BotApi(token=TOKEN, local_dir=tmp_path / "files")
    port = free_port()
    person = Person(api, user_id=5, first_name="Ada")
    person.say("/start")
    async with serve_emulator(api.app) as server:
        bot = Bot(api, server, tmp_path / "data")
        hook = f"http://127.0.0.1:{port}/telegram"
        with_hook = Settings(token=TOKEN, telegram_api_url=server, webhook_url=hook, webhook_secret=SECRET)
        bot.start(
            listen=Address("127.0.0.1", port), webhook_url=hook, webhook_secret=with_hook.webhook_secret
        )
        await person.chat.wait_for("1fichier")
        await until(lambda: not api.updates.pending)
        await bot.stop()
        assert not api.calls("getUpdates")
        # A bot that polls later takes over.
        person.say("/help")
        bot.start()
        await until(lambda: not api.updates.pending)
        await bot.stop()


@pytest.mark.parametrize(("deletes", "url_left"), [(True, ""), (False, "telegram")])
async def test_at_the_stop_the_webhook_is_deleted_if_the_setting_says_so(
    tmp_path: Path, deletes: bool, url_left: str
) -> None:
    api = BotApi(token=TOKEN, local_dir=tmp_path / "files")
    port = free_port()
    async with api.serve() as server:
        bot = Bot(api, server, tmp_path / "data")
        hook = f"http://127.0.0.1:{port}/telegram"
        with_hook = Settings(token=TOKEN, telegram_api_url=server, webhook_url=hook, webhook_secret=SECRET)
        bot.start(
            listen=Address("127.0.0.1", port),
            webhook_url=hook,
            webhook_secret=with_hook.webhook_secret,
            webhook_delete=deletes,
        )
        await until(lambda: api.calls("setMyCommands"))
        await bot.stop()
        assert api.webhook.url.endswith(url_left)
        assert bool(api.webhook.url) is not deletes


async def test_a_webhook_that_cannot_be_set_in_passing_is_set_later(tmp_path: Path) -> None:
    api = BotApi(token=TOKEN, local_dir=tmp_path / "files")
    api.faults.add(method="setWebhook", status=502, times=2)
    port = free_port()
    async with serve_emulator(api.app) as server:
        bot = Bot(api, server, tmp_path / "data")
        hook = f"http://127.0.0.1:{port}/telegram"
        with_hook = Settings(token=TOKEN, telegram_api_url=server, webhook_url=hook, webhook_secret=SECRET)
        bot.start(
            clock=Hasty(),
            listen=Address("127.0.0.1", port),
            webhook_url=hook,
            webhook_secret=with_hook.webhook_secret,
        )
        await until(lambda: len(api.calls("setWebhook")) == 3)
        await bot.stop()
