import io
import json
import logging
import sys
import warnings
from typing import Any, Literal

import httpx
import pydantic
import pytest
from telegram import Bot
from telegram.error import InvalidToken
from telegram.request import HTTPXRequest

from bot.logs import Redactor, TextFormatter, hide, set_up_logs, while_handling

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawM"
ONEFICHIER_KEY = "PlantedKeyOf32LettersAndDigits00"
SECRET = "planted/secret+value="

pytestmark = pytest.mark.usefixtures("restored_logging")


class Log:
    def __init__(self, form: Literal["text", "json"]) -> None:
        self.stream = io.StringIO()
        set_up_logs("DEBUG", form, [TOKEN, SECRET], self.stream)

    @property
    def text(self) -> str:
        return self.stream.getvalue()


@pytest.fixture(params=["text", "json"])
def log(request: pytest.FixtureRequest) -> Log:
    return Log(request.param)


def assert_clean(text: str) -> None:
    for planted in (TOKEN, TOKEN.replace(":", "%3A"), SECRET, "planted%2Fsecret", ONEFICHIER_KEY):
        assert planted not in text


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        (f"https://api.telegram.org/bot{TOKEN}/getMe", "https://api.telegram.org/bot<secret>/getMe"),
        ("bot987654321:BBHdqTcvCH1vGWJxfSeofSAs0K5PALDsawM/x", "bot<token>/x"),
        ("bot987654321%3ABBHdqTcvCH1vGWJxfSeofSAs0K5PALDsawM/x", "bot<token>/x"),
        (f"Authorization: Bearer {ONEFICHIER_KEY}", "Authorization: Bearer <key>"),
        (f"{{'authorization': 'Bearer {ONEFICHIER_KEY}'}}", "{'authorization': 'Bearer <key>'}"),
        (f"b'bearer {ONEFICHIER_KEY}'", "b'bearer <key>'"),
        ("?s=planted%2Fsecret%2Bvalue%3D&x=1", "?s=<secret>&x=1"),
        ("12:34:56 nothing to hide", "12:34:56 nothing to hide"),
        ("at https://1fichier.com/?k3x9w0a1b2c3d4e5f6g7", "at https://1fichier.com/?<link>"),
        ("https://1fichier.com/remove/k3x9w0a1b2/AbCde", "https://1fichier.com/remove/<link>"),
        (f"{{'key': '{ONEFICHIER_KEY}'}}", "{'key': '<code>'}"),
        ("gAAAAABlxyz0123456789ABCDEFGHIJKLMNOP==", "<code>"),
        (
            "tests.handlers.test_access.test_a_name_with_2_Numbers_and_more",
            "tests.handlers.test_access.test_a_name_with_2_Numbers_and_more",
        ),
        ("/opt/venv/lib/python3.13/site-packages/A1b", "/opt/venv/lib/python3.13/site-packages/A1b"),
    ],
)
def test_secrets_are_taken_out_and_the_rest_stays(text: str, redacted: str) -> None:
    assert Redactor([TOKEN, SECRET])(text) == redacted


def test_the_longer_of_two_secrets_goes_first_and_short_ones_blank_out_nothing() -> None:
    redact = Redactor(["secret-one", "secret-one-and-more", "a"])
    assert redact("a secret-one-and-more") == "a <secret>"


def test_messages_and_arguments_of_any_logger_are_redacted(log: Log) -> None:
    logging.getLogger("some.library").info("calling %s", f"https://host/bot{TOKEN}/x?{SECRET}")
    logging.getLogger().warning("Bearer %s", ONEFICHIER_KEY)
    assert "calling" in log.text
    assert_clean(log.text)


def test_an_httpx_traceback_is_redacted(log: Log) -> None:
    request = httpx.Request(
        "GET", f"https://host/bot{TOKEN}/x", headers={"Authorization": f"Bearer {ONEFICHIER_KEY}"}
    )
    try:
        httpx.Response(500, request=request).raise_for_status()
    except httpx.HTTPStatusError:
        logging.getLogger("test").exception("failed with %s", dict(request.headers))
    assert "HTTPStatusError" in log.text
    assert_clean(log.text)


def test_a_pydantic_traceback_is_redacted(log: Log) -> None:
    class Model(pydantic.BaseModel):
        number: int

    try:
        Model.model_validate({"number": f"{TOKEN} Bearer {ONEFICHIER_KEY}"})
    except pydantic.ValidationError:
        logging.getLogger("test").exception("failed")
    assert "ValidationError" in log.text
    assert_clean(log.text)


