"""What can go wrong with local state.

StorageError
├── DatabaseTooNew      written by a newer version of the bot
├── DatabaseUnusable    cannot be opened, is damaged, or its directory cannot be written
├── DatabaseFailed      a statement could not be carried out: disk full, file damaged, or a wrong statement
├── MigrationFailed     a migration broke off; the database is as it was before it
├── AlreadyRunning      another instance holds the data directory
└── VaultError
    ├── BadSecretKey        a configured key is not a Fernet key
    ├── KeysDoNotFit        none of the keys opens what this database holds
    └── CannotOpen          one sealed value does not open, or belongs to something else
"""


class StorageError(Exception):
    """Root of the family. Messages are sentences for the operator and never hold a secret."""


class DatabaseTooNew(StorageError):
    def __init__(self, *, found: int, known: int) -> None:
        super().__init__(
            f"The database is at version {found}, and this version of the bot knows {known}. "
            "Start the newer version of the bot again, or restore the copy made before its migration."
        )
        self.found = found
        self.known = known


class DatabaseUnusable(StorageError): ...


class DatabaseFailed(StorageError): ...


class MigrationFailed(StorageError): ...


class AlreadyRunning(StorageError): ...


class VaultError(StorageError): ...


class BadSecretKey(VaultError): ...


class KeysDoNotFit(VaultError): ...


class CannotOpen(VaultError):
    def __init__(self, purpose: str) -> None:
        super().__init__(f"A sealed value ({purpose}) cannot be opened with the keys in use.")
        self.purpose = purpose
