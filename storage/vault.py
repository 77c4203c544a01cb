"""Secrets at rest: sealed with the first key, opened with any, and bound to what they belong to."""

import json
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from storage.database import Database, Transaction
from storage.errors import BadSecretKey, CannotOpen, KeysDoNotFit

_PROOF = "these keys fit this database"


class Vault:
    """Seals text together with its purpose and owner; a value copied elsewhere does not open.

    Fernet authenticates but binds no associated data, hence purpose and owner travel inside.
    """

    def __init__(self, keys: list[str]) -> None:
        """`keys`: URL-safe base64 Fernet keys; the first seals, all open.

        Raises:
            BadSecretKey: one is not a Fernet key (it is named by its position, never shown).
        """
        self._fernets = _fernets(keys)
        self._fernet = MultiFernet(self._fernets)

    @property
    def keys(self) -> int:
        """How many there are."""
        return len(self._fernets)

    def use(self, keys: list[str]) -> None:
        """Go on with these keys, for every store that holds this vault.

        Raises:
            BadSecretKey: nothing has changed.
        """
        self._fernets = _fernets(keys)
        self._fernet = MultiFernet(self._fernets)

    def __repr__(self) -> str:
        return "Vault()"

    def seal(self, purpose: str, owner: int, value: str) -> bytes:
        return self._fernet.encrypt(json.dumps([purpose, owner, value]).encode())

    def open(self, purpose: str, owner: int, sealed: bytes) -> str:
        """The value, provided it was sealed for this purpose and owner.

        Raises:
            CannotOpen: it does not open with any key, or was sealed for something else.
        """
        try:
            found_purpose, found_owner, value = json.loads(self._fernet.decrypt(sealed))
        except (InvalidToken, ValueError):
            raise CannotOpen(purpose) from None
        if (found_purpose, found_owner) != (purpose, owner):
            raise CannotOpen(purpose)
        return str(value)

    def reseal(self, sealed: bytes) -> bytes:
        """The same value under the first key.

        Raises:
            CannotOpen: no key opens it.
        """
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken:
            raise CannotOpen("any") from None

    def position_of_key(self, sealed: bytes) -> int | None:
        """Which key opens it, counted from 1; None when none does."""
        for position, fernet in enumerate(self._fernets, start=1):
            try:
                fernet.decrypt(sealed)
            except InvalidToken:
                continue
            return position
        return None

    def fits(self, proof: bytes) -> bool:
        """Whether one of the keys sealed what `prove` left in a database."""
        try:
            return self.open("proof", 1, proof) == _PROOF
        except CannotOpen:
            return False

    async def prove(self, database: Database) -> None:
        """Check the keys against the proof in the database, leaving one where there is none.

        Raises:
            KeysDoNotFit: the database was sealed with other keys.
        """

        def work(transaction: Transaction) -> bytes:
            transaction.execute(
                "INSERT INTO proof (id, sealed) VALUES (1, :sealed) ON CONFLICT (id) DO NOTHING",
                {"sealed": self.seal("proof", 1, _PROOF)},
            )
            row = transaction.fetch_one("SELECT sealed FROM proof WHERE id = 1")
            return bytes(row["sealed"]) if row else b""

        if not self.fits(await database.write(work)):
            raise KeysDoNotFit(
                "None of the secret keys opens this database. Put back the key file that belongs to it, "
                "or name the right keys in BOT_SECRET_KEYS."
            )


def load_or_make_keys(path: Path) -> list[str]:
    """The keys in the key file; a new file holds one new key, mode 0600.

    Raises:
        OSError: the file can be neither read nor made.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_key_file(path, [])
    return read_keys(path)


def add_key(path: Path) -> list[str]:
    """Put a new key before those in the key file; the keys it has then.

    Raises:
        OSError: it cannot be read or written, and is as it was.
        BadSecretKey: it holds something else than keys, and is as it was.
    """
    older = read_keys(path)
    _fernets(older)
    _write_key_file(path, older)
    return read_keys(path)


def read_keys(path: Path) -> list[str]:
    """The keys in the key file, separated by commas or lines.

    Raises:
        OSError: it cannot be read.
    """
    text = path.read_text(encoding="ascii", errors="replace")
    return text.replace(",", " ").split()


def _fernets(keys: list[str]) -> list[Fernet]:
    if not keys:
        raise BadSecretKey("At least one secret key is needed.")
    fernets = []
    for position, key in enumerate(keys, start=1):
        try:
            fernets.append(Fernet(key))
        except ValueError:
            raise BadSecretKey(f"Secret key number {position} is not a Fernet key.") from None
    return fernets


def _write_key_file(path: Path, older: list[str]) -> None:
    """A new key, and the older ones behind it."""
    # Complete and on disk before it bears its name: a key lost in a power failure loses all that it sealed.
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        if path.exists():
            # Root may be the one who writes it; the bot has to read it all the same.
            os.fchown(descriptor, path.stat().st_uid, path.stat().st_gid)
        file.write("".join(f"{key}\n" for key in (Fernet.generate_key().decode(), *older)).encode())
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
