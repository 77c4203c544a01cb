"""Inline mode as Telegram's clients show it; a test finds what the bot would."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chromium import skip_without_chromium
from tests.browser.conftest import PHONE
from tests.browser.stage import ADA, BO, GROUP, Stage
from tests.browser.visitor import Visitor

skip_without_chromium()

pytestmark = pytest.mark.browser

CALL = "@onefichier_test_bot "
PAGE = 20


@pytest.fixture
def stage(stage: Stage) -> Stage:
    """Both people have pressed Start."""
    for person in (ADA, BO):
        stage.say(person, person, "/start")
    return stage


@pytest.fixture
def visitor(visitor: Visitor) -> Visitor:
    """Ada in the group."""
    visitor.arrive("#ada/group")
    return visitor


def article(name: str) -> dict[str, Any]:
    return {
        "type": "article",
        "id": name[:64],
        "title": name,
        "description": "1.4 kB · 2 Mar",
        "input_message_content": {"message_text": f"<b>{name}</b>", "parse_mode": "HTML"},
        "reply_markup": {
            "inline_keyboard": [[{"text": "Copy link", "copy_text": {"text": f"the link of {name}"}}]]
        },
    }


def finds(stage: Stage, text: str, *names: str, offset: str = "", **more: Any) -> None:
    """The bot answers what was typed, once it has been asked."""
    query = stage.searched(text, offset)
    results = [article(name) for name in names]
    stage.bot("answerInlineQuery", inline_query_id=query["id"], results=results, cache_time=0, **more)


def titles(offered: Locator) -> Locator:
    return offered.locator("b")


def queries(stage: Stage) -> list[str]:
    updates = stage.demo.api.updates.pending
    return [update["inline_query"]["query"] for update in updates if "inline_query" in update]


def test_what_is_typed_behind_the_bots_name_is_searched_and_posted(stage: Stage, visitor: Visitor) -> None:
    visitor.field.press_sequentially("@on")
    expect(visitor.offered).to_have_text("@onefichier_test_bot1fichier")
    visitor.field.press("Enter")
    expect(visitor.field).to_have_value(CALL)
    finds(stage, "", "newest.mp4")
    expect(titles(visitor.offered)).to_have_text(["newest.mp4"])
    visitor.field.press_sequentially("holi")
    finds(stage, "holi", "Holiday.mp4", "Holiday 2.mp4")

    expect(titles(visitor.offered)).to_have_text(["Holiday.mp4", "Holiday 2.mp4"])
    expect(visitor.offered.first).to_contain_text("1.4 kB · 2 Mar")
    expect(visitor.page.locator("#announcer")).to_have_text("2 results, with the arrow keys")
    assert queries(stage) == ["", "holi"], "not every letter is asked for"
    expect(visitor.offered.first).to_have_attribute("aria-selected", "true")
    visitor.field.press("ArrowDown")
    expect(visitor.offered.nth(1)).to_have_attribute("aria-selected", "true")
    expect(visitor.field).to_have_attribute(
        "aria-activedescendant", visitor.offered.nth(1).get_attribute("id") or ""
    )
    visitor.field.press("Enter")

    posted = visitor.message("Holiday 2.mp4")
    expect(posted.locator(".via")).to_have_text("via @onefichier_test_bot")
    expect(posted.locator("strong")).to_have_text("Holiday 2.mp4")
    expect(visitor.field).to_have_value("")
    expect(visitor.page.get_by_role("listbox")).to_be_hidden()
    visitor.press("Copy link", posted)
    expect(visitor.toast).to_have_text("Copied to the clipboard.")
    assert visitor.page.evaluate("navigator.clipboard.readText()") == "the link of Holiday 2.mp4"
    visitor.be("Bo")
    expect(visitor.message("Holiday 2.mp4").locator(".sender")).to_have_text("Ada")
    visitor.message("Holiday 2.mp4").locator(".via").click()
    expect(visitor.field).to_have_value(CALL)


def test_a_result_is_picked_by_a_click_and_may_answer_a_message(stage: Stage, visitor: Visitor) -> None:
    stage.say(BO, GROUP, "Where is it?")
    visitor.message("Where is it?").locator(".bubble").click(button="right")
    visitor.page.get_by_role("menuitem", name="Reply").click()
    visitor.field.fill(f"{CALL}a")
    finds(stage, "a", "a.txt")

    visitor.offered.filter(has_text="a.txt").click()

    expect(visitor.message("a.txt").locator(".quote")).to_contain_text("Where is it?")
    expect(visitor.page.locator(".above")).to_be_hidden()
    expect(visitor.field).to_be_focused()


def test_the_list_goes_on_as_far_as_one_looks(stage: Stage, visitor: Visitor) -> None:
    first, second = ([f"part {number}" for number in range(at, at + PAGE)] for at in (0, PAGE))
    visitor.field.fill(f"{CALL}part")
    finds(stage, "part", *first, next_offset="20")
    expect(visitor.page.locator("#announcer")).to_have_text("20 results and more, with the arrow keys")
    expect(visitor.offered).to_have_count(PAGE)

    visitor.page.locator("#results").evaluate("list => list.scrollTo(0, list.scrollHeight)")
    finds(stage, "part", *second, offset="20")

    expect(titles(visitor.offered)).to_have_text(first + second)
    visitor.offered.last.click()
    expect(visitor.message("part 39")).to_be_visible()
    assert len(queries(stage)) == 2


def test_the_button_above_leads_to_the_private_chat(stage: Stage, visitor: Visitor) -> None:
    button = {"text": "Give me your key first", "start_parameter": "login"}
    visitor.field.fill(f"{CALL}a")
    finds(stage, "a", button=button)
    expect(visitor.offered).to_have_text("Give me your key first")
    # It is no result, and so nothing to press Enter for unseen.
    visitor.field.press("Enter")
    expect(visitor.offered).to_have_count(1)
    visitor.field.press("ArrowDown")
    visitor.field.press("Enter")

    expect(visitor.page.locator("#talk-head")).to_contain_text("1fichier")
    visitor.page.get_by_role("button", name="Start", exact=True).click()
    expect(visitor.message("/start login")).to_be_visible()


def test_escape_makes_a_message_of_it_again(stage: Stage, visitor: Visitor) -> None:
    send = visitor.page.get_by_role("button", name="Send", exact=True)
    visitor.field.fill(f"{CALL}a")
    expect(send).to_be_disabled()
    visitor.field.press("Enter")
    finds(stage, "a", "a.txt")
    expect(visitor.offered).to_have_count(1)
    expect(visitor.bubbles).to_have_count(0)

    visitor.field.press("Escape")

    expect(visitor.page.get_by_role("listbox")).to_be_hidden()
    expect(visitor.field).to_have_value(f"{CALL}a")
    expect(send).to_be_enabled()
    visitor.field.press_sequentially("b")
    finds(stage, "ab", "ab.txt")
    expect(titles(visitor.offered)).to_have_text(["ab.txt"])
    visitor.field.press("Escape")
    visitor.field.press("Enter")
    expect(visitor.message(f"{CALL}ab")).to_be_visible()
    expect(visitor.message(f"{CALL}ab").locator(".via")).to_have_count(0)


def test_a_bot_that_finds_nothing_or_is_slow_shows_nothing(stage: Stage, visitor: Visitor) -> None:
    box = visitor.page.locator(".field-box")
    visitor.field.fill(f"{CALL}a")
    expect(box).to_have_class(re.compile("asking"))
    stage.searched("a")
    visitor.field.fill(f"{CALL}b")
    finds(stage, "b")
    expect(box).not_to_have_class(re.compile("asking"))
    assert not visitor.page.get_by_role("listbox").is_visible()

    # What comes for a text that is no longer there is not shown, either.
    query = stage.searched("a")
    stage.bot("answerInlineQuery", inline_query_id=query["id"], results=[article("late")])
    visitor.field.fill("c")
    expect(visitor.page.get_by_role("button", name="Send", exact=True)).to_be_enabled()
    expect(visitor.offered).to_have_count(0)


def test_a_share_button_has_a_chat_chosen_and_asks_there(stage: Stage, visitor: Visitor) -> None:
    anywhere = {"text": "Share", "switch_inline_query": "a"}
    here = {"text": "Here", "switch_inline_query_current_chat": "b"}
    friends = {
        "text": "Friends",
        "switch_inline_query_chosen_chat": {"query": "c", "allow_group_chats": True},
    }
    keyboard = {"inline_keyboard": [[anywhere, here, friends]]}
    stage.bot("sendMessage", chat_id=ADA, text="a.txt", reply_markup=keyboard)
    chooser = visitor.page.get_by_role("dialog", name="Choose a chat")
    head = visitor.page.locator("#talk-head")
    visitor.chat("1fichier").click()

    visitor.press("Share")
    expect(chooser.get_by_role("listitem")).to_have_text(["1fichier", "ABAda & Bo"])
    chooser.get_by_role("button", name="Ada & Bo").click()
    expect(head).to_contain_text("Ada & Bo")
    expect(visitor.field).to_have_value(f"{CALL}a")
    expect(visitor.field).to_be_focused()
    finds(stage, "a", "a.txt")
    visitor.field.press("Enter")
    expect(visitor.message("a.txt").locator(".via")).to_be_visible()

    visitor.chat("1fichier").click()
    visitor.press("Here")
    expect(visitor.field).to_have_value(f"{CALL}b")
    finds(stage, "b", "b.txt")
    expect(titles(visitor.offered)).to_have_text(["b.txt"])
    visitor.field.press("Escape")
    visitor.press("Friends")
    expect(chooser.get_by_role("listitem")).to_have_text(["ABAda & Bo"])
    chooser.get_by_role("button", name="Close").click()
    expect(visitor.field).to_have_value(f"{CALL}b")


def test_a_bot_without_inline_mode_is_not_called(stage: Stage, visitor: Visitor) -> None:
    stage.demo.api.inline_mode = False
    visitor.page.reload()
    visitor.field.press_sequentially(f"{CALL}a")
    expect(visitor.offered).to_have_count(0)

    visitor.field.press("Enter")

    expect(visitor.message(f"{CALL}a")).to_be_visible()
    assert queries(stage) == []


@pytest.mark.parametrize("size", [PHONE], ids=["phone"])
def test_on_a_phone_the_results_fit_and_are_tapped(
    size: tuple[int, int], stage: Stage, visitor: Visitor
) -> None:
    visitor.field.fill("@")
    visitor.offered.tap()
    visitor.field.press_sequentially("a")
    long = "A name so long that no phone has room for all of it, not even one that is held sideways.mkv"
    finds(stage, "a", long, *"bcdefghij", button={"text": "As of 12:00", "start_parameter": "list"})
    expect(visitor.offered).to_have_count(11)
    beyond = visitor.page.evaluate(
        """() => [...document.querySelectorAll("#results, #results *")]
          .filter(each => each.getBoundingClientRect().right > innerWidth)
          .map(each => each.outerHTML)"""
    )
    assert beyond == []
    heights = visitor.offered.evaluate_all("all => all.map(each => each.getBoundingClientRect().height)")
    assert min(heights) >= 44

    visitor.offered.filter(has_text=long).tap()

    expect(visitor.message(long)).to_be_in_viewport()
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
