"""The key: taken out of the chat first, then checked, then kept."""

from datetime import timedelta

import pytest

from emulators.botapi import SeenMessage
from emulators.user import Group, Person
from handlers.login import ASKED_FOR
from storage import Account, IncomingFile
from tests.handlers.world import KEY, World

ACCEPTED = "✅ Your key works. I’ve deleted your message."
REFUSED = "⚠️ 1fichier doesn’t accept this key. I’ve kept nothing.\nCopy the whole key again and send /login"
NO_KEY = "⚠️ That isn’t an API key. I’ve kept nothing.\nCopy the whole key again and send /login"
SHOWN = "⚠️ I couldn’t delete your message: please delete it yourself, it shows your key."


async def account_of(world: World) -> Account | None:
    return await world.services.people.account_in_use(world.person.id)


async def test_login_asks_and_the_next_message_is_the_key(world: World) -> None:
    world.fichier.add_account(KEY)
    question = await world.tell("/login")
    assert question.text.startswith("🔑 Send me your API key in your next message.")
    assert "https://1fichier.com/console/params.pl" in question.text
    assert question.force_reply is not None
    assert question.force_reply["input_field_placeholder"] == "Paste your key"
    message = world.person.say(KEY)
    await world.handle()
    assert message.deleted
    answer = world.person.chat.last
    assert answer.text.startswith(ACCEPTED)
    assert "Send or forward me a file, up to 20 MB: you’ll get its link here." in answer.text
    assert "New files go to 📁 <b>Main folder</b>" in answer.html
    assert answer.silent
    account = await account_of(world)
    assert account is not None
    assert world.services.people.key(account) == KEY


@pytest.mark.parametrize("said", [f"/login {KEY}", f"/login   {KEY}  ", f"/login\n{KEY}\n"])
async def test_a_key_behind_the_command_is_taken_at_once(world: World, said: str) -> None:
    world.fichier.add_account(KEY)
    message = world.person.say(said)
    await world.handle()
    assert message.deleted
    assert world.person.chat.last.text.startswith(ACCEPTED)


@pytest.mark.parametrize("said", [f"  {KEY}  ", f"\n{KEY}\n"], ids=["spaces", "lines"])
async def test_space_around_a_key_is_none_of_it(world: World, said: str) -> None:
    world.fichier.add_account(KEY)
    await world.tell("/login")
    assert (await world.tell(said)).text.startswith(ACCEPTED)


async def test_the_offer_follows_by_edit(world: World) -> None:
    world.fichier.add_account(KEY)
    answer = await world.tell(f"/login {KEY}")
    assert answer.text.endswith("Premium until 31 January 2027")
    assert [edit.text for edit in answer.edits] == [
        answer.text.removesuffix("\nPremium until 31 January 2027")
    ]


async def test_nobody_waits_for_the_offer(world: World) -> None:
    world.fichier.add_account(KEY)
    world.fichier.faults.add("user/info.cgi", "status", status=503, times=None)
    answer = await world.tell(f"/login {KEY}")
    assert answer.text.startswith(ACCEPTED)
    assert answer.edits == []


async def test_nobody_waits_for_the_turn_of_the_offer(world: World) -> None:
    bo = Person(world.api, user_id=43, first_name="Bo")
    await world.log_in(bo)
    account = await world.services.people.account_in_use(bo.id)
    assert account is not None
    await world.services.files.account_info(account)
    await world.clock.advance(57)
    world.fichier.add_account(KEY)
    before = world.clock.elapsed

    answer = await world.tell(f"/login {KEY}")

    assert answer.text.startswith(ACCEPTED)
    assert answer.edits == []
    assert world.clock.elapsed - before <= 1


async def test_the_check_is_a_cheap_call(world: World) -> None:
    world.fichier.add_account(KEY)
    await world.tell(f"/login {KEY}")
    assert next(iter(world.fichier.calls)).endpoint == "folder/ls.cgi"


