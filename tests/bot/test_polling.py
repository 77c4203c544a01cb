import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from telegram import Bot

from bot.connection import TelegramRequest, build_application
from bot.errors import TokenRefused
from bot.intake import Intake
from bot.metrics import Metrics
from bot.polling import Poller
from bot.settings import Settings
from emulators.botapi import ApiError, BotApi
from emulators.serving import serve
from emulators.user import Person
from storage import Database, InboxStore
from tests.bot.waiting import until
from tests.clock import FakeClock

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawM"


class Polling:
    """A poller at work on the emulator."""

    def __init__(
        self, api: BotApi, poller: Poller, inbox: InboxStore, clock: FakeClock, task: asyncio.Task[None]
    ) -> None:
        self.api = api
        self.poller = poller
        self.inbox = inbox
        self.clock = clock
        self.task = task
        self.person = Person(api, user_id=5, first_name="Ada")

    async def arrived(self, count: int) -> None:
        async def all_there() -> bool:
            return await self.inbox.depth() >= count

        await until(all_there)

    async def acknowledged(self) -> None:
        """Wait until Telegram has nothing left; the poller's pauses pass at once."""

        async def nothing_left() -> bool:
            if self.clock.sleepers:
                await self.clock.advance(60)
            return not self.api.updates.pending

        await until(nothing_left)


@pytest.fixture
def api() -> BotApi:
    return BotApi(token=TOKEN)


@pytest.fixture
async def polling(api: BotApi, inbox: InboxStore, tmp_path: Path) -> AsyncIterator[Polling]:
    clock = FakeClock()
    intake = Intake(inbox, clock=clock, metrics=Metrics(), overtaking_prefixes=(), arrived=lambda: None)
    async with serve(api.app) as url:
        application = build_application(Settings(token=TOKEN, telegram_api_url=url, data_dir=tmp_path))
        async with application:
            poller = Poller(application.bot, intake, clock)
            task = asyncio.create_task(poller.run())
            yield Polling(api, poller, inbox, clock, task)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, TokenRefused):
                await task


async def test_what_a_person_says_is_written_down_and_then_acknowledged(polling: Polling) -> None:
    polling.person.say("hello")
    polling.person.say("world")
    await polling.acknowledged()
    assert await polling.inbox.depth() == 2


async def test_it_asks_for_the_kinds_it_uses_and_deletes_a_webhook_first(
    polling: Polling, api: BotApi
) -> None:
    await until(lambda: api.updates.polling)
    assert [call.method for call in api.transcript] == ["getMe", "deleteWebhook"]
    polling.person.say("hello")
    await polling.acknowledged()
    assert api.calls("getUpdates")[0].parameters["allowed_updates"] == [
        "message",
        "callback_query",
        "my_chat_member",
        "inline_query",
        "chosen_inline_result",
    ]


async def test_one_odd_update_among_good_ones_stops_nothing(polling: Polling, api: BotApi) -> None:
    polling.person.say("before")
    api.push_raw({"message": {"no": "date, no chat"}})
    api.push_raw({"unknown_kind": [1, 2]})
    polling.person.say("after")
    await polling.acknowledged()
    assert await polling.inbox.depth() == 4


async def test_an_inbox_that_cannot_be_written_acknowledges_nothing(
    polling: Polling, api: BotApi, database: Database
) -> None:
    await database.execute("ALTER TABLE inbox RENAME TO away")
    polling.person.say("hello")
    await until(lambda: polling.clock.sleepers)
    assert len(api.updates.pending) == 1
    await database.execute("ALTER TABLE away RENAME TO inbox")
    await polling.acknowledged()
    assert await polling.inbox.depth() == 1


@pytest.mark.parametrize("status", [500, 502, 404])
async def test_a_server_in_trouble_is_asked_again_after_a_pause(
    polling: Polling, api: BotApi, status: int
) -> None:
    await until(lambda: api.updates.polling)
    api.faults.add(method="getUpdates", status=status, times=3)
    polling.person.say("hello")
    await polling.arrived(1)
    await polling.acknowledged()
    polling.person.say("world")
    await polling.arrived(2)


async def test_a_broken_connection_is_made_anew_and_nothing_is_lost(polling: Polling, api: BotApi) -> None:
    await until(lambda: api.updates.polling)
    api.faults.add(method="getUpdates", drop="before", times=2)
    polling.person.say("hello")
    await polling.arrived(1)
    await polling.acknowledged()
    assert await polling.inbox.depth() == 1


