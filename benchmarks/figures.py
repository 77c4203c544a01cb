"""What is measured and how good it has to be; what was found."""

import math
import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Sense(StrEnum):
    AT_LEAST = "≥"
    AT_MOST = "≤"


class Verdict(StrEnum):
    MET = "met"
    MISSED = "missed"


@dataclass(frozen=True)
class Figure:
    """One number with what it must be and what it should be. `name` is what it is called in `Findings.values`."""

    name: str
    what: str
    sense: Sense
    must: float
    aim: float | None = None
    unit: str = ""

    def verdict(self, value: float, bound: float) -> Verdict:
        good = value >= bound if self.sense is Sense.AT_LEAST else value <= bound
        return Verdict.MET if good else Verdict.MISSED

    def bound(self, value: float) -> str:
        return f"{self.sense} {self.shown(value)}"

    def shown(self, value: float) -> str:
        return f"{readable(value)} {self.unit}".rstrip()


@dataclass(frozen=True)
class Table:
    """Cells that are numbers are rounded when they are shown."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | float]]


@dataclass(frozen=True)
class Chart:
    """Horizontal bars. `marks` are values to compare with: a name and where it stands."""

    name: str
    title: str
    unit: str
    bars: Sequence[tuple[str, float]]
    marks: Sequence[tuple[str, float]] = ()


@dataclass
class Findings:
    """`problem` says why a figure is not among the values."""

    values: dict[str, float] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    problem: str = ""


class NotMeasured(Exception):
    """Why a measurement cannot be made here, such as a program that is not installed."""


@dataclass(frozen=True)
class Run:
    """One run of the benchmarks. `scratch` is an empty folder on disk; `short`: only see that everything can be measured."""

    scratch: Path
    short: bool

    def folder(self, name: str) -> Path:
        path = self.scratch / name
        path.mkdir()
        return path


@dataclass(frozen=True)
class Measurement:
    """What is measured together. `measure` may raise `NotMeasured`."""

    name: str
    explanation: str
    figures: tuple[Figure, ...]
    measure: Callable[[Run], Awaitable[Findings]]


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of all do not exceed."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("a percentile of nothing")
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def medians(rounds: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {way: statistics.median(values) for way, values in rounds.items()}


def readable(value: float) -> str:
    """Three digits that mean something, without an exponent."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
