"""Accounts with their files and folders, readable by whoever runs the emulator."""

import mimetypes
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from emulators.onefichier.content import Content, Received, received
from emulators.onefichier.wire import link

ROOT = 0
_LINK_ID_CHARACTERS = string.ascii_lowercase + string.digits
_LINK_ID_LENGTH = 20
_UPLOAD_ID_CHARACTERS = string.ascii_letters + string.digits
_UPLOAD_ID_LENGTH = 10
_KEY_LENGTH = 32
_CUSTOMER_FILE_BYTES = 300 * 10**9
_REGISTERED_FILE_BYTES = 50 * 10**9
GUEST_FILE_BYTES = 5 * 10**9
FREE_OFFER = 0


class Mint:
    """Where ids and the time come from; a seed makes the ids repeatable."""

    def __init__(self, clock: Callable[[], float], seed: int | None = None) -> None:
        self.now = clock
        self._random = random.Random(seed)
        self._used: set[str] = set()

    def _fresh(self, make: Callable[[], str]) -> str:
        while (made := make()) in self._used:
            pass
        self._used.add(made)
        return made

    def _characters(self, alphabet: str, length: int) -> str:
        return self._fresh(lambda: "".join(self._random.choices(alphabet, k=length)))

    def link_id(self) -> str:
        return self._characters(_LINK_ID_CHARACTERS, _LINK_ID_LENGTH)

    def upload_id(self) -> str:
        return self._characters(_UPLOAD_ID_CHARACTERS, _UPLOAD_ID_LENGTH)

    def remove_code(self) -> str:
        return self._characters(_LINK_ID_CHARACTERS, 5)

    def key(self) -> str:
        return self._characters(_UPLOAD_ID_CHARACTERS, _KEY_LENGTH)

    def public_folder_id(self) -> str:
        return self._characters(_UPLOAD_ID_CHARACTERS, 8)

    def token(self) -> str:
        """The path of a direct link."""
        return "c" + self._characters(string.digits, 9)

    def folder_id(self) -> int:
        return int(self._fresh(lambda: str(self._random.randrange(1_000_000, 99_999_999))))


@dataclass(slots=True)
class Acl:
    ip: list[str] = field(default_factory=list)
    country: list[str] = field(default_factory=list)
    email: list[str] = field(default_factory=list)
    premium: int = 0

    def __bool__(self) -> bool:
        return bool(self.ip or self.country or self.email or self.premium)


@dataclass(slots=True, eq=False)
class StoredFile:
    """A file of the service. Times are Unix seconds; `listed_at` is when listings begin to show it."""

    id: str
    name: str
    content: Content
    size: int
    sha256: str
    whirlpool: str
    stored_at: float
    listed_at: float
    folder_id: int = ROOT
    domain: int = 0
    password: str = ""
    description: str = ""
    no_ssl: int = 0
    inline: int = 0
    cdn: int = 0
    acl: Acl = field(default_factory=Acl)
    remove_code: str = ""
    infected: bool = False

    @property
    def url(self) -> str:
        return link(self.domain, self.id)

    @property
    def remove_url(self) -> str:
        return f"https://1fichier.com/remove/{self.id}/{self.remove_code}" if self.remove_code else ""

    @property
    def content_type(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def read(self) -> bytes:
        """All bytes.

        Raises:
            ContentForgottenError: The file was too large to be kept.
        """
        return b"".join(self.content.chunks(0, self.size))


@dataclass(slots=True, eq=False)
class Folder:
    id: int
    name: str
    parent_id: int
    created_at: float
    shared_url: str = ""
    password: str = ""
    shares: list[dict[str, Any]] = field(default_factory=list)


def _default_settings() -> dict[str, Any]:
    """The preferences `user/info.cgi` reads and sets, in the types rclone expects."""
    return {
        "default_domain": 0,
        "page_limit": 100,
        "default_port": "0",
        "default_port_files": "0",
        "download_menu": "0",
        "ftp_mode": "0",
        "ftp_did": 0,
        "ftp_report": "0",
        "ru_report": "1",
        "use_cdn": "0",
    }


@dataclass(slots=True, eq=False)
class EmulatedAccount:
    """One account. `offer`: 0 free, 1 Premium, 2 Access, 3 Premium Gold. `key` is None once revoked."""

    mint: Mint = field(repr=False)
    key: str | None
    email: str
    offer: int = 1
    password: str = ""
    locked: bool = False
    subscription_end: str = "2027-01-31 12:00:00"
    cdn_credits: float = 0
    cold_storage: int = 0
    allowed_cold_storage: int = 2 * 10**12
    available_storage: int = 2 * 10**12
    overquota: bool = False
    upload_forbidden: bool = False
    files: dict[str, StoredFile] = field(default_factory=dict, repr=False)
    folders: dict[int, Folder] = field(default_factory=dict, repr=False)
    settings: dict[str, Any] = field(default_factory=_default_settings, repr=False)
    # Removed files that listings still show, each with the time until which they do.
    lingering: list[tuple[StoredFile, float]] = field(default_factory=list, repr=False)

    @property
    def is_customer(self) -> bool:
        return self.offer != FREE_OFFER

    @property
    def file_bytes_limit(self) -> int:
        return _CUSTOMER_FILE_BYTES if self.is_customer else _REGISTERED_FILE_BYTES

    @property
    def stored_bytes(self) -> int:
        return sum(file.size for file in self.files.values())

    def named(self, name: str) -> list[StoredFile]:
        return [file for file in self.files.values() if file.name == name]

    def add_folder(self, name: str, parent_id: int = ROOT) -> Folder:
        folder = Folder(self.mint.folder_id(), name, parent_id, self.mint.now())
        self.folders[folder.id] = folder
        return folder

    def add_file(
        self,
        name: str,
        content: bytes | Content | Received = b"content",
        *,
        folder_id: int = ROOT,
        stored_at: float | None = None,
        password: str = "",
    ) -> StoredFile:
        """Put a file there that did not travel; a `ForgottenContent` gets a made-up checksum."""
        file = new_file(self.mint, name, received(content), stored_at=stored_at)
        file.folder_id, file.password = folder_id, password
        self.files[file.id] = file
        return file

    def files_in(self, folder_id: int) -> Iterator[StoredFile]:
        return (file for file in self.files.values() if file.folder_id == folder_id)

    def folders_in(self, folder_id: int) -> Iterator[Folder]:
        return (folder for folder in self.folders.values() if folder.parent_id == folder_id)

    def has_folder(self, folder_id: int) -> bool:
        return folder_id == ROOT or folder_id in self.folders

    def path_of(self, folder_id: int) -> str:
        names: list[str] = []
        while folder_id != ROOT:
            folder = self.folders[folder_id]
            names.insert(0, folder.name)
            folder_id = folder.parent_id
        return "/".join(names)


def new_file(
    mint: Mint,
    name: str,
    arrived: Received,
    *,
    stored_at: float | None = None,
    listed_at: float | None = None,
) -> StoredFile:
    """A file with a fresh link, in nobody's hands yet."""
    at = mint.now() if stored_at is None else stored_at
    return StoredFile(
        mint.link_id(),
        name,
        arrived.content,
        arrived.size,
        arrived.sha256,
        arrived.whirlpool,
        stored_at=at,
        listed_at=at if listed_at is None else listed_at,
    )
