"""Counts the cases of a stage for tests/run: prints "PASSED FAILED". Skipped cases count as neither, and a report that was
not written, because its stage did not begin, has none.

    tally.py meson TESTLOG.json      one line per test program, with the TAP lines it wrote
    tally.py failures TESTLOG.json   prints the failed cases of these programs with their reasons, which meson keeps back
    tally.py junit REPORT.xml        what pytest --junit-xml writes
    tally.py coverage SUMMARY.json MIN    says in words whether line coverage reaches MIN percent; status 1 if not
"""

import json
import os
import re
import sys
from xml.etree import ElementTree

TAP_FAILURE = re.compile(r"^not ok\b.*(?:\n#.*)*", re.MULTILINE)
TAP_CASE = re.compile(r"^(ok|not ok)\b(?!.*# *skip)", re.MULTILINE | re.IGNORECASE)


def is_written(path):
    return os.path.exists(path) and os.path.getsize(path) > 0


def meson(path):
    passed = failed = 0
    with open(path, encoding="utf-8") as log:
        for program in map(json.loads, log):
            words = TAP_CASE.findall(program.get("stdout", ""))
            good, bad = words.count("ok"), words.count("not ok")
            ended_well = program["result"] in ("OK", "SKIP", "EXPECTEDFAIL")
            # A program that crashes or leaks after its last case has failed once more than its cases say.
            if not ended_well and bad == 0:
                bad = 1
            passed, failed = passed + good, failed + bad
    return passed, failed


def failures(path):
    with open(path, encoding="utf-8") as log:
        for program in map(json.loads, log):
            for case in TAP_FAILURE.findall(program.get("stdout", "")):
                print(f"{program['name']}: {case}")


def junit(path):
    passed = failed = 0
    for case in ElementTree.parse(path).iter("testcase"):
        outcomes = {outcome.tag for outcome in case}
        if outcomes & {"failure", "error"}:
            failed += 1
        elif "skipped" not in outcomes:
            passed += 1
    return passed, failed


def coverage(path, least):
    with open(path, encoding="utf-8") as file:
        summary = json.load(file)
    if summary["line_total"] == 0:
        return "no line of the pure files was built for coverage"
    if summary["line_percent"] < least:
        return f"{summary['line_percent']} % of the lines are covered, {least} % are wanted"
    return None


if __name__ == "__main__":
    kind, report, *rest = sys.argv[1:]
    if kind == "coverage":
        sys.exit(coverage(report, float(*rest)))
    if kind == "failures":
        sys.exit(failures(report))
    print(*{"meson": meson, "junit": junit}[kind](report) if is_written(report) else (0, 0))
