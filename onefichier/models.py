"""The service's answers. Sizes are bytes, dates aware and in UTC, links `Link`s."""

import re
from enum import IntEnum
from typing import Annotated, Final, Self

from pydantic import AliasChoices, BeforeValidator, Field, field_validator, model_validator

from onefichier.links import Link, RemoveLink
from onefichier.wire import (
    FileLink,
    Flag,
    Many,
    Moment,
    Number,
    OptionalFileLink,
    OptionalWholeNumber,
    Text,
    WholeNumber,
    WireModel,
)

# file/ls.cgi cuts its answer there, without a word.
LISTING_CAP: Final = 5_000
# A quota below this many "bytes" is one in terabytes: the unit is not documented.
_SMALLEST_QUOTA_IN_BYTES: Final = 1_000_000
_TERABYTE: Final = 10**12
_NODE_ID: Final = re.compile(r"[A-Za-z0-9]{1,10}", re.ASCII)
_NODE_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?::\d{1,5})?", re.ASCII)


class UploadNode(WireModel):
    """Where one upload goes, and the id under which its report is asked for. Both may be stored."""

    host: str = Field(validation_alias=AliasChoices("url", "host"))
    """A bare host name, with a port where there is one."""
    id: str

    @field_validator("host")
    @classmethod
    def _is_bare(cls, value: str) -> str:
        if not _NODE_HOST.fullmatch(value):
            raise ValueError("not a bare host name")
        return value

    @field_validator("id")
    @classmethod
    def _is_short(cls, value: str) -> str:
        if not _NODE_ID.fullmatch(value):
            raise ValueError("not 1 to 10 letters and digits")
        return value


class ListedFile(WireModel):
    """A file as a listing shows it; the folder is the one that was listed."""

    link: FileLink = Field(validation_alias=AliasChoices("url", "link"))
    name: Text = Field(validation_alias=AliasChoices("filename", "name"))
    size: WholeNumber
    uploaded: Moment = Field(default=None, validation_alias=AliasChoices("date", "uploaded"))
    checksum: Text = ""
    """Whirlpool, 128 lower-case hexadecimal digits."""
    content_type: Text = Field(default="", validation_alias=AliasChoices("content-type", "content_type"))
    has_password: Flag = Field(default=False, validation_alias=AliasChoices("pass", "has_password"))
    has_access_rules: Flag = Field(default=False, validation_alias=AliasChoices("acl", "has_access_rules"))
    cdn: Flag = False


class Listing(WireModel):
    files: Annotated[tuple[ListedFile, ...], Many] = Field(validation_alias=AliasChoices("items", "files"))
    count: OptionalWholeNumber = None
    """What the service says they are; it need not say it."""

    @model_validator(mode="after")
    def _shows_what_it_counts(self) -> Self:
        # Taken for an empty folder, such an answer would have what is there sent once more.
        if self.count and not self.files:
            raise ValueError("files that are counted and not shown")
        return self

    @property
    def complete(self) -> bool:
        """False when the service cut the list at 5,000."""
        return len(self.files) < LISTING_CAP


class AccessRules(WireModel):
    """Who may download a file. All empty: anybody."""

    ip: Annotated[tuple[str, ...], Many] = ()
    """Addresses or networks, such as 192.0.2.0/24."""
    country: Annotated[tuple[str, ...], Many] = ()
    """Two-letter codes."""
    email: Annotated[tuple[str, ...], Many] = ()
    """Accounts of the service."""
    premium: Flag = False


def _rules(value: object) -> object:
    """file/info sends an object; an untyped 0 or an empty list when there are none."""
    return value if isinstance(value, dict | AccessRules) else AccessRules()


