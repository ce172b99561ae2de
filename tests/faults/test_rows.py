"""Every row has its tests, and they are there."""

import re
from pathlib import Path

from harness.process import ROOT
from rows import ROWS, table

OURS = [
    *range(1, 10), *range(12, 40), 42, *range(44, 52), *range(53, 58), *range(59, 72), 74,
]  # fmt: skip
HERE = Path(__file__).resolve().parent


def is_there(test):
    file, _, name = test.partition("::")
    text = (ROOT / file).read_text()
    pattern = rf"^static void {name}\(" if file.endswith(".c") else rf"^def {name}\("
    return re.search(pattern, text, re.MULTILINE)


def test_every_row_has_tests_that_exist():
    assert list(ROWS) == [f"F{number:02}" for number in OURS]
    for row, (_, tests) in ROWS.items():
        assert tests, row
        for test in tests:
            assert is_there(test), f"{row}: there is no {test}"


def test_every_numbered_test_stands_in_its_row():
    for file in HERE.glob("test_*.py"):
        for name in re.findall(r"^def (test_f\d\d\w*)", file.read_text(), re.MULTILINE):
            for number in re.findall(r"(?<=_)f(\d\d)(?=_)", name):
                assert f"tests/faults/{file.name}::{name}" in ROWS["F" + number][1], name


def test_readme_has_the_table():
    assert table() in (HERE / "README.md").read_text(), "tests/faults/rows.py prints it"