async def test_an_answer_of_an_odd_status_is_asked_for_again(
    polling: Polling, api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    await until(lambda: api.updates.polling)
    api.faults.add(method="getUpdates", status=302)
    polling.person.say("hello")
    await polling.arrived(1)
    await polling.acknowledged()
    assert "trying again" in caplog.text


async def test_deliveries_without_any_id_are_not_asked_for_in_haste(
    inbox: InboxStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A Telegram that goes wrong in this way has not been seen; a busy loop on it would be worse than a pause."""
    clock = FakeClock()
    answers = [
        b'{"ok": true, "result": [{"update_id": "odd"}]}',
        b'{"ok": true, "result": {}}',
        b"<html>planted",
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("getUpdates"):
            return httpx.Response(200, content=answers.pop(0) if answers else b"{}")
        return httpx.Response(200, content=b'{"ok": true, "result": true}')

    transport = {"transport": httpx.MockTransport(answer)}
    bot = Bot(
        TOKEN,
        request=TelegramRequest(httpx_kwargs=transport),
        get_updates_request=TelegramRequest(httpx_kwargs=transport),
    )
    intake = Intake(inbox, clock=clock, metrics=Metrics(), overtaking_prefixes=(), arrived=lambda: None)
    task = asyncio.create_task(Poller(bot, intake, clock).run())
    for left in (2, 1, 0):
        await until(lambda: clock.sleepers)
        assert len(answers) == left
        await clock.advance(1.3 * 2 ** (2 - left))
    await until(lambda: clock.sleepers)
    task.cancel()
    await asyncio.wait({task})
    assert "planted" not in caplog.text


async def test_the_pause_that_telegram_asks_for_is_kept(polling: Polling, api: BotApi) -> None:
    await until(lambda: api.updates.polling)
    api.faults.add(method="getUpdates", status=429, retry_after=40)
    polling.person.say("hello")
    await until(lambda: polling.clock.sleepers)
    await polling.clock.advance(39)
    assert len(api.updates.pending) == 1
    await polling.clock.advance(2)
    await polling.acknowledged()


async def test_a_webhook_set_by_someone_else_is_deleted(
    polling: Polling, api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    await until(lambda: api.updates.polling)
    api.faults.add(
        method="getUpdates",
        status=409,
        description="Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    )
    polling.person.say("hello")
    await polling.acknowledged()
    assert len(api.calls("deleteWebhook")) == 2
    assert "A webhook was set" in caplog.text


async def test_a_second_poller_is_named_and_given_way_to(
    polling: Polling, api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    await until(lambda: api.updates.polling)
    api.faults.add(
        method="getUpdates",
        status=409,
        description="Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )
    polling.person.say("hello")
    await polling.acknowledged()
    assert "Another process polls with the same BOT_TOKEN" in caplog.text


async def test_a_second_poller_is_met_less_and_less_often_and_costs_no_update(
    polling: Polling, api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    async def other() -> None:
        """Another program with the same token, which polls again whenever it is thrown out."""
        while True:
            with contextlib.suppress(ApiError):
                await api.updates.poll(offset=0, limit=1, timeout=50)

    await until(lambda: api.updates.polling)
    task = asyncio.create_task(other())
    for _ in range(300):
        await until(lambda: polling.clock.sleepers)
        await polling.clock.advance(1)
    conflicts = [call.at for call in api.calls("getUpdates") if call.status == 409]
    lines = [record for record in caplog.records if "Another process polls" in record.message]
    assert 8 <= len(conflicts) <= 20
    assert len(lines) == len(conflicts)
    assert {record.levelname for record in lines} == {"ERROR"}
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    polling.person.say("hello")
    await polling.acknowledged()
    assert await polling.inbox.depth() == 1


async def test_a_revoked_token_ends_it_with_a_sentence_without_the_token(
    polling: Polling, api: BotApi
) -> None:
    await until(lambda: api.updates.polling)
    api.faults.add(status=401, description="Unauthorized", times=None)
    polling.person.say("hello")
    with pytest.raises(TokenRefused, match="Telegram refuses BOT_TOKEN") as refused:
        await polling.task
    assert TOKEN not in str(refused.value)


async def test_ids_chosen_anew_below_the_old_ones_are_not_acknowledged_unseen(
    polling: Polling, api: BotApi
) -> None:
    polling.person.say("before the idle week")
    await polling.acknowledged()
    api.restart_update_ids(1_000)
    polling.person.say("after it")
    await polling.arrived(2)


async def test_its_silence_is_measured(polling: Polling, api: BotApi) -> None:
    polling.person.say("hello")
    await polling.acknowledged()
    await polling.clock.advance(90)
    assert polling.poller.silence() == pytest.approx(90)


async def test_before_the_first_answer_its_silence_began_with_the_start(
    inbox: InboxStore, tmp_path: Path
) -> None:
    clock = FakeClock()
    application = build_application(Settings(token=TOKEN, data_dir=tmp_path))
    intake = Intake(inbox, clock=clock, metrics=Metrics(), overtaking_prefixes=(), arrived=lambda: None)
    poller = Poller(application.bot, intake, clock)
    await clock.advance(5)
    assert poller.silence() == 5
