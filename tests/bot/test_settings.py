from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import Settings, load_settings, unknown_variables

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawM"
NO_FILE = Path("/nonexistent/.env")


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_settings(NO_FILE)


def refusal(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load(monkeypatch, **variables)
    return str(refused.value)


def test_a_token_is_enough() -> None:
    settings = load_settings(NO_FILE)
    assert settings.token.get_secret_value() == TOKEN
    assert settings.telegram_api_url == "https://api.telegram.org"
    assert settings.listen == ("127.0.0.1", 8080)
    assert settings.allowed_users == frozenset()
    assert settings.database_path == Path("data/bot.db")
    assert settings.key_file == Path("data/secret.keys")


def test_a_missing_token_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOT_TOKEN")
    assert refusal(monkeypatch) == (
        "BOT_TOKEN is missing. Put the token that @BotFather gave you into the environment or into .env."
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("BOT_TOKEN", "planted-secret", "looks like"),
        ("BOT_TOKEN", "123456789:planted-secret", "looks like"),
        ("BOT_TELEGRAM_API_URL", "planted-secret", "https://host"),
        ("BOT_TELEGRAM_API_URL", "https://me:planted-secret@host", "https://host"),
        ("BOT_TELEGRAM_API_URL", "https://host:port", "https://host"),
        ("BOT_ONEFICHIER_API_URL", "ftp://host", "https://host"),
        ("BOT_ALLOWED_USERS", "1,@planted-secret", "comma list of Telegram ids"),
        ("BOT_ADMINS", "1;2", "comma list of Telegram ids"),
        ("BOT_MAX_TRANSFERS", "0", "greater than 0"),
        ("BOT_MAX_TRANSFERS_PER_USER", "many", "valid integer"),
        ("BOT_STALL_SECONDS", "-1", "greater than 0"),
        ("BOT_PROGRESS_SECONDS", "nan", "finite number"),
        ("BOT_FLOOD_PAUSE_SECONDS", "inf", "finite number"),
        ("BOT_VERIFY", "sometimes", "'auto', 'always' or 'never'"),
        ("BOT_LISTEN", "8080", "host:port"),
        ("BOT_LISTEN", "localhost:80800", "host:port"),
        ("BOT_LOG_LEVEL", "loud", "'DEBUG'"),
        ("BOT_LOG_FORMAT", "xml", "'text' or 'json'"),
        ("BOT_TELEGRAM_FILES_DELETE", "perhaps", "boolean"),
        ("BOT_WEBHOOK_SECRET", "planted secret", "letters, digits"),
        ("BOT_WEBHOOK_URL", "http://host/hook", "https addresses only"),
        ("BOT_WEBHOOK_URL", "https://host", "path of its own"),
        ("BOT_WEBHOOK_URL", "https://host/metrics", "path of its own"),
    ],
)
def test_a_wrong_value_is_named_in_one_sentence_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    text = refusal(monkeypatch, **{name: value})
    assert text.startswith(f"{name} is wrong: ")
    assert said in text
    assert "planted" not in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        pytest.param(
            {"BOT_WEBHOOK_URL": "https://host/hook"}, "BOT_WEBHOOK_SECRET is needed", id="no secret"
        ),
        pytest.param(
            {"BOT_WEBHOOK_URL": "https://host/hook", "BOT_WEBHOOK_SECRET": "s3cret", "BOT_LISTEN": ""},
            "BOT_LISTEN must not be empty",
            id="nothing listens",
        ),
    ],
)
def test_a_webhook_needs_what_belongs_to_it(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    assert said in refusal(monkeypatch, **variables)


def test_a_webhook_of_a_local_server_may_be_plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch,
        BOT_TELEGRAM_API_URL="http://127.0.0.1:8081",
        BOT_WEBHOOK_URL="http://127.0.0.1:8080/hook",
        BOT_WEBHOOK_SECRET="s3cret",
    )
    assert settings.webhook_url == "http://127.0.0.1:8080/hook"


def test_values_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch,
        BOT_TELEGRAM_API_URL="http://[::1]:8081/",
        BOT_ALLOWED_USERS="1, 2,3",
        BOT_ADMINS="2",
        BOT_LISTEN="[::1]:9000",
        BOT_LOG_LEVEL="debug",
        BOT_TELEGRAM_FILES_DIR="/var/lib/telegram-bot-api",
        BOT_TELEGRAM_FILES_DELETE="false",
    )
    assert settings.telegram_api_url == "http://[::1]:8081"
    assert settings.allowed_users == {1, 2, 3}
    assert settings.admins == {2}
    assert settings.listen == ("::1", 9000)
    assert settings.log_level == "DEBUG"
    assert settings.is_local_api
    assert not settings.telegram_files_delete


