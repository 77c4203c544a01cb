"""What is running, and stopping it."""

import asyncio
import re
from datetime import timedelta

import pytest

from emulators.user import Person
from handlers.buttons import Action, button, keyboard
from handlers.texts import Html
from storage import Account, IncomingFile, RemoteState, Transfer, TransferState, WantedUrl
from tests.handlers.world import World


async def keep(world: World, *names: str, person: Person | None = None) -> list[Transfer]:
    """Files that wait in the queue, sent by messages 500, 501 and so on."""
    owner = person or world.person
    await world.services.people.meet(owner.id, "en", world.clock.now())
    return [
        (
            await world.services.uploads.accept(
                owner.id,
                IncomingFile(owner.id, 500 + number, f"f{number}", f"u{number}", "document", name, name, 5),
                sent_at=world.clock.now(),
            )
        ).transfer
        for number, name in enumerate(names)
    ]


async def account_of(world: World) -> Account:
    account = await world.services.people.account_in_use(world.person.id)
    assert account is not None
    return account


async def wish(world: World, *shown: str, message_id: int = 700) -> list[int]:
    """URLs for 1fichier to fetch; the ids of their rows."""
    urls = [WantedUrl(f"https://{each}", each) for each in shown]
    batch, _ = await world.services.remotes.accept(await account_of(world), world.person.id, message_id, urls)
    return [each.id for each in await world.services.remotes_store.of_batch(batch.id)]


async def state_of(world: World, transfer: Transfer) -> TransferState:
    found = await world.services.transfers.find(transfer.id)
    assert found is not None
    return found.state


async def remote_state_of(world: World, remote_id: int) -> RemoteState:
    found = await world.services.remotes_store.find(remote_id)
    assert found is not None
    return found.state


async def test_nothing_runs(world: World) -> None:
    assert (await world.tell("/jobs")).text == "Nothing is running."


async def test_files_and_links_are_listed_with_their_buttons(world: World) -> None:
    await world.log_in()
    await keep(world, "Holiday <2026>.mp4", "Wedding.mkv")
    first, _ = await wish(world, "example.org/a.iso", "example.org/b.iso")
    await world.services.remotes_store.begin_requesting(first, world.clock.now())
    await world.services.remotes_store.note_fetching(first, 7)
    answer = await world.tell("/jobs")
    assert answer.html == (
        "⏳ 2 uploads, 2 links\n"
        "1. <b>Holiday &lt;2026&gt;.mp4</b> · next\n"
        "2. <b>Wedding.mkv</b> · 1 before it\n"
        "3. example.org/a.iso · 1fichier is fetching it, since 12:00 (UTC)\n"
        "4. example.org/b.iso · waits"
    )
    assert [[each.text for each in row] for row in answer.buttons] == [
        ["Cancel 1", "Cancel 2", "Cancel 3"],
        ["Cancel 4"],
    ]


@pytest.mark.parametrize(("files", "links", "heading"), [(1, 0, "⏳ 1 upload"), (0, 1, "⏳ 1 link")])
async def test_only_what_there_is_is_counted(world: World, files: int, links: int, heading: str) -> None:
    await world.log_in()
    await keep(world, *["a.bin"] * files)
    if links:
        await wish(world, "example.org/a.iso")
    assert (await world.tell("/jobs")).text.splitlines()[0] == heading


async def test_a_long_list_is_cut_and_the_rest_counted(world: World) -> None:
    await world.log_in()
    await keep(world, *(f"{number}.bin" for number in range(15)))
    await wish(world, "example.org/a.iso")
    answer = await world.tell("/jobs")
    assert answer.text.splitlines()[-1] == "and 4 more"
    assert "12. 11.bin" in answer.text


async def test_how_far_a_file_is_stands_beside_it(world: World) -> None:
    await world.log_in()
    sending, asking, stopping = await keep(world, "a.bin", "b.bin", "c.bin")
    transfers = world.services.transfers
    for _ in range(3):
        await transfers.take_next(per_person=3, now=world.clock.now())
    await transfers.begin_sending(asking.id, node_url="node", upload_id="x")
    await transfers.begin_confirming(asking.id, checksum=None, now=world.clock.now())
    await transfers.cancel(stopping.id, world.person.id, world.clock.now())
    assert (await world.tell("/jobs")).text.splitlines()[1:] == [
        "1. a.bin · starting",
        "2. b.bin · uploaded, waiting for the link",
        "3. c.bin · being cancelled",
    ]
    assert await state_of(world, sending) is TransferState.FETCHING


