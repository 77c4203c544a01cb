"""Faults on demand, as data: what goes wrong, where, how often."""

import math
import random
from dataclasses import dataclass
from typing import Any, Literal

ANY_METHOD = "*"


@dataclass(eq=False)
class Fault:
    """What happens to the next calls of a method.

    With `status` the call is answered with that failure and has no effect; `delay` seconds pass first. With `drop` the
    connection is reset before or after the call has had its effect. A 429 without `retry_after` asks for the seconds
    that are left before `until`, or for one.
    `spare` calls are left alone before.
    """

    method: str = ANY_METHOD
    status: int | None = None
    description: str | None = None
    retry_after: int | None = None
    delay: float = 0
    drop: Literal["before", "after"] | None = None
    chat_id: int | None = None
    probability: float = 1
    times: int | None = 1
    until: float | None = None
    spare: int = 0
    hits: int = 0

    def rest(self, now: float) -> int:
        """The seconds that a 429 asks for."""
        if self.retry_after is None and self.until is not None:
            return max(1, math.ceil(self.until - now))
        return self.retry_after or 1

    def matches(self, method: str, parameters: dict[str, Any], now: float) -> bool:
        return (
            self.method.lower() in {ANY_METHOD, method.lower()}
            and (self.times is None or self.hits < self.times)
            and (self.until is None or now < self.until)
            and (self.chat_id is None or str(parameters.get("chat_id")) == str(self.chat_id))
        )


@dataclass(eq=False)
class DownloadFault:
    """What happens to the next downloads: cut or stalled after so many bytes, slow, or with a false length."""

    cut_after: int | None = None
    stall_after: int | None = None
    content_length: int | None = None
    bytes_per_second: float | None = None
    status: int | None = None
    file_id: str | None = None
    times: int | None = 1
    hits: int = 0

    def matches(self, file_id: str) -> bool:
        return (self.times is None or self.hits < self.times) and self.file_id in {None, file_id}


class Faults:
    """The faults that wait to happen. Chances are drawn from a seeded generator, so a test repeats."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)
        self.calls: list[Fault] = []
        self.downloads: list[DownloadFault] = []

    def add(
        self,
        *,
        method: str = ANY_METHOD,
        status: int | None = None,
        description: str | None = None,
        retry_after: int | None = None,
        delay: float = 0,
        drop: Literal["before", "after"] | None = None,
        chat_id: int | None = None,
        probability: float = 1,
        times: int | None = 1,
        until: float | None = None,
        spare: int = 0,
    ) -> Fault:
        """Let the next `times` calls fail (None: all, or all before the clock shows `until`), `spare` ones left out."""
        fault = Fault(
            method=method,
            status=status,
            description=description,
            retry_after=retry_after,
            delay=delay,
            drop=drop,
            chat_id=chat_id,
            probability=probability,
            times=times,
            until=until,
            spare=spare,
        )
        self.calls.append(fault)
        return fault

    def add_download(
        self,
        *,
        cut_after: int | None = None,
        stall_after: int | None = None,
        content_length: int | None = None,
        bytes_per_second: float | None = None,
        status: int | None = None,
        file_id: str | None = None,
        times: int | None = 1,
    ) -> DownloadFault:
        """Let the next `times` downloads (None: all) go wrong; `file_id` names one file."""
        fault = DownloadFault(
            cut_after=cut_after,
            stall_after=stall_after,
            content_length=content_length,
            bytes_per_second=bytes_per_second,
            status=status,
            file_id=file_id,
            times=times,
        )
        self.downloads.append(fault)
        return fault

    def withdraw(self, fault: Fault | DownloadFault) -> None:
        """Forget one fault, whether or not it has hit."""
        self.calls = [each for each in self.calls if each is not fault]
        self.downloads = [each for each in self.downloads if each is not fault]

    def clear(self) -> None:
        self.calls.clear()
        self.downloads.clear()

    def of_call(self, method: str, parameters: dict[str, Any], now: float) -> Fault | None:
        for fault in self.calls:
            if not fault.matches(method, parameters, now) or self._random.random() >= fault.probability:
                continue
            if fault.spare:
                fault.spare -= 1
                continue
            fault.hits += 1
            return fault
        return None

    def of_download(self, file_id: str) -> DownloadFault | None:
        for fault in self.downloads:
            if fault.matches(file_id):
                fault.hits += 1
                return fault
        return None
