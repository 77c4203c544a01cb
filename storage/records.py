"""Rows as frozen records. Times are aware datetimes in UTC, sizes are bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from storage.preferences import Preferences


def to_seconds(moment: datetime) -> float:
    """An aware datetime as the Unix seconds the database keeps."""
    return moment.timestamp()


def to_time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def to_time_or_none(seconds: float | None) -> datetime | None:
    return None if seconds is None else to_time(seconds)


class TransferState(StrEnum):
    """An upload's way. `confirming` is committed before the last piece leaves, so nothing sent earlier can be whole."""

    QUEUED = "queued"
    FETCHING = "fetching"
    SENDING = "sending"
    CONFIRMING = "confirming"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


ACTIVE_TRANSFER_STATES = (
    TransferState.QUEUED,
    TransferState.FETCHING,
    TransferState.SENDING,
    TransferState.CONFIRMING,
)


class RemoteState(StrEnum):
    """A remote upload's way. `requesting` is committed before the call, `executed` means 1fichier has ended it."""

    WAITING = "waiting"
    REQUESTING = "requesting"
    FETCHING = "fetching"
    EXECUTED = "executed"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


ACTIVE_REMOTE_STATES = (
    RemoteState.WAITING,
    RemoteState.REQUESTING,
    RemoteState.FETCHING,
    RemoteState.EXECUTED,
)


class BatchKind(StrEnum):
    UPLOAD = "upload"
    REMOTE = "remote"


class Reason(StrEnum):
    """Why something did not end as a link. `detail` beside it may quote the service."""

    TOO_BIG = "too_big"
    EMPTY = "empty"
    TELEGRAM_REFUSES = "telegram_refuses"
    TELEGRAM_UNREACHABLE = "telegram_unreachable"
    SIZE_DIFFERS = "size_differs"
    CONNECTION_LOST = "connection_lost"
    STALLED = "stalled"
    REFUSED = "refused"
    NOT_ALLOWED = "not_allowed"
    MUST_BE_CUSTOMER = "must_be_customer"
    GUEST_UPLOAD = "guest_upload"
    NO_KEY_IN_TIME = "no_key_in_time"
    NOT_ANSWERED = "not_answered"
    NEVER_SEEN = "never_seen"
    NO_NEWS = "no_news"
    VANISHED = "vanished"
    SOURCE_FAILED = "source_failed"
    KEY_REFUSED = "key_refused"
    NOT_VISIBLE = "not_visible"
    NO_ROOM = "no_room"
    DAMAGED = "damaged"
    DAMAGED_COPY_LEFT = "damaged_copy_left"
    PASSWORD_UNREADABLE = "password_unreadable"  # noqa: S105 - a reason
    BROKEN = "broken"
    DAILY_LIMIT = "daily_limit"


@dataclass(frozen=True)
class Person:
    """A Telegram user. `account_id` is the account in use, None before /login."""

    id: int
    language_code: str | None
    account_id: int | None
    preferences: Preferences = field(default_factory=Preferences)
    has_upload_password: bool = False

    @property
    def language(self) -> str | None:
        """The language that they are spoken to in: chosen, or else Telegram's."""
        return self.preferences.language or self.language_code


@dataclass(frozen=True)
class Account:
    """A 1fichier account of a person; the key stays in the vault until it is asked for.

    `number` tells the accounts of one person apart as long as they have no `name`.
    """

    id: int
    person_id: int
    number: int
    name: str
    refused_at: datetime | None
    folder_id: int
    folder_name: str
    sealed_key: bytes = field(repr=False)


@dataclass(frozen=True)
class Batch:
    """What one chat sent together. `closed_at`: nothing joins any more, its result is being told."""

    id: int
    kind: BatchKind
    person_id: int
    chat_id: int
    reply_to: int
    joined_at: datetime
    closed_at: datetime | None
    told_at: datetime | None
    status_message_id: int | None
    notice_message_id: int | None


@dataclass(frozen=True)
class IncomingFile:
    """A file as a message announces it: name, kind and size are the sender's claims; size None: not said.

    `channel`: the title of the one that it was forwarded from.
    """

    chat_id: int
    message_id: int
    file_id: str
    file_unique_id: str
    kind: str
    given_name: str
    name: str
    size: int | None
    channel: str = ""


@dataclass(frozen=True)
class Trouble:
    """What is not a file's or a URL's own fault keeps it from going on: since when, and how often in a row a service was away."""

    times: int
    since: datetime


