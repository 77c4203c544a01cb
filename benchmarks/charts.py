"""Bars as SVG that reads on a light and on a dark page."""

from typing import Final
from xml.sax.saxutils import escape

from benchmarks.figures import Chart, readable

WIDTH: Final = 720
LABEL_WIDTH: Final = 250
VALUE_WIDTH: Final = 90
TOP: Final = 40
BAR_HEIGHT: Final = 18
BAR_STEP: Final = 26
MARK_HEIGHT: Final = 22
"""Below the bars, for the names of the marks: one line each."""

STYLE: Final = (
    "text{font:13px system-ui,sans-serif;fill:#222}.title{font-weight:600}.bar{fill:#2f6fb0}"
    ".mark{stroke:#b3541e;stroke-dasharray:4 3}.name{fill:#b3541e}"
    "@media (prefers-color-scheme:dark){text{fill:#ddd}.bar{fill:#5b9bd5}.mark{stroke:#e08a4f}.name{fill:#e08a4f}}"
)


def drawn(chart: Chart) -> str:
    """The chart as an SVG document; it begins at zero."""
    longest = max([value for _, value in (*chart.bars, *chart.marks)], default=0.0) or 1.0
    scale = (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / longest
    bottom = TOP + BAR_STEP * len(chart.bars)
    height = bottom + MARK_HEIGHT * len(chart.marks) + 8
    parts = [_text(0, 18, f"{chart.title} ({chart.unit})", "title")]
    for number, (label, value) in enumerate(chart.bars):
        y = TOP + BAR_STEP * number
        width = max(0.0, value) * scale
        parts += [
            _text(0, y + 14, label),
            f'<rect class="bar" x="{LABEL_WIDTH}" y="{y}" width="{width:.1f}" height="{BAR_HEIGHT}"/>',
            _text(LABEL_WIDTH + width + 6, y + 14, readable(value)),
        ]
    for number, (name, value) in enumerate(chart.marks):
        x = LABEL_WIDTH + value * scale
        y = bottom + MARK_HEIGHT * (number + 1) - 6
        parts += [
            f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{y - 12}"/>',
            _text(x, y, f"{name}: {readable(value)}", "name", anchor="middle"),
        ]
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">\n'
        f"<title>{escape(chart.title)}</title>\n<style>{STYLE}</style>\n{body}\n</svg>\n"
    )


def _text(x: float, y: float, words: str, style: str = "", *, anchor: str = "start") -> str:
    shape = f' class="{style}"' if style else ""
    return f'<text{shape} x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'
