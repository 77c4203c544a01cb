"""Whose file is next."""

from datetime import datetime

from storage.database import Row, Transaction
from storage.records import to_seconds


def take_next(transaction: Transaction, *, per_person: int, now: datetime) -> Row | None:
    """The next file, now `fetching`: round robin over people, oldest first within one, at most `per_person` each."""
    # The inner part reads one index and the queued files alone, however long the history is.
    chosen = transaction.fetch_one(
        "SELECT next.id, next.person_id AS person FROM ("
        "  SELECT person_id, account_id, min(id) AS id FROM transfer"
        "  WHERE state = 'queued' AND cancelled_at IS NULL AND held = 0 AND not_before <= :now GROUP BY person_id, account_id"
        " ) AS next"
        " JOIN account ON account.id = next.account_id AND account.refused_at IS NULL"
        " JOIN person ON person.id = next.person_id"
        " WHERE (SELECT count(*) FROM transfer WHERE transfer.person_id = next.person_id"
        "  AND transfer.state IN ('fetching', 'sending')) < :cap"
        " ORDER BY person.served_at, next.id LIMIT 1",
        {"cap": per_person, "now": to_seconds(now)},
    )
    if chosen is None:
        return None
    values = {"id": chosen["id"], "person": chosen["person"]}
    # A turn counter rather than the time: two turns within one tick of the clock still have an order.
    transaction.execute(
        "UPDATE person SET served_at = (SELECT max(served_at) + 1 FROM person) WHERE id = :person", values
    )
    return transaction.fetch_one(
        "UPDATE transfer SET state = 'fetching', tries = tries + 1 WHERE id = :id RETURNING *", values
    )
