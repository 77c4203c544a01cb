"""How glibc hands memory out: set once, before the first transfer."""

import ctypes
from collections.abc import Callable
from typing import Final

# Constants of glibc's malloc.h.
_TRIM_THRESHOLD: Final = -1
_TOP_PAD: Final = -2
_MMAP_THRESHOLD: Final = -3

# Left alone, glibc maps every buffer above 128 KiB from the system, has each of its pages faulted in, and unmaps it again: for
# buffers that live for milliseconds that took 40 % of an upload's time. These are kept and used again.
MMAP_THRESHOLD_BYTES: Final = 32 * 1024 * 1024
TRIM_THRESHOLD_BYTES: Final = 64 * 1024 * 1024
TOP_PAD_BYTES: Final = 1024 * 1024


def keep_buffers(load: Callable[[None], ctypes.CDLL] = ctypes.CDLL) -> bool:
    """Have freed buffers used again; False where the C library is another one, which goes its own way."""
    try:
        mallopt = load(None).mallopt
    except (OSError, AttributeError):
        return False
    mallopt.argtypes = (ctypes.c_int, ctypes.c_int)
    mallopt.restype = ctypes.c_int
    return all(
        mallopt(parameter, value)
        for parameter, value in (
            (_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES),
            (_TRIM_THRESHOLD, TRIM_THRESHOLD_BYTES),
            (_TOP_PAD, TOP_PAD_BYTES),
        )
    )
