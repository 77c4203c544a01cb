"""The accounts of people who have more than one."""

from datetime import datetime
from typing import Any

from storage.database import Database, Row, Transaction
from storage.errors import CannotOpen
from storage.records import Account, to_seconds
from storage.rows import account_from
from storage.vault import Vault

KEY = "1fichier key"
"""What keys are sealed as."""


def insert_account(transaction: Transaction, vault: Vault, person_id: int, key: str, now: datetime) -> Row:
    """A new account with the next number."""
    values: dict[str, Any] = {"person": person_id, "now": to_seconds(now), "none": b""}
    # The sealed key is bound to the account's id, which is known only then.
    made = transaction.fetch_one(
        "INSERT INTO account (person_id, sealed_key, number, created_at) VALUES (:person, :none,"
        " (SELECT coalesce(max(number), 0) + 1 FROM account WHERE person_id = :person), :now) RETURNING id",
        values,
    )
    if made is None:
        raise AssertionError("an insert returns its row")
    row = transaction.fetch_one(
        "UPDATE account SET sealed_key = :sealed WHERE id = :id RETURNING *",
        {"id": made["id"], "sealed": vault.seal(KEY, made["id"], key)},
    )
    if row is None:
        raise AssertionError("it was made above")
    return row


def has_key(vault: Vault, account_id: int, sealed: bytes, key: str) -> bool:
    try:
        return vault.open(KEY, account_id, sealed) == key
    except CannotOpen:
        return False


def put_to_use(transaction: Transaction, person_id: int, account_id: int) -> None:
    """Have new files go there."""
    transaction.execute(
        "UPDATE person SET account_id = :account WHERE id = :person",
        {"account": account_id, "person": person_id},
    )


def take_in_what_waited(transaction: Transaction, person_id: int) -> int:
    """Have the files that waited for a key go to the account in use; their number."""
    return transaction.execute(
        "UPDATE transfer SET account_id = (SELECT account_id FROM person WHERE id = :person)"
        " WHERE person_id = :person AND account_id IS NULL AND state = 'queued'",
        {"person": person_id},
    )


class AccountStore:
    """Whoever asks for a person's account by its id gets it only if it is theirs."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def of(self, person_id: int) -> list[Account]:
        """In the order in which they came."""
        rows = await self._database.fetch_all(
            "SELECT * FROM account WHERE person_id = :person ORDER BY number", {"person": person_id}
        )
        return [account_from(row) for row in rows]

    async def find(self, account_id: int, person_id: int) -> Account | None:
        row = await self._database.fetch_one(
            "SELECT * FROM account WHERE id = :id AND person_id = :person",
            {"id": account_id, "person": person_id},
        )
        return account_from(row) if row else None

    async def add(self, person_id: int, key: str, now: datetime) -> tuple[Account, bool, int]:
        """One more account, in use from now on.

        The flag is False when it is there already, by its key. The number is that of files which had waited for a key.
        """

        def work(transaction: Transaction) -> tuple[Row, bool, int]:
            values: dict[str, Any] = {"person": person_id}
            known = transaction.fetch_all("SELECT * FROM account WHERE person_id = :person", values)
            row = next(
                (each for each in known if has_key(self._vault, each["id"], bytes(each["sealed_key"]), key)),
                None,
            )
            account = row or insert_account(transaction, self._vault, person_id, key, now)
            put_to_use(transaction, person_id, account["id"])
            return account, row is None, take_in_what_waited(transaction, person_id)

        account, new, waiting = await self._database.write(work)
        return account_from(account), new, waiting

    async def use(self, account_id: int, person_id: int) -> bool:
        """Have new files go there. False when it is not theirs."""
        return bool(
            await self._database.execute(
                "UPDATE person SET account_id = :account WHERE id = :person"
                " AND EXISTS (SELECT 1 FROM account WHERE id = :account AND person_id = :person)",
                {"account": account_id, "person": person_id},
            )
        )

    async def rename(self, account_id: int, name: str) -> None:
        await self._database.execute(
            "UPDATE account SET name = :name WHERE id = :id", {"id": account_id, "name": name}
        )

    async def owner_of(self, person_id: int, link_id: str) -> int | None:
        """Which of a person's accounts has a file, as far as is known."""
        row = await self._database.fetch_one(
            "SELECT account.id FROM account JOIN file ON file.account_id = account.id AND file.link_id = :link"
            " WHERE account.person_id = :person AND file.deleted_at IS NULL"
            " UNION ALL SELECT account_id FROM transfer WHERE link_id = :link AND person_id = :person LIMIT 1",
            {"person": person_id, "link": link_id},
        )
        return int(row["id"]) if row else None

    async def owner_of_folder(self, person_id: int, folder_id: int) -> int | None:
        """Which of a person's accounts has a folder, as far as is known."""
        row = await self._database.fetch_one(
            "SELECT account.id FROM account JOIN folder ON folder.account_id = account.id"
            " AND folder.folder_id = :folder WHERE account.person_id = :person LIMIT 1",
            {"person": person_id, "folder": folder_id},
        )
        return int(row["id"]) if row else None

    async def remove(self, account_id: int, person_id: int) -> None:
        """Delete an account and all that hangs on it; the first of the others is in use then, if it was.

        Questions go too, whatever they are about: what they hold is sealed, and may be links of this account.
        `Database.erase_traces` then erases what deleting leaves in the log.
        """

        def work(transaction: Transaction) -> None:
            values = {"id": account_id, "person": person_id}
            if not transaction.execute("DELETE FROM account WHERE id = :id AND person_id = :person", values):
                return
            transaction.execute(
                "UPDATE person SET account_id = (SELECT id FROM account WHERE person_id = :person"
                "  ORDER BY number LIMIT 1) WHERE id = :person AND account_id IS NULL",
                values,
            )
            transaction.execute("DELETE FROM question WHERE person_id = :person", values)
            transaction.execute(
                "DELETE FROM batch WHERE person_id = :person"
                " AND NOT EXISTS (SELECT 1 FROM transfer WHERE transfer.batch_id = batch.id)"
                " AND NOT EXISTS (SELECT 1 FROM remote_upload WHERE remote_upload.batch_id = batch.id)",
                values,
            )
            transaction.execute(
                "DELETE FROM outbox WHERE person_id = :person AND ((kind = 'key_refused' AND subject = :id)"
                " OR (kind = 'batch_ended' AND subject NOT IN (SELECT id FROM batch WHERE person_id = :person)))",
                values,
            )

        await self._database.write(work)
