"""end.pl: what became of an upload."""

from typing import Any, Final

import httpx

from onefichier.classify import classify
from onefichier.errors import BadAnswer, ReportGone, ReportPending
from onefichier.funnel import Call, read_model
from onefichier.models import UploadNode, UploadReport
from onefichier.transport import Patience, send

END: Final = "end.pl"
_GONE: Final = frozenset({404, 410})


async def fetch_report(
    http: httpx.AsyncClient, node: UploadNode, node_address: str, patience: Patience
) -> UploadReport:
    """One call of end.pl, which is where storing begins. The key is not needed there and not sent.

    Raises:
        ReportPending: the waiting page, or no links yet.
        ReportGone: unknown there, or deleted (two hours after the upload).
        Unclear, Refusal: as everywhere.
    """
    request = http.build_request(
        "GET",
        f"{node_address}/{END}",
        params={"xid": node.id},
        headers={"JSON": "1", "Accept-Encoding": "identity"},
    )
    answer = await send(http, request, patience=patience, endpoint=END)
    if answer.http_status in _GONE:
        raise ReportGone
    body = answer.json()
    if answer.http_status != httpx.codes.OK or (isinstance(body, dict) and body.get("status") == "KO"):
        message = str(body.get("message") or "") if isinstance(body, dict) else answer.text()
        raise classify(answer.http_status, message, END, is_page=not isinstance(body, dict))
    if body is None:
        raise ReportPending
    return _first_link(body)


def _first_link(body: Any) -> UploadReport:
    call = Call(END, {})
    if not isinstance(body, dict):
        raise BadAnswer("not an object", endpoint=END)
    links = body.get("links")
    if not links:
        raise ReportPending
    if not isinstance(links, list) or not isinstance(links[0], dict):
        raise BadAnswer("links that are none", endpoint=END)
    return read_model(UploadReport, {"incoming": body.get("incoming"), **links[0]}, call)
