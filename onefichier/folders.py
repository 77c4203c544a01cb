"""Calls on folders: folder/*. The root is 0."""

from collections.abc import Sequence

from onefichier.calls import Calls, given
from onefichier.funnel import Call, read_model
from onefichier.models import Folder, FolderShare, NewFolder, SharedFolder
from onefichier.names import safe_name
from onefichier.schedule import Priority


class FolderCalls(Calls):
    async def list_folder(
        self,
        folder_id: int = 0,
        *,
        files: bool = False,
        priority: Priority = Priority.INTERACTIVE,
        wait: float | None = None,
    ) -> Folder:
        """A folder and its sub-folders; with `files`, its files too, which counts as a listing of it."""
        call = Call(
            "folder/ls.cgi",
            given(folder_id=folder_id, files=files or None),
            expects=("folder_id", "sub_folders", "name"),
            lists_folder=folder_id if files else None,
        )
        answer = await self._call(call, priority, wait)
        return read_model(Folder, {"folder_id": folder_id, **answer}, call)

    async def check_key(
        self, *, priority: Priority = Priority.INTERACTIVE, wait: float | None = None
    ) -> Folder:
        """The root, by a call that is cheap and refuses a bad key. Raises KeyRefused."""
        return await self.list_folder(priority=priority, wait=wait)

    async def make_folder(
        self,
        name: str,
        parent_id: int = 0,
        *,
        priority: Priority = Priority.INTERACTIVE,
        wait: float | None = None,
    ) -> NewFolder:
        """Refused when the parent has one of that name: list the parent then."""
        call = Call(
            "folder/mkdir.cgi",
            {"name": safe_name(name), "folder_id": parent_id},
            expects=("folder_id",),
            effect=True,
        )
        return read_model(
            NewFolder, {"name": safe_name(name), **await self._call(call, priority, wait)}, call
        )

    async def move_folder(
        self,
        folder_id: int,
        parent_id: int,
        *,
        priority: Priority = Priority.INTERACTIVE,
        wait: float | None = None,
    ) -> None:
        """Under another parent. Never together with a new name: the service then ignores the parent."""
        await self._move({"folder_id": folder_id, "destination_folder_id": parent_id}, priority, wait)

    async def rename_folder(
        self,
        folder_id: int,
        name: str,
        *,
        priority: Priority = Priority.INTERACTIVE,
        wait: float | None = None,
    ) -> None:
        await self._move({"folder_id": folder_id, "rename": safe_name(name)}, priority, wait)

    async def remove_folder(
        self, folder_id: int, *, priority: Priority = Priority.INTERACTIVE, wait: float | None = None
    ) -> None:
        """Only an empty one is removed."""
        call = Call("folder/rm.cgi", {"folder_id": folder_id}, effect=True)
        await self._call(call, priority, wait)

    async def share_folder(
        self,
        folder_id: int,
        *,
        public: bool,
        password: str | None = None,
        shares: Sequence[FolderShare] | None = None,
        priority: Priority = Priority.INTERACTIVE,
        wait: float | None = None,
    ) -> str:
        """The public address, empty when there is none. `shares` replaces the accounts it is shared with; None leaves them."""
        accounts = None if shares is None else [_share(share) for share in shares]
        body = given(folder_id=folder_id, share=public, shares=accounts, **{"pass": password})
        call = Call("folder/share.cgi", body, expects=("url",), effect=True)
        return read_model(SharedFolder, await self._call(call, priority, wait), call).url

    async def _move(self, body: dict[str, object], priority: Priority, wait: float | None) -> None:
        call = Call("folder/mv.cgi", body, expects=("old_name", "new_name"), effect=True)
        await self._call(call, priority, wait)


def _share(share: FolderShare) -> dict[str, object]:
    return {"email": share.email, "rw": int(share.rw), "hide_links": int(share.hide_links)}
