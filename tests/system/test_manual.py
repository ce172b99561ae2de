"""Man pages and bash completion say what --help says."""

import re
import subprocess

import pytest

from harness.ctl import ctl
from harness.options import list_options
from harness.process import BUILD, ROOT, clean_environment

PROGRAMS = {"quantum-router": "8", "quantum-executor": "8", "quantumctl": "1"}


def commands():
    listed = ctl("--help").stdout.split("Commands:\n")[1].split("What a command")[0]
    return re.findall(r"^  (\w+) ", listed, re.MULTILINE)


def flags_of(command):
    return re.findall(r"^ {6}(--[\w.-]+)", ctl(command, "--help").stdout, re.MULTILINE)


def complete(program, *words):
    """What bash would offer for the last word."""
    typed = " ".join(f"'{word}'" for word in (program, *words))
    script = f"""
        source {BUILD}/{program}.bash
        COMP_WORDS=({typed}) COMP_CWORD={len(words)}
        _{program.replace('-', '_')}
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, env=clean_environment(), cwd=ROOT)
    assert done.stderr == ""
    return done.stdout.split()


def page(program):
    return (BUILD / f"{program}.{PROGRAMS[program]}").read_text().replace("\\-", "-")


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_page_has_every_option(program):
    text = page(program)
    names = [option.key for option in list_options(program)]
    missing = [name for name in names if f"\\fB--{name}=" not in text]
    assert not missing and ".SH NAME" in text and ".SH EXIT STATUS" in text


def test_the_page_of_quantumctl_has_every_command():
    text = page("quantumctl")
    assert len(commands()) >= 12
    for command in commands():
        own = text.split(f".SS {command}\n")[1].split("\n.S")[0]
        assert all(f"\\fB{flag}" in own for flag in flags_of(command)), command


@pytest.mark.parametrize("program", PROGRAMS)
def test_completion(program):
    assert complete(program, "--redis.u") == ["--redis.url"]
    assert complete(program, "--vers") == ["--version"]


def test_completion_of_commands():
    assert complete("quantumctl", "gr") == ["groups"]
    assert set(commands()) <= set(complete("quantumctl", ""))
    for command in commands():
        assert set(complete("quantumctl", command, "--")) == {*flags_of(command), "--help"}
    assert complete("quantumctl", "--log-level=info", "status", "--max-l") == ["--max-lag"]
    assert complete("quantumctl", "check", "config", "config/router.c") == ["config/router.conf"]
