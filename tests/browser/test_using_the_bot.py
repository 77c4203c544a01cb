"""The real bot, used in a browser from the first press of Start."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import skip_without_chromium
from tests.browser.stage import ADA, BO, Stage
from tests.browser.visitor import Visitor

skip_without_chromium()

pytestmark = [pytest.mark.browser, pytest.mark.process]

SAMPLES = Path(__file__).resolve().parent.parent.parent / "emulators" / "samples"
FAIR = {"bytes_per_second": None, "flood_seconds": 0, "rest_seconds": 0, "down": False, "reports_held": False}
RESULT = re.compile(r"https://1fichier\.com/\?[a-z0-9]+")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One bot for all tests here: its start is most of what a test takes. Ada has given her key."""
    with Stage(tmp_path_factory.mktemp("demo")) as stage:
        stage.start_bot()
        stage.log_in(ADA)
        yield stage


@pytest.fixture
def visitor(visitor: Visitor) -> Iterator[Visitor]:
    """Ada at the page, in fair weather, which she leaves behind."""
    visitor.arrive()
    yield visitor
    visitor.stage.control("weather", **FAIR)


def test_a_key_is_pasted_and_its_message_vanishes(visitor: Visitor) -> None:
    key = visitor.stage.account(BO).key or ""
    visitor.be("Bo")
    expect(visitor.page.get_by_text("What can this bot do?")).to_be_visible()
    visitor.page.get_by_role("button", name="Start", exact=True).click()
    expect(visitor.message("To begin, I need your API key")).to_be_visible()

    visitor.press("Get my key")
    expect(visitor.account.get_by_role("button", name="Paste into the chat")).to_be_focused()
    visitor.write("/login")
    expect(visitor.message("Send me your API key in your next message")).to_be_visible()
    expect(visitor.field).to_have_attribute("placeholder", "Paste your key")
    visitor.account.get_by_role("button", name="Paste into the chat").click()
    expect(visitor.field).to_have_value(key)
    visitor.field.press("Enter")

    expect(visitor.message("Your key works. I’ve deleted your message.")).to_be_visible()
    expect(visitor.bubbles.filter(has_text=key)).to_have_count(0)
    expect(visitor.field).to_have_attribute("placeholder", "Message")


def test_a_dropped_file_is_uploaded_and_can_be_downloaded(visitor: Visitor) -> None:
    text = "".join(f"line {number}: la marée monte\n" for number in range(20_000))

    visitor.drop([("marée.txt", text)])
    expect(visitor.page.locator(".tray")).to_contain_text("marée.txt")
    visitor.send()

    result = visitor.message(RESULT)
    expect(result).to_contain_text("marée.txt")
    expect(visitor.page.locator(".tray")).to_be_hidden()
    stored = text.encode()
    assert visitor.download(visitor.file("marée.txt")) == stored
    assert visitor.download(result.get_by_role("link").first) == stored


def test_a_photo_from_the_paper_clip_is_a_photo_and_keeps_its_bytes(visitor: Visitor) -> None:
    photo = SAMPLES / "evening at sea.jpg"

    visitor.attach(photo)
    visitor.write("Tuesday")

    picture = visitor.bubbles.locator(".photo img")
    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("image => image.naturalWidth") == 960
    expect(visitor.message(RESULT)).to_contain_text("Tuesday.jpg")
    assert visitor.download(visitor.file("Tuesday.jpg")) == photo.read_bytes()


def test_several_files_become_an_album_with_one_result(visitor: Visitor) -> None:
    files = sorted(SAMPLES.iterdir())
    visitor.attach(*files)
    visitor.page.get_by_label("Send as files").check()

    visitor.send()

    expect(visitor.page.locator(".album .row")).to_have_count(3)
    result = visitor.message("3 files uploaded")
    expect(result.get_by_role("link")).to_have_count(3)
    for path, link in zip(files, result.get_by_role("link").all(), strict=True):
        assert visitor.download(link) == path.read_bytes()


