"""Reading a file of the disk piece by piece, without holding the event loop while the disk is slow."""

import asyncio
import errno
import os
from io import FileIO
from typing import Final

# What a kernel or a file system says that cannot tell what it has in memory.
_CANNOT_TELL: Final = frozenset({errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL})


class PieceReader:
    """Reads an open file from its beginning to its end.

    What the kernel has in memory is taken at once, which costs a copy. Only what the disk has yet to give is waited for in a
    thread: for each piece, the way to a thread and back would take longer than all the rest of reading it, and much longer on a busy
    machine.
    """

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self._position = 0
        self._byte = bytearray(1)
        # Linux alone says at once that it would have to wait.
        self._may_ask_memory = hasattr(os, "RWF_NOWAIT")

    async def read(self, size: int, *, within: float) -> bytes:
        """The next bytes, `size` at most; none at the end.

        Raises:
            TimeoutError: the disk gave nothing within so many seconds.
            OSError: it cannot be read.
        """
        if self._may_ask_memory and self._is_in_memory(size):
            piece = os.pread(self._file.fileno(), size, self._position)
        else:
            async with asyncio.timeout(within):
                piece = await asyncio.to_thread(os.pread, self._file.fileno(), size, self._position)
        self._position += len(piece)
        return piece

    def _is_in_memory(self, size: int) -> bool:
        """Asked by a byte at each end: read without waiting into a buffer, the whole would have to be copied once more.

        The kernel reads ahead, and forgets what lies untouched, from one end to the other: a hole between is rare, and costs the loop
        one read of the disk.
        """
        return self._has_byte(self._position) and self._has_byte(self._position + size - 1)

    def _has_byte(self, position: int) -> bool:
        try:
            os.preadv(self._file.fileno(), [self._byte], position, os.RWF_NOWAIT)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in _CANNOT_TELL:
                raise
            self._may_ask_memory = False
            return False
        return True
