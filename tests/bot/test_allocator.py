import ctypes
import platform
import subprocess
import sys

import pytest

from bot.allocator import keep_buffers

# Faults of pages that a process takes by allocating, filling and freeing a buffer a hundred times.
PROGRAM = """
import resource, sys
from bot.allocator import keep_buffers
if sys.argv[1] == "kept":
    assert keep_buffers()
source = b"x" * (1 << 20)
parts = [source[:500_000], source[500_000:]]
b"".join(parts)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(100):
    b"".join(parts)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.process
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_a_buffer_that_was_freed_is_used_again() -> None:
    faults = {
        way: int(
            subprocess.run(
                [sys.executable, "-c", PROGRAM, way], check=True, capture_output=True, text=True
            ).stdout
        )
        for way in ("kept", "left alone")
    }
    assert faults["kept"] * 10 < faults["left alone"]


def test_another_c_library_goes_its_own_way() -> None:
    class Other:
        pass

    def load(_: None) -> ctypes.CDLL:
        return Other()  # type: ignore[return-value]  # a library without mallopt

    assert not keep_buffers(load)
