"""Status messages: one per batch, edited as its files go on, deleted once its result has been told."""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from telegram import InlineKeyboardMarkup

from handlers.account_names import account_names
from handlers.chats import (
    ChatUnreachable,
    MessageGone,
    NotDeletable,
    RefusedByTelegram,
    SlowDown,
    Unsure,
)
from handlers.context import Services
from handlers.pace import Urgency
from handlers.reader import texts_of
from handlers.status_budget import Kind
from handlers.status_text import (
    UploadStatus,
    remote_buttons,
    remote_status,
    upload_buttons,
    upload_status,
)
from handlers.texts import Html, Texts
from storage import Account, Batch, BatchKind, Transfer, TransferState
from transfers import rung

log = logging.getLogger(__name__)

# Places in the queue change without anything happening to the batch itself, and Telegram may have failed to take an edit.
REFRESH_SECONDS: Final = 30.0
# What else a status may name has been changed elsewhere: an account, a language.
REFRESH_ALL_SECONDS: Final = 600.0
# Bells that ring while a batch is looked at are one.
PAUSE_SECONDS: Final = 0.05
# Batches whose last text is remembered, so that it is not sent twice; others cost one call that changes nothing.
REMEMBERED: Final = 10_000
# Batches looked after beside each other. What is said is fresh: nothing stands in a queue with a text.
AT_ONCE: Final = 16


@dataclass
class _Shown:
    """What a chat sees of a batch: `text` is a fingerprint, None while it is not sure. `gone`: its reader has deleted the message."""

    chat_id: int
    has_message: bool
    has_place: bool
    """In the queue, which others leave."""
    text: int | None = None
    gone: bool = False


