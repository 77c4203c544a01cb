"""Finding out how remote uploads ended: one listing per account and round, one look at each task that has been executed."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from onefichier import (
    BadAnswer,
    Client,
    Clock,
    FileInfo,
    KeyRefused,
    Limited,
    ListedFile,
    NotFound,
    OneFichierError,
    Priority,
    Refusal,
    RemoteTask,
)
from storage import (
    Account,
    ListingStore,
    Reason,
    RemoteState,
    RemoteStore,
    RemoteUpload,
    StoredFile,
    WatchedUrl,
)
from transfers.accounts import Accounts
from transfers.dates import may_be_since
from transfers.troubles import doubled, is_too_long, once_more, so_far
from transfers.wakeups import Wakeups

log = logging.getLogger(__name__)

# 1fichier fetches gigabytes in seconds to minutes; after a day of silence the person should know.
NO_NEWS_AFTER: Final = timedelta(hours=24)
# A request whose answer was lost is asked for again when so many listings did not show it.
POLLS_WITHOUT: Final = 2
# So many times it is asked for again at once, then less and less often.
AT_ONCE: Final = 2
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(minutes=10)
# Tasks of other programs that are looked at in one round to find ours among them.
STRANGERS_IN_A_ROUND: Final = 10
# What 1fichier does not tell of a task is asked in the first round, the second, the fourth and so on, then in one of so many:
# repeated refusals bring bans.
RARELY_ROUNDS: Final = 40
# A link whose name is not to be had in so many rounds is told without one.
NAMELESS_ROUNDS: Final = 10
# A round waits for its turn; what it does not get to is seen in the next one. During a pause nobody stands behind it.
TURN_WAIT_SECONDS: Final = 30.0
# For so many files or more, one listing of their folder is cheaper than asking for each.
LIST_FROM: Final = 3
# file/info is watched closely by the service ("Owner locked" after a few in a row); the rest comes in the next round.
INFO_CALLS: Final = 5
_WEB_PAGE: Final = "text/html"


class _Silence(Enum):
    """Why there is no word of a task."""

    REFUSED = auto()
    UNREADABLE = auto()


@dataclass
class RemoteWatch:
    remotes: RemoteStore
    listings: ListingStore
    accounts: Accounts
    wakeups: Wakeups
    clock: Clock
    _strangers: dict[int, set[int]] = field(default_factory=dict)
    """Per account, tasks that turned out to be none of ours: asked about once."""
    _missed: dict[int, dict[int, int]] = field(default_factory=dict)
    """Per account, how many rounds have not shown each request whose answer was lost. Not kept: processes that end one after another look
    in quick succession, and 1fichier may need a moment to show what it was asked for."""

    async def look(self, account: Account) -> None:
        """One round for one account.

        Raises:
            OneFichierError: the round broke off; the rest is seen in the next one.
        """
        current = await self.remotes.watched_of(account.id)
        if current is None:
            return
        account, watched = current
        if not watched:
            return
        has_executed = any(each.state is RemoteState.EXECUTED for each in watched)
        async with self.accounts.using_as_read(account) as client:
            if any(each.state is not RemoteState.EXECUTED for each in watched):
                tasks = await client.list_remote(priority=Priority.POLLING, wait=TURN_WAIT_SECONDS)
                listed = {task.id: task for task in tasks}
                # Most rounds bring no news of anything, and of what is on its way there is nothing to be written.
                if not all(self._is_on_its_way(each, listed) for each in watched):
                    await self._find_lost(client, account, listed)
                    for remote in await self.remotes.active_of_account(account.id):
                        has_executed |= await self._see(client, remote, listed)
            if has_executed:
                await self._name_executed(client, account)

    def forget_all_but(self, accounts: Collection[int]) -> None:
        """Let go of what is known of other accounts: nothing of theirs is watched."""
        for account_id in (self._strangers.keys() | self._missed.keys()) - set(accounts):
            self._strangers.pop(account_id, None)
            self._missed.pop(account_id, None)

    async def end_old(self, account: Account) -> None:
        """Tell what can be told although 1fichier cannot be asked now: links without a name, and that there is no news."""
        for remote in await self.remotes.active_of_account(account.id):
            if remote.state in {RemoteState.REQUESTING, RemoteState.FETCHING}:
                await self._end_if_old(remote)
            elif remote.state is RemoteState.EXECUTED:
                rounds = await self.remotes.note_poll_without(remote.id)
                if self._is_old(_since(remote)):
                    await self._finish(account, remote, None, undeleted="" if remote.unwanted else None)
                elif rounds >= NAMELESS_ROUNDS and not remote.unwanted:
                    await self._finish(account, remote, None)

    async def _find_lost(
        self,
        client: Client,
        account: Account,
        listed: Mapping[int, RemoteTask],
    ) -> None:
        """Find the task of requests whose answer we never saw."""
        active = [
            each
            for each in await self.remotes.active_of_account(account.id)
            if each.state is not RemoteState.WAITING
        ]
        lost = {
            self.remotes.url(each): each
            for each in active
            if each.task_id is None and each.state in {RemoteState.REQUESTING, RemoteState.FETCHING}
        }
        if not lost:
            self._missed.pop(account.id, None)
            return
        for each in active:
            # Asked for twice: the second request was answered "already requesting".
            if each.task_id is not None and (twin := lost.pop(self.remotes.url(each), None)):
                await self.remotes.note_fetching(twin.id, each.task_id)
        strangers = self._strangers.setdefault(account.id, set())
        # 1fichier forgets tasks, too.
        strangers.intersection_update(listed)
        known = await self.remotes.known_tasks(account.id) | strangers
        candidates = [
            task
            for task in listed.values()
            if task.id not in known and any(_may_be(task, each) for each in lost.values())
        ]
        for task in candidates[:STRANGERS_IN_A_ROUND]:
            if not lost:
                return
            asked = await self._info(client, task.id)
            sources = asked.sources if isinstance(asked, RemoteTask) else ()
            found = lost.pop(sources[0], None) if len(sources) == 1 else None
            if found is not None:
                await self.remotes.note_fetching(found.id, task.id)
            elif asked is not _Silence.UNREADABLE:
                strangers.add(task.id)
        if len(candidates) <= STRANGERS_IN_A_ROUND:
            before = self._missed.get(account.id, {})
            missed = self._missed[account.id] = {
                each.id: before.get(each.id, 0) + 1 for each in lost.values()
            }
            for remote in lost.values():
                if missed[remote.id] >= POLLS_WITHOUT:
                    del missed[remote.id]
                    await self._give_up_looking(remote)

    async def _give_up_looking(self, remote: RemoteUpload) -> None:
        if remote.state is not RemoteState.REQUESTING:
            await self._end_if_old(remote)
            return
        # 1fichier has not got it. While its answers are lost again and again, no URL is at fault.
        now = self.clock.now()
        before = so_far(remote.trouble, remote.not_before, now)
        if is_too_long(before, now):
            await self._end(remote, RemoteState.FAILED, Reason.CONNECTION_LOST)
            return
        trouble = once_more(before, now)
        later = trouble.times - AT_ONCE
        pause = doubled(FIRST_PAUSE, later, LONGEST_PAUSE) if later > 0 else timedelta()
        await self.remotes.wait_again(remote.id, now + pause, trouble=trouble)
        self.wakeups.remotes.set()

    def _is_on_its_way(self, watched: WatchedUrl, listed: Mapping[int, RemoteTask]) -> bool:
        task = listed.get(watched.task_id) if watched.task_id is not None else None
        return (
            watched.state is RemoteState.FETCHING
            and task is not None
            and task.executed is None
            and not self._is_old(watched.since)
        )

    async def _see(self, client: Client, remote: RemoteUpload, listed: Mapping[int, RemoteTask]) -> bool:
        """Whether its file is in the account, and wants a name."""
        if remote.state is not RemoteState.FETCHING or remote.task_id is None:
            return remote.state is RemoteState.EXECUTED
        task = listed.get(remote.task_id)
        if task is not None and task.executed is None:
            await self._end_if_old(remote)
            return False
        polls = await self.remotes.note_poll_without(remote.id)
        if not _is_asked_about(polls) or (task is None and polls < POLLS_WITHOUT):
            await self._end_if_old(remote)
            return False
        asked = await self._info(client, remote.task_id)
        if isinstance(asked, RemoteTask) and asked.results:
            return await self._executed(remote, asked)
        if task is None and asked is _Silence.REFUSED:
            await self._end(remote, RemoteState.UNKNOWN, Reason.VANISHED)
        else:
            await self._end_if_old(remote)
        return False

    @staticmethod
    async def _info(client: Client, task_id: int) -> "RemoteTask | _Silence":
        """One task, or why 1fichier does not tell of it. One such task must not end the round for the others."""
        try:
            return await client.remote_info(task_id, priority=Priority.POLLING, wait=TURN_WAIT_SECONDS)
        except (KeyRefused, Limited):
            raise
        except (Refusal, BadAnswer) as error:
            log.info("Remote upload task %d is not to be read: %s", task_id, type(error).__name__)
            return _Silence.REFUSED if isinstance(error, Refusal) else _Silence.UNREADABLE

    async def _executed(self, remote: RemoteUpload, task: RemoteTask) -> bool:
        url = self.remotes.url(remote)
        result = next((each for each in task.results if each.source == url), None)
        if result is None and len(task.results) == 1:
            # The service may write a URL otherwise than it was given; one task holds one URL of ours.
            result = task.results[0]
        if result is None:
            await self._end_if_old(remote)
            return False
        if result.succeeded and result.link is not None:
            await self.remotes.note_executed(remote.id, link=result.link.url, link_id=result.link.id)
            return True
        await self._end(remote, RemoteState.FAILED, Reason.SOURCE_FAILED, result.message or None)
        return False

    async def _end_if_old(self, remote: RemoteUpload) -> None:
        if self._is_old(_since(remote)):
            await self._end(remote, RemoteState.UNKNOWN, Reason.NO_NEWS)

    def _is_old(self, since: datetime) -> bool:
        return self.clock.now() - since > NO_NEWS_AFTER

    async def _end(
        self, remote: RemoteUpload, state: RemoteState, reason: Reason, detail: str | None = None
    ) -> None:
        if remote.unwanted and state is RemoteState.FAILED:
            # Nothing has come that nobody wants.
            state = RemoteState.CANCELLED
        await self.remotes.end(
            remote.id,
            state,
            now=self.clock.now(),
            reason=reason,
            detail=detail,
            # It may still come, and nobody will be there to delete it.
            told_alone=remote.unwanted and state is RemoteState.UNKNOWN,
        )
        self.wakeups.batch_item_ended(remote.batch_id)

    async def _name_executed(self, client: Client, account: Account) -> None:
        """Name and size are not part of a task's result."""
        arrived = [
            each
            for each in await self.remotes.active_of_account(account.id)
            if each.state is RemoteState.EXECUTED and each.link and each.link_id
        ]
        for remote in arrived:
            if remote.unwanted:
                await self._delete(client, account, remote)
        executed = [each for each in arrived if not each.unwanted]
        listed = await self._listed(client, executed) if len(executed) >= LIST_FROM else {}
        unlisted = [each for each in executed if each.link_id not in listed]
        for remote in executed:
            if (known := listed.get(remote.link_id or "")) is not None:
                await self._finish(account, remote, known)
        for remote in unlisted[:INFO_CALLS]:
            await self._finish(account, remote, await self._file_info(client, remote))

    @staticmethod
    async def _file_info(client: Client, remote: RemoteUpload) -> FileInfo | None:
        try:
            return await client.file_info(
                remote.link or "", priority=Priority.POLLING, wait=TURN_WAIT_SECONDS
            )
        except (KeyRefused, Limited):
            raise
        except (Refusal, BadAnswer) as error:
            # The link is what counts.
            log.info("No name for remote upload %d: %s", remote.id, type(error).__name__)
            return None

    async def _delete(self, client: Client, account: Account, remote: RemoteUpload) -> None:
        """What could not be kept from coming. While there is no verdict it stays `executed`, for the next round."""
        if remote.link is None or remote.link_id is None:
            raise AssertionError("it has arrived")
        if not await self.remotes.is_wanted_elsewhere(remote):
            try:
                await client.remove_files([remote.link], wait=TURN_WAIT_SECONDS, priority=Priority.TRANSFER)
            except NotFound:
                log.info("Remote upload %d had been deleted before", remote.id)
            except (KeyRefused, Limited):
                raise
            except Refusal as error:
                # It will not go, and asking again would be one of the repeated refusals that bring bans.
                info = await self._file_info(client, remote)
                await self._finish(account, remote, info, undeleted=error.message)
                return
            await self.listings.note_deleted(account.id, remote.link_id, self.clock.now())
        await self.remotes.end(remote.id, RemoteState.CANCELLED, now=self.clock.now())
        self.wakeups.batch_item_ended(remote.batch_id)

    async def _listed(self, client: Client, executed: list[RemoteUpload]) -> dict[str, ListedFile]:
        try:
            listing = await client.list_files(
                executed[0].folder_id, priority=Priority.POLLING, wait=TURN_WAIT_SECONDS
            )
        except (KeyRefused, Limited):
            raise
        except OneFichierError as error:
            log.info("No listing for the names of remote uploads: %s", type(error).__name__)
            return {}
        return {file.link.id: file for file in listing.files}

    async def _finish(
        self,
        account: Account,
        remote: RemoteUpload,
        info: FileInfo | ListedFile | None,
        *,
        undeleted: str | None = None,
    ) -> None:
        now = self.clock.now()
        if info is not None and remote.link is not None:
            file = StoredFile(
                link_id=info.link.id,
                link=remote.link,
                folder_id=remote.folder_id,
                name=info.name,
                size=info.size,
                uploaded_at=info.uploaded or now,
                has_password=info.has_password,
            )
            await self.listings.note_file(account.id, file, now)
        await self.remotes.finish(
            remote.id,
            name=info.name if info else None,
            size=info.size if info else None,
            web_page=info is not None and info.content_type.lower().startswith(_WEB_PAGE),
            now=now,
            undeleted=undeleted,
        )
        log.info("Remote upload %d of batch %d is stored", remote.id, remote.batch_id)
        self.wakeups.batch_item_ended(remote.batch_id)


def _is_asked_about(rounds: int) -> bool:
    return rounds % RARELY_ROUNDS == 0 if rounds >= RARELY_ROUNDS else rounds & (rounds - 1) == 0


def _since(remote: RemoteUpload) -> datetime:
    return remote.requested_at or remote.created_at


def _may_be(task: RemoteTask, lost: RemoteUpload) -> bool:
    """Whether a task can be the one that was requested, or the one because of which it was refused as requested already."""
    since = _since(lost)
    if lost.state is RemoteState.REQUESTING:
        return may_be_since(task.requested, since)
    # However long ago that one was requested, it was not executed yet.
    return task.executed is None or may_be_since(task.executed, since)
