"""Local state, in SQLite: schema, migrations, stores, the vault."""

from storage.acceptance import AcceptedFile
from storage.accounts import AccountStore
from storage.batches import BATCH_FILES, BATCH_GAP, BatchStore
from storage.database import Database, open_database
from storage.duplicates import DuplicateStore, Twin
from storage.errors import (
    AlreadyRunning,
    BadSecretKey,
    CannotOpen,
    DatabaseTooNew,
    DatabaseUnusable,
    KeysDoNotFit,
    MigrationFailed,
    StorageError,
    VaultError,
)
from storage.folding import folded
from storage.inbox import REPETITION_WINDOW, InboxEntry, InboxStore, IncomingUpdate
from storage.jobs import Job, JobFile, JobFileState, JobKind, JobState, JobStore
from storage.limits import LimitRows
from storage.listings import ListingStore
from storage.local_files import LocalFileStore
from storage.lock import hold_data_directory, is_held
from storage.outbox import OutboxStore
from storage.people import PeopleStore
from storage.preferences import Duplicates, LinkFormat, Preferences, Sounds
from storage.questions import QuestionStore
from storage.records import (
    Account,
    Batch,
    BatchKind,
    Fact,
    FactKind,
    IncomingFile,
    Person,
    Question,
    Reason,
    RemoteState,
    RemoteUpload,
    StoredFile,
    StoredFolder,
    Transfer,
    TransferState,
)
from storage.remotes import RemoteStore, WantedUrl
from storage.retries import RetryOf, RetryRefusal, RetryStore, RetryWhat
from storage.search import FileIndex, Found, Reading, Window
from storage.transfers import CancelOutcome, TransferStore
from storage.vault import Vault, load_or_make_keys

__all__ = [
    "BATCH_FILES",
    "BATCH_GAP",
    "REPETITION_WINDOW",
    "AcceptedFile",
    "Account",
    "AccountStore",
    "AlreadyRunning",
    "BadSecretKey",
    "Batch",
    "BatchKind",
    "BatchStore",
    "CancelOutcome",
    "CannotOpen",
    "Database",
    "DatabaseTooNew",
    "DatabaseUnusable",
    "DuplicateStore",
    "Duplicates",
    "Fact",
    "FactKind",
    "FileIndex",
    "Found",
    "InboxEntry",
    "InboxStore",
    "IncomingFile",
    "IncomingUpdate",
    "Job",
    "JobFile",
    "JobFileState",
    "JobKind",
    "JobState",
    "JobStore",
    "KeysDoNotFit",
    "LimitRows",
    "LinkFormat",
    "ListingStore",
    "LocalFileStore",
    "MigrationFailed",
    "OutboxStore",
    "PeopleStore",
    "Person",
    "Preferences",
    "Question",
    "QuestionStore",
    "Reading",
    "Reason",
    "RemoteState",
    "RemoteStore",
    "RemoteUpload",
    "RetryOf",
    "RetryRefusal",
    "RetryStore",
    "RetryWhat",
    "Sounds",
    "StorageError",
    "StoredFile",
    "StoredFolder",
    "Transfer",
    "TransferState",
    "TransferStore",
    "Twin",
    "Vault",
    "VaultError",
    "WantedUrl",
    "Window",
    "folded",
    "hold_data_directory",
    "is_held",
    "load_or_make_keys",
    "open_database",
]