def test_progress_is_seen_to_move_in_one_message(visitor: Visitor) -> None:
    visitor.weather.get_by_label("Network speed").fill("3")
    expect(visitor.page.locator(".chip")).to_have_text("5 MB/s")
    visitor.page.get_by_role("button", name="Attach").click()
    visitor.page.get_by_role("menuitem", name="A film of 40 MB").click()

    status = visitor.message("Uploading")
    expect(status).to_have_text(re.compile(r"Uploading, [1-9]\d?%"))
    place = status.get_attribute("id")
    expect(visitor.account.get_by_text("Receiving a file")).to_be_visible()
    seen: set[str] = set()
    while len(seen) < 3:
        # Each look waits until it differs from all before.
        others = "|".join(seen) or "none"
        moved = re.compile(rf"Uploading, (?!(?:{others})%)\d+%")
        expect(visitor.page.locator(f"#{place}")).to_have_text(moved)
        shown = re.search(r"Uploading, (\d+)%", visitor.page.locator(f"#{place}").inner_text())
        seen |= {shown[1]} if shown else set()

    visitor.weather.get_by_role("button", name="Fair weather").click()
    expect(visitor.message(RESULT)).to_contain_text("harbour timelapse.mp4")
    expect(visitor.page.locator(f"#{place}")).to_have_count(0)


def test_files_are_listed_page_by_page_and_deleted_after_a_question(visitor: Visitor) -> None:
    visitor.write("/list")
    visitor.press("Videos")
    expect(visitor.message("page 1 of 2")).to_contain_text("Holiday 2026.mp4")
    visitor.press("Next")
    page = visitor.message("page 2 of 2")
    expect(page).to_contain_text("snow.mp4")
    visitor.account.get_by_text("Videos").click()
    expect(visitor.file("snow.mp4")).to_be_visible()

    page.locator(".key").filter(has_text=re.compile(r"^\d+$")).last.click()
    card = visitor.message("snow.mp4")
    visitor.press("Delete", card)
    question = visitor.message("Its link will stop working")
    expect(question.locator(".key.danger")).to_have_text("Delete")
    visitor.press("Keep", question)
    expect(visitor.message("snow.mp4").locator(".key.danger")).to_have_count(0)
    expect(visitor.file("snow.mp4")).to_be_visible()

    visitor.press("Delete", visitor.message("snow.mp4"))
    expect(question.locator(".key.danger")).to_be_visible()
    visitor.press("Delete", question)

    expect(visitor.message("Deleted: snow.mp4")).to_be_visible()
    expect(visitor.file("snow.mp4")).to_have_count(0)


def test_a_link_is_fetched_and_the_result_is_a_notification_elsewhere(visitor: Visitor) -> None:
    visitor.stage.hold_remotes()
    visitor.account.get_by_role("button", name="Paste /remote dover-beach.txt").click()
    expect(visitor.field).to_have_value(
        re.compile(r"^/remote http://127\.0\.0\.1:\d+/files/dover-beach\.txt$")
    )
    visitor.field.press("Enter")
    expect(visitor.account.locator(".remotes .turning")).to_be_visible()
    visitor.chat("Ada & Bo").click()
    visitor.stage.finish_remotes(b"The sea is calm")

    banner = visitor.page.get_by_role("region", name="Notifications").locator(".banner")
    expect(banner).to_contain_text("dover-beach.txt")
    expect(visitor.chat("1fichier").locator(".badge")).to_contain_text("1")
    expect(visitor.page).to_have_title("(1) onefichier-bot demo")
    banner.get_by_role("button").first.click()

    expect(visitor.message(RESULT)).to_be_in_viewport()
    expect(visitor.page.get_by_text("Unread messages", exact=True)).to_be_visible()
    expect(visitor.page).to_have_title("onefichier-bot demo")
    expect(visitor.account.locator(".remotes")).to_contain_text("fetched")
    assert visitor.download(visitor.file("dover-beach.txt")) == b"The sea is calm"


