"""What happens to a file or a URL between a person's message and its link. Knows nothing of chats."""

from transfers.accounts import INTERACTIVE_WAIT_SECONDS, Accounts, LoggedIn
from transfers.checksum import Checksums, Verify
from transfers.files import Files
from transfers.housekeeping import Housekeeping
from transfers.known_files import KnownFiles
from transfers.outcomes import TRIES
from transfers.pauses import Pauses
from transfers.progress import Progress
from transfers.relay import Relay
from transfers.remote_watch import RemoteWatch
from transfers.remotes import Remotes, StopOutcome
from transfers.retries import Retries
from transfers.settle import Settler
from transfers.sources import CLOUD_FILE_LIMIT, SourceError, TelegramFiles
from transfers.uploads import Uploads
from transfers.url_files import LARGEST_LIST, ListTooLong, NoText, read_text
from transfers.urls import RejectedUrl, UrlList, UrlProblem, read_urls
from transfers.views import AccountView, DeletedFile, FileCard, FileProblem, FolderView, NamedLink
from transfers.wakeups import Wakeups

__all__ = [
    "CLOUD_FILE_LIMIT",
    "INTERACTIVE_WAIT_SECONDS",
    "LARGEST_LIST",
    "TRIES",
    "AccountView",
    "Accounts",
    "Checksums",
    "DeletedFile",
    "FileCard",
    "FileProblem",
    "Files",
    "FolderView",
    "Housekeeping",
    "KnownFiles",
    "ListTooLong",
    "LoggedIn",
    "NamedLink",
    "NoText",
    "Pauses",
    "Progress",
    "RejectedUrl",
    "Relay",
    "RemoteWatch",
    "Remotes",
    "Retries",
    "Settler",
    "SourceError",
    "StopOutcome",
    "TelegramFiles",
    "Uploads",
    "UrlList",
    "UrlProblem",
    "Verify",
    "Wakeups",
    "read_text",
    "read_urls",
]
