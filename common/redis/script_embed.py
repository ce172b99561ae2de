#!/usr/bin/env python3
"""Writes Lua scripts as C string constants: script_embed.py OUT.c NAME=FILE...  A run at build time only."""
import sys

out, *pairs = sys.argv[1:]
with open(out, "w", encoding="utf-8") as c:
    for pair in pairs:
        name, path = pair.split("=", 1)
        c.write(f"extern const char {name}[];\nconst char {name}[] =\n")
        with open(path, encoding="utf-8") as lua:
            for line in lua:
                text = line.rstrip("\n").replace("\\", "\\\\").replace('"', '\\"')
                c.write(f'    "{text}\\n"\n')
        c.write("    ;\n")
