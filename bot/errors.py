"""What ends the process before its time.

BotError
├── SettingsError     a setting is missing or wrong
├── StartError        the process cannot start: an address in use, Telegram refuses the token
└── TokenRefused      Telegram refused the token while the bot was running
"""

REFUSED_BY_TELEGRAM = (
    "Telegram refuses BOT_TOKEN: it was revoked or mistyped. "
    "Ask @BotFather for the current one (/mybots, your bot, API Token)."
)


class BotError(Exception):
    """Root of the family. Messages are sentences for the operator and never hold a secret."""


class SettingsError(BotError): ...


class StartError(BotError): ...


class TokenRefused(BotError):
    def __init__(self) -> None:
        super().__init__(REFUSED_BY_TELEGRAM)
