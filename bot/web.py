"""The web endpoint: Telegram's webhook, health for supervisors, figures for Prometheus."""

import asyncio
import contextlib
import hmac
import json
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.condition import Condition
from bot.errors import StartError
from bot.intake import Intake
from bot.metrics import Metrics
from bot.settings import Address
from storage import StorageError

log = logging.getLogger(__name__)

# An update is a few kilobytes; a long message with all its entities stays far below this.
MAX_BODY_BYTES = 1024 * 1024
# Telegram honours it, and the cause may be a disk that somebody has to empty.
RETRY_AFTER_SECONDS = 10
# Telegram sends an update at once; who drips bytes holds a connection.
BODY_SECONDS = 10.0
# Within the ten seconds of the whole stop; Telegram delivers again what was cut off.
SHUTDOWN_SECONDS = 1

_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # a header's name


@dataclass(frozen=True)
class Webhook:
    """Where Telegram delivers: the path of the public address, and what proves that it is Telegram."""

    path: str
    secret: str
    intake: Intake
    body_seconds: float = BODY_SECONDS


def web_app(condition: Condition, metrics: Metrics, webhook: Webhook | None = None) -> Starlette:
    async def healthz(_: Request) -> Response:
        report = await condition.report()
        return JSONResponse(report, 200 if report["ok"] else 503)

    async def show_metrics(_: Request) -> Response:
        metrics.show(await condition.levels())
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    routes = [Route("/healthz", healthz, methods=["GET"]), Route("/metrics", show_metrics, methods=["GET"])]
    if webhook is not None:
        routes.append(Route(webhook.path, _delivery(webhook), methods=["POST"]))
    return Starlette(routes=routes)


@contextlib.asynccontextmanager
async def serve_web(app: Starlette, address: Address) -> AsyncIterator[Address]:
    """Serve `app` in this event loop; yields the address in use.

    Raises:
        StartError: nothing can listen there.
    """
    try:
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        listener = socket.create_server((address.host, address.port), family=family)
    except OSError as error:
        raise StartError(
            f"The web endpoint cannot listen on {address.host}:{address.port}: {error.strerror}. "
            "Set BOT_LISTEN to another host:port, or to nothing for no web endpoint."
        ) from error
    server = _Server(
        uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield Address(*listener.getsockname()[:2])
    finally:
        server.should_exit = True
        await task


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process, which has more to stop than this server."""
        yield


def _delivery(webhook: Webhook) -> Callable[[Request], Awaitable[Response]]:
    async def receive(request: Request) -> Response:
        if (refusal := _refusal(request, webhook)) is not None:
            return Response(status_code=refusal)
        try:
            async with asyncio.timeout(webhook.body_seconds):
                body = await _body(request)
            if body is None:
                return Response(status_code=413)
            taken = await webhook.intake.accept([json.loads(body)])
        except TimeoutError:
            return Response(status_code=408, headers={"Connection": "close"})
        except (ClientDisconnect, ValueError, RecursionError):
            return Response(status_code=400)
        except StorageError as error:
            log.error("An update is not acknowledged, because it cannot be written down: %s", error)
            return Response(status_code=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
        return Response(status_code=200 if taken else 400)

    return receive


def _refusal(request: Request, webhook: Webhook) -> int | None:
    given = request.headers.get(_SECRET_HEADER, "")
    if not hmac.compare_digest(given.encode(), webhook.secret.encode()):
        return 403
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        return 415
    announced = request.headers.get("content-length", "")
    return 413 if announced.isdecimal() and int(announced) > MAX_BODY_BYTES else None


async def _body(request: Request) -> bytes | None:
    """The whole body, or None as soon as it is too long."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)
