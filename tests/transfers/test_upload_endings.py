"""How an upload can end, and that no ending loses a file or puts it there twice."""

from typing import Any

import pytest

from emulators.botapi import VirtualFile, checksum
from emulators.onefichier import END_OF_BODY, REPORT, UPLOAD, FaultKind
from storage import Account, FactKind, Reason, TransferState
from tests.transfers.endings import SIZE, sent, uploaded
from tests.transfers.process import SETTLE_SECONDS
from tests.transfers.world import ADA, World

# Larger than what is on its way at once, so that a cut is noticed before the last piece leaves.
LARGE = 6_000_000
GET_UPLOAD_SERVER = "upload/get_upload_server.cgi"
NODE_FAILURE = "Ne peut ouvrir le fichier destination"


class TestTheConnectionIsCut:
    @pytest.mark.parametrize("at_byte", [0, 700_000], ids=["before the body", "in the body"])
    async def test_and_the_file_is_sent_again_at_once_as_it_cannot_be_there(
        self, world: World, account: Account, at_byte: int
    ) -> None:
        # So slow that the end of the body has not left when the connection breaks.
        world.telegram.faults.add_download(bytes_per_second=8_000_000)
        row = await uploaded(world, LARGE, kind="cut", at_byte=at_byte)

        assert row.state is TransferState.DONE
        first, second = world.calls(UPLOAD)
        assert second.at - first.at < SETTLE_SECONDS / 2
        [file] = world.account.files.values()
        assert file.sha256 == checksum(VirtualFile(LARGE))

    async def test_three_times_and_the_person_is_told(self, world: World, account: Account) -> None:
        world.telegram.faults.add_download(bytes_per_second=8_000_000, times=None)
        row = await uploaded(world, LARGE, kind="cut", at_byte=1000, times=None)

        assert (row.state, row.reason) == (TransferState.FAILED, Reason.CONNECTION_LOST)
        assert sent(world) == 3
        assert not world.account.files

    async def test_after_a_whole_body_whose_302_is_lost_and_nothing_is_sent_twice(
        self, world: World, account: Account
    ) -> None:
        row = await uploaded(world, kind="cut", acts=True)

        assert row.state is TransferState.DONE
        assert sent(world) == 1
        assert [file.url for file in world.account.files.values()] == [row.link]

    async def test_after_a_whole_body_that_is_forgotten_and_it_is_sent_again_only_when_it_was_looked_for(
        self, world: World, account: Account
    ) -> None:
        row = await uploaded(world, kind="cut", at_byte=END_OF_BODY)

        assert row.state is TransferState.DONE
        first, second = world.calls(UPLOAD)
        assert second.at - first.at >= SETTLE_SECONDS
        assert len(world.account.files) == 1
        # Repeated 404 bring bans.
        assert sum(call.status == 404 for call in world.calls(REPORT)) <= 5


