"""Every patch of tests/mutants still fits the code that it breaks."""


def check(tree):
    for patch in tree.files(".patch"):
        result = tree.run("git", "apply", "--check", patch)
        if result.returncode:
            yield f"{patch}: make it again, it no longer applies: {result.stderr.splitlines()[0]}"
