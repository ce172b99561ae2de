"""Every patch of tests/mutants still fits the code that it breaks, and says what it breaks and who notices."""

import re

HEAD = re.compile(r"\S.*\. Noticed by [\w. ]+\.")


def check(tree):
    for patch in tree.files(".patch"):
        result = tree.run("git", "apply", "--check", patch)
        if result.returncode:
            yield f"{patch}: make it again, it no longer applies: {result.stderr.splitlines()[0]}"
        if not HEAD.fullmatch(tree.text(patch).partition("\n")[0]):
            yield f'{patch}: its first line is not "What it breaks. Noticed by TEST."'