class TestTheAnswerIsOdd:
    @pytest.mark.parametrize("acts", [False, True], ids=["forgotten", "taken"])
    async def test_an_answer_that_is_no_verdict_is_no_refusal(
        self, world: World, account: Account, acts: bool
    ) -> None:
        row = await uploaded(world, kind="empty", acts=acts)

        assert row.state is TransferState.DONE
        assert sent(world) == (1 if acts else 2)
        assert [file.url for file in world.account.files.values()] == [row.link]

    async def test_nodes_that_cannot_be_reached_for_an_hour_cost_no_file(
        self, world: World, account: Account
    ) -> None:
        world.fichier.uploads.hosts = ["127.0.0.1:9"]
        world.run_uploads()
        transfer = await world.send()
        await world.passes(3600)
        assert await world.state(transfer) is TransferState.QUEUED

        world.fichier.uploads.hosts = []
        [row] = await world.ended(transfer)
        assert row.state is TransferState.DONE

    async def test_a_302_that_leads_elsewhere_is_no_reason_to_send_again(
        self, world: World, account: Account
    ) -> None:
        row = await uploaded(world, kind="status", status=500, acts=True)

        assert row.state is TransferState.DONE
        assert sent(world) == 1

    @pytest.mark.parametrize(
        ("fault", "calls"),
        [
            ({"kind": "html", "text": "Maintenance"}, 1),
            ({"kind": "ko", "text": NODE_FAILURE, "times": None}, 2),
            ({"kind": "status", "status": 413}, 1),
            ({"kind": "status", "status": 404, "times": None}, 2),
        ],
        ids=["a refusal page", "a node that fails always", "a file too large", "a node that is not there"],
    )
    async def test_a_refusal_is_told_with_its_reason(
        self, world: World, account: Account, fault: dict[str, Any], calls: int
    ) -> None:
        row = await uploaded(world, **fault)

        assert (row.state, row.reason) == (TransferState.FAILED, Reason.REFUSED)
        # A status is no reason that a person could read.
        assert row.detail == fault.get("text")
        assert sent(world) == calls
        assert not world.account.files

    async def test_a_refusal_stands_when_the_key_cannot_be_checked(
        self, world: World, account: Account
    ) -> None:
        world.fichier.faults.add("folder/ls.cgi", "status", status=503, times=None)

        row = await uploaded(world, kind="html", text="Quota")

        assert (row.state, row.reason, row.detail) == (TransferState.FAILED, Reason.REFUSED, "Quota")
        assert (await world.current(account)).refused_at is None

    async def test_another_node_takes_what_one_refused(self, world: World, account: Account) -> None:
        row = await uploaded(world, kind="ko", text=NODE_FAILURE)

        assert row.state is TransferState.DONE
        assert len(world.account.files) == 1

    async def test_an_account_that_may_not_upload_is_told_so(self, world: World, account: Account) -> None:
        world.account.upload_forbidden = True
        world.run_uploads()

        [row] = await world.ended(await world.send())

        assert (row.reason, row.detail) == (Reason.REFUSED, "Envoi interdit pour ce compte")
        assert (await world.current(account)).refused_at is None


class TestAKeyThatDied:
    async def test_and_a_file_that_became_a_guests_is_removed_and_sent_with_the_next_key(
        self, world: World, account: Account
    ) -> None:
        world.fichier.uploads.dead_key = "guest"
        world.fichier.revoke_key(world.account)
        world.run_uploads()
        transfer = await world.send(VirtualFile(SIZE))

        await world.until(lambda: bool(world.calls("remove")))
        await world.passes(600)

        assert await world.state(transfer) is TransferState.QUEUED
        assert not world.fichier.guest_files
        assert (await world.current(account)).refused_at is not None
        assert len(await world.facts(FactKind.KEY_REFUSED)) == 1
        assert sent(world) == 1
        assert sum(call.status == 401 for call in world.fichier.calls) == 1

        world.account.key = world.fichier.mint.key()
        await world.result(world.process.accounts.log_in(ADA, world.account.key))
        [row] = await world.ended(transfer)
        assert row.state is TransferState.DONE
        assert len(world.account.files) == 1

    async def test_and_a_guest_upload_that_cannot_be_removed_is_removed_later(
        self, world: World, account: Account
    ) -> None:
        world.fichier.uploads.dead_key = "guest"
        world.fichier.revoke_key(world.account)
        world.run_uploads()
        world.fichier_app.outage = "/remove/"
        transfer = await world.send()

        async def is_parked() -> bool:
            return (await world.current(account)).refused_at is not None

        await world.until(is_parked)
        await world.passes(60)
        assert await world.state(transfer) is TransferState.QUEUED
        assert len(world.fichier.guest_files) == 1

        world.fichier_app.outage = None
        await world.process.housekeeping.once()
        assert not world.fichier.guest_files
        assert await world.transfers.guest_uploads() == []

    @pytest.mark.parametrize("dies", ["at the node", "at get_upload_server"])
    async def test_is_parked_at_its_first_refusal_and_its_files_wait_for_the_next(
        self, world: World, account: Account, dies: str
    ) -> None:
        if dies == "at the node":
            world.fichier.revoke_key(world.account)
        else:
            world.fichier.faults.add(
                GET_UPLOAD_SERVER, "ko", status=401, text="Not authenticated #247", times=None
            )
        world.run_uploads()
        files = [await world.send(name=f"{number}.bin") for number in range(4)]

        async def is_parked() -> bool:
            return (await world.current(account)).refused_at is not None

        await world.until(is_parked)
        await world.passes(3600)
        assert {await world.state(each) for each in files} == {TransferState.QUEUED}
        assert len(await world.facts(FactKind.KEY_REFUSED)) == 1
        # At get_upload_server two files may be on their way.
        assert sum(call.status == 401 for call in world.fichier.calls) <= (1 if dies == "at the node" else 2)

        world.fichier.faults.clear()
        world.account.key = world.fichier.mint.key()
        await world.result(world.process.accounts.log_in(ADA, world.account.key))
        rows = await world.ended(*files)
        assert {row.state for row in rows} == {TransferState.DONE}
        assert len(world.account.files) == 4

    async def test_does_not_end_the_search_for_a_file_that_may_be_there(
        self, world: World, account: Account
    ) -> None:
        world.fichier.faults.add(UPLOAD, "cut", acts=True)
        world.fichier.faults.add(REPORT, "cut", acts=True)
        world.fichier.faults.add(REPORT, "status", status=404, times=None)
        world.fichier.listing_lag = 100
        world.run_uploads()
        transfer = await world.send()
        await world.until(lambda: bool(world.account.files))
        world.fichier.revoke_key(world.account)

        await world.passes(2000)
        assert await world.state(transfer) is TransferState.CONFIRMING
        assert sum(call.status == 401 for call in world.fichier.calls) == 1

        world.account.key = world.fichier.mint.key()
        await world.result(world.process.accounts.log_in(ADA, world.account.key))
        [row] = await world.ended(transfer)
        assert row.state is TransferState.DONE
        assert sent(world) == 1


