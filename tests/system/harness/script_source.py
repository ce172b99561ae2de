"""The scripts' sources, as the build embeds them."""

from harness.process import ROOT


def lines_of(path):
    for line in (ROOT / path).read_text().splitlines():
        if line.startswith("-- include "):
            yield from lines_of(line.split()[2])
        else:
            yield "--" if line.startswith("--") else line


def script_source(path):
    return "".join(line + "\n" for line in lines_of(path))
