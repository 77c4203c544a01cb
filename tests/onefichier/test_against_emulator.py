"""Every method against the emulated service, which is written from the documentation alone."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from emulators.onefichier import END_OF_BODY, EmulatedAccount, Failed, FaultKind, Fetched
from emulators.onefichier import OneFichier as EmulatedService
from emulators.serving import serve
from onefichier import (
    AccessRules,
    AlreadyRequested,
    ApiKey,
    Client,
    FloodDetected,
    FolderShare,
    Link,
    MustBeCustomer,
    NotAuthenticated,
    NotFound,
    NothingChanged,
    Offer,
    OneFichier,
    OneFichierError,
    Pacing,
    PasswordNeeded,
    Refused,
    ReportGone,
    ReportPending,
    SourceMismatch,
    UploadInterrupted,
    UploadNode,
    UploadRefused,
    UploadReport,
    UploadSession,
    Waiting,
    WrongPassword,
    api_http,
    node_http,
)
from tests.clock import FakeClock

UNKNOWN = "https://1fichier.com/?aaaaaaaaaaaaaaaaaaaa"


@dataclass
class World:
    service: EmulatedService
    account: EmulatedAccount
    onefichier: OneFichier
    client: Client
    clock: FakeClock

    def client_of(self, account: EmulatedAccount) -> Client:
        return self.onefichier.client(ApiKey(account.key or "revoked"), scope=account.email)

    async def session(self, name: str = "b.txt", size: int = 5, folder_id: int = 0) -> UploadSession:
        node = await self.client.get_upload_server()
        return self.client.upload(node, name=name, size=size, folder_id=folder_id)

    async def put(self, content: bytes = b"hello", name: str = "b.txt", folder_id: int = 0) -> UploadReport:
        session = await self.session(name, len(content), folder_id)
        await session.send(whole(content), before_last_piece=nothing)
        return await self.client.upload_report(session.node)


async def whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def nothing() -> None: ...


@pytest.fixture
async def world(clock: FakeClock) -> AsyncIterator[World]:
    service = EmulatedService(clock=lambda: clock.now().timestamp(), enforce_limits=True, seed=1)
    async with service, serve(service.app) as url, api_http() as http, node_http() as nodes:
        account = service.add_account()
        onefichier = OneFichier(http, nodes, api_url=f"{url}/v1", pacing=Pacing(), clock=clock)
        async with onefichier:
            client = onefichier.client(ApiKey(account.key or ""), scope=account.email)
            yield World(service, account, onefichier, client, clock)
            if service.faults.take("*", None) is None:
                assert service.limit_breaches == []


async def test_a_file_goes_up_and_comes_back_as_a_link(world: World) -> None:
    folder = await world.client.make_folder("it's")
    report = await world.put(b"hello" * 50_000, "a/b 'é' 🎉.txt", folder.id)
    (stored,) = world.account.files.values()
    assert stored.read() == b"hello" * 50_000
    assert (stored.name, stored.folder_id) == ("a／b ＇é＇ 🎉.txt", folder.id)
    assert (report.link.url, report.name, report.size) == (stored.url, stored.name, 250_000)
    assert report.whirlpool == stored.whirlpool
    assert not report.is_guest
    info = await world.client.file_info(report.link)
    assert (info.name, info.size, info.folder_id) == (stored.name, 250_000, folder.id)
    assert info.path == "it＇s"
    assert info.uploaded is not None
    assert abs(info.uploaded - world.clock.now()) < timedelta(minutes=1)
    (listed,) = (await world.client.list_files(folder.id)).files
    assert (listed.link, listed.checksum) == (report.link, stored.whirlpool)


async def test_a_window_finds_what_was_sent_in_it(world: World) -> None:
    before = world.clock.now() - timedelta(seconds=2)
    report = await world.put()
    await world.clock.sleep(5)
    listing = await world.client.list_files(sent_after=before, sent_before=world.clock.now())
    assert [file.link for file in listing.files] == [report.link]
    assert listing.complete
    later = await world.client.list_files(sent_after=world.clock.now())
    assert later.files == ()


async def test_files_are_moved_renamed_copied_changed_and_removed(world: World) -> None:
    client = world.client
    folder = await client.make_folder("docs")
    link = (await world.put()).link
    moved = await client.move_files([link], folder.id)
    assert (moved.links, moved.count) == ((link,), 1)
    moved = await client.move_files([link], 0, name="new name")
    assert moved.name == "new name"
    renamed = await client.rename_file(link, "c.txt")
    assert (renamed.link, renamed.old_name, renamed.new_name) == (link, "new name", "c.txt")
    with pytest.raises(NothingChanged):
        await client.rename_file(link, "c.txt")
    (copied,) = await client.copy_files([link], folder.id, name="copy")
    assert copied.source == link
    assert copied.link != link
    changed = await client.change_attributes(
        [link], description="mine", password="secret", access_rules=AccessRules(country=("FR",))
    )
    assert changed.count == 1
    assert (await client.change_attributes([link], description="mine")).count == 0
    info = await client.file_info(link, password="secret")
    assert (info.description, info.has_password, info.access_rules.country) == ("mine", True, ("FR",))
    removed = await client.remove_files([link, copied.link, UNKNOWN])
    assert set(removed.links) == {link, copied.link}
    assert not world.account.files


async def test_folders_are_made_listed_moved_shared_and_removed(world: World) -> None:
    client = world.client
    outer = await client.make_folder("outer")
    inner = await client.make_folder("inner", outer.id)
    root = await client.list_folder()
    assert [(sub.id, sub.name) for sub in root.sub_folders] == [(outer.id, "outer")]
    assert root.sub_folders[0].created is not None
    await client.rename_folder(inner.id, "renamed")
    await client.move_folder(inner.id, 0)
    assert {sub.name for sub in (await client.list_folder()).sub_folders} == {"outer", "renamed"}
    url = await client.share_folder(
        outer.id, public=True, shares=[FolderShare(email="a@example.com", rw=True)]
    )
    assert "/dir/" in url
    shared = await client.list_folder(outer.id)
    assert shared.shared_url == url
    assert [share.email for share in shared.shares] == ["a@example.com"]
    await world.put(folder_id=outer.id)
    with_files = await client.list_folder(outer.id, files=True)
    assert [file.name for file in with_files.files] == ["b.txt"]
    with pytest.raises(Refused):
        await client.remove_folder(outer.id)
    with pytest.raises(Refused):
        await client.make_folder("outer")
    await client.remove_folder(inner.id)
    with pytest.raises(NotFound):
        await client.list_folder(inner.id)


async def test_downloads_need_an_offer_and_the_password(world: World) -> None:
    link = (await world.put()).link
    await world.client.change_attributes([link], password="secret")
    stranger = world.client_of(world.service.add_account(offer=0))
    with pytest.raises(MustBeCustomer):
        await stranger.get_download_token(link, password="secret")
    customer = world.client_of(world.service.add_account())
    with pytest.raises(PasswordNeeded):
        await customer.get_download_token(link)
    with pytest.raises(WrongPassword):
        await customer.get_download_token(link, password="guessed")
    assert "/c" in await world.client.get_download_token(link, password="secret")


async def test_the_account_is_read_once_in_its_time(world: World) -> None:
    info = await world.client.account_info()
    assert (info.email, info.offer) == (world.account.email, Offer.PREMIUM)
    assert info.cold_quota > 0
    with pytest.raises(Waiting):
        await world.client.account_info(wait=5)
    await world.client.account_info()


@pytest.mark.parametrize("types", ["rclone", "page", "strings"])
async def test_answers_mean_the_same_in_all_their_types(world: World, types: str) -> None:
    world.service.types = types  # type: ignore[assignment]  # one of its literals
    report = await world.put()
    assert report.size == 5
    assert (await world.client.list_files()).files[0].size == 5
    assert (await world.client.account_info()).offer is Offer.PREMIUM
    assert (await world.client.list_folder()).id == 0


async def test_a_remote_upload_ends_with_a_verdict_for_each_url(world: World) -> None:
    good, bad = "http://127.0.0.1:1/a.iso", "http://127.0.0.1:1/b.iso"
    world.service.remote_results[good] = Fetched("a.iso", b"content")
    world.service.remote_results[bad] = Failed("HTTP error 404")
    world.service.remotes.seconds = 60
    task = await world.client.request_remote([good, bad])
    assert task.sources == (good, bad)
    await world.service.remotes.settled()
    with pytest.raises(AlreadyRequested):
        await world.client.request_remote([good])
    (listed,) = await world.client.list_remote()
    assert (listed.id, listed.executed) == (task.id, None)
    assert (await world.client.remote_info(task.id)).results == ()
    await world.clock.sleep(120)
    done = await world.client.remote_info(task.id)
    assert done.executed is not None
    assert [result.succeeded for result in done.results] == [True, False]
    assert done.results[1].message == "HTTP error 404"
    link = done.results[0].link
    assert link is not None
    assert (await world.client.file_info(link)).name == "a.iso"


async def test_a_dead_key_is_told(world: World) -> None:
    world.service.revoke_key(world.account)
    with pytest.raises(NotAuthenticated):
        await world.client.check_key()
    session = await world.session()
    with pytest.raises(OneFichierError):
        await session.send(whole(b"hello"), before_last_piece=nothing)
    assert not world.account.files


async def test_a_guest_upload_is_recognised_and_removed(world: World) -> None:
    world.service.uploads.dead_key = "guest"
    session = await world.session()
    world.service.revoke_key(world.account)
    await session.send(whole(b"hello"), before_last_piece=nothing)
    report = await world.client.upload_report(session.node)
    assert report.is_guest
    assert report.remove is not None
    assert len(world.service.guest_files) == 1
    await world.client.remove_guest(report.remove)
    assert not world.service.guest_files
    await world.onefichier.remove_guest(report.remove)


async def test_a_report_is_waited_for(world: World) -> None:
    world.service.uploads.please_wait_times = 1
    world.service.uploads.empty_links_times = 1
    session = await world.session()
    await session.send(whole(b"hello"), before_last_piece=nothing)
    node = UploadNode(host=session.node.host, id=session.node.id)
    for _ in range(2):
        with pytest.raises(ReportPending):
            await world.onefichier.upload_report(node)
    assert (await world.onefichier.upload_report(node)).size == 5
    await world.clock.sleep(3 * 3600)
    with pytest.raises(ReportGone):
        await world.client.upload_report(node)


async def test_a_refused_upload_gives_the_reason_of_the_page(world: World) -> None:
    world.service.faults.add("upload.cgi", FaultKind.KO, text="Ne peut ouvrir le fichier destination")
    session = await world.session()
    with pytest.raises(UploadRefused) as refused:
        await session.send(whole(b"hello"), before_last_piece=nothing)
    assert refused.value.retryable


@pytest.mark.parametrize("acts", [True, False], ids=["302 lost", "forgotten"])
async def test_an_upload_cut_after_its_body_may_be_there(world: World, acts: bool) -> None:
    world.service.faults.add("upload.cgi", FaultKind.CUT, at_byte=END_OF_BODY, acts=acts)
    session = await world.session()
    with pytest.raises(UploadInterrupted) as interrupted:
        await session.send(whole(b"hello"), before_last_piece=nothing)
    assert interrupted.value.last_piece_sent
    if acts:
        assert (await world.client.upload_report(session.node)).size == 5
    else:
        with pytest.raises(ReportGone):
            await world.client.upload_report(session.node)


async def test_a_source_that_is_short_leaves_nothing(world: World) -> None:
    session = await world.session(size=100_000)
    with pytest.raises(SourceMismatch):
        await session.send(whole(b"x" * 99_999), before_last_piece=nothing)
    with pytest.raises(ReportGone):
        await world.client.upload_report(session.node)
    assert not world.account.files


@pytest.mark.parametrize(
    ("kind", "status"),
    [(FaultKind.STATUS, 500), (FaultKind.STATUS, 503), (FaultKind.CUT, None)],
    ids=["500", "503", "cut"],
)
async def test_reads_get_over_a_moments_trouble(world: World, kind: FaultKind, status: int | None) -> None:
    world.service.faults.add("folder/ls.cgi", kind, status=status, times=2)
    assert (await world.client.check_key()).id == 0


@pytest.mark.parametrize("kind", list(FaultKind), ids=str)
async def test_every_fault_is_one_of_our_errors(world: World, kind: FaultKind) -> None:
    world.service.faults.add("folder/mkdir.cgi", kind, seconds=0.01)
    # Nothing is said here of how to spoil it.
    harmless = {FaultKind.STALL, FaultKind.DRIP, FaultKind.SPOILED}
    with contextlib.nullcontext() if kind in harmless else pytest.raises(OneFichierError):
        await world.client.make_folder("docs")


async def test_no_call_goes_during_a_pause(world: World) -> None:
    world.service.faults.add("folder/ls.cgi", FaultKind.FLOOD)
    with pytest.raises(FloodDetected) as flood:
        await world.client.check_key()
    calls = len(world.service.calls)
    assert flood.value.until is not None
    with pytest.raises(Waiting):
        await world.client.check_key(wait=5)
    assert len(world.service.calls) == calls
    await world.client.check_key()
    assert world.clock.now() >= flood.value.until


async def test_links_of_others_are_read_too(world: World) -> None:
    link = (await world.put()).link
    stranger = world.client_of(world.service.add_account())
    assert (await stranger.file_info(link)).name == "b.txt"
    (copied,) = await stranger.copy_files([Link(link.id, link.url)])
    assert copied.link != link
    with pytest.raises(NotFound):
        await stranger.file_info(UNKNOWN)
