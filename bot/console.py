"""What the command line writes: lines on the standard output, sizes as 1fichier and disks count them."""

import sys

_STEP = 1000
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def size(number: float) -> str:
    """Decimal, with one place above a kilobyte."""
    for unit in _UNITS[:-1]:
        if number < _STEP:
            return f"{number:.0f} {unit}" if unit == "bytes" else f"{number:.1f} {unit}"
        number /= _STEP
    return f"{number:.1f} {_UNITS[-1]}"
