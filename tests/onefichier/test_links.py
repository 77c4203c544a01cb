import pytest

from onefichier import Link, LinkKind, RemoveLink, find_links, link_kind, parse_link
from onefichier.links import DOMAINS

ID = "k3x9w0a1b2c3d4e5f6g7"


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_link_of_each_domain_keeps_it(domain: str) -> None:
    assert parse_link(f"https://{domain}/?{ID}") == Link(ID, "")
    assert str(parse_link(f"https://{domain}/?{ID}")) == f"https://{domain}/?{ID}"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (f"https://1fichier.com/?{ID}&af=62851", f"https://1fichier.com/?{ID}"),
        (f"https://1fichier.com/?{ID}&lg=en&inline=1", f"https://1fichier.com/?{ID}"),
        (f"https://1fichier.com/?{ID}#top", f"https://1fichier.com/?{ID}"),
        (f"http://www.1Fichier.COM/?{ID.upper()}", f"https://1fichier.com/?{ID}"),
        (f"  1fichier.com/?{ID}\n", f"https://1fichier.com/?{ID}"),
        ("https://1fichier.com/?abcde", "https://1fichier.com/?abcde"),
        ("https://abcde12345.1fichier.com/", "https://1fichier.com/?abcde12345"),
        ("https://abcde12345.1fichier.com", "https://1fichier.com/?abcde12345"),
    ],
)
def test_a_link_is_cut_to_the_bare_form(text: str, url: str) -> None:
    link = parse_link(text)
    assert link is not None
    assert link.url == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "https://1fichier.com/",
        "https://1fichier.com/?abcd",
        f"https://1fichier.com/?{ID}a",
        "https://1fichier.com/?abc_def",
        f"https://example.com/?{ID}",
        f"https://not1fichier.com/?{ID}",
        f"https://1fichier.com.example.com/?{ID}",
        f"https://example.com/1fichier.com/?{ID}",
        f"https://1fichier.com/?{ID} and more",
        f"https://1fichier.com/?{ID}/x",
        "https://1fichier.com/dir/AbCdEfGh",
        f"https://1fichier.com/remove/{ID}/abcde",
        "https://a-4.1fichier.com/c118073942",
        "https://api.1fichier.com/",
        "https://1fichier.com/console/params.pl",
    ],
)
def test_what_is_no_file_link_is_none(text: str) -> None:
    assert parse_link(text) is None


def test_links_are_compared_by_id() -> None:
    assert parse_link("https://1fichier.com/?abcdef") == parse_link("https://megadl.fr/?ABCDEF&af=1")
    assert parse_link("https://1fichier.com/?abcdef") != parse_link("https://1fichier.com/?abcdeg")


def test_links_in_a_text_are_found_in_order_and_once() -> None:
    text = (
        "first (https://megadl.fr/?bbbbbb&af=3), then https://aaaaaa.1fichier.com/ and again\n"
        "https://1fichier.com/?bbbbbb. Not https://1fichier.com/remove/cccccc/ddddd nor https://example.com/?eeeeee; "
        "1fichier.com/?ffffff!"
    )
    assert [link.id for link in find_links(text)] == ["bbbbbb", "aaaaaa", "ffffff"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"https://1fichier.com/?{ID}", LinkKind.FILE),
        ("https://1fichier.com/dir/AbCdEfGh", LinkKind.FOLDER),
        ("https://1fichier.com/en/dir/AbCdEfGh", LinkKind.FOLDER),
        (f"https://1fichier.com/remove/{ID}/abcde", LinkKind.REMOVE),
        ("https://a-4.1fichier.com/c118073942", LinkKind.DIRECT),
        ("https://example.com/", None),
    ],
)
def test_addresses_of_the_service_are_told_apart(text: str, kind: LinkKind | None) -> None:
    assert link_kind(text) is kind


def test_a_remove_link_does_not_show_its_code() -> None:
    remove = RemoveLink(f"https://1fichier.com/remove/{ID}/s3cret")
    assert "s3cret" not in f"{remove} {remove!r}"
    assert remove.reveal().endswith("/s3cret")
    assert remove.path == f"/remove/{ID}/s3cret"
    assert remove == RemoveLink(remove.reveal())
    assert len({remove, RemoveLink(remove.reveal())}) == 1


def test_a_remove_link_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="remove link"):
        RemoveLink("https://1fichier.com/?abcdef")