async def test_a_traceback_of_python_telegram_bot_is_redacted(log: Log) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        return httpx.Response(401, json={"ok": False, "error_code": 401, "description": "Unauthorized"})

    transport = {"transport": httpx.MockTransport(refuse)}
    bot = Bot(
        TOKEN,
        request=HTTPXRequest(httpx_kwargs=transport),
        get_updates_request=HTTPXRequest(httpx_kwargs=transport),
    )
    try:
        await bot.initialize()
    except InvalidToken:
        logging.getLogger("test").exception("failed for %r", bot)
    await bot.shutdown()
    assert "InvalidToken" in log.text
    assert_clean(log.text)


def test_a_formatter_that_comes_later_finds_a_redacted_traceback_on_the_record(log: Log) -> None:
    records: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    keep = Keep()
    logging.getLogger().addHandler(keep)
    try:
        raise LookupError(TOKEN)
    except LookupError:
        logging.getLogger("test").exception("failed")
    assert "LookupError" in log.text
    assert_clean(records[0].exc_text or "")


@pytest.mark.parametrize(
    "library", ["httpx", "httpcore.connection", "telegram.Bot", "telegram.ext.Application", "aiosqlite"]
)
def test_libraries_that_log_content_stay_quiet_at_debug(log: Log, library: str) -> None:
    logging.getLogger(library).debug("content of a person")
    assert log.text == ""


def test_httpx_logs_no_url_at_info(log: Log) -> None:
    logging.getLogger("httpx").info("HTTP Request: POST ...")
    assert log.text == ""


def test_each_json_line_is_an_object_with_the_exception(restored_logging: None) -> None:
    log = Log("json")
    logging.getLogger("test").info("two\nlines %s", "é")
    try:
        raise LookupError(SECRET)
    except LookupError:
        logging.getLogger("test").exception("failed", stack_info=True)
    entries: list[dict[str, Any]] = [json.loads(line) for line in log.text.splitlines()]
    assert [entry["message"] for entry in entries] == ["two\nlines é", "failed"]
    assert entries[0]["level"] == "INFO"
    assert entries[0]["logger"] == "test"
    assert entries[0]["time"].endswith("+00:00")
    assert "LookupError: <secret>" in entries[1]["exception"]
    assert "stack" in entries[1]


def test_what_is_logged_while_an_update_is_handled_says_so(restored_logging: None) -> None:
    text = Log("text")
    with while_handling(42):
        logging.getLogger("test").info("Transfer %d of batch %d is taken in", 7, 3)
    assert text.text.endswith("Transfer 7 of batch 3 is taken in (update 42)\n")
    json_log = Log("json")
    with while_handling(42):
        logging.getLogger("test").info("Transfer %d of batch %d is taken in", 7, 3)
    logging.getLogger("test").info("Remote upload %d at %.0f%% of batch %d, %s", 1, 50.0, 2, "x")
    logging.getLogger("test").info("%d values, and an account %s", 5, "unknown")
    entries = [json.loads(line) for line in json_log.text.splitlines()]
    assert [entry.get("ids") for entry in entries] == [
        {"update": 42, "transfer": 7, "batch": 3},
        {"remote_upload": 1, "batch": 2},
        None,
    ]


def test_every_handler_of_a_process_redacts(log: Log) -> None:
    loggers = [logging.getLogger(), *map(logging.getLogger, logging.Logger.manager.loggerDict)]
    # pytest's own stand beside ours.
    ours = [
        handler
        for logger in loggers
        for handler in logger.handlers
        if not type(handler).__module__.startswith("_pytest") and not isinstance(handler, logging.NullHandler)
    ]
    assert len(ours) == 1
    assert isinstance(ours[0].formatter, TextFormatter)


def test_a_secret_that_is_read_later_is_hidden_from_then_on(log: Log) -> None:
    hide("planted-later")
    logging.getLogger("test").warning("it is planted-later")
    assert "planted-later" not in log.text
    assert "it is <secret>" in log.text


def test_warnings_go_to_the_log(log: Log) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn(f"careful with {TOKEN}", stacklevel=1)
    assert "careful with" in log.text
    assert_clean(log.text)


def test_an_uncaught_error_goes_to_the_log(log: Log) -> None:
    sys.excepthook(LookupError, LookupError(TOKEN), None)
    assert "LookupError" in log.text
    assert_clean(log.text)


def test_an_interrupt_from_the_keyboard_is_no_error(log: Log) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert log.text == ""


def test_setting_up_again_replaces_the_first_set_up(log: Log) -> None:
    second = Log("text")
    logging.getLogger("test").info("once")
    assert "once" not in log.text
    assert second.text.count("once") == 1
