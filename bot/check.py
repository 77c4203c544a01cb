"""`python -m bot check`: does what is set work, line by line."""

import os
from collections.abc import Callable

from bot.connection import build_application, initialized
from bot.errors import BotError
from bot.logs import Redactor
from bot.settings import Settings
from bot.store import open_local_state
from onefichier import SystemClock
from storage import AlreadyRunning, StorageError


async def check(settings: Settings, say: Callable[[str], None] = print) -> bool:
    """Try one thing after another and say of each what was found; False when one of them is not well."""
    say("ok    settings: complete")
    redact = Redactor(settings.secrets())
    well = True
    for examine in (_local_state, _files_directory, _telegram):
        try:
            say(f"ok    {await examine(settings)}")
        except (BotError, StorageError) as error:
            well = False
            say(f"wrong {redact(str(error))}")
    return well


async def _local_state(settings: Settings) -> str:
    try:
        async with open_local_state(settings):
            return f"data: {settings.database_path} opens with the secret keys"
    except AlreadyRunning:
        return f"data: {settings.data_dir} is in use by the running bot"


async def _files_directory(settings: Settings) -> str:
    directory = settings.telegram_files_dir
    if directory is None:
        return "files: up to 20 MB, as Telegram's own server hands them out"
    if not os.access(directory, os.R_OK | os.X_OK):
        raise BotError(
            f"files: {directory} (BOT_TELEGRAM_FILES_DIR) is no directory that this user can read."
        )
    return f"files: of any size, from {directory}"


async def _telegram(settings: Settings) -> str:
    application = build_application(settings)
    async with initialized(application, settings, SystemClock(), patient=False):
        return f"Telegram: the bot is @{application.bot.username}"
