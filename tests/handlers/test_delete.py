import pytest

from emulators.onefichier import EmulatedAccount
from handlers import SlowDown, Unsure
from handlers.delete import MOST_LINKS
from tests.handlers.world import World, last

GONE = "https://1fichier.com/?gone0gone0gone0gone0"


def names(account: EmulatedAccount) -> set[str]:
    return {file.name for file in account.files.values()}


async def test_a_link_is_asked_about_by_name_and_deleted(world: World) -> None:
    account = await world.log_in()
    file = account.add_file("Holiday <1>.mp4", b"x" * 1_400)
    account.add_file("other.txt")
    question = await world.tell(f"/delete {file.url}&af=1")
    assert question.html == (
        "🗑 Delete <b>Holiday &lt;1&gt;.mp4</b>?\n1.4 kB. Its link will stop working, and I can’t bring it back."
    )
    assert (question.button("Delete").style, question.button("Keep").style) == ("danger", None)
    yes = question.button("Delete")
    assert await world.press("Delete") == ""
    assert question.html == "✅ Deleted: <b>Holiday &lt;1&gt;.mp4</b>"
    assert not question.buttons
    assert names(account) == {"other.txt"}
    press = world.person.press(yes, question)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "Already done."
    assert question.html == "✅ Deleted: <b>Holiday &lt;1&gt;.mp4</b>"


async def test_a_question_whose_place_was_never_noted_is_answered_where_its_button_was_pressed(
    world: World,
) -> None:
    account = await world.log_in()
    file = account.add_file("a.txt")
    world.api.faults.add(method="sendMessage", drop="after")
    with pytest.raises(Unsure):
        await world.tell(f"/delete {file.url}")
    [question] = world.person.chat.from_bot

    await world.press("Delete", question)

    assert question.html == "✅ Deleted: <b>a.txt</b>"
    assert not account.files


async def test_keep_keeps(world: World) -> None:
    account = await world.log_in()
    file = account.add_file("a.txt")
    question = await world.tell(f"/delete {file.url}")
    await world.press("Keep")
    assert question.html == "Nothing deleted. <b>a.txt</b> is still there."
    assert names(account) == {"a.txt"}


async def test_cancel_keeps_too(world: World) -> None:
    account = await world.log_in()
    file = account.add_file("a.txt")
    question = await world.tell(f"/delete {file.url}")
    assert (await world.tell("/cancel")).text == "Cancelled."
    assert question.text == "Nothing deleted. a.txt is still there."


async def test_a_question_that_telegram_put_off_is_one_question(world: World) -> None:
    account = await world.log_in()
    world.api.faults.add(method="sendMessage", status=429, retry_after=60)
    world.person.say(f"/delete {account.add_file('a.txt').url}")
    raw = world.api.updates.pending[-1]
    with pytest.raises(SlowDown):
        await world.handle()
    await world.clock.advance(60)
    world.api.updates.push("message", raw["message"])
    await world.handle()
    assert (await world.tell("/cancel")).text == "Cancelled."
    assert (await world.tell("/cancel")).text.startswith("Nothing to cancel")


async def test_several_links_are_named_and_the_same_one_counts_once(world: World) -> None:
    account = await world.log_in()
    files = [account.add_file(f"{number}.txt", b"x" * 1_000) for number in range(3)]
    links = " ".join(file.url for file in files)
    question = await world.tell(f"/delete {links} {files[0].url}")
    assert question.html.splitlines() == [
        "🗑 Delete these 3 files? 3 kB in all.",
        "• <b>0.txt</b>",
        "• <b>1.txt</b>",
        "• <b>2.txt</b>",
        "I can’t bring them back.",
    ]
    await world.press("Delete")
    assert question.text == "✅ 3 files deleted."
    assert not account.files


async def test_several_kept_are_counted(world: World) -> None:
    account = await world.log_in()
    links = " ".join(account.add_file(f"{number}").url for number in range(2))
    question = await world.tell(f"/delete {links}")
    await world.press("Keep")
    assert question.text == "Nothing deleted. All 2 files are still there."


async def test_a_reply_deletes_what_the_message_links_to(world: World) -> None:
    account = await world.log_in()
    file = account.add_file("a.txt")
    post = world.person.say(f"Look at {file.url}")
    await world.handle()
    question = await world.tell("/delete", reply_to=post)
    assert question.text.startswith("🗑 Delete a.txt?")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        pytest.param(
            "/delete",
            "Reply to a message that has a link with /delete, or choose the file in /list.",
            id="nothing",
        ),
        pytest.param(
            "/delete some garbage <b>",
            "⚠️ I see no 1fichier link in that.\n"
            "Reply to a message that has a link with /delete, or choose the file in /list.",
            id="garbage",
        ),
        pytest.param(
            "/delete https://example.org/?abcdef1234",
            "⚠️ I see no 1fichier link in that.\n"
            "Reply to a message that has a link with /delete, or choose the file in /list.",
            id="another site",
        ),
    ],
)
async def test_without_a_link_it_is_told_how(world: World, said: str, answer: str) -> None:
    await world.log_in()
    assert (await world.tell(said)).text == answer


