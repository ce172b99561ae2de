"""config/router.conf and the README's table say what the program says of its options."""

import os
import re
import subprocess
import sys

import pytest
from harness.process import BUILD, ROOT, SANITIZERS, WRAP

CONF = ROOT / "config/router.conf"
ROUTER = BUILD / "quantum-router"
SET = re.compile(r"^(\s*)# (\w+ = .*;)$", re.MULTILINE)


def router(*flags):
    """What the router prints in an environment that sets nothing."""
    result = subprocess.run(
        [*WRAP, ROUTER, *flags], env={"PATH": os.environ["PATH"], **SANITIZERS}, capture_output=True, text=True
    )
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def listed():
    titles, *rows = (line.split("\t") for line in router("--list-options").splitlines())
    return [dict(zip(titles, row, strict=True)) for row in rows]


def values(path):
    """What counts when this file is read, without where it came from."""
    return [line.rsplit("  # ", 1)[0].rstrip() for line in router("--check-config", "--config", path).splitlines()]


def blocks():
    """The options of the shipped file: key, the line above, the default."""
    group = above = ""
    for line in CONF.read_text().splitlines():
        if opened := re.fullmatch(r"(\w+) :", line):
            group = opened[1] + "."
        elif line == "};":
            group = ""
        elif found := SET.fullmatch(line):
            name, default = found[2].removesuffix(";").split(" = ", 1)
            yield group + name, above, default
        above = line.strip()


def described(option):
    parts = [option["help"], option["range"], *(f"${name}" for name in option["variables"].split())]
    return "# " + "; ".join(filter(None, parts))


def test_every_option_is_in_the_shipped_file():
    expected = [(option["key"], described(option), option["default"]) for option in listed()]
    assert list(blocks()) == expected


def test_the_shipped_file_changes_nothing(tmp_path):
    empty = tmp_path / "empty.conf"
    empty.write_text("")
    assert values(CONF) == values(empty)
    printed = router("--check-config", "--config", CONF)
    assert str(CONF) not in printed


def test_uncommented_it_is_the_same(tmp_path):
    spelled_out = tmp_path / "router.conf"
    spelled_out.write_text(SET.sub(r"\1\2", CONF.read_text()))
    assert values(spelled_out) == values(CONF)
    printed = router("--check-config", "--config", spelled_out).splitlines()
    assert [line for line in printed if str(spelled_out) not in line] == []


def test_readme_has_the_table():
    readme = ROOT / "README.md"
    text = readme.read_text() if readme.exists() else ""
    found = re.search(r"<!-- options -->\n+(.*?)\n+<!-- /options -->", text, re.DOTALL)
    assert found, "README.md has no table between <!-- options --> and <!-- /options -->"
    command = [sys.executable, ROOT / "config/options-table"]
    table = subprocess.run(command, env={**os.environ, "QUANTUM_BUILD": BUILD}, capture_output=True, text=True)
    assert table.returncode == 0, table.stderr
    assert found[1].strip() == table.stdout.strip(), "write what config/options-table prints into README.md"


@pytest.mark.parametrize("flag", ["--help", "--list-options"])
def test_every_option_is_told(flag):
    told = router(flag)
    assert [option["key"] for option in listed() if option["key"] not in told] == []
