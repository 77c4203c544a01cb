import pytest

from onefichier import (
    AccountLocked,
    AddressLocked,
    AlreadyRequested,
    CdnNeeded,
    FloodDetected,
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
    classify,
)
from onefichier.errors import FloodScope

CUSTOMER = "Must be a customer (Premium, Access) #200"
VPN = "Professional, datacenter or VPN addresses need CDN credits #913"

# HTTP status, message, error, number
OBSERVED = [
    (403, "Flood detected: IP Locked #374", FloodDetected, 374),
    (429, "Flood detected: IP Locked #38", FloodDetected, 38),
    (403, "Flood detected: User Locked #218", FloodDetected, 218),
    (403, "Flood detected: User APK Locked", FloodDetected, None),
    (200, "FLOOD DETECTED: IP LOCKED #412", FloodDetected, 412),
    (403, "IP Locked #12", AddressLocked, 12),
    (401, "Not authenticated #247", NotAuthenticated, 247),
    (403, "Bad token", NotAuthenticated, None),
    (403, "No such user #401", AccountLocked, 401),
    (200, "No such user #93", AccountLocked, 93),
    (403, CUSTOMER, MustBeCustomer, 200),
    (403, "Owner locked #649", OwnerLocked, 649),
    (404, "Resource not found #469", NotFound, 469),
    (200, "Resource not found #1", NotFound, 1),
    (403, "Resource not allowed #631", NotAllowed, 631),
    (403, "Invalid password. Resource not allowed #7", WrongPassword, 7),
    (403, "Password not provided. Resource not allowed #8", PasswordNeeded, 8),
    (403, "Only 1 location allowed at a time #887", OneLocationOnly, 887),
    (403, VPN, CdnNeeded, 913),
    (200, "No file has been renamed #312", NothingChanged, 312),
    (200, "No changes requested", NothingChanged, None),
    (403, "You already requesting the download of https://example.org/a", AlreadyRequested, None),
    (400, "Content-Type not JSON #24", Refused, 24),
    (403, "Folder not empty #5", Refused, 5),
    (200, "", Refused, None),
    (401, "", NotAuthenticated, None),
    (404, "", NotFound, None),
    (410, "", NotFound, None),
    (429, "", FloodDetected, None),
    (500, "", ServerTrouble, None),
    (503, "Resource not found #469", NotFound, 469),
]


@pytest.mark.parametrize(("status", "message", "leaf", "number"), OBSERVED, ids=lambda value: str(value)[:40])
def test_the_text_decides_and_the_status_only_where_it_says_nothing(
    status: int, message: str, leaf: type[OneFichierError], number: int | None
) -> None:
    error = classify(status, message, "file/info.cgi")
    assert type(error) is leaf
    if isinstance(error, Refusal):
        assert (error.number, error.http_status, error.endpoint) == (number, status, "file/info.cgi")
        assert "#" not in error.message


@pytest.mark.parametrize(
    ("status", "page", "leaf"),
    [
        (200, "IP Locked", AddressLocked),
        (403, "<html><body>Flood detected: IP Locked</body></html>", FloodDetected),
        (200, "<html>maintenance</html>", ServerTrouble),
        (403, "<html>blocked</html>", ServerTrouble),
        (404, "<html>Resource not found</html>", ServerTrouble),
        (502, "Bad gateway", ServerTrouble),
        (401, "<html>who are you</html>", NotAuthenticated),
        (429, "slow down", FloodDetected),
        (200, "", ServerTrouble),
    ],
)
def test_of_a_page_only_locks_are_believed(status: int, page: str, leaf: type[OneFichierError]) -> None:
    assert type(classify(status, page, "file/ls.cgi", is_page=True)) is leaf


@pytest.mark.parametrize(
    ("message", "scope"),
    [
        ("Flood detected: IP Locked #374", FloodScope.ADDRESS),
        ("Flood detected: User Locked #223", FloodScope.KEY),
        ("Flood detected: User APK Locked", FloodScope.KEY),
        ("Flood", FloodScope.ADDRESS),
    ],
)
def test_a_flood_tells_what_was_counted(message: str, scope: FloodScope) -> None:
    error = classify(403, message, "file/ls.cgi")
    assert isinstance(error, FloodDetected)
    assert error.scope is scope
    assert error.until is None


def test_a_long_page_does_not_become_a_message() -> None:
    error = classify(403, "IP Locked" + "x" * 10_000, "file/ls.cgi", is_page=True)
    assert isinstance(error, AddressLocked)
    assert error.message == ""
