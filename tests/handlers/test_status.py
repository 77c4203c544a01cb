from datetime import timedelta
from itertools import pairwise

import pytest

from emulators.botapi import SeenMessage
from handlers import StatusBoard
from handlers.status_text import (
    FINISHED_SHOWN,
    UploadStatus,
    progress_line,
    remote_buttons,
    remote_status,
    upload_buttons,
    upload_status,
)
from handlers.texts import texts_for
from storage import RemoteState, TransferState
from tests.clock import NOON
from tests.handlers.flow import (
    everything_running,
    in_background,
    noted,
    pass_time,
    telling,
    time_passing,
    until,
)
from tests.handlers.rows import a_batch, a_remote, a_transfer
from tests.handlers.world import World
from transfers import Progress

T = texts_for("en")
HALF = Progress(sent=600_000_000, total=1_400_000_000, speed=38_400_000.0, seconds_left=19.2)


def status(*transfers: object, **values: object) -> UploadStatus:
    return UploadStatus(batch=a_batch(), transfers=transfers, now=NOON, **values)  # type: ignore[arg-type]  # rows made up


@pytest.mark.parametrize(
    ("shown", "first_line"),
    [
        pytest.param(status(a_transfer()), "⏳ In the queue", id="next"),
        pytest.param(status(a_transfer(), before=2), "⏳ In the queue, 2 before it", id="queued"),
        pytest.param(
            status(a_transfer(state=TransferState.FETCHING)), "⏳ Getting it from Telegram", id="fetching"
        ),
        pytest.param(
            status(a_transfer(state=TransferState.SENDING)), "⏳ Uploading, 0%", id="sending, numbers unknown"
        ),
        pytest.param(
            status(a_transfer(state=TransferState.SENDING), progress={1: HALF}),
            "⏳ Uploading, 42%",
            id="sending",
        ),
        pytest.param(
            status(a_transfer(state=TransferState.CONFIRMING)),
            "⏳ Uploaded, waiting for the link",
            id="confirming",
        ),
        pytest.param(
            status(a_transfer(tries=1, not_before=NOON + timedelta(seconds=9))),
            "⏳ Connection lost, starting again (try 2 of 3)",
            id="another try",
        ),
        pytest.param(
            status(a_transfer(not_before=NOON + timedelta(minutes=95))),
            "⏸ Paused, goes on at about 13:35 (UTC)",
            id="the file's own pause",
        ),
        pytest.param(
            status(a_transfer(), paused_until=NOON + timedelta(minutes=95)),
            "⏸ Paused, goes on at about 13:35 (UTC)",
            id="the account's pause",
        ),
        pytest.param(
            status(a_transfer(not_before=NOON + timedelta(seconds=9)), without_room=frozenset({1})),
            "⏸ Waiting for room on this server",
            id="no room",
        ),
        pytest.param(status(a_transfer(account_id=None)), "🔑 Waiting for your key: /login", id="no key"),
        pytest.param(
            status(a_transfer(), key_refused=True), "🔑 Waiting for your key: /login", id="refused key"
        ),
        pytest.param(
            status(a_transfer(state=TransferState.CONFIRMING, cancelling=True)),
            "⏳ Cancelling: if 1fichier has it already, I delete it",
            id="cancelled late",
        ),
        pytest.param(status(a_transfer(state=TransferState.DONE)), "✅ Uploaded", id="done"),
    ],
)
def test_the_first_line_tells_the_phase(shown: UploadStatus, first_line: str) -> None:
    lines = upload_status(T, shown).splitlines()
    assert lines[:3] == [first_line, "<b>Holiday.mp4</b> · 1.4 GB", "📁 Main folder"]


def test_while_it_is_sent_the_last_line_has_the_numbers() -> None:
    shown = status(a_transfer(state=TransferState.SENDING), progress={1: HALF})
    assert upload_status(T, shown).splitlines()[-1] == "▓▓▓▓░░░░░░ 38 MB/s · 20 s left"


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (Progress(0, None, 0.0, None), None),
        (Progress(5, 10, 0.0, None), "▓▓▓▓▓░░░░░"),
        (Progress(5, 10, 2_000.0, None), "▓▓▓▓▓░░░░░ 2 kB/s"),
    ],
    ids=["nothing known", "no speed yet", "no end in sight"],
)
def test_only_numbers_that_are_known_are_shown(progress: Progress, line: str | None) -> None:
    assert progress_line(T, progress) == line


