import xml.etree.ElementTree as ET

from benchmarks.charts import drawn
from benchmarks.figures import Chart

SVG = "{http://www.w3.org/2000/svg}"


def widths(svg: str) -> list[float]:
    return [float(bar.attrib["width"]) for bar in ET.fromstring(svg).iter(f"{SVG}rect")]


def words(svg: str) -> str:
    return " ".join("".join(text.itertext()) for text in ET.fromstring(svg).iter(f"{SVG}text"))


def test_bars_are_as_long_as_their_values() -> None:
    first, second, third = widths(drawn(Chart("a", "A", "MB", [("one", 10), ("two", 20), ("none", 0)])))
    assert second == 2 * first
    assert third == 0


def test_a_mark_beyond_the_bars_fits_the_picture() -> None:
    svg = ET.fromstring(drawn(Chart("a", "A", "MB", [("one", 10)], [("must", 40)])))
    (line,) = svg.iter(f"{SVG}line")
    assert float(line.attrib["x1"]) <= float(svg.attrib["width"])


def test_labels_values_and_marks_are_said_whatever_they_hold() -> None:
    said = words(drawn(Chart("a", "a < b", "MB", [("curl | curl & co", 1234.0)], [("must", 40)])))
    assert "a < b (MB)" in said
    assert "curl | curl & co" in said
    assert "1,234" in said
    assert "must: 40" in said


def test_nothing_but_zeros_can_be_drawn() -> None:
    assert widths(drawn(Chart("a", "A", "MB", [("one", 0)]))) == [0]
    assert widths(drawn(Chart("a", "A", "MB", []))) == []
