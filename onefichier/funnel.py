"""The one way that every call to the API host takes."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar

import httpx
from pydantic import ValidationError

from onefichier.api_key import ApiKey
from onefichier.classify import classify
from onefichier.clock import Clock
from onefichier.errors import (
    AddressLocked,
    BadAnswer,
    FloodDetected,
    FloodScope,
    Limited,
    OneFichierError,
    Refusal,
    ServerTrouble,
    ShutOut,
    Unclear,
    Unreachable,
)
from onefichier.limits import (
    ADDRESS,
    ALL_FILES_SECONDS,
    EVERY_ENDPOINT,
    LONGEST_PAUSE_SECONDS,
    REFUSAL_STATUS,
    USER_INFO,
    LimitStore,
    Pacing,
    Row,
    allowances_of,
)
from onefichier.observation import Observe, observed, unobserved
from onefichier.pacer import Ask, Pacer
from onefichier.schedule import Priority
from onefichier.transport import Answer, Patience, send
from onefichier.wire import Json, WireModel

# Before the second and the third attempt at a call that only reads; each waits for a turn of its own as well.
RETRY_SECONDS: Final = (1.0, 3.0)
# What passes by itself. Other codes repeated are what brings a ban.
RETRIED_STATUS: Final = frozenset({500, 502, 503, 504, 509})
SUCCESS: Final = range(200, 300)
# A `Retry-After` beyond a day is a mistake of whoever sent it.
LONGEST_RETRY_AFTER_SECONDS: Final = 86_400.0

OnLimited = Callable[[Limited], Awaitable[None]]

ModelT = TypeVar("ModelT", bound=WireModel)


@dataclass(frozen=True, slots=True)
class Account:
    """Who calls. `scope` names the account in limits, and is never the key."""

    key: ApiKey
    scope: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call as the page documents it.

    Attributes:
        expects: keys of which one must be there when `status` is absent, as it is in several successful answers.
        effect: changes something, so it is never repeated.
        lists_folder: the folder that it lists, by which that is limited.
    """

    endpoint: str
    body: Json
    expects: tuple[str, ...] = ()
    effect: bool = False
    method: str = "POST"
    lists_folder: int | None = None


