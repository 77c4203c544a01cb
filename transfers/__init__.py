"""What happens to a file or a URL between a person's message and its link. Knows nothing of chats."""

from transfers.account_watch import AccountWatch, warnings_of
from transfers.accounts import INTERACTIVE_WAIT_SECONDS, Accounts, LoggedIn
from transfers.allowance import WINDOW, Allowance
from transfers.barring import Barring
from transfers.channel_folders import ChannelFolders
from transfers.checksum import Checksums, Verify
from transfers.copying import Copied, Copying
from transfers.deliveries import TRIES as DELIVERY_TRIES
from transfers.deliveries import Deliveries
from transfers.direct_links import DirectLink, DirectLinks
from transfers.file_changes import (
    SHORTEST_PASSWORD,
    FileChanges,
    FileGone,
    FolderGone,
    NotYours,
    PasswordTooShort,
)
from transfers.file_moving import FileMoving
from transfers.files import Files
from transfers.folder_deletion import Counted, FolderDeletion
from transfers.folders import Folders, IntoItself, NotEmpty
from transfers.gate import Gate
from transfers.housekeeping import Housekeeping
from transfers.index_reader import IndexReader
from transfers.jobs import Jobs
from transfers.known_files import KnownFiles
from transfers.maintenance import Maintenance
from transfers.naming import NameProblem, NameRefused, checked_name, extension_in
from transfers.outcomes import TRIES
from transfers.paths import ROOT
from transfers.pauses import Pauses
from transfers.progress import Progress, Traffic
from transfers.relay import Relay
from transfers.remote_watch import RemoteWatch
from transfers.remotes import Remotes, StopOutcome
from transfers.retries import Retries
from transfers.search import MOST_FOUND, Search, SearchView
from transfers.settle import Settler
from transfers.sources import CLOUD_FILE_LIMIT, SourceError, TelegramFiles
from transfers.telegram_documents import TelegramDocuments
from transfers.uploads import Uploads
from transfers.url_files import LARGEST_LIST, ListTooLong, NoText, read_text
from transfers.urls import RejectedUrl, UrlList, UrlProblem, read_urls
from transfers.views import (
    AccountView,
    DeletedFile,
    FileCard,
    FileProblem,
    FolderContents,
    FolderView,
    NamedLink,
)
from transfers.wakeups import Wakeups, rung

__all__ = [
    "CLOUD_FILE_LIMIT",
    "DELIVERY_TRIES",
    "INTERACTIVE_WAIT_SECONDS",
    "LARGEST_LIST",
    "MOST_FOUND",
    "ROOT",
    "SHORTEST_PASSWORD",
    "TRIES",
    "WINDOW",
    "AccountView",
    "AccountWatch",
    "Accounts",
    "Allowance",
    "Barring",
    "ChannelFolders",
    "Checksums",
    "Copied",
    "Copying",
    "Counted",
    "DeletedFile",
    "Deliveries",
    "DirectLink",
    "DirectLinks",
    "FileCard",
    "FileChanges",
    "FileGone",
    "FileMoving",
    "FileProblem",
    "Files",
    "FolderContents",
    "FolderDeletion",
    "FolderGone",
    "FolderView",
    "Folders",
    "Gate",
    "Housekeeping",
    "IndexReader",
    "IntoItself",
    "Jobs",
    "KnownFiles",
    "ListTooLong",
    "LoggedIn",
    "Maintenance",
    "NameProblem",
    "NameRefused",
    "NamedLink",
    "NoText",
    "NotEmpty",
    "NotYours",
    "PasswordTooShort",
    "Pauses",
    "Progress",
    "RejectedUrl",
    "Relay",
    "RemoteWatch",
    "Remotes",
    "Retries",
    "Search",
    "SearchView",
    "Settler",
    "SourceError",
    "StopOutcome",
    "TelegramDocuments",
    "TelegramFiles",
    "Traffic",
    "Uploads",
    "UrlList",
    "UrlProblem",
    "Verify",
    "Wakeups",
    "checked_name",
    "extension_in",
    "read_text",
    "read_urls",
    "rung",
    "warnings_of",
]
