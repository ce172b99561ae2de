"""The manual pages: all are there, each says what its source has, and mandoc has nothing against them."""

import re
import subprocess

import pytest
import readmes

from harness.ctl import ctl
from harness.options import list_options, run_program
from harness.process import BUILD, ROOT

PAGES = sorted(path.name for path in BUILD.glob("quantum*.[1578]"))
COMMANDS = re.findall(r"^  ([a-z]+) {2,}", ctl("--help").stdout, re.MULTILINE)
SERVICES = ("quantum-router", "quantum-executor")


def page(name):
    """Its text as it is read, without what paints letters."""
    done = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=200", BUILD / name], capture_output=True, text=True, check=True)
    return re.sub(".\b", "", done.stdout)


def items(name):
    return set(re.findall(r"^ {7}(\S+)", page(name), re.MULTILINE))


def test_there_is_a_page_for_everything():
    others = ["quantum-streams.7", "quantum-metrics.7", "quantum-log.7"]
    services = [f"{name}{ending}" for name in SERVICES for ending in (".8", ".conf.5")]
    assert PAGES == sorted(["quantumctl.1", *services, *others, *(f"quantumctl-{command}.1" for command in COMMANDS)])


def test_mandoc_has_nothing_to_say():
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "all", *PAGES], cwd=BUILD, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_mandoc_would_say_it(tmp_path):
    (tmp_path / "broken.1").write_text((BUILD / "quantumctl.1").read_text() + ".SH\n.XX\n")
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "all", tmp_path / "broken.1"], capture_output=True, text=True)
    assert done.returncode != 0 and "unknown macro" in done.stdout + done.stderr


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_names_is_there(name):
    named = set(re.findall(r"\b(quantum[\w.-]*)\((\d)\)", page(name)))
    missing = [f"{other}.{section}" for other, section in named if f"{other}.{section}" not in PAGES]
    assert named and not missing


@pytest.mark.parametrize("program", SERVICES)
def test_every_option_and_every_metric(program):
    assert {option.key for option in list_options(program)} <= items(f"{program}.conf.5")
    metrics = [line.split("\t")[0] for line in run_program(program, "--list-metrics").stdout.splitlines()[1:]]
    assert len(metrics) > 20
    assert set(metrics) <= {item.partition("{")[0] for item in items("quantum-metrics.7")}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_flag_of_a_command(command):
    flags = set(re.findall(r"^ {6}(--[\w.-]+)", ctl(command, "--help").stdout, re.MULTILINE))
    assert flags <= {item.partition("=")[0] for item in items(f"quantumctl-{command}.1")}


def test_every_log_word_with_what_to_do():
    catalog = (ROOT / "deploy/catalog/quantum.catalog").read_text()
    words = set(re.findall(r"^# (\w+)$", catalog, re.MULTILINE))
    assert len(words) > 50 and words <= items("quantum-log.7")
    assert page("quantum-log.7").count("What to do:") == catalog.count("What to do:")
    for text in (ROOT / f"{folder}/README.md" for folder in ("router", "executor", "deploy")):
        for table in (table for table in readmes.tables(text.read_text()) if table.titles[0] == "log word"):
            words |= {word for _, cells in table.rows for word in re.findall("`([^`]+)`", cells[0])}
    told = page("quantum-log.7")
    assert len(words) > 80 and not [word for word in words if word not in told and word.upper().replace(" ", "_") not in told]


def test_every_name_in_redis():
    told = page("quantum-streams.7")
    names = {name for program in SERVICES for name in re.findall(r"; empty: <prefix>(\S+)", run_program(program, "--list-options").stdout)}
    assert len(names) > 25 and not [name for name in names if f"quantum:{name}" not in told]
