"""`python -m bot move`: Telegram's own server lets go of the bot, so that a Bot API server of one's own can have it."""

from typing import Final

import httpx

from bot.console import say
from bot.errors import REFUSED_BY_TELEGRAM, BotError, StartError
from bot.settings import TELEGRAM_API_URL, Settings
from storage import is_held

ANSWER_SECONDS: Final = 20.0


def run(settings: Settings, leave: str = TELEGRAM_API_URL) -> None:
    """Log out of the server that is left.

    Raises:
        BotError: the bot is where it was.
    """
    own = settings.telegram_api_url
    if own == leave:
        raise StartError(
            f"BOT_TELEGRAM_API_URL still names {leave}. Set it to your own server, start that, and run this again."
        )
    if is_held(settings.data_dir):
        raise StartError("The bot is running. Stop it first: what is sent to it meanwhile, Telegram keeps.")
    with httpx.Client(timeout=ANSWER_SECONDS) as http:
        _prove_that_it_answers(http, own)
        _log_out(http, leave, settings.token.get_secret_value())
    say(f"{leave} has let go of the bot. Start it now: it works with {own}.")
    say("For ten minutes there is no way back: so long Telegram does not let it log in again where it left.")
    say(f"After that, set BOT_TELEGRAM_API_URL={leave} and run `python -m bot move --from {own}` to return.")


def _prove_that_it_answers(http: httpx.Client, own: str) -> None:
    """Nobody should be without any server for ten minutes."""
    try:
        http.get(f"{own}/")
    except httpx.HTTPError as error:
        raise BotError(
            f"Your own server does not answer at {own} ({type(error).__name__}). Start it first; nothing was changed."
        ) from error


def _log_out(http: httpx.Client, leave: str, token: str) -> None:
    try:
        answer = http.post(f"{leave}/bot{token}/logOut")
        said = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        # Its text would quote the address, and with it the token.
        raise BotError(f"{leave} gave no usable answer ({type(error).__name__}). Try again.") from None
    description = str(said.get("description", "")) if isinstance(said, dict) else ""
    if answer.is_success or "logged out" in description.lower():
        return
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        raise BotError(REFUSED_BY_TELEGRAM)
    raise BotError(f"{leave} does not let go of the bot: {description or answer.status_code}.")
