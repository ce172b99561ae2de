"""A README as a part of a manual page: headings, paragraphs, lists, tables and blocks of code."""

import re

from roff import marked

FENCE = re.compile(r"^```")
ROW = re.compile(r"^\|(.*)\|$")
BULLET = re.compile(r"^(-|\d+\.) (.*)$")
HEADING = re.compile(r"^(#+) (.*)$")


def blocks(text):
    """Runs of lines between empty ones, but a fenced block is one."""
    block, fenced = [], False
    for line in text.splitlines():
        is_fence = bool(FENCE.match(line))
        if block and not fenced and (is_fence or HEADING.match(line) or not line.strip()):
            yield block
            block = []
        if line.strip() or fenced:
            block.append(line)
        if is_fence or (not fenced and HEADING.match(line)):
            if fenced or not is_fence:
                yield block
                block = []
            fenced = is_fence and not fenced
    if block:
        yield block


def add_readme(page, text):
    for block in blocks(re.sub(r"<!--.*?-->\n?", "", text, flags=re.DOTALL)):
        first = block[0]
        if HEADING.match(first):
            add_heading(page, *HEADING.match(first).groups())
        elif FENCE.match(first):
            page.example(block[1:-1])
        elif all(line.startswith("    ") for line in block):
            page.example(block)
        elif ROW.match(first):
            add_table(page, [cells(line) for line in block])
        elif BULLET.match(first):
            add_list(page, block)
        else:
            page.paragraph(marked(" ".join(block)))


def add_heading(page, level, title):
    """The first is the README's own title, and the page has one."""
    if len(level) == 2:
        page.heading(re.sub("[`*]", "", title).upper().replace("-", "\\-"))
    elif len(level) > 2:
        page.subheading(re.sub("[`*]", "", title))


def cells(line):
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", ROW.match(line)[1])]


def add_table(page, rows):
    """The first cell of a row is the tag, and the others tell it, behind their titles where there are several."""
    titles = rows[0][1:]
    for tag, *rest in rows[2:]:
        told = [(title, cell) for title, cell in zip(titles, rest) if cell]
        several = sum(map(bool, titles)) > 1
        page.item(marked(tag), marked("; ".join(f"{title}: {cell}" if title and several else cell for title, cell in told)))


def rows(text, title):
    """The cells of each row of the tables whose first column has this title."""
    for block in blocks(text):
        if ROW.match(block[0]) and cells(block[0])[0] == title:
            yield from map(cells, block[2:])


def add_list(page, lines):
    entries = []
    for line in lines:
        if BULLET.match(line):
            entries.append([*BULLET.match(line).groups()])
        else:
            entries[-1][1] += " " + line.strip()
    for bullet, entry in entries:
        page.bullet(bullet, marked(entry))
