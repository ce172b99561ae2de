"""The files that decide do no I/O and read no clock: neither they nor what they include reaches for either."""

import re

from source import line_of

PURE = re.compile(
    r"""common/trade/ \w+ \.[ch]
      | (?: router | executor ) /decide/
        (?: (?: window | bar | policy | ranking | sizing | plan | fate | guards | history | inner_ids | super_times ) (?: _\w+ )? \.[ch]
          | (?: outcome | breaker | turns | position | venue | ending | answer | handed_exit ) \.[ch]
          | (?: signal | intent | entry ) \w* \.[ch]
          | snapshot \.h )
      | ctl/drain/decide/drain_filter \.[ch]""",
    re.VERBOSE,
)
IMPURE_HEADER = re.compile(r"uv\.h|uv/.*|hiredis/.*|hiredis.*\.h|time\.h|sys/time\.h|unistd\.h")
CLOCK = re.compile(r"(?<![\w.>])(time|clock_gettime|gettimeofday|uv_now|uv_hrtime)\s*\(")


def check(tree):
    headers = set(tree.files(".h"))
    for path in filter(PURE.fullmatch, tree.files(".c", ".h")):
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
