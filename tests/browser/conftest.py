"""The demo's page in a real browser. No test leaves loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Request

from tests.browser.chromium import PATIENCE_MS, chromium
from tests.browser.stage import Stage
from tests.browser.visitor import Visitor

DESKTOP = (1440, 900)
PHONE = (360, 740)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for all tests here. No longer: while Playwright runs, no other event loop can in this thread."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """The demo, its bot not started."""
    with Stage(tmp_path) as stage:
        yield stage


class Watch:
    """Collects what must not happen while a test looks at the page."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.complaints: list[str] = []

    def console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"console: {message.text}")

    def error(self, error: Exception) -> None:
        self.complaints.append(f"error: {error}")

    def request(self, request: Request) -> None:
        if not request.url.startswith((self._url, "data:", "blob:")):
            self.complaints.append(f"request to {request.url}")


@pytest.fixture
def size() -> tuple[int, int]:
    """Of the window; a test that wants another one overrides it by parameter."""
    return DESKTOP


@pytest.fixture
def visitor(browser: Browser, stage: Stage, size: tuple[int, int]) -> Iterator[Visitor]:
    """Whoever uses the page; afterwards nothing must have been wrong with it."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        has_touch=width < 500,
        accept_downloads=True,
        permissions=["clipboard-read", "clipboard-write"],
        # So that nothing is still moving when it is looked at.
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    watch = Watch(stage.url)
    page.on("console", watch.console)
    page.on("pageerror", watch.error)
    page.on("request", watch.request)
    yield Visitor(page, stage)
    context.close()
    assert watch.complaints == []
