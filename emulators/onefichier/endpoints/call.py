"""A call of the API, after its headers were checked."""

from dataclasses import dataclass
from typing import Any

from emulators.onefichier.accounts import ROOT, EmulatedAccount, StoredFile
from emulators.onefichier.service import Service
from emulators.onefichier.wire import JsonObject, RefusalError, integer, link_id, not_allowed, not_found


@dataclass(frozen=True, slots=True)
class ApiCall:
    """Who asks for what. `origin` is the scheme and host that direct links are built from."""

    service: Service
    account: EmulatedAccount
    body: JsonObject
    origin: str
    address: str

    def folder_id(self, name: str = "folder_id") -> int:
        """A folder of the caller's from the body; absent means the root.

        Raises:
            RefusalError: There is no such folder.
        """
        if self.body.get("sharing_user"):
            raise not_allowed()
        folder_id = integer(self.body.get(name) or ROOT)
        if not self.account.has_folder(folder_id):
            raise not_found()
        return folder_id

    def urls(self) -> list[Any]:
        urls = self.body.get("urls")
        if not isinstance(urls, list) or not urls:
            raise RefusalError("No URL #305")
        return urls

    def own_file(self, url: object) -> StoredFile:
        """The caller's file behind a link.

        Raises:
            RefusalError: No such file, or it is somebody else's.
        """
        found = self.service.find_file(link_id(url))
        if found is None:
            raise not_found()
        owner, file = found
        if owner is not self.account:
            raise not_allowed()
        return file

    def own_files(self, urls: list[Any]) -> list[StoredFile]:
        return [self.own_file(url) for url in urls]

    def named_file(self) -> tuple[EmulatedAccount | None, StoredFile]:
        """The file of `url`, or of `folder_id` and `filename`, with its owner, if the caller may have it."""
        if "url" in self.body:
            found = self.service.find_file(link_id(self.body["url"]))
        else:
            folder_id, name = self.folder_id(), self.body.get("filename")
            files = (file for file in self.account.files_in(folder_id) if file.name == name)
            found = next(((self.account, file) for file in files), None)
        if found is None:
            raise not_found()
        self.check_access(*found)
        return found

    def check_access(self, owner: EmulatedAccount | None, file: StoredFile) -> None:
        """Refuse what private settings and passwords keep from people other than the owner."""
        if owner is self.account:
            return
        if owner is not None and owner.locked:
            raise RefusalError("Owner locked #649")
        excluded = file.acl.email and self.account.email not in file.acl.email
        if excluded or (file.acl.premium and not self.account.is_customer):
            raise not_allowed()
        if file.password:
            given = self.body.get("pass")
            if not given:
                raise RefusalError("Password not provided. Resource not allowed #632")
            if given != file.password:
                raise RefusalError("Invalid password. Resource not allowed #633")