def test_a_link_that_fails_is_told_with_the_reason(visitor: Visitor) -> None:
    visitor.account.get_by_role("button", name="Paste /remote missing.iso").click()
    visitor.field.press("Enter")

    expect(visitor.message("404")).to_contain_text("missing.iso")
    expect(visitor.account.locator(".remotes .ko")).to_have_count(1)


def test_a_bot_killed_in_the_middle_of_an_upload_ends_it_all_the_same(visitor: Visitor) -> None:
    visitor.weather.get_by_label("Network speed").fill("3")
    text = "0123456789abcdef" * 1_000_000
    visitor.drop([("half.txt", text)])
    visitor.send()
    expect(visitor.message("Uploading")).to_have_text(re.compile(r"Uploading, [1-9]\d?%"))

    visitor.weather.get_by_role("button", name="Kill the bot").click()
    expect(visitor.page.locator("#status")).to_have_text("Bot was killed")
    expect(visitor.page.locator(".chip.bad")).to_have_text("Bot not running")
    expect(visitor.file("half.txt")).to_have_count(0)
    visitor.weather.get_by_role("button", name="Fair weather").click()
    visitor.weather.get_by_role("button", name="Start the bot").click()
    visitor.stage.until_bot("running")

    expect(visitor.message(RESULT)).to_contain_text("half.txt")
    stored = visitor.stage.account(ADA).named("half.txt")
    assert [file.sha256 for file in stored] == [hashlib.sha256(text.encode()).hexdigest()]


def test_posts_of_a_channel_are_forwarded_together(visitor: Visitor) -> None:
    visitor.chat("Sea notes").click()
    visitor.message("Tuesday, 21:40").hover()
    visitor.message("Tuesday, 21:40").get_by_role("button", name="What to do").click()
    visitor.page.get_by_role("menuitem", name="Choose several").click()
    visitor.message("foghorn.mp3").get_by_role("checkbox").check()
    visitor.page.get_by_role("button", name="Forward 2 messages").click()
    visitor.page.get_by_role("dialog").get_by_role("button", name="1fichier").click()

    expect(visitor.message("foghorn.mp3").locator(".origin")).to_have_text("Forwarded from Sea notes")
    expect(visitor.message("2 files uploaded")).to_be_visible()
    expect(visitor.file("foghorn.mp3")).to_be_visible()


def test_the_second_person_sees_nothing_of_the_first(visitor: Visitor) -> None:
    visitor.stage.log_in(BO)
    visitor.write("/list boarding")
    expect(visitor.message("boarding pass.pdf")).to_be_visible()

    visitor.be("Bo")

    expect(visitor.page.locator("#owner-title")).to_have_text("Bo at 1fichier")
    expect(visitor.file("boarding pass.pdf")).to_have_count(0)
    expect(visitor.bubbles.filter(has_text="boarding pass.pdf")).to_have_count(0)
    visitor.write("/list")
    expect(visitor.message("recipes.zip")).to_be_visible()
    visitor.write(f"/delete {visitor.stage.account(ADA).named('playlist.m3u8')[0].url}")
    expect(visitor.message("not in your account")).to_be_visible()
    assert visitor.stage.account(ADA).named("playlist.m3u8")


def test_in_the_group_a_button_of_one_is_refused_to_the_other(visitor: Visitor) -> None:
    visitor.stage.log_in(BO)
    url = visitor.stage.account(ADA).named("playlist.m3u8")[0].url
    visitor.chat("Ada & Bo").click()
    visitor.write(f"/delete@onefichier_test_bot {url}")
    expect(visitor.message("Delete playlist.m3u8?")).to_be_visible()

    visitor.be("Bo")
    expect(visitor.message("Delete playlist.m3u8?").locator(".quote")).to_contain_text("Ada")
    visitor.press("Delete", visitor.message("Delete playlist.m3u8?"))

    expect(visitor.toast).to_have_text("This button isn’t yours.")
    assert visitor.stage.account(ADA).named("playlist.m3u8")
    visitor.be("Ada")
    visitor.press("Delete", visitor.message("Delete playlist.m3u8?"))
    expect(visitor.message("Deleted: playlist.m3u8")).to_be_visible()
    assert not visitor.stage.account(ADA).named("playlist.m3u8")


