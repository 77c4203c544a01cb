"""The chat as Telegram's clients show it; a test says what the bot would."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.chromium import skip_without_chromium
from tests.browser.stage import ADA, BO, CHANNEL, GROUP, Stage
from tests.browser.visitor import Visitor

skip_without_chromium()

pytestmark = pytest.mark.browser

COMMANDS = [
    {"command": "list", "description": "Your files"},
    {"command": "login", "description": "Give or renew your key"},
    {"command": "help", "description": "How it works"},
]
FORMATTED = (
    "<b>bold <i>and italic</i></b> <u>under</u> <s>struck</s> <code>K7</code> <tg-spoiler>secret</tg-spoiler>\n"
    "<pre>two\nlines</pre><blockquote>quoted</blockquote> 🎞 <b>after 𝄞</b> &lt;b&gt; "
    '<a href="https://example.org/x">named</a> https://example.org/y /help @ada_l #tag'
)


@pytest.fixture
def stage(stage: Stage) -> Stage:
    """Both people have pressed Start."""
    stage.bot("setMyCommands", commands=COMMANDS)
    for person in (ADA, BO):
        stage.say(person, person, "/start")
    return stage


@pytest.fixture
def visitor(visitor: Visitor) -> Visitor:
    visitor.arrive()
    return visitor


def says(stage: Stage, text: str, chat: int = ADA, **more: Any) -> int:
    """The bot says something; the number of its message."""
    return int(stage.bot("sendMessage", chat_id=chat, text=text, parse_mode="HTML", **more)["message_id"])


def inline(*rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"inline_keyboard": list(rows)}


def texts(locator: Locator) -> list[str]:
    return locator.all_inner_texts()


def test_texts_have_the_form_the_bot_gave_them(stage: Stage, visitor: Visitor) -> None:
    says(stage, FORMATTED)
    text = visitor.message("bold and italic").locator(".text")

    assert texts(text.locator("strong")) == ["bold and italic", "after 𝄞"]
    assert texts(text.locator("strong em")) == ["and italic"]
    assert texts(text.locator("u, s")) == ["under", "struck"]
    assert texts(text.locator("pre")) == ["two\nlines"]
    assert texts(text.locator("blockquote")) == ["quoted"]
    assert texts(text.locator(".tinted")) == ["@ada_l", "#tag"]
    assert [link.get_attribute("href") for link in text.get_by_role("link").all()] == [
        "https://example.org/x",
        "https://example.org/y",
    ]
    expect(text).to_contain_text("<b>")
    text.get_by_role("button", name="Hidden text").click()
    expect(text.locator(".spoiler.open")).to_have_text("secret")
    text.get_by_role("button", name="K7").click()
    assert visitor.page.evaluate("navigator.clipboard.readText()") == "K7"
    text.get_by_role("button", name="/help").click()
    expect(visitor.message(re.compile("^You: /help"))).to_be_visible()


def test_what_people_write_is_never_markup(stage: Stage, visitor: Visitor) -> None:
    visitor.write("<img src=x onerror=alert(1)> & <b>bold</b>")

    message = visitor.message("<img src=x onerror=alert(1)> & <b>bold</b>")
    expect(message).to_be_visible()
    expect(message.locator("img, strong")).to_have_count(0)


def test_messages_come_change_in_place_and_go(stage: Stage, visitor: Visitor) -> None:
    number = says(stage, "⏳ 1%", reply_markup=inline([{"text": "Cancel", "callback_data": "c"}]))
    cancel = visitor.page.get_by_role("button", name="Cancel")
    cancel.focus()

    stage.bot(
        "editMessageText",
        chat_id=ADA,
        message_id=number,
        text="⏳ 2%",
        reply_markup=inline([{"text": "Cancel", "callback_data": "c"}]),
    )

    expect(visitor.message("⏳ 2%")).to_contain_text("edited")
    expect(cancel).to_be_focused()
    stage.bot("setMessageReaction", chat_id=ADA, message_id=1, reaction=[{"type": "emoji", "emoji": "👀"}])
    expect(visitor.message("/start").locator(".reaction")).to_have_text("👀")
    stage.bot("deleteMessage", chat_id=ADA, message_id=number)
    expect(visitor.bubbles).to_have_count(1)


def test_buttons_open_copy_ask_and_have_their_colours(stage: Stage, visitor: Visitor) -> None:
    says(
        stage,
        "Which?",
        reply_markup=inline(
            [
                {"text": "Site", "url": "https://example.org/"},
                {"text": "Copy", "copy_text": {"text": "the link"}},
            ],
            [
                {"text": "Yes", "callback_data": "y", "style": "success"},
                {"text": "No", "callback_data": "n", "style": "danger"},
                {"text": "Maybe", "callback_data": "m", "style": "primary"},
            ],
        ),
    )
    message = visitor.message("Which?")
    site = message.get_by_role("link", name="Site")
    assert [site.get_attribute(name) for name in ("href", "target", "rel")] == [
        "https://example.org/",
        "_blank",
        "noopener noreferrer",
    ]
    message.get_by_role("button", name="Copy").click()
    expect(visitor.toast).to_have_text("Copied to the clipboard.")
    assert visitor.page.evaluate("navigator.clipboard.readText()") == "the link"
    colours = {
        name: message.get_by_role("button", name=name).evaluate(
            "key => getComputedStyle(key).backgroundColor"
        )
        for name in ("Yes", "No", "Maybe", "Copy")
    }
    assert len(set(colours.values())) == 4

    message.get_by_role("button", name="No").click()
    expect(message.get_by_role("button", name="No")).to_have_attribute("aria-busy", "true")
    query = stage.pressed("n")
    assert query["from"]["id"] == ADA
    stage.bot("answerCallbackQuery", callback_query_id=query["id"], text="As you like")
    expect(visitor.toast).to_have_text("As you like")
    expect(message.locator("[aria-busy]")).to_have_count(0)

    message.get_by_role("button", name="Maybe").click()
    expect(message.locator("[aria-busy=true]")).to_have_count(1)
    query = stage.pressed("m")
    stage.bot("answerCallbackQuery", callback_query_id=query["id"], text="Really?", show_alert=True)
    alert = visitor.page.get_by_role("dialog")
    expect(alert).to_contain_text("Really?")
    alert.get_by_role("button", name="OK").click()
    expect(alert).to_be_hidden()


def test_a_question_makes_the_next_message_its_answer(stage: Stage, visitor: Visitor) -> None:
    number = says(
        stage, "Your key?", reply_markup={"force_reply": True, "input_field_placeholder": "Paste it here"}
    )
    expect(visitor.field).to_have_attribute("placeholder", "Paste it here")
    expect(visitor.page.locator(".above")).to_contain_text("Your key?")

    visitor.write("here")

    expect(visitor.message(re.compile("here")).locator(".quote")).to_contain_text("Your key?")
    assert stage.demo.api.updates.pending[-1]["message"]["reply_to_message"]["message_id"] == number
    expect(visitor.field).to_have_attribute("placeholder", "Message")
    says(stage, "And now?", reply_markup={"force_reply": True})
    expect(visitor.page.locator(".above")).to_contain_text("And now?")
    visitor.field.press("Escape")
    expect(visitor.page.locator(".above")).to_be_hidden()
    visitor.write("nothing")
    expect(visitor.message("nothing").locator(".quote")).to_have_count(0)


def test_a_message_can_be_answered_copied_and_deleted(stage: Stage, visitor: Visitor) -> None:
    number = says(stage, "Holiday.mp4")
    theirs, mine = visitor.page.locator(f"#message-{number}"), visitor.message("/delete")

    def choose(message: Locator, what: str) -> None:
        message.locator(".bubble").click(button="right")
        visitor.page.get_by_role("menuitem", name=what).click()

    choose(theirs, "Reply")
    visitor.write("/delete")
    expect(mine.locator(".quote")).to_contain_text("Holiday.mp4")
    choose(theirs, "Delete")
    expect(mine.locator(".quote")).to_contain_text("Deleted message")
    choose(mine, "Copy text")
    assert visitor.page.evaluate("navigator.clipboard.readText()") == "/delete"
    choose(mine, "Delete")
    expect(mine).to_have_count(0)


def test_commands_are_completed_while_they_are_typed(stage: Stage, visitor: Visitor) -> None:
    options = visitor.offered
    visitor.field.fill("/")
    assert texts(options) == ["/list\nYour files", "/login\nGive or renew your key", "/help\nHow it works"]
    visitor.field.press_sequentially("l")
    expect(options).to_have_count(2)
    expect(visitor.page.locator("#announcer")).to_have_text("2 commands, with the arrow keys")
    visitor.field.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(visitor.field).to_have_attribute("aria-activedescendant", options.nth(1).get_attribute("id") or "")
    visitor.field.press("Tab")
    expect(visitor.field).to_have_value("/login ")
    visitor.field.fill("")
    visitor.page.get_by_role("button", name="Commands").click()
    options.filter(has_text="/help").click()
    expect(visitor.message("/help")).to_be_visible()
    expect(visitor.page.get_by_role("listbox")).to_be_hidden()

    visitor.chat("Ada & Bo").click()
    visitor.write("/li")
    expect(visitor.message("/list@onefichier_test_bot")).to_be_visible()


def test_what_the_bot_is_doing_is_seen(stage: Stage, visitor: Visitor) -> None:
    stage.bot("sendChatAction", chat_id=ADA, action="upload_document")
    expect(visitor.page.locator("#talk-head")).to_contain_text("sending a file…")
    expect(visitor.chat("1fichier")).to_contain_text("sending a file…")
    says(stage, "There")
    expect(visitor.page.locator("#talk-head")).not_to_contain_text("sending")


def test_a_loud_message_elsewhere_is_shown_a_silent_one_only_counted(stage: Stage, visitor: Visitor) -> None:
    banners = visitor.page.locator(".banner")
    says(stage, "progress", chat=GROUP, disable_notification=True)
    badge = visitor.chat("Ada & Bo").locator(".badge")
    expect(badge).to_have_class(re.compile("muted"))
    # Now: it would go away by itself.
    assert banners.count() == 0

    says(stage, "✅ done", chat=GROUP)
    expect(banners).to_contain_text("✅ done")
    expect(badge).to_have_text("2 unread")
    expect(badge).not_to_have_class(re.compile("muted"))
    says(stage, "✅ yours", chat=BO)
    expect(banners.last).to_contain_text("Bo · 1fichier")
    expect(visitor.page.get_by_role("radio", name="Bo")).to_have_accessible_name(re.compile("3 unread"))

    banners.last.get_by_role("button").first.click()
    expect(visitor.page.get_by_role("radio", name="Bo")).to_be_checked()
    expect(visitor.message("✅ yours")).to_be_visible()
    visitor.chat("Ada & Bo").click()
    expect(visitor.page.get_by_text("Unread messages", exact=True)).to_be_visible()
    expect(badge).to_have_count(0)


def test_older_messages_stay_in_sight_and_what_comes_below_is_counted(stage: Stage, visitor: Visitor) -> None:
    for number in range(30):
        says(stage, f"line {number}")
    expect(visitor.message("line 29")).to_be_in_viewport()
    visitor.message("line 3").scroll_into_view_if_needed()
    visitor.page.locator("#wall").evaluate("wall => wall.scrollTo(0, 0)")
    down = visitor.page.get_by_role("button", name="To the newest message")
    expect(down).to_be_visible()

    says(stage, "line 30")

    expect(down).to_contain_text("1")
    expect(visitor.message("line 30")).not_to_be_in_viewport()
    down.click()
    expect(visitor.message("line 30")).to_be_in_viewport()
    expect(down).to_be_hidden()


def test_the_end_stays_in_sight_while_photos_above_it_are_loaded(stage: Stage, visitor: Visitor) -> None:
    for _ in range(3):
        stage.control(f"people/{ADA}/chats/{ADA}/messages", sample="photo")
    says(stage, "last")
    expect(visitor.message("last")).to_be_visible()
    # Else what is asked for before the page is loaded anew may be held, too.
    for photo in visitor.bubbles.locator(".photo img").all():
        expect(photo).to_have_js_property("complete", value=True)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    visitor.page.route("**/attachments/*", hold)
    visitor.page.reload()
    expect(visitor.message("last")).to_be_in_viewport(ratio=1)

    assert len(held) == 3
    for route in held:
        route.continue_()

    expect(visitor.bubbles.locator(".photo img").last).to_have_js_property("complete", value=True)
    expect(visitor.message("last")).to_be_in_viewport(ratio=1)
    expect(visitor.page.get_by_role("button", name="To the newest message")).to_be_hidden()


def test_new_messages_are_said_to_screen_readers_edits_are_not(stage: Stage, visitor: Visitor) -> None:
    announcer = visitor.page.locator("#announcer")
    number = says(stage, "⏳ 1%\nof much")
    expect(announcer).to_have_text("1fichier: ⏳ 1%")

    stage.bot("editMessageText", chat_id=ADA, message_id=number, text="⏳ 2%")

    expect(visitor.message("⏳ 2%")).to_be_visible()
    expect(announcer).to_have_text("1fichier: ⏳ 1%")


def test_links_of_1fichier_lead_to_the_one_beside(stage: Stage, visitor: Visitor) -> None:
    file = stage.account(ADA).add_file("été.txt", b"abc")
    expect(visitor.file("été.txt")).to_be_visible()
    says(stage, f"{file.url}\nhttps://1fichier.com/?aaaaaaaaaaaaaaaaaaaa")
    links = visitor.message(file.url).get_by_role("link")
    assert visitor.download(links.first) == b"abc"

    links.last.click()
    expect(visitor.toast).to_have_text("1fichier has no such file any more.")
    visitor.weather.get_by_label("1fichier down").check()
    expect(visitor.page.locator(".chip").last).to_have_text("1fichier down")
    links.first.click()
    expect(visitor.toast).to_contain_text("1fichier is down")


def test_a_link_to_the_bot_offers_to_start_it(stage: Stage, visitor: Visitor) -> None:
    url = "https://t.me/onefichier_test_bot?start=login"
    says(stage, "Not here", chat=GROUP, reply_markup=inline([{"text": "Write to me", "url": url}]))
    visitor.chat("Ada & Bo").click()
    visitor.press("Write to me")

    visitor.page.get_by_role("button", name="Start", exact=True).click()

    expect(visitor.message("/start login")).to_be_visible()
    expect(visitor.field).to_be_focused()


def test_a_channel_is_read_and_forwarded_from(stage: Stage, visitor: Visitor) -> None:
    visitor.arrive("#bo/channel")
    expect(visitor.bubbles).to_have_count(5)
    expect(visitor.field).to_have_count(0)

    visitor.message("tides, août.csv").locator(".bubble").click(button="right")
    visitor.page.get_by_role("menuitem", name="Forward").click()
    visitor.page.get_by_role("dialog").get_by_role("button", name="Ada & Bo").click()

    expect(visitor.message("tides, août.csv")).to_contain_text("Forwarded from Sea notes")
    assert stage.demo.scene.chats[GROUP].last.payload["from"]["id"] == BO
    assert len(stage.demo.scene.chats[CHANNEL].messages) == 5


def test_files_can_be_taken_out_of_what_is_to_be_sent(stage: Stage, visitor: Visitor) -> None:
    visitor.drop([("one.txt", "1"), ("two.txt", "22"), ("three.txt", "333")])
    expect(visitor.page.locator(".tray")).to_contain_text("3 files, 6 B")
    visitor.page.get_by_role("button", name="Do not send two.txt").click()
    visitor.chat("Ada & Bo").click()
    expect(visitor.page.locator(".tray")).to_be_hidden()
    visitor.chat("1fichier").click()

    visitor.write("both")

    expect(visitor.bubbles.locator(".attached b")).to_have_text(["one.txt", "three.txt"])
    expect(visitor.message("one.txt")).to_contain_text("both")
    assert [message.text for message in stage.demo.scene.chats[ADA].visible] == ["/start", "both", ""]


def test_a_file_cannot_be_dropped_before_the_bot_was_started(visitor: Visitor, stage: Stage) -> None:
    stage.demo.scene.chats[BO].started = False
    visitor.arrive("#bo/bot")
    expect(visitor.page.get_by_role("button", name="Start", exact=True)).to_be_visible()
    visitor.page.evaluate(
        """() => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(["x"], "x.txt"));
          document.getElementById("wall").dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
        }"""
    )
    expect(visitor.toast).to_have_text("Press Start first, then drop the files.")