class FileInfo(WireModel):
    link: FileLink = Field(validation_alias=AliasChoices("url", "link"))
    name: Text = Field(validation_alias=AliasChoices("filename", "name"))
    size: WholeNumber
    uploaded: Moment = Field(default=None, validation_alias=AliasChoices("date", "uploaded"))
    folder_id: OptionalWholeNumber = None
    """None for a file of somebody else."""
    path: Text = ""
    """Folders from the root, without leading slash and without the name; empty at the root."""
    checksum: Text = ""
    content_type: Text = Field(default="", validation_alias=AliasChoices("content-type", "content_type"))
    description: Text = ""
    has_password: Flag = Field(default=False, validation_alias=AliasChoices("pass", "has_password"))
    no_ssl: Flag = False
    inline: Flag = False
    cdn: Flag = False
    access_rules: Annotated[AccessRules, BeforeValidator(_rules)] = Field(
        default=AccessRules(), validation_alias=AliasChoices("acl", "access_rules")
    )


class SubFolder(WireModel):
    id: WholeNumber
    name: Text
    created: Moment = Field(default=None, validation_alias=AliasChoices("create_date", "created"))
    has_password: Flag = Field(default=False, validation_alias=AliasChoices("pass", "has_password"))
    owner_email: Text = Field(default="", validation_alias=AliasChoices("email", "owner_email"))
    """Set on folders that somebody else shares with this account."""


class FolderShare(WireModel):
    """An account that a folder is shared with."""

    email: str
    rw: Flag = False
    hide_links: Flag = False


class Folder(WireModel):
    id: WholeNumber = Field(default=0, validation_alias=AliasChoices("folder_id", "id"))
    """0 is the root."""
    name: Text = ""
    created: Moment = Field(default=None, validation_alias=AliasChoices("create_date", "created"))
    sub_folders: Annotated[tuple[SubFolder, ...], Many] = ()
    files: Annotated[tuple[ListedFile, ...], Many] = Field(
        default=(), validation_alias=AliasChoices("items", "listed_files")
    )
    """Filled only when files were asked for."""
    size: WholeNumber = 0
    """Of its own files, without sub-folders; 0 for the root whatever it holds."""
    file_count: WholeNumber = Field(default=0, validation_alias=AliasChoices("files", "file_count"))
    """As `size`."""
    has_password: Flag = Field(default=False, validation_alias=AliasChoices("pass", "has_password"))
    shared_url: Text = Field(default="", validation_alias=AliasChoices("shared", "shared_url"))
    """The public address; empty when it has none."""
    shares: Annotated[tuple[FolderShare, ...], Many] = ()

    @property
    def complete(self) -> bool:
        """False when the service cut `files` at 5,000."""
        return len(self.files) < LISTING_CAP


class NewFolder(WireModel):
    id: WholeNumber = Field(validation_alias=AliasChoices("folder_id", "id"))
    name: Text = ""


class SharedFolder(WireModel):
    url: Text = ""


class DownloadToken(WireModel):
    """Whoever has the address downloads as the account's owner."""

    url: str = Field(repr=False)


class Changed(WireModel):
    """What a call on several files did: only the links in `links` were changed."""

    links: tuple[Link, ...]
    count: WholeNumber
    name: Text = ""
    """The new name, where one was asked for."""


class Removed(Changed): ...


class Renamed(WireModel):
    link: FileLink = Field(validation_alias=AliasChoices("url", "link"))
    old_name: Text = Field(default="", validation_alias=AliasChoices("old_filename", "old_name"))
    new_name: Text = Field(default="", validation_alias=AliasChoices("new_filename", "new_name"))


class Copied(WireModel):
    source: FileLink = Field(validation_alias=AliasChoices("from_url", "source"))
    link: FileLink = Field(validation_alias=AliasChoices("to_url", "link"))
    """The copy's own, new link."""


def _succeeded(value: object) -> object:
    return value if isinstance(value, bool) else str(value).strip().upper() == "OK"


