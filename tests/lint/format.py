"""C files are as clang-format leaves them."""

import re
from collections import defaultdict

PROBLEM = re.compile(r"^([^\s:]+):(\d+):\d+: (?:error|warning): ", re.MULTILINE)


def check(tree):
    files = tree.files(".c", ".h")
    if not files:
        return
    result = tree.run("clang-format", "--dry-run", "-Werror", *files)
    if result.returncode == 0:
        return
    lines = defaultdict(set)
    for path, line in PROBLEM.findall(result.stderr):
        lines[path].add(int(line))
    for path, wrong in lines.items():
        yield f"{path}:{min(wrong)}: not formatted, here and in {len(wrong) - 1} more lines"
    yield f"format with: clang-format -i {' '.join(lines)}" if lines else result.stderr
