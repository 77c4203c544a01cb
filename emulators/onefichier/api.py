"""The API host: headers, key, limits and faults around the endpoints."""

import json

from starlette.requests import ClientDisconnect
from starlette.responses import Response

from emulators.onefichier.accounts import EmulatedAccount
from emulators.onefichier.delivery import CUT, SPOILING, Exchange, json_answer, refused
from emulators.onefichier.endpoints import ENDPOINTS, GET_UPLOAD_SERVER, ApiCall
from emulators.onefichier.faults import Fault, FaultKind
from emulators.onefichier.service import Call, Service
from emulators.onefichier.wire import JsonObject, RefusalError, retype

API_PREFIX = "/v1/"


async def answer_api(service: Service, exchange: Exchange) -> None:
    """Answer one request to the API, and write it down."""
    endpoint = exchange.path.removeprefix(API_PREFIX)
    account = key_owner(service, exchange)
    email = account.email if account else None
    at = service.now()
    status = CUT
    try:
        status = await _answered(service, exchange, endpoint, account)
    except ClientDisconnect:
        return
    finally:
        service.record(Call(endpoint, email, at, status, exchange.address))
    service.limits.answered(exchange.address, status)


async def _answered(
    service: Service, exchange: Exchange, endpoint: str, account: EmulatedAccount | None
) -> int:
    body = await exchange.request.body()
    try:
        service.limits.call(exchange.address)
    except RefusalError as refusal:
        return await exchange.respond(refused(refusal.message, refusal.status))
    fault = service.faults.take(endpoint, account.email if account else None)
    if fault is not None and fault.kind is FaultKind.STALL and not fault.acts:
        await exchange.stall(fault)
    answer = Response()
    if acts(fault):
        answer = _acted(service, exchange, endpoint, account, body)
    if fault is not None and fault.kind is FaultKind.STALL and fault.acts:
        await exchange.stall(fault)
    return await exchange.deliver(answer, fault)


def acts(fault: Fault | None) -> bool:
    """Whether the service does what was asked in spite of the fault."""
    return fault is None or fault.acts or fault.kind is FaultKind.STALL or fault.kind in SPOILING


def _acted(
    service: Service, exchange: Exchange, endpoint: str, account: EmulatedAccount | None, body: bytes
) -> Response:
    try:
        _check_request(exchange, endpoint)
        parameters = _parameters(body)
        if endpoint == GET_UPLOAD_SERVER:
            document = _upload_server(service, exchange)
        else:
            account = _admitted(service, exchange, account)
            call = ApiCall(service, account, parameters, origin(service, exchange), exchange.address)
            document = ENDPOINTS[endpoint](call)
    except RefusalError as refusal:
        return refused(refusal.message, refusal.status)
    pretty = parameters.get("pretty") not in {None, 0, "0", ""}
    return json_answer(retype(document, service.types), pretty=pretty)


def _check_request(exchange: Exchange, endpoint: str) -> None:
    if endpoint not in ENDPOINTS and endpoint != GET_UPLOAD_SERVER:
        raise RefusalError("Resource not found #404", 404)
    methods = {"GET", "POST"} if endpoint == GET_UPLOAD_SERVER else {"POST"}
    if exchange.request.method not in methods:
        raise RefusalError("Method not allowed #23", 405)
    media_type = exchange.request.headers.get("content-type", "").partition(";")[0].strip()
    if media_type != "application/json":
        raise RefusalError("Content-Type not JSON #24", 400)


def _parameters(body: bytes) -> JsonObject:
    if not body:
        return {}
    try:
        parameters = json.loads(body)
    except ValueError:
        parameters = None
    if not isinstance(parameters, dict):
        raise RefusalError("Malformed JSON #25", 400)
    return parameters


def key_owner(service: Service, exchange: Exchange) -> EmulatedAccount | None:
    scheme, _, key = exchange.request.headers.get("authorization", "").partition(" ")
    return service.account_of_key(key) if scheme == "Bearer" else None


def _admitted(service: Service, exchange: Exchange, account: EmulatedAccount | None) -> EmulatedAccount:
    if account is not None and account.locked:
        raise RefusalError("No such user #93")
    if account is not None:
        return account
    if "authorization" in exchange.request.headers and service.wrong_key == "no_such_user":
        raise RefusalError("No such user #401")
    raise RefusalError("Not authenticated #247", 401)


def _upload_server(service: Service, exchange: Exchange) -> JsonObject:
    upload = service.uploads.issue()
    hosts = service.uploads.hosts or [exchange.request.url.netloc]
    return {"url": hosts[len(service.uploads.uploads) % len(hosts)], "id": upload.id}


def origin(service: Service, exchange: Exchange) -> str:
    url = exchange.request.url
    return f"{service.scheme or url.scheme}://{url.netloc}"