def test_a_file_is_found_in_any_chat_and_posted_there(visitor: Visitor) -> None:
    visitor.chat("Ada & Bo").click()
    visitor.field.fill("@onefichier_test_bot boarding")
    expect(visitor.offered.last).to_contain_text("boarding pass.pdf")
    expect(visitor.offered.first).to_contain_text("As of")
    visitor.field.press("Enter")

    posted = visitor.message("boarding pass.pdf")
    expect(posted).to_contain_text(RESULT)
    visitor.be("Bo")
    expect(posted.locator(".sender")).to_have_text("Ada")
    visitor.press("Copy link", posted)
    (file,) = visitor.stage.account(ADA).named("boarding pass.pdf")
    assert visitor.page.evaluate("navigator.clipboard.readText()") == file.url
    # What Ada has is hers alone.
    visitor.field.fill("@onefichier_test_bot boarding")
    expect(visitor.page.locator(".above-results")).to_be_visible()
    expect(visitor.page.locator(".result")).to_have_count(0)


def test_the_share_button_of_a_card_leads_to_inline_mode(visitor: Visitor) -> None:
    (file,) = visitor.stage.account(ADA).named("voice memo 14.ogg")
    visitor.write(file.url)
    visitor.press("Share", visitor.message("voice memo 14.ogg"))
    visitor.page.get_by_role("dialog").get_by_role("button", name="Ada & Bo").click()

    expect(visitor.field).to_have_value(f"@onefichier_test_bot {file.url}")
    expect(visitor.page.locator(".result")).to_contain_text("voice memo 14.ogg")
    visitor.field.press("Enter")

    expect(visitor.message("voice memo 14.ogg").locator(".via")).to_be_visible()
    expect(visitor.page.locator("#talk-head")).to_contain_text("Ada & Bo")


@pytest.mark.parametrize(
    ("state", "shown", "warning"),
    [
        ("92% full", "160 GB free of 2 TB", "Your storage is nearly full: 1.8 TB of 2 TB (92%)"),
        ("Over its quota", "80 GB over 2 TB", "You use more than your quota"),
        ("Ends in 10 days", "Premium until", re.compile(r"subscription ends on .*, in 10 days")),
        ("Ends in 2 days", "Premium until", re.compile(r"subscription ends on .*, in 2 days")),
        ("Uploads forbidden", "1.7 TB free", "1fichier takes no uploads from you at the moment"),
    ],
)
def test_an_account_that_runs_out_is_warned_of(
    state: str, shown: str, warning: str | re.Pattern[str], visitor: Visitor
) -> None:
    choice = visitor.account.get_by_label("State")
    expect(choice).to_have_value("ordinary")
    choice.select_option(state)
    expect(visitor.account.locator(".owner")).to_contain_text(shown)
    visitor.account.get_by_role("button", name="Paste /quota").click()
    visitor.field.press("Enter")

    warned = visitor.bubbles.filter(has_text=warning).filter(has_text="You can switch such warnings off")
    expect(warned.last).to_be_visible()
    choice.select_option("As usual")
    expect(visitor.account.get_by_role("button", name="Paste /quota")).to_be_hidden()
    expect(visitor.account.locator(".owner")).to_contain_text("1.7 TB free")


def test_a_revoked_key_is_told_and_a_new_one_goes_on(visitor: Visitor) -> None:
    visitor.account.get_by_role("button", name="Revoke").click()
    visitor.write("/list")
    expect(visitor.message("no longer accepts your key")).to_be_visible()

    visitor.account.get_by_role("button", name="Make a new one").click()
    visitor.account.get_by_role("button", name="Paste into the chat").click()
    visitor.field.press("Enter")

    expect(visitor.message("Your key works")).to_be_visible()
