"""A web site on loopback: what remote uploads fetch, at once or slowly, and what is not there."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

SLOW_SECONDS: Final = 15.0
"""Long enough to see a remote upload run."""

_SLOW_PIECES: Final = 100
_POEM: Final = "The sea is calm to-night.\n" * 400
_READINGS: Final = "".join(f"2026-03-01 {hour:02}:00;{hour % 12 * 0.4:.1f} m\n" for hour in range(24)) * 8


@dataclass(frozen=True)
class SampleUrl:
    path: str
    what: str


SAMPLE_URLS: Final = (
    SampleUrl("/files/dover-beach.txt", "a poem, there at once"),
    SampleUrl("/files/tide-gauge.csv", f"a slow server: {SLOW_SECONDS:.0f} seconds"),
    SampleUrl("/files/missing.iso", "fails: not found"),
    SampleUrl("/gallery", "a web page instead of a file"),
)


def sample_site(*, slow_seconds: float = SLOW_SECONDS) -> Starlette:
    """The site; all but `missing.iso` of `SAMPLE_URLS` is there."""

    async def poem(_: Request) -> Response:
        return PlainTextResponse(_POEM, media_type="application/octet-stream")

    async def readings(_: Request) -> Response:
        return StreamingResponse(_slowly(_READINGS.encode(), slow_seconds), media_type="text/csv")

    async def gallery(_: Request) -> Response:
        return HTMLResponse("<!DOCTYPE html><title>Gallery</title><p>Choose a picture.")

    return Starlette(
        routes=[
            Route("/files/dover-beach.txt", poem),
            Route("/files/tide-gauge.csv", readings),
            Route("/gallery", gallery),
        ]
    )


async def _slowly(data: bytes, seconds: float) -> AsyncIterator[bytes]:
    length = -(-len(data) // _SLOW_PIECES)
    for begin in range(0, len(data), length):
        yield data[begin : begin + length]
        await asyncio.sleep(seconds / _SLOW_PIECES)
