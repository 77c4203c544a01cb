"""Somebody at the page: where they look, and what they do there."""

import re
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.stage import Stage

Seen = str | re.Pattern[str]


class Visitor:
    def __init__(self, page: Page, stage: Stage) -> None:
        self.page = page
        self.stage = stage

    # Where they look

    @property
    def field(self) -> Locator:
        return self.page.get_by_label("Message", exact=True)

    @property
    def offered(self) -> Locator:
        """What is offered above the field while they write."""
        return self.page.get_by_role("listbox").get_by_role("option")

    @property
    def bubbles(self) -> Locator:
        return self.page.locator(".row")

    @property
    def account(self) -> Locator:
        return self.page.locator("#account")

    @property
    def weather(self) -> Locator:
        return self.page.get_by_role("region", name="Weather")

    @property
    def toast(self) -> Locator:
        return self.page.locator(".toast").last

    def message(self, text: Seen) -> Locator:
        """The newest message that says this."""
        return self.bubbles.filter(has_text=text).last

    def chat(self, title: str) -> Locator:
        return self.page.get_by_role("navigation", name="Chats").get_by_role("button", name=title)

    def file(self, name: str) -> Locator:
        """The link of a file in the account."""
        return self.account.locator(".entry").filter(has_text=name).get_by_role("link")

    # What they do

    def arrive(self, where: str = "") -> None:
        """Open the page, at a place such as `#bo/group`."""
        self.page.goto(f"{self.stage.url}/{where}")
        expect(self.page.locator("#owner-title")).to_be_attached()

    def write(self, text: str) -> None:
        self.field.fill(text)
        self.field.press("Enter")

    def be(self, name: str) -> None:
        """Become the other person."""
        # Its label lies above it, as a mouse would find.
        self.page.get_by_role("radio", name=name).check(force=True)

    def attach(self, *files: Path) -> None:
        """Choose files with the paper clip."""
        self.page.get_by_role("button", name="Attach").click()
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("menuitem", name="Choose files…").click()
        chooser.value.set_files(files)

    def drop(self, files: Sequence[tuple[str, str]]) -> None:
        """Drag files, as (name, text), onto the conversation and let them go."""
        carried = self.page.evaluate_handle(
            """files => {
              const carried = new DataTransfer();
              for (const [name, text] of files) carried.items.add(new File([text], name));
              return carried;
            }""",
            [list(file) for file in files],
        )
        for event in ("dragenter", "dragover", "drop"):
            self.page.dispatch_event("#wall", event, {"dataTransfer": carried})
            if event == "dragover":
                expect(self.page.get_by_text("Drop to send")).to_be_visible()

    def send(self) -> None:
        self.page.get_by_role("button", name="Send", exact=True).click()

    def press(self, button: str, message: Locator | None = None) -> None:
        """Press a button under a message; without one, the newest that says so."""
        (message or self.page).locator(".key").filter(has_text=button).last.click()

    def download(self, link: Locator) -> bytes:
        with self.page.expect_download() as downloading:
            link.click()
        return downloading.value.path().read_bytes()
