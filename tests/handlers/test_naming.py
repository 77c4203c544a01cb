from datetime import UTC, datetime

import pytest

from handlers.channel_names import without_channel
from handlers.naming import Name, extension_of, name_of

LATE = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)


def named(
    file_name: str | None,
    caption: str | None,
    *,
    extension: str = ".mp4",
    title: str | None = None,
    asked: str = "",
) -> Name:
    return name_of(
        file_name,
        caption,
        extension=extension,
        title=title,
        kind="video",
        sent_at=LATE,
        number=17,
        asked=asked,
    )


@pytest.mark.parametrize(
    ("file_name", "caption", "given"),
    [
        pytest.param("Holiday.mkv", "Something else", "Holiday.mkv", id="its own name"),
        pytest.param(" Holiday.mkv\n", None, "Holiday.mkv", id="spaces around it"),
        pytest.param(None, "\n  Wedding \nall of us", "Wedding.mp4", id="first line of the caption"),
        pytest.param(None, "Wedding.MP4", "Wedding.MP4", id="a caption that is a file name"),
        pytest.param(None, "Wedding v1.5", "Wedding v1.5.mp4", id="a dot that begins no extension"),
        pytest.param("   ", "Wedding", "Wedding.mp4", id="a name of spaces"),
        pytest.param(None, " \n ", "video_2026-11-23_17.mp4", id="kind and day in Paris"),
        pytest.param("💾 ünïcode.zip", None, "💾 ünïcode.zip", id="any Unicode"),
    ],
)
def test_a_name_is_found(file_name: str | None, caption: str | None, given: str) -> None:
    assert named(file_name, caption) == Name(given, given)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        pytest.param(
            "a<b>c\"d'e$f/g\\h.txt", "a＜b＞c＂d＇e＄f／g＼h.txt", id="characters that 1fichier refuses"
        ),
        pytest.param("two\nlines.txt", "two␊lines.txt", id="line break"),
        pytest.param("..", "．．", id="dots"),
    ],
)
def test_what_1fichier_refuses_is_replaced_and_what_was_given_is_kept(given: str, stored: str) -> None:
    assert named(given, None) == Name(given, stored)


def test_a_name_of_300_characters_keeps_its_extension() -> None:
    name = named("n" * 300 + ".part07.rar", None)
    assert len(name.given) == 311
    assert len(name.stored) <= 250
    assert name.stored.endswith(".rar")


def test_a_title_comes_after_the_caption() -> None:
    assert named(None, None, title="Ada - Song", extension=".mp3").given == "Ada - Song.mp3"
    assert named(None, "Concert", title="Ada - Song", extension=".mp3").given == "Concert.mp3"


def test_a_jpeg_is_a_jpg() -> None:
    assert named(None, "beach.jpeg", extension=".jpg").given == "beach.jpeg"


@pytest.mark.parametrize(
    ("mime_type", "extension"),
    [
        ("video/webm", ".webm"),
        ("Image/PNG; charset=x", ".png"),
        ("application/strange", ".bin"),
        (None, ".bin"),
    ],
)
def test_an_extension_goes_with_a_type(mime_type: str | None, extension: str) -> None:
    assert extension_of(mime_type, ".bin") == extension


@pytest.mark.parametrize(
    ("file_name", "asked", "given"),
    [
        pytest.param("IMG_1.MOV", "Holiday", "Holiday.MOV", id="the extension is left out"),
        pytest.param("IMG_1.MOV", "Holiday.mkv", "Holiday.mkv", id="an extension of their own"),
        pytest.param("a.rar", "Part 2.0", "Part 2.0.rar", id="a number is no extension"),
        pytest.param("a.rar", "b.7z", "b.7z", id="an extension that begins with a digit"),
        pytest.param(None, "Holiday", "Holiday.mp4", id="the file has no name"),
        pytest.param("README", "Notes", "Notes.mp4", id="the file has no extension"),
        pytest.param("a.mp4", "  \n Two\nlines", "Two.mp4", id="only the first line"),
        pytest.param("a.mp4", ".hidden", ".hidden.mp4", id="a dot at the beginning"),
    ],
)
def test_a_name_that_is_asked_for_comes_first(file_name: str | None, asked: str, given: str) -> None:
    assert named(file_name, "a caption", asked=asked).given == given


@pytest.mark.parametrize(
    ("name", "username", "left"),
    [
        pytest.param("@SomeChannel Film.mkv", None, "Film.mkv", id="a space"),
        pytest.param("@SomeChannel - Film.mkv", None, "Film.mkv", id="a dash"),
        pytest.param("[@SomeChannel] Film.mkv", None, "Film.mkv", id="brackets"),
        pytest.param("[@Some_Channel].Film.mkv", None, "Film.mkv", id="an underscore within brackets"),
        pytest.param("@SomeChannel.Film.2019.mkv", None, "Film.2019.mkv", id="a dot"),
        pytest.param("@SomeChannel_Film.mkv", None, "Film.mkv", id="an underscore"),
        pytest.param("@Some_Channel_Film.mkv", "some_channel", "Film.mkv", id="a channel that is known"),
        pytest.param("@Some_Channel Film.mkv", None, "Film.mkv", id="a channel that ends with a space"),
        pytest.param("@Some_Channel_Film.mkv", None, "Channel_Film.mkv", id="the film is worth more"),
        pytest.param("@some_channel.mkv", "some_channel", "@some_channel.mkv", id="nothing else"),
        pytest.param("@SomeChannel", None, "@SomeChannel", id="nothing else, no extension"),
        pytest.param("Film @SomeChannel.mkv", None, "Film @SomeChannel.mkv", id="not at the beginning"),
        pytest.param("@me.txt", None, "@me.txt", id="too short for a channel"),
        pytest.param("ada@example.org.txt", None, "ada@example.org.txt", id="an address"),
        pytest.param("@SomeChannel ⚡ Été.mkv", None, "⚡ Été.mkv", id="any Unicode"),
    ],
)
def test_a_leading_channel_is_left_out(name: str, username: str | None, left: str) -> None:
    assert without_channel(name, username) == left
