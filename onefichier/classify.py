"""Which error an answer is. The service's numbers move and its HTTP codes vary, so the text decides."""

import re
from typing import Final, NamedTuple

from onefichier.errors import (
    AccountLocked,
    AddressLocked,
    AlreadyRequested,
    CdnNeeded,
    FloodDetected,
    FloodScope,
    MustBeCustomer,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    NothingChanged,
    OneFichierError,
    OneLocationOnly,
    OwnerLocked,
    PasswordNeeded,
    Refusal,
    Refused,
    ServerTrouble,
    WrongPassword,
)

# The most specific text first: the service puts several of them into one message.
BY_TEXT: Final[tuple[tuple[str, type[Refusal]], ...]] = (
    ("flood", FloodDetected),
    ("ip locked", AddressLocked),
    ("not authenticated", NotAuthenticated),
    ("bad token", NotAuthenticated),
    ("no such user", AccountLocked),
    ("must be a customer", MustBeCustomer),
    ("owner locked", OwnerLocked),
    ("invalid password", WrongPassword),
    ("password not provided", PasswordNeeded),
    ("resource not allowed", NotAllowed),
    ("resource not found", NotFound),
    ("only 1 location", OneLocationOnly),
    ("no file has been renamed", NothingChanged),
    ("no changes requested", NothingChanged),
    ("already requesting", AlreadyRequested),
    ("professional", CdnNeeded),
    ("datacent", CdnNeeded),
    ("vpn", CdnNeeded),
    ("cdn credit", CdnNeeded),
)
# Where the text says nothing that is known.
BY_STATUS: Final[dict[int, type[Refusal]]] = {
    401: NotAuthenticated,
    404: NotFound,
    410: NotFound,
    429: FloodDetected,
}
# A page that is no JSON may be anybody's (a proxy, maintenance): of these only two verdicts are believed.
PAGE_TEXTS: Final = ("flood detected", "ip locked")
PAGE_STATUS: Final = frozenset({401, 429})
SERVER_TROUBLE_FROM: Final = 500
# What a page may add to a message that people will read.
LONGEST_MESSAGE: Final = 300

_NUMBER: Final = re.compile(r"\s*#(\d{1,9})\s*$", re.ASCII)


class Message(NamedTuple):
    text: str
    number: int | None


def split_number(message: str) -> Message:
    """`Resource not found #469` in its parts. The number is a place in the service's code, and moves."""
    found = _NUMBER.search(message)
    if found is None:
        return Message(message.strip(), None)
    return Message(message[: found.start()].strip(), int(found[1]))


def classify(http_status: int, message: str, endpoint: str, *, is_page: bool = False) -> OneFichierError:
    """The error for an answer that is none of the successes.

    Args:
        http_status: KO also comes with 200.
        message: the answer's `message`; of an answer that is no JSON, its text.
        endpoint: as `file/ls.cgi`.
        is_page: the answer was no JSON.
    """
    lowered = message.lower()
    if is_page and not any(text in lowered for text in PAGE_TEXTS) and http_status not in PAGE_STATUS:
        return ServerTrouble(endpoint=endpoint, http_status=http_status)
    text, number = ("", None) if is_page and len(message) > LONGEST_MESSAGE else split_number(message)
    text = text[:LONGEST_MESSAGE]
    leaf = next((leaf for part, leaf in BY_TEXT if part in lowered), None) or BY_STATUS.get(http_status)
    if leaf is None:
        if http_status >= SERVER_TROUBLE_FROM:
            return ServerTrouble(endpoint=endpoint, http_status=http_status)
        leaf = Refused
    if leaf is FloodDetected:
        return FloodDetected(
            text, endpoint=endpoint, http_status=http_status, number=number, scope=_counted_by(lowered)
        )
    return leaf(text, endpoint=endpoint, http_status=http_status, number=number)


def _counted_by(lowered: str) -> FloodScope:
    """`User Locked` and `User APK Locked` go by the key; whatever else it says, the whole address had better rest."""
    return FloodScope.KEY if "user" in lowered or "apk" in lowered else FloodScope.ADDRESS
