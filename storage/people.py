"""People, their accounts, and the sealed keys."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.access import Role
from storage.accounts import KEY, has_key, insert_account, put_to_use, take_in_what_waited
from storage.database import Database, Row, Transaction
from storage.preferences import Preferences
from storage.records import Account, Person, to_seconds, to_time_or_none
from storage.rows import account_from
from storage.vault import Vault

PASSWORD = "upload password"  # noqa: S105 - a purpose
"""What passwords for new files are sealed as, of whoever has set them."""


@dataclass(frozen=True)
class Arrival:
    """Who sends something to the bot, and where from.

    Attributes:
        person: None for a stranger.
        role: None when nothing is noted about their number.
        was_unreachable: nothing could be said in this chat before.
    """

    person: Person | None
    role: Role | None
    was_unreachable: bool


class PeopleStore:
    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def meet(self, person_id: int, language_code: str | None, now: datetime) -> Person:
        """The person, noted down when they are new; their Telegram language is kept up to date."""
        known = await self.find(person_id)
        if known is not None and known.language_code == language_code:
            return known

        def work(transaction: Transaction) -> Row | None:
            return transaction.fetch_one(
                "INSERT INTO person (id, language_code, first_seen_at) VALUES (:id, :language_code, :now)"
                " ON CONFLICT (id) DO UPDATE SET language_code = excluded.language_code RETURNING *",
                {"id": person_id, "language_code": language_code, "now": to_seconds(now)},
            )

        row = await self._database.write(work)
        if row is None:
            raise AssertionError("an upsert returns its row")
        return _person(row)

    async def arrives(self, person_id: int, chat_id: int) -> Arrival:
        """All that has to be known before what somebody has sent is looked at, in one trip to the database."""
        row = await self._database.fetch_one(
            "SELECT person.*, here.* FROM ("
            " SELECT (SELECT role FROM access WHERE person_id = :person) AS role_here,"
            "  EXISTS (SELECT 1 FROM unreachable_chat WHERE chat_id = :chat) AS was_unreachable) AS here"
            " LEFT JOIN person ON person.id = :person",
            {"person": person_id, "chat": chat_id},
        )
        if row is None:
            raise AssertionError("a query without a condition returns its row")
        return Arrival(
            person=_person(row) if row["id"] is not None else None,
            role=Role(row["role_here"]) if row["role_here"] else None,
            was_unreachable=bool(row["was_unreachable"]),
        )

    async def find(self, person_id: int) -> Person | None:
        row = await self._database.fetch_one("SELECT * FROM person WHERE id = :id", {"id": person_id})
        return _person(row) if row else None

    async def prefer(self, person_id: int, change: Callable[[Preferences], Preferences]) -> Preferences:
        """Change what a person has set; the settings there are then."""

        def work(transaction: Transaction) -> Preferences:
            row = transaction.fetch_one("SELECT * FROM person WHERE id = :id", {"id": person_id})
            if row is None:
                return Preferences()
            preferences = change(Preferences.from_row(row))
            columns = preferences.columns()
            transaction.execute(
                f"UPDATE person SET {', '.join(f'{name} = :{name}' for name in columns)} WHERE id = :id",
                {**columns, "id": person_id},
            )
            return preferences

        return await self._database.write(work)

    async def set_upload_password(self, person_id: int, password: str | None) -> None:
        """Have new files get this password, or none."""
        sealed = None if password is None else self._vault.seal(PASSWORD, person_id, password)
        await self._database.execute(
            "UPDATE person SET sealed_upload_password = :sealed WHERE id = :id",
            {"id": person_id, "sealed": sealed},
        )

    async def account(self, account_id: int) -> Account | None:
        row = await self._database.fetch_one("SELECT * FROM account WHERE id = :id", {"id": account_id})
        return account_from(row) if row else None

    async def account_in_use(self, person_id: int) -> Account | None:
        row = await self._database.fetch_one(
            "SELECT account.* FROM account JOIN person ON person.account_id = account.id WHERE person.id = :id",
            {"id": person_id},
        )
        return account_from(row) if row else None

    async def accounts(self) -> list[Account]:
        rows = await self._database.fetch_all("SELECT * FROM account ORDER BY id")
        return [account_from(row) for row in rows]

    def key(self, account: Account) -> str:
        """The key in clear. Hold it only while it is used.

        Raises:
            CannotOpen: it was sealed with keys that are gone, or for another account.
        """
        return self._vault.open(KEY, account.id, account.sealed_key)

    async def store_key(
        self, person_id: int, key: str, now: datetime, *, account_id: int | None = None
    ) -> tuple[Account, int]:
        """Give an account of the person's this key: the one in use unless another is named, made when there is none.

        Files that waited for a key join the account in use. Another key may be another account's: what was known of
        files and quota goes, and so does a notice about the old key that was not told yet. Returns the account and the
        number of files that had waited.
        """

        def work(transaction: Transaction) -> tuple[Account, int]:
            values: dict[str, Any] = {"person": person_id, "now": to_seconds(now), "named": account_id}
            row = transaction.fetch_one(
                "SELECT id FROM account WHERE person_id = :person AND id = coalesce(:named,"
                " (SELECT account_id FROM person WHERE id = :person))",
                values,
            )
            if row is None:
                made = insert_account(transaction, self._vault, person_id, key, now)
                put_to_use(transaction, person_id, made["id"])
                return account_from(made), take_in_what_waited(transaction, person_id)
            values |= {"account": row["id"], "sealed": self._vault.seal(KEY, row["id"], key)}
            self._forget_what_hangs_on_the_key(transaction, row["id"], key)
            account = transaction.fetch_one(
                "UPDATE account SET sealed_key = :sealed, refused_at = NULL WHERE id = :account RETURNING *",
                values,
            )
            if account is None:
                raise AssertionError("the account was found above")
            return account_from(account), take_in_what_waited(transaction, person_id)

        return await self._database.write(work)

    async def use_folder(self, account_id: int, folder_id: int, name: str) -> None:
        """Have new files go there."""
        await self._database.execute(
            "UPDATE account SET folder_id = :folder, folder_name = :name WHERE id = :id",
            {"id": account_id, "folder": folder_id, "name": name},
        )

    async def note_folder_renamed(self, account_id: int, folder_id: int, name: str) -> None:
        await self._database.execute(
            "UPDATE account SET folder_name = :name WHERE id = :id AND folder_id = :folder",
            {"id": account_id, "folder": folder_id, "name": name},
        )

    async def note_folder_gone(self, account_id: int, folder_id: int) -> bool:
        """True when new files went there; they go to the main folder from now on, as 1fichier would have it anyway."""
        changed = await self._database.execute(
            "UPDATE account SET folder_id = 0, folder_name = '' WHERE id = :id AND folder_id = :folder",
            {"id": account_id, "folder": folder_id},
        )
        return bool(changed)

    async def note_key_refused(self, account: Account, now: datetime) -> bool:
        """Park the account until /login. False when it was parked already, or has a newer key by now.

        The person is told in the same transaction, once per refusal.
        """

        def work(transaction: Transaction) -> bool:
            values = {
                "id": account.id,
                "key": account.sealed_key,
                "person": account.person_id,
                "now": to_seconds(now),
            }
            parked = transaction.execute(
                "UPDATE account SET refused_at = :now WHERE id = :id AND sealed_key = :key AND refused_at IS NULL",
                values,
            )
            if parked:
                transaction.execute(
                    "INSERT INTO outbox (person_id, chat_id, kind, subject, created_at)"
                    " VALUES (:person, :person, 'key_refused', :id, :now)"
                    " ON CONFLICT (person_id, chat_id, kind, subject) DO UPDATE SET state = 'due', plain = 0,"
                    " parts_told = 0, not_before = 0, holds_chat = 0, created_at = excluded.created_at",
                    values,
                )
            return bool(parked)

        return await self._database.write(work)

    async def forget(self, person_id: int) -> None:
        """Delete the person and all that hangs on them. `Database.erase_traces` then erases what deleting leaves in the log."""

        def work(transaction: Transaction) -> None:
            values = {"id": person_id}
            transaction.execute("DELETE FROM person WHERE id = :id", values)
            # A private chat bears its person's number.
            transaction.execute("DELETE FROM unreachable_chat WHERE chat_id = :id", values)

        await self._database.write(work)

    async def remember_account_info(self, account_id: int, info: str, now: datetime) -> None:
        await self._database.execute(
            "UPDATE account SET info = :info, info_at = :now WHERE id = :id",
            {"id": account_id, "info": info, "now": to_seconds(now)},
        )

    async def account_info(self, account_id: int) -> tuple[str, datetime] | None:
        """What 1fichier last said of the account (JSON), and when."""
        row = await self._database.fetch_one(
            "SELECT info, info_at FROM account WHERE id = :id", {"id": account_id}
        )
        moment = to_time_or_none(row["info_at"]) if row else None
        return (row["info"], moment) if row and moment else None

    async def note_unreachable(self, chat_id: int, now: datetime) -> None:
        await self._database.execute(
            "INSERT INTO unreachable_chat (chat_id, since) VALUES (:chat, :now) ON CONFLICT (chat_id) DO NOTHING",
            {"chat": chat_id, "now": to_seconds(now)},
        )

    async def note_reachable(self, chat_id: int) -> bool:
        """True when the chat had been out of reach, so that something may be due there."""
        if not await self.is_unreachable(chat_id):
            return False
        deleted = await self._database.execute(
            "DELETE FROM unreachable_chat WHERE chat_id = :chat", {"chat": chat_id}
        )
        return bool(deleted)

    async def is_unreachable(self, chat_id: int) -> bool:
        row = await self._database.fetch_one(
            "SELECT 1 FROM unreachable_chat WHERE chat_id = :chat", {"chat": chat_id}
        )
        return row is not None

    def _forget_what_hangs_on_the_key(self, transaction: Transaction, account_id: int, key: str) -> None:
        values = {"account": account_id}
        transaction.execute(
            "DELETE FROM outbox WHERE kind = 'key_refused' AND subject = :account AND state = 'due'"
            " AND person_id = (SELECT person_id FROM account WHERE id = :account)",
            values,
        )
        row = transaction.fetch_one("SELECT sealed_key FROM account WHERE id = :account", values)
        if row is None or has_key(self._vault, account_id, bytes(row["sealed_key"]), key):
            return
        for table in ("folder", "file", "file_index", "job", "delivery", "account_warning"):
            transaction.execute(f"DELETE FROM {table} WHERE account_id = :account", values)
        transaction.execute("UPDATE account SET info = NULL, info_at = NULL WHERE id = :account", values)


def _person(row: Row) -> Person:
    return Person(
        id=row["id"],
        language_code=row["language_code"],
        account_id=row["account_id"],
        preferences=Preferences.from_row(row),
        has_upload_password=row["sealed_upload_password"] is not None,
    )
