"""Faults on demand, as data: what goes wrong, where, and how often or until when."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

ANY: Final = "*"
API: Final = "api"  # every endpoint of the API host: its floods do not concern the nodes
UPLOAD: Final = "upload.cgi"
REPORT: Final = "end.pl"
DOWNLOAD: Final = "download"  # the direct links of storage nodes
END_OF_BODY: Final = sys.maxsize

_OF_NODES: Final = frozenset({UPLOAD, REPORT, DOWNLOAD})


class FaultKind(StrEnum):
    STATUS = "status"
    """An HTTP status (default 500) with a short HTML body."""
    HTML = "html"
    """An HTML page with status 200 where JSON was due."""
    IP_LOCKED = "ip_locked"
    """The plain text `IP Locked`."""
    FLOOD = "flood"
    """403 and the JSON of a flood answer."""
    KO = "ko"
    """`status: KO` in a 200; at the upload node its refusal page."""
    WRONG_TYPES = "wrong_types"
    """The true answer with values of unexpected types."""
    EMPTY = "empty"
    """200 without a body."""
    BODY = "body"
    """Whatever bytes `body` has, by default with status 200 and as JSON."""
    SPOILED = "spoiled"
    """The true answer, as `spoil` changes its bytes."""
    STALL = "stall"
    """Silence for `seconds`, or until released; then the call goes its way."""
    CUT = "cut"
    """The connection is reset without an answer."""
    DRIP = "drip"
    """The answer byte by byte, the upload piece by piece, with `seconds` between them."""


@dataclass(slots=True, eq=False)
class Fault:
    """One fault. It hits `times` calls (None: any number) before the time `until` (None: for ever).

    `acts` says whether the service does what was asked before things go wrong: a `CUT` that acts at `upload.cgi` is a
    whole body whose 302 is lost. `at_byte` is the position in an upload's body where a cut or stall happens;
    `END_OF_BODY` without `acts` is a whole body that is forgotten. `struck` is set at the first hit; set `released` to
    end a stall.
    """

    endpoint: str
    kind: FaultKind
    times: int | None = 1
    until: float | None = None
    status: int | None = None
    text: str | None = None
    seconds: float = 60.0
    at_byte: int = 0
    acts: bool = False
    account: str | None = None
    body: bytes = b""
    spoil: Callable[[bytes], bytes] = bytes
    hits: int = 0
    struck: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def matches(self, endpoint: str, account: str | None, now: float) -> bool:
        return (
            (self.endpoint in {ANY, endpoint} or (self.endpoint == API and endpoint not in _OF_NODES))
            and (self.account is None or self.account == account)
            and (self.times is None or self.hits < self.times)
            and (self.until is None or now < self.until)
        )


class Faults:
    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._pending: list[Fault] = []

    def add(
        self,
        endpoint: str,
        kind: FaultKind | str,
        *,
        times: int | None = 1,
        until: float | None = None,
        status: int | None = None,
        text: str | None = None,
        seconds: float = 60.0,
        at_byte: int = 0,
        acts: bool = False,
        account: str | None = None,
        body: bytes = b"",
        spoil: Callable[[bytes], bytes] = bytes,
    ) -> Fault:
        """Arrange a fault for an endpoint (`file/ls.cgi`), the whole API (`api`), a node, or all (`*`).

        Those of a node are `upload.cgi`, `end.pl` and `download`. With `until` (Unix seconds) and no `times` given
        otherwise, every call before that time is hit. `account` is an e-mail address and confines the fault to that
        account's calls. `at_byte` lets an upload, or the answer to a download, get so far before it is cut or stalls.
        """
        if until is not None and times == 1:
            times = None
        fault = Fault(
            endpoint,
            FaultKind(kind),
            times,
            until,
            status,
            text,
            seconds,
            at_byte,
            acts=acts,
            account=account,
            body=body,
            spoil=spoil,
        )
        self._pending.append(fault)
        return fault

    def take(self, endpoint: str, account: str | None) -> Fault | None:
        """The fault that hits this call, the earliest arranged first."""
        now = self._now()
        for fault in self._pending:
            if fault.matches(endpoint, account, now):
                fault.hits += 1
                fault.struck.set()
                return fault
        return None

    def withdraw(self, fault: Fault) -> None:
        """Forget one fault, whether or not it has hit, and let calls that it stalled go on."""
        fault.released.set()
        if fault in self._pending:
            self._pending.remove(fault)

    def clear(self) -> None:
        """Forget all faults and let stalled calls go on."""
        for fault in self._pending:
            fault.released.set()
        self._pending.clear()
