"""What keeps a file found in an account from being taken for the wrong upload's."""

from collections.abc import Iterable
from datetime import timedelta

from storage.database import Database
from storage.records import Transfer, to_seconds

# A file of unknown outcome may still turn up for so long.
STILL_POSSIBLE = timedelta(hours=24)


async def has_twin(database: Database, transfer: Transfer) -> bool:
    """Whether another file of the account with the same name and size may turn up, too."""
    row = await database.fetch_one(
        "SELECT 1 FROM transfer WHERE account_id = :account AND id <> :id AND name = :name AND size = :size"
        " AND state IN ('confirming', 'unknown') AND (state = 'confirming' OR whole_at > :since)",
        {
            "account": transfer.account_id,
            "id": transfer.id,
            "name": transfer.name,
            "size": transfer.size,
            "since": to_seconds((transfer.whole_at or transfer.created_at) - STILL_POSSIBLE),
        },
    )
    return row is not None


async def owned(database: Database, link_ids: Iterable[str]) -> set[str]:
    """Which of these links belong to a transfer or a remote upload already."""
    found = set()
    for link_id in link_ids:
        row = await database.fetch_one(
            "SELECT 1 FROM transfer WHERE link_id = :link"
            " UNION ALL SELECT 1 FROM remote_upload WHERE link_id = :link LIMIT 1",
            {"link": link_id},
        )
        if row is not None:
            found.add(link_id)
    return found
