"""What can go wrong with 1fichier.

OneFichierError
├── MalformedKey            the text cannot be an API key; nothing was sent
├── UntrustedNode           the service named a host that must not see the key; nothing was sent
├── Waiting                 the turn for this call is later than the caller waits; nothing was sent
├── Unclear                 no readable verdict, `maybe_done` tells whether the effect may have happened
│   ├── Unreachable         no connection, or it broke, or the answer took too long
│   ├── ServerTrouble       HTTP 5xx, or a page instead of JSON
│   └── BadAnswer           JSON that is not what the endpoint documents
├── Refusal                 the service said no: message, number, HTTP status and endpoint are fields
│   ├── KeyRefused
│   │   ├── NotAuthenticated    the key is missing or wrong
│   │   └── AccountLocked       "No such user": wrong key, or locked for security until a new password
│   ├── Limited             `until` tells when the pause that it began ends
│   │   ├── FloodDetected       too many calls from the address, or for the key
│   │   ├── AddressLocked       the address is banned for a time
│   │   └── ShutOut             a page in place of an answer, with a status that repeated brings bans
│   ├── MustBeCustomer      Premium, Access or CDN credits are needed
│   ├── CdnNeeded           Premium does not serve professional or datacentre addresses
│   ├── OneLocationOnly     the account is downloading from another address
│   ├── OwnerLocked         the account that owns the file is locked
│   ├── NotFound            link or object does not exist (any more)
│   ├── NotAllowed          private, or guarded by access rules
│   │   ├── PasswordNeeded
│   │   └── WrongPassword
│   ├── NothingChanged      the state asked for is the state there is, or the name is taken
│   ├── AlreadyRequested    the URL is being fetched already
│   └── Refused             any other KO
├── DownloadError
│   ├── DownloadRefused     the node does not hand the file out; `http_status` is its answer
│   ├── DownloadMismatch    it hands out more or fewer bytes than the file has
│   └── DownloadInterrupted the connection broke or stood still
└── UploadError
    ├── EmptyFile           the service takes no file of 0 bytes; nothing was sent
    ├── SourceMismatch      the source had more or fewer bytes than announced; nothing was stored
    ├── UploadRefused       the node answered with its refusal page
    ├── UploadInterrupted   the connection broke; `last_piece_sent` tells whether it may be stored
    │   └── UploadStalled       the node took no byte for as long as is waited for that
    ├── ReportPending       end.pl has no link yet
    └── ReportGone          end.pl does not know the upload (any more)

No message or field ever holds a key, a header, or a URL with a secret in it.
"""

from datetime import datetime
from enum import StrEnum


class OneFichierError(Exception):
    """Root of the family."""


class MalformedKey(OneFichierError): ...


class UntrustedNode(OneFichierError):
    def __init__(self, host: str) -> None:
        super().__init__(f"{host!r} is not a host of the service.")
        self.host = host


class Waiting(OneFichierError):
    """Raised at once, with nothing sent.

    Attributes:
        until: when the call is expected to get its turn (aware, UTC).
        scope: whose limit it is: "address", or the client's scope.
        endpoint: the endpoint that was to be called.
    """

    def __init__(self, until: datetime, *, scope: str, endpoint: str) -> None:
        super().__init__(f"{endpoint} has to wait until {until:%Y-%m-%d %H:%M:%S} UTC ({scope}).")
        self.until = until
        self.scope = scope
        self.endpoint = endpoint


class Unclear(OneFichierError):
    """Attributes: endpoint; `maybe_done`, true when the call has an effect that may have happened."""

    def __init__(self, problem: str, *, endpoint: str, maybe_done: bool = False) -> None:
        super().__init__(f"{endpoint}: {problem}")
        self.endpoint = endpoint
        self.maybe_done = maybe_done


class Unreachable(Unclear):
    """Attributes: `timed_out`, true when there was a connection and no answer in time."""

    def __init__(
        self, problem: str, *, endpoint: str, maybe_done: bool = False, timed_out: bool = False
    ) -> None:
        super().__init__(problem, endpoint=endpoint, maybe_done=maybe_done)
        self.timed_out = timed_out


