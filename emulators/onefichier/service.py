"""The whole state of an emulated 1fichier: accounts, uploads, remote uploads, limits, faults, and what was called."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from emulators.onefichier.accounts import EmulatedAccount, Mint, StoredFile
from emulators.onefichier.downloads import Downloads
from emulators.onefichier.faults import Faults
from emulators.onefichier.limits import LimitBreach, Limits
from emulators.onefichier.remotes import Outcome, RemoteUploads
from emulators.onefichier.uploads import UploadNode
from emulators.onefichier.wire import Types

CALLS_KEPT = 100_000

WrongKey = Literal["not_authenticated", "no_such_user"]


@dataclass(frozen=True, slots=True)
class Call:
    """One request, the node's included: what was asked, by whose account, when (Unix seconds), and the HTTP status.

    `account` is an e-mail address, or None without a valid key; `status` is 0 when the connection was cut.
    """

    endpoint: str
    account: str | None
    at: float
    status: int
    address: str


class Service:
    """State and switches; nothing here speaks HTTP.

    `types` chooses the types of numbers in answers; `listing_lag` and `stale_seconds` are how long after an upload
    a listing does not show a file, and how long after its removal it still does; `wrong_key` is what a key that nobody
    has is told; `file_info_status` adds the `status` that `file/info.cgi` may or may not carry.
    """

    def __init__(
        self, clock: Callable[[], float], *, enforce_limits: bool = False, seed: int | None = None
    ) -> None:
        self.now = clock
        self.mint = Mint(clock, seed)
        self.accounts: list[EmulatedAccount] = []
        self.uploads = UploadNode(self.mint)
        self.remotes = RemoteUploads(self.mint, self.uploads.sink)
        self.remotes.listing_lag = lambda: self.listing_lag
        self.downloads = Downloads(self.mint)
        self.limits = Limits(clock, enforce_limits)
        self.faults = Faults(clock)
        self.calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self._recorded = asyncio.Event()
        self.types: Types = "rclone"
        self.listing_lag = 0.0
        self.stale_seconds = 0.0
        self.wrong_key: WrongKey = "not_authenticated"
        self.file_info_status = False
        self.scheme: str | None = None
        """Of direct links, where it differs from that of the request because TLS ends before the emulator."""

    @property
    def limit_breaches(self) -> list[LimitBreach]:
        return self.limits.breaches

    @property
    def guest_files(self) -> dict[str, StoredFile]:
        return self.uploads.guest_files

    @property
    def remote_results(self) -> dict[str, Outcome]:
        """What becomes of a URL that a remote upload shall not really fetch."""
        return self.remotes.results

    def add_account(
        self, key: str | None = None, *, offer: int = 1, email: str | None = None, password: str = ""
    ) -> EmulatedAccount:
        """A new account; without a key it gets one of the usual form."""
        address = email or f"person{len(self.accounts) + 1}@example.org"
        account = EmulatedAccount(self.mint, key or self.mint.key(), address, offer, password)
        self.accounts.append(account)
        return account

    def account_of_key(self, key: str) -> EmulatedAccount | None:
        return next((account for account in self.accounts if account.key == key), None)

    def account_of_email(self, email: str) -> EmulatedAccount | None:
        return next((account for account in self.accounts if account.email == email), None)

    @staticmethod
    def revoke_key(account: EmulatedAccount) -> None:
        account.key = None

    def rotate_key(self, account: EmulatedAccount) -> str:
        """Replace the key as its owner can on the web site; the old one is dead at once."""
        account.key = self.mint.key()
        return account.key

    @staticmethod
    def lock_account(account: EmulatedAccount) -> None:
        """Lock for security: the owner would have to reset the password."""
        account.locked = True

    @staticmethod
    def unlock_account(account: EmulatedAccount) -> None:
        account.locked = False

    def find_file(self, identifier: str | None) -> tuple[EmulatedAccount | None, StoredFile] | None:
        """A file by its link id, with its owner (None: a guest's)."""
        if identifier is None:
            return None
        for account in self.accounts:
            if identifier in account.files:
                return account, account.files[identifier]
        guest = self.guest_files.get(identifier)
        return None if guest is None else (None, guest)

    def remove_file(self, account: EmulatedAccount | None, file: StoredFile) -> None:
        if account is None:
            del self.guest_files[file.id]
            return
        del account.files[file.id]
        if self.stale_seconds:
            account.lingering.append((file, self.now() + self.stale_seconds))

    def listed(self, account: EmulatedAccount, folder_id: int | None) -> list[StoredFile]:
        """What a listing shows of one folder, or of all (None), in arbitrary order."""
        now = self.now()
        account.lingering = [(file, until) for file, until in account.lingering if until > now]
        shown = [file for file in account.files.values() if file.listed_at <= now]
        shown += [file for file, _ in account.lingering]
        # The ids are random, so their order is nobody's.
        return sorted(
            (file for file in shown if folder_id in {None, file.folder_id}), key=lambda file: file.id
        )

    def record(self, call: Call) -> None:
        self.calls.append(call)
        self._recorded.set()
        self._recorded = asyncio.Event()

    async def until_called(self, endpoint: str, times: int = 1, *, seconds: float = 5.0) -> None:
        """Wait until an endpoint has been called and answered, or cut off, so many times since the start.

        Raises:
            TimeoutError: It was not, within `seconds`.
        """
        async with asyncio.timeout(seconds):
            while sum(call.endpoint == endpoint for call in self.calls) < times:
                await self._recorded.wait()

    async def aclose(self) -> None:
        """End what still runs: remote uploads, and calls held back by a stall."""
        self.faults.clear()
        await self.remotes.aclose()
