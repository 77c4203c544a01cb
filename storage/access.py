"""Who was let in or kept out, by whom the settings do not speak of, and the links that let in."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from storage.database import Database, Row, Transaction
from storage.errors import CannotOpen
from storage.records import to_seconds, to_time
from storage.vault import Vault

_CODE = "invitation"
# 128 bits: a code cannot be guessed, so a plain hash keeps it. Telegram's links take 64 characters.
_CODE_BYTES: Final = 16


class Role(StrEnum):
    GUEST = "guest"
    ADMIN = "admin"
    BANNED = "banned"


class Entry(StrEnum):
    """What opening a link came to. `INVALID`: unknown, used up, revoked or too old."""

    LET_IN = "let_in"
    CLAIMED = "claimed"
    INVALID = "invalid"


@dataclass(frozen=True)
class Admission:
    person_id: int
    role: Role
    since: datetime


@dataclass(frozen=True)
class Invitation:
    """`code` is what stands behind `start=` in the link; None when no secret key opens it any more."""

    id: int
    uses_left: int
    until: datetime
    code: str | None = field(repr=False)


class AccessStore:
    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def role(self, person_id: int) -> Role | None:
        """None: nothing is noted about this number."""
        row = await self._database.fetch_one(
            "SELECT role FROM access WHERE person_id = :id", {"id": person_id}
        )
        return Role(row["role"]) if row else None

    async def admissions(self) -> list[Admission]:
        rows = await self._database.fetch_all("SELECT * FROM access ORDER BY person_id")
        return [Admission(row["person_id"], Role(row["role"]), to_time(row["since"])) for row in rows]

    async def admins(self) -> frozenset[int]:
        rows = await self._database.fetch_all("SELECT person_id FROM access WHERE role = 'admin'")
        return frozenset(row["person_id"] for row in rows)

    async def set_role(self, person_id: int, role: Role, now: datetime) -> None:
        await self._database.execute(
            "INSERT INTO access (person_id, role, since) VALUES (:id, :role, :now) ON CONFLICT (person_id)"
            " DO UPDATE SET role = excluded.role, since = excluded.since, invitation_id = NULL",
            {"id": person_id, "role": role.value, "now": to_seconds(now)},
        )

    async def forget(self, person_id: int) -> bool:
        """Whoever this was is a stranger again."""
        return bool(
            await self._database.execute("DELETE FROM access WHERE person_id = :id", {"id": person_id})
        )

    async def invite(self, *, asked_by: str, uses: int, lifetime: timedelta, now: datetime) -> Invitation:
        """An invitation for so many people; the same one when `asked_by` has asked for it before."""
        code = secrets.token_urlsafe(_CODE_BYTES)

        def work(transaction: Transaction) -> Row | None:
            known = transaction.fetch_one(
                "SELECT * FROM invitation WHERE asked_by = :asked_by", {"asked_by": asked_by}
            )
            if known is not None:
                return known
            made = _insert(
                transaction,
                {
                    "role": Role.GUEST.value,
                    "hash": _hash(code),
                    "asked_by": asked_by,
                    "uses": uses,
                    "until": to_seconds(now + lifetime),
                },
            )
            # The sealed code is bound to the row's id, which is known only now.
            return transaction.fetch_one(
                "UPDATE invitation SET sealed_code = :sealed WHERE id = :id RETURNING *",
                {"id": made, "sealed": self._vault.seal(_CODE, made, code)},
            )

        row = await self._database.write(work)
        if row is None:
            raise AssertionError("the invitation was found or made above")
        return self._invitation(row)

    async def offer_claim(self, *, lifetime: timedelta, now: datetime) -> str:
        """The code that makes its first opener an admin. It is the only one: those offered before become invalid."""
        code = secrets.token_urlsafe(_CODE_BYTES)

        def work(transaction: Transaction) -> None:
            _withdraw_claims(transaction)
            _insert(
                transaction,
                {
                    "role": Role.ADMIN.value,
                    "hash": _hash(code),
                    "asked_by": None,
                    "uses": 1,
                    "until": to_seconds(now + lifetime),
                },
            )

        await self._database.write(work)
        return code

    async def withdraw_claims(self) -> None:
        await self._database.write(_withdraw_claims)

    async def invitations(self, now: datetime) -> list[Invitation]:
        """Those that still let somebody in."""
        rows = await self._database.fetch_all(
            "SELECT * FROM invitation WHERE role = 'guest' AND uses_left > 0 AND until > :now ORDER BY id",
            {"now": to_seconds(now)},
        )
        return [self._invitation(row) for row in rows]

    async def revoke(self, invitation_id: int) -> bool:
        """Whom it has let in stays in. False when there is no such invitation."""
        return bool(
            await self._database.execute(
                "DELETE FROM invitation WHERE id = :id AND role = 'guest'", {"id": invitation_id}
            )
        )

    async def enter(self, code: str, person_id: int, now: datetime) -> Entry:
        """Open a link. Opened again by whom it let in, it says the same and is not used up further."""

        def work(transaction: Transaction) -> Entry:
            values = {"hash": _hash(code), "person": person_id, "now": to_seconds(now)}
            invitation = transaction.fetch_one("SELECT * FROM invitation WHERE code_hash = :hash", values)
            known = transaction.fetch_one("SELECT * FROM access WHERE person_id = :person", values)
            if invitation is None or (known is not None and known["role"] == Role.BANNED):
                return Entry.INVALID
            outcome = Entry.CLAIMED if invitation["role"] == Role.ADMIN else Entry.LET_IN
            if known is not None and known["invitation_id"] == invitation["id"]:
                return outcome
            if known is not None and outcome is Entry.LET_IN:
                # In already: a use of the invitation is somebody else's.
                return outcome
            if invitation["uses_left"] < 1 or invitation["until"] <= to_seconds(now):
                return Entry.INVALID
            values |= {"role": invitation["role"], "invitation": invitation["id"]}
            transaction.execute(
                "UPDATE invitation SET uses_left = uses_left - 1 WHERE id = :invitation", values
            )
            transaction.execute(
                "INSERT INTO access (person_id, role, invitation_id, since)"
                " VALUES (:person, :role, :invitation, :now) ON CONFLICT (person_id) DO UPDATE"
                " SET role = excluded.role, invitation_id = excluded.invitation_id, since = excluded.since",
                values,
            )
            return outcome

        return await self._database.write(work)

    async def prune(self, before: datetime) -> int:
        """Forget invitations whose time was over before then."""
        return await self._database.execute(
            "DELETE FROM invitation WHERE until < :before", {"before": to_seconds(before)}
        )

    def _invitation(self, row: Row) -> Invitation:
        try:
            code = self._vault.open(_CODE, row["id"], bytes(row["sealed_code"]))
        except CannotOpen:
            code = None
        return Invitation(row["id"], row["uses_left"], to_time(row["until"]), code)


def _insert(transaction: Transaction, values: Mapping[str, Any]) -> int:
    row = transaction.fetch_one(
        "INSERT INTO invitation (role, code_hash, asked_by, uses_left, until)"
        " VALUES (:role, :hash, :asked_by, :uses, :until) RETURNING id",
        values,
    )
    if row is None:
        raise AssertionError("an insert returns its row")
    return int(row["id"])


def _withdraw_claims(transaction: Transaction) -> None:
    # One that was opened stays until it is pruned: its opener may have to be told again after a crash.
    transaction.execute("DELETE FROM invitation WHERE role = 'admin' AND uses_left > 0")


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
