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
# A poll returns after half a minute at most, and pauses between failing ones are shorter than that.
MAX_SILENCE_SECONDS = 300
# Within the ten seconds of the whole stop; Telegram delivers again what was cut off.
SHUTDOWN_SECONDS = 1

_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # a header's name


@dataclass(frozen=True)
class Webhook:
    """Where Telegram delivers: the path of the public address, and what proves that it is Telegram."""

    path: str
    secret: str
    intake: Intake


@dataclass(frozen=True)
class Health:
    """How the process is, asked at each request. `silence`: seconds since Telegram last answered a poll."""

    waiting_updates: Callable[[], Awaitable[int]]
    silence: Callable[[], float] | None = None


def web_app(health: Health, metrics: Metrics, webhook: Webhook | None = None) -> Starlette:
    async def healthz(_: Request) -> Response:
        report = await _examine(health)
        return JSONResponse(report, 200 if report["ok"] else 503)

    async def show_metrics(_: Request) -> Response:
        with contextlib.suppress(StorageError):
            metrics.waiting.set(await health.waiting_updates())
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


async def _examine(health: Health) -> dict[str, object]:
    try:
        waiting: int | None = await health.waiting_updates()
    except StorageError:
        waiting = None
    silence = health.silence() if health.silence else None
    ok = waiting is not None and (silence is None or silence < MAX_SILENCE_SECONDS)
    return {
        "ok": ok,
        "database": "ok" if waiting is not None else "unusable",
        "updates_waiting": waiting,
        "seconds_since_poll": None if silence is None else round(silence, 1),
    }


def _delivery(webhook: Webhook) -> Callable[[Request], Awaitable[Response]]:
    async def receive(request: Request) -> Response:
        if (refusal := _refusal(request, webhook)) is not None:
            return Response(status_code=refusal)
        try:
            body = await _body(request)
            if body is None:
                return Response(status_code=413)
            taken = await webhook.intake.accept([json.loads(body)])
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
    return None if media_type == "application/json" else 415


async def _body(request: Request) -> bytes | None:
    """The whole body, or None as soon as it is too long."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)
