"""clang-tidy with the rules of .clang-tidy finds nothing.

It is slow, so what was found clean is remembered in the build folder by a hash of all that can change the verdict: the
file, the headers of the tree that it includes, directly or not, the rules, the compile command and clang-tidy's version.
"""

import hashlib
import os
import re
from concurrent.futures import ThreadPoolExecutor

# gcc's own warning flags stand in the compile commands too; casts that drop a qualifier are gcc's to find, because clang counts
# those in macros of OpenSSL's headers as ours; and our numbers have their names by enum.
QUIET = ("unknown-warning-option", "cast-qual", "enum-float-conversion")


def check(tree):
    if tree.compile_commands is None:
        yield f"{tree.build}/compile_commands.json is missing: run tests/run, which configures the build"
        return
    sources = tree.files(".c")
    for path in sources:
        if path not in tree.compile_commands and not path.startswith("tests/") and not is_for_other_machines(tree, path):
            yield f"{path}: no target in meson.build compiles this file"

    built = [path for path in sources if path in tree.compile_commands]
    shared, headers = shared_hash(tree), tree.files(".h")
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for complaint in pool.map(lambda path: examine(tree, path, headers, shared.copy()), built):
            if complaint:
                yield complaint


def is_for_other_machines(tree, path):
    """It stands behind a condition in meson.build, and what that asks for is not here."""
    return re.search(rf"[?:] '{re.escape(path)}'", tree.text("meson.build"))


def shared_hash(tree):
    digest = hashlib.sha256(tree.run("clang-tidy", "--version").stdout.encode())
    digest.update(tree.text(".clang-tidy").encode())
    return digest


def with_its_headers(tree, path, headers):
    """It and what it includes; of several headers of one name, all."""
    found, left = set(), [path]
    while left:
        file = left.pop()
        if file in found:
            continue
        found.add(file)
        for name in re.findall(r'#include [<"]([^>"]+)[>"]', tree.text(file)):
            left += [header for header in headers if header == name or header.endswith("/" + name)]
    return sorted(found)


def examine(tree, path, headers, digest):
    digest.update(f"{path}\0{tree.compile_commands[path]}".encode())
    for file in with_its_headers(tree, path, headers):
        digest.update(f"\0{file}\0{tree.text(file)}".encode())
    known = tree.build / "tidy" / digest.hexdigest()
    if known.exists():
        return None
    result = tree.run("clang-tidy", "--quiet", "-p", str(tree.build), *(f"--extra-arg=-Wno-{name}" for name in QUIET), path)
    if result.returncode != 0:
        return from_root(tree, result.stdout.strip() or result.stderr.strip())
    known.parent.mkdir(parents=True, exist_ok=True)
    known.touch()
    return None


def from_root(tree, output):
    """Paths as one types them: clang-tidy names files by their way from the build folder."""
    up, down = os.path.relpath(tree.root, tree.build), os.path.relpath(tree.build, tree.root)
    for prefix in (str(tree.root), up, down):
        output = output.replace(f"{prefix}/", "")
    return output
