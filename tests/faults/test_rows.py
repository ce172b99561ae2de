"""Every row has its tests, and they are there."""

import re
from pathlib import Path

from harness.process import ROOT
from rows import EXECUTOR_ROWS, FOUND_ROWS, ROWS, table
from rows_first import FIRST_ROWS

OURS = [
    *range(1, 10), *range(12, 52), *range(53, 58), *range(59, 72), 74,
]  # fmt: skip
EXECUTORS = [*range(1, 10), *range(12, 18), 21, 22, *range(24, 29), *range(30, 38), 56, 72]
FOUND = [*(f"H{number}" for number in range(1, 23)), "S1", "S2", "S3", *(f"R{number}" for number in range(1, 7))]
FIRST = [*(f"N{number}" for number in range(1, 19)), *(f"U{number}" for number in range(1, 13)), "P1"]
HERE = Path(__file__).resolve().parent


def is_there(test):
    file, _, name = test.partition("::")
    text = (ROOT / file).read_text()
    pattern = rf"^static void {name}\(" if file.endswith(".c") else rf"^def {name}\("
    return re.search(pattern, text, re.MULTILINE)


def test_every_row_has_tests_that_exist():
    assert list(ROWS) == [f"F{number:02}" for number in OURS]
    assert list(EXECUTOR_ROWS) == [f"F{number:02}" for number in EXECUTORS]
    assert list(FOUND_ROWS) == FOUND
    assert list(FIRST_ROWS) == [row for row in FIRST if row in FIRST_ROWS]
    for row, (_, tests) in [*ROWS.items(), *EXECUTOR_ROWS.items(), *FOUND_ROWS.items(), *FIRST_ROWS.items()]:
        assert tests, row
        for test in tests:
            assert is_there(test), f"{row}: there is no {test}"


def test_every_numbered_test_stands_in_its_row():
    for file in HERE.glob("test_*.py"):
        rows = EXECUTOR_ROWS if file.name.startswith("test_executor_") else ROWS
        for name in re.findall(r"^def (test_f\d\d\w*)", file.read_text(), re.MULTILINE):
            for number in re.findall(r"(?<=_)f(\d\d)(?=_)", name):
                assert f"tests/faults/{file.name}::{name}" in rows["F" + number][1], name


def test_every_test_of_what_was_found_stands_in_its_row():
    for file in [*HERE.glob("test_*.py"), *(ROOT / "tests/system").glob("test_*.py")]:
        for name in re.findall(r"^def (test_[hrs]\d+_\w*)", file.read_text(), re.MULTILINE):
            for row in re.findall(r"(?<=_)[hrs]\d+(?=_)", name):
                assert f"{file.relative_to(ROOT)}::{name}" in FOUND_ROWS[row.upper()][1], name


def test_readme_has_the_table():
    for rows in (ROWS, EXECUTOR_ROWS, FOUND_ROWS, FIRST_ROWS):
        assert table(rows) in (HERE / "README.md").read_text(), "tests/faults/rows.py prints it"
