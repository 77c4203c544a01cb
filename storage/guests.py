"""Uploads that landed outside their account: the codes that remove them, sealed, until they have been used."""

import logging

from storage.database import Database
from storage.errors import CannotOpen
from storage.vault import Vault

log = logging.getLogger(__name__)

_REMOVE_LINK = "remove link"


async def note_guest_upload(database: Database, vault: Vault, transfer_id: int, remove_link: str) -> None:
    await database.execute(
        "UPDATE transfer SET sealed_remove_link = :sealed WHERE id = :id",
        {"id": transfer_id, "sealed": vault.seal(_REMOVE_LINK, transfer_id, remove_link)},
    )


async def guest_uploads(database: Database, vault: Vault) -> list[tuple[int, str]]:
    rows = await database.fetch_all(
        "SELECT id, sealed_remove_link FROM transfer WHERE sealed_remove_link IS NOT NULL ORDER BY id"
    )
    found = []
    for row in rows:
        try:
            link = vault.open(_REMOVE_LINK, row["id"], bytes(row["sealed_remove_link"]))
        except CannotOpen as error:
            log.warning("The guest upload of transfer %d cannot be removed: %s", row["id"], error)
        else:
            found.append((row["id"], link))
    return found
