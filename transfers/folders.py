"""Folders of an account: made, renamed, moved, shared, and removed when empty."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from onefichier import (
    Client,
    Folder,
    KeyRefused,
    Limited,
    NotFound,
    Priority,
    Refusal,
    safe_name,
    same_name,
)
from storage import Account, ListingStore, PeopleStore, StoredFolder
from transfers.accounts import INTERACTIVE_WAIT_SECONDS, Accounts
from transfers.file_changes import FolderGone
from transfers.naming import NameProblem, NameRefused, checked_name
from transfers.paths import ROOT, is_within, path_of
from transfers.views import FolderContents


class IntoItself(Exception):
    """A folder cannot be moved into itself, nor into one of its own."""


class NotEmpty(Exception):
    """Nothing was removed."""


@dataclass(frozen=True)
class Folders:
    """Every change is noted, so that nothing is listed again. What is so already is done.

    All raise FolderGone, and OneFichierError where 1fichier cannot be asked, refuses, or gave no verdict.
    """

    accounts: Accounts
    people: PeopleStore
    listings: ListingStore

    async def known(self, account: Account, folder_id: int) -> StoredFolder | None:
        """As it was last listed; nobody is asked."""
        return await self.listings.folder(account.id, folder_id)

    async def path(self, account: Account, folder_id: int) -> str | None:
        """As `FolderView.path`."""
        return await path_of(self.listings, account.id, folder_id)

    async def look_into(
        self,
        account: Account,
        folder_id: int,
        *,
        priority: Priority = Priority.INTERACTIVE,
        wait: float = INTERACTIVE_WAIT_SECONDS,
    ) -> FolderContents:
        """By one cheap call; not for the main folder, which 1fichier does not count."""
        async with self._client(account, folder_id) as client:
            folder = await client.list_folder(folder_id, priority=priority, wait=wait)
        noted = await self._noted(account, folder)
        return FolderContents(noted, folder.file_count, len(folder.sub_folders), folder.size)

    async def make(
        self,
        account: Account,
        parent_id: int,
        name: str,
        *,
        priority: Priority = Priority.INTERACTIVE,
        wait: float = INTERACTIVE_WAIT_SECONDS,
    ) -> tuple[StoredFolder, bool]:
        """A new folder; False and the one there is when the parent has one of that name.

        Raises:
            NameRefused: the name cannot be given.
        """
        wanted = checked_name(name)
        async with self._client(account, parent_id) as client:
            try:
                made = await client.make_folder(wanted, parent_id, priority=priority, wait=wait)
            except (KeyRefused, Limited, NotFound):
                raise
            except Refusal:
                existing = await _sub_folder(client, parent_id, wanted, priority, wait)
                if existing is None:
                    raise
                folder_id, name, new = existing[0], existing[1], False
            else:
                folder_id, name, new = made.id, made.name, True
        folder = await self.listings.folder(account.id, folder_id)
        folder = replace(
            folder or StoredFolder(folder_id, parent_id, name, None, complete=True),
            parent_id=parent_id,
            name=name,
        )
        await self.listings.note_folder(account.id, folder)
        return folder, new

    async def rename(self, account: Account, folder_id: int, name: str) -> StoredFolder:
        """Raises NameRefused when the name cannot be given."""
        wanted = safe_name(checked_name(name))
        known = await self.listings.folder(account.id, folder_id)
        if known is not None and same_name(known.name, wanted):
            return known
        async with self._client(account, folder_id) as client:
            try:
                await client.rename_folder(folder_id, wanted, wait=INTERACTIVE_WAIT_SECONDS)
            except (KeyRefused, Limited, NotFound):
                raise
            except Refusal:
                present = await client.list_folder(folder_id, wait=INTERACTIVE_WAIT_SECONDS)
                if not same_name(present.name, wanted):
                    parent = (await self._noted(account, present)).parent_id
                    if await _sub_folder(client, parent or ROOT, wanted) is not None:
                        raise NameRefused(NameProblem.TAKEN) from None
                    raise
            folder = await self._known_or_listed(account, client, folder_id)
        renamed = replace(folder, name=wanted)
        await self.listings.note_folder(account.id, renamed)
        await self.people.note_folder_renamed(account.id, folder_id, wanted)
        return renamed

    async def move(self, account: Account, folder_id: int, parent_id: int) -> StoredFolder:
        """Under another folder.

        Raises:
            IntoItself: that one is the folder itself, or lies in it.
            NameRefused: there is a folder of that name there.
        """
        if await is_within(self.listings, account.id, parent_id, folder_id):
            raise IntoItself
        folder = await self.listings.folder(account.id, folder_id)
        if folder is not None and folder.parent_id == parent_id:
            return folder
        async with self._client(account, folder_id) as client:
            folder = folder or await self._known_or_listed(account, client, folder_id)
            try:
                await client.move_folder(folder_id, parent_id, wait=INTERACTIVE_WAIT_SECONDS)
            except (KeyRefused, Limited):
                raise
            except NotFound as error:
                # Is it the one to be moved that is gone, or the one it was to go to?
                await client.list_folder(folder_id, wait=INTERACTIVE_WAIT_SECONDS)
                await self.forget(account, parent_id)
                raise FolderGone from error
            except Refusal:
                there = await _sub_folder(client, parent_id, folder.name)
                if there is None:
                    raise
                if there[0] != folder_id:
                    raise NameRefused(NameProblem.TAKEN) from None
        moved = replace(folder, parent_id=parent_id)
        await self.listings.note_folder(account.id, moved)
        return moved

    async def share(self, account: Account, folder_id: int, *, public: bool) -> StoredFolder:
        """Give it a public address, where everybody can see what is in it, or take that away."""
        async with self._client(account, folder_id) as client:
            folder = await self._known_or_listed(account, client, folder_id)
            url = await client.share_folder(folder_id, public=public, wait=INTERACTIVE_WAIT_SECONDS)
        shared = replace(folder, shared_url=url if public else "")
        await self.listings.note_folder(account.id, shared)
        return shared

    async def remove_empty(self, account: Account, folder_id: int) -> bool:
        """Remove it; True when new files went there, which go to the main folder from now on.

        Raises:
            NotEmpty: by now there is something in it.
        """
        async with self.accounts.using(account) as client:
            try:
                await client.remove_folder(folder_id, wait=INTERACTIVE_WAIT_SECONDS)
            except (KeyRefused, Limited):
                raise
            except NotFound:
                pass
            except Refusal as refusal:
                folder = await client.list_folder(folder_id, wait=INTERACTIVE_WAIT_SECONDS)
                if folder.file_count or folder.sub_folders:
                    raise NotEmpty from refusal
                raise
        return await self.forget(account, folder_id)

    async def forget(self, account: Account, folder_id: int) -> bool:
        """Note that it is gone; True when new files went there."""
        await self.listings.forget_folder(account.id, folder_id)
        return await self.people.note_folder_gone(account.id, folder_id)

    @asynccontextmanager
    async def _client(self, account: Account, folder_id: int) -> AsyncIterator[Client]:
        async with self.accounts.using(account) as client:
            try:
                yield client
            except NotFound as error:
                await self.forget(account, folder_id)
                raise FolderGone from error

    async def _known_or_listed(self, account: Account, client: Client, folder_id: int) -> StoredFolder:
        known = await self.listings.folder(account.id, folder_id)
        if known is not None:
            return known
        return await self._noted(account, await client.list_folder(folder_id, wait=INTERACTIVE_WAIT_SECONDS))

    async def _noted(self, account: Account, folder: Folder) -> StoredFolder:
        known = await self.listings.folder(account.id, folder.id)
        noted = StoredFolder(
            folder_id=folder.id,
            parent_id=known.parent_id if known else None,
            name=folder.name if folder.id != ROOT else "",
            listed_at=known.listed_at if known else None,
            complete=known.complete if known else True,
            shared_url=folder.shared_url,
        )
        await self.listings.note_folder(account.id, noted)
        return noted


async def _sub_folder(
    client: Client,
    parent_id: int,
    name: str,
    priority: Priority = Priority.INTERACTIVE,
    wait: float = INTERACTIVE_WAIT_SECONDS,
) -> tuple[int, str] | None:
    """Id and name of the parent's folder of that name."""
    parent = await client.list_folder(parent_id, priority=priority, wait=wait)
    return next(((sub.id, sub.name) for sub in parent.sub_folders if same_name(sub.name, name)), None)
