"""The Whirlpool hash (ISO/IEC 10118-3, final version), which `hashlib` lacks under OpenSSL 3.

OpenSSL still has it, in its *legacy* provider. That provider is loaded into a library context of its own, so that
nothing else in the process sees it; where it is missing, a plain Python version takes over (about 0.3 MB/s).
"""

import _hashlib
import ctypes
from functools import cache
from typing import Protocol

DIGEST_BYTES = 64
_BLOCK_BYTES = 64
_LENGTH_BYTES = 32
_ROUNDS = 10
_ROW_MASK = (1 << 64) - 1

# The cipher's small boxes and its circulant matrix, from the specification.
_E_BOX = (0x1, 0xB, 0x9, 0xC, 0xD, 0x6, 0xF, 0x3, 0xE, 0x8, 0x7, 0x4, 0xA, 0x2, 0x5, 0x0)
_R_BOX = (0x7, 0xC, 0xB, 0xD, 0xE, 0x4, 0x9, 0xF, 0x6, 0x3, 0x8, 0xA, 0x2, 0x5, 0x1, 0x0)
_MATRIX_ROW = (1, 1, 4, 1, 8, 5, 2, 9)
_REDUCTION = 0x11D


class Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


def whirlpool() -> Digest:
    """A fresh hash, by OpenSSL where it can be had."""
    library = _legacy_openssl()
    return PythonWhirlpool() if library is None else OpenSslWhirlpool(library)


def whirlpool_is_fast() -> bool:
    """Whether it is OpenSSL's; the other one is too slow for files of some size."""
    return _legacy_openssl() is not None


class LegacyOpenSsl:
    """The few functions of libcrypto needed here, with the fetched algorithm.

    Raises:
        OSError, AttributeError: No OpenSSL 3 in this Python, or no legacy provider beside it.
    """

    def __init__(self) -> None:
        # Python's own extension module is linked with libcrypto, whose names are found through it.
        self.crypto = ctypes.CDLL(_hashlib.__file__)
        for name, result, arguments in (
            ("OSSL_LIB_CTX_new", ctypes.c_void_p, []),
            ("OSSL_PROVIDER_load", ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_char_p]),
            ("EVP_MD_fetch", ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p]),
            ("EVP_MD_CTX_new", ctypes.c_void_p, []),
            ("EVP_MD_CTX_free", None, [ctypes.c_void_p]),
            ("EVP_MD_CTX_copy_ex", ctypes.c_int, [ctypes.c_void_p, ctypes.c_void_p]),
            ("EVP_DigestInit_ex", ctypes.c_int, [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]),
            ("EVP_DigestUpdate", ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]),
            ("EVP_DigestFinal_ex", ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]),
        ):
            function = getattr(self.crypto, name)
            function.restype = result
            function.argtypes = arguments
        context = self.crypto.OSSL_LIB_CTX_new()
        if not self.crypto.OSSL_PROVIDER_load(context, b"legacy"):
            raise OSError("OpenSSL's legacy provider is not installed")
        self.algorithm = self.crypto.EVP_MD_fetch(context, b"WHIRLPOOL", None)
        if not self.algorithm:
            raise OSError("OpenSSL's legacy provider has no Whirlpool")


@cache
def _legacy_openssl() -> LegacyOpenSsl | None:
    try:
        return LegacyOpenSsl()
    except (OSError, AttributeError):
        return None


class OpenSslWhirlpool:
    def __init__(self, library: LegacyOpenSsl) -> None:
        self._crypto = library.crypto
        self._context = self._crypto.EVP_MD_CTX_new()
        self._crypto.EVP_DigestInit_ex(self._context, library.algorithm, None)

    def __del__(self) -> None:
        self._crypto.EVP_MD_CTX_free(self._context)

    def update(self, data: bytes, /) -> None:
        self._crypto.EVP_DigestUpdate(self._context, data, len(data))

    def hexdigest(self) -> str:
        digest = ctypes.create_string_buffer(DIGEST_BYTES)
        final = self._crypto.EVP_MD_CTX_new()  # a copy, so that the hash can go on
        self._crypto.EVP_MD_CTX_copy_ex(final, self._context)
        self._crypto.EVP_DigestFinal_ex(final, digest, None)
        self._crypto.EVP_MD_CTX_free(final)
        return digest.raw.hex()


class PythonWhirlpool:
    def __init__(self) -> None:
        self._state = [0] * 8
        self._pending = b""
        self._length = 0

    def update(self, data: bytes, /) -> None:
        self._length += len(data)
        data = self._pending + data
        whole = len(data) - len(data) % _BLOCK_BYTES
        for start in range(0, whole, _BLOCK_BYTES):
            self._state = _compress(self._state, data[start : start + _BLOCK_BYTES])
        self._pending = data[whole:]

    def hexdigest(self) -> str:
        padded = self._pending + b"\x80"
        padded += bytes(-(len(padded) + _LENGTH_BYTES) % _BLOCK_BYTES)
        padded += (self._length * 8).to_bytes(_LENGTH_BYTES, "big")
        state = self._state
        for start in range(0, len(padded), _BLOCK_BYTES):
            state = _compress(state, padded[start : start + _BLOCK_BYTES])
        return b"".join(row.to_bytes(8, "big") for row in state).hex()


def _compress(state: list[int], block: bytes) -> list[int]:
    """One step of Miyaguchi-Preneel: the state, encrypting the block, joined with both."""
    tables, constants = _tables()
    message = [int.from_bytes(block[start : start + 8], "big") for start in range(0, _BLOCK_BYTES, 8)]
    key = state
    cipher = [row ^ key_row for row, key_row in zip(message, key, strict=True)]
    for constant in constants:
        key = _round(key, tables)
        key[0] ^= constant
        cipher = [row ^ key_row for row, key_row in zip(_round(cipher, tables), key, strict=True)]
    return [a ^ b ^ c for a, b, c in zip(state, cipher, message, strict=True)]


def _round(rows: list[int], tables: list[list[int]]) -> list[int]:
    mixed = []
    for index in range(8):
        row = 0
        for column, table in enumerate(tables):
            row ^= table[rows[(index - column) & 7] >> (56 - 8 * column) & 0xFF]
        mixed.append(row)
    return mixed


@cache
def _tables() -> tuple[list[list[int]], list[int]]:
    """Substitution, shift and diffusion as eight tables, and the constants of the rounds."""
    box = [_substitute(value) for value in range(256)]
    first = [
        int.from_bytes(bytes(_multiply(substituted, factor) for factor in _MATRIX_ROW), "big")
        for substituted in box
    ]
    tables = [[(row >> 8 * turn | row << 64 - 8 * turn) & _ROW_MASK for row in first] for turn in range(8)]
    constants = [int.from_bytes(bytes(box[8 * turn : 8 * turn + 8]), "big") for turn in range(_ROUNDS)]
    return tables, constants


def _substitute(value: int) -> int:
    high = _E_BOX[value >> 4]
    low = _E_BOX.index(value & 0xF)
    middle = _R_BOX[high ^ low]
    return _E_BOX[high ^ middle] << 4 | _E_BOX.index(low ^ middle)


def _multiply(value: int, factor: int) -> int:
    product = 0
    while factor:
        if factor & 1:
            product ^= value
        value <<= 1
        if value & 0x100:
            value ^= _REDUCTION
        factor >>= 1
    return product
