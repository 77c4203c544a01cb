"""Facts about an account, the service or the bot itself, in words; rendered when they are told, so that they are true then."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from handlers.account_names import account_names
from handlers.account_warnings import warning_text
from handlers.alerts import alert_text
from handlers.context import Services
from handlers.quota import quota_text
from handlers.reader import Reader
from handlers.texts import Html, Texts, lines
from onefichier import AccountInfo, OneFichierError
from storage import Account, Fact, FactKind
from transfers import warnings_of

# 1fichier could not be asked and named no time.
ASK_AGAIN: Final = timedelta(seconds=30)


class NotYet(Exception):
    """It cannot be told before then."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"{until:%Y-%m-%d %H:%M:%S} UTC")
        self.until = until


@dataclass(frozen=True)
class Notice:
    """`rings`: the person waits for it, or has to do something."""

    text: Html
    rings: bool = True


class Notices:
    """Each returns None for what is not worth telling any more."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.renderers: Mapping[FactKind, Callable[[Fact, Reader], Awaitable[Notice | None]]] = {
            FactKind.KEY_REFUSED: self._key_refused,
            FactKind.PAUSED: self._paused,
            FactKind.ACCOUNT_INFO: self._account_info,
            FactKind.ALERT: self._alert,
            FactKind.ACCOUNT_WARNING: self._account_warning,
        }

    async def _key_refused(self, fact: Fact, reader: Reader) -> Notice | None:
        account = await self._services.people.account(fact.subject)
        if account is None or account.refused_at is None:
            return None
        names = await account_names(self._services, reader.t, fact.person_id)
        in_use = await self._services.people.account_in_use(fact.person_id)
        is_used = in_use is not None and in_use.id == account.id
        waiting = await self._waiting_for(account)
        return Notice(_key_refused(reader.t, waiting, names.get(account.id), is_used=is_used))

    async def _paused(self, fact: Fact, reader: Reader) -> Notice | None:
        t, now = reader.t, self._services.clock.now()
        until = datetime.fromtimestamp(fact.subject, UTC)
        uploads, remotes = await self._under_way(fact.person_id)
        if until <= now or not uploads + remotes:
            return None
        what = _work(t, uploads, remotes)
        text = lines(
            t("⏸ 1fichier asked me to slow down."),
            t("{work}: waiting until about {time}, then going on.", work=what, time=t.time(until, now)),
            t("Nothing is lost and you needn’t do anything."),
        )
        return Notice(text, rings=False)

    async def _account_info(self, fact: Fact, reader: Reader) -> Notice | None:
        services = self._services
        account = await services.people.account_in_use(fact.person_id)
        if account is None or account.refused_at is not None:
            return None
        try:
            view = await services.files.account_info(account)
        except OneFichierError as error:
            now = services.clock.now()
            raise NotYet(max(getattr(error, "until", None) or now, now + ASK_AGAIN)) from error
        names = await account_names(services, reader.t, fact.person_id)
        return Notice(quota_text(reader.t, view, services.clock.now(), names.get(account.id)))

    async def _alert(self, fact: Fact, reader: Reader) -> Notice | None:
        alert = await self._services.alerts.find(fact.subject)
        return Notice(alert_text(reader.t, alert, self._services.clock.now())) if alert else None

    async def _account_warning(self, fact: Fact, reader: Reader) -> Notice | None:
        services, now = self._services, self._services.clock.now()
        warning = await services.warnings.find(fact.subject)
        known = await services.people.account_info(warning.account_id) if warning else None
        if warning is None or known is None or not reader.preferences.warnings:
            return None
        info = AccountInfo.model_validate_json(known[0])
        if warning.kind not in warnings_of(info, now, {warning.kind}):
            return None
        names = await account_names(services, reader.t, fact.person_id)
        return Notice(warning_text(reader.t, warning.kind, info, now, names.get(warning.account_id)))

    async def _waiting_for(self, account: Account) -> int:
        uploads = await self._services.transfers.active_of(account.person_id)
        remotes = await self._services.remotes_store.active_of_account(account.id)
        return sum(each.account_id == account.id for each in uploads) + len(remotes)

    async def _under_way(self, person_id: int) -> tuple[int, int]:
        """How many uploads, and how many links."""
        uploads = await self._services.transfers.active_of(person_id)
        return len(uploads), len(await self._services.remotes_store.active_of(person_id))


def _key_refused(t: Texts, waiting: int, name: str | None, *, is_used: bool) -> Html:
    """`name`: of the account, where there are several."""
    if name is None:
        first = t("🔑 1fichier no longer accepts your key.")
    else:
        first = t("🔑 1fichier no longer accepts your key of <b>{account}</b>.", account=name)
    if not is_used:
        return lines(first, _waits(t, waiting), t("To give it a new one, choose the account in /settings"))
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


def _waits(t: Texts, waiting: int) -> Html | None:
    if not waiting:
        return None
    return t.n(
        "{count} upload or link is waiting for a new key.",
        "{count} uploads and links are waiting for a new key.",
        waiting,
    )


def _work(t: Texts, uploads: int, remotes: int) -> Html:
    up = t.n("{count} upload", "{count} uploads", uploads)
    links = t.n("{count} link", "{count} links", remotes)
    if uploads and remotes:
        return t("{uploads} and {links}", uploads=up, links=links)
    return up if uploads else links
