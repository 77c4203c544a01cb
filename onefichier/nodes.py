"""Which hosts may see a key: the API's own, and the nodes of its domain."""

from typing import Final

import httpx

from onefichier.classify import classify
from onefichier.errors import Limited, UntrustedNode
from onefichier.funnel import Funnel
from onefichier.handshakes import Handshakes
from onefichier.limits import ADDRESS
from onefichier.links import RemoveLink
from onefichier.models import UploadNode, UploadReport
from onefichier.observation import observed
from onefichier.report import END, fetch_report
from onefichier.transport import Answer, Patience, send

SERVICE_DOMAIN: Final = "1fichier.com"
REMOVE: Final = "remove"
_GONE: Final = frozenset({404, 410})
_DONE: Final = range(200, 400)


class Nodes:
    """What needs no key and no turn: the limits are those of the API host, which learns of them here too."""

    def __init__(self, http: httpx.AsyncClient, api_url: str, patience: Patience, funnel: Funnel) -> None:
        self.http = http
        self.handshakes = Handshakes()
        self.patience = patience
        self._api_url = api_url
        self._funnel = funnel

    def url(self, node: UploadNode) -> str:
        return node_url(self._api_url, node)

    async def report(self, node: UploadNode) -> UploadReport:
        # No key is sent there, so whatever it counts is counted by the address.
        limited = self._funnel.elsewhere(ADDRESS)
        try:
            with observed(self._funnel.observe, END):
                return await fetch_report(self.http, node, self.url(node), self.patience)
        except Limited as error:
            await limited(error)
            raise

    async def remove_guest(self, remove: RemoveLink) -> None:
        url = site_url(self._api_url, remove.path)
        answer = await self._open("GET", url)
        # The website may ask for a confirmation, by a form on the same address.
        if "<form" in answer.text().lower():
            await self._open("POST", url)

    async def _open(self, method: str, url: str) -> Answer:
        request = self.http.build_request(method, url)
        answer = await send(self.http, request, patience=self.patience, endpoint=REMOVE, effect=True)
        if answer.http_status not in _GONE and answer.http_status not in _DONE:
            raise classify(answer.http_status, answer.text(), REMOVE, is_page=True)
        return answer


def node_url(api_url: str, node: UploadNode) -> str:
    """The node's address, with the API's scheme.

    Raises:
        UntrustedNode: neither a host of the service nor, with another API host, that host.
    """
    api = httpx.URL(api_url)
    try:
        url = httpx.URL(f"{api.scheme}://{node.host}")
        host = url.host
    # What httpx makes of a host it checks by the rules of international names is not always its own error.
    except (httpx.InvalidURL, UnicodeError) as error:
        raise UntrustedNode(node.host) from error
    if not _trusted(api.host, host):
        raise UntrustedNode(host)
    return str(url).rstrip("/")


def site_url(api_url: str, path: str) -> str:
    """A page of the website; with another API host, of that host."""
    api = httpx.URL(api_url)
    if _is_service(api.host):
        return f"https://{SERVICE_DOMAIN}{path}"
    return f"{api.scheme}://{api.netloc.decode('ascii')}{path}"


def _trusted(api_host: str, host: str) -> bool:
    return host == api_host or (_is_service(api_host) and _is_service(host))


def _is_service(host: str) -> bool:
    return host == SERVICE_DOMAIN or host.endswith(f".{SERVICE_DOMAIN}")
