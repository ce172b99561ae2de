"""quantumctl on a terminal: what is redrawn in place, and what fits the width."""

import os
import re
import signal
import subprocess

import pytest

import readmes
from harness.ctl import ctl
from harness.names import DEAD_LETTERS, INTENTS, SAFE_MODE, SIGNALS
from harness.options import run_program
from harness.process import ROOT, clean_environment, program
from harness.rig import Rig
from harness.status import CRITICAL, HEALTHY, must_run_well
from harness.terminal import CTRL_C, CTRL_D, CTRL_Z, JOB, Terminal, on_terminal
from harness.waiting import PATIENCE_SEC

HOME = "\033[H"

# As the tables of what one types have them.
TYPED = [table for table in readmes.tables((ROOT / "ctl/README.md").read_text()) if table.heading == "What do I type?"]
COMMANDS = list(dict.fromkeys(name for table in TYPED for _, cells in table.rows for name in re.findall(r"`([a-z]+)", cells[0])))


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


def make_trouble(rig, dead_letters=3):
    """More to tell than 24 rows hold, and findings among it."""
    must_run_well(rig)
    rig.db.set(SAFE_MODE, "1")
    for number in range(dead_letters):
        rig.db.set(f"quantum:rate:execution:symbol:S{number}USDT", "1")  # without a time to live


def test_what_is_wrong_stays_in_sight(rig):
    """At 80 × 24 the tables are cut and not the findings."""
    make_trouble(rig)
    with Terminal(80, "status", "--watch=3600", "--sample=0", url=rig.redis.url, rows=24) as terminal:
        terminal.expect("a reading", is_drawn)
        lines = lines_of_last(terminal.text())
        said = ctl("status", "--sample=0", url=rig.redis.url).stdout.rpartition("\n\n")[2]
        assert " ".join(said.split()) in " ".join(" ".join(lines).split()), terminal.text()
        assert len(lines) == 23 and lines[0].startswith("quantum at ") and lines[-1] == "health: critical"
        assert sum(line.startswith("… ") for line in lines) == 1
        terminal.resize(80, rows=8)
        terminal.expect("it, smaller", lambda text: is_drawn(text) and len(lines_of_last(text)) == 7)
        lines = lines_of_last(terminal.text())
        assert lines[0] == "critical  SAFE_MODE is set: '1'" and lines[-2].startswith("… ") and lines[-1] == "health: critical"
        terminal.press(b"q")
        assert terminal.await_end() == CRITICAL


@pytest.mark.parametrize("key", [b"q", b"Q", CTRL_D], ids=["q", "Q", "ctrl-d"])
def test_a_key_ends_a_watch_without_an_echo(rig, key):
    must_run_well(rig)
    with Terminal(80, "status", "--watch=3600", "--sample=0", url=rig.redis.url) as terminal:
        terminal.expect("a reading", is_drawn)
        terminal.press(b"x\r")
        terminal.press(key)
        assert terminal.await_end() == HEALTHY
        assert terminal.is_as_before() and is_drawn(terminal.text()), terminal.text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGABRT, signal.SIGBUS], ids=lambda number: number.name)
def test_whatever_ends_a_watch_the_terminal_is_as_it_was(rig, number):
    must_run_well(rig)
    with Terminal(80, "status", "--watch=3600", "--sample=0", url=rig.redis.url) as terminal:
        terminal.expect("a reading", lambda text: is_drawn(text) and not terminal.is_as_before())
        terminal.process.send_signal(number)
        terminal.await_end()
        assert terminal.is_as_before()


def test_a_watch_that_is_stopped_gives_the_terminal_back(rig):
    must_run_well(rig)
    # Valgrind goes on where a stop is raised.
    with Terminal(80, "status", "--watch=3600", "--sample=0", url=rig.redis.url, through=JOB, bare=True) as terminal:
        terminal.expect("a reading", lambda text: is_drawn(text) and not terminal.is_as_before())
        terminal.press(CTRL_Z)
        terminal.expect("the terminal as it was", lambda _: terminal.is_as_before())
        terminal.press(b"\n")
        terminal.expect("the keyboard taken", lambda _: not terminal.is_as_before())
        terminal.press(b"q")
        assert terminal.await_end() == HEALTHY and terminal.is_as_before()


def test_a_watch_that_is_not_drawn_in_place_leaves_the_keys_alone(rig):
    must_run_well(rig)
    with Terminal(80, "status", "--watch=0.2", "--sample=0", "--json", url=rig.redis.url) as terminal:
        terminal.expect("two readings", lambda text: text.count("health") >= 2)
        assert terminal.is_as_before()
        terminal.press(CTRL_C)
        terminal.await_end()


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


