"""No work left open, and no path of the machine that a file was written on."""

import re

from source import line_of

# Cut in two, so that the rule does not break itself.
OPEN_WORK = re.compile(r"\b(?:" + "|".join(("TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK")) + r")\b")
MACHINE_PATH = re.compile("/(?:" + "|".join(("wo" "rk", "ro" "ot", "fa" "rm")) + ")/")


def check(tree):
    for path in tree.paths:
        text = tree.text(path) or ""
        if not path.startswith("tests/lint/"):
            for word in OPEN_WORK.finditer(text):
                yield f"{path}:{line_of(text, word.start())}: {word[0]}"
        for place in MACHINE_PATH.finditer(text):
            yield f"{path}:{line_of(text, place.start())}: {place[0]} is a path of one machine"
