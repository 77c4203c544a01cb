"""The service for one process, and for one account."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Self

import httpx

from onefichier.api_key import ApiKey
from onefichier.clock import Clock
from onefichier.download import open_download
from onefichier.files import FileCalls
from onefichier.folders import FolderCalls
from onefichier.funnel import Account, Call, Funnel, read_model
from onefichier.limits import USER_INFO, ForgetfulLimits, LimitStore, Pacing
from onefichier.links import RemoveLink
from onefichier.models import AccountInfo, UploadNode, UploadReport
from onefichier.nodes import Nodes
from onefichier.observation import Observe, unobserved
from onefichier.remote import RemoteCalls
from onefichier.schedule import Priority
from onefichier.transport import Patience
from onefichier.upload import UploadSession


class OneFichier:
    """Shares the connections, the pacer and the pauses among all accounts of the process."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        nodes: httpx.AsyncClient,
        *,
        api_url: str,
        pacing: Pacing,
        clock: Clock,
        limits: LimitStore | None = None,
        patience: Patience | None = None,
        observe: Observe = unobserved,
    ) -> None:
        """Both HTTP clients stay the caller's to close: see `api_http` and `node_http`."""
        patience = patience or Patience()
        self._funnel = Funnel(
            http,
            api_url=api_url,
            pacing=pacing,
            clock=clock,
            limits=limits or ForgetfulLimits(),
            patience=patience,
            observe=observe,
        )
        self._nodes = Nodes(nodes, api_url, patience, self._funnel)

    async def start(self) -> None:
        """Take up the limits that outlived the last process. Comes before the first call."""
        await self._funnel.start()

    async def aclose(self) -> None:
        await self._funnel.pacer.aclose()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.aclose()

    def client(self, key: ApiKey, *, scope: str) -> "Client":
        """Cheap. `scope` is a stable name of the account, such as "account:12", and never the key."""
        return Client(self._funnel, Account(key, scope), self._nodes)

    def paused_until(self, scope: str) -> datetime | None:
        """The end of a pause that holds every call of the scope; None when nothing does."""
        return self._funnel.pacer.paused_until(scope)

    async def upload_report(self, node: UploadNode) -> UploadReport:
        """One call of end.pl, where storing begins: always to be made after an upload. Needs no key.

        Raises:
            ReportPending: the waiting page, or no links yet.
            ReportGone: unknown there, or deleted (two hours after the upload).
            Unclear, Refusal: as everywhere.
        """
        return await self._nodes.report(node)

    async def remove_guest(self, remove: RemoveLink) -> None:
        """As `Client.remove_guest`; needs no key."""
        await self._nodes.remove_guest(remove)

    def sweep(self) -> None:
        """Forget turns and pauses that nobody used for an hour. Call it now and then."""
        self._funnel.pacer.sweep()


class Client(FileCalls, FolderCalls, RemoteCalls):
    """The service for one account."""

    def __init__(self, funnel: Funnel, account: Account, nodes: Nodes) -> None:
        super().__init__(funnel, account)
        self._nodes = nodes

    async def account_info(
        self, *, priority: Priority = Priority.INTERACTIVE, wait: float | None = None
    ) -> AccountInfo:
        """Limited to one in 5 minutes for the key, and one a minute for the address."""
        call = Call(USER_INFO, {}, expects=("email", "offer"))
        return read_model(AccountInfo, await self._call(call, priority, wait), call)

    async def get_upload_server(
        self, *, priority: Priority = Priority.INTERACTIVE, wait: float | None = None
    ) -> UploadNode:
        """A node for one upload: it varies with the load, so each upload asks anew."""
        call = Call("upload/get_upload_server.cgi", {}, expects=("url", "id"), method="GET")
        return read_model(UploadNode, await self._call(call, priority, wait), call)

    def upload(
        self,
        node: UploadNode,
        *,
        name: str,
        size: int,
        folder_id: int = 0,
        password: str = "",
    ) -> UploadSession:
        """A session that sends one file to the node. An unknown folder makes it land in the root.

        Raises:
            UntrustedNode: the key must not go there.
            EmptyFile: the service takes none.
        """
        return UploadSession(
            self._nodes.http,
            key=self._account.key,
            node=node,
            node_address=self._nodes.url(node),
            name=name,
            size=size,
            folder_id=folder_id,
            password=password,
            handshakes=self._nodes.handshakes,
            patience=self._nodes.patience,
            on_limited=self._funnel.elsewhere(self._account.scope),
        )

    def download(self, url: str, *, size: int) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The pieces of the file behind a download token, which it uses up. No key goes there.

        Raises:
            DownloadError: on entering or while reading.
        """
        return open_download(
            self._nodes.http, url, size=size, patience=self._nodes.patience, handshakes=self._nodes.handshakes
        )

    async def upload_report(self, node: UploadNode) -> UploadReport:
        """As `OneFichier.upload_report`."""
        return await self._nodes.report(node)

    async def remove_guest(self, remove: RemoveLink) -> None:
        """Delete a file that belongs to no account. Gone already is fine.

        Raises:
            Refusal, Unclear: it may still be there.
        """
        await self._nodes.remove_guest(remove)
