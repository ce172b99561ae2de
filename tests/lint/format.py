"""C files are as clang-format leaves them: Debian 12's, because no two versions format alike."""

import re
import subprocess
from collections import defaultdict

VERSION = "14"
PROBLEM = re.compile(r"^([^\s:]+):(\d+):\d+: (?:error|warning): ", re.MULTILINE)


def cannot():
    """Why it cannot be said here, or None."""
    said = subprocess.run(["clang-format", "--version"], capture_output=True, text=True, check=True).stdout
    return None if f"version {VERSION}." in said else "formatting is checked on Debian 12"


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
