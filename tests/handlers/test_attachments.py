import pytest
from telegram import Message, Update

from emulators.botapi import BotApi
from emulators.botapi.attachments import Kind
from emulators.user import Person
from handlers.attachments import file_in
from storage import IncomingFile
from tests.clock import FakeClock

TOKEN = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture
def ada() -> Person:
    clock = FakeClock()
    api = BotApi(token=TOKEN, clock=lambda: clock.now().timestamp())
    api.updates.allow(["message"])
    return Person(api, user_id=1_000, first_name="Ada")


def received(person: Person) -> Message:
    update = Update.de_json(person.api.updates.pending[-1])
    assert update.message is not None
    return update.message


def file_of(person: Person) -> IncomingFile:
    file = file_in(received(person))
    assert file is not None
    return file


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("document", "document_2026-03-02_1"),
        ("photo", "photo_2026-03-02_1.jpg"),
        ("video", "video_2026-03-02_1.mp4"),
        ("audio", "audio_2026-03-02_1.mp3"),
        ("voice", "voice_2026-03-02_1.ogg"),
        ("animation", "animation_2026-03-02_1.mp4"),
        ("video_note", "video_note_2026-03-02_1.mp4"),
        ("sticker", "sticker_2026-03-02_1.webp"),
        ("live_photo", "live_photo_2026-03-02_1.mp4"),
    ],
)
def test_every_kind_of_file_is_found_and_named(ada: Person, kind: Kind, name: str) -> None:
    sent = ada.send_file(kind, size=4_321)
    file = file_of(ada)
    assert (file.kind, file.name, file.given_name, file.size) == (kind, name, name, 4_321)
    assert (file.chat_id, file.message_id) == (ada.chat.id, sent.id)


@pytest.mark.parametrize("kind", ["document", "video", "audio", "animation"])
def test_a_file_keeps_the_name_its_message_has(ada: Person, kind: Kind) -> None:
    ada.send_file(kind, name="a <b>.xyz", caption="something else")
    assert file_of(ada).given_name == "a <b>.xyz"
    assert file_of(ada).name == "a ＜b＞.xyz"


def test_of_a_photo_the_largest_size_is_taken(ada: Person) -> None:
    ada.send_file("photo", size=500_000)
    assert file_of(ada).size == 500_000


def test_a_size_that_is_not_said_stays_unknown(ada: Person) -> None:
    ada.send_file(name="a.bin", size=10, file_size=None)
    assert file_of(ada).size is None


def test_the_type_gives_the_extension(ada: Person) -> None:
    ada.send_file("document", caption="Report", mime_type="application/pdf")
    assert file_of(ada).given_name == "Report.pdf"


@pytest.mark.parametrize(
    ("fields", "extension"),
    [({"is_animated": True}, ".tgs"), ({"is_video": True}, ".webm"), ({}, ".webp")],
    ids=["animated", "video", "still"],
)
def test_a_sticker_gets_the_extension_of_its_format(
    ada: Person, fields: dict[str, bool], extension: str
) -> None:
    ada.send_file("sticker")
    raw = ada.api.updates.pending[-1]
    raw["message"]["sticker"] |= fields
    message = Update.de_json(raw).message
    assert message is not None
    file = file_in(message)
    assert file is not None
    assert file.name.endswith(extension)


def test_music_is_named_after_its_performer_and_title(ada: Person) -> None:
    ada.send_file("audio")
    raw = ada.api.updates.pending[-1]
    raw["message"]["audio"] |= {"performer": "AC/DC", "title": "Live"}
    message = Update.de_json(raw).message
    assert message is not None
    file = file_in(message)
    assert file is not None
    assert (file.given_name, file.name) == ("AC/DC - Live.mp3", "AC／DC - Live.mp3")


def test_a_message_without_a_file_has_none(ada: Person) -> None:
    ada.send_contact()
    assert file_in(received(ada)) is None
