"""Remote uploads: requests for the service to fetch URLs, which it really does as long as they are on loopback."""

import asyncio
import ipaddress
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, Final, Literal
from urllib.parse import unquote, urlsplit

import httpx

from emulators.onefichier.accounts import ROOT, EmulatedAccount, Mint, new_file
from emulators.onefichier.content import Content, ContentSink, Received, received
from emulators.onefichier.wire import NEVER, JsonObject, RefusalError, local_date, stored_name

OUTSTANDING_LIMIT: Final = 10  # what the web site allows free accounts at once
URLS_LIMIT: Final = 100  # what the form of the web site takes
FETCH_TIMEOUT_SECONDS: Final = 30.0
_SCHEMES = frozenset({"http", "https", "ftp"})
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")
_HEADER_VALUE = re.compile(r"[A-Za-z0-9_+=%?,'\"/-](?:[A-Za-z0-9 \t_+=%?,'\"/-]*[A-Za-z0-9_+=%?,'\"/-])?")

DateForm = Literal["epoch", "zero", "empty", "null", "missing"]
_NO_DATE: Final[dict[DateForm, str | None]] = {
    "epoch": NEVER,
    "zero": "0000-00-00 00:00:00",
    "empty": "",
    "null": None,
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A URL was fetched and became this file."""

    name: str
    content: bytes | Content | Received = b"fetched"
    message: str = "1 s, 10 MB/s"


@dataclass(frozen=True, slots=True)
class Failed:
    """A URL could not be fetched, and what the service says of it."""

    message: str


Outcome = Fetched | Failed


@dataclass(slots=True, eq=False)
class RemoteTask:
    """One request with all its URLs. Times are Unix seconds; `executed_at` is None until all URLs have an end."""

    id: int
    account: EmulatedAccount
    urls: list[str]
    folder_id: int
    requested_at: float
    executed_at: float | None = None
    result: list[JsonObject] = field(default_factory=list)
    vanished: bool = False


class _ForeignHostError(httpx.RequestError):
    pass


class RemoteUploads:
    """All tasks, and the switches of their life.

    A task is executed when its URLs were fetched and `seconds` have passed by the clock; with `manual`, only by
    `finish`. `results` names outcomes for URLs that shall not be fetched. `date_form` is how a date that has not come
    yet is written. `list_lag` is how many seconds after its request a listing begins to show a task.
    """

    def __init__(self, mint: Mint, sink: Callable[[], ContentSink]) -> None:
        self._mint = mint
        self._sink = sink
        self._fetching: set[asyncio.Task[None]] = set()
        self.tasks: dict[int, RemoteTask] = {}
        self.results: dict[str, Outcome] = {}
        self.seconds = 0.0
        self.manual = False
        self.date_form: DateForm = "epoch"
        self.list_lag = 0.0
        self.outstanding_limit: int | None = OUTSTANDING_LIMIT
        self.listing_lag: Callable[[], float] = lambda: 0.0

    def request(self, account: EmulatedAccount, body: JsonObject, folder_id: int) -> RemoteTask:
        urls = _checked_urls(body.get("urls"))
        _check_headers(body.get("headers"))
        pending = [task for task in self.tasks.values() if task.account is account and self.is_pending(task)]
        for url in urls:
            if any(url in task.urls for task in pending):
                raise RefusalError(f"You already requesting the download of {url}")
        if self.outstanding_limit is not None and len(pending) >= self.outstanding_limit:
            raise RefusalError(
                f"You can't have more than {self.outstanding_limit} simultaneous download requests #701"
            )
        task = RemoteTask(self._mint.folder_id(), account, urls, folder_id, self._mint.now())
        self.tasks[task.id] = task
        if not self.manual:
            fetching = asyncio.create_task(self._execute(task, dict(body.get("headers") or {})))
            self._fetching.add(fetching)
            fetching.add_done_callback(self._fetching.discard)
        return task

    def is_pending(self, task: RemoteTask) -> bool:
        return task.executed_at is None or task.executed_at > self._mint.now()

    def of(self, account: EmulatedAccount) -> list[RemoteTask]:
        """The account's tasks as a listing shows them, newest first."""
        latest = self._mint.now() - self.list_lag
        return [
            task
            for task in reversed(self.tasks.values())
            if task.account is account and not task.vanished and task.requested_at <= latest
        ]

    def finish(self, task_id: int, outcomes: list[Outcome]) -> None:
        """Execute a task now, with one outcome per URL."""
        self._end(self.tasks[task_id], outcomes, self._mint.now())

    def vanish(self, task_id: int) -> None:
        """Let the service forget a task."""
        self.tasks[task_id].vanished = True

    def described(self, task: RemoteTask, *, details: bool = False) -> JsonObject:
        document: JsonObject = {"id": task.id, "request_date": local_date(task.requested_at)}
        if task.executed_at is not None and not self.is_pending(task):
            document["execution_date"] = local_date(task.executed_at)
        elif self.date_form != "missing":
            document["execution_date"] = _NO_DATE[self.date_form]
        if details:
            document["links"] = task.urls
            document["result"] = [] if self.is_pending(task) else task.result
        return document

    async def settled(self) -> None:
        """Wait until nothing is being fetched any more."""
        while self._fetching:
            await asyncio.wait(self._fetching)

    async def aclose(self) -> None:
        for fetching in self._fetching:
            fetching.cancel()
        await asyncio.gather(*self._fetching, return_exceptions=True)

    async def _execute(self, task: RemoteTask, headers: dict[str, str]) -> None:
        async with httpx.AsyncClient(
            follow_redirects=True,
            trust_env=False,
            verify=_no_authorities(),
            timeout=FETCH_TIMEOUT_SECONDS,
            event_hooks={"request": [_stay_on_loopback]},
        ) as client:
            outcomes = [self.results.get(url) or await self._fetch(client, url, headers) for url in task.urls]
        self._end(task, outcomes, max(self._mint.now(), task.requested_at + self.seconds))

    async def _fetch(self, client: httpx.AsyncClient, url: str, headers: dict[str, str]) -> Outcome:
        sink = self._sink()
        try:
            async with client.stream("GET", url, headers=headers) as response:
                if response.is_error:
                    return Failed(f"HTTP error {response.status_code}")
                async for chunk in response.aiter_raw():
                    sink.write(chunk)
                name = _name_of(response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            sink.discard()
            return Failed(str(error) or type(error).__name__)
        if sink.size == 0:
            return Failed("Empty file")
        return Fetched(name, sink.finish())

    def _end(self, task: RemoteTask, outcomes: list[Outcome], at: float) -> None:
        for url, outcome in zip(task.urls, outcomes, strict=True):
            stored_link, message = "", outcome.message
            if isinstance(outcome, Fetched):
                arrived = received(outcome.content)
                if arrived.size > task.account.file_bytes_limit:
                    message = "File too large"
                else:
                    stored_link = self._store(task, outcome.name, arrived, at)
            task.result.append(
                {
                    "status": "OK" if stored_link else "KO",
                    "url": url,
                    "download_link": stored_link,
                    "message": message,
                }
            )
        task.executed_at = at

    def _store(self, task: RemoteTask, name: str, arrived: Received, at: float) -> str:
        listed_at = at + self.listing_lag()
        file = new_file(self._mint, stored_name(name), arrived, stored_at=at, listed_at=listed_at)
        file.folder_id = task.folder_id if task.account.has_folder(task.folder_id) else ROOT
        task.account.files[file.id] = file
        return file.url


def _checked_urls(urls: Any) -> list[str]:
    if not isinstance(urls, list) or not urls or not all(isinstance(url, str) for url in urls):
        raise RefusalError("No URL #702")
    if len(urls) > URLS_LIMIT:
        raise RefusalError(f"No more than {URLS_LIMIT} URLs per request #703")
    for url in urls:
        try:
            parts = urlsplit(url)
            usable = parts.scheme.lower() in _SCHEMES and bool(parts.hostname)
        except ValueError:
            usable = False
        if not usable:
            raise RefusalError(f"Invalid URL {url} #704")
    return urls


def _check_headers(headers: Any) -> None:
    if headers in (None, {}, []):  # an empty Perl hash may arrive as an array
        return
    if not isinstance(headers, dict):
        raise RefusalError("Invalid headers #705")
    for name, value in headers.items():
        if (
            not isinstance(value, str)
            or not _HEADER_NAME.fullmatch(name)
            or not _HEADER_VALUE.fullmatch(value)
        ):
            raise RefusalError(f"Invalid header {name} #706")


def _no_authorities() -> ssl.SSLContext:
    """Trusts nobody: nothing on loopback has a certificate, and loading the public ones takes its time."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


async def _stay_on_loopback(request: httpx.Request) -> None:
    """Refuse every other host, also after a redirect: emulated fetches never leave this machine."""
    host = request.url.host
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        raise _ForeignHostError(f"Can't connect to {host}", request=request)


def _name_of(response: httpx.Response) -> str:
    """From Content-Disposition, else the last segment of the path; a web page without an ending becomes `.html`."""
    disposition = Message()
    disposition["Content-Disposition"] = response.headers.get("Content-Disposition", "")
    name = disposition.get_filename() or unquote(response.url.path.rpartition("/")[2]) or "index"
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    if is_page and not name.lower().endswith((".html", ".htm")):
        name += ".html"
    return name
