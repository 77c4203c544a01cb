"""The service's checksum: Whirlpool (ISO/IEC 10118-3, final version), written as 128 lower-case hexadecimal digits.

OpenSSL 3 has moved it into its *legacy* provider, which is loaded when the first checksum is asked for. Some systems ship that provider as
a package of its own, and some builds of Python carry an OpenSSL without it.
"""

import ctypes
import hashlib
from functools import cache
from typing import Final, Protocol

_NAME: Final = "whirlpool"


class Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


def new_whirlpool() -> Hash | None:
    """A fresh computation, which lets go of the interpreter's lock while it works; None where OpenSSL lacks it."""
    return hashlib.new(_NAME, usedforsecurity=False) if whirlpool_is_available() else None


@cache
def whirlpool_is_available() -> bool:
    return _is_known() or (_load_legacy_provider() and _is_known())


def _is_known() -> bool:
    try:
        hashlib.new(_NAME, usedforsecurity=False)
    except ValueError:
        return False
    return True


def _load_legacy_provider() -> bool:
    """Load it beside the default one, which OpenSSL stops loading by itself as soon as another is named."""
    try:
        # The extension module is linked against the very library that hashlib uses.
        import _hashlib  # noqa: PLC0415  # absent where Python was built without OpenSSL

        load = ctypes.CDLL(_hashlib.__file__).OSSL_PROVIDER_load
    except (ImportError, OSError, AttributeError):
        return False
    load.argtypes = (ctypes.c_void_p, ctypes.c_char_p)
    load.restype = ctypes.c_void_p
    return all(load(None, name) for name in (b"default", b"legacy"))