async def test_the_message_with_the_key_goes_before_the_key_is_checked(world: World) -> None:
    world.fichier.add_account(KEY)
    world.fichier.faults.add("folder/ls.cgi", "cut", times=None)
    message = world.person.say(f"/login {KEY}")
    await world.handle()
    assert message.deleted
    assert world.person.chat.last.text == (
        "⚠️ 1fichier can’t be reached, so I couldn’t check the key. I’ve kept nothing and deleted your message.\n"
        "Send /login again in a few minutes."
    )
    assert await account_of(world) is None


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        pytest.param("AnotherKey0123456789abcdefABCDEF", REFUSED, id="wrong"),
        pytest.param("short", REFUSED, id="short"),
        pytest.param("two words", NO_KEY, id="words"),
        pytest.param("clé", NO_KEY, id="letters-that-no-header-holds"),
        pytest.param("k" * 4_000, NO_KEY, id="very-long"),
    ],
)
async def test_a_wrong_key_is_refused_and_nothing_is_kept(world: World, key: str, answer: str) -> None:
    world.fichier.add_account(KEY)
    await world.tell("/login")
    message = world.person.say(key)
    await world.handle()
    assert message.deleted
    assert world.person.chat.last.text == answer
    assert await account_of(world) is None


async def test_a_key_of_10_kb_comes_in_pieces_and_is_refused_whole(world: World) -> None:
    """Telegram's clients cut a text at 4,096 characters; the first piece answers the question, the rest is only text."""
    await world.tell("/login")
    pieces = [world.person.say("k" * 4_096), world.person.say("k" * 4_096), world.person.say("k" * 2_048)]
    await world.handle()
    assert pieces[0].deleted
    assert world.person.chat.from_bot[1].text == NO_KEY
    assert await account_of(world) is None


async def test_a_revoked_key_is_refused(world: World) -> None:
    account = world.fichier.add_account(KEY)
    world.fichier.revoke_key(account)
    assert (await world.tell(f"/login {KEY}")).text == REFUSED


async def test_a_locked_account_is_told_apart(world: World) -> None:
    world.fichier.lock_account(world.fichier.add_account(KEY))
    answer = await world.tell(f"/login {KEY}")
    assert answer.text == (
        "⚠️ 1fichier refuses this key: it is wrong, or your account is locked. I’ve kept nothing.\n"
        "Log in on 1fichier’s site to see which, then send /login"
    )
    assert await account_of(world) is None


async def test_a_refusal_of_another_kind_is_quoted(world: World) -> None:
    world.fichier.add_account(KEY)
    world.fichier.faults.add("folder/ls.cgi", "ko", text="Compte <suspendu>")
    answer = await world.tell(f"/login {KEY}")
    assert answer.text == (
        "⚠️ 1fichier refused this key. I’ve kept nothing.\nIts reason: “Compte <suspendu>”."
    )


async def test_during_a_pause_the_key_is_not_kept_either(world: World) -> None:
    world.fichier.add_account(KEY)
    world.fichier.faults.add("folder/ls.cgi", "flood", times=1)
    answer = await world.tell(f"/login {KEY}")
    assert "I’ve kept nothing. Send /login again then." in answer.text
    assert answer.text.startswith("⏸ I can ask 1fichier again at about 12:05 (UTC).")
    assert await account_of(world) is None
    assert (await world.tell(f"/login {KEY}")).text == answer.text


async def test_after_a_wrong_key_the_old_one_still_serves(world: World) -> None:
    await world.log_in()
    before = await account_of(world)
    await world.tell("/login WrongKey")
    assert await account_of(world) == before


async def test_a_new_key_replaces_the_old_one(world: World) -> None:
    emulated = await world.log_in()
    new = world.fichier.rotate_key(emulated)
    await world.tell(f"/login {new}")
    account = await account_of(world)
    assert account is not None
    assert world.services.people.key(account) == new


@pytest.mark.parametrize(("files", "said"), [(1, "the file you sent"), (3, "the 3 files you sent")])
async def test_files_that_were_kept_start_with_the_key(world: World, files: int, said: str) -> None:
    world.fichier.add_account(KEY)
    await world.tell("/start")
    await keep_files(world, files)
    answer = await world.tell(f"/login {KEY}")
    assert f"I’m now uploading {said} before." in answer.text


async def keep_files(world: World, count: int) -> None:
    for number in range(count):
        file = IncomingFile(
            world.person.id, 500 + number, f"f{number}", f"u{number}", "document", "a", "a.bin", 5
        )
        await world.services.uploads.accept(world.person.id, file, sent_at=world.clock.now())


def undeletable(world: World, message: SeenMessage) -> None:
    world.api.faults.add(
        method="deleteMessage",
        status=400,
        description="Bad Request: message can't be deleted for everyone",
        chat_id=message.chat.id,
        times=None,
    )


@pytest.mark.parametrize("key", [KEY, "WrongKey"], ids=["accepted", "refused"])
async def test_a_message_that_stays_is_pointed_out_first(world: World, key: str) -> None:
    world.fichier.add_account(KEY)
    message = world.person.say(f"/login {key}")
    undeletable(world, message)
    await world.handle()
    assert not message.deleted
    answer = world.person.chat.last
    assert answer.text.startswith(SHOWN)
    assert "deleted your message" not in answer.text.removeprefix(SHOWN)


