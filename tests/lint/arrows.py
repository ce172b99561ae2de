"""Includes carry the folder, go one way from floor to floor, and never in a circle. calls.py asks the same of calls."""

from fnmatch import fnmatchcase

LOW = ("common/base", "common/log", "common/options")
COMMON = (*LOW, "common/redis", "common/service", "common/trade")
PURE = ("common/base", "common/trade")
RULES = ("router/decide", "router/settings", "executor/decide", "executor/settings")
# Of what the services do, the tool shares these, by their names without an ending.
SHARED = ("router/act/router_look", "router/act/scripts", "executor/act/state_doubt", "executor/act/dead_letter")

# What may be used from where, beside the own folder and what decides in it; "*" is any name.
FLOORS = {
    "common/base": (),
    "common/options": ("common/base",),
    "common/log": ("common/base", "common/options"),
    "common/redis": LOW,
    "common/service": (*LOW, "common/redis"),
    "common/trade": LOW,
    "router": (*COMMON, "router/*"),
    "router/tell": (*COMMON, "router/act", "router/settings", "router/decide"),
    "router/act": (*COMMON, "router/settings", "router/decide"),
    "router/settings": (*COMMON, "router/decide"),
    "router/decide": PURE,
    "executor": (*COMMON, "executor/*"),
    "executor/tell": (*COMMON, "executor/act", "executor/settings", "executor/decide"),
    "executor/act": (*COMMON, "executor/settings", "executor/decide"),
    "executor/settings": (*COMMON, "executor/decide"),
    "executor/decide": PURE,
    "ctl": (*COMMON, *RULES, "ctl/*"),
    "ctl/frame": (*COMMON, *RULES, *SHARED),
    "ctl/look": (*COMMON, *RULES, *SHARED, "ctl/frame"),
    "ctl/past": (*COMMON, *RULES, *SHARED, "ctl/frame"),
    "ctl/what_if": (*COMMON, *RULES, *SHARED, "ctl/frame", "ctl/past", "ctl/past/decide"),
    "ctl/why": (*COMMON, *RULES, *SHARED, "ctl/frame", "ctl/look", "ctl/past"),
    "ctl/write": (*COMMON, *RULES, *SHARED, "ctl/frame"),
    "ctl/*": (*COMMON, *RULES, *SHARED, "ctl/frame", "ctl/look", "ctl/past", "ctl/past/decide", "ctl/what_if", "ctl/why", "ctl/write"),
    "ctl/*/decide": (*PURE, "router/decide", "executor/decide", "ctl/past/decide"),
}
# Arrows that run otherwise, and why: "from to  # reason"; between .c files it is a call.
ALLOW = "tests/lint/arrows.allow"


def check(tree):
    files = tree.files(".c", ".h", ".lua")
    exceptions = Exceptions(tree)
    yield from exceptions.problems
    yield from unused(files, tree)
    graph = {}
    for path in files:
        includes = [(line, name) for line, name, system in tree.includes(path) if not system]
        graph[path] = [name for _, name in includes]
        if not path.startswith("tests/") and rule_of(path) is None:
            yield f"{path}: {floor_of(path) or 'the root'} is no floor that tests/lint/arrows.py knows"
        for line, name in includes:
            if "/" not in name or name.startswith((".", "/")):
                yield f'{path}:{line}: "{name}" does not carry its folder'
            elif not allowed(path, name) and not exceptions.has(path, name):
                yield f'{path}:{line}: {floor_of(path)} must not include "{name}"'
    yield from circles(graph)
    yield from exceptions.left(lambda other: not other.endswith(".c"))


class Exceptions:
    """The list of arrows that run otherwise; each has a reason, and somebody who needs it."""

    def __init__(self, tree):
        self.places, self.problems = {}, []
        for number, line in enumerate((tree.text(ALLOW) if ALLOW in tree.paths else "").splitlines(), 1):
            words, _, reason = (part.strip() for part in line.partition("#"))
            if not words:
                continue
            self.places[tuple(words.split())] = f"{ALLOW}:{number}"
            if not reason:
                self.problems.append(f"{ALLOW}:{number}: {words} has no reason")
        self.needed = set()

    def has(self, path, other):
        self.needed.add((path, other))
        return (path, other) in self.places

    def left(self, is_ours):
        for arrow, place in self.places.items():
            if is_ours(arrow[-1]) and arrow not in self.needed:
                yield f"{place}: {' '.join(arrow)} is not needed any more"


def floor_of(path):
    return path.rpartition("/")[0]


def rule_of(path):
    """What the path's floor may use; None when it is no floor."""
    floor = floor_of(path)
    if floor in FLOORS:
        return FLOORS[floor]
    return next((rule for name, rule in FLOORS.items() if "*" in name and matches(floor, name)), None)


def matches(floor, pattern):
    return floor.count("/") == pattern.count("/") and fnmatchcase(floor, pattern)


def allowed(path, other):
    rule = rule_of(path)
    floor = floor_of(path)
    if rule is None or floor_of(other) in (floor, f"{floor}/decide"):
        return True
    return any(matches(floor_of(other), below) or other.partition(".")[0] == below for below in rule)


def unused(files, tree):
    """What the rules name is there."""
    floors = {floor_of(path) for path in tree.paths}
    for name in FLOORS:
        if not any(matches(floor, name) for floor in floors):
            yield f"tests/lint/arrows.py: nothing is in {name}"
    stems = {path.partition(".")[0] for path in tree.paths}
    for name in SHARED:
        if name not in stems:
            yield f"tests/lint/arrows.py: there is no {name}"


def circles(graph):
    """Depth first; a file that is met while it is still open closes a circle."""
    done, trail = set(), []

    def visit(path):
        if path in trail:
            yield "includes in a circle: " + " → ".join([*trail[trail.index(path):], path])
        elif path not in done:
            trail.append(path)
            for name in graph.get(path, ()):
                yield from visit(name)
            trail.pop()
            done.add(path)

    for path in graph:
        yield from visit(path)
