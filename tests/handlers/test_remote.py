import pytest

from emulators.onefichier import Failed, Fetched
from handlers.url_lists import MOST_URLS
from tests.handlers.flow import everything_running, noted, pass_time, telling, until
from tests.handlers.world import World


async def remotes(world: World) -> list[str]:
    found = await world.services.remotes_store.active_of(world.person.id)
    return [world.services.remotes_store.url(each) for each in found]


async def test_links_behind_the_command_are_fetched_and_told(world: World) -> None:
    account = await world.log_in()
    world.fichier.remote_results["https://example.org/a.iso"] = Fetched("a.iso", b"x" * 2_000)
    world.fichier.remote_results["https://example.org/b.iso"] = Failed("404 Not Found")
    said = world.person.say("/remote https://example.org/a.iso\nhttps://example.org/b.iso")
    await world.handle()
    async with everything_running(world):
        status = await world.person.chat.wait_for("⏳")
        assert status.text.splitlines() == [
            "⏳ 1fichier is fetching 2 links for you",
            "example.org/a.iso",
            "example.org/b.iso",
            "I’ll tell you when it’s done. You can close Telegram.",
        ]
        result = await world.person.chat.wait_for("links fetched")
        await world.person.chat.wait_until(lambda _: status.deleted)
    (file,) = account.files.values()
    assert result.html.splitlines() == [
        "⚠️ 1 of 2 links fetched",
        "<b>a.iso</b> · 2 kB",
        file.url,
        "",
        "Not fetched: example.org/b.iso, its server didn’t hand it out. Its reason: “404 Not Found”.",
    ]
    assert result.reply_to is said
    assert world.person.chat.notifications == [result]


async def test_credentials_are_used_and_never_shown(world: World) -> None:
    await world.log_in()
    async with telling(world):
        world.person.say("/remote https://ada:s3cret@example.org/a.iso?token=t0ken")
        await world.handle()
        await until(world, lambda: world.person.chat.from_bot)
    assert await remotes(world) == ["https://ada:s3cret@example.org/a.iso?token=t0ken"]
    assert all("s3cret" not in each.html and "t0ken" not in each.html for each in world.person.chat.from_bot)


async def test_without_a_link_the_command_tells_how_it_is_used(world: World) -> None:
    answer = await world.tell("/remote")
    assert answer.html.splitlines()[:2] == [
        "Send /remote and the link, or several:",
        "<code>/remote https://example.org/a.iso</code>",
    ]


async def test_without_a_key_nothing_is_fetched(world: World) -> None:
    assert (await world.tell("/remote https://example.org/a")).text.startswith("🔑 I need your key for that.")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        pytest.param("foo", "⚠️ That isn’t a link: foo", id="no link"),
        pytest.param("<b>", "⚠️ That isn’t a link: b", id="markup"),
        pytest.param(
            "magnet:?xt=urn:btih:1",
            "⚠️ 1fichier fetches only what begins with http://, https:// or ftp://, not magnet:",
            id="bad scheme",
        ),
        pytest.param(
            "https://api.telegram.org/file/bot123:SECRET/a.mp4",
            "⚠️ I don’t hand on addresses of api.telegram.org: they hold a bot’s secret."
            " Forward me the file itself.",
            id="a Telegram file",
        ),
        pytest.param(
            "https://t.me/c/1/2",
            "⚠️ I can’t open Telegram links. Forward me the message itself.\n"
            "If the channel doesn’t allow forwarding, bots can’t get the file.",
            id="a Telegram link",
        ),
        pytest.param(
            "https://1fichier.com/?abcdef1234",
            "⚠️ That is on 1fichier already. Send it alone to see its card: 1fichier.com",
            id="a 1fichier link",
        ),
    ],
)
async def test_what_cannot_be_fetched_is_answered_in_words(world: World, said: str, answer: str) -> None:
    await world.log_in()
    assert (await world.tell(f"/remote {said}")).text == answer
    assert await remotes(world) == []


async def test_a_link_too_long_is_shortened_in_the_answer(world: World) -> None:
    await world.log_in()
    answer = await world.tell("/remote https://example.org/" + "a" * 2_500)
    assert answer.text.startswith("⚠️ That link is too long: example.org/aaa")
    assert len(answer.text) < 100


async def test_good_links_among_bad_ones_are_fetched(world: World) -> None:
    await world.log_in()
    bad = " ".join(f"bad{number}" for number in range(13))
    answer = await world.tell(f"/remote {bad} https://example.org/a https://example.org/a")
    assert answer.text.splitlines()[-1] == "and 3 more"
    assert await remotes(world) == ["https://example.org/a"]


