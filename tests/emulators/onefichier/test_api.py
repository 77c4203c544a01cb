"""What holds for every call: headers, key, body, types."""

import json

import httpx
import pytest

from emulators.onefichier import EmulatedAccount, OneFichier
from tests.emulators.onefichier.conftest import KEY, Client

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no type"),
        pytest.param({"Content-Type": "application/x-www-form-urlencoded"}, id="form"),
        pytest.param({"Content-Type": "text/json"}, id="another JSON"),
    ],
)
@pytest.mark.parametrize("endpoint", ["folder/ls.cgi", "upload/get_upload_server.cgi"])
async def test_the_json_content_type_is_mandatory(
    client: Client, endpoint: str, headers: dict[str, str]
) -> None:
    response = await client.http.post(
        f"/v1/{endpoint}", content=b"{}", headers=headers | client.authorization
    )

    assert response.status_code == 400
    assert response.json() == {"message": "Content-Type not JSON #24", "status": "KO"}


@pytest.mark.parametrize("key", [None, "wrong", KEY.upper(), f" {KEY}"])
async def test_without_a_valid_key_one_is_not_authenticated(client: Client, key: str | None) -> None:
    client.key = key

    status, text = await client.refusal("folder/ls.cgi")

    assert (status, text.partition(" #")[0]) == (401, "Not authenticated")


async def test_a_wrong_key_may_also_be_no_such_user(client: Client, service: OneFichier) -> None:
    service.wrong_key = "no_such_user"
    client.key = "wrong"

    assert await client.refusal("folder/ls.cgi") == (403, "No such user #401")


async def test_a_revoked_key_is_dead_and_a_new_one_lives(
    client: Client, service: OneFichier, account: EmulatedAccount
) -> None:
    new_key = service.rotate_key(account)
    assert (await client.refusal("folder/ls.cgi"))[0] == 401

    client.key = new_key
    await client.ok("folder/ls.cgi")
    service.revoke_key(account)

    assert (await client.refusal("folder/ls.cgi"))[0] == 401


async def test_a_locked_account_is_no_such_user(
    client: Client, service: OneFichier, account: EmulatedAccount
) -> None:
    service.lock_account(account)
    assert await client.refusal("folder/ls.cgi") == (403, "No such user #93")

    service.unlock_account(account)
    await client.ok("folder/ls.cgi")


@pytest.mark.parametrize(
    "endpoint", ["file/delete.cgi", "folder/list.cgi", "upload/add_url.cgi", "account/info.cgi", ""]
)
async def test_invented_endpoints_are_not_found(client: Client, endpoint: str) -> None:
    assert (await client.refusal(endpoint))[0] == 404


async def test_other_pages_are_not_found(client: Client) -> None:
    assert (await client.http.get("/anything")).status_code == 404


async def test_an_empty_body_and_unknown_fields_are_accepted(client: Client) -> None:
    empty = await client.http.post("/v1/folder/ls.cgi", headers=JSON | client.authorization)

    assert empty.json()["status"] == "OK"
    assert (await client.ok("folder/ls.cgi", page=2, per_page=50))["folder_id"] == 0


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
async def test_other_bodies_are_refused(client: Client, body: bytes) -> None:
    response = await client.http.post("/v1/folder/ls.cgi", content=body, headers=JSON | client.authorization)

    assert response.status_code == 400


async def test_only_the_upload_server_is_told_by_get(client: Client) -> None:
    headers = JSON | client.authorization
    assert (await client.http.get("/v1/folder/ls.cgi", headers=headers)).status_code == 405

    answer = (await client.http.get("/v1/upload/get_upload_server.cgi", headers=JSON)).json()

    assert set(answer) == {"url", "id"}
    assert answer["url"] == httpx.URL(client.http.base_url).netloc.decode()
    assert len(answer["id"]) == 10
    assert answer["id"].isalnum()


async def test_upload_nodes_take_turns(client: Client, service: OneFichier) -> None:
    service.uploads.hosts = ["up1.example.org", "up2.example.org"]

    told = {(await client.ok("upload/get_upload_server.cgi"))["url"] for _ in range(2)}

    assert told == {"up1.example.org", "up2.example.org"}


async def test_pretty_indents(client: Client) -> None:
    assert "\n" in (await client.call("folder/ls.cgi", pretty=1)).text
    assert "\n" not in (await client.call("folder/ls.cgi", pretty=0)).text


async def test_types_can_be_those_of_the_page_or_all_text(
    client: Client, service: OneFichier, account: EmulatedAccount
) -> None:
    account.add_file("a.txt", b"abc")
    service.types = "page"
    assert (await client.ok("user/info.cgi"))["offer"] == 1

    service.types = "strings"
    listing = await client.ok("file/ls.cgi")

    assert (listing["count"], listing["items"][0]["size"]) == ("1", "3")


async def test_every_call_is_written_down(
    client: Client, service: OneFichier, account: EmulatedAccount
) -> None:
    await client.ok("folder/ls.cgi")
    client.key = None
    await client.refusal("file/ls.cgi")

    assert [(call.endpoint, call.account, call.status) for call in service.calls] == [
        ("folder/ls.cgi", account.email, 200),
        ("file/ls.cgi", None, 401),
    ]
    assert service.calls[0].at == service.now()


async def test_answers_say_that_they_are_json(client: Client) -> None:
    response = await client.call("folder/ls.cgi")

    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert json.loads(response.text)["status"] == "OK"


async def test_accounts_get_keys_of_the_usual_form() -> None:
    async with OneFichier() as service:
        key = service.add_account().key

    assert key is not None
    assert len(key) == 32
    assert key.isalnum()
