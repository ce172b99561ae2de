"""The rows as an SVG: how far each came, with its target as the line in the middle."""

from html import escape

WIDTH, LABEL, BAR, LINE, TOP = 900, 430, 360, 26, 56
BAR_MAX = 2.0  # twice the target fills a bar
MET, MISSED, UNJUDGED, INK, PALE = "#2e7d32", "#c62828", "#9e9e9e", "#222222", "#e8e8e8"


def goodness(row):
    """1 at the target, above it when it is better."""
    if row.target is None:
        return 1.0
    if row.reached is None:
        return 0.0
    if row.at_least:
        return row.reached / row.target
    return row.target / row.reached if row.reached > 0 else BAR_MAX


def color(row):
    if row.target is None:
        return UNJUDGED
    return MET if row.met else MISSED


def text(x, y, words, more=""):
    return f'<text x="{x}" y="{y}" {more}>{escape(words)}</text>'


def bar(number, row, figure):
    y = TOP + number * LINE
    length = min(goodness(row), BAR_MAX) / BAR_MAX * BAR
    reached = figure(row.reached, row.unit) if row.reached is not None else "not measured"
    sign = "≥" if row.at_least else "≤"
    aim = f"  ({sign} {figure(row.target, row.unit)})" if row.target is not None else ""
    return [
        text(LABEL - 12, y + 13, row.what, 'text-anchor="end"'),
        f'<rect x="{LABEL}" y="{y}" width="{BAR}" height="18" fill="{PALE}"/>',
        f'<rect x="{LABEL}" y="{y}" width="{length:.1f}" height="18" fill="{color(row)}"/>',
        text(LABEL + 6, y + 13, reached + aim,
             f'style="paint-order:stroke" stroke="white" stroke-width="3" fill="{INK}"'),
    ]  # fmt: skip


def draw(rows, machine, figure):
    height = TOP + len(rows) * LINE + 16
    middle = LABEL + BAR / BAR_MAX
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" '
        f'font-size="12" fill="{INK}">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        text(16, 22, "quantum-router against its targets", 'font-size="15" font-weight="bold"'),
        text(16, 40, machine),
        text(middle, 40, "target", 'text-anchor="middle"'),
    ]
    for number, row in enumerate(rows):
        lines += bar(number, row, figure)
    lines.append(f'<line x1="{middle}" x2="{middle}" y1="{TOP - 10}" y2="{height - 12}" stroke="{INK}" stroke-width="1.5"/>')
    return "\n".join([*lines, "</svg>", ""])
