"""Who may talk to the page: a browser on this machine, for pages that came from here."""

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names that only this machine answers to: a foreign page whose name was made to lead here has another one."""

CONTROL: Final = "/control/"

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Guard:
    """Refuses what another site sends or embeds, and tells the browser to load nothing from elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"the page does not speak {scope['type']}")
        if (reason := _objection(scope["path"], Headers(scope=scope))) is not None:
            await PlainTextResponse(f"{reason}\n", 403)(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_guarded)


def _objection(path: str, headers: Headers) -> str | None:
    host = headers.get("host", "")
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        name = None
    if name not in HOSTS:
        return "This page answers on localhost and 127.0.0.1 only."
    if headers.get("origin", f"http://{host}") != f"http://{host}":
        return "This page takes requests from itself only."
    # A browser says so also where it sends no Origin, as for an image that another page shows. A link to the page
    # itself may stand anywhere.
    if path.startswith(CONTROL) and headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        return "This page takes requests from itself only."
    return None
