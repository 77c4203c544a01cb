"""A person's messages whose files have been uploaded, deleted when they want it so."""

import logging

from handlers.chats import MessageGone, NotDeletable
from handlers.context import Services
from handlers.pace import Urgency
from storage import Batch, Fact, TransferState

log = logging.getLogger(__name__)


def may_be_deleted(batch: Batch) -> bool:
    """Only in a person's own chat, which bears their number: in a group others read what they have sent."""
    return batch.chat_id == batch.person_id


async def delete_uploaded(services: Services, fact: Fact) -> None:
    """Delete the messages of the batch's files that have arrived; those of others may still be needed.

    Raises:
        DeliveryError: Telegram does not let us now. Those that were deleted before are not asked for again.
    """
    batch = await services.batches.find(fact.subject)
    person = await services.people.find(fact.person_id)
    if batch is None or person is None or not person.preferences.delete_messages or not may_be_deleted(batch):
        return
    transfers = await services.transfers.of_batch(batch.id)
    arrived = [each for each in transfers if each.state is TransferState.DONE and each.there_since is None]
    for position in range(min(fact.parts_told, len(arrived)), len(arrived)):
        try:
            await services.chats.delete(batch.chat_id, arrived[position].message_id, urgency=Urgency.STATUS)
        except NotDeletable:
            # Older than two days.
            log.info("Message of transfer %d stays: Telegram does not delete it", arrived[position].id)
        except MessageGone:
            pass
        await services.outbox.note_part_told(fact, position + 1)
