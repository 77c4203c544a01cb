import re
from datetime import date
from pathlib import Path

import pytest

from benchmarks.figures import Chart, Figure, Findings, Measurement, Run, Sense, Table
from benchmarks.registry import MEASUREMENTS
from benchmarks.report import BEGIN, END, IN_SHORT, Measured, in_short, results, with_lines, write

ROOT = Path(__file__).resolve().parent.parent.parent
MACHINE = [("processor", "something, 2 cores")]
SPEED = Figure("speed", "`curl | curl`: speed", Sense.AT_LEAST, 1.3, 1.6, "x")
LAG = Figure("lag", "lag", Sense.AT_MOST, 25, unit="ms")
SHORT = {
    "upload speed": 1.7,
    "upload cpu": 0.6,
    "idle": 70.0,
    "crowd memory": 84.0,
    "crowd help": 31.0,
    "start": 0.6,
    "restart": 0.9,
}


async def nothing(_run: Run) -> Findings:
    return Findings()


def measured(findings: Findings) -> Measured:
    return Measured(Measurement("upload", "How it was done.", (SPEED, LAG), nothing), findings)


def page(findings: Findings) -> str:
    return results([measured(findings)], MACHINE, date(2026, 3, 2))


def test_each_figure_stands_with_its_bounds_and_verdicts() -> None:
    text = page(Findings({"speed": 1.42, "lag": 30.0}))
    assert r"| `curl \| curl`: speed | 1.42 x | ≥ 1.3 x | met | ≥ 1.6 x | missed |" in text
    assert "| lag | 30 ms | ≤ 25 ms | missed |  |  |" in text


def test_what_was_not_measured_says_why() -> None:
    one = measured(Findings({"lag": 30.0}, problem="curl is not installed"))
    assert not one.complete
    text = results([one], MACHINE, date(2026, 3, 2))
    assert "| not measured: curl is not installed | ≥ 1.3 x |  |" in text
    assert "| lag | 30 ms |" in text


def test_the_page_says_when_and_where_and_how() -> None:
    findings = Findings(
        {"speed": 1.0, "lag": 1.0},
        [Table("Rounds", ("way", "seconds"), [("curl", 1.23456)])],
        [Chart("upload", "Upload", "MB/s", [("curl", 1.0)])],
    )
    text = page(findings)
    assert "2026-03-02" in text
    assert "| processor | something, 2 cores |" in text
    assert "How it was done." in text
    assert "| curl | 1.23 |" in text
    assert "![Upload](plots/upload.svg)" in text


def test_three_lines_say_it_all_or_nothing_does() -> None:
    lines = in_short(SHORT)
    assert len(lines) == 3
    assert "1.7 times" in lines[0]
    assert in_short({name: value for name, value in SHORT.items() if name != "idle"}) == []


def test_the_lines_take_the_place_of_the_last_ones() -> None:
    text = f"before\n{BEGIN}\n- old\n{END}\nafter\n"
    assert with_lines(text, ["- new"]) == f"before\n{BEGIN}\n- new\n{END}\nafter\n"
    assert with_lines(with_lines(text, ["- new"]), ["- new"]) == with_lines(text, ["- new"])


def test_a_document_without_a_place_for_them_is_left_alone() -> None:
    with pytest.raises(ValueError, match="no place"):
        with_lines("nothing here", ["- new"])


def test_everything_that_was_measured_is_kept(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"{BEGIN}\n{END}\n", encoding="utf-8")
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "gone.svg").touch()
    findings = Findings(
        SHORT | {"speed": 1.0, "lag": 1.0}, [], [Chart("upload", "Upload", "MB/s", [("a", 1.0)])]
    )

    write(tmp_path, readme, [measured(findings)], MACHINE)

    assert [path.name for path in (tmp_path / "plots").iterdir()] == ["upload.svg"]
    text = (tmp_path / "results.md").read_text(encoding="utf-8")
    assert all(line in text for line in in_short(SHORT))
    assert readme.read_text(encoding="utf-8") == "\n".join([BEGIN, *in_short(SHORT), END]) + "\n"


def test_no_two_figures_or_charts_share_a_name() -> None:
    figures = [figure.name for each in MEASUREMENTS for figure in each.figures]
    assert len(set(figures)) == len(figures)
    names = [each.name for each in MEASUREMENTS]
    assert len(set(names)) == len(names)


def test_the_readme_says_what_was_measured_last() -> None:
    """Whoever changes one of the two by hand, or forgets one, is told."""
    _, _, rest = page_of_results().partition(f"{IN_SHORT}\n\n")
    measured_lines = rest.partition("\n\n")[0].splitlines()
    _, begin, rest = (ROOT / "README.md").read_text("utf-8").partition(f"{BEGIN}\n")
    assert begin
    assert rest.partition(END)[0].splitlines() == measured_lines


def test_every_picture_of_the_results_is_there() -> None:
    shown = set(re.findall(r"!\[.*\]\((.*)\)", page_of_results()))
    assert shown == {f"plots/{path.name}" for path in (ROOT / "benchmarks" / "plots").glob("*.svg")}


def page_of_results() -> str:
    """Nothing as long as nobody has measured."""
    page = ROOT / "benchmarks" / "results.md"
    return page.read_text("utf-8") if page.exists() else ""