async def test_a_running_file_shows_its_share_and_the_time_left(world: World) -> None:
    await world.log_in()
    world.api.faults.add_download(stall_after=900_000)
    async with world.uploads_running(), asyncio.timeout(10):
        world.person.send_file(name="a.bin", size=1_000_000)
        await world.handle()
        (transfer,) = await world.services.transfers.active_of(world.person.id)
        while not (progress := world.services.uploads.progress(transfer.id)) or not progress.sent:
            await world.clock.settle()
        await world.clock.advance(1)
        answer = await world.tell("/jobs")
    assert re.fullmatch(r"1\. a\.bin · \d+%, \d+ (s|min) left", answer.text.splitlines()[1])


async def test_without_a_key_they_wait_for_it(world: World) -> None:
    await keep(world, "a.bin")
    assert "🔑 They wait for your key: send /login" in (await world.tell("/jobs")).text


async def test_with_a_refused_key_they_wait_for_a_new_one(world: World) -> None:
    await world.log_in()
    await keep(world, "a.bin")
    await world.services.people.note_key_refused(await account_of(world), world.clock.now())
    assert "🔑 They wait for a new key" in (await world.tell("/jobs")).text


async def test_a_pause_is_named_with_its_end(world: World) -> None:
    await world.log_in()
    await keep(world, "a.bin")
    world.fichier.faults.add("folder/ls.cgi", "flood")
    await world.tell("/list")
    assert "⏸ Paused, goes on at about 12:05 (UTC)" in (await world.tell("/jobs")).text


async def test_a_button_cancels_its_file_and_shows_the_list_anew(world: World) -> None:
    await world.log_in()
    first, second = await keep(world, "a.bin", "b.bin")
    answer = await world.tell("/jobs")
    assert await world.press("Cancel 1") == "Cancelled."
    assert await state_of(world, first) is TransferState.CANCELLED
    assert await state_of(world, second) is TransferState.QUEUED
    assert answer.text == "⏳ 1 upload\n1. b.bin · next"


async def test_a_second_press_is_harmless(world: World) -> None:
    await world.log_in()
    await keep(world, "a.bin")
    cancel = (await world.tell("/jobs")).button("Cancel 1")
    for _ in range(2):
        press = world.person.press(cancel, world.person.chat.last)
        await world.handle()
        assert press.answer is not None
        assert press.answer.text == "Cancelled."
    assert world.person.chat.last.text == "Nothing is running."


async def test_a_list_that_was_deleted_still_cancels(world: World) -> None:
    await world.log_in()
    (transfer,) = await keep(world, "a.bin")
    answer = await world.tell("/jobs")
    cancel = answer.button("Cancel 1")
    world.person.delete(answer)
    world.person.press(cancel, answer)
    await world.handle()
    assert await state_of(world, transfer) is TransferState.CANCELLED


async def test_what_is_uploaded_already_is_said_to_be(world: World) -> None:
    await world.log_in()
    (transfer,) = await keep(world, "a.bin")
    await world.tell("/jobs")
    await world.services.transfers.end(transfer.id, TransferState.FAILED, now=world.clock.now())
    assert await world.press("Cancel 1") == "Too late, it’s already uploaded."


async def test_what_1fichier_may_have_is_deleted_when_it_appears(world: World) -> None:
    await world.log_in()
    (transfer,) = await keep(world, "a.bin")
    await world.services.transfers.take_next(per_person=1, now=world.clock.now())
    await world.services.transfers.begin_sending(transfer.id, node_url="node", upload_id="x")
    await world.services.transfers.begin_confirming(transfer.id, checksum=None, now=world.clock.now())
    await world.tell("/jobs")
    assert await world.press("Cancel 1") == "Too late to stop it: I’ll delete the file as soon as it appears."


async def test_a_waiting_link_is_cancelled_and_a_fetched_one_asked_about(world: World) -> None:
    await world.log_in()
    first, second = await wish(world, "example.org/a.iso", "example.org/b.iso")
    await world.services.remotes_store.begin_requesting(first, world.clock.now())
    await world.services.remotes_store.note_fetching(first, 7)
    await world.tell("/jobs")
    assert await world.press("Cancel 2") == "Cancelled."
    assert await remote_state_of(world, second) is RemoteState.CANCELLED
    assert await world.press("Cancel 1") == ""
    asked = world.person.chat.last
    assert asked.text == (
        "1fichier can’t stop a link once it is being fetched.\n"
        "I can delete the file as soon as it arrives, or just leave you in peace about it."
    )
    await world.press("Go on")
    assert asked.text.startswith("⏳ 1 link\n")
    await world.press("Cancel 1")
    assert await world.press("Don’t tell me") == "I won’t tell you about it any more."
    assert asked.text == "I won’t tell you about it any more."
    assert (await world.tell("/jobs")).text == "Nothing is running."
    assert await remote_state_of(world, first) is RemoteState.FETCHING


async def below(world: World, action: Action, row_id: int) -> None:
    """A message with a button, as a status message has one."""
    markup = keyboard([button("Stop", action, row_id)])
    await world.services.chats.send(world.person.id, Html("⏳"), keyboard=markup)


