"""Python files parse."""


def check(tree):
    for path in tree.scripts("python3?", ".py"):
        try:
            compile(tree.text(path) or "", path, "exec", dont_inherit=True)
        except SyntaxError as error:
            yield f"{path}:{error.lineno}: {error.msg}"
