"""The command line of tests/bench/run."""

import argparse
from pathlib import Path

from session import GROUPS
from size import FULL, QUICK


def read_options(words):
    parser = argparse.ArgumentParser(
        prog="tests/bench/run", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures a release build of the router against its targets, with the floor and a peer in the\n"
                    "same run. Prints a table; the status is 0 when every row is at or past its target, else 1.",
        epilog="rows:\n" + "\n".join(f"  {name:<12}{group.what}" for name, group in GROUPS.items()))  # fmt: skip
    add = parser.add_argument
    add("--quick", action="store_true", help="about a minute: small, few rounds, without the peer")
    add("--rows", metavar="A,B", type=known_rows, default=[], help="only these (see below)")
    add("--rounds", metavar="N", type=positive, help="rounds of each comparison")
    add("--json", metavar="FILE", type=Path, help="the figures of every round (build/bench/bench.json)")
    add("--svg", metavar="FILE", type=Path, help="the chart (build/bench/bench.svg)")
    add("--build-dir", metavar="DIR", help="where to build (build/bench)")
    add("--router", metavar="PATH", help="the quantum-router to measure, instead of the one built here")
    options = parser.parse_args(words)
    options.size = QUICK if options.quick else FULL
    return options


def positive(word):
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{word} is not positive")
    return number


def known_rows(words):
    names = [name for name in words.split(",") if name]
    unknown = [name for name in names if name not in GROUPS]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"no row {', '.join(unknown)}; there are {', '.join(GROUPS)}")
    return names