@dataclass
class _ChatPace:
    """`slow_until`: monotonic seconds, before which nothing is said."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    slow_until: float = 0.0


class StatusBoard:
    """Keeps every status message true, within Telegram's limits. A status is never worth a queue: what is late is dropped."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._changed: dict[int, None] = {}
        self._shown: OrderedDict[int, _Shown] = OrderedDict()
        self._chats: dict[int, _ChatPace] = {}
        self._budget = services.chats.statuses
        self._looking = 0
        self._refresh_at = 0.0
        self._refresh_all_at = 0.0

    async def run(self) -> None:
        """Work until cancelled."""
        batches = self._services.batches
        for batch in [*await batches.under_way(), *await batches.left_over()]:
            self._changed[batch.id] = None
        self._refresh_at = self._monotonic() + REFRESH_SECONDS
        self._refresh_all_at = self._monotonic() + REFRESH_ALL_SECONDS
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._collect()
                for batch_id, chat_id in await self._in_order():
                    if self._looking >= AT_ONCE or self._budget.room_at > self._monotonic():
                        break
                    pace = self._pace(chat_id)
                    if not pace.lock.locked() and self._ready_at(batch_id) <= self._monotonic():
                        del self._changed[batch_id]
                        self._looking += 1
                        tasks.create_task(self._look(batch_id, pace))
                        # Let it take its chat before the next batch of that chat is looked at.
                        await asyncio.sleep(0)
                await self._rest()

    async def say_last(self, batch: Batch, text: Html) -> bool:
        """Turn the status message into the batch's last word; False when there is none to be turned.

        Raises:
            DeliveryError: as `Chats.edit`.
        """
        async with self._pace(batch.chat_id).lock:
            current = await self._services.batches.find(batch.id)
            if current is None or current.status_message_id is None:
                return False
            try:
                await self._services.chats.edit(
                    current.chat_id, current.status_message_id, text, urgency=Urgency.RESULT
                )
            except MessageGone:
                return False
            await self._services.batches.note_status_message(batch.id, None)
            self._forget(batch.id)
            return True

    def _monotonic(self) -> float:
        return self._services.clock.monotonic()

    def _collect(self) -> None:
        wakeups = self._services.wakeups
        wakeups.status.clear()
        self._changed |= dict.fromkeys(wakeups.changed)
        wakeups.changed.clear()
        now = self._monotonic()
        if now >= self._refresh_at:
            refreshes_all = now >= self._refresh_all_at
            if refreshes_all:
                self._refresh_all_at = now + REFRESH_ALL_SECONDS
            self._changed |= dict.fromkeys(
                batch_id
                for batch_id, shown in self._shown.items()
                if refreshes_all or shown.has_place or shown.text is None
            )
            self._refresh_at = now + REFRESH_SECONDS
            self._chats = {chat: pace for chat, pace in self._chats.items() if self._in_use(pace, now)}
            self._budget.sweep()

    @staticmethod
    def _in_use(pace: _ChatPace, now: float) -> bool:
        return pace.lock.locked() or pace.slow_until > now

    async def _in_order(self) -> list[tuple[int, int]]:
        """What has changed, as (batch, chat); a first status answers somebody, and so stands before edits."""
        found = [(batch_id, await self._shown_of(batch_id)) for batch_id in list(self._changed)]
        for batch_id, shown in found:
            if shown is None:
                self._changed.pop(batch_id, None)
        known = [(batch_id, shown) for batch_id, shown in found if shown is not None]
        known.sort(key=lambda each: each[1].has_message)
        return [(batch_id, shown.chat_id) for batch_id, shown in known]

    def _pace(self, chat_id: int) -> _ChatPace:
        return self._chats.setdefault(chat_id, _ChatPace())

    def _ready_at(self, batch_id: int) -> float:
        """Monotonic seconds from which the batch's chat may be told of it; a first status is never kept waiting by edits."""
        shown = self._shown.get(batch_id)
        if shown is None:
            return 0.0
        slow_until = self._pace(shown.chat_id).slow_until
        return (
            max(slow_until, self._budget.edit_at(shown.chat_id, Kind.BATCH))
            if shown.has_message
            else slow_until
        )

    async def _shown_of(self, batch_id: int) -> _Shown | None:
        """None when the batch is no longer known."""
        if batch_id not in self._shown:
            batch = await self._services.batches.find(batch_id)
            if batch is None:
                return None
            self._shown[batch_id] = _shown(batch)
            if len(self._shown) > REMEMBERED:
                self._shown.popitem(last=False)
        return self._shown.get(batch_id)

    async def _rest(self) -> None:
        """Until a bell rings or something that waited may be said; a moment at least."""
        clock, wakeups = self._services.clock, self._services.wakeups
        await clock.sleep(PAUSE_SECONDS)
        due = [self._refresh_at]
        if self._changed and self._looking < AT_ONCE:
            due.append(max(self._budget.room_at, min(map(self._ready_at, self._changed))))
        await rung(wakeups.status, clock, max(0.0, min(due) - self._monotonic()))

    async def _look(self, batch_id: int, pace: _ChatPace) -> None:
        try:
            async with pace.lock:
                await self._show(batch_id)
        except SlowDown as error:
            # Looked at again before the rest is over: by then it may be a message to delete, which rests by itself.
            self._slow_down(pace, error.seconds)
            self._changed[batch_id] = None
        except ChatUnreachable:
            log.info("The status of batch %d is not shown: its chat is out of reach", batch_id)
            self._forget(batch_id)
        except Unsure as error:
            log.info("The status of batch %d stays as it is: %s", batch_id, type(error).__name__)
        except RefusedByTelegram as error:
            log.warning("Telegram refuses the status of batch %d: %s", batch_id, error)
        except Exception:
            log.exception("The status of batch %d could not be shown", batch_id)
        finally:
            self._looking -= 1
            # The loop has to learn that there is room, and of what is to be tried again.
            self._services.wakeups.status.set()

    def _slow_down(self, pace: _ChatPace, seconds: float) -> None:
        pace.slow_until = self._monotonic() + min(seconds, self._services.progress_seconds)

    async def _show(self, batch_id: int) -> None:
        services = self._services
        batch = await services.batches.find(batch_id)
        if batch is None or await services.people.is_unreachable(batch.chat_id):
            self._forget(batch_id)
            return
        if batch.told_at is not None:
            await self._remove(batch)
            return
        said = await self._text_of(batch)
        if said is None:
            # Looked at again when something happens to it.
            self._forget(batch_id)
            return
        text, buttons = said
        shown = self._shown.setdefault(batch_id, _shown(batch))
        shown.chat_id, shown.has_message = batch.chat_id, batch.status_message_id is not None
        fingerprint = hash((text, str(buttons)))
        if shown.gone or shown.text == fingerprint:
            return
        if shown.has_message and self._budget.edit_at(batch.chat_id, Kind.BATCH) > self._monotonic():
            # Another message of the chat came first.
            self._changed[batch_id] = None
            return
        await self._budget.its_turn(batch.chat_id, Kind.BATCH, services.progress_seconds)
        shown.text = None
        if batch.status_message_id is None:
            await self._send(batch, text, buttons)
            shown.has_message = True
        else:
            await self._edit(batch, batch.status_message_id, text, buttons, shown)
        shown.text = fingerprint

    async def _text_of(self, batch: Batch) -> tuple[Html, InlineKeyboardMarkup | None] | None:
        services = self._services
        t = await self._texts_of(batch)
        if batch.kind is BatchKind.REMOTE:
            return await self._remote_text(t, batch)
        transfers = [each for each in await services.transfers.of_batch(batch.id) if not each.refused]
        active = [each for each in transfers if each.active]
        if not any(each.account_id is not None for each in active):
            # All has ended, and the result is about to be told; or the person was asked for a key.
            return None
        account = await self._account_of(active)
        progress = {each.id: services.uploads.progress(each.id) for each in active}
        queued = [each for each in active if each.state is TransferState.QUEUED]
        held = [each for each in queued if each.held]
        waiting = next((each for each in queued if not each.held), None)
        status = UploadStatus(
            batch=batch,
            transfers=transfers,
            now=services.clock.now(),
            progress={key: value for key, value in progress.items() if value is not None},
            before=await services.uploads.position(waiting) if waiting else 0,
            key_refused=account is not None and account.refused_at is not None,
            paused_until=services.uploads.paused_until(account.id) if account else None,
            without_room=frozenset(each.id for each in active if services.uploads.waits_for_room(each.id)),
            namesake=await services.known_files.namesake(held[0]) if len(held) == 1 else None,
            accounts=await account_names(services, t, batch.person_id),
            in_maintenance=services.maintenance.on,
        )
        return upload_status(t, status), upload_buttons(t, status)

    async def _account_of(self, active: Sequence[Transfer]) -> Account | None:
        """The account that the next file goes to: on it hangs whether the batch goes on."""
        account_id = next((each.account_id for each in active if each.account_id is not None), None)
        return await self._services.people.account(account_id) if account_id is not None else None

    async def _remote_text(self, t: Texts, batch: Batch) -> tuple[Html, InlineKeyboardMarkup | None] | None:
        remotes = await self._services.remotes_store.of_batch(batch.id)
        wanted = [each for each in remotes if each.told and not each.unwanted]
        if not any(each.active for each in wanted):
            # The result is about to be told, and is the last word where there is none.
            return None
        names = await account_names(self._services, t, batch.person_id)
        return remote_status(t, wanted, names), remote_buttons(t, wanted)

    async def _edit(
        self,
        batch: Batch,
        message_id: int,
        text: Html,
        buttons: InlineKeyboardMarkup | None,
        shown: _Shown,
    ) -> None:
        services = self._services
        try:
            await services.chats.edit(
                batch.chat_id, message_id, text, keyboard=buttons, urgency=Urgency.STATUS
            )
        except MessageGone:
            current = await services.batches.find(batch.id)
            if current is not None and current.status_message_id == message_id:
                # Whoever deletes it does not want to see it; the result is told all the same.
                log.info("The status message of batch %d is gone and stays so", batch.id)
                shown.gone = True
            else:
                # Left behind in a group that became a supergroup.
                self._changed[batch.id] = None

    async def _send(self, batch: Batch, text: Html, buttons: InlineKeyboardMarkup | None) -> None:
        services = self._services
        message_id = await services.chats.send(
            batch.chat_id, text, reply_to=batch.reply_to, keyboard=buttons, urgency=Urgency.STATUS
        )
        await services.batches.note_status_message(batch.id, message_id)
        # The result may have been told while this was on its way.
        current = await services.batches.find(batch.id)
        if current is not None and current.told_at is not None:
            await self._remove(current)

    async def _remove(self, batch: Batch) -> None:
        services, message_id = self._services, batch.status_message_id
        shown = self._shown.get(batch.id)
        if message_id is not None:
            if shown is None or not shown.gone:
                await self._budget.its_turn(batch.chat_id, Kind.BATCH, 0)
                await self._delete(batch, message_id)
            await services.batches.note_status_message(batch.id, None)
        self._forget(batch.id)

    async def _delete(self, batch: Batch, message_id: int) -> None:
        chats = self._services.chats
        try:
            await chats.delete(batch.chat_id, message_id, urgency=Urgency.STATUS)
        except NotDeletable:
            # Older than two days. It must not say for ever that something is under way.
            t = await self._texts_of(batch)
            with contextlib.suppress(MessageGone):
                await chats.edit(
                    batch.chat_id, message_id, t("This has ended, see below."), urgency=Urgency.STATUS
                )
        except MessageGone:
            log.info("The status message of batch %d was gone already", batch.id)

    async def _texts_of(self, batch: Batch) -> Texts:
        person = await self._services.people.find(batch.person_id)
        return texts_of(person)

    def _forget(self, batch_id: int) -> None:
        self._shown.pop(batch_id, None)


def _shown(batch: Batch) -> _Shown:
    return _Shown(
        batch.chat_id,
        has_message=batch.status_message_id is not None,
        has_place=batch.kind is not BatchKind.REMOTE,
    )
