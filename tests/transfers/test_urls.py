import pytest

from storage import WantedUrl
from transfers import RejectedUrl, UrlProblem, read_urls


@pytest.mark.parametrize(
    ("said", "url", "shown"),
    [
        pytest.param("https://example.org/a.iso", "https://example.org/a.iso", "example.org/a.iso", id="https"),
        pytest.param("http://example.org", "http://example.org", "example.org", id="http without a path"),
        pytest.param("ftp://example.org/a", "ftp://example.org/a", "example.org/a", id="ftp"),
        pytest.param("HTTPS://Example.ORG/A", "https://example.org/A", "example.org/A", id="capitals"),
        pytest.param(
            "https://ada:s3cret@example.org/a?token=1",
            "https://ada:s3cret@example.org/a?token=1",
            "example.org/a",
            id="credentials and query are kept and not shown",
        ),
        pytest.param("http://example.org:8080/a", "http://example.org:8080/a", "example.org:8080/a", id="port"),
        pytest.param("http://[::1]:80/a", "http://[::1]:80/a", "[::1]:80/a", id="IPv6"),
        pytest.param("http://example.org/a#part", "http://example.org/a", "example.org/a", id="fragment"),
        pytest.param(
            ["http://exämple.org/ü", "b"][0],
            "http://xn--exmple-cua.org/%C3%BC",
            "exämple.org/ü",
            id="other letters",
        ),
        pytest.param(
            "http://example.org/%C3%BC%20b", "http://example.org/%C3%BC%20b", "example.org/ü b", id="escapes"
        ),
        pytest.param(
            "http://example.org/a%E2%80%AEb%0A", "http://example.org/a%E2%80%AEb%0A", "example.org/ab",
            id="escaped controls are not shown",
        ),
        pytest.param("(https://example.org/a_(b)),", "https://example.org/a_(b)", "example.org/a_(b)", id="brackets"),
        pytest.param("“https://example.org/a”;", "https://example.org/a", "example.org/a", id="quotation marks"),
    ],
)  # fmt: skip
def test_a_url_is_wanted_as_it_goes_over_the_wire(said: str, url: str, shown: str) -> None:
    assert read_urls(said).wanted == [WantedUrl(url, shown)]
    assert not read_urls(said).rejected


@pytest.mark.parametrize(
    ("said", "shown", "problem"),
    [
        ("nonsense", "nonsense", UrlProblem.NOT_A_URL),
        ("example.org/a.iso", "example.org/a.iso", UrlProblem.NOT_A_URL),
        ("example.org:80/a", "example.org:80/a", UrlProblem.NOT_A_URL),
        ("https://", "", UrlProblem.NOT_A_URL),
        ("http://[::1/a", "[::1/a", UrlProblem.NOT_A_URL),
        ("http://ada:pw@h:99999/a?b", "h:99999/a", UrlProblem.NOT_A_URL),
        ("ada:5ecret@example.org/a?b", "example.org/a", UrlProblem.NOT_A_URL),
        ("x" * 99, "x" * 59 + "…", UrlProblem.NOT_A_URL),
        ("http://exa\x07mple.org/", "example.org", UrlProblem.NOT_A_URL),
        ("magnet:?xt=urn:btih:1", "magnet:", UrlProblem.BAD_SCHEME),
        ("file:///etc/passwd", "file:", UrlProblem.BAD_SCHEME),
        ("https://api.telegram.org/file/bot1:AA/a.mp4", "api.telegram.org", UrlProblem.TELEGRAM_FILE),
        ("https://API.telegram.org./bot1:AA/getMe", "api.telegram.org", UrlProblem.TELEGRAM_FILE),
        ("http://10.0.0.1:8081/file/bot1%3AAA/a", "10.0.0.1:8081", UrlProblem.TELEGRAM_FILE),
        ("https://t.me/c/1/2", "t.me/c/1/2", UrlProblem.TELEGRAM_LINK),
        ("https://some.t.me/", "some.t.me", UrlProblem.TELEGRAM_LINK),
        ("t.me/channel/5", "t.me/channel/5", UrlProblem.TELEGRAM_LINK),
        ("tg://resolve?domain=a", "tg:", UrlProblem.TELEGRAM_LINK),
        ("https://1fichier.com/?abcde12345&af=1", "1fichier.com", UrlProblem.ONEFICHIER_LINK),
        ("1fichier.com/?abcde12345", "1fichier.com/", UrlProblem.ONEFICHIER_LINK),
        ("https://1fichier.com/remove/abcde12345/C0de", "1fichier.com", UrlProblem.ONEFICHIER_LINK),
        ("1fichier.com/remove/abcde12345/C0de", "1fichier.com", UrlProblem.ONEFICHIER_LINK),
        ("https://example.org/" + "a" * 2_000, "example.org/" + "a" * 2_000, UrlProblem.TOO_LONG),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_not_handed_on_is_told_apart(said: str, shown: str, problem: UrlProblem) -> None:
    assert read_urls(said).rejected == [RejectedUrl(shown, problem)]
    assert not read_urls(said).wanted


def test_several_urls_keep_their_order_and_the_same_one_is_wanted_once() -> None:
    urls = read_urls("http://a.org/1\nhttp://b.org/2, http://a.org/1 foo")
    assert [each.url for each in urls.wanted] == ["http://a.org/1", "http://b.org/2"]
    assert [each.problem for each in urls.rejected] == [UrlProblem.DUPLICATE, UrlProblem.NOT_A_URL]


def test_words_of_punctuation_alone_are_nothing() -> None:
    assert read_urls("“” , () ;") == read_urls("")
