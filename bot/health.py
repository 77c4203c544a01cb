"""`python -m bot health`: is the bot with these settings running and well, for supervisors."""

from typing import Final

import httpx

from bot.console import say
from bot.errors import BotError
from bot.settings import Settings
from storage import is_held, seconds_since_life

ANSWER_SECONDS: Final = 5.0
# The bot leaves a sign of life every few seconds; a disk that is busy with something else may delay it.
STUCK_SECONDS: Final = 120.0
# A web endpoint that listens on every address is asked on this one.
_EVERY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared with, not listened on


def run(settings: Settings) -> None:
    """Say how it is.

    Raises:
        BotError: it does not run, or is not well.
    """
    if not is_held(settings.data_dir):
        raise BotError(f"No running bot holds {settings.data_dir}.")
    if settings.listen is None:
        silent = seconds_since_life(settings.data_dir)
        if silent > STUCK_SECONDS:
            raise BotError(f"The running bot is stuck: no sign of life for {silent:.0f} s.")
        say(f"Running; last sign of life {silent:.0f} s ago.")
        return
    host, port = settings.listen
    url = httpx.URL(scheme="http", host=_EVERY_ADDRESS.get(host, host), port=port, path="/healthz")
    try:
        # The endpoint is on this machine: no proxy leads there.
        answer = httpx.get(url, timeout=ANSWER_SECONDS, trust_env=False)
    except httpx.HTTPError as error:
        raise BotError(f"{url} does not answer ({type(error).__name__}).") from error
    if answer.status_code != httpx.codes.OK:
        raise BotError(answer.text)
    say(answer.text)
