"""What is done now and then, and the small parts that need no service."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from storage import Account, FactKind
from tests.clock import FakeClock
from tests.transfers.world import ADA, World
from transfers.dates import may_be_since
from transfers.pauses import whole_minute
from transfers.progress import Meter

DAY = 86_400.0


class TestHousekeeping:
    async def test_is_done_every_ten_minutes(self, world: World, account: Account) -> None:
        world.run_uploads()
        await world.ended(await world.send())
        fact = (await world.facts(FactKind.BATCH_ENDED))[0]
        await world.batches.close(fact.subject, world.clock.now())
        await world.outbox.told(fact, world.clock.now())
        await world.stop()
        await world.start()
        world.process.run(world.process.housekeeping.run)
        await world.passes(600)
        assert await world.batches.find(fact.subject) is not None

        await world.clock.advance(91 * DAY)

        async def pruned() -> bool:
            return await world.batches.find(fact.subject) is None

        await world.until(pruned, most_seconds=1200)
        assert not await world.facts(FactKind.BATCH_ENDED)

    async def test_is_done_soon_after_somebody_was_erased(self, world: World, account: Account) -> None:
        """Their number stands in the update that asked for it, until that has been handled."""
        world.process.run(world.process.housekeeping.run)
        await world.passes(1)
        await world.database.execute(
            "INSERT INTO inbox (update_id, lane, received_at) VALUES (1, 'chat:planted-number', 0)"
        )
        await world.process.accounts.log_out(ADA)
        await world.database.execute("UPDATE inbox SET state = 'handled', lane = ''")

        def traces() -> bool:
            files = world.database.path.parent.glob(f"{world.database.path.name}*")
            return any(b"planted-number" in path.read_bytes() for path in files)

        assert traces()
        await world.until(lambda: not traces(), most_seconds=10)

    async def test_is_not_kept_from_the_rest_by_one_part(
        self, world: World, account: Account, caplog: pytest.LogCaptureFixture
    ) -> None:
        transfer = await world.send()
        await world.transfers.note_guest_upload(transfer.id, "https://1fichier.com/remove/abcde/fghij")
        await world.database.execute("UPDATE transfer SET sealed_remove_link = :junk", {"junk": b"junk"})
        await world.database.execute(
            "INSERT INTO service_limit (scope, endpoint, not_before) VALUES ('a', 'b', 1)"
        )

        await world.process.housekeeping.once()

        assert not await world.database.fetch_all("SELECT 1 FROM service_limit")

    async def test_goes_on_after_a_part_that_failed(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        await world.database.execute("DROP TABLE question")

        await world.process.housekeeping.once()

        assert "broke off" in caplog.text


class TestPauses:
    async def test_are_told_once_each_and_not_when_short(self, world: World) -> None:
        await world.people.meet(ADA, "en", world.clock.now())
        pauses, now = world.process.pauses, world.clock.now()

        await pauses.tell(ADA, ADA, now + timedelta(seconds=60))
        assert not await world.facts(FactKind.PAUSED)

        for seconds in (300, 301, 330, 380):
            await pauses.tell(ADA, ADA, now + timedelta(seconds=seconds))
        assert len(await world.facts(FactKind.PAUSED)) == 1

        await world.clock.advance(400)
        await pauses.tell(ADA, ADA, world.clock.now() + timedelta(seconds=600))
        assert len(await world.facts(FactKind.PAUSED)) == 2

    async def test_are_not_told_again_by_the_next_process(self, world: World) -> None:
        await world.people.meet(ADA, "en", world.clock.now())
        until = world.clock.now() + timedelta(seconds=1000)
        await world.process.pauses.tell(ADA, ADA, until)

        await world.restart()
        await world.process.pauses.tell(ADA, ADA, until + timedelta(seconds=75))

        assert len(await world.facts(FactKind.PAUSED)) == 1

    async def test_are_told_once_to_whom_several_files_meet_them_together(self, world: World) -> None:
        await world.people.meet(ADA, "en", world.clock.now())
        now = world.clock.now()

        await asyncio.gather(
            *(world.process.pauses.tell(ADA, ADA, now + timedelta(seconds=290 + 7 * n)) for n in range(6))
        )

        assert len(await world.facts(FactKind.PAUSED)) == 1

    def test_end_at_whole_minutes(self) -> None:
        noon = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

        assert whole_minute(noon) == noon.timestamp()
        assert whole_minute(noon + timedelta(seconds=1)) == noon.timestamp() + 60


class TestDates:
    SINCE = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    """02:30 in Paris, for the first time that night."""

    @pytest.mark.parametrize(
        ("date", "possible"),
        [
            (None, True),
            (SINCE, True),
            (SINCE - timedelta(minutes=1), True),
            # The hour exists twice: what is dated 02:05 may be of 01:05 UTC.
            (SINCE - timedelta(minutes=25), True),
            (SINCE - timedelta(minutes=65), False),
            (SINCE - timedelta(days=1), False),
        ],
        ids=["none", "the same", "clocks differ", "the repeated hour", "an hour before", "a day before"],
    )
    def test_hide_no_file_in_the_hour_that_exists_twice(self, date: datetime | None, possible: bool) -> None:
        assert may_be_since(date, self.SINCE) is possible

    async def test_a_file_of_the_repeated_hour_is_found(self, world: World, account: Account) -> None:
        twice = datetime(2026, 10, 25, 1, 20, tzinfo=UTC)
        await world.clock.advance((twice - world.clock.now()).total_seconds())
        world.fichier.faults.add("upload.cgi", "cut", acts=True)
        world.fichier.faults.add("end.pl", "cut", acts=True)
        world.fichier.faults.add("end.pl", "status", status=404, times=None)
        world.run_uploads()

        [row] = await world.ended(await world.send())

        assert row.link in {file.url for file in world.account.files.values()}
        assert len(world.calls("upload.cgi")) == 1


class TestProgress:
    async def test_speed_and_time_left_follow_the_last_seconds(self) -> None:
        clock = FakeClock(auto=True)
        meter = Meter(clock)
        meter.total = 10_000
        assert (meter.progress().speed, meter.progress().seconds_left) == (0.0, None)

        for step in range(1, 21):
            await clock.sleep(1)
            meter.set_sent(step * 100)
        progress = meter.progress()
        assert progress.sent == 2000
        assert progress.speed == pytest.approx(100)
        assert progress.seconds_left == pytest.approx(80)

        await clock.sleep(60)
        assert meter.progress().speed < 20

    async def test_a_quick_file_has_something_to_show_now_and_then_only(self) -> None:
        clock = FakeClock(auto=True)
        meter = Meter(clock)
        shown = []
        for sent in range(1, 101):
            await clock.sleep(0.01)
            if meter.set_sent(sent):
                shown.append(sent)
        assert 3 <= len(shown) <= 4
        assert meter.progress().sent == 100
