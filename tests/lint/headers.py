"""A header compiles alone, says first what it owns, and is read once."""

import os
import re
from concurrent.futures import ThreadPoolExecutor

from source import library_flags

COMMENT_LINES = range(3, 15)
OPENING = re.compile(
    r"/\* SPDX-License-Identifier: [\w.-]+ \*/\n(?P<comment>/\*\n.*?\n \*/\n)\s*#pragma once\n", re.DOTALL)


def check(tree):
    headers = tree.files(".h")
    for path in headers:
        opening = OPENING.match(tree.text(path) or "")
        if not opening:
            yield f"{path}: begins otherwise than SPDX line, comment on what it owns, #pragma once"
        elif opening["comment"].count("\n") not in COMMENT_LINES:
            yield (f"{path}: the opening comment has {opening['comment'].count(chr(10))} lines, "
                   f"not {COMMENT_LINES[0]} to {COMMENT_LINES[-1]}")
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for path, errors in zip(headers, pool.map(lambda path: compile_alone(tree, path), headers)):
            if errors:
                yield f"{path}: does not compile alone\n{errors}"


def compile_alone(tree, path):
    result = tree.run("gcc", "-std=c17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I.",
                      *library_flags(), "-x", "c", "-", input=f'#include "{path}"\n')
    return result.stderr.strip()