def test_several_files_are_shown_as_one_with_the_links_there_are() -> None:
    shown = status(
        a_transfer(id=1, state=TransferState.DONE, size=10**8, link="https://1fichier.com/?abcdef1234"),
        a_transfer(id=2, state=TransferState.SENDING, size=10**8, given_name="Archive.part05.rar"),
        a_transfer(id=3, state=TransferState.QUEUED, size=2 * 10**8),
        progress={2: Progress(6 * 10**7, 10**8, 24_000_000.0, 2.0)},
    )
    assert upload_status(T, shown).splitlines() == [
        "⏳ Uploading 3 files, 1 done · 400 MB",
        "Now: <b>Archive.part05.rar</b>",
        "▓▓▓▓░░░░░░ 24 MB/s · 10 s left",
        "📁 Main folder",
        "",
        "<b>Holiday.mp4</b>",
        "https://1fichier.com/?abcdef1234",
    ]


def test_several_files_of_unknown_size_have_no_bar() -> None:
    shown = status(
        a_transfer(id=1, state=TransferState.SENDING, size=None),
        a_transfer(id=2),
        progress={1: Progress(60, 100, 24.0, 2.0)},
    )
    assert upload_status(T, shown).splitlines() == [
        "⏳ Uploading 2 files",
        "Now: <b>Holiday.mp4</b>",
        "📁 Main folder",
    ]


@pytest.mark.parametrize(
    ("size", "amount"), [(1_000, "2 files · 2 kB"), (None, "2 files")], ids=["sizes known", "sizes unknown"]
)
def test_several_files_that_wait_say_for_what(size: int | None, amount: str) -> None:
    shown = status(a_transfer(id=1, size=size), a_transfer(id=2, size=size), key_refused=True)
    assert upload_status(T, shown).splitlines()[:2] == ["🔑 Waiting for your key: /login", amount]


def test_fifty_files_with_long_names_fit_one_message() -> None:
    done = [
        a_transfer(
            id=number,
            state=TransferState.DONE,
            given_name="<" * 300,
            stored_name="&" * 250,
            link=f"https://1fichier.com/?{number:020}",
        )
        for number in range(49)
    ]
    text = upload_status(T, status(*done, a_transfer(id=50)))
    assert len(text.encode("utf-16-le")) // 2 < 4_000 * 2
    assert f"{49 - FINISHED_SHOWN} more before these" in text
    assert f"{48:020}" in text
    assert f"{38:020}" not in text


def test_one_file_has_its_own_cancel_button_and_several_have_one_for_all() -> None:
    one = upload_buttons(T, status(a_transfer(id=7)))
    assert one is not None
    assert (one.inline_keyboard[0][0].text, one.inline_keyboard[0][0].callback_data) == ("Cancel", "x:t:7")
    several = upload_buttons(T, status(a_transfer(id=7), a_transfer(id=8, state=TransferState.CANCELLED)))
    assert several is not None
    assert (several.inline_keyboard[0][0].text, several.inline_keyboard[0][0].callback_data) == (
        "Cancel all",
        "x:b:1",
    )
    assert upload_buttons(T, status(a_transfer(cancelling=True))) is None


def test_links_under_way_are_named_without_their_secrets() -> None:
    remotes = [a_remote(id=1), a_remote(id=2, shown_url="example.org/b<b>.iso")]
    assert remote_status(T, remotes).splitlines() == [
        "⏳ 1fichier is fetching 2 links for you",
        "example.org/a.iso",
        "example.org/b&lt;b&gt;.iso",
        "I’ll tell you when it’s done. You can close Telegram.",
    ]


def test_of_many_links_some_are_named_and_the_ended_are_counted() -> None:
    remotes = [a_remote(id=number) for number in range(12)] + [a_remote(id=99, state=RemoteState.DONE)]
    text = remote_status(T, remotes)
    assert "and 2 more" in text
    assert "1 has ended." in text
    markup = remote_buttons(T, remotes)
    assert markup is not None
    ((cancel,),) = markup.inline_keyboard
    assert (cancel.text, cancel.callback_data) == ("Cancel all", "x:b:1")
    assert remote_buttons(T, remotes[-1:]) is None


