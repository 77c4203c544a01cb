"""The browser: Debian's Chromium, or the one that CHROMIUM names. None is downloaded."""

import contextlib
import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")

# Without them Chromium asks its maker for news, and looks up names while nobody uses it.
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--no-first-run",
    "--no-pings",
]

# A loaded machine is slow; nothing is waited for longer than that.
PATIENCE_MS = 60_000


def skip_without_chromium() -> None:
    """Leave the calling module out; all that are left out stand in one line of the summary."""
    if shutil.which(CHROMIUM) is None:
        pytest.skip(
            f"nothing was tried in a browser: no Chromium at {CHROMIUM} (apt install chromium, or CHROMIUM=/path)",
            allow_module_level=True,
        )


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
