"""What decides does no I/O and reads no clock: neither it nor what it includes reaches for either."""

import re

from arrows import floor_of, matches
from source import line_of

FOLDERS = ("common/trade", "router/decide", "executor/decide", "ctl/*/decide")
IMPURE_HEADER = re.compile(r"uv\.h|uv/.*|hiredis/.*|hiredis.*\.h|time\.h|sys/time\.h|unistd\.h")
CLOCK = re.compile(r"(?<![\w.>])(time|clock_gettime|gettimeofday|uv_now|uv_hrtime|monotonic_ms|wall_ms|wall_ns)\s*\(")


def check(tree):
    headers = set(tree.files(".h"))
    for folder in FOLDERS:
        files = [path for path in tree.files(".c", ".h") if matches(floor_of(path), folder)]
        if not files:
            yield f"tests/lint/pure.py: nothing is in {folder}"
        for path in files:
            yield from impure_includes(tree, path, headers, [path], set())
            code = tree.code(path)
            for call in CLOCK.finditer(code):
                yield f"{path}:{line_of(code, call.start(1))}: reads the clock with {call[1]}()"


def impure_includes(tree, path, headers, trail, seen):
    """Follows the includes; the trail tells by which way an impure header came in."""
    for line, name, _ in tree.includes(path):
        if IMPURE_HEADER.fullmatch(name):
            by_way_of = f" by way of {' → '.join(trail[1:])}" if len(trail) > 1 else ""
            place = trail[0] if by_way_of else f"{path}:{line}"
            yield f"{place}: includes {name}{by_way_of}"
        elif name in headers and name not in seen:
            seen.add(name)
            yield from impure_includes(tree, name, headers, [*trail, name], seen)
