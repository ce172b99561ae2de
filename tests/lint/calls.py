"""Calls go one way as includes do, whatever a header declares: from floor to floor, and never in a circle.

Who calls whom is what the objects of the library and the programs say (nm); what is called by a pointer is free. No
symbol stands twice.
"""

import os
import re
from collections import defaultdict

from arrows import Exceptions, allowed, floor_of

LIBRARY = "libquantum.a.p/"
MAIN = re.compile(r"\w+/main\.c")
OUTPUT = re.compile(r" -o (\S+)")
# Not what is weak, nor what compilers add, which has a point in its name.
SYMBOL = re.compile(r"^(.+?):[0-9a-f ]+ ([A-UX-Z]) ([\w$]+)$", re.MULTILINE)


def check(tree):
    objects, missing = objects_of(tree)
    if missing or not objects:
        yield f"{missing or tree.build} is not built, or was before its last change: run tests/run, which builds it"
        return
    exceptions = Exceptions(tree)
    homes, calls = symbols(tree, objects)
    for name, paths in sorted(homes.items()):
        if len(paths) > 1 and name != "main":
            yield f"{' and '.join(sorted(paths))}: {name} stands twice"
    graph = defaultdict(dict)
    for path, name in sorted(calls):
        for other in homes.get(name, ()):
            if other != path:
                graph[path].setdefault(other, name)
    for path, others in graph.items():
        for other, name in list(others.items()):
            if not is_generated(tree, other) and not allowed(path, other):
                if exceptions.has(path, other):
                    continue
                yield f"{path}: {floor_of(path)} must not call {name} of {other}"
    yield from circles(graph, exceptions)
    yield from exceptions.left(lambda other: other.endswith(".c"))


def objects_of(tree):
    """Source by object; and the first source whose object is not what it says."""
    objects, missing = {}, None
    for path, command in (tree.compile_commands or {}).items():
        output = OUTPUT.search(command)
        if not output or not (output[1].startswith(LIBRARY) or MAIN.fullmatch(path)):
            continue
        source, built = tree.root / path, tree.build / output[1]
        objects[str(built)] = path
        if not built.exists() or source.exists() and source.stat().st_mtime > built.stat().st_mtime:
            missing = missing or path
    return objects, missing


def symbols(tree, objects):
    """Where each symbol stands, and who uses which."""
    homes, calls = defaultdict(set), set()
    for built, kind, name in SYMBOL.findall(tree.run("nm", "-A", *objects).stdout):
        if kind == "U":
            calls.add((objects[built], name))
        else:
            homes[name].add(objects[built])
    return homes, calls


def is_generated(tree, path):
    return path.startswith("..") or (tree.root / path).is_relative_to(tree.build)


def circles(graph, exceptions):
    """One round for each knot of files that call each other."""
    open_graph = {
        path: {other: name for other, name in others.items() if not is_excepted(path, other, graph, exceptions)}
        for path, others in graph.items()}
    for knot in knots(open_graph):
        start = min(knot)
        trail = round_trip(open_graph, start, knot)
        steps = [f"{path} → {other} ({open_graph[path][other]})" for path, other in zip(trail, trail[1:])]
        yield f"calls in a circle, {len(knot)} files in all: {', '.join(steps)}"


def is_excepted(path, other, graph, exceptions):
    """Only an arrow that closes a circle needs to be excepted here."""
    return (path, other) in exceptions.places and path in reached(graph, other) and exceptions.has(path, other)


def reached(graph, start):
    found, waiting = set(), [start]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += graph.get(path, ())
    return found


def knots(graph):
    """Sets of files, each of which reaches all others of its set."""
    left = set(graph)
    ways = {path: reached(graph, path) for path in graph}
    while left:
        path = min(left)
        knot = {other for other in ways[path] & left if path in ways[other]} | {path}
        left -= knot
        if len(knot) > 1:
            yield knot


def round_trip(graph, start, knot):
    """The shortest way from there back to it."""
    trails = [[start]]
    for trail in trails:
        for other in graph[trail[-1]]:
            if other == start:
                return [*trail, start]
            if other in knot and all(other not in known for known in trails):
                trails.append([*trail, other])
    raise AssertionError(f"{start} is in no circle")
