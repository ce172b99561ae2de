"""Every block of a document says whether it is typed and where, so that the tests which type them see all."""

from source import readmes

# What is typed, and what is only read.
KINDS = (*readmes.TYPED, "text", "json", "python", "js", "ini", "yaml")


def check(tree):
    for path in tree.files(".md"):
        text = tree.text(path)
        for block in readmes.blocks(text):
            if block.kind not in KINDS:
                yield f"{path}:{block.line}: a block is labelled {block.kind or 'with nothing'}; labels are {', '.join(KINDS)}"
        yield from (f"{path}:{line}: a block without fences" for line in indented(text))


def indented(text):
    before = ""
    for number, line in readmes.prose(text):
        if line.startswith("    ") and not before.strip():
            yield number
        before = line
