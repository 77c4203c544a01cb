"""A 1fichier that behaves as documented, on loopback: accounts, uploads, downloads, remote uploads, limits, faults."""

from emulators.onefichier.accounts import EmulatedAccount, Folder, StoredFile
from emulators.onefichier.content import (
    Content,
    ContentForgottenError,
    DiskContent,
    ForgottenContent,
    KeptContent,
    RepeatedContent,
)
from emulators.onefichier.faults import (
    ANY,
    API,
    DOWNLOAD,
    END_OF_BODY,
    REPORT,
    UPLOAD,
    Fault,
    FaultKind,
    Faults,
)
from emulators.onefichier.limits import DURING_A_LOCK, LimitBreach, Limits
from emulators.onefichier.remotes import Failed, Fetched, RemoteTask, RemoteUploads
from emulators.onefichier.server import OneFichier
from emulators.onefichier.service import Call
from emulators.onefichier.uploads import Upload, UploadNode
from emulators.onefichier.whirlpool import whirlpool, whirlpool_is_fast

__all__ = [
    "ANY",
    "API",
    "DOWNLOAD",
    "DURING_A_LOCK",
    "END_OF_BODY",
    "REPORT",
    "UPLOAD",
    "Call",
    "Content",
    "ContentForgottenError",
    "DiskContent",
    "EmulatedAccount",
    "Failed",
    "Fault",
    "FaultKind",
    "Faults",
    "Fetched",
    "Folder",
    "ForgottenContent",
    "KeptContent",
    "LimitBreach",
    "Limits",
    "OneFichier",
    "RemoteTask",
    "RemoteUploads",
    "RepeatedContent",
    "StoredFile",
    "Upload",
    "UploadNode",
    "whirlpool",
    "whirlpool_is_fast",
]
