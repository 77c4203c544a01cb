from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from telegram.error import TelegramError

from bot.connection import TelegramRequest, build_application, initialized
from bot.errors import StartError
from bot.settings import Settings
from emulators.botapi import BotApi
from emulators.serving import serve
from tests.clock import FakeClock

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawM"


@pytest.fixture
def api() -> BotApi:
    return BotApi(token=TOKEN)


@pytest.fixture
async def settings(api: BotApi, tmp_path: Path) -> AsyncIterator[Settings]:
    async with serve(api.app) as url:
        yield Settings(token=TOKEN, data_dir=tmp_path, telegram_api_url=url)


async def test_the_bot_introduces_itself_as_often_as_it_takes(
    api: BotApi, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock(auto=True)
    api.faults.add(method="getMe", status=502, times=7)
    application = build_application(settings)
    async with initialized(application, settings, clock):
        assert application.bot.username == "onefichier_test_bot"
    assert clock.elapsed == 1 + 2 + 4 + 8 + 16 + 30 + 30
    assert TOKEN not in caplog.text


async def test_who_does_not_wait_is_told_at_once(api: BotApi, settings: Settings) -> None:
    api.faults.add(method="getMe", status=502)
    with pytest.raises(StartError, match="Telegram cannot be reached at http://127"):
        async with initialized(build_application(settings), settings, FakeClock(), patient=False):
            pass


async def test_a_wrong_token_is_refused_without_being_shown(settings: Settings) -> None:
    wrong = settings.model_copy(update={"token": Settings(token="1:" + "B" * 35).token})
    with pytest.raises(StartError, match="Telegram refuses BOT_TOKEN") as refused:
        async with initialized(build_application(wrong), wrong, FakeClock()):
            pass
    assert "BBBB" not in f"{refused.value!r} {refused.value.__cause__!r}"
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    "payload",
    [b"<html>planted</html>", b"[" * 100_000, b'"planted"', b"\xff"],
    ids=["page", "nested", "text", "bytes"],
)
def test_an_answer_that_is_no_object_is_an_error_and_not_quoted(
    payload: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(TelegramError) as refused:
        TelegramRequest.parse_json_payload(payload)
    assert "planted" not in str(refused.value) + caplog.text
