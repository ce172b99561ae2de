"""shellcheck finds nothing."""


def check(tree):
    scripts = tree.scripts("bash|dash|sh", ".sh")
    if scripts:
        # SC2317: functions that traps, stages and tallies call by name look unreachable to it.
        result = tree.run("shellcheck", "--format=gcc", "--external-sources", "--exclude=SC2317", *scripts)
        yield from (result.stdout or result.stderr).splitlines()
