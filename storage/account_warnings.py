"""What owners of accounts are warned of: noted while it is so, told once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from storage.database import Database, Row, Transaction
from storage.records import AccountWarning, FactKind, WarningKind, to_seconds, to_time_or_none


@dataclass(frozen=True)
class WatchedAccount:
    """One whose owner wants warnings, with what 1fichier last said of it (JSON), and when."""

    id: int
    person_id: int
    info: str | None
    info_at: datetime | None


class WarningStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def watched(self) -> list[WatchedAccount]:
        """Accounts with a key that works, those of which least is known first."""
        rows = await self._database.fetch_all(
            "SELECT account.id, account.person_id, account.info, account.info_at FROM account"
            " JOIN person ON person.id = account.person_id"
            " WHERE account.refused_at IS NULL AND coalesce(person.warnings, 1) = 1"
            " ORDER BY coalesce(account.info_at, 0), account.id"
        )
        return [
            WatchedAccount(row["id"], row["person_id"], row["info"], to_time_or_none(row["info_at"]))
            for row in rows
        ]

    async def find(self, warning_id: int) -> AccountWarning | None:
        row = await self._database.fetch_one(
            "SELECT * FROM account_warning WHERE id = :id", {"id": warning_id}
        )
        return _warning(row) if row else None

    async def of(self, account_id: int) -> set[WarningKind]:
        rows = await self._database.fetch_all(
            "SELECT * FROM account_warning WHERE account_id = :account", {"account": account_id}
        )
        return {_warning(row).kind for row in rows}

    async def note(
        self,
        account: WatchedAccount,
        now: datetime,
        *,
        begun: Collection[WarningKind],
        ended: Collection[WarningKind],
        told: Collection[WarningKind],
    ) -> bool:
        """Note what has begun and ended; of what has begun, `told` is to be told. Whether anything is."""

        def work(transaction: Transaction) -> bool:
            values = {"account": account.id, "person": account.person_id, "now": to_seconds(now)}
            for kind in ended:
                transaction.execute(
                    "DELETE FROM account_warning WHERE account_id = :account AND kind = :kind",
                    {**values, "kind": kind.value},
                )
            puts = False
            for kind in begun:
                row = transaction.fetch_one(
                    "INSERT INTO account_warning (account_id, kind, since)"
                    " SELECT id, :kind, :now FROM account WHERE id = :account"
                    " ON CONFLICT (account_id, kind) DO NOTHING RETURNING id",
                    {**values, "kind": kind.value},
                )
                if row is None or kind not in told:
                    continue
                transaction.execute(
                    "INSERT INTO outbox (person_id, chat_id, kind, subject, created_at)"
                    " VALUES (:person, :person, :fact, :subject, :now)"
                    " ON CONFLICT (person_id, chat_id, kind, subject) DO NOTHING",
                    {**values, "fact": FactKind.ACCOUNT_WARNING.value, "subject": row["id"]},
                )
                puts = True
            return puts

        return await self._database.write(work)


def _warning(row: Row) -> AccountWarning:
    return AccountWarning(id=row["id"], account_id=row["account_id"], kind=WarningKind(row["kind"]))
