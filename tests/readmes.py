"""The documents of the repository, taken apart: blocks, headings, links, rows of tables. Nothing here judges.

What a block is labelled with says where it is typed:

    sh      in a clone, whose release build stands in build/release
    bash    as root on a host, where the packages are installed
    shell   in a clone, but it runs for too long to be typed by a test; its programs and options are looked up instead

Everything else is no command: text, json, and what an example is written in.
"""

import re
from dataclasses import dataclass, field

TYPED = ("sh", "bash", "shell")
FENCE = re.compile(r"^ *```(\S*)$")
HEADING = re.compile(r"^#+ (.+)$")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CELLS = re.compile(r"(?<!\\)\|")
CODE = re.compile(r"`[^`]*`")


@dataclass
class Block:
    kind: str
    line: int
    heading: str
    text: str = ""


@dataclass
class Table:
    line: int
    heading: str
    titles: list
    rows: list = field(default_factory=list)  # (line, cells)


def find(root):
    """The paths of all documents below it, but for what is built there."""
    paths = (path.relative_to(root) for path in root.rglob("*.md"))
    return sorted(str(path) for path in paths if not path.parts[0].startswith(("build", ".")))


def walk(text):
    """(number, line, heading, block) of each line; the block is None outside of all."""
    heading, block = "", None
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if block is None and not fence:
            found = HEADING.match(line)
            heading = found[1] if found else heading
            yield number, line, heading, None
        elif block is None:
            block = Block(fence[1], number, heading)
        elif fence and not fence[1]:
            yield number, line, heading, block
            block = None
        else:
            block.text += line + "\n"
    if block is not None:
        yield block.line, "", heading, block


def blocks(text, *kinds):
    """All of them, or those of these kinds."""
    return [block for *_, block in walk(text) if block and (not kinds or block.kind in kinds)]


def prose(text):
    """(number, line) of what stands outside of blocks."""
    return [(number, line) for number, line, _, block in walk(text) if block is None]


def anchors(text):
    """What can be linked to, as GitHub makes it of a heading."""
    found = []
    for _, line in prose(text):
        heading = HEADING.match(line)
        if heading:
            words = re.sub(r"[^\w\- ]", "", heading[1].lower()).replace(" ", "-")
            found.append(f"{words}-{found.count(words)}" if words in found else words)
    return found


def links(text):
    """(number, target) of each link that does not leave the repository; one may go on in the next line."""
    lines = [""] * (text.count("\n") + 1)
    for number, line in prose(text):
        lines[number - 1] = line
    outside = CODE.sub(lambda code: re.sub(r"[^\n]", "`", code[0]), "\n".join(lines))
    for link in LINK.finditer(outside):
        if not re.match(r"[a-z]+:", link[1]):
            yield outside.count("\n", 0, link.start(1)) + 1, link[1]


def cells(line):
    return [cell.strip() for cell in CELLS.split(line.strip())[1:-1]]


def tables(text):
    found, rows = [], []
    for number, line, heading, block in walk(text):
        if block is None and line.startswith("|"):
            rows.append((number, cells(line)))
            if len(rows) == 1:
                found.append(Table(number, heading, rows[0][1]))
            elif len(rows) > 2:
                found[-1].rows.append(rows[-1])
        else:
            rows = []
    return found