class TestA1fichierThatAsksForAPause:
    @pytest.mark.parametrize(
        ("kind", "seconds"),
        [(FaultKind.FLOOD, 300), (FaultKind.IP_LOCKED, 3600)],
        ids=["flood", "address locked"],
    )
    async def test_is_left_alone_until_then_and_the_person_is_told_once(
        self, world: World, account: Account, kind: FaultKind, seconds: int
    ) -> None:
        world.fichier.faults.add(GET_UPLOAD_SERVER, kind)
        world.run_uploads()
        files = [await world.send(name=f"{number}.bin") for number in range(12)]
        await world.until(lambda: world.uploads.paused_until(account.id) is not None)
        begun, count = world.clock.elapsed, len(world.fichier.calls)

        await world.passes(seconds - 30)
        assert len(world.fichier.calls) == count
        [fact] = await world.facts(FactKind.PAUSED)
        assert (
            0 <= fact.subject - (world.clock.now().timestamp() + begun + seconds - world.clock.elapsed) <= 60
        )

        rows = await world.ended(*files)
        assert {row.state for row in rows} == {TransferState.DONE}
        assert len(await world.facts(FactKind.PAUSED)) == 1
        assert len(world.account.files) == 12

    async def test_is_left_alone_by_the_next_process_too(self, world: World, account: Account) -> None:
        world.fichier.faults.add(GET_UPLOAD_SERVER, "flood")
        world.run_uploads()
        transfer = await world.send()
        await world.until(lambda: world.uploads.paused_until(account.id) is not None)
        await world.quiet()
        count = len(world.fichier.calls)

        await world.restart()
        world.run_uploads()
        await world.passes(250)
        assert len(world.fichier.calls) == count

        [row] = await world.ended(transfer)
        assert row.state is TransferState.DONE
        assert len(await world.facts(FactKind.PAUSED)) == 1

    async def test_that_is_away_for_hours_costs_no_file(self, world: World, account: Account) -> None:
        now = world.clock.now().timestamp()
        world.fichier.faults.add(GET_UPLOAD_SERVER, "status", status=503, until=now + 7200)
        world.run_uploads()

        transfer = await world.send()
        await world.passes(7200)
        [row] = await world.ended(transfer)

        assert row.state is TransferState.DONE
        assert len(world.calls(GET_UPLOAD_SERVER)) < 90
