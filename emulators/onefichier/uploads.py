"""Uploads as the node knows them: an id, a body that arrived, and a report that stores."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from emulators.onefichier.accounts import GUEST_FILE_BYTES, ROOT, EmulatedAccount, Mint, StoredFile, new_file
from emulators.onefichier.content import KEEP_BYTES, ContentSink, Received, spoiled
from emulators.onefichier.wire import DOMAINS

REPORT_SECONDS = 2 * 3600.0  # a report is deleted two hours after its upload
BODY_BYTES_LIMIT = 500 * 10**9
FILES_LIMIT = 500
PASSWORD_CHARACTERS = 6

DeadKey = Literal["refuse", "guest"]


@dataclass(slots=True)
class ReceivedFile:
    name: str
    arrived: Received


@dataclass(slots=True, eq=False)
class Upload:
    """One id of `get_upload_server.cgi` and what became of it. Times are Unix seconds.

    `received` is None until a whole body was accepted; `stored` is None until the first `end.pl`. `bytes_received`
    counts the body of the latest attempt, `attempts` how many were begun, `arriving` says whether one is under way.
    """

    id: str
    issued_at: float
    attempts: int = 0
    bytes_received: int = 0
    refusal: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    account: EmulatedAccount | None = None
    incoming: bool = False
    received: list[ReceivedFile] | None = None
    received_at: float = 0.0
    stored: list[StoredFile] | None = None
    arriving: bool = False
    waits_left: int = 0
    waits_until: float = 0.0
    empties_left: int = 0
    gone: bool = False

    @property
    def is_guest(self) -> bool:
        return self.account is None

    @property
    def file_bytes_limit(self) -> int:
        return GUEST_FILE_BYTES if self.account is None else self.account.file_bytes_limit


@dataclass(slots=True)
class UploadNode:
    """The uploads of one service, and the switches of its node.

    `please_wait_times` and `please_wait_seconds` hold each report back, counted from its first call, and
    `empty_links_times` follows; `hold_reports` holds all of them back until `release_reports`; `dead_key` says what a key that is refused elsewhere means here: the body is refused,
    or becomes a guest's. Files larger than `keep_bytes` go to `content_directory`, or leave only their checksums.
    `bytes_per_second` slows every upload down, also one that is under way; `spoil_times` files are stored with a byte
    changed.
    """

    mint: Mint
    uploads: dict[str, Upload] = field(default_factory=dict)
    guest_files: dict[str, StoredFile] = field(default_factory=dict)
    hosts: list[str] = field(default_factory=list)
    please_wait_times: int = 0
    please_wait_seconds: float = 0.0
    empty_links_times: int = 0
    dead_key: DeadKey = "refuse"
    keep_bytes: int = KEEP_BYTES
    content_directory: Path | None = None
    checksums: bool = True
    bytes_per_second: float | None = None
    spoil_times: int = 0
    holding: bool = False

    def issue(self) -> Upload:
        """A fresh id; uploads whose reports are deleted by now are forgotten."""
        now = self.mint.now()
        for stale in [upload.id for upload in self.uploads.values() if self._is_over(upload, now)]:
            del self.uploads[stale]
        upload = Upload(self.mint.upload_id(), now)
        self.uploads[upload.id] = upload
        return upload

    def report_of(self, identifier: str) -> Upload | None:
        """The upload whose report can be asked for: its body came whole, and its report is not deleted."""
        upload = self.uploads.get(identifier)
        if upload is None or upload.received is None or upload.gone or self._is_over(upload, self.mint.now()):
            return None
        return upload

    def sink(self) -> ContentSink:
        return ContentSink(
            keep_bytes=self.keep_bytes, directory=self.content_directory, checksums=self.checksums
        )

    def accept(self, upload: Upload, files: list[ReceivedFile]) -> None:
        upload.received, upload.received_at = files, self.mint.now()

    def hold_reports(self) -> None:
        """Let every report say "please wait", and listings not show what arrives, until `release_reports`."""
        self.holding = True

    def release_reports(self) -> None:
        self.holding = False
        for upload in self.uploads.values():
            for file in upload.stored or ():
                if file.listed_at == math.inf:
                    file.listed_at = self.mint.now()

    def store(self, upload: Upload, listing_lag: float) -> list[StoredFile]:
        """Store what arrived; done once, by the first call of the report."""
        if upload.stored is None:
            upload.stored = [
                self._stored(upload, received, listing_lag) for received in upload.received or ()
            ]
            upload.waits_left = self.please_wait_times
            upload.waits_until = self.mint.now() + self.please_wait_seconds
            upload.empties_left = self.empty_links_times
        return upload.stored

    def _stored(self, upload: Upload, received: ReceivedFile, listing_lag: float) -> StoredFile:
        listed_at = math.inf if self.holding else self.mint.now() + self.please_wait_seconds + listing_lag
        arrived = received.arrived
        if self.spoil_times:
            self.spoil_times -= 1
            arrived = spoiled(arrived)
        file = new_file(self.mint, received.name, arrived, listed_at=listed_at)
        file.domain = _domain(upload.fields.get("domain", ""))
        file.password = upload.fields.get("dpass", "")
        if upload.account is None:
            file.remove_code = self.mint.remove_code()
            self.guest_files[file.id] = file
        else:
            file.folder_id = _destination(upload.account, upload.fields.get("did", ""))
            upload.account.files[file.id] = file
        return file

    @staticmethod
    def _is_over(upload: Upload, now: float) -> bool:
        since = upload.issued_at if upload.received is None else upload.received_at
        return now - since >= REPORT_SECONDS * (3 if upload.received is None else 1)


def _domain(value: str) -> int:
    return int(value) if value.isdecimal() and int(value) < len(DOMAINS) else 0


def _destination(account: EmulatedAccount, value: str) -> int:
    """The folder an upload names, or the root when there is no such folder."""
    return int(value) if value.isdecimal() and account.has_folder(int(value)) else ROOT
