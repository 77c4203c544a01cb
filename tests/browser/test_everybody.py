"""For everybody: on a phone, by keyboard, with a screen reader, light and dark, and when the demo has ended."""

from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import PATIENCE_MS, skip_without_chromium
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.stage import ADA, BO, GROUP, Stage
from tests.browser.visitor import Visitor

skip_without_chromium()

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "axe-core" / "axe.min.js"

# WCAG 2.2: what can be pressed is at least so large, in CSS pixels.
SMALLEST_TARGET = 24


def furnish(stage: Stage) -> None:
    """Let every kind of thing stand in the private chat, and something be wrong with the weather."""
    stage.bot("setMyCommands", commands=[{"command": "list", "description": "Your files"}])
    for person in (ADA, BO):
        stage.say(person, person, "/start")
    for sample in ("photo", "album"):
        stage.control(f"people/{ADA}/chats/{ADA}/messages", sample=sample)
    keyboard = {
        "inline_keyboard": [
            [{"text": "Site", "url": "https://example.org/"}, {"text": "Copy", "copy_text": {"text": "x"}}],
            [
                {"text": "Delete", "callback_data": "d", "style": "danger"},
                {"text": "Keep", "callback_data": "k"},
            ],
        ]
    }
    text = "<b>All</b> of <code>it</code>: <blockquote>said</blockquote><tg-spoiler>hidden</tg-spoiler> /list"
    stage.bot(
        "sendMessage",
        chat_id=ADA,
        text=text,
        parse_mode="HTML",
        reply_parameters={"message_id": 1},
        reply_markup=keyboard,
    )
    stage.say(BO, GROUP, "Did the photos arrive?")
    stage.bot("sendMessage", chat_id=GROUP, text="✅ They did")
    stage.control("weather", flood_seconds=500, bytes_per_second=50_000, reports_held=True)


