"""Every link of a document leads to a file of the repository, and to a heading where it names one."""

from pathlib import PurePosixPath

from source import readmes


def check(tree):
    for path in tree.files(".md"):
        for line, target in readmes.links(tree.text(path)):
            if not leads_somewhere(tree, path, target):
                yield f"{path}:{line}: {target} leads nowhere"


def leads_somewhere(tree, path, target):
    place, _, anchor = target.partition("#")
    file = resolved(path, place) if place else path
    if anchor:
        return file in tree.paths and anchor in readmes.anchors(tree.text(file))
    return file in tree.paths or any(other.startswith(f"{file}/") for other in tree.paths)


def resolved(path, place):
    parts = []
    for part in (PurePosixPath(path).parent / place).parts:
        if part == ".." and parts:
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)
