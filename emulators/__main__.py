"""`python -m emulators`: the real bot against both emulators, used by a scripted person."""

import asyncio
import sys

from emulators.tour import tour

if __name__ == "__main__":
    sys.exit(asyncio.run(tour()))
