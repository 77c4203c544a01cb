"""People's 1fichier accounts: keys in, keys out, and a client wherever one is needed."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from onefichier import (
    ApiKey,
    Client,
    Clock,
    KeyRefused,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    OneFichier,
    OneFichierError,
)
from storage import Account, AccountStore, CannotOpen, Database, PeopleStore
from transfers.wakeups import Wakeups

log = logging.getLogger(__name__)

StopWorkOf: TypeAlias = Callable[[int, int | None], Awaitable[None]]

# What a person may be kept waiting for 1fichier's turn before they are told when it comes.
INTERACTIVE_WAIT_SECONDS = 5.0


@dataclass(frozen=True)
class LoggedIn:
    """`waiting`: files that had been kept until there was a key. `known`: the account was there already, by this key."""

    account: Account
    waiting: int
    known: bool = False


class Accounts:
    def __init__(
        self,
        service: OneFichier,
        people: PeopleStore,
        accounts: AccountStore,
        database: Database,
        wakeups: Wakeups,
        clock: Clock,
    ) -> None:
        self._service = service
        self._people = people
        self._accounts = accounts
        self._database = database
        self._wakeups = wakeups
        self._clock = clock
        # An earlier process may have been ended in the middle of it.
        self._traces_left = True
        self.erased = asyncio.Event()
        """Rings when somebody was erased: what they asked for it with is in the inbox until the answer has been recorded."""
        self._stop_work_of: list[StopWorkOf] = []

    def on_log_out(self, stop_work_of: StopWorkOf) -> None:
        """Have `stop_work_of(person_id, account_id)` awaited before a person, or one account of theirs, is forgotten."""
        self._stop_work_of.append(stop_work_of)

    @contextlib.asynccontextmanager
    async def using(self, account: Account) -> AsyncIterator[Client]:
        """A client with the account's key of this moment. A refused key parks the account until /login.

        Raises:
            KeyRefused: also at once, without a call, while the account is parked or after /logout.
            CannotOpen: the stored key cannot be read any more; the account is parked likewise.
        """
        async with self.using_as_read(await self._people.account(account.id)) as client:
            yield client

    @contextlib.asynccontextmanager
    async def using_as_read(self, current: Account | None) -> AsyncIterator[Client]:
        """As `using`, of an account that was read just now; None for one that was not there any more."""
        if current is None or current.refused_at is not None:
            raise NotAuthenticated("the key was refused before", endpoint="login", http_status=401)
        try:
            yield self._service.client(ApiKey(self._people.key(current)), scope=scope_of(current.id))
        except (KeyRefused, CannotOpen):
            if await self._people.note_key_refused(current, self._clock.now()):
                log.info("The key of account %d is refused; its work waits for /login", current.id)
                self._wakeups.outbox.set()
            raise

    async def log_in(
        self, person_id: int, key_text: str, *, account_id: int | None = None, another: bool = False
    ) -> LoggedIn:
        """Check a key with a cheap call and store it: for the account in use, for the one named, or for `another` one.

        Raises:
            OneFichierError: the key is malformed or refused, or 1fichier gave no verdict; nothing was stored.
        """
        key = ApiKey(key_text)
        # A key on trial has a scope of its own: what it does wrong must not pause the account in use.
        client = self._service.client(key, scope=f"login:{person_id}")
        await client.check_key(wait=INTERACTIVE_WAIT_SECONDS)
        now, new = self._clock.now(), True
        if another:
            account, new, waiting = await self._accounts.add(person_id, key.reveal(), now)
        else:
            await self._check_folder(client, person_id, account_id)
            account, waiting = await self._people.store_key(
                person_id, key.reveal(), now, account_id=account_id
            )
        self._wakeups.queue.set()
        self._wakeups.remotes.set()
        return LoggedIn(account, waiting, known=not new)

    async def _check_folder(self, client: Client, person_id: int, account_id: int | None) -> None:
        """Another key may be another account's, which does not have the folder for new files."""
        if account_id is None:
            known = await self._people.account_in_use(person_id)
        else:
            known = await self._people.account(account_id)
        if known is None or not known.folder_id:
            return
        try:
            await client.list_folder(known.folder_id, wait=INTERACTIVE_WAIT_SECONDS)
        except (NotFound, NotAllowed):
            await self._people.note_folder_gone(known.id, known.folder_id)
        except OneFichierError as error:
            log.info("Whether a key knows its folder is not sure: %s", type(error).__name__)

    async def log_out(self, person_id: int) -> None:
        """Stop the person's work and erase key, queue, history and cache, down to the files of the database."""
        await self._stop_work(person_id)
        await self._people.forget(person_id)
        # What was begun between the two.
        await self._stop_work(person_id)
        await self._erase()

    async def remove(self, account: Account) -> None:
        """As `log_out`, of one account: the person's others and what they have set stay."""
        await self._stop_work(account.person_id, account.id)
        await self._accounts.remove(account.id, account.person_id)
        await self._stop_work(account.person_id, account.id)
        await self._erase()

    async def _erase(self) -> None:
        self._traces_left = True
        await self.erase_traces()
        # Once more, when the update that asked for it has been handled.
        self._traces_left = True
        self.erased.set()

    async def _stop_work(self, person_id: int, account_id: int | None = None) -> None:
        for stop in self._stop_work_of:
            await stop(person_id, account_id)

    async def erase_traces(self) -> None:
        """Finish what a busy database kept from being erased at once."""
        if self._traces_left:
            self._traces_left = not await self._database.erase_traces()


def scope_of(account_id: int) -> str:
    """The account's name towards the limits of the service."""
    return f"account:{account_id}"
