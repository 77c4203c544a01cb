import pickle

import pytest

from onefichier import ApiKey, MalformedKey

KEY = "aB3-_=" + "x" * 26


def test_a_key_loses_the_spaces_around_it_and_shows_itself_only_when_asked() -> None:
    key = ApiKey(f"  {KEY}\n")
    assert key.reveal() == KEY
    assert KEY not in f"{key} {key!r} {[key]}"
    assert key == ApiKey(KEY)
    assert key != ApiKey("other")
    assert len({key, ApiKey(KEY)}) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "two words",
        "line\nbreak",
        "nul\x00",
        "clé",
        "x" * 257,
        "x" * 10_000,
        "tab\tbed",
        "\u202ekey",
    ],
    ids=["empty", "spaces", "inner space", "break", "nul", "accent", "257", "10 kB", "tab", "override"],
)
def test_what_cannot_be_a_key_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(MalformedKey) as refused:
        ApiKey(text)
    assert not text.strip() or text.strip() not in str(refused.value)


def test_a_key_is_not_pickled() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(ApiKey(KEY))
