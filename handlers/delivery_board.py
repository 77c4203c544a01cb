"""Messages of files on their way into a chat: edited as they go on, within the budget of all statuses."""

import asyncio
import logging
from typing import Final

from handlers.chats import DeliveryError, MessageGone, SlowDown
from handlers.context import Services
from handlers.delivery_text import DeliveryStatus, delivery_buttons, delivery_text
from handlers.pace import Urgency
from handlers.reader import texts_of
from handlers.status_budget import Kind
from handlers.texts import Texts
from storage import Delivery
from transfers import rung

log = logging.getLogger(__name__)

# Bells that ring while a message is looked at are one.
PAUSE_SECONDS: Final = 0.05
LOOK_SECONDS: Final = 60.0


class DeliveryBoard:
    """What is late of the progress is dropped; an end is told by the postman through `say`."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._edit_at: dict[int, float] = {}
        self._shown: dict[int, int] = {}
        self._one_at_a_time = asyncio.Lock()

    async def run(self) -> None:
        """Work until cancelled."""
        wakeups, clock = self._services.wakeups, self._services.clock
        while True:
            wakeups.delivery_status.clear()
            for delivery_id in sorted(wakeups.changed_deliveries):
                if self._edit_at.get(delivery_id, 0.0) <= clock.monotonic():
                    wakeups.changed_deliveries.discard(delivery_id)
                    await self._look(delivery_id)
            await clock.sleep(PAUSE_SECONDS)
            due = [self._edit_at.get(each, 0.0) for each in wakeups.changed_deliveries]
            seconds = max(0.0, min(due) - clock.monotonic()) if due else LOOK_SECONDS
            await rung(wakeups.delivery_status, clock, seconds)

    async def say(self, delivery: Delivery) -> None:
        """Show how it ended; in a new message where its own is gone.

        Raises:
            DeliveryError: it is not shown.
        """
        async with self._one_at_a_time:
            self._forget(delivery.id)
            chats, t = self._services.chats, await self._texts(delivery)
            text = delivery_text(t, DeliveryStatus(delivery, self._services.clock.now()))
            markup = delivery_buttons(t, delivery)
            try:
                await chats.edit(
                    delivery.chat_id, delivery.message_id, text, keyboard=markup, urgency=Urgency.RESULT
                )
            except MessageGone:
                await chats.send(delivery.chat_id, text, keyboard=markup, urgency=Urgency.RESULT)

    async def _look(self, delivery_id: int) -> None:
        try:
            async with self._one_at_a_time:
                await self._edit(delivery_id)
        except SlowDown as error:
            self._put_off(delivery_id, self._services.clock.monotonic() + error.seconds)
        except DeliveryError as error:
            log.info("The message of delivery %d stays as it is: %s", delivery_id, type(error).__name__)
        except Exception:
            log.exception("The message of delivery %d could not be shown", delivery_id)

    async def _edit(self, delivery_id: int) -> None:
        services = self._services
        delivery = await services.deliveries.find(delivery_id)
        if delivery is None or not delivery.active:
            self._forget(delivery_id)
            return
        budget = services.chats.statuses
        at = max(budget.room_at, budget.edit_at(delivery.chat_id, Kind.DELIVERY))
        if at > services.clock.monotonic():
            self._put_off(delivery_id, at)
            return
        t = await self._texts(delivery)
        status = DeliveryStatus(
            delivery,
            services.clock.now(),
            services.deliveries.progress(delivery_id),
            in_maintenance=services.maintenance.on,
        )
        text, markup = delivery_text(t, status), delivery_buttons(t, delivery)
        fingerprint = hash((text, str(markup)))
        if self._shown.get(delivery_id) == fingerprint:
            return
        await budget.its_turn(delivery.chat_id, Kind.DELIVERY, services.progress_seconds)
        await services.chats.edit(
            delivery.chat_id, delivery.message_id, text, keyboard=markup, urgency=Urgency.STATUS
        )
        self._shown[delivery_id] = fingerprint

    def _put_off(self, delivery_id: int, at: float) -> None:
        self._edit_at[delivery_id] = at
        self._services.wakeups.changed_deliveries.add(delivery_id)

    def _forget(self, delivery_id: int) -> None:
        self._edit_at.pop(delivery_id, None)
        self._shown.pop(delivery_id, None)

    async def _texts(self, delivery: Delivery) -> Texts:
        person = await self._services.people.find(delivery.person_id)
        return texts_of(person)
