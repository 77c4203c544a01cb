"""Everything that is measured, in the order of the results."""

from typing import Final

from benchmarks.crowd import CROWD
from benchmarks.figures import Measurement
from benchmarks.growth import GROWTH
from benchmarks.relay import RELAY
from benchmarks.remotes import REMOTES
from benchmarks.restart import RESTART
from benchmarks.search import SEARCH
from benchmarks.start import START
from benchmarks.updates import UPDATE
from benchmarks.upload import UPLOAD

MEASUREMENTS: Final[tuple[Measurement, ...]] = (
    UPLOAD,
    RELAY,
    GROWTH,
    CROWD,
    UPDATE,
    START,
    REMOTES,
    RESTART,
    SEARCH,
)
