"""quantumctl on a terminal: what is redrawn in place, and what fits the width."""

import re

import pytest

from harness.ctl import ctl
from harness.names import SAFE_MODE
from harness.status import CRITICAL, HEALTHY, must_run_well
from harness.terminal import CTRL_C, Terminal, on_terminal

HOME = "\033[H"


def screens(text):
    """What was drawn, one after the other, as it is seen."""
    return [re.sub(r"\033\[[0-9;]*[mKJ]", "", part) for part in text.split(HOME)[1:]]


def lines_of_last(text):
    return screens(text)[-1].splitlines() if HOME in text else []


def is_drawn(text):
    return "health: " in text.rpartition(HOME)[2] and text.endswith("\033[J")


@pytest.mark.parametrize("columns", [80, 200])
def test_a_watch_redraws_in_place(rig, columns):
    must_run_well(rig)
    with Terminal(columns, "status", "--watch=0.2", "--sample=0", url=rig.redis.url) as terminal:
        terminal.expect("three readings", lambda text: sum("health: ok" in screen for screen in screens(text)) >= 3)
        rig.db.set(SAFE_MODE, "a long reason " * 20)
        terminal.expect("what changed", lambda text: is_drawn(text) and lines_of_last(text)[-1] == "health: critical")
        assert max(map(len, lines_of_last(terminal.text()))) <= columns
        assert not any("\n\n\n" in screen for screen in screens(terminal.text())[1:])
        terminal.press(CTRL_C)
        assert terminal.await_end() == CRITICAL
        assert terminal.is_as_before()
    # Nothing was switched on: no hidden cursor, no other screen, no colour left.
    assert not re.search(r"\033\[\?", terminal.text())
    assert re.findall(r"\033\[[0-9;]*m", terminal.text())[-1] == "\033[0m"


def test_a_watch_follows_the_size(rig):
    must_run_well(rig)
    with Terminal(200, "status", "--watch=3600", "--sample=0", url=rig.redis.url) as terminal:
        terminal.expect("a reading", is_drawn)
        whole = len(lines_of_last(terminal.text()))
        terminal.resize(120, rows=12)
        terminal.expect("it, smaller", lambda text: is_drawn(text) and len(lines_of_last(text)) == 11)
        lines = lines_of_last(terminal.text())
        assert len(lines) == 11 and max(map(len, lines)) <= 120
        assert lines[-2] == f"… {whole - 10} more lines" and lines[-1] == "health: ok"
        terminal.press(CTRL_C)
        assert terminal.await_end() == HEALTHY


def test_a_watch_without_colors(rig):
    must_run_well(rig)
    with Terminal(80, "status", "--watch=0.2", "--sample=0.2", url=rig.redis.url, NO_COLOR="1") as terminal:
        terminal.expect("a reading", is_drawn)
        terminal.press(CTRL_C)
        assert terminal.await_end() == HEALTHY
    assert not re.search(r"\033\[[0-9;]*m", terminal.text())


@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_a_sample_says_that_it_waits(rig, env):
    must_run_well(rig)
    said = on_terminal(80, "status", "--sample=0.2", url=rig.redis.url, **env)
    assert re.match(rf"looking for 0\.2 s…\r {{{len('looking for 0.2 s…')}}}\r\S", re.sub(r"\033\[[0-9;]*m", "", said)), said
    assert ctl("status", "--sample=0.2", url=rig.redis.url).stderr == ""


@pytest.mark.parametrize("command", [None, "status", "drain", "check", "feed", "groups", "dlq", "demo"])
def test_help_fits_the_terminal(command):
    words = [command, "--help"] if command else ["--help"]
    said = on_terminal(80, *words, url="unix:///tmp/nowhere.sock")
    assert max(map(len, said.splitlines())) <= 80
    assert re.sub(r"\s+", " ", said) == re.sub(r"\s+", " ", ctl(*words).stdout)
