#!/usr/bin/env python3
"""Writes Lua scripts, and other texts, as C constants: script_embed.py ROOT OUT.c NAME=FILE[+FILE...]...

A line "-- include FILE" (from ROOT) stands for that file, so that two scripts can share a function. Comments stay behind,
but for their line, so that Redis' line numbers are those of the file up to the first include.
"""
import pathlib
import sys

root, out, *pairs = sys.argv[1:]


def lines_of(path):
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        if line.startswith("-- include "):
            yield from lines_of(pathlib.Path(root, line.split()[2]))
        else:
            yield "--" if line.startswith("--") else line


with open(out, "w", encoding="ascii") as c:
    for pair in pairs:
        name, paths = pair.split("=", 1)
        text = "".join(line + "\n" for path in paths.split("+") for line in lines_of(path)).encode("ascii")
        # As numbers: compilers need not take a string as long as a script.
        numbers = ",".join(str(byte) for byte in text + b"\0")
        c.write(f"extern const char {name}[];\nconst char {name}[] = {{{numbers}}};\n")