@pytest.mark.parametrize(
    ("state", "words"),
    [(RemoteState.WAITING, ["Cancel"]), (RemoteState.FETCHING, ["Delete on arrival", "Don’t tell me"])],
)
def test_a_single_link_has_the_buttons_that_fit(state: RemoteState, words: list[str]) -> None:
    markup = remote_buttons(T, [a_remote(state=state)])
    assert markup is not None
    (row,) = markup.inline_keyboard
    assert [each.text for each in row] == words


async def sent(world: World, name: str = "a.bin", size: int = 2_000_000) -> None:
    world.person.send_file(name=name, size=size)
    await world.handle()


async def status_message(world: World) -> SeenMessage:
    await until(world, lambda: world.person.chat.matching("⏳"))
    found = world.person.chat.matching("⏳")
    assert found is not None

    async def is_noted() -> bool:
        batch = await world.services.batches.find(1)
        return batch is not None and batch.status_message_id is not None

    await noted(world, is_noted)
    return found


async def test_an_upload_ends_with_its_status_message_deleted_and_one_sound(world: World) -> None:
    await world.log_in()
    await sent(world)
    async with everything_running(world):
        result = await world.person.chat.wait_for("✅")
        await world.person.chat.wait_until(lambda chat: chat.visible[-1] is result and len(chat.visible) == 2)
    assert world.person.chat.notifications == [result]


async def test_progress_is_edited_at_most_every_three_seconds(world: World) -> None:
    await world.log_in()
    world.api.faults.add_download(bytes_per_second=2_000_000)
    await sent(world, size=1_500_000)
    services = world.services
    async with telling(world), in_background(services.uploads.run(), time_passing(world)):
        await world.person.chat.wait_for(lambda message: "Uploading" in message.text and "MB" in message.text)
        await world.person.chat.wait_for("✅", timeout=20)
    (status,) = [each for each in world.person.chat.from_bot if "⏳" in each.text]
    times = [edit.edited_at for edit in status.edits]
    assert len(times) > 1
    assert all(later - earlier >= timedelta(seconds=3) for earlier, later in pairwise(times))
    assert len({edit.text for edit in status.edits} | {status.text}) == len(status.edits) + 1


async def test_a_status_that_has_not_changed_is_not_sent_again(world: World) -> None:
    await world.log_in()
    await sent(world)
    async with telling(world):
        await status_message(world)
        before = len(world.api.transcript)
        for _ in range(3):
            world.services.wakeups.batch_changed(1)
            await pass_time(world, 5)
        assert len(world.api.transcript) == before


async def test_nothing_is_said_while_telegram_wants_a_rest(world: World) -> None:
    await world.log_in()
    await sent(world)
    world.api.faults.add(method="sendMessage", status=429, retry_after=20)
    async with telling(world):
        await until(world, lambda: world.api.transcript and world.api.transcript[-1].status == 429)
        await pass_time(world, 10)
        assert not world.person.chat.from_bot
        await pass_time(world, 10)
        await until(world, lambda: world.person.chat.from_bot)
    assert len(world.person.chat.from_bot) == 1


async def test_a_status_message_that_its_reader_deleted_does_not_come_back(world: World) -> None:
    await world.log_in()
    await sent(world)
    async with telling(world):
        first = await status_message(world)
        world.person.delete(first)
        await sent(world, "b.bin")
        await pass_time(world, 10)
    assert world.person.chat.from_bot == [first]


async def test_places_in_the_queue_are_brought_up_to_date(world: World) -> None:
    await world.log_in()
    await sent(world, "a.bin")
    await world.clock.advance(10)
    await sent(world, "b.bin")
    async with telling(world):
        await pass_time(world, 1)
        await until(world, lambda: world.person.chat.matching("1 before it"))
        await world.services.uploads.cancel(1, world.person.id)
        await pass_time(world, 31)
        await until(world, lambda: not world.person.chat.matching("1 before it"))


async def test_an_edit_that_telegram_failed_to_take_is_made_up_for(world: World) -> None:
    await world.log_in()
    world.person.say("/remote https://example.org/a.iso https://example.org/b.iso")
    await world.handle()
    async with telling(world):
        status = await status_message(world)
        world.api.faults.add(method="editMessageText", status=502)
        await world.services.remotes.stop(1, world.person.id)
        await until(world, lambda: world.api.transcript[-1].status == 502)
        assert "2 links" in status.text
        await pass_time(world, 31)
        await until(world, lambda: "2 links" not in status.text)