class Funnel:
    """Pacing, limits, sending, both kinds of status, errors. One for the process."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        api_url: str,
        pacing: Pacing,
        clock: Clock,
        limits: LimitStore,
        patience: Patience,
        observe: Observe = unobserved,
    ) -> None:
        self._http = http
        self.observe = observe
        self._api_url = api_url.rstrip("/")
        self._pacing = pacing
        self._clock = clock
        self._limits = limits
        self._patience = patience
        self.pacer = Pacer(pacing, clock)

    async def start(self) -> None:
        longest = max(
            LONGEST_PAUSE_SECONDS,
            ALL_FILES_SECONDS,
            self._pacing.account_seconds,
            self._pacing.lock_pause_seconds,
            self._pacing.flood_pause_seconds,
        )
        self.pacer.restore(await self._limits.load(), longest=longest)

    async def call(self, account: Account, call: Call, *, priority: Priority, wait: float | None) -> Json:
        """Make a call and return its answer's object.

        Raises:
            Waiting: nothing was sent.
            Unclear: there is no verdict.
            Refusal: the service said no.
        """
        allowances = allowances_of(account.scope, call.endpoint, self._pacing, folder_id=call.lists_folder)
        ask = Ask(call.endpoint, account.scope, priority, wait, allowances)
        # A call that used up a durable allowance cannot be repeated before that returns.
        pauses = () if call.effect or allowances else RETRY_SECONDS
        for pause in pauses:
            try:
                return await self._attempt(account, call, ask)
            except Unclear as error:
                if not _passes_by_itself(error):
                    raise
            await self._clock.sleep(pause)
        return await self._attempt(account, call, ask)

    def elsewhere(self, scope: str) -> OnLimited:
        """To be asked for before a request to a node is sent, and told of the limit that its answer speaks of."""
        asked_at = self._clock.monotonic()

        async def limited(error: Limited) -> None:
            await self._pause(error, scope, asked_at, 0.0)

        return limited

    async def _attempt(self, account: Account, call: Call, ask: Ask) -> Json:
        async with self.pacer.turn(ask) as turn:
            await self._save(turn.held_until)
            with observed(self.observe, call.endpoint):
                answer = await send(
                    self._http,
                    self._request(account.key, call),
                    patience=self._patience,
                    endpoint=call.endpoint,
                    effect=call.effect,
                )
                await self._save(self.pacer.count_from_now(turn))
                if answer.http_status in REFUSAL_STATUS:
                    await self._save(self.pacer.refused(account.scope))
                try:
                    read = read_answer(answer, call)
                except Limited as error:
                    await self._pause(error, account.scope, turn.at, _retry_after(answer, self._clock.now()))
                    raise
                except Refusal:
                    turn.answered = True
                    raise
            turn.answered = True
            return read

    async def _save(self, rows: Iterable[tuple[Row, datetime]]) -> None:
        for row, not_before in rows:
            await self._limits.save(*row, not_before)

    def _request(self, key: ApiKey, call: Call) -> httpx.Request:
        return self._http.build_request(
            call.method,
            f"{self._api_url}/{call.endpoint}",
            headers={
                "Authorization": f"Bearer {key.reveal()}",
                # Asked for on every call, also on a GET without a body.
                "Content-Type": "application/json",
            },
            json=call.body if call.method == "POST" else None,
        )

    async def _pause(self, error: Limited, scope: str, asked_at: float, retry_after: float) -> None:
        rows = _paused_rows(error, scope)
        first = (
            self._pacing.lock_pause_seconds
            if isinstance(error, AddressLocked)
            else self._pacing.flood_pause_seconds
        )
        until = error.until = self.pacer.pause(rows, asked_at=asked_at, first=first, at_least=retry_after)
        await self._save((row, until) for row in rows)


def read_answer(answer: Answer, call: Call) -> Json:
    """The object of a successful answer.

    Raises:
        OneFichierError: as `classify` says, or BadAnswer.
    """
    body = answer.json()
    if not isinstance(body, dict):
        if body is None or answer.http_status not in SUCCESS:
            raise _with_effect(_of_page(answer, call.endpoint), effect=call.effect)
        raise BadAnswer("not an object", endpoint=call.endpoint, maybe_done=call.effect)
    status = str(body.get("status", "")).upper()
    if answer.http_status in SUCCESS:
        if status == "OK" or (not status and any(key in body for key in call.expects)):
            return body
        if status != "KO":
            raise BadAnswer("neither OK nor KO", endpoint=call.endpoint, maybe_done=call.effect)
    message = body.get("message")
    text = message if isinstance(message, str) else ""
    raise _with_effect(classify(answer.http_status, text, call.endpoint), effect=call.effect)


def read_model(model: type[ModelT], body: Any, call: Call) -> ModelT:
    """The part of an answer that a model describes.

    Raises:
        BadAnswer: it is not what the page documents.
    """
    try:
        return model.model_validate(body)
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(map(str, problem["loc"])) for problem in error.errors()}))
        raise BadAnswer(
            f"unexpected {fields[:200]}", endpoint=call.endpoint, maybe_done=call.effect
        ) from error


def _of_page(answer: Answer, endpoint: str) -> OneFichierError:
    error = classify(answer.http_status, answer.text(), endpoint, is_page=True)
    if isinstance(error, ServerTrouble) and error.http_status in REFUSAL_STATUS:
        return ShutOut("", endpoint=endpoint, http_status=error.http_status)
    return error


def _with_effect(error: OneFichierError, *, effect: bool) -> OneFichierError:
    if isinstance(error, Unclear):
        error.maybe_done = effect
    return error


def _passes_by_itself(error: Unclear) -> bool:
    """A stall is not repeated: whoever waits has waited for its whole time limit already."""
    if isinstance(error, Unreachable):
        return not error.timed_out
    return isinstance(error, ServerTrouble) and error.http_status in RETRIED_STATUS


def _paused_rows(error: Limited, scope: str) -> Iterable[Row]:
    """A flood on user/info leaves every other call working."""
    if not isinstance(error, FloodDetected):
        return (Row(ADDRESS, EVERY_ENDPOINT),)
    if error.endpoint == USER_INFO:
        return (Row(ADDRESS, USER_INFO), Row(scope, USER_INFO))
    return (Row(scope if error.scope is FloodScope.KEY else ADDRESS, EVERY_ENDPOINT),)


def _retry_after(answer: Answer, now: datetime) -> float:
    """Seconds, 0 when there is none: nobody has seen the header here, but it would be meant."""
    value = answer.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        seconds = float(value)
    else:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return 0.0
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER_SECONDS)