async def test_the_button_of_a_batch_cancels_all_of_it(world: World) -> None:
    await world.log_in()
    transfers = await keep(world, "a.bin", "b.bin")
    await below(world, Action.CANCEL_BATCH, transfers[0].batch_id)
    assert await world.press("Stop") == "Cancelled."
    assert [await state_of(world, each) for each in transfers] == [TransferState.CANCELLED] * 2
    assert await world.press("Stop") == "Already done."


async def test_the_button_of_a_batch_of_links_stops_all_of_it(world: World) -> None:
    await world.log_in()
    ids = await wish(world, "example.org/a.iso", "example.org/b.iso")
    remote = await world.services.remotes_store.find(ids[0])
    assert remote is not None
    await below(world, Action.CANCEL_BATCH, remote.batch_id)
    assert await world.press("Stop") == "Cancelled."
    assert [await remote_state_of(world, each) for each in ids] == [RemoteState.CANCELLED] * 2
    assert await world.press("Stop") == "Already done."


async def test_a_link_that_has_ended_is_done_already(world: World) -> None:
    await world.log_in()
    (remote_id,) = await wish(world, "example.org/a.iso")
    await world.services.remotes_store.end(remote_id, RemoteState.FAILED, now=world.clock.now())
    await below(world, Action.STOP_REMOTE, remote_id)
    assert await world.press("Stop") == "Already done."


@pytest.mark.parametrize("action", [Action.CANCEL_TRANSFER, Action.CANCEL_BATCH, Action.STOP_REMOTE])
async def test_what_is_somebody_elses_cannot_be_cancelled(world: World, action: Action) -> None:
    await world.log_in()
    (transfer,) = await keep(world, "a.bin")
    (remote_id,) = await wish(world, "example.org/a.iso")
    rows = {
        Action.CANCEL_TRANSFER: transfer.id,
        Action.CANCEL_BATCH: transfer.batch_id,
        Action.STOP_REMOTE: remote_id,
    }
    eve = world.somebody()
    eve.say("/start")
    await world.handle()
    markup = keyboard([button("Stop", action, rows[action])])
    await world.services.chats.send(eve.id, Html("⏳"), keyboard=markup)
    assert await world.press("Stop", by=eve) == "This button isn’t yours."
    assert await state_of(world, transfer) is TransferState.QUEUED
    assert await remote_state_of(world, remote_id) is RemoteState.WAITING


async def test_cancel_as_a_reply_to_a_file_cancels_it(world: World) -> None:
    await world.log_in()
    sent = world.person.send_file(name="a.bin", size=5)
    other = world.person.send_file(name="b.bin", size=5)
    await world.handle()
    assert (await world.tell("/cancel", reply_to=sent)).text == "Cancelled."
    states = {transfer.message_id: transfer.state for transfer in await world.services.transfers.of_batch(1)}
    assert states == {sent.id: TransferState.CANCELLED, other.id: TransferState.QUEUED}


async def test_cancel_as_a_reply_to_a_status_message_cancels_all_it_stands_for(world: World) -> None:
    await world.log_in()
    transfers = await keep(world, "a.bin", "b.bin")
    status = await world.services.chats.send(world.person.id, Html("⏳"))
    await world.services.batches.note_status_message(transfers[0].batch_id, status)
    shown = world.person.chat.find(status)
    assert (await world.tell("/cancel", reply_to=shown)).text == "Cancelled."
    assert [await state_of(world, each) for each in transfers] == [TransferState.CANCELLED] * 2


async def test_cancel_as_a_reply_to_urls_stops_them(world: World) -> None:
    await world.log_in()
    message = world.person.say("never mind")
    await world.handle()
    (remote_id,) = await wish(world, "example.org/a.iso", message_id=message.id)
    assert (await world.tell("/cancel", reply_to=message)).text == "Cancelled."
    assert await remote_state_of(world, remote_id) is RemoteState.CANCELLED


async def test_cancel_as_a_reply_to_anything_else_cancels_nothing(world: World) -> None:
    await world.log_in()
    (transfer,) = await keep(world, "a.bin")
    nothing = await world.tell("/jobs")
    assert (await world.tell("/cancel", reply_to=nothing)).text == (
        "Nothing to cancel. /jobs shows what is running."
    )
    assert await state_of(world, transfer) is TransferState.QUEUED


async def test_cancel_closes_the_question_for_the_key(world: World) -> None:
    await world.tell("/login")
    assert (await world.tell("/cancel")).text == "Cancelled."
    assert (await world.tell("not a key")).text.startswith("I didn’t get that.")


async def test_a_question_that_is_too_old_is_not_cancelled(world: World) -> None:
    await world.tell("/login")
    await world.clock.advance(timedelta(minutes=11).total_seconds())
    assert (await world.tell("/cancel")).text == "Nothing to cancel. /jobs shows what is running."