async def test_foreign_and_dead_links_are_not_asked_about(world: World) -> None:
    account = await world.log_in()
    theirs = world.fichier.add_account().add_file("theirs.txt")
    answer = await world.tell(f"/delete {theirs.url} {GONE}")
    assert answer.html.splitlines() == [
        "⚠️ Nothing to delete.",
        "Not deleted: <b>theirs.txt</b>, it is not in your account.",
        f"Not deleted: {GONE}, it is no longer on 1fichier.",
    ]
    assert not answer.buttons
    mine = account.add_file("mine.txt")
    question = await world.tell(f"/delete {theirs.url} {mine.url}")
    assert question.text.splitlines()[0] == "🗑 Delete mine.txt?"
    assert question.text.splitlines()[-1] == "Not deleted: theirs.txt, it is not in your account."


async def test_60_links_are_too_many(world: World) -> None:
    account = await world.log_in()
    links = "\n".join(account.add_file(f"{number}").url for number in range(60))
    answer = await world.tell(f"/delete {links}")
    assert answer.text == (
        f"⚠️ That’s 60 links, and I delete {MOST_LINKS} at most at once.\n"
        "Nothing was deleted. Send them in parts."
    )
    assert len(account.files) == 60


async def test_what_could_not_be_deleted_is_told_with_the_reason(world: World) -> None:
    account = await world.log_in()
    files = [account.add_file(f"{number}.txt") for number in range(2)]
    question = await world.tell(f"/delete {files[0].url} {files[1].url}")
    other = world.fichier.add_account()
    other.files[files[1].id] = account.files.pop(files[1].id)
    await world.press("Delete")
    assert question.html.splitlines() == [
        "⚠️ 1 of 2 files deleted.",
        "Not deleted: <b>1.txt</b>, it is not in your account.",
    ]


async def test_a_refusal_is_quoted(world: World) -> None:
    account = await world.log_in()
    file = account.add_file("a.txt")
    question = await world.tell(f"/delete {file.url}")
    world.fichier.faults.add("file/rm.cgi", "ko", text="Suppression <impossible>")
    await world.press("Delete")
    assert question.html.splitlines() == [
        "⚠️ Nothing was deleted.",
        "Not deleted: <b>a.txt</b>, 1fichier said “Suppression &lt;impossible&gt;”.",
    ]
    assert names(account) == {"a.txt"}


async def test_during_a_pause_nothing_is_deleted_and_the_button_stays(world: World) -> None:
    account = await world.log_in()
    file = account.add_file("a.txt")
    question = await world.tell(f"/delete {file.url}")
    world.fichier.faults.add("file/rm.cgi", "flood")
    await world.press("Delete")
    assert last(world).text.splitlines() == [
        "⏸ I can ask 1fichier again at about 12:05 (UTC).",
        "Nothing was changed. Try again then.",
    ]
    await world.clock.advance(301)
    await world.press("Delete", question)
    assert question.text == "✅ Deleted: a.txt"


async def test_a_file_is_deleted_from_its_card_and_from_the_list(world: World) -> None:
    account = await world.log_in()
    account.add_file("a.txt")
    answer = await world.tell("/list")
    await world.press("1")
    await world.press("Delete")
    assert answer.text.startswith("🗑 Delete a.txt?")
    await world.press("Keep")
    assert answer.has_button("Back")
    await world.press("Delete")
    await world.press("Delete")
    assert answer.text == "✅ Deleted: a.txt"
    assert (await world.tell("/list")).text.startswith("📁 Main folder is empty.")


async def test_a_card_whose_file_is_gone_says_so(world: World) -> None:
    account = await world.log_in()
    file = account.add_file("a.txt")
    other = world.fichier.add_account()
    card = await world.tell(file.url)
    button = card.button("Delete")
    await world.services.people.store_key(world.person.id, other.key or "", world.clock.now())
    await world.database.execute("DELETE FROM file", {})
    press = world.person.press(button, card)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "It is not in your account."
    account.files.clear()
    assert await world.press("Delete", card) == "This file is no longer on 1fichier."
    assert card.text == "⚠️ This file is no longer on 1fichier."


async def test_without_a_key_nothing_is_deleted(world: World) -> None:
    assert (await world.tell(f"/delete {GONE}")).text.startswith("🔑 I need your key for that.")
