"""Facts told: taken from the outbox, rendered when they are sent, marked once Telegram has taken them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from handlers.alerts import alert_text
from handlers.chats import ChatUnreachable, RefusedByTelegram, SlowDown, Unsure
from handlers.context import Services
from handlers.job_board import JobBoard
from handlers.job_text import JobStatus, job_text
from handlers.pace import Urgency
from handlers.quota import quota_text
from handlers.result_text import (
    Result,
    all_cancelled,
    all_remotes_cancelled,
    remote_result,
    upload_result,
)
from handlers.splitting import split
from handlers.status import StatusBoard
from handlers.texts import Html, Texts, lines, texts_for
from onefichier import OneFichierError
from storage import Batch, BatchKind, Fact, FactKind, JobState, StorageError, Transfer

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


class Postman:
    """Tells each fact at least once, in the order of each chat."""

    def __init__(self, services: Services, board: StatusBoard, job_board: JobBoard) -> None:
        self._services = services
        self._board = board
        self._job_board = job_board
        self._busy: set[int] = set()
        self._tellers: dict[FactKind, Callable[[Fact, Texts], Awaitable[None]]] = {
            FactKind.BATCH_ENDED: self._batch_ended,
            FactKind.KEY_REFUSED: self._key_refused,
            FactKind.PAUSED: self._paused,
            FactKind.ACCOUNT_INFO: self._account_info,
            FactKind.JOB_ASKS: self._job,
            FactKind.JOB_ENDED: self._job,
            FactKind.ALERT: self._alert,
        }

    async def run(self) -> None:
        """Work until cancelled."""
        services = self._services
        tellers: set[asyncio.Task[None]] = set()
        try:
            while True:
                services.wakeups.outbox.clear()
                # The oldest fact of each chat: those of busy chats stand before the others.
                facts = await services.outbox.due(services.clock.now(), AT_ONCE + len(self._busy))
                free = [each for each in facts if each.chat_id not in self._busy]
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
        bell = asyncio.ensure_future(services.wakeups.outbox.wait())
        timer = asyncio.ensure_future(services.clock.sleep(seconds))
        try:
            await asyncio.wait({bell, timer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            bell.cancel()
            timer.cancel()

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
            await self._tellers[fact.kind](fact, texts_for(person.language_code if person else None))
        except SlowDown as error:
            await outbox.put_off(fact, clock.now() + timedelta(seconds=error.seconds))
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

    async def _told(self, fact: Fact) -> None:
        await self._services.outbox.told(fact, self._services.clock.now())
        if fact.kind is FactKind.BATCH_ENDED:
            log.info("Fact %d is told: the result of batch %d", fact.id, fact.subject)
        else:
            log.info("Fact %d is told: %s", fact.id, fact.kind)

    async def _batch_ended(self, fact: Fact, t: Texts) -> None:
        services = self._services
        now = services.clock.now()
        batch = await services.batches.close(fact.subject, now)
        if batch is None:
            if await services.batches.find(fact.subject) is None:
                await services.outbox.drop(fact)
            else:
                await services.outbox.put_off(fact, now + STILL_UNDER_WAY)
            return
        result, nothing = await self._result(t, batch)
        if result is not None:
            await self._send_result(fact, batch, result)
        elif not await self._board.say_last(batch, nothing) and batch.kind is BatchKind.UPLOAD:
            # Who did not want to hear of a link any more is not written to about it.
            await services.chats.send(fact.chat_id, nothing, reply_to=batch.reply_to, urgency=Urgency.RESULT)
        await self._told(fact)
        services.wakeups.batch_changed(batch.id)

    async def _result(self, t: Texts, batch: Batch) -> tuple[Result | None, Html]:
        """The result, and what is said when there is none."""
        if batch.kind is BatchKind.REMOTE:
            remotes = await self._services.remotes_store.of_batch(batch.id)
            return remote_result(t, remotes), all_remotes_cancelled(t, remotes)
        transfers = await self._transfers(batch)
        return upload_result(t, transfers), all_cancelled(t, transfers)

    async def _transfers(self, batch: Batch) -> list[Transfer]:
        return [each for each in await self._services.transfers.of_batch(batch.id) if not each.refused]

    async def _send_result(self, fact: Fact, batch: Batch, result: Result) -> None:
        if fact.plain:
            await self._send(fact, result.plain)
            return
        parts = split(result.text)
        last = len(parts) - 1
        # What an earlier try has told is not told again.
        for position in range(min(fact.parts_told, last), last + 1):
            await self._services.chats.send(
                fact.chat_id,
                parts[position],
                reply_to=batch.reply_to if position == 0 else None,
                keyboard=result.buttons if position == last else None,
                ring=position == 0,
                urgency=Urgency.RESULT,
            )
            if position < last:
                await self._services.outbox.note_part_told(fact, position + 1)

    async def _send(self, fact: Fact, text: Html, *, ring: bool = True) -> None:
        await self._services.chats.send(fact.chat_id, text, ring=ring, urgency=Urgency.RESULT)

    async def _key_refused(self, fact: Fact, t: Texts) -> None:
        account = await self._services.people.account(fact.subject)
        if account is not None and account.refused_at is not None:
            waiting = len(await self._services.transfers.active_of(fact.person_id))
            waiting += len(await self._services.remotes_store.active_of(fact.person_id))
            await self._send(fact, _key_refused(t, waiting))
        await self._told(fact)

    async def _paused(self, fact: Fact, t: Texts) -> None:
        services = self._services
        until, now = datetime.fromtimestamp(fact.subject, UTC), services.clock.now()
        uploads = len(await services.transfers.active_of(fact.person_id))
        remotes = len(await services.remotes_store.active_of(fact.person_id))
        if until > now and uploads + remotes:
            what = _work(t, uploads, remotes)
            text = lines(
                t("⏸ 1fichier asked me to slow down."),
                t("{work}: waiting until about {time}, then going on.", work=what, time=t.time(until, now)),
                t("Nothing is lost and you needn’t do anything."),
            )
            await self._send(fact, text, ring=False)
        await self._told(fact)

    async def _job(self, fact: Fact, t: Texts) -> None:
        """The message of a job says it; a question that was answered meanwhile is none any more."""
        job = await self._services.jobs.find(fact.subject)
        asks = fact.kind is FactKind.JOB_ASKS
        if job is not None and asks is (job.state is JobState.ASKING):
            if fact.plain:
                await self._send(fact, job_text(t, JobStatus(job, self._services.clock.now())), ring=False)
            else:
                await self._job_board.say(job)
        await self._told(fact)

    async def _alert(self, fact: Fact, t: Texts) -> None:
        alert = await self._services.alerts.find(fact.subject)
        if alert is not None:
            await self._send(fact, alert_text(t, alert, self._services.clock.now()))
        await self._told(fact)

    async def _account_info(self, fact: Fact, t: Texts) -> None:
        services = self._services
        account = await services.people.account_in_use(fact.person_id)
        if account is None or account.refused_at is not None:
            await self._told(fact)
            return
        try:
            view = await services.files.account_info(account)
        except OneFichierError as error:
            until = getattr(error, "until", None)
            now = services.clock.now()
            await services.outbox.put_off(fact, max(until or now, now + STILL_UNDER_WAY))
            return
        await self._send(fact, quota_text(t, view, services.clock.now()))
        await self._told(fact)


async def _finish(tellers: set[asyncio.Task[None]]) -> None:
    """Let what is on its way to Telegram arrive and be recorded: cut off in between, it would be told again."""
    if not tellers:
        return
    _, late = await asyncio.wait(set(tellers), timeout=GRACE_SECONDS)
    for teller in late:
        teller.cancel()
    if late:
        await asyncio.wait(late)


def _key_refused(t: Texts, waiting: int) -> Html:
    first = t("🔑 1fichier no longer accepts your key.")
    if not waiting:
        return lines(first, t("Send a new one with /login"))
    return lines(
        first,
        t.n(
            "{count} upload or link is waiting. It goes on as soon as you send a new key with /login",
            "{count} uploads and links are waiting. They go on as soon as you send a new key with /login",
            waiting,
        ),
    )


def _work(t: Texts, uploads: int, remotes: int) -> Html:
    up = t.n("{count} upload", "{count} uploads", uploads)
    links = t.n("{count} link", "{count} links", remotes)
    if uploads and remotes:
        return t("{uploads} and {links}", uploads=up, links=links)
    return up if uploads else links
