"""Files up to 600 lines, functions of C up to 60; exceptions stand in shape.allow, each with its reason.

A file is split when there is a second noun in it: by noun, never by length. The limit is where to ask.
"""

import re

from source import line_of

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 60
ALLOW = "tests/lint/shape.allow"

DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
ATTRIBUTE = re.compile(r"__attribute__\s*\(\(.*?\)\)", re.DOTALL)
NAME = re.compile(r"(\w+)\s*\(")


def check(tree):
    allowed = {}
    for number, line in enumerate((tree.text(ALLOW) if ALLOW in tree.paths else "").splitlines(), 1):
        entry, _, reason = (part.strip() for part in line.partition("#"))
        if entry:
            allowed[entry] = f"{ALLOW}:{number}"
            if not reason:
                yield f"{ALLOW}:{number}: {entry} has no reason"

    for path in tree.files(".c", ".h", ".js", ".lua"):
        for entry, problem in too_long(tree, path):
            if not allowed.pop(entry, None):
                yield problem
    yield from (f"{place}: {entry} is not needed any more" for entry, place in allowed.items())


def too_long(tree, path):
    lines = len((tree.text(path) or "").splitlines())
    if lines > FILE_LINES_MAX:
        yield path, f"{path}: {lines} lines, {FILE_LINES_MAX} are the limit"
    for name, first, last in functions(tree.code(path)) if path.endswith((".c", ".h")) else ():
        if last - first >= FUNCTION_LINES_MAX:
            yield (f"{path}:{name}",
                   f"{path}:{first}: {name} has {last - first + 1} lines, {FUNCTION_LINES_MAX} are the limit")


def functions(code):
    """(name, first line of the signature, line of the closing brace) of each function definition."""
    code = DIRECTIVE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), code)
    depth = start = 0
    current = None
    for mark in re.finditer(r"[{};]", code):
        at = mark.start()
        if mark[0] == "{":
            if depth == 0:
                current = signature(code, start, at)
            depth += 1
        elif mark[0] == "}":
            depth = max(depth - 1, 0)
            if depth == 0 and current:
                yield (*current, line_of(code, at))
                current = None
        if depth == 0:
            start = at + 1


def signature(code, start, end):
    """(name, first line) if what stands between `start` and an opening brace is a function's head."""
    head = code[start:end]
    bare = ATTRIBUTE.sub("", head)
    name = NAME.search(bare)
    if not name or "=" in bare or not bare.rstrip().endswith(")"):
        return None
    return name[1], line_of(code, start + len(head) - len(head.lstrip()))
