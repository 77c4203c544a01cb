"""What is shown of an account: folders, files, figures."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from onefichier import AccountInfo, Link
from storage import StoredFile, StoredFolder


class FileProblem(StrEnum):
    """`UNKNOWN`: 1fichier was not asked, or gave no verdict."""

    NOT_FOUND = "not_found"
    NOT_YOURS = "not_yours"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class FolderView:
    """`path`: as `FileCard.folder_path`.

    Where this is only what was known before: `limited_until`, when 1fichier can be asked again; `away`, that it did not answer.
    """

    folder: StoredFolder
    sub_folders: list[StoredFolder]
    files: list[StoredFile]
    as_of: datetime
    limited_until: datetime | None = None
    path: str | None = None
    away: bool = False


@dataclass(frozen=True)
class FolderContents:
    """What a folder holds by itself, its sub-folders' content not counted."""

    folder: StoredFolder
    files: int
    folders: int
    size: int

    @property
    def empty(self) -> bool:
        return not self.files and not self.folders


@dataclass(frozen=True)
class FileCard:
    """A file. `own`: in the person's account.

    `folder_path` has no leading slash, is empty for the main folder, and None when it is not known; it begins with `…` where only its
    beginning is not.
    """

    link: Link
    name: str
    size: int
    uploaded_at: datetime | None
    folder_id: int | None
    folder_path: str | None
    has_password: bool
    own: bool


@dataclass(frozen=True)
class NamedLink:
    link: Link
    name: str | None = None
    size: int | None = None
    problem: FileProblem | None = None


@dataclass(frozen=True)
class DeletedFile:
    """`detail`: 1fichier's own words, where it gave some."""

    link: Link
    name: str | None
    deleted: bool
    problem: FileProblem | None = None
    detail: str | None = None


@dataclass(frozen=True)
class AccountView:
    """`away`: 1fichier did not answer, so these are the figures of before."""

    info: AccountInfo
    as_of: datetime
    away: bool = False
