"""Local state, in SQLite: schema, migrations, stores, the vault."""

from storage.acceptance import AcceptedFile
from storage.access import AccessStore, Admission, Entry, Invitation, Role
from storage.account_warnings import WarningStore, WatchedAccount
from storage.accounts import AccountStore
from storage.alerts import Alert, AlertKind, AlertStore
from storage.backup import Inspection, back_up, inspect, put_in_place
from storage.batches import BATCH_FILES, BATCH_GAP, BatchStore
from storage.database import Database, open_database
from storage.deliveries import Delivery, DeliveryReason, DeliveryState, DeliveryStore, WantedFile
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
from storage.history import HistoryStore
from storage.inbox import REPETITION_WINDOW, InboxEntry, InboxStore, IncomingUpdate
from storage.jobs import Job, JobFile, JobFileState, JobKind, JobState, JobStore
from storage.limits import LimitRows
from storage.listings import ListingStore
from storage.local_files import LocalFileStore
from storage.lock import hold_data_directory, is_held, note_life, seconds_since_life
from storage.migration import newest_version
from storage.outbox import OutboxStore
from storage.people import PeopleStore
from storage.preferences import Duplicates, LinkFormat, Preferences, Sounds
from storage.process import ProcessStore, Switch
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
    Trouble,
    WarningKind,
)
from storage.remotes import RemoteStore, WantedUrl, WatchedUrl
from storage.retries import RetryOf, RetryRefusal, RetryStore, RetryWhat
from storage.sealed import Resealed, count_by_key, reseal_all
from storage.search import FileIndex, Found, Reading, Window
from storage.taken_in import TakenInStore
from storage.totals import Ended, PersonTotals, Totals, TotalsStore
from storage.transfers import CancelOutcome, TransferStore
from storage.vault import Vault, add_key, load_or_make_keys, read_keys

__all__ = [
    "BATCH_FILES",
    "BATCH_GAP",
    "REPETITION_WINDOW",
    "AcceptedFile",
    "AccessStore",
    "Account",
    "AccountStore",
    "Admission",
    "Alert",
    "AlertKind",
    "AlertStore",
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
    "Delivery",
    "DeliveryReason",
    "DeliveryState",
    "DeliveryStore",
    "DuplicateStore",
    "Duplicates",
    "Ended",
    "Entry",
    "Fact",
    "FactKind",
    "FileIndex",
    "Found",
    "HistoryStore",
    "InboxEntry",
    "InboxStore",
    "IncomingFile",
    "IncomingUpdate",
    "Inspection",
    "Invitation",
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
    "PersonTotals",
    "Preferences",
    "ProcessStore",
    "Question",
    "QuestionStore",
    "Reading",
    "Reason",
    "RemoteState",
    "RemoteStore",
    "RemoteUpload",
    "Resealed",
    "RetryOf",
    "RetryRefusal",
    "RetryStore",
    "RetryWhat",
    "Role",
    "Sounds",
    "StorageError",
    "StoredFile",
    "StoredFolder",
    "Switch",
    "TakenInStore",
    "Totals",
    "TotalsStore",
    "Transfer",
    "TransferState",
    "TransferStore",
    "Trouble",
    "Twin",
    "Vault",
    "VaultError",
    "WantedFile",
    "WantedUrl",
    "WarningKind",
    "WarningStore",
    "WatchedAccount",
    "WatchedUrl",
    "Window",
    "add_key",
    "back_up",
    "count_by_key",
    "folded",
    "hold_data_directory",
    "inspect",
    "is_held",
    "load_or_make_keys",
    "newest_version",
    "note_life",
    "open_database",
    "put_in_place",
    "read_keys",
    "reseal_all",
    "seconds_since_life",
]
