from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from storage import (
    BadSecretKey,
    CannotOpen,
    Database,
    KeysDoNotFit,
    Vault,
    load_or_make_keys,
    open_database,
)


def new_key() -> str:
    return Fernet.generate_key().decode()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path / "bot.db") as opened:
        yield opened


@pytest.mark.parametrize(
    "value", ["", "a key", "日本 👍 \ud83d", "x" * 100_000], ids=["empty", "plain", "odd", "long"]
)
def test_what_was_sealed_opens_again(value: str) -> None:
    vault = Vault([new_key()])
    assert vault.open("key", 7, vault.seal("key", 7, value)) == value


@pytest.mark.parametrize(
    ("purpose", "owner"), [("key", 8), ("url", 7)], ids=["another owner", "another purpose"]
)
def test_a_value_copied_elsewhere_does_not_open(purpose: str, owner: int) -> None:
    vault = Vault([new_key()])
    sealed = vault.seal("key", 7, "planted")
    with pytest.raises(CannotOpen, match=purpose):
        vault.open(purpose, owner, sealed)


@pytest.mark.parametrize("sealed", [b"", b"garbage", b"gAAAAA=="])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(CannotOpen):
        Vault([new_key()]).open("key", 7, sealed)


def test_the_first_key_seals_and_all_open() -> None:
    old, new = new_key(), new_key()
    sealed_before = Vault([old]).seal("key", 7, "kept")
    both = Vault([new, old])
    assert both.open("key", 7, sealed_before) == "kept"
    assert Vault([new]).open("key", 7, both.seal("key", 7, "new")) == "new"


def test_a_resealed_value_opens_without_the_old_key() -> None:
    old, new = new_key(), new_key()
    resealed = Vault([new, old]).reseal(Vault([old]).seal("key", 7, "kept"))
    assert Vault([new]).open("key", 7, resealed) == "kept"


def test_what_does_not_open_cannot_be_resealed() -> None:
    with pytest.raises(CannotOpen):
        Vault([new_key()]).reseal(Vault([new_key()]).seal("key", 7, "lost"))


@pytest.mark.parametrize(
    "wrong", ["short", "ключ", "A" * 44, ""], ids=["short", "not ascii", "not base64 of 32 bytes", "empty"]
)
def test_a_wrong_key_is_named_by_its_position_and_not_shown(wrong: str) -> None:
    with pytest.raises(BadSecretKey, match="number 2") as refused:
        Vault([new_key(), wrong])
    assert not wrong or wrong not in str(refused.value)


def test_no_key_at_all_is_refused() -> None:
    with pytest.raises(BadSecretKey, match="At least one"):
        Vault([])


def test_its_representation_says_nothing() -> None:
    assert repr(Vault([new_key()])) == "Vault()"


async def test_the_keys_prove_to_fit_from_one_start_to_the_next(database: Database) -> None:
    old, new = new_key(), new_key()
    await Vault([old]).prove(database)
    await Vault([old]).prove(database)
    await Vault([new, old]).prove(database)


async def test_other_keys_are_refused_and_the_right_ones_still_fit(database: Database) -> None:
    right = new_key()
    await Vault([right]).prove(database)
    with pytest.raises(KeysDoNotFit, match="Put back the key file"):
        await Vault([new_key()]).prove(database)
    await Vault([right]).prove(database)


def test_a_missing_key_file_is_made_for_its_owner_alone_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "secret.keys"
    made = load_or_make_keys(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_or_make_keys(path) == made
    assert [file.name for file in tmp_path.iterdir()] == ["secret.keys"]
    Vault(made)


def test_a_start_that_died_while_making_the_key_file_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "secret.keys.new").write_text("half a k")
    Vault(load_or_make_keys(tmp_path / "secret.keys"))


@pytest.mark.parametrize(
    "text", ["{0}\n{1}\n", "{0},{1}", " {0} , {1} \n\n"], ids=["lines", "commas", "loosely"]
)
def test_several_keys_stand_in_one_file(tmp_path: Path, text: str) -> None:
    keys = [new_key(), new_key()]
    path = tmp_path / "secret.keys"
    path.write_text(text.format(*keys))
    assert load_or_make_keys(path) == keys


def test_a_key_file_that_cannot_be_read_is_an_operating_system_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        load_or_make_keys(tmp_path)