async def test_an_unreachable_service_does_not_hide_that_the_message_stays(world: World) -> None:
    world.fichier.add_account(KEY)
    world.fichier.faults.add("folder/ls.cgi", "cut", times=None)
    message = world.person.say(f"/login {KEY}")
    undeletable(world, message)
    await world.handle()
    assert world.person.chat.last.text == (
        f"{SHOWN}\n⚠️ 1fichier can’t be reached, so I couldn’t check the key. I’ve kept nothing.\n"
        "Send /login again in a few minutes."
    )


async def test_a_deletion_whose_answer_is_lost_is_tried_again(world: World) -> None:
    world.fichier.add_account(KEY)
    world.api.faults.add(method="deleteMessage", drop="after")
    answer = await world.tell(f"/login {KEY}")
    assert answer.text.startswith(ACCEPTED)


@pytest.mark.parametrize("status", [500, 429], ids=["no-answer", "slow-down"])
async def test_a_deletion_that_does_not_work_is_owned_up_to(world: World, status: int) -> None:
    world.fichier.add_account(KEY)
    wait = 5 if status == 429 else None
    world.api.faults.add(method="deleteMessage", times=None, status=status, retry_after=wait)
    assert (await world.tell(f"/login {KEY}")).text.startswith(SHOWN)


async def test_the_question_is_forgotten_after_ten_minutes(world: World) -> None:
    world.fichier.add_account("aShortKey")
    await world.tell("/login")
    await world.clock.advance(ASKED_FOR / timedelta(seconds=1))
    message = world.person.say("aShortKey")
    await world.handle()
    assert not message.deleted
    assert world.person.chat.last.text.startswith("I didn’t get that.")


async def test_the_question_is_answered_once(world: World) -> None:
    await world.tell("/login")
    await world.tell("wrong")
    assert (await world.tell("wrong")).text.startswith("I didn’t get that.")


async def test_a_forwarded_post_is_no_key(world: World) -> None:
    await world.tell("/login")
    post = world.person.forward("Some news", origin="channel")
    await world.handle()
    assert not post.deleted
    assert world.person.chat.last.text.startswith("I didn’t get that.")


async def test_a_key_that_nobody_asked_for_does_not_stay_in_the_chat(world: World) -> None:
    world.fichier.add_account(KEY)
    message = world.person.say(KEY)
    await world.handle()
    assert message.deleted
    assert world.person.chat.last.text.startswith(ACCEPTED)


@pytest.mark.parametrize("said", [f"/login {KEY}", f"/login@onefichier_test_bot {KEY}"])
async def test_in_a_group_a_key_is_refused_and_deleted(world: World, said: str) -> None:
    world.fichier.add_account(KEY)
    group = Group(world.api, -500, "Friends", [world.person], bot_is_admin=True)
    message = world.person.in_group(group).say(said)
    await world.handle()
    assert message.deleted
    answer = group.chat.last
    assert answer.text == (
        "⚠️ Not here: others may have seen your key.\n"
        "Make a new one on 1fichier’s page, then send it to me in private."
    )
    assert answer.button("New key").url == "https://1fichier.com/console/params.pl"
    assert answer.button("Write to me").url == "https://t.me/onefichier_test_bot?start=login"
    assert await account_of(world) is None
    assert len(world.fichier.calls) == 0


async def test_in_a_group_where_it_may_not_delete_it_says_so(world: World) -> None:
    group = Group(world.api, -500, "Friends", [world.person])
    message = world.person.in_group(group).say(f"/login {KEY}")
    await world.handle()
    assert not message.deleted
    assert group.chat.last.text.startswith(SHOWN)


async def test_in_a_group_the_way_into_private_is_a_button_that_asks_at_once(world: World) -> None:
    group = Group(world.api, -500, "Friends", [world.person])
    world.person.in_group(group).say("/login")
    await world.handle()
    assert group.chat.last.text == "🔑 Not here: send me your key in private."
    assert (await world.tell("/start login")).text.startswith("🔑 Send me your API key")


async def test_a_login_that_is_handled_again_after_a_crash_says_the_same(world: World) -> None:
    world.fichier.add_account(KEY)
    first = await world.tell(f"/login {KEY}")
    raw = next(update for update in world.api.updates.produced if "message" in update)
    world.api.push_raw(raw)
    await world.handle()
    assert world.person.chat.last.text == first.text