class ServerTrouble(Unclear):
    def __init__(self, *, endpoint: str, http_status: int, maybe_done: bool = False) -> None:
        super().__init__(f"no usable answer, HTTP {http_status}", endpoint=endpoint, maybe_done=maybe_done)
        self.http_status = http_status


class BadAnswer(Unclear): ...


class Refusal(OneFichierError):
    """Attributes: `message` without its number, `number` (a code location, not stable), `http_status`, `endpoint`."""

    def __init__(self, message: str, *, endpoint: str, http_status: int, number: int | None = None) -> None:
        super().__init__(f"{endpoint}: {message or 'refused without a reason'} (HTTP {http_status})")
        self.message = message
        self.number = number
        self.http_status = http_status
        self.endpoint = endpoint


class KeyRefused(Refusal): ...


class NotAuthenticated(KeyRefused): ...


class AccountLocked(KeyRefused): ...


class Limited(Refusal):
    """Attributes: `until`, the end of the pause this answer began; None until the client has recorded one."""

    until: datetime | None = None


class FloodScope(StrEnum):
    ADDRESS = "address"
    KEY = "key"


class FloodDetected(Limited):
    """Attributes: `scope`, what the service counted by."""

    def __init__(
        self,
        message: str,
        *,
        endpoint: str,
        http_status: int,
        number: int | None = None,
        scope: FloodScope = FloodScope.ADDRESS,
    ) -> None:
        super().__init__(message, endpoint=endpoint, http_status=http_status, number=number)
        self.scope = scope


class AddressLocked(Limited): ...


class ShutOut(Limited):
    """Somebody stands in front of the service: asked again at once, they would only be the surer to stay there."""


class MustBeCustomer(Refusal): ...


class CdnNeeded(Refusal): ...


class OneLocationOnly(Refusal): ...


class OwnerLocked(Refusal): ...


class NotFound(Refusal): ...


class NotAllowed(Refusal): ...


class PasswordNeeded(NotAllowed): ...


class WrongPassword(NotAllowed): ...


class NothingChanged(Refusal): ...


class AlreadyRequested(Refusal): ...


class Refused(Refusal): ...


class UploadError(OneFichierError): ...


class EmptyFile(UploadError):
    def __init__(self) -> None:
        super().__init__("1fichier takes no empty files.")


class SourceMismatch(UploadError):
    """Attributes: `expected` and `received`, in bytes; of a source that is too long, what came until then."""

    def __init__(self, *, expected: int, received: int) -> None:
        super().__init__(f"The source was announced with {expected} bytes and gave {received}.")
        self.expected = expected
        self.received = received


class UploadRefused(UploadError):
    """Attributes: `reason`, the text of the refusal page, if that is what it was; `retryable`, true when another node may take it."""

    def __init__(self, reason: str, *, retryable: bool = False) -> None:
        super().__init__(f"The upload was refused: {reason or 'without a reason'}")
        self.reason = reason
        self.retryable = retryable


class UploadInterrupted(UploadError):
    """Attributes: `last_piece_sent`; while it is false, 1fichier cannot have a whole file."""

    def __init__(self, problem: str, *, last_piece_sent: bool) -> None:
        super().__init__(f"The upload broke off: {problem}")
        self.last_piece_sent = last_piece_sent


class UploadStalled(UploadInterrupted): ...


class ReportPending(UploadError):
    def __init__(self) -> None:
        super().__init__("The upload's report is not ready yet.")


class ReportGone(UploadError):
    def __init__(self) -> None:
        super().__init__("The upload's report does not exist.")


class DownloadError(OneFichierError): ...


class DownloadRefused(DownloadError):
    def __init__(self, http_status: int) -> None:
        super().__init__(f"HTTP {http_status}")
        self.http_status = http_status


class DownloadMismatch(DownloadError):
    def __init__(self, *, expected: int, received: int) -> None:
        super().__init__(f"{received} bytes instead of {expected}")
        self.expected = expected
        self.received = received


class DownloadInterrupted(DownloadError): ...
