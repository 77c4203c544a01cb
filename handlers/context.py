"""What every handler is given: the services, the person, and their language."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.ext import Application, CallbackContext, ContextTypes, ExtBot

from handlers.buttons import Press
from handlers.chats import Chats
from handlers.pace import Urgency
from handlers.reader import texts_of
from handlers.texts import Texts
from onefichier import Clock, Link
from storage import (
    AccessStore,
    Account,
    AccountStore,
    AlertStore,
    BatchStore,
    Entry,
    OutboxStore,
    PeopleStore,
    Person,
    QuestionStore,
    RemoteStore,
    TotalsStore,
    TransferStore,
    WarningStore,
)
from transfers import (
    ROOT,
    Accounts,
    Allowance,
    Barring,
    Copying,
    Deliveries,
    DirectLinks,
    FileChanges,
    Files,
    Folders,
    Jobs,
    KnownFiles,
    Maintenance,
    Remotes,
    Retries,
    Search,
    TelegramFiles,
    Uploads,
    Wakeups,
)


class KeyMissing(Exception):
    """What was asked for needs an account, and the person has not given a key."""


class KeyParked(Exception):
    """1fichier has refused the person's key; nothing is asked with it until /login."""


@dataclass(frozen=True)
class Services:
    """What handlers may use.

    Attributes:
        open_to_all: whether everybody who finds the bot may use it.
        allowed_users: Telegram ids that may use it.
        admins: Telegram ids of those who look after it, by setting; `access` knows others.
        progress_seconds: least time between two edits of status messages in one chat.
    """

    clock: Clock
    people: PeopleStore
    account_rows: AccountStore
    questions: QuestionStore
    batches: BatchStore
    transfers: TransferStore
    remotes_store: RemoteStore
    outbox: OutboxStore
    accounts: Accounts
    uploads: Uploads
    remotes: Remotes
    retries: Retries
    files: Files
    known_files: KnownFiles
    telegram_files: TelegramFiles
    file_changes: FileChanges
    folders: Folders
    copying: Copying
    deliveries: Deliveries
    direct_links: DirectLinks
    search: Search
    jobs: Jobs
    wakeups: Wakeups
    chats: Chats
    access: AccessStore
    alerts: AlertStore
    warnings: WarningStore
    totals: TotalsStore
    allowance: Allowance
    barring: Barring
    maintenance: Maintenance
    open_to_all: bool
    allowed_users: frozenset[int]
    admins: frozenset[int]
    progress_seconds: float


@dataclass(frozen=True)
class HelpEntry:
    """A command as /help names it; the summary is still to be translated."""

    name: str
    arguments: str
    summary: str
    about_file: bool


@dataclass
class BotData:
    """What `register` leaves in the application."""

    services: Services | None = None
    help: tuple[HelpEntry, ...] = field(default=())


class Context(CallbackContext[ExtBot[Urgency], dict[Any, Any], dict[Any, Any], BotData]):
    """One update's context, shared by the handlers that see it.

    Attributes:
        press: what the pressed button asks for; set before any handler of buttons runs.
    """

    press: Press
    is_admin: bool = False
    entry: Entry | None = None
    """What the link that the person came by has opened."""
    _person: Person | None = None

    @property
    def services(self) -> Services:
        services = self.bot_data.services
        if services is None:
            raise AssertionError("register() comes before the first update")
        return services

    @property
    def person(self) -> Person:
        """Who wrote or pressed; met before any other handler runs."""
        if self._person is None:
            raise AssertionError("access.meet runs first")
        return self._person

    @person.setter
    def person(self, person: Person) -> None:
        self._person = person

    @property
    def t(self) -> Texts:
        """The person's texts."""
        return texts_of(self._person)

    def reply_in_group(self, message: Message) -> int | None:
        """What an answer replies to: nothing in a private chat, and in a group the message it is for.

        In a group that also decides who may press the answer's buttons.
        """
        return None if message.chat.type == ChatType.PRIVATE else message.message_id

    async def account(self) -> Account:
        """The person's account, with a key that 1fichier has not refused.

        Raises:
            KeyMissing: there is none. Said in words by the error handler.
            KeyParked: likewise.
        """
        return self._usable(await self.services.people.account_in_use(self.person.id))

    async def account_for(self, link: Link) -> Account:
        """The one of the person's accounts that has a file as far as is known, else the one in use.

        Raises:
            KeyMissing, KeyParked: as `account`.
        """
        owner = await self.services.account_rows.owner_of(self.person.id, link.id)
        if owner is None:
            return await self.account()
        return self._usable(await self.services.people.account(owner))

    async def account_with(self, folder_id: int) -> Account:
        """As `account_for`, of a folder. Every account has a main folder: that of the one in use is meant."""
        if folder_id == ROOT:
            return await self.account()
        owner = await self.services.account_rows.owner_of_folder(self.person.id, folder_id)
        if owner is None:
            return await self.account()
        return self._usable(await self.services.people.account(owner))

    async def own_account(self, account_id: int) -> Account:
        """One of the person's accounts.

        Raises:
            KeyMissing, KeyParked: as `account`; it is no longer here, or somebody else's.
        """
        return self._usable(await self.services.account_rows.find(account_id, self.person.id))

    async def by_account(self, links: Sequence[Link]) -> list[tuple[Account, list[Link]]]:
        """Links by the account that has them, as `account_for` finds it."""
        found: dict[int, tuple[Account, list[Link]]] = {}
        for link in links:
            account = await self.account_for(link)
            found.setdefault(account.id, (account, []))[1].append(link)
        return list(found.values())

    @staticmethod
    def _usable(account: Account | None) -> Account:
        if account is None:
            raise KeyMissing
        if account.refused_at is not None:
            raise KeyParked
        return account


BotApplication: TypeAlias = Application[
    ExtBot[Urgency], Context, dict[Any, Any], dict[Any, Any], BotData, None
]
CONTEXT_TYPES = ContextTypes(context=Context, bot_data=BotData)


def message_of(update: Update) -> Message:
    """The message that an update of messages is about, or that has the pressed button.

    A button's message may be too old for Telegram to show; handlers of buttons therefore use only its ids.
    """
    message = update.effective_message
    if message is None:
        raise AssertionError("registered only for messages and presses")
    return message
