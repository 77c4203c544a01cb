"""Looking at and deleting what is in an account: from the cache where the limits of the service ask for it."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from onefichier import (
    AccountInfo,
    Client,
    Clock,
    FileInfo,
    KeyRefused,
    Limited,
    Link,
    ListedFile,
    NotAllowed,
    NotFound,
    OneFichierError,
    Priority,
    Refusal,
    Unclear,
    Waiting,
)
from storage import (
    Account,
    FactKind,
    ListingStore,
    OutboxStore,
    PeopleStore,
    StoredFile,
    StoredFolder,
    TransferStore,
)
from transfers.accounts import INTERACTIVE_WAIT_SECONDS, Accounts
from transfers.paths import path_of
from transfers.pauses import whole_minute
from transfers.views import AccountView, DeletedFile, FileCard, FileProblem, FolderView, NamedLink
from transfers.wakeups import Wakeups

log = logging.getLogger(__name__)

ROOT: Final = 0
# file/info is watched closely by the service ("Owner locked" after a few in a row).
INFO_CALLS: Final = 5
# Links in one file/rm call: the question that comes before it does not name more.
REMOVED_AT_ONCE: Final = 100


@dataclass(frozen=True)
class _Known:
    name: str
    size: int | None


class Files:
    def __init__(
        self,
        *,
        accounts: Accounts,
        people: PeopleStore,
        listings: ListingStore,
        transfers: TransferStore,
        outbox: OutboxStore,
        wakeups: Wakeups,
        clock: Clock,
        list_seconds: float,
        account_seconds: float,
    ) -> None:
        self._accounts = accounts
        self._people = people
        self._listings = listings
        self._transfers = transfers
        self._outbox = outbox
        self._wakeups = wakeups
        self._clock = clock
        self._list_for = timedelta(seconds=list_seconds)
        self._account_for = timedelta(seconds=account_seconds)

    async def folder(self, account: Account, folder_id: int) -> FolderView:
        """A folder's content. During a pause of the service, what is known of it.

        Raises:
            OneFichierError: nothing is known, and 1fichier cannot be asked or says no.
        """
        known = await self._listings.folder(account.id, folder_id)
        listed_at = known.listed_at if known else None
        limited_until, away = None, False
        if listed_at is None or self._clock.now() - listed_at >= self._list_for:
            try:
                await self._list(account, folder_id)
            except (Waiting, Limited, Unclear) as error:
                if listed_at is None:
                    raise
                log.info("Folder %d is shown as it was known: %s", folder_id, type(error).__name__)
                limited_until, away = getattr(error, "until", None), isinstance(error, Unclear)
        return replace(await self._view(account, folder_id), limited_until=limited_until, away=away)

    async def card(self, account: Account | None, link: Link) -> FileCard:
        """What is known of a file, asking 1fichier only when our own records do not have it.

        Raises:
            OneFichierError: neither our records nor 1fichier can tell.
        """
        if account is not None:
            own = await self._own(account, link)
            if own is not None:
                return await self._own_card(account, link, own)
            async with self._accounts.using(account) as client:
                info = await client.file_info(link, wait=INTERACTIVE_WAIT_SECONDS)
            return await self._info_card(account, info)
        raise NotAllowed("no account", endpoint="file/info.cgi", http_status=0)

    async def names(self, account: Account, links: Sequence[Link]) -> list[NamedLink]:
        """Names for a question: our own records first, then one listing, then at most five file/info."""
        found: dict[str, NamedLink] = {}
        for link in links:
            if own := await self._known(account, link):
                found[link.id] = NamedLink(link, own.name, own.size)
        missing = [link for link in links if link.id not in found]
        if len(missing) > 1:
            found |= await self._names_in_folder(account, missing)
            missing = [link for link in links if link.id not in found]
        for link in missing[:INFO_CALLS]:
            found[link.id] = await self._name_by_info(account, link)
        return [found.get(link.id) or NamedLink(link, problem=FileProblem.UNKNOWN) for link in links]

    async def delete(self, account: Account, links: Sequence[Link]) -> list[DeletedFile]:
        """Delete files and say of each how it went. Deleting what is gone already counts as deleted.

        Raises:
            OneFichierError: 1fichier cannot be asked, or gave no verdict; asking again is harmless.
        """
        names = {link.id: await self._known(account, link) for link in links}
        removed: set[str] = set()
        refusal: str | None = None
        async with self._accounts.using(account) as client:
            for start in range(0, len(links), REMOVED_AT_ONCE):
                part = links[start : start + REMOVED_AT_ONCE]
                try:
                    answer = await client.remove_files(part, wait=INTERACTIVE_WAIT_SECONDS)
                except (KeyRefused, Limited):
                    raise
                except Refusal as error:
                    refusal = error.message or None
                else:
                    removed |= await self._note_deleted(account, answer.links)
            results = []
            left = INFO_CALLS
            for link in links:
                known = names[link.id]
                name = known.name if known else None
                if link.id in removed:
                    results.append(DeletedFile(link, name, deleted=True))
                elif left:
                    left -= 1
                    results.append(await self._not_removed(client, link, name, refusal))
                else:
                    unknown = FileProblem.UNKNOWN
                    results.append(DeletedFile(link, name, deleted=False, problem=unknown, detail=refusal))
        await self._note_deleted(account, [result.link for result in results if result.deleted])
        return results

    async def account_info(
        self,
        account: Account,
        *,
        priority: Priority = Priority.INTERACTIVE,
        wait: float = INTERACTIVE_WAIT_SECONDS,
    ) -> AccountView:
        """Offer, quota and use, from the cache within the limits of user/info.

        Raises:
            Waiting: nothing is known yet and 1fichier cannot be asked now.
            OneFichierError: nothing is known yet and 1fichier gave no verdict.
        """
        known = await self._known_account_info(account)
        if known is not None and self._clock.now() - known.as_of < self._account_for:
            return known
        try:
            async with self._accounts.using(account) as client:
                info = await client.account_info(priority=priority, wait=wait)
        except (Waiting, Limited, Unclear) as error:
            if known is None:
                raise
            return replace(known, away=isinstance(error, Unclear))
        now = self._clock.now()
        # The address is not needed for anything that is shown.
        await self._people.remember_account_info(account.id, info.model_dump_json(exclude={"email"}), now)
        self._wakeups.figures_came(account.id)
        return AccountView(info, now)

    async def tell_account_info_later(self, account: Account, chat_id: int, when: datetime) -> None:
        """Answer by ourselves once 1fichier may be asked."""
        await self._outbox.put(
            account.person_id,
            chat_id,
            FactKind.ACCOUNT_INFO,
            whole_minute(when),
            now=self._clock.now(),
            not_before=when,
        )
        self._wakeups.outbox.set()

    async def _list(self, account: Account, folder_id: int) -> None:
        async with self._accounts.using(account) as client:
            listing = await client.list_files(folder_id, wait=INTERACTIVE_WAIT_SECONDS)
            folder = await client.list_folder(folder_id, wait=INTERACTIVE_WAIT_SECONDS)
        parent = None if folder_id == ROOT else await self._parent_of(account, folder_id)
        await self._listings.replace_folder(
            account.id,
            StoredFolder(
                folder_id,
                parent,
                folder.name if folder_id != ROOT else "",
                None,
                listing.complete,
                folder.shared_url,
            ),
            [
                StoredFolder(sub.id, folder_id, sub.name, None, complete=True)
                for sub in folder.sub_folders
                if sub.id != ROOT
            ],
            [stored(file, folder_id) for file in listing.files],
            now=self._clock.now(),
        )

    async def _parent_of(self, account: Account, folder_id: int) -> int | None:
        known = await self._listings.folder(account.id, folder_id)
        return known.parent_id if known else None

    async def _view(self, account: Account, folder_id: int) -> FolderView:
        folder = await self._listings.folder(account.id, folder_id)
        if folder is None:
            raise AssertionError("a folder that was listed is known")
        subs = await self._listings.sub_folders(account.id, folder_id)
        return FolderView(
            folder=folder,
            sub_folders=sorted(subs, key=lambda sub: sub.name.casefold()),
            files=await self._listings.files(account.id, folder_id),
            as_of=folder.listed_at or self._clock.now(),
            path=await path_of(self._listings, account.id, folder_id),
        )

    async def _own(self, account: Account, link: Link) -> StoredFile | None:
        """The file as our listings have it."""
        listed = await self._listings.file(account.id, link.id)
        return listed if listed is not None and listed.name else None

    async def _known(self, account: Account, link: Link) -> _Known | None:
        """What it is or was called: our listings first, then what we have uploaded."""
        listed = await self._own(account, link)
        if listed is not None:
            return _Known(listed.name, listed.size)
        uploaded = await self._transfers.of_link(account.person_id, link.id)
        if uploaded is None or uploaded.account_id != account.id:
            return None
        return _Known(uploaded.stored_name or uploaded.name, uploaded.stored_size)

    async def _note_deleted(self, account: Account, links: Iterable[Link]) -> set[str]:
        deleted = {link.id for link in links}
        await self._listings.note_all_deleted(account.id, deleted, self._clock.now())
        return deleted

    async def _own_card(self, account: Account, link: Link, own: StoredFile) -> FileCard:
        return FileCard(
            link=Link(link.id, own.link),
            name=own.name,
            size=own.size,
            uploaded_at=own.uploaded_at,
            folder_id=own.folder_id,
            folder_path=await path_of(self._listings, account.id, own.folder_id),
            has_password=own.has_password,
            own=True,
        )

    async def _info_card(self, account: Account, info: FileInfo) -> FileCard:
        own = info.folder_id is not None
        if info.folder_id is not None:
            await self._listings.note_file(account.id, stored(info, info.folder_id), self._clock.now())
            await self._note_folder_seen(account, info.folder_id, info.path)
        return FileCard(
            link=info.link,
            name=info.name,
            size=info.size,
            uploaded_at=info.uploaded,
            folder_id=info.folder_id,
            folder_path=info.path if own else None,
            has_password=info.has_password,
            own=own,
        )

    async def _note_folder_seen(self, account: Account, folder_id: int, path: str) -> None:
        above, _, name = path.rpartition("/")
        if folder_id != ROOT:
            seen = StoredFolder(folder_id, None if above else ROOT, name, None, complete=True)
            await self._listings.note_folder_seen(account.id, seen)

    async def _names_in_folder(self, account: Account, links: Iterable[Link]) -> dict[str, NamedLink]:
        try:
            view = await self.folder(account, account.folder_id)
        except KeyRefused:
            raise
        except OneFichierError as error:
            log.info("No listing for the names of a question: %s", type(error).__name__)
            return {}
        listed = {file.link_id: file for file in view.files}
        return {
            link.id: NamedLink(link, listed[link.id].name, listed[link.id].size)
            for link in links
            if link.id in listed
        }

    async def _name_by_info(self, account: Account, link: Link) -> NamedLink:
        try:
            async with self._accounts.using(account) as client:
                info = await client.file_info(link, wait=INTERACTIVE_WAIT_SECONDS)
        except NotFound:
            return NamedLink(link, problem=FileProblem.NOT_FOUND)
        except NotAllowed:
            return NamedLink(link, problem=FileProblem.NOT_YOURS)
        except KeyRefused:
            raise
        except (Waiting, Refusal, Unclear):
            return NamedLink(link, problem=FileProblem.UNKNOWN)
        problem = FileProblem.NOT_YOURS if info.folder_id is None else None
        if problem is None:
            await self._listings.note_file(account.id, stored(info, info.folder_id), self._clock.now())
        return NamedLink(link, info.name, info.size, problem)

    async def _not_removed(
        self, client: Client, link: Link, name: str | None, refusal: str | None
    ) -> DeletedFile:
        try:
            info = await client.file_info(link, wait=INTERACTIVE_WAIT_SECONDS)
        except NotFound:
            # We knew it, and it is gone: an earlier try whose answer was lost has deleted it.
            problem = None if name is not None else FileProblem.NOT_FOUND
            return DeletedFile(link, name, deleted=name is not None, problem=problem)
        except NotAllowed:
            return DeletedFile(link, name, deleted=False, problem=FileProblem.NOT_YOURS, detail=refusal)
        except KeyRefused:
            raise
        except OneFichierError:
            return DeletedFile(link, name, deleted=False, problem=FileProblem.UNKNOWN, detail=refusal)
        problem = FileProblem.NOT_YOURS if info.folder_id is None else FileProblem.UNKNOWN
        return DeletedFile(link, name or info.name, deleted=False, problem=problem, detail=refusal)

    async def _known_account_info(self, account: Account) -> AccountView | None:
        known = await self._people.account_info(account.id)
        return AccountView(AccountInfo.model_validate_json(known[0]), known[1]) if known else None


def stored(file: ListedFile | FileInfo, folder_id: int | None) -> StoredFile:
    return StoredFile(
        link_id=file.link.id,
        link=file.link.url,
        folder_id=folder_id,
        name=file.name,
        size=file.size,
        uploaded_at=file.uploaded,
        has_password=file.has_password,
    )
