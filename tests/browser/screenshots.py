"""`make screenshots`: the page on a phone, a tablet and a desktop, light and dark, while the real bot is at work."""

import base64
import sys
import tempfile
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import PATIENCE_MS, chromium
from tests.browser.stage import ADA, BO, GROUP, Stage

SIZES: Final = {"phone": (360, 740), "tablet": (768, 1024), "desktop": (1440, 900)}
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
SHARPNESS: Final = 2
QUALITY: Final = 82

# So slow that a film is still on its way in the last picture.
BYTES_PER_SECOND: Final = 200_000


def main() -> int:
    """Make the pictures in the directory that the command line names."""
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as files, Stage(Path(files)) as stage, chromium() as browser:
        prepare(stage)
        for name, (width, height) in SIZES.items():
            for scheme in SCHEMES:
                page = open_page(browser, stage, width, height, scheme)
                take(page, directory / f"{name}-{scheme}.webp")
                if name == "phone":
                    for part in ("1fichier", "Weather"):
                        page.get_by_role("navigation", name="Parts").get_by_role("button", name=part).click()
                        take(page, directory / f"{name}-{part.lower()}-{scheme}.webp")
                page.context.close()
    sys.stdout.write(f"The pictures are in {directory}.\n")
    return 0


def prepare(stage: Stage) -> None:
    """Let Ada use the bot until a film is on its way."""
    stage.start_bot()
    for person in (ADA, BO):
        stage.log_in(person)
    stage.say(BO, GROUP, "Are the photos of Tuesday up already?")
    stage.say(ADA, GROUP, "In a minute")
    stage.control(f"people/{ADA}/chats/{ADA}/messages", sample="photo")
    stage.see(ADA, "https://1fichier.com/?")
    stage.control("weather", bytes_per_second=BYTES_PER_SECOND)
    stage.control(f"people/{ADA}/chats/{ADA}/messages", sample="film", text="The harbour, sped up")
    stage.see(ADA, "Uploading, 1")


def open_page(
    browser: Browser, stage: Stage, width: int, height: int, scheme: Literal["light", "dark"]
) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=SHARPNESS,
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(stage.url)
    expect(page.locator(".photo img")).to_have_js_property("complete", value=True)
    expect(page.locator(".row").last).to_be_in_viewport()
    return page


def take(page: Page, path: Path) -> None:
    # Playwright itself makes no WebP, which is a third of the size.
    session = page.context.new_cdp_session(page)
    picture = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    path.write_bytes(base64.b64decode(picture["data"]))


if __name__ == "__main__":
    sys.exit(main())