async def test_links_on_their_way_are_looked_at_when_something_happens_and_now_and_then(world: World) -> None:
    await world.log_in()
    world.person.say("/remote https://example.org/a.iso")
    await world.handle()
    async with telling(world):
        status = await status_message(world)
        await world.tell("/settings")
        await world.press("Language")
        await world.press("français")
        await pass_time(world, 31)
        assert "1fichier is fetching" in status.text
        await pass_time(world, 600)
        await until(world, lambda: "1fichier is fetching" not in status.text)


async def test_after_a_restart_a_status_left_over_is_deleted(world: World) -> None:
    await world.log_in()
    await sent(world)
    services = world.services
    async with telling(world):
        left = await status_message(world)
    await services.uploads.cancel(1, world.person.id)
    (fact,) = await services.outbox.due(world.clock.now() + timedelta(seconds=9), 9)
    await services.outbox.told(fact, world.clock.now())
    services.wakeups.changed.clear()

    async def is_clean() -> bool:
        return await services.batches.left_over() == []

    async with telling(world):
        await noted(world, is_clean)
    assert left.deleted


async def test_a_person_out_of_reach_does_not_stop_the_others(world: World) -> None:
    await world.log_in()
    await sent(world)
    world.person.block()
    eve = world.somebody()
    await world.log_in(eve)
    eve.send_file(name="eve.bin", size=10)
    await world.handle()
    async with telling(world):
        await until(world, lambda: eve.chat.matching("eve.bin"))
    assert not world.person.chat.from_bot


@pytest.mark.parametrize("status_code", [400, 502], ids=["refused", "unclear"])
async def test_a_status_that_telegram_does_not_take_is_left_alone(world: World, status_code: int) -> None:
    await world.log_in()
    await sent(world)
    world.api.faults.add(method="sendMessage", status=status_code)
    async with telling(world):
        await until(world, lambda: world.api.transcript and world.api.transcript[-1].status == status_code)
        await sent(world, "b.bin")
        await pass_time(world, 4)
        await until(world, lambda: world.person.chat.matching("2 files"))


async def test_what_is_forgotten_meanwhile_is_not_shown(world: World) -> None:
    await world.log_in()
    await sent(world)
    await world.services.accounts.log_out(world.person.id)
    async with telling(world):
        await pass_time(world, 1)
    assert not world.person.chat.from_bot


async def test_what_breaks_in_one_status_does_not_stop_the_others(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.log_in()
    await sent(world)
    # A size that no unit can hold.
    await world.database.execute("UPDATE transfer SET size = 'much'", {})
    async with telling(world):
        await until(world, lambda: "could not be shown" in caplog.text)
        eve = world.somebody()
        await world.log_in(eve)
        eve.send_file(name="eve.bin", size=10)
        await world.handle()
        await until(world, lambda: eve.chat.matching("eve.bin"))


async def test_a_status_that_arrives_after_the_result_is_deleted(world: World) -> None:
    await world.log_in()
    await sent(world)
    services = world.services
    world.api.faults.add(method="sendMessage", delay=0.3)
    async with in_background(StatusBoard(services).run()):
        await pass_time(world, 0.5)
        await services.uploads.cancel(1, world.person.id)
        (fact,) = await services.outbox.due(world.clock.now() + timedelta(seconds=9), 9)
        await services.outbox.told(fact, world.clock.now())
        await until(world, lambda: world.person.chat.from_bot and world.person.chat.from_bot[0].deleted)


async def test_a_status_message_that_its_reader_deleted_need_not_be_deleted(world: World) -> None:
    await world.log_in()
    await sent(world)
    services = world.services
    async with telling(world):
        left = await status_message(world)
        world.person.delete(left)
        await services.transfers.end(1, TransferState.FAILED, now=world.clock.now())
        services.wakeups.batch_item_ended(1)
        await pass_time(world, 3)

        async def is_clean() -> bool:
            batch = await services.batches.find(1)
            return batch is not None and batch.told_at is not None and batch.status_message_id is None

        await noted(world, is_clean)
