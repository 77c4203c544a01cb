"""Inline mode on the page: what the bot finds is offered, and what is picked is posted."""

import asyncio
from typing import Any

from emulators.page.demo import Demo
from emulators.page.searches import KEPT, Searches
from tests.emulators.botapi.calling import Caller
from tests.emulators.page.conftest import ADA, BO, CHANNEL, GROUP, Page, told

IN_GROUP = f"people/{ADA}/chats/{GROUP}"


def article(name: str) -> dict[str, Any]:
    return {
        "type": "article",
        "id": name,
        "title": f"{name}.mp4",
        "description": "1 MB",
        "input_message_content": {"message_text": f"<b>{name}</b>", "parse_mode": "HTML"},
        "reply_markup": {"inline_keyboard": [[{"text": "Copy link", "copy_text": {"text": name}}]]},
    }


def queries(shown: Demo) -> list[dict[str, Any]]:
    return [update["inline_query"] for update in shown.api.updates.pending if "inline_query" in update]


async def asked(shown: Demo) -> dict[str, Any]:
    """The inline query that the bot has to answer."""
    return (await shown.api.updates.changes.until(lambda: queries(shown), 5))[-1]


async def found(page: Page, shown: Demo, bot: Caller, *names: str, path: str = IN_GROUP, **more: Any) -> Any:
    """What the page is told when it asks and the bot finds these."""
    answer = asyncio.create_task(page.post(f"{path}/inline", text="holi"))
    query = await asked(shown)
    results = [article(name) for name in names]
    await bot("answerInlineQuery", inline_query_id=query["id"], results=results, **more)
    return await answer


async def test_what_the_bot_finds_is_told_to_whoever_asked(page: Page, shown: Demo, bot: Caller) -> None:
    button = {"text": "As of 12:00", "start_parameter": "list"}

    answer = await found(page, shown, bot, "a", "b", button=button, next_offset="20")

    query = await asked(shown)
    assert (query["from"]["id"], query["query"], query["offset"]) == (ADA, "holi", "")
    assert query["chat_type"] == "supergroup"
    assert answer["answer"] == {
        "results": [
            {"id": "a", "title": "a.mp4", "description": "1 MB"},
            {"id": "b", "title": "b.mp4", "description": "1 MB"},
        ],
        "button": button,
        "next_offset": "20",
    }


async def test_more_is_asked_for_by_the_offset(page: Page, shown: Demo, bot: Caller) -> None:
    answer = asyncio.create_task(page.post(f"{IN_GROUP}/inline", text="holi", offset="20"))
    query = await asked(shown)
    assert query["offset"] == "20"
    await bot("answerInlineQuery", inline_query_id=query["id"], results=[])
    assert (await answer)["answer"] == {"results": [], "button": None, "next_offset": ""}


async def test_what_telegram_remembers_is_told_without_the_bot(page: Page, shown: Demo, bot: Caller) -> None:
    first = await found(page, shown, bot, "a", cache_time=300, is_personal=True)

    again = await page.post(f"people/{ADA}/chats/{ADA}/inline", text="holi")

    assert again["answer"] == first["answer"]
    assert len(queries(shown)) == 1


async def test_without_an_answer_there_is_none(page: Page, shown: Demo) -> None:
    shown.searches = Searches(patience=0.01)

    assert (await page.post(f"{IN_GROUP}/inline", text="x"))["answer"] is None


async def test_what_is_picked_is_posted_by_the_person_via_the_bot(
    page: Page, shown: Demo, bot: Caller
) -> None:
    (before,) = await page.say(BO, GROUP, "Where is it?")
    search = (await found(page, shown, bot, "a"))["search"]

    answer = await page.post(f"{IN_GROUP}/picks", search=search, result="a", reply_to=before["id"])

    (message,) = answer["messages"]
    assert message in (await page.state())["messages"]
    assert (message["text"], message["sender"]["name"], message["via"], message["bot"]) == (
        "a",
        "Ada",
        "onefichier_test_bot",
        False,
    )
    assert message["reply_to"] == before["id"]
    assert message["buttons"][0][0]["value"] == "a"
    assert before["via"] is None
    chosen = next(each for each in shown.api.updates.pending if "chosen_inline_result" in each)
    assert chosen["chosen_inline_result"]["result_id"] == "a"
    assert [each["via_bot"]["username"] for each in told(shown)] == ["onefichier_test_bot"]


async def test_only_what_one_has_found_oneself_can_be_picked(page: Page, shown: Demo, bot: Caller) -> None:
    search = (await found(page, shown, bot, "a"))["search"]

    for path, body in (
        (f"people/{BO}/chats/{GROUP}", {"search": search, "result": "a"}),
        (IN_GROUP, {"search": search, "result": "b"}),
        (IN_GROUP, {"search": "1", "result": "a"}),
        (IN_GROUP, {"search": search, "result": "a", "reply_to": 99}),
    ):
        status, _ = await page.refused(f"{path}/picks", **body)
        assert status == 404
    assert shown.scene.chats[GROUP].messages == []


async def test_a_search_of_long_ago_is_forgotten(page: Page, shown: Demo, bot: Caller) -> None:
    search = (await found(page, shown, bot, "a"))["search"]
    for _ in range(KEPT):
        await page.post(f"{IN_GROUP}/inline", text="holi")

    assert await page.refused(f"{IN_GROUP}/picks", search=search, result="a") == (
        404,
        f"there is no search '{search}'",
    )


async def test_where_nobody_writes_or_the_bot_has_no_inline_mode_nothing_is_asked(
    page: Page, shown: Demo
) -> None:
    status, _ = await page.refused(f"people/{ADA}/chats/{CHANNEL}/inline", text="x")
    assert status == 403
    status, _ = await page.refused(f"{IN_GROUP}/inline", text="x" * 257)
    assert status == 400
    assert (await page.state())["bot"]["inline"] is True
    shown.api.inline_mode = False
    assert (await page.state())["bot"]["inline"] is False
    assert await page.refused(f"{IN_GROUP}/inline", text="x") == (
        403,
        "the bot cannot be called from other chats",
    )
    assert queries(shown) == []


async def test_buttons_that_lead_to_inline_mode_say_where_and_what(page: Page, bot: Caller) -> None:
    keyboard = {
        "inline_keyboard": [
            [{"text": "Share", "switch_inline_query": "a"}],
            [{"text": "Here", "switch_inline_query_current_chat": ""}],
            [
                {
                    "text": "Friends",
                    "switch_inline_query_chosen_chat": {"query": "b", "allow_group_chats": True},
                }
            ],
            [{"text": "Anybody", "switch_inline_query_chosen_chat": {"allow_user_chats": True}}],
        ]
    }
    await bot("sendMessage", chat_id=GROUP, text="x", reply_markup=keyboard)

    (message,) = [each for each in (await page.state())["messages"] if each["chat"] == GROUP]

    assert [row[0]["value"] for row in message["buttons"]] == [
        "a",
        "",
        {"query": "b", "kinds": ["group"]},
        {"query": "", "kinds": []},
    ]
