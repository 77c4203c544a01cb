"""Long texts in several messages."""

from handlers.splitting import LONGEST_MESSAGE, split
from handlers.texts import Html


def test_a_short_text_stays_whole() -> None:
    assert split(Html("<b>a</b>\nb")) == ["<b>a</b>\nb"]


def test_a_link_stays_with_its_name() -> None:
    entry = "<b>" + "n" * 60 + "</b>\nhttps://1fichier.com/?k3x9w0a1b2c3d4e5f6g7"
    parts = split(Html("\n".join([entry] * 200)))
    assert len(parts) > 1
    assert all(part.startswith("<b>") and not part.endswith("</b>") for part in parts)
    assert "\n".join(parts) == "\n".join([entry] * 200)


def test_only_what_is_seen_is_counted() -> None:
    assert len(split(Html("<b>&amp;</b>" * LONGEST_MESSAGE))) == 1


def test_letters_beyond_the_basic_plane_count_twice() -> None:
    assert len(split(Html("\n".join(["😀" * 1_000] * 3)))) == 3


def test_a_line_that_is_too_long_is_cut_without_its_markup() -> None:
    (part,) = split(Html("<b>" + "&lt;" * 5_000 + "</b>"))
    assert part == "&lt;" * (LONGEST_MESSAGE - 1) + "…"


def test_a_long_list_of_links_alone_loses_none() -> None:
    links = [f"https://1fichier.com/?{number:020}" for number in range(200)]
    parts = split(Html("\n".join(["✅ 200 files uploaded", "", *links])))
    assert len(parts) == 3
    assert "\n".join(parts).splitlines()[2:] == links
