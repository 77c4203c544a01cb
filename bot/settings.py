"""Settings from the environment and `.env`; every secret may also stand in a file named by `NAME_FILE`."""

import os
import re
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.errors import SettingsError
from transfers import Verify

PREFIX = "BOT_"
SECRETS = ("token", "secret_keys", "webhook_secret")
# Read from NAME_FILE here. The file of the secret keys is more than a way to give them: it is made, and written by a rotation.
READ_FROM_FILES = ("token", "webhook_secret")

TELEGRAM_API_URL = "https://api.telegram.org"

_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{30,}")
# What Telegram's setWebhook accepts.
_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_MAX_PORT = 65535


class Address(NamedTuple):
    """Where the web endpoint listens. Port 0 lets the system choose one."""

    host: str
    port: int


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    else:
        usable = usable and not (parts.query or parts.fragment or parts.username or parts.password)
    if not usable:
        raise ValueError("an address such as https://host or http://host:8081/path is expected")
    return value.rstrip("/")


def _words(value: object) -> object:
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _numbers(value: object) -> object:
    words = _words(value)
    if isinstance(words, list) and not all(str(word).isascii() and str(word).isdigit() for word in words):
        raise ValueError("a comma list of Telegram ids (numbers) is expected")
    return words


def _address(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    host, colon, port = value.strip().rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) <= _MAX_PORT):
        raise ValueError("host:port is expected, for instance 127.0.0.1:8080")
    return Address(host.removeprefix("[").removesuffix("]"), int(port))


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


Url = Annotated[str, AfterValidator(_url)]
Ids = Annotated[frozenset[int], NoDecode, BeforeValidator(_numbers)]
Keys = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_words)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(gt=0)]


