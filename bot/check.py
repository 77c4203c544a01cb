"""`python -m bot check`: does what is set work, line by line."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx
from telegram.error import TelegramError

from bot.alerts import least_beside_database
from bot.connection import build_application, initialized
from bot.console import say, size
from bot.errors import BotError
from bot.logs import Redactor
from bot.settings import TELEGRAM_API_URL, Settings, unknown_variables
from bot.store import secret_keys
from onefichier import SystemClock
from storage import Inspection, StorageError, Vault, inspect, is_held

ANSWER_SECONDS: Final = 10.0
# Rights of a group or of everybody.
_OTHERS: Final = 0o077


@dataclass(frozen=True)
class Finding:
    """`level`: ok, note (works, but look), or wrong; the text says what to do."""

    level: str
    text: str


def run(settings: Settings) -> bool:
    """Try one thing after another and print of each what was found; False when one of them is wrong."""
    return asyncio.run(_check(settings))


async def _check(settings: Settings) -> bool:
    redact = Redactor(settings.secrets())
    well = True
    for examine in (_settings, _access, _data, _keys, _telegram, _onefichier, _files):
        try:
            async for finding in examine(settings):
                well &= finding.level != "wrong"
                say(f"{finding.level:<5} {redact(finding.text)}")
        except (BotError, StorageError) as error:
            well = False
            say(f"wrong {examine.__name__.strip('_')}: {redact(str(error))}")
    return well


async def _settings(_: Settings) -> AsyncIterator[Finding]:
    yield Finding("ok", "settings: complete")
    for name in unknown_variables():
        yield Finding("note", f"settings: {name} is no setting of this bot: is it misspelt?")


async def _access(settings: Settings) -> AsyncIterator[Finding]:
    if settings.is_open:
        yield Finding(
            "note",
            "access: everyone who finds the bot may use it; BOT_ALLOWED_USERS or BOT_ACCESS=private limits that",
        )
    else:
        yield Finding(
            "ok", f"access: private, {len(settings.allowed_users | settings.admins)} people by setting"
        )
    if not settings.admins:
        yield Finding(
            "note", "access: BOT_ADMINS names nobody; unless somebody has claimed it, the log shows how"
        )


async def _data(settings: Settings) -> AsyncIterator[Finding]:
    directory, database = settings.data_dir, settings.database_path
    if not directory.exists():
        _demand(
            _can_be_made(directory), f"{directory} cannot be made by this user. Make it, or set BOT_DATA_DIR."
        )
        yield Finding("ok", f"data: {directory} will be made at the first start")
        return
    _demand(
        directory.is_dir() and os.access(directory, os.R_OK | os.W_OK | os.X_OK),
        f"{directory} is no directory that this user can write. Give it to the bot's user, or set BOT_DATA_DIR.",
    )
    in_use = ", in use by the running bot" if is_held(directory) else ""
    if database.exists():
        found = inspect(database)
        yield Finding(
            "ok", f"data: {database} is whole, version {found.version}, {found.people} people{in_use}"
        )
    else:
        yield Finding("ok", f"data: {database} will be made at the first start")
    # What SQLite puts beside its file has the rights of that file.
    for path in [directory, *([database] if database.exists() else [])]:
        if path.stat().st_mode & _OTHERS:
            yield Finding(
                "wrong", f"data: {path} is open to other users: chmod {'700' if path.is_dir() else '600'}"
            )
    free, least = shutil.disk_usage(directory).free, least_beside_database(settings)
    _demand(free >= least, f"the disk of {directory} has {size(free)} free, and {size(least)} should be.")
    yield Finding("ok", f"data: {size(free)} free on the disk of {directory}")


async def _keys(settings: Settings) -> AsyncIterator[Finding]:
    found = _inspected(settings)
    if settings.key_file is not None and not settings.key_file.exists() and found is None:
        yield Finding("ok", f"keys: {settings.key_file} will be made at the first start")
        return
    vault = Vault(secret_keys(settings))
    _demand(
        found is None or found.proof is None or vault.fits(found.proof),
        "none of the secret keys opens the database. Put back those that belong to it.",
    )
    yield Finding("ok", f"keys: {vault.keys} in use{', and they open the database' if found else ''}")
    if settings.key_file is None:
        return
    if settings.key_file.stat().st_mode & _OTHERS:
        yield Finding("wrong", f"keys: {settings.key_file} is open to other users: chmod 600")
    if settings.key_file.parent.resolve() == settings.data_dir.resolve():
        yield Finding(
            "note",
            "keys: they lie beside the database, so who copies the directory can open it;"
            " move the file and name it in BOT_SECRET_KEYS_FILE",
        )


async def _telegram(settings: Settings) -> AsyncIterator[Finding]:
    application = build_application(settings)
    async with initialized(application, settings, SystemClock(), patient=False):
        yield Finding("ok", f"telegram: the bot is @{application.bot.username}")
        if settings.webhook_url is None:
            return
        try:
            info = await application.bot.get_webhook_info()
        except TelegramError as error:
            raise BotError(f"the state of the webhook cannot be read ({type(error).__name__}).") from error
        if info.url != settings.webhook_url:
            yield Finding("ok", "telegram: the webhook will be set at the start")
        elif info.last_error_message:
            yield Finding(
                "note",
                f"telegram: the last delivery to {info.url} failed: {info.last_error_message};"
                f" {info.pending_update_count} updates wait",
            )
        else:
            yield Finding("ok", f"telegram: delivers to {info.url}")


async def _onefichier(settings: Settings) -> AsyncIterator[Finding]:
    # Its front door: the API itself counts calls, and one without a key is an error.
    parts = urlsplit(settings.onefichier_api_url)
    await _answers(f"{parts.scheme}://{parts.netloc}/", "1fichier", "BOT_ONEFICHIER_API_URL")
    yield Finding("ok", f"1fichier: {parts.netloc} answers")


async def _files(settings: Settings) -> AsyncIterator[Finding]:
    directory, own_server = settings.telegram_files_dir, settings.telegram_api_url != TELEGRAM_API_URL
    if directory is None:
        hint = "; set BOT_TELEGRAM_FILES_DIR if your server runs in local mode" if own_server else ""
        yield Finding(
            "note" if own_server else "ok",
            f"files: up to 20 MB, as {settings.telegram_api_url} hands them out{hint}",
        )
        return
    _demand(
        own_server,
        "BOT_TELEGRAM_FILES_DIR is set, and BOT_TELEGRAM_API_URL still names Telegram's own server: set that, too.",
    )
    _demand(
        directory.is_dir() and os.access(directory, os.R_OK | os.X_OK),
        f"{directory} (BOT_TELEGRAM_FILES_DIR) is no directory that this user can read."
        " Run server and bot as the same user, and give both the directory at the same path.",
    )
    own = directory / settings.token.get_secret_value()
    if not own.exists():
        yield Finding(
            "note",
            f"files: {directory} has nothing of this bot yet: the server makes it when it is first used",
        )
    else:
        rights = os.R_OK | os.X_OK | (os.W_OK if settings.telegram_files_delete else 0)
        _demand(
            os.access(own, rights),
            f"the bot's own directory in {directory} cannot be read and written by this user."
            " Run server and bot as the same user.",
        )
    free = shutil.disk_usage(directory).free
    _demand(
        free >= settings.telegram_files_min_free_bytes,
        f"the disk of {directory} has {size(free)} free, and BOT_TELEGRAM_FILES_MIN_FREE_BYTES keeps"
        f" {size(settings.telegram_files_min_free_bytes)}: nothing would be fetched.",
    )
    yield Finding("ok", f"files: up to 2 GB, from {directory}, {size(free)} free")


async def _answers(url: str, who: str, setting: str) -> None:
    try:
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS, follow_redirects=False) as http:
            await http.head(url)
    except httpx.HTTPError as error:
        raise BotError(
            f"{who} does not answer at {url} ({type(error).__name__}). Look at the network, and at {setting}."
        ) from error


def _inspected(settings: Settings) -> Inspection | None:
    """None before the first start, and where the line about the database says what is wrong with it."""
    try:
        return inspect(settings.database_path)
    except StorageError:
        return None


def _can_be_made(directory: Path) -> bool:
    parent = next(each for each in directory.absolute().parents if each.exists())
    return parent.is_dir() and os.access(parent, os.W_OK | os.X_OK)


def _demand(holds: object, otherwise: str) -> None:
    if not holds:
        raise BotError(otherwise)