class RemoteResult(WireModel):
    """How one URL of a remote upload ended."""

    ok: Annotated[bool, BeforeValidator(_succeeded)] = Field(validation_alias=AliasChoices("status", "ok"))
    source: Text = Field(default="", validation_alias=AliasChoices("url", "source"))
    link: OptionalFileLink = Field(default=None, validation_alias=AliasChoices("download_link", "link"))
    message: Text = ""
    """The reason of a failure; of a success, statistics in free text."""

    @property
    def succeeded(self) -> bool:
        """OK alone is not enough: without a link there is nothing to hand on."""
        return self.ok and self.link is not None


class RemoteTask(WireModel):
    """A request to fetch URLs. It is executed as a whole; there is no running state."""

    id: Annotated[WholeNumber, Field(gt=0)]
    requested: Moment = Field(
        default=None, validation_alias=AliasChoices("request_date", "date", "requested")
    )
    executed: Moment = Field(default=None, validation_alias=AliasChoices("execution_date", "executed"))
    """None while it waits or runs."""
    sources: Annotated[tuple[str, ...], Many] = Field(
        default=(), validation_alias=AliasChoices("links", "urls", "sources")
    )
    """The URLs. Empty in a listing of tasks."""
    results: Annotated[tuple[RemoteResult, ...], Many] = Field(
        default=(), validation_alias=AliasChoices("result", "results")
    )
    """One per URL, once executed. Empty in a listing of tasks."""


class Offer(IntEnum):
    FREE = 0
    PREMIUM = 1
    ACCESS = 2
    PREMIUM_GOLD = 3
    UNKNOWN = -1
    """A number that was not documented when this was written: see `AccountInfo.offer_number`."""


class AccountInfo(WireModel):
    """The account. Storage figures are those of `stats_date`: they lag."""

    email: Text = ""
    offer_number: WholeNumber = Field(default=0, validation_alias=AliasChoices("offer", "offer_number"))
    subscription_end: Moment = None
    cdn: Number = 0.0
    """CDN credits, in GB."""
    use_cdn: Flag = False
    hot_storage: WholeNumber = 0
    """Bytes of files accessed within 60 days."""
    cold_storage: WholeNumber = 0
    """Bytes of all other files; these count against the quota."""
    allowed_cold_storage: WholeNumber = 0
    available_cold_storage: WholeNumber = 0
    available_storage: WholeNumber = 0
    """May be negative: what is over the quota."""
    extended_quota: Number = 0.0
    """Cold storage bought in addition, in TB."""
    extended_quota_end: Moment = None
    overquota: Flag = False
    """If it stays so, the service deletes files."""
    upload_forbidden: Flag = False
    stats_date: Moment = None

    @field_validator("allowed_cold_storage")
    @classmethod
    def _in_bytes(cls, value: int) -> int:
        return value * _TERABYTE if 0 < value < _SMALLEST_QUOTA_IN_BYTES else value

    @property
    def offer(self) -> Offer:
        return next((offer for offer in Offer if offer == self.offer_number), Offer.UNKNOWN)

    @property
    def used(self) -> int:
        return self.hot_storage + self.cold_storage

    @property
    def cold_quota(self) -> int:
        """Bytes; 0 when the service names none. `available_cold_storage` is the total too, despite its name."""
        return self.allowed_cold_storage or max(0, self.available_cold_storage)


def _remove_link(value: object) -> object:
    """Empty for a file of an account; the HTML page shows `--` there."""
    if value is None or (isinstance(value, str) and value.strip() in {"", "--", "0"}):
        return None
    return RemoveLink(value) if isinstance(value, str) else value


class UploadReport(WireModel):
    """What end.pl says of one stored file."""

    link: FileLink = Field(validation_alias=AliasChoices("download", "link"))
    name: Text = Field(validation_alias=AliasChoices("filename", "name"))
    size: WholeNumber
    whirlpool: Text = ""
    remove: Annotated[RemoveLink | None, BeforeValidator(_remove_link)] = None
    """Set when the file belongs to no account."""
    incoming: Flag = False
    """In the "incoming" folder of an account that was named but not proven."""

    @property
    def is_guest(self) -> bool:
        """True when the file did not land in the account whose key was sent."""
        return self.remove is not None or self.incoming