class Settings(BaseSettings):
    """Each field is the variable `BOT_` + its name in capitals. An empty value counts as unset."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file_encoding="utf-8",
        # The same .env serves a compose file with variables of its own.
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    # For these an empty value says something.
    _may_be_empty: ClassVar[frozenset[str]] = frozenset({"listen"})

    token: SecretStr
    data_dir: Path = Path("data")
    # Empty: the key file in the data directory, made at first start.
    secret_keys: Keys = ()
    secret_keys_file: Path | None = None
    telegram_api_url: Url = TELEGRAM_API_URL
    telegram_files_dir: Path | None = None
    telegram_files_delete: bool = True
    telegram_files_min_free_bytes: Annotated[int, Field(ge=0)] = 5_000_000_000
    onefichier_api_url: Url = "https://api.1fichier.com/v1"
    access: Literal["auto", "open", "private"] = "auto"
    allowed_users: Ids = frozenset()
    admins: Ids = frozenset()
    max_transfers: Count = 8
    max_transfers_per_user: Count = 2
    # None: no limit.
    max_bytes_per_user_day: Count | None = None
    max_remotes_per_user_day: Count | None = None
    onefichier_min_interval_seconds: Seconds = 1.5
    onefichier_address_interval_seconds: Seconds = 0.5
    onefichier_list_seconds: Seconds = 30
    onefichier_account_seconds: Seconds = 300
    onefichier_account_address_seconds: Seconds = 60
    flood_pause_seconds: Seconds = 300
    lock_pause_seconds: Seconds = 3600
    remote_poll_seconds: Seconds = 45
    settle_seconds: Seconds = 600
    progress_seconds: Seconds = 3
    stall_seconds: Seconds = 60
    verify: Verify = Verify.AUTO
    history_days: Count = 90
    webhook_url: Url | None = None
    webhook_secret: SecretStr | None = None
    webhook_delete: bool = False
    # None: no web endpoint.
    listen: Annotated[Address | None, NoDecode, BeforeValidator(_address)] = Address("127.0.0.1", 8080)
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)
    ] = "INFO"
    log_format: Literal["text", "json"] = "text"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # pydantic-settings passes it by name
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment, then `.env`; in each, a secret itself or the file that holds it."""
        return (
            init_settings,
            env_settings,
            _SecretFiles(settings_cls, env_settings),
            dotenv_settings,
            _SecretFiles(settings_cls, dotenv_settings),
        )

    @model_validator(mode="before")
    @classmethod
    def _empty_is_unset(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value
            for name, value in values.items()
            if name in cls._may_be_empty or not (isinstance(value, str) and not value.strip())
        }

    @field_validator("token")
    @classmethod
    def _token_has_the_right_form(cls, token: SecretStr) -> SecretStr:
        if not _TOKEN.fullmatch(token.get_secret_value()):
            raise ValueError(
                "a token from @BotFather looks like 123456789:AAF0..., digits, a colon and at least 30 characters"
            )
        return token

    @field_validator("webhook_secret")
    @classmethod
    def _webhook_secret_has_the_right_form(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and not _WEBHOOK_SECRET.fullmatch(secret.get_secret_value()):
            raise ValueError("1 to 256 letters, digits, _ and - are expected")
        return secret

    @field_validator("webhook_url")
    @classmethod
    def _webhook_can_be_set(cls, url: str | None, info: ValidationInfo) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme != "https" and info.data.get("telegram_api_url") == TELEGRAM_API_URL:
            raise ValueError("Telegram delivers to https addresses only")
        if parts.path in {"", "/healthz", "/metrics"}:
            raise ValueError("a path of its own is needed, for instance https://host/telegram")
        return url

    @model_validator(mode="after")
    def _keys_are_in_one_place(self) -> Self:
        if self.secret_keys and self.secret_keys_file is not None:
            raise ValueError(
                f"{PREFIX}SECRET_KEYS and {PREFIX}SECRET_KEYS_FILE are both set: keep one of them."
            )
        return self

    @model_validator(mode="after")
    def _webhook_is_whole(self) -> Self:
        if self.webhook_url is not None and self.webhook_secret is None:
            raise ValueError(f"{PREFIX}WEBHOOK_SECRET is needed beside {PREFIX}WEBHOOK_URL.")
        if self.webhook_url is not None and self.listen is None:
            raise ValueError(f"{PREFIX}LISTEN must not be empty while {PREFIX}WEBHOOK_URL is set.")
        return self

    @property
    def is_local_api(self) -> bool:
        """Whether a self-hosted Bot API server is used whose files stand on a shared disk."""
        return self.telegram_files_dir is not None

    @property
    def is_open(self) -> bool:
        """Whether everyone who finds the bot may use it."""
        return self.access == "open" or (self.access == "auto" and not self.allowed_users)

    @property
    def database_path(self) -> Path:
        return self.data_dir / "bot.db"

    @property
    def key_file(self) -> Path | None:
        """The file that the secret keys stand in; None when they are a setting themselves."""
        if self.secret_keys_file is not None:
            return self.secret_keys_file
        return None if self.secret_keys else self.data_dir / "secret.keys"

    def secrets(self) -> list[str]:
        """The secret values in clear: what a log must not show."""
        values = [self.token, *self.secret_keys, *([self.webhook_secret] if self.webhook_secret else [])]
        return [value.get_secret_value() for value in values]


class _SecretFiles(PydanticBaseSettingsSource):
    """The secrets that a source names by `NAME_FILE`."""

    def __init__(self, settings_cls: type[BaseSettings], named_in: PydanticBaseSettingsSource) -> None:
        super().__init__(settings_cls)
        self._named_in = named_in

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        del field
        if not isinstance(self._named_in, EnvSettingsSource):
            return None, field_name, False
        variables = self._named_in.env_vars
        name = f"{PREFIX}{field_name}".upper()
        path = variables.get(f"{name}_FILE".lower())
        if not path:
            return None, field_name, False
        if variables.get(name.lower()):
            raise SettingsError(f"{name} and {name}_FILE are both set: keep one of them.")
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise SettingsError(f"{name}_FILE names a file that cannot be read: {reason}.") from None

    def __call__(self) -> dict[str, Any]:
        found = {}
        for name in READ_FROM_FILES:
            value, _, _ = self.get_field_value(self.settings_cls.model_fields[name], name)
            if value is not None:
                found[name] = value
        return found


def load_settings(env_file: Path = Path(".env")) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: one is missing or wrong; one sentence that names it and never shows a secret.
    """
    try:
        return Settings(_env_file=env_file)
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"The file {env_file} cannot be read: {reason}.") from None


def unknown_variables(env_file: Path = Path(".env")) -> list[str]:
    """Names that begin like a setting and are none: most likely misspelt."""
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    known |= {f"{PREFIX}{name}_FILE".upper() for name in SECRETS}
    set_names = {*os.environ, *DotEnvSettingsSource(Settings, env_file=env_file).env_vars}
    found = {name.upper() for name in set_names if name.upper().startswith(PREFIX)}
    return sorted(found - known)


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return message
    name = f"{PREFIX}{first['loc'][0]}".upper()
    if first["type"] == "missing":
        hint = (
            " Put the token that @BotFather gave you into the environment or into .env."
            if name == "BOT_TOKEN"
            else ""
        )
        return f"{name} is missing.{hint}"
    return f"{name} is wrong: {message.replace('Input should', 'it should', 1)}."