def test_an_empty_value_counts_as_unset_but_for_the_web_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch,
        BOT_ALLOWED_USERS="",
        BOT_SETTLE_SECONDS=" ",
        BOT_WEBHOOK_URL="",
        BOT_TELEGRAM_FILES_DIR="",
        BOT_LISTEN="",
    )
    assert settings.allowed_users == frozenset()
    assert settings.settle_seconds == 600
    assert settings.webhook_url is None
    assert settings.telegram_files_dir is None
    assert settings.listen is None


def test_settings_stand_in_a_file_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(f"BOT_TOKEN={TOKEN}\nBOT_HISTORY_DAYS=7\nBOT_MAX_TRANSFERS=3\nTELEGRAM_API_ID=5\n")
    monkeypatch.delenv("BOT_TOKEN")
    monkeypatch.setenv("BOT_HISTORY_DAYS", "9")
    settings = load_settings(env_file)
    assert (settings.token.get_secret_value(), settings.history_days, settings.max_transfers) == (TOKEN, 9, 3)


def test_a_settings_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"\.env cannot be read: it is not UTF-8 text"):
        load_settings(env_file)


@pytest.mark.parametrize("named_in", ["environment", "file"])
def test_a_secret_may_stand_in_a_file_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named_in: str
) -> None:
    monkeypatch.delenv("BOT_TOKEN")
    secret = tmp_path / "token"
    secret.write_text(f"{TOKEN}\n")
    env_file = tmp_path / ".env"
    if named_in == "file":
        env_file.write_text(f"BOT_TOKEN_FILE={secret}\n")
    else:
        monkeypatch.setenv("BOT_TOKEN_FILE", str(secret))
    assert load_settings(env_file).token.get_secret_value() == TOKEN


def test_the_file_of_the_secret_keys_is_known_and_need_not_be_there_yet(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = load(monkeypatch, BOT_SECRET_KEYS_FILE=str(tmp_path / "keys"))
    assert settings.key_file == tmp_path / "keys"
    assert settings.secret_keys == ()


def test_without_a_setting_the_secret_keys_are_in_the_data_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, BOT_DATA_DIR="/d").key_file == Path("/d/secret.keys")
    assert load(monkeypatch, BOT_SECRET_KEYS="key").key_file is None


def test_secret_keys_and_their_file_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = refusal(monkeypatch, BOT_SECRET_KEYS="planted", BOT_SECRET_KEYS_FILE="/keys")
    assert text == "BOT_SECRET_KEYS and BOT_SECRET_KEYS_FILE are both set: keep one of them."


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["missing", "no text"])
def test_a_secret_file_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    assert refusal(monkeypatch, BOT_WEBHOOK_SECRET_FILE=str(path)).startswith(
        "BOT_WEBHOOK_SECRET_FILE names a file that cannot be read"
    )


def test_a_secret_and_its_file_at_once_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = refusal(monkeypatch, BOT_TOKEN_FILE=str(tmp_path / "token"))
    assert text == "BOT_TOKEN and BOT_TOKEN_FILE are both set: keep one of them."


def test_no_representation_shows_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch,
        BOT_SECRET_KEYS="planted-key-1,planted-key-2",
        BOT_WEBHOOK_URL="https://host/hook",
        BOT_WEBHOOK_SECRET="planted-secret",
    )
    assert "planted" not in repr(settings) + str(settings) + str(settings.model_dump())
    assert settings.secrets() == [TOKEN, "planted-key-1", "planted-key-2", "planted-secret"]


def test_settings_cannot_be_changed() -> None:
    settings = load_settings(NO_FILE)
    with pytest.raises(ValueError, match="frozen"):
        settings.history_days = 1  # type: ignore[misc]  # what must not be possible


def test_misspelt_names_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("BOT_ALOWED_USERS=1\nBOT_ADMINS=1\n")
    monkeypatch.setenv("BOT_TOKEN_FILE", "")
    monkeypatch.setenv("BOT_PORT", "1")
    assert unknown_variables(env_file) == ["BOT_ALOWED_USERS", "BOT_PORT"]


@pytest.mark.parametrize(
    ("variables", "is_open"),
    [
        pytest.param({}, True, id="nobody named"),
        pytest.param({"BOT_ALLOWED_USERS": "5"}, False, id="somebody named"),
        pytest.param({"BOT_ACCESS": "private"}, False, id="private"),
        pytest.param({"BOT_ACCESS": "open", "BOT_ALLOWED_USERS": "5"}, True, id="open all the same"),
    ],
)
def test_who_may_use_it_follows_from_the_settings(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], is_open: bool
) -> None:
    assert load(monkeypatch, **variables).is_open is is_open
