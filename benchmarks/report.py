"""From findings to a page to read, and to the lines in the README."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from benchmarks.charts import drawn
from benchmarks.figures import Figure, Findings, Measurement, Table, readable

BEGIN: Final = "<!-- measured: written by `make bench` -->"
END: Final = "<!-- end of what was measured -->"
IN_SHORT: Final = "## In three lines"
BAR: Final = r"\|"


@dataclass(frozen=True)
class Measured:
    """What came of one measurement."""

    measurement: Measurement
    findings: Findings

    @property
    def complete(self) -> bool:
        return all(figure.name in self.findings.values for figure in self.measurement.figures)


def results(measured: Sequence[Measured], machine: Sequence[tuple[str, str]], today: date) -> str:
    """The whole page."""
    parts = [
        "# Results",
        "",
        f"Made by `make bench` on {today.isoformat()}. How to read them: [README](README.md).",
        "",
    ]
    parts += ["| machine | |", "|---|---|", *(f"| {name} | {value} |" for name, value in machine), ""]
    lines = in_short(values_of(measured))
    if lines:
        parts += [IN_SHORT, "", *lines, ""]
    parts += ["## Figures", "", *figures(measured), ""]
    for each in measured:
        parts += _details(each)
    return "\n".join(parts).rstrip() + "\n"  # fmt: skip


def figures(measured: Sequence[Measured]) -> list[str]:
    """The table of all figures with their verdicts."""
    rows: list[Sequence[str]] = []
    for each in measured:
        for figure in each.measurement.figures:
            value = each.findings.values.get(figure.name)
            row = [figure.what, _value(each, figure)]
            for bound in (figure.must, figure.aim):
                if bound is None:
                    row += ["", ""]
                else:
                    row += [figure.bound(bound), "" if value is None else figure.verdict(value, bound)]
            rows.append(row)
    return _cells(Table("", ("figure", "measured", "must", "", "aim", ""), rows))


def plain_figures(measured: Sequence[Measured]) -> list[str]:
    """That everything was measured, and not how well."""
    return [
        f"{figure.what}: {_value(each, figure)}" for each in measured for figure in each.measurement.figures
    ]


def values_of(measured: Sequence[Measured]) -> dict[str, float]:
    return {name: value for each in measured for name, value in each.findings.values.items()}


def in_short(values: Mapping[str, float]) -> list[str]:
    """Three lines for people who only want to know whether it is fast; none where a figure of them is missing."""
    try:
        shown = {name: readable(value) for name, value in values.items()}
        return [
            f"- A 1 GiB file goes to 1fichier over TLS at {shown['upload speed']} times the speed of `curl -F`, with {shown['upload cpu']} of its processor time.",
            f"- The whole bot takes {shown['idle']} MB at rest and {shown['crowd memory']} MB while it sends 32 files at once, and answers `/help` within {shown['crowd help']} ms meanwhile (99 of 100 times).",
            f"- It is there {shown['start']} s after its start, and with 10,000 files in its queue sends the first byte after {shown['restart']} s.",
        ]
    except KeyError:
        return []


def with_lines(text: str, lines: Sequence[str]) -> str:
    """A document with the lines between its two marks.

    Raises:
        ValueError: the marks are not there.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the document has no place for what was measured")
    return "\n".join([before + begin, *lines, end + after])


def write(
    folder: Path, readme: Path, measured: Sequence[Measured], machine: Sequence[tuple[str, str]]
) -> None:
    """Keep the results: the page, its pictures, and the README's lines."""
    (folder / "results.md").write_text(results(measured, machine, date.today()), encoding="utf-8")  # noqa: DTZ011  # the day where it was measured
    plots = folder / "plots"
    plots.mkdir(exist_ok=True)
    for old in plots.glob("*.svg"):
        old.unlink()
    for each in measured:
        for chart in each.findings.charts:
            (plots / f"{chart.name}.svg").write_text(drawn(chart), encoding="utf-8")
    lines = in_short(values_of(measured))
    if lines:
        readme.write_text(with_lines(readme.read_text(encoding="utf-8"), lines), encoding="utf-8")


def _value(each: Measured, figure: Figure) -> str:
    value = each.findings.values.get(figure.name)
    if value is None:
        return f"not measured: {' '.join(each.findings.problem.split())}"
    return figure.shown(value)


def _details(each: Measured) -> list[str]:
    lines = [f"## {each.measurement.name}", "", each.measurement.explanation, ""]
    for table in each.findings.tables:
        lines += [f"**{table.title}**", "", *_cells(table), ""]
    for chart in each.findings.charts:
        lines += [f"![{chart.title}](plots/{chart.name}.svg)", ""]
    return lines


def _cells(table: Table) -> list[str]:
    lines = [_line(table.columns), "|" + "---|" * len(table.columns)]
    lines += [
        _line([cell if isinstance(cell, str) else readable(cell) for cell in row]) for row in table.rows
    ]
    return lines


def _line(cells: Sequence[str]) -> str:
    # Also within code a bar would end the cell.
    return f"| {' | '.join(cell.replace('|', BAR) for cell in cells)} |"
