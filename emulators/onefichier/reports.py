"""end.pl and the remove links it reports."""

import html
import re
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from emulators.onefichier.accounts import StoredFile
from emulators.onefichier.api import acts
from emulators.onefichier.delivery import CUT, Exchange, json_answer
from emulators.onefichier.faults import REPORT, FaultKind
from emulators.onefichier.service import Call, Service
from emulators.onefichier.uploads import Upload
from emulators.onefichier.wire import JsonObject, notice, retype

_REMOVE_PATH = re.compile(r"/remove/([a-z0-9]+)/([a-z0-9]+)")
_OFF: Final = frozenset({None, "", "0"})
GONE: Final = "Rapport d'envoi introuvable"
PLEASE_WAIT: Final = "Veuillez patienter / Please wait"


async def answer_report(service: Service, exchange: Exchange) -> None:
    """Answer one call of end.pl, and write it down; the first one stores."""
    await exchange.request.body()
    upload = service.uploads.report_of(exchange.request.query_params.get("xid", ""))
    email = upload.account.email if upload and upload.account else None
    fault = service.faults.take(REPORT, email)
    at = service.now()
    status = CUT
    try:
        stalls = fault is not None and fault.kind is FaultKind.STALL
        if fault is not None and stalls and not fault.acts:
            await exchange.stall(fault)
        answer = Response()
        if acts(fault):
            answer = notice(GONE, 404) if upload is None else _report(service, exchange, upload)
        if fault is not None and stalls and fault.acts:
            await exchange.stall(fault)
        status = await exchange.deliver(answer, fault)
    except ClientDisconnect:
        return
    finally:
        service.record(Call(REPORT, email, at, status, exchange.address))


def _report(service: Service, exchange: Exchange, upload: Upload) -> Response:
    files = service.uploads.store(upload, service.listing_lag)
    waiting = service.uploads.holding or upload.waits_left > 0 or service.now() < upload.waits_until
    upload.waits_left = max(0, upload.waits_left - 1)
    if waiting:
        return notice(PLEASE_WAIT)
    request = exchange.request
    as_json = request.headers.get("json", request.query_params.get("JSON"))
    as_csv = request.headers.get("export", request.query_params.get("Export"))
    if as_json not in _OFF:
        shown = files
        if upload.empties_left > 0:
            upload.empties_left -= 1
            shown = []
        return json_answer(retype(_document(upload, shown), service.types), pretty=as_json == "2")
    if as_csv not in _OFF:
        return PlainTextResponse("".join(f"{_csv_line(file)}\n" for file in files))
    return HTMLResponse(
        f"<!DOCTYPE html><html><body><table>{''.join(map(_row, files))}</table></body></html>"
    )


def _document(upload: Upload, files: list[StoredFile]) -> JsonObject:
    return {
        "incoming": int(upload.incoming),
        "links": [
            {
                "download": file.url,
                "filename": file.name,
                "remove": file.remove_url,
                "size": str(file.size),
                "whirlpool": file.whirlpool,
            }
            for file in files
        ],
    }


def _csv_line(file: StoredFile) -> str:
    return f"{file.name};{file.size};{file.id};{file.remove_code};{file.domain};{file.whirlpool}"


def _row(file: StoredFile) -> str:
    cells = (file.name, str(file.size), file.url, file.remove_url or "--")
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"


async def answer_removal(service: Service, exchange: Exchange) -> None:
    """A guest's remove link: opening it deletes."""
    match = _REMOVE_PATH.fullmatch(exchange.path)
    found = service.find_file(match[1]) if match else None
    if match is None or found is None or not found[1].remove_code or found[1].remove_code != match[2]:
        status = await exchange.respond(notice("Fichier inexistant", 404))
    else:
        service.remove_file(*found)
        status = await exchange.respond(notice("Le fichier a été supprimé"))
    service.record(Call("remove", None, service.now(), status, exchange.address))
