"""What can be made to go wrong while people use the bot."""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from emulators.botapi import BotApi
from emulators.botapi import Fault as TelegramFault
from emulators.onefichier import API, Fault, FaultKind, OneFichier
from emulators.serving import SwitchedServer

LONGEST_SECONDS: Final = 600.0
SLOWEST: Final = 10_000
"""Bytes a second; slower, and the bot takes the connection for dead."""

_REFUSED_BY_TELEGRAM: Final = (
    "sendMessage",
    "sendDocument",
    "editMessageText",
    "editMessageReplyMarkup",
    "deleteMessage",
    "setMessageReaction",
)


class WeatherChange(BaseModel):
    """What shall be different; what is not named stays. 0 seconds end a flood or rest at once."""

    model_config = ConfigDict(extra="forbid")

    bytes_per_second: int | None = Field(default=None, ge=SLOWEST)
    flood_seconds: float = Field(default=0, ge=0, le=LONGEST_SECONDS)
    rest_seconds: float = Field(default=0, ge=0, le=LONGEST_SECONDS)
    down: bool = False
    reports_held: bool = False


class Weather:
    """The switches, and how they stand."""

    def __init__(self, api: BotApi, onefichier: OneFichier, server: SwitchedServer) -> None:
        self._api = api
        self._onefichier = onefichier
        self._server = server
        self._flood: Fault | None = None
        self._rests: list[TelegramFault] = []

    @property
    def url(self) -> str:
        """Where 1fichier is, or was before it went down."""
        return self._server.url

    @property
    def bytes_per_second(self) -> float | None:
        """How fast 1fichier takes uploads; None is as fast as it can."""
        return self._onefichier.uploads.bytes_per_second

    @property
    def down(self) -> bool:
        """Whether nobody reaches 1fichier."""
        return not self._server.is_up

    @property
    def reports_held(self) -> bool:
        return self._onefichier.uploads.holding

    @property
    def flood_until(self) -> float | None:
        """Until when 1fichier's API answers with a flood (Unix seconds)."""
        return self._still(self._flood.until if self._flood is not None else None)

    @property
    def rest_until(self) -> float | None:
        """Until when Telegram answers 429 to whatever changes a chat (Unix seconds)."""
        return self._still(self._rests[0].until if self._rests else None)

    async def change(self, change: WeatherChange) -> None:
        named = change.model_fields_set
        if "bytes_per_second" in named:
            self._onefichier.uploads.bytes_per_second = change.bytes_per_second
            self._onefichier.downloads.bytes_per_second = change.bytes_per_second
        if "flood_seconds" in named:
            self._flood_for(change.flood_seconds)
        if "rest_seconds" in named:
            self._rest_for(change.rest_seconds)
        if "reports_held" in named:
            uploads = self._onefichier.uploads
            (uploads.hold_reports if change.reports_held else uploads.release_reports)()
        if "down" in named:
            await (self._server.down() if change.down else self._server.up())
        self._api.changes.announce()

    def _flood_for(self, seconds: float) -> None:
        if self._flood is not None:
            self._onefichier.faults.withdraw(self._flood)
            self._flood = None
        if seconds:
            until = self._onefichier.now() + seconds
            self._flood = self._onefichier.faults.add(API, FaultKind.FLOOD, until=until)

    def _rest_for(self, seconds: float) -> None:
        for rest in self._rests:
            self._api.faults.withdraw(rest)
        self._rests = []
        if seconds:
            until = self._api.clock() + seconds
            self._rests = [
                self._api.faults.add(method=method, status=429, times=None, until=until)
                for method in _REFUSED_BY_TELEGRAM
            ]

    def _still(self, until: float | None) -> float | None:
        return until if until is not None and until > self._api.clock() else None