@dataclass(frozen=True)
class Transfer:
    """One file on its way to 1fichier.

    Attributes:
        refused: turned down on arrival and told at once, hence no part of the batch's result.
        held: waits in the queue for its person's answer: the account has a file of this name and size.
        again: to be uploaded whatever the account has.
        channel: the title of the one in whose folder it is still to be put.
        whole_at: when the last piece was allowed out.
        redirected: 1fichier has answered 302 and so has the whole file.
        there_since: it was in the account already, and nothing was sent.
        protected: it gets the password that its person had set for new files.
        checksum: of what was sent, where it was computed.
        verified: the stored file's is the same.
        damaged: how many stored copies were not.
        local_path: where a local Bot API server has put the file.
    """

    id: int
    batch_id: int
    person_id: int
    account_id: int | None
    chat_id: int
    message_id: int
    file_id: str
    file_unique_id: str
    kind: str
    given_name: str
    name: str
    size: int | None
    folder_id: int
    folder_name: str
    state: TransferState
    cancelling: bool
    refused: bool
    held: bool
    again: bool
    tries: int
    not_before: datetime | None
    node_url: str | None
    node_upload_id: str | None
    whole_at: datetime | None
    redirected: bool
    link: str | None
    stored_name: str | None
    stored_size: int | None
    there_since: datetime | None
    protected: bool
    checksum: str | None
    verified: bool
    damaged: int
    local_path: str | None
    reason: Reason | None
    detail: str | None
    created_at: datetime
    ended_at: datetime | None
    channel: str = ""
    trouble: Trouble | None = None
    sealed_password: bytes | None = field(default=None, repr=False)

    @property
    def active(self) -> bool:
        return self.state in ACTIVE_TRANSFER_STATES


@dataclass(frozen=True)
class RemoteUpload:
    """One URL that 1fichier fetches.

    Attributes:
        shown_url: holds neither credentials nor query.
        told: the person wants to know its end.
        unwanted: what is fetched shall be deleted when it has come.
    """

    id: int
    batch_id: int
    person_id: int
    account_id: int
    chat_id: int
    message_id: int
    position: int
    shown_url: str
    folder_id: int
    folder_name: str
    state: RemoteState
    told: bool
    unwanted: bool
    not_before: datetime | None
    task_id: int | None
    requested_at: datetime | None
    polls_without: int
    link: str | None
    link_id: str | None
    stored_name: str | None
    stored_size: int | None
    web_page: bool
    reason: Reason | None
    detail: str | None
    created_at: datetime
    ended_at: datetime | None
    sealed_url: bytes = field(repr=False)
    trouble: Trouble | None = None

    @property
    def active(self) -> bool:
        return self.state in ACTIVE_REMOTE_STATES


class FactKind(StrEnum):
    """What a chat can be told of.

    The subject is the id of a batch, transfer, remote upload, account, job, alert,
    warning or delivery, or a Unix time.
    """

    BATCH_ENDED = "batch_ended"
    FILE_ENDED = "file_ended"
    LINK_ENDED = "link_ended"
    KEY_REFUSED = "key_refused"
    PAUSED = "paused"
    ACCOUNT_INFO = "account_info"
    JOB_ASKS = "job_asks"
    JOB_ENDED = "job_ended"
    ALERT = "alert"
    ACCOUNT_WARNING = "account_warning"
    DELIVERY_ENDED = "delivery_ended"
    CLEAN_UP = "clean_up"
    """Nothing is said: messages of a batch are deleted, now that its result has been told."""


class WarningKind(StrEnum):
    """What the owner of an account is warned of."""

    NEARLY_FULL = "nearly_full"
    OVER_QUOTA = "over_quota"
    ENDS_SOON = "ends_soon"
    ENDS_VERY_SOON = "ends_very_soon"
    UPLOADS_FORBIDDEN = "uploads_forbidden"


@dataclass(frozen=True)
class AccountWarning:
    id: int
    account_id: int
    kind: WarningKind


@dataclass(frozen=True)
class Fact:
    """Something a chat is to be told. `plain`: Telegram refused the full text, now the minimal one is tried.

    `parts_told`: so many messages of it have been taken.
    """

    id: int
    person_id: int
    chat_id: int
    kind: FactKind
    subject: int
    plain: bool
    parts_told: int = 0


@dataclass(frozen=True)
class Question:
    """What a person was asked. `subject` is what their answer will be about, readable only to this bot."""

    id: int
    person_id: int
    chat_id: int
    kind: str
    subject: Mapping[str, Any] = field(repr=False)
    answered: bool
    message_id: int | None
    until: datetime


@dataclass(frozen=True)
class StoredFile:
    """A file in an account as last listed, or as the bot itself has put it there. `folder_id` None: not known."""

    link_id: str
    link: str
    folder_id: int | None
    name: str
    size: int
    uploaded_at: datetime | None
    has_password: bool


@dataclass(frozen=True)
class StoredFolder:
    """`shared_url`: where everybody can see what is in it; empty: nowhere."""

    folder_id: int
    parent_id: int | None
    name: str
    listed_at: datetime | None
    complete: bool
    shared_url: str = ""
