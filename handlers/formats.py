"""Numbers, sizes, durations and times as a language writes them."""

import math
from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers

from handlers.names import shown_name

# 1fichier's days, limits and statistics follow French time.
PARIS: Final = ZoneInfo("Europe/Paris")
UTC: Final = ZoneInfo("UTC")
# What a language's readers most likely have on their clocks, until they say otherwise.
_ZONE_OF: Final = {"fr": PARIS}
BAR_CELLS: Final = 10

# English as written here puts the day before the month, which the bare "en" (as in the United States) does not.
_LOCALE_OF_DATES: Final = {"en": Locale("en", "GB")}
# Decimal, as 1fichier counts them.
_KILO: Final = 1_000
_MEBI: Final = 1_048_576
# What people can send; a Bot API server of one's own hands all of it on.
_LOCAL_SERVER_LIMIT: Final = 2_000_000_000
_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
# From here on a speed or a size needs no decimal while it changes under the reader's eyes.
_TWO_DIGITS: Final = 10


class Formats(ABC):
    """How one language writes values. Results are plain text: names in them are not escaped."""

    def __init__(self, locale: Locale, zone: ZoneInfo | None = None) -> None:
        self.locale = locale
        self.zone = zone or _ZONE_OF.get(locale.language, UTC)
        self._dates = _LOCALE_OF_DATES.get(str(locale), locale)

    @cached_property
    def _zone_name(self) -> str:
        # Only once it is wanted: with it comes everything that is known of the language, which is 5 MB.
        return self.zone_name(self.zone)

    @abstractmethod
    def plain(self, message: str, /, **values: object) -> str:
        """The message in this language, filled."""

    @abstractmethod
    def count(self, singular: str, plural: str, count: int, /) -> str:
        """The form that goes with `count`, filled with it."""

    def number(self, value: float) -> str:
        """With one decimal at most."""
        return numbers.format_decimal(value, format="#,##0.#", locale=self.locale)

    def size(self, size: float) -> str:
        """Bytes in the unit that leaves one to three digits: `1.4 GB`."""
        if size < _KILO:
            return self.count("{count} byte", "{count} bytes", round(size))
        value, unit = self._scaled(size)
        return unit.format(number=self.number(value))

    def largest_file(self, limit: int | None) -> str:
        """What Telegram hands to this bot, in Telegram's words: `20 MB` are 20 MiB; None is a server of one's own."""
        return self.size(_LOCAL_SERVER_LIMIT if limit is None else limit // _MEBI * _KILO**2)

    def speed(self, per_second: float) -> str:
        """Bytes per second, without decimals from two digits on: `38 MB/s`."""
        value, unit = self._scaled(per_second)
        calm = round(value) if value >= _TWO_DIGITS else value
        return self.plain("{size}/s", size=unit.format(number=self.number(calm)))

    def percent(self, part: float, whole: float) -> str:
        """Rounded down, so that 100% means all of it."""
        return numbers.format_percent(_steps(part, whole, 100) / 100, locale=self.locale)

    @staticmethod
    def bar(part: float, whole: float) -> str:
        full = _steps(part, whole, BAR_CELLS)
        return "▓" * full + "░" * (BAR_CELLS - full)

    def duration(self, seconds: float) -> str:
        """As roughly as one would say it: `20 s`, `5 min`, `2 h`, `3 days`."""
        if seconds < _MINUTE:
            return self.plain("{seconds} s", seconds=max(1, math.ceil(seconds)))
        if seconds < _HOUR:
            return self.plain("{minutes} min", minutes=math.ceil(seconds / _MINUTE))
        if seconds < _DAY:
            return self.plain("{hours} h", hours=math.ceil(seconds / _HOUR))
        return self.count("{count} day", "{count} days", math.ceil(seconds / _DAY))

    def day(self, moment: datetime, now: datetime) -> str:
        """The date in brief, with the year where it is another one: `22 Nov`."""
        local = moment.astimezone(self.zone)
        skeleton = "MMMd" if local.year == now.astimezone(self.zone).year else "yMMMd"
        return dates.format_skeleton(skeleton, local, tzinfo=self.zone, locale=self._dates)

    def date(self, moment: datetime) -> str:
        """In full: `22 November 2026`."""
        return dates.format_date(moment.astimezone(self.zone), format="long", locale=self._dates)

    def time(self, moment: datetime, now: datetime | None = None) -> str:
        """`14:35 (UTC)`, whichever the zone; with `now`, the day stands before it unless it is the same, and what is to come is rounded up."""
        local = moment.astimezone(self.zone)
        if now is not None and moment > now and (local.second or local.microsecond):
            local = local.replace(second=0, microsecond=0) + timedelta(minutes=1)
        clock = local.strftime("%H:%M")
        if now is not None and local.date() != now.astimezone(self.zone).date():
            return self.plain(
                "{day}, {clock} ({zone})", day=self.day(moment, now), clock=clock, zone=self._zone_name
            )
        return self.plain("{clock} ({zone})", clock=clock, zone=self._zone_name)

    def date_and_time(self, moment: datetime) -> str:
        """`22 November 2026, 18:22 (UTC)`."""
        return self.plain("{date}, {time}", date=self.date(moment), time=self.time(moment))

    def zone_name(self, zone: ZoneInfo) -> str:
        """A zone by the city that it has its name from: `Paris`."""
        if zone.key == UTC.key:
            return UTC.key
        return dates.get_timezone_location(zone, locale=self.locale, return_city=True)

    def name(self, name: str) -> str:
        """A file's or folder's name as one line can hold it."""
        return shown_name(name)

    def folder(self, name: str) -> str:
        """A folder's name or path; the root has none of its own."""
        return self.name(name) if name else self.plain("Main folder")

    def path(self, path: str | None) -> str:
        """The way to a folder: `Main folder › Films › 2026`, or `… › 2026` where its beginning is not known."""
        names = path.split("/") if path else []
        root = [] if names[:1] == ["…"] else [self.plain("Main folder")]
        return self.name(" › ".join([*root, *names]))

    def _scaled(self, size: float) -> tuple[float, str]:
        number = "{number}"
        units = (
            self.plain("{number} kB", number=number),
            self.plain("{number} MB", number=number),
            self.plain("{number} GB", number=number),
            self.plain("{number} TB", number=number),
        )
        value, power = size / _KILO, 0
        # Rounded first: 999,960 bytes are 1 MB, not 1,000 kB.
        while round(value, 1) >= _KILO and power < len(units) - 1:
            value, power = value / _KILO, power + 1
        return value, units[power]


def _steps(part: float, whole: float, steps: int) -> int:
    """How many of `steps` equal steps towards the whole are behind us, whatever the two numbers are."""
    return min(max(math.floor(steps * part / whole), 0), steps) if whole > 0 else 0