def findings(visitor: Visitor, scheme: str) -> list[str]:
    """What the accessibility checker complains of, each with the first element concerned."""
    if not visitor.page.evaluate("'axe' in window"):
        visitor.page.evaluate(AXE.read_text(encoding="utf-8"))
    # In the dark, only colours differ.
    options = {"resultTypes": ["violations"]} | ({"runOnly": ["color-contrast"]} if scheme == "dark" else {})
    results: dict[str, Any] = visitor.page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{found['id']} ({found['impact']}): {found['help']}, {found['nodes'][0]['html']}"
        for found in results["violations"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_checker_of_accessibility_finds_nothing(
    size: tuple[int, int], scheme: Literal["light", "dark"], stage: Stage, visitor: Visitor
) -> None:
    page = visitor.page
    page.emulate_media(color_scheme=scheme)
    furnish(stage)
    visitor.arrive()
    expect(visitor.bubbles).to_have_count(6)
    assert findings(visitor, scheme) == []

    visitor.field.fill("/")
    expect(visitor.offered).to_have_count(1)
    visitor.page.get_by_role("button", name="Attach").click()
    expect(page.get_by_role("menu")).to_be_visible()
    assert findings(visitor, scheme) == []
    page.keyboard.press("Escape")

    visitor.drop([("a.png", "x")])
    visitor.message("All of it").locator(".bubble").click(button="right")
    page.get_by_role("menuitem", name="Choose several").click()
    assert findings(visitor, scheme) == []
    page.get_by_role("button", name="Forward 1 message").click()
    assert findings(visitor, scheme) == []
    page.get_by_role("dialog").get_by_role("button", name="Close").click()

    visitor.chat("Ada & Bo").click()
    stage.bot("sendMessage", chat_id=ADA, text="✅ news")
    expect(page.locator(".banner")).to_be_visible()
    assert findings(visitor, scheme) == []

    visitor.field.fill("@onefichier_test_bot a")
    found = {"type": "article", "id": "a", "title": "a.txt", "input_message_content": {"message_text": "a"}}
    stage.bot(
        "answerInlineQuery",
        inline_query_id=stage.searched("a")["id"],
        results=[found],
        button={"text": "As of 12:00", "start_parameter": "list"},
    )
    expect(visitor.offered).to_have_count(2)
    assert findings(visitor, scheme) == []
    visitor.field.press("Enter")
    expect(visitor.message("a").locator(".via")).to_be_visible()
    stage.control(f"people/{ADA}/account", standing="over_quota")
    assert findings(visitor, scheme) == []
    if size == PHONE:
        for part in ("1fichier", "Weather"):
            page.get_by_role("navigation", name="Parts").get_by_role("button", name=part).click()
            assert findings(visitor, scheme) == []


@pytest.mark.parametrize("size", [PHONE], ids=["phone"])
def test_everything_is_within_reach_on_a_phone(size: tuple[int, int], stage: Stage, visitor: Visitor) -> None:
    page = visitor.page
    parts = page.get_by_role("navigation", name="Parts")
    visitor.arrive()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(visitor.message("/start")).to_be_visible()
    expect(visitor.account).to_be_hidden()

    parts.get_by_role("button", name="1fichier").click()
    expect(visitor.field).to_be_hidden()
    visitor.account.get_by_role("button", name="Paste into the chat").click()
    expect(visitor.field).to_be_focused()
    page.get_by_role("button", name="Send", exact=True).tap()
    expect(visitor.message(stage.account(ADA).key or "")).to_be_visible()

    furnish(stage)
    expect(visitor.message("All of it")).to_be_in_viewport()
    for part in ("Chat", "1fichier", "Weather"):
        parts.get_by_role("button", name=part).click()
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
        too_small = page.evaluate(
            """smallest => [...document.querySelectorAll("button, input, a, summary")]
              .filter(each => each.checkVisibility() && !each.closest(".text") && each.type !== "radio")
              .map(each => [each.outerHTML, each.getBoundingClientRect()])
              .filter(([, box]) => box.width > 1 && (box.width < smallest || box.height < smallest))
              .map(([html]) => html)""",
            SMALLEST_TARGET,
        )
        assert too_small == []
        beyond = page.evaluate(
            """width => [...document.querySelectorAll(".frame *")]
              .filter(each => each.checkVisibility() && each.getBoundingClientRect().right > width + 1)
              .map(each => each.outerHTML.slice(0, 120))""",
            PHONE[0],
        )
        assert beyond == []
    parts.get_by_role("button", name="Chat").click()
    page.get_by_role("button", name="Bot is").tap()
    expect(visitor.weather).to_be_visible()
    visitor.weather.get_by_role("button", name="Fair weather").tap()
    expect(visitor.weather.get_by_label("Network speed")).to_have_attribute("aria-valuetext", "full speed")


def test_all_of_it_can_be_done_by_keyboard(stage: Stage, visitor: Visitor) -> None:
    page, key = visitor.page, visitor.page.keyboard
    stage.bot("setMyCommands", commands=[{"command": "list", "description": "Your files"}])
    stage.say(ADA, ADA, "/start")
    stage.bot("sendMessage", chat_id=ADA, text="one")
    visitor.arrive()

    key.press("Tab")
    expect(page.get_by_role("link", name="Skip to the message field")).to_be_focused()
    key.press("Enter")
    expect(visitor.field).to_be_focused()
    key.type("hello")
    key.press("Shift+Enter")
    key.type("there")
    key.press("Enter")
    expect(visitor.message("there")).to_contain_text("hello")
    expect(visitor.field).to_be_focused()

    key.press("Shift+Tab")
    key.press("Shift+Tab")
    expect(page.get_by_role("button", name="Attach")).to_be_focused()
    key.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    key.press("End")
    expect(page.get_by_role("menuitem", name="A film of 40 MB")).to_be_focused()
    key.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(page.get_by_role("button", name="Attach")).to_be_focused()

    visitor.message("one").get_by_role("button", name="What to do").focus()
    key.press("Enter")
    key.press("ArrowDown")
    key.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Forward")).to_be_focused()
    key.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    key.press("Tab")
    key.press("Enter")
    expect(visitor.message("one")).to_contain_text("Forwarded from 1fichier")

    page.get_by_role("radio", name="Ada").focus()
    key.press("ArrowRight")
    expect(page.locator("#owner-title")).to_have_text("Bo at 1fichier")
    expect(page.get_by_role("radio", name="Bo")).to_be_focused()


def test_a_reload_keeps_person_chat_and_colours(stage: Stage, visitor: Visitor) -> None:
    page = visitor.page
    visitor.arrive()
    visitor.be("Bo")
    visitor.chat("Sea notes").click()
    page.get_by_role("button", name="Colours: as the system").click()
    page.get_by_role("button", name="Colours: light").click()
    page.get_by_role("button", name="Hide these steps").click()
    colour = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(colour)

    page.reload()

    expect(page.get_by_role("radio", name="Bo")).to_be_checked()
    expect(page.locator("#talk-head")).to_contain_text("Sea notes")
    expect(page.get_by_role("button", name="Colours: dark")).to_be_visible()
    expect(page.get_by_text("Five things to try")).to_have_count(0)
    assert page.evaluate(colour) == dark
    page.get_by_role("button", name="Colours: dark").click()
    assert page.evaluate(colour) != dark


def test_a_page_left_open_shows_the_demo_that_runs_now(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    with Stage(tmp_path / "one") as stage:
        stage.say(ADA, ADA, "of yesterday")
        visitor = Visitor(page, stage)
        visitor.arrive()
        expect(visitor.message("of yesterday")).to_be_visible()
        port = urlsplit(stage.url).port or 0
    expect(page.locator("#status")).to_have_text("Demo has ended")

    with Stage(tmp_path / "two", port=port) as stage:
        expect(page.get_by_text("What can this bot do?")).to_be_visible()
        expect(page.locator("#status")).to_have_text("Bot is stopped")
        context.close()


def test_when_the_demo_has_ended_the_page_says_so(browser: Browser, tmp_path: Path) -> None:
    with Stage(tmp_path) as stage:
        stage.say(ADA, ADA, "/start")
        context = browser.new_context()
        context.set_default_timeout(PATIENCE_MS)
        visitor = Visitor(context.new_page(), stage)
        visitor.arrive()
    expect(visitor.page.locator("#status")).to_have_text("Demo has ended")

    visitor.write("hello?")

    expect(visitor.toast).to_contain_text("The demo does not answer")
    expect(visitor.field).to_have_value("hello?")
    context.close()
