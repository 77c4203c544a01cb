from typing import Any

import pytest

from emulators.onefichier import EmulatedAccount
from tests.emulators.onefichier.conftest import Client

NOT_FOUND = (404, "Resource not found #469")


async def test_the_root_counts_nothing(client: Client, account: EmulatedAccount) -> None:
    docs = account.add_folder("docs")
    account.add_file("a.txt")

    assert await client.ok("folder/ls.cgi") == {
        "status": "OK",
        "folder_id": 0,
        "name": "Root",
        "size": None,
        "files": 0,
        "sub_folders": [{"id": docs.id, "name": "docs", "create_date": "2026-03-01 12:00:00", "pass": 0}],
    }


async def test_a_folder_counts_its_own_files(client: Client, account: EmulatedAccount) -> None:
    docs = account.add_folder("docs")
    letters = account.add_folder("letters", docs.id)
    file = account.add_file("a.txt", b"abc", folder_id=docs.id)
    account.add_file("b.txt", folder_id=letters.id)

    shown = await client.ok("folder/ls.cgi", folder_id=docs.id, files=1)

    assert (shown["name"], shown["size"], shown["files"]) == ("docs", 3, 1)
    assert [item["url"] for item in shown["items"]] == [file.url]
    assert [folder["name"] for folder in shown["sub_folders"]] == ["letters"]
    assert shown["create_date"] == "2026-03-01 12:00:00"
    assert (shown["shared"], shown["pass"], shown["shares"]) == ("", 0, [])


async def test_mkdir_makes_one_level(client: Client, account: EmulatedAccount) -> None:
    made = await client.ok("folder/mkdir.cgi", name="docs", folder_id=0)
    below = await client.ok("folder/mkdir.cgi", name="docs", folder_id=made["folder_id"])

    assert made["name"] == "docs"
    assert account.path_of(below["folder_id"]) == "docs/docs"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"name": "docs"}, 403, id="taken"),
        pytest.param({"name": "a/b"}, 403, id="unsafe"),
        pytest.param({"name": " "}, 403, id="blank"),
        pytest.param({}, 403, id="no name"),
        pytest.param({"name": "x" * 251}, 403, id="too long"),
        pytest.param({"name": "a", "folder_id": 7654321}, 404, id="unknown parent"),
    ],
)
async def test_mkdir_refuses(
    client: Client, account: EmulatedAccount, body: dict[str, Any], status: int
) -> None:
    account.add_folder("docs")

    assert (await client.refusal("folder/mkdir.cgi", **body))[0] == status
    assert len(account.folders) == 1


async def test_names_are_case_sensitive(client: Client, account: EmulatedAccount) -> None:
    account.add_folder("docs")

    await client.ok("folder/mkdir.cgi", name="Docs")


async def test_mv_moves_or_renames_but_not_both(client: Client, account: EmulatedAccount) -> None:
    source, target = account.add_folder("a"), account.add_folder("b")

    answer = await client.ok(
        "folder/mv.cgi", folder_id=source.id, destination_folder_id=target.id, rename="c"
    )
    assert (answer["old_name"], answer["new_name"]) == ("a", "c")
    assert (source.name, source.parent_id) == ("c", 0)

    await client.ok("folder/mv.cgi", folder_id=source.id, destination_folder_id=target.id)
    assert source.parent_id == target.id

    await client.ok("folder/mv.cgi", folder_id=source.id)
    assert source.parent_id == 0


async def test_mv_refuses_loops_and_taken_names(client: Client, account: EmulatedAccount) -> None:
    outer = account.add_folder("outer")
    inner = account.add_folder("inner", outer.id)
    account.add_folder("outer", inner.id)
    twin = account.add_folder("twin")

    for body in (
        {"folder_id": outer.id, "destination_folder_id": outer.id},
        {"folder_id": outer.id, "destination_folder_id": inner.id},
        {"folder_id": twin.id, "rename": "outer"},
    ):
        assert (await client.refusal("folder/mv.cgi", **body))[0] == 403
    assert await client.refusal("folder/mv.cgi", folder_id=0, rename="x") == NOT_FOUND


async def test_rm_takes_empty_folders_only(client: Client, account: EmulatedAccount) -> None:
    outer = account.add_folder("outer")
    inner = account.add_folder("inner", outer.id)
    file = account.add_file("a", folder_id=inner.id)

    for folder in (outer, inner):
        status, text = await client.refusal("folder/rm.cgi", folder_id=folder.id)
        assert (status, text.partition(" #")[0]) == (403, "Folder not empty")

    file.folder_id = 0
    await client.ok("folder/rm.cgi", folder_id=inner.id)
    await client.ok("folder/rm.cgi", folder_id=outer.id)

    assert not account.folders
    assert await client.refusal("folder/rm.cgi", folder_id=outer.id) == NOT_FOUND


async def test_share_gives_a_public_link_until_it_is_taken_back(
    client: Client, account: EmulatedAccount
) -> None:
    docs = account.add_folder("docs")
    shares = [{"email": "a@example.org", "rw": 1, "hide_links": 1}]

    shared = await client.ok(
        "folder/share.cgi", **{"folder_id": docs.id, "share": 1, "pass": "secret", "shares": shares}
    )

    assert shared["url"].startswith("https://1fichier.com/dir/")
    assert len(shared["url"].rpartition("/")[2]) == 8
    shown = await client.ok("folder/ls.cgi", folder_id=docs.id)
    assert (shown["shared"], shown["pass"]) == (shared["url"], 1)
    assert shown["shares"] == [{"email": "a@example.org", "rw": 0, "hide_links": 1}]

    assert "url" not in await client.ok("folder/share.cgi", folder_id=docs.id, share=0, shares=0)
    assert (docs.shared_url, docs.shares) == ("", [])
    assert (await client.refusal("folder/share.cgi", folder_id=docs.id, share=1, shares=["x"]))[0] == 403
