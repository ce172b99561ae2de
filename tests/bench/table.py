"""The table that a run prints, and the same to paste into a document."""

import os
import sys

HEADINGS = ("row", "what", "target", "reached", "spread", "")


def figure(value, unit):
    if value is None:
        return "–"
    digits = f"{value:.0f}" if abs(value) >= 1000 else f"{value:.2f}" if abs(value) < 100 else f"{value:.1f}"
    return f"{digits} {unit}".rstrip()


def aim(row):
    if row.target is None:
        return ""
    return f"{'≥' if row.at_least else '≤'} {figure(row.target, row.unit)}"


def verdict(row):
    if row.target is None:
        return "told"
    return "ok" if row.met else "missed"


def cells(row):
    spread = f"±{row.spread:.0f} %" if row.spread is not None else ""
    return (row.name, row.what, aim(row), figure(row.reached, row.unit), spread, verdict(row))


def colored(word, met, stream):
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return word
    return f"\033[3{2 if met else 1}m{word}\033[0m"


def show(rows, stream=sys.stdout):
    lines = [HEADINGS, *map(cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    for number, line in enumerate(lines):
        *first, last = line
        aligned = "  ".join(
            cell.rjust(width) if column in (2, 3, 4) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(first, widths)))
        last = colored(last, rows[number - 1].met, stream) if number else last
        print(f"{aligned}  {last}".rstrip(), file=stream)


def markdown(rows):
    lines = ["| row | what | target | reached | spread | |", "|---|---|---:|---:|---:|---|"]
    lines += ["| " + " | ".join(cells(row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"
