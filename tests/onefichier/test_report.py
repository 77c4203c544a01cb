import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefichier import OneFichier, OneFichierError, Pacing, Unreachable, UploadNode, node_http
from tests.clock import FakeClock
from tests.onefichier.node import Node, running
from tests.onefichier.service import API_URL, LINK

NODE_ID = "9kGjlUU2CV"


def service(http: httpx.AsyncClient, api_url: str) -> OneFichier:
    return OneFichier(http, http, api_url=api_url, pacing=Pacing(), clock=FakeClock(auto=True))


REPORTS: list[tuple[httpx.Response, str]] = [
    (httpx.Response(200, text="<html>Veuillez patienter</html>"), "ReportPending"),
    (httpx.Response(200, json={"incoming": 0, "links": []}), "ReportPending"),
    (httpx.Response(200, json={"incoming": 0, "links": None}), "ReportPending"),
    (httpx.Response(200, content=b""), "ReportPending"),
    (httpx.Response(404, text="<html>"), "ReportGone"),
    (httpx.Response(410), "ReportGone"),
    (httpx.Response(500), "ServerTrouble"),
    (httpx.Response(200, json={"status": "KO", "message": "Resource not found #1"}), "NotFound"),
    (httpx.Response(403, text="IP Locked"), "AddressLocked"),
    (httpx.Response(200, json=[]), "BadAnswer"),
    (httpx.Response(200, json={"links": "text"}), "BadAnswer"),
    (httpx.Response(200, json={"links": ["text"]}), "BadAnswer"),
    (httpx.Response(200, json={"links": [{"download": "text", "filename": "a", "size": "1"}]}), "BadAnswer"),
]


@pytest.mark.parametrize(
    ("answer", "leaf"), REPORTS, ids=lambda value: value if isinstance(value, str) else value.text
)
async def test_what_a_report_may_be_instead(answer: httpx.Response, leaf: str) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer)) as http:
        with pytest.raises(OneFichierError) as raised:
            await service(http, API_URL).upload_report(UploadNode(host="up2.1fichier.com", id=NODE_ID))
    assert type(raised.value).__name__ == leaf


async def test_a_report_is_asked_for_as_json_and_without_the_key() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        link = {"download": LINK, "filename": "b.txt", "remove": "", "size": "6", "whirlpool": "ab"}
        return httpx.Response(200, json={"incoming": 0, "links": [link]})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        report = await service(http, API_URL).upload_report(UploadNode(host="up2.1fichier.com", id=NODE_ID))
    assert (report.link.url, report.name, report.size, report.whirlpool) == (LINK, "b.txt", 6, "ab")
    assert str(seen[0].url) == f"https://up2.1fichier.com/end.pl?xid={NODE_ID}"
    assert seen[0].headers["JSON"] == "1"
    assert "Authorization" not in seen[0].headers


async def test_an_unreachable_node_has_no_report() -> None:
    node = Node()
    async with running(node):
        pass
    async with node_http() as http:
        with pytest.raises(Unreachable):
            await service(http, f"http://{node.host}/v1").upload_report(
                UploadNode(host=node.host, id=NODE_ID)
            )


@given(st.integers(200, 599), st.binary(max_size=300))
async def test_random_bytes_are_one_of_our_errors(status: int, body: bytes) -> None:
    answer = httpx.Response(status, content=body)
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer)) as http:
        with pytest.raises(OneFichierError):
            await service(http, API_URL).upload_report(UploadNode(host="up2.1fichier.com", id=NODE_ID))
