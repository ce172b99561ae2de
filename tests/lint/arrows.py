"""Includes carry the folder, go one way from floor to floor, and never in a circle."""

# What may be included from where, beside the own folder.
FLOORS = {
    "common/base": (),
    "common/log": ("common/base", "common/options"),
    "common/options": ("common/base",),
    "common/redis": ("common/base", "common/log", "common/options"),
    "common/service": ("common/base", "common/log", "common/options"),
    "common/trade": ("common/base", "common/log", "common/options"),
    "router": ("common/", "router/"),
    "router/act": ("common/", "router", "router/"),
    "router/decide": ("common/", "router", "router/"),
    "router/settings": ("common/", "router", "router/"),
    "router/tell": ("common/", "router", "router/"),
    "executor": ("common/", "executor/"),
    "executor/act": ("common/", "executor", "executor/"),
    "executor/decide": ("common/", "executor", "executor/"),
    "executor/settings": ("common/", "executor", "executor/"),
    "executor/tell": ("common/", "executor", "executor/"),
    "ctl": ("common/", "router", "router/", "executor", "executor/", "ctl/"),
    "ctl/frame": ("common/", "router", "router/", "executor", "executor/"),
    "ctl/look": ("common/", "router", "router/", "executor", "executor/", "ctl/frame"),
    "ctl/write": ("common/", "router", "router/", "executor", "executor/", "ctl/frame"),
    "ctl/capacity": ("common/", "router", "router/", "executor", "executor/", "ctl", "ctl/frame", "ctl/look", "ctl/write"),
    "ctl/check": ("common/", "router", "router/", "executor", "executor/", "ctl", "ctl/frame", "ctl/look", "ctl/write"),
    "ctl/control": ("common/", "router", "router/", "executor", "executor/", "ctl", "ctl/frame", "ctl/look", "ctl/write"),
    "ctl/demo": ("common/", "router", "router/", "executor", "executor/", "ctl", "ctl/frame", "ctl/look", "ctl/write"),
    "ctl/dlq": ("common/", "router", "router/", "executor", "executor/", "ctl", "ctl/frame", "ctl/look", "ctl/write"),
    "ctl/drain": ("common/", "router", "router/", "executor", "executor/", "ctl", "ctl/frame", "ctl/look", "ctl/write", "ctl/drain/decide"),
    "ctl/drain/decide": ("common/", "router", "router/", "executor", "executor/", "ctl", "ctl/frame", "ctl/look", "ctl/write", "ctl/drain"),
    "ctl/feed": ("common/", "router", "router/", "executor", "executor/", "ctl", "ctl/frame", "ctl/look", "ctl/write"),
    "ctl/groups": ("common/", "router", "router/", "executor", "executor/", "ctl", "ctl/frame", "ctl/look", "ctl/write"),
    "ctl/status": ("common/", "router", "router/", "executor", "executor/", "ctl", "ctl/frame", "ctl/look", "ctl/write"),
    "ctl/trim": ("common/", "router", "router/", "executor", "executor/", "ctl", "ctl/frame", "ctl/look", "ctl/write"),
}


def check(tree):
    graph = {}
    for path in tree.files(".c", ".h"):
        includes = [(line, name) for line, name, system in tree.includes(path) if not system]
        graph[path] = [name for _, name in includes]
        floor = floor_of(path)
        if floor not in FLOORS and not path.startswith("tests/"):
            yield f"{path}: {floor or 'the root'} is no floor that tests/lint/arrows.py knows"
        for line, name in includes:
            if "/" not in name or name.startswith((".", "/")):
                yield f'{path}:{line}: "{name}" does not carry its folder'
            elif floor in FLOORS and not allowed(floor, floor_of(name)):
                yield f'{path}:{line}: {floor} must not include "{name}"'
    yield from circles(graph)


def floor_of(path):
    return path.rpartition("/")[0]


def allowed(floor, other):
    return other == floor or any(
        other.startswith(below) if below.endswith("/") else other == below for below in FLOORS[floor])


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