async def test_300_links_are_too_many_and_none_is_fetched(world: World) -> None:
    await world.log_in()
    answer = await world.tell("/remote " + "\n".join(f"http://e.org/{number}" for number in range(300)))
    assert answer.text == (
        f"⚠️ That’s 300 links, and I take {MOST_URLS} at most at once.\nNone was fetched. Send them in parts."
    )
    assert await remotes(world) == []
    answer = await world.tell("\n".join(f"http://e.org/{number}" for number in range(300)))
    assert answer.text.startswith("⚠️ That’s 300 links")


async def test_in_reply_to_a_post_its_links_are_fetched(world: World) -> None:
    await world.log_in()
    post = world.person.forward("Get it at https://example.org/a.iso today", origin="channel")
    await world.handle()
    await world.tell("/remote", reply_to=post)
    assert await remotes(world) == ["https://example.org/a.iso"]


async def test_the_same_command_handled_twice_is_fetched_once(world: World) -> None:
    await world.log_in()
    world.person.say("/remote https://example.org/a")
    raw = world.api.updates.pending[-1]
    await world.handle()
    world.api.updates.push("message", raw["message"])
    await world.handle()
    assert len(await remotes(world)) == 1


async def test_a_bare_link_is_asked_about(world: World) -> None:
    await world.log_in()
    question = await world.tell("https://ada:pw@example.org/b.iso?q=1")
    assert question.text == "❓ Fetch this link to your 1fichier?\nexample.org/b.iso"
    assert await remotes(world) == []
    async with telling(world):
        assert await world.press("Fetch") == ""
        await until(world, lambda: world.person.chat.matching("⏳ 1fichier is fetching 1 link"))
    assert question.deleted
    assert await remotes(world) == ["https://ada:pw@example.org/b.iso?q=1"]


async def test_links_in_a_forwarded_post_are_asked_about_and_may_be_left(world: World) -> None:
    await world.log_in()
    post = "\n".join(f"https://example.org/{number}" for number in range(12))
    world.person.forward(post, origin="channel")
    await world.handle()
    question = world.person.chat.last
    assert question.text.splitlines()[0] == "❓ Fetch these 12 links to your 1fichier?"
    assert question.text.splitlines()[-1] == "and 2 more"
    yes = question.button("Fetch")
    await world.press("No")
    assert question.text == "Nothing fetched."
    press = world.person.press(yes, question)
    await world.handle()
    assert press.answer is not None
    assert press.answer.text == "Already done."
    assert await remotes(world) == []


async def test_a_telegram_link_alone_is_answered(world: World) -> None:
    await world.log_in()
    assert "Forward me the message itself" in (await world.tell("https://t.me/some_channel/5")).text


async def test_words_with_a_dot_are_no_link(world: World) -> None:
    await world.log_in()
    assert (await world.tell("see example.org please")).text.startswith("I didn’t get that.")


async def test_without_a_key_a_bare_link_leads_to_login(world: World) -> None:
    assert "/login" in (await world.tell("https://example.org/a.iso")).text


async def test_whoever_does_not_want_to_hear_of_it_hears_nothing(world: World) -> None:
    await world.log_in()
    world.fichier.remotes.manual = True
    await world.tell("/remote https://example.org/a")
    async with everything_running(world):
        status = await world.person.chat.wait_for(lambda message: message.has_button("Don’t tell me"))
        assert "can’t stop" in await world.press("Don’t tell me", status)
        await world.person.chat.wait_for("1fichier goes on with it, and I’ll say no more about it.")
        (task,) = world.fichier.remotes.tasks.values()
        world.fichier.remotes.finish(task.id, [Fetched("a")])

        async def has_ended() -> bool:
            return await remotes(world) == []

        await noted(world, has_ended)
        await pass_time(world, 5)
    assert not world.person.chat.notifications
    assert not status.deleted


async def test_a_link_that_still_waits_can_be_cancelled(world: World) -> None:
    await world.log_in()
    await world.tell("/remote https://example.org/a")
    async with telling(world):
        await until(world, lambda: world.person.chat.matching("⏳"))
        assert await world.press("Cancel") == "Cancelled."
        await pass_time(world, 3)
        await until(world, lambda: world.person.chat.matching("Cancelled: 1 link was not fetched."))
    assert not world.person.chat.notifications
