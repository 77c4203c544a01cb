"""Measure, print the results and keep them in `results.md`. No figure fails the run; a crash does."""

import argparse
import asyncio
from pathlib import Path

from benchmarks.report import report
from benchmarks.start import measure_start
from benchmarks.upload import measure_upload

RESULTS = Path(__file__).with_name("results.md")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--short", action="store_true", help="small files and few rounds, to see that it runs; keeps nothing"
    )
    short: bool = parser.parse_args().short
    tables = [asyncio.run(measure_upload(short=short)), measure_start(short=short)]
    results = report(tables)
    print(results)
    if not short:
        RESULTS.write_text(results, encoding="utf-8")


if __name__ == "__main__":
    main()