@pytest.mark.parametrize("words", [["--help"], ["--help=all"], *([command, "--help"] for command in COMMANDS)], ids=" ".join)
def test_help_fits_the_terminal(words):
    said = on_terminal(80, *words, url="unix:///tmp/nowhere.sock")
    assert max(map(len, said.splitlines())) <= 80
    assert max(map(len, ctl(*words).stdout.splitlines())) <= 80
    assert re.sub(r"\s+", " ", said) == re.sub(r"\s+", " ", ctl(*words).stdout)


def test_commands_are_all_of_them():
    assert sorted(re.findall(r"^  ([a-z]+) {2,}", ctl("--help").stdout, re.MULTILINE)) == sorted(COMMANDS)


@pytest.mark.parametrize("name", ["quantum-router", "quantum-executor"])
def test_help_of_the_services_fits(name):
    usual, whole = (run_program(name, flag).stdout.splitlines() for flag in ("--help", "--help=all"))
    assert max(map(len, [*usual, *whole])) <= 80
    assert set(usual) - set(whole) == {f"All other options: {name} --help=all"} and len(usual) < 100 < len(whole)


# --- a reader that has seen enough


def into_a_closed_pipe(name, *words, url="unix:///tmp/nowhere.sock"):
    """As `… | head` may leave it: nobody reads, from the first byte on."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return subprocess.run([*program(name), *words], stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE, text=True,
                              env=clean_environment({"REDIS_URL": url, "METRICS_LISTEN": ""}), timeout=PATIENCE_SEC)  # fmt: skip
    finally:
        os.close(writer)


@pytest.mark.parametrize("question", ["--help", "--help=all", "--version", "--check-config", "--list-options", "--list-metrics"])
@pytest.mark.parametrize("name", ["quantum-router", "quantum-executor"])
def test_a_service_does_not_complain_of_head(name, question):
    done = into_a_closed_pipe(name, question)
    assert (done.returncode, done.stderr) == (0, "")


CALLS = [
    *(["--help"], ["--version"], *([command, "--help"] for command in COMMANDS)),
    ["status", "--sample=0"], ["status", "--sample=0", "--json"], ["status", "--watch=0.2", "--sample=0"],
    ["groups"], ["groups", "--json"], ["groups", "prune"], ["groups", "skip", SIGNALS, "router"], ["dlq", "list"], ["dlq", "show", "1-0"],
    ["dlq", "redrive"], ["dlq", "drop", "--older-than=1d"], ["trim", SIGNALS, "--older-than=1d"], ["drain"], ["drain", "--histogram"],
    ["drain", "--summary"], ["drain", "--json"], ["check", "config", "/dev/null"], ["check", "stream", INTENTS],
    ["capacity", "show"], ["capacity", "show", "--json"], ["capacity", "set", "3"], ["halt", "why"], ["resume"],
    ["send", "BTCUSDT", "BUY", "0.9"], ["feed", "--rate=100", "--seconds=0.1"],
]  # fmt: skip


@pytest.fixture(scope="module")
def one_rig():
    with Rig() as rig:
        rig.redis.start()
        must_run_well(rig)
        rig.must_intend()
        rig.db.xadd(DEAD_LETTERS, {"reason": "why", "x": "y"}, id="1-0")
        yield rig


@pytest.mark.parametrize("closed", [">&-", ">&- <&-"])
def test_a_stdout_that_is_closed_is_not_redis(one_rig, closed):
    """The next thing that is opened would take its number: what is printed would be commands to Redis."""
    id = one_rig.db.xadd(DEAD_LETTERS, {"reason": "why", "SET": "written yes"})
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", *program("quantumctl"), "dlq", "show", id]
    done = subprocess.run(command, env=clean_environment({"REDIS_URL": one_rig.redis.url}), stderr=subprocess.PIPE, check=False, timeout=PATIENCE_SEC)
    assert not one_rig.db.exists("written") and done.returncode == 1 and b"stdout cannot be written" in done.stderr, done


@pytest.mark.parametrize("words", CALLS, ids=" ".join)
def test_no_command_complains_of_head(one_rig, words):
    done = into_a_closed_pipe("quantumctl", *words, url=one_rig.redis.url)
    heard = ctl(*words, url=one_rig.redis.url) if "--watch=0.2" not in words else None
    assert "stdout" not in done.stderr and "pipe" not in done.stderr, done.stderr
    assert heard is None or heard.returncode == done.returncode or words[0] in ("halt", "resume", "capacity"), (heard, done)
