"""Facts told: taken from the outbox, rendered when they are sent, marked once Telegram has taken them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from handlers.account_names import account_names
from handlers.chats import ChatUnreachable, RefusedByTelegram, SlowDown, Unsure
from handlers.clean_up import delete_uploaded, may_be_deleted
from handlers.context import Services
from handlers.delivery_board import DeliveryBoard
from handlers.job_board import JobBoard
from handlers.job_text import JobStatus, job_text
from handlers.notices import Notices, NotYet
from handlers.pace import Urgency
from handlers.reader import Reader
from handlers.remote_result import all_remotes_cancelled, remote_result
from handlers.result_parts import Result, Telling
from handlers.result_text import all_cancelled, upload_result
from handlers.splitting import split
from handlers.status import StatusBoard
from handlers.texts import Html
from storage import (
    Batch,
    BatchKind,
    Fact,
    FactKind,
    JobState,
    RemoteState,
    Sounds,
    StorageError,
    Transfer,
    TransferState,
)
from transfers import rung

log = logging.getLogger(__name__)

# Chats that are told something beside each other.
AT_ONCE: Final = 16
# The outbox is looked at by itself now and then; whatever is new rings a bell.
LOOK_SECONDS: Final = 60.0
# While chats are being told something, the end of each rings the bell; this only covers what falls due meanwhile.
LOOK_WHILE_BUSY_SECONDS: Final = 1.0
# Something joined the batch after its end was noted; its new end is noted anew, and this row is then due at once.
STILL_UNDER_WAY: Final = timedelta(seconds=30)
# Within the ten seconds of the whole stop. Telegram answers in milliseconds.
GRACE_SECONDS: Final = 1.0
# Telegram did not answer: asked again after so long.
ASK_AGAIN: Final = timedelta(seconds=5)


@dataclass(frozen=True)
class _Told:
    """`nothing` is said where there is no result; `items`: what the person is told of; `any`: the batch holds something."""

    result: Result | None
    nothing: Html
    items: int
    any: bool


class Postman:
    """Tells each fact at least once, in the order of each chat."""

    def __init__(
        self,
        services: Services,
        board: StatusBoard,
        job_board: JobBoard,
        delivery_board: DeliveryBoard | None = None,
    ) -> None:
        self._services = services
        self._board = board
        self._job_board = job_board
        self._delivery_board = delivery_board or DeliveryBoard(services)
        self._busy: set[int] = set()
        self._notices = Notices(services).renderers
        self._tellers: dict[FactKind, Callable[[Fact, Reader], Awaitable[None]]] = {
            FactKind.BATCH_ENDED: self._batch_ended,
            FactKind.FILE_ENDED: self._file_ended,
            FactKind.LINK_ENDED: self._link_ended,
            FactKind.DELIVERY_ENDED: self._delivery_ended,
            FactKind.CLEAN_UP: self._clean_up,
            FactKind.JOB_ASKS: self._job,
            FactKind.JOB_ENDED: self._job,
            **dict.fromkeys(self._notices, self._notice),
        }

    async def run(self) -> None:
        """Work until cancelled."""
        services = self._services
        tellers: set[asyncio.Task[None]] = set()
        try:
            while True:
                services.wakeups.outbox.clear()
                # What is read of a chat that is being told something may be over by then; its end has rung, and it is read again.
                busy = frozenset(self._busy)
                # The oldest fact of each chat: those of busy chats stand before the others.
                facts = await services.outbox.due(services.clock.now(), AT_ONCE + len(busy))
                free = [each for each in facts if each.chat_id not in busy]
                for fact in free[: max(0, AT_ONCE - len(self._busy))]:
                    self._busy.add(fact.chat_id)
                    teller = asyncio.create_task(self._try(fact))
                    tellers.add(teller)
                    teller.add_done_callback(tellers.discard)
                await self._rest(LOOK_WHILE_BUSY_SECONDS if facts else LOOK_SECONDS, until_due=not facts)
        finally:
            await _finish(tellers)

    async def _rest(self, seconds: float, *, until_due: bool) -> None:
        services = self._services
        due = await services.outbox.next_due() if until_due else None
        if due is not None:
            seconds = min(seconds, max(0.0, (due - services.clock.now()).total_seconds()))
        await rung(services.wakeups.outbox, services.clock, seconds)

    async def _try(self, fact: Fact) -> None:
        """A barrier: what is the matter with one fact, or with the database for a while, must not end the others."""
        try:
            await self._tell(fact)
        except StorageError:
            log.exception("Fact %d stays due: local state could not be read or written", fact.id)
            await self._services.clock.sleep(ASK_AGAIN.total_seconds())
        finally:
            self._busy.discard(fact.chat_id)
            self._services.wakeups.outbox.set()

    async def _tell(self, fact: Fact) -> None:
        outbox, clock = self._services.outbox, self._services.clock
        try:
            person = await self._services.people.find(fact.person_id)
            await self._tellers[fact.kind](fact, Reader.of(person))
        except SlowDown as error:
            await outbox.put_off(fact, clock.now() + timedelta(seconds=error.seconds))
        except NotYet as error:
            await outbox.put_off(fact, error.until)
        except ChatUnreachable:
            log.info("Fact %d is kept: its chat cannot be reached", fact.id)
        except Unsure:
            await outbox.put_off(fact, clock.now() + ASK_AGAIN)
        except RefusedByTelegram as error:
            await self._give_up(fact, str(error))
        except StorageError:
            raise
        except Exception:
            log.exception("Fact %d (%s) could not be told", fact.id, fact.kind)
            await self._give_up(fact, "see above")

    async def _give_up(self, fact: Fact, problem: str) -> None:
        if fact.plain:
            log.error("Fact %d (%s) is set aside: %s", fact.id, fact.kind, problem)
            await self._services.outbox.set_aside(fact)
        else:
            log.warning("Fact %d (%s) is told in the fewest words: %s", fact.id, fact.kind, problem)
            await self._services.outbox.try_plain(fact)

    async def _told(self, fact: Fact, *, clean_up: bool = False) -> None:
        await self._services.outbox.told(fact, self._services.clock.now(), clean_up=clean_up)
        if fact.kind is FactKind.BATCH_ENDED:
            log.info("Fact %d is told: the result of batch %d", fact.id, fact.subject)
        else:
            log.info("Fact %d is told: %s", fact.id, fact.kind)

    async def _batch_ended(self, fact: Fact, reader: Reader) -> None:
        services = self._services
        now = services.clock.now()
        batch = await services.batches.close(fact.subject, now)
        if batch is None:
            if await services.batches.find(fact.subject) is None:
                await services.outbox.drop(fact)
            else:
                await services.outbox.put_off(fact, now + STILL_UNDER_WAY)
            return
        told = await self._result(reader, batch)
        if not told.any:
            log.info("All of batch %d has begun anew in another one", batch.id)
        elif told.result is not None:
            # Each of several was heard of already.
            quiet = told.items > 1 and reader.preferences.sounds is Sounds.EACH
            await self._send_result(fact, told.result, batch.reply_to, ring=reader.rings and not quiet)
        elif not await self._board.say_last(batch, told.nothing) and batch.kind is BatchKind.UPLOAD:
            # Who did not want to hear of a link any more is not written to about it.
            await services.chats.send(
                fact.chat_id, told.nothing, reply_to=batch.reply_to, urgency=Urgency.RESULT
            )
        await self._told(fact, clean_up=reader.preferences.delete_messages and may_be_deleted(batch))
        services.wakeups.batch_changed(batch.id)

    async def _file_ended(self, fact: Fact, reader: Reader) -> None:
        """One of several; a file that is alone in its batch is told as the batch."""
        transfer = await self._services.transfers.find(fact.subject)
        if transfer is not None and not transfer.active and await self._items(transfer.batch_id) > 1:
            telling = await self._telling(reader, fact.person_id, [transfer])
            result = upload_result(reader.t, [transfer], telling)
            if result is not None:
                await self._send_result(fact, result, transfer.message_id, ring=reader.rings)
        await self._told(fact)

    async def _link_ended(self, fact: Fact, reader: Reader) -> None:
        """As `_file_ended`, of a URL."""
        remote = await self._services.remotes_store.find(fact.subject)
        batch = await self._services.batches.find(remote.batch_id) if remote else None
        if remote is None or batch is None or remote.active:
            await self._told(fact)
            return
        # Of a file that was to be deleted it is said when all else has been told.
        if batch.told_at is not None or await self._items(batch.id) > 1:
            telling = await self._telling(reader, fact.person_id, [])
            result = remote_result(reader.t, [remote], telling)
            if result is not None:
                await self._send_result(fact, result, remote.message_id, ring=reader.rings)
        await self._told(fact)

    async def _notice(self, fact: Fact, reader: Reader) -> None:
        notice = await self._notices[fact.kind](fact, reader)
        if notice is not None:
            await self._send(fact, notice.text, ring=notice.rings and reader.rings)
        await self._told(fact)

    async def _delivery_ended(self, fact: Fact, _: Reader) -> None:
        """The message that shows it says it: what rings is the file."""
        delivery = await self._services.deliveries.find(fact.subject)
        if delivery is not None and not delivery.active:
            await self._delivery_board.say(delivery)
        await self._told(fact)

    async def _clean_up(self, fact: Fact, _: Reader) -> None:
        await delete_uploaded(self._services, fact)
        await self._told(fact)

    async def _job(self, fact: Fact, reader: Reader) -> None:
        """The message of a job says it; a question that was answered meanwhile is none any more."""
        job = await self._services.jobs.find(fact.subject)
        asks = fact.kind is FactKind.JOB_ASKS
        if job is not None and asks is (job.state is JobState.ASKING):
            if fact.plain:
                text = job_text(reader.t, JobStatus(job, self._services.clock.now()))
                await self._send(fact, text, ring=False)
            else:
                await self._job_board.say(job)
        await self._told(fact)

    async def _result(self, reader: Reader, batch: Batch) -> _Told:
        t = reader.t
        items = await self._items(batch.id)
        if batch.kind is BatchKind.REMOTE:
            remotes = await self._services.remotes_store.of_batch(batch.id)
            result = remote_result(t, remotes, await self._telling(reader, batch.person_id, []))
            return _Told(result, all_remotes_cancelled(t, remotes), items, any=bool(remotes))
        transfers = [each for each in await self._services.transfers.of_batch(batch.id) if not each.refused]
        result = upload_result(t, transfers, await self._telling(reader, batch.person_id, transfers))
        return _Told(result, all_cancelled(t, transfers), items, any=bool(transfers))

    async def _telling(self, reader: Reader, person_id: int, transfers: Sequence[Transfer]) -> Telling:
        services = self._services
        return Telling(
            form=reader.preferences.links,
            accounts=await account_names(services, reader.t, person_id),
            taken=await services.known_files.with_names_taken(transfers),
        )

    async def _items(self, batch_id: int) -> int:
        """How many files or URLs of a batch the person is told of."""
        services = self._services
        files = await services.transfers.of_batch(batch_id)
        links = await services.remotes_store.of_batch(batch_id)
        return sum(not each.refused and each.state is not TransferState.CANCELLED for each in files) + sum(
            each.told and not each.unwanted and each.state is not RemoteState.CANCELLED for each in links
        )

    async def _send_result(self, fact: Fact, result: Result, reply_to: int, *, ring: bool) -> None:
        if fact.plain:
            await self._send(fact, result.plain, ring=ring)
            return
        parts = split(result.text)
        last = len(parts) - 1
        # What an earlier try has told is not told again.
        for position in range(min(fact.parts_told, last), last + 1):
            await self._services.chats.send(
                fact.chat_id,
                parts[position],
                reply_to=reply_to if position == 0 else None,
                keyboard=result.buttons if position == last else None,
                ring=ring and position == 0,
                urgency=Urgency.RESULT,
            )
            if position < last:
                await self._services.outbox.note_part_told(fact, position + 1)

    async def _send(self, fact: Fact, text: Html, *, ring: bool) -> None:
        await self._services.chats.send(fact.chat_id, text, ring=ring, urgency=Urgency.RESULT)


async def _finish(tellers: set[asyncio.Task[None]]) -> None:
    """Let what is on its way to Telegram arrive and be recorded: cut off in between, it would be told again."""
    if not tellers:
        return
    _, late = await asyncio.wait(set(tellers), timeout=GRACE_SECONDS)
    for teller in late:
        teller.cancel()
    if late:
        await asyncio.wait(late)
