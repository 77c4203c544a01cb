"""Measure, print the results, and keep them. No figure fails a run; in the short form, what cannot be measured does."""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from benchmarks import machine
from benchmarks.figures import Findings, Measurement, NotMeasured, Run
from benchmarks.peer import prepare_peer
from benchmarks.registry import MEASUREMENTS
from benchmarks.report import Measured, plain_figures, results, write

FOLDER = Path(__file__).parent
LONGEST_PROBLEM = 500
README = FOLDER.parent / "README.md"
SHORT_AT_ONCE = 2
"""They wait most of the time: for a start, for a stop."""


def main(arguments: Sequence[str] | None = None) -> int:
    names = [each.name for each in MEASUREMENTS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--short", action="store_true", help="small and once, to see that all can be measured; keeps nothing"
    )
    parser.add_argument(
        "--only", nargs="+", choices=names, metavar="NAME", help=f"some of {', '.join(names)}; keeps nothing"
    )
    given = parser.parse_args(arguments)
    chosen = [each for each in MEASUREMENTS if not given.only or each.name in given.only]
    measured = asyncio.run(measure_all(chosen, short=given.short))
    if given.short:
        print("\n".join(plain_figures(measured)))
    else:
        print(results(measured, machine.described(), date.today()))  # noqa: DTZ011  # the day where it was measured
        if not given.only:
            write(FOLDER, README, measured, machine.described())
    missing = [each for each in measured if not each.complete]
    for each in missing:
        print(f"{each.measurement.name} could not be measured: {each.findings.problem}", file=sys.stderr)
    return 1 if missing and given.short else 0


async def measure_all(chosen: Sequence[Measurement], *, short: bool) -> list[Measured]:
    # Whoever ends it must not leave a bot and a peer behind.
    if (whole := asyncio.current_task()) is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, whole.cancel)
    # Where the figures mean nothing, the measurements need not wait for each other.
    side_by_side = asyncio.Semaphore(SHORT_AT_ONCE if short else 1)
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        await asyncio.to_thread(prepare_peer, Path(folder))

        async def measure(measurement: Measurement) -> Measured:
            async with side_by_side:
                begun = time.monotonic()
                measured = await measure_one(measurement, Run(Path(folder), short))
            print(f"{measurement.name}: {time.monotonic() - begun:.0f} s", file=sys.stderr)
            return measured

        return await asyncio.gather(*(measure(each) for each in chosen))


async def measure_one(measurement: Measurement, run: Run) -> Measured:
    """A barrier: what goes wrong in one keeps nobody from measuring the others."""
    try:
        findings = await measurement.measure(run)
    except NotMeasured as error:
        return Measured(measurement, Findings(problem=str(error)))
    except Exception as error:  # noqa: BLE001  # it is shown, and said in the results
        traceback.print_exc()
        return Measured(measurement, Findings(problem=f"{type(error).__name__}: {error}"[-LONGEST_PROBLEM:]))
    return Measured(measurement, findings)


if __name__ == "__main__":
    sys.exit(main())
