"""config/router.conf, config/executor.conf and the tables of config/README.md say what the program says of its options."""

import os
import re
import subprocess
import sys

import pytest
from harness.process import BUILD, ROOT, SANITIZERS, WRAP

SERVICES = ["router", "executor"]
SET = re.compile(r"^(\s*)# (\w+ = .*;)$", re.MULTILINE)


@pytest.fixture(params=SERVICES)
def service(request):
    return request.param


def shipped(service):
    return ROOT / f"config/{service}.conf"


def run(service, *flags):
    """What the service prints in an environment that sets nothing."""
    result = subprocess.run(
        [*WRAP, BUILD / f"quantum-{service}", *flags], env={"PATH": os.environ["PATH"], **SANITIZERS}, capture_output=True, text=True
    )
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def listed(service):
    titles, *rows = (line.split("\t") for line in run(service, "--list-options").splitlines())
    return [dict(zip(titles, row, strict=True)) for row in rows]


def values(service, path):
    """What counts when this file is read, without where it came from."""
    return [line.rsplit("  # ", 1)[0].rstrip() for line in run(service, "--check-config", "--config", path).splitlines()]


def blocks(service):
    """The options of the shipped file: key, the line above, the default."""
    group = above = ""
    for line in shipped(service).read_text().splitlines():
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


def test_every_option_is_in_the_shipped_file(service):
    expected = [(option["key"], described(option), option["default"]) for option in listed(service)]
    assert list(blocks(service)) == expected


def test_the_shipped_file_changes_nothing(service, tmp_path):
    empty = tmp_path / "empty.conf"
    empty.write_text("")
    assert values(service, shipped(service)) == values(service, empty)
    printed = run(service, "--check-config", "--config", shipped(service))
    assert str(shipped(service)) not in printed


def test_uncommented_it_is_the_same(service, tmp_path):
    spelled_out = tmp_path / "router.conf"
    spelled_out.write_text(SET.sub(r"\1\2", shipped(service).read_text()))
    assert values(service, spelled_out) == values(service, shipped(service))
    printed = run(service, "--check-config", "--config", spelled_out).splitlines()
    assert [line for line in printed if str(spelled_out) not in line] == []


@pytest.mark.parametrize("what, words", [("router options", "quantum-router"), ("executor options", "quantum-executor"), ("variables", "variables")])
def test_readme_has_the_tables(what, words):
    found = re.search(rf"<!-- {what} -->\n+(.*?)\n+<!-- /{what} -->", (ROOT / "config/README.md").read_text(), re.DOTALL)
    assert found, f"config/README.md has no tables between <!-- {what} --> and <!-- /{what} -->"
    command = [sys.executable, ROOT / "config/options-table", words]
    tables = subprocess.run(command, env={**os.environ, "QUANTUM_BUILD": BUILD}, capture_output=True, text=True)
    assert tables.returncode == 0, tables.stderr
    assert found[1].strip() == tables.stdout.strip(), f"write what config/options-table {words} prints into config/README.md"


@pytest.mark.parametrize("flag", ["--help=all", "--list-options"])
def test_every_option_is_told(service, flag):
    told = run(service, flag)
    assert [option["key"] for option in listed(service) if option["key"] not in told] == []


NEIGHBOURS = ROOT / "config/neighbours.conf"
SETTING = re.compile(r"\s+\w+ = .*;")


def test_the_neighbours_file_gives_a_reason_for_each_line():
    lines = NEIGHBOURS.read_text().splitlines()
    settings = [number for number, line in enumerate(lines) if SETTING.fullmatch(line)]
    assert [lines[number] for number in settings if not lines[number - 1].lstrip().startswith("# ")] == []
    printed = run("router", "--check-config", "--config", NEIGHBOURS)
    assert printed.count(str(NEIGHBOURS)) == len(settings) == 7


def test_what_halts_among_neighbours_is_the_executors_too(tmp_path):
    group = re.search(r"^safety :\n\{\n.*?^\};\n", NEIGHBOURS.read_text(), re.MULTILINE | re.DOTALL)[0]
    (tmp_path / "executor.conf").write_text(group)
    assert 'safety.also = ["quantum:system:mode=LOCKDOWN"]' in values("executor", tmp_path / "executor.conf")
