"""Tab in bash, zsh and fish: what the command table has, and what the Redis that is configured has."""

import re
import socket
import time

import pytest

from harness.ctl import ctl
from harness.names import EXECUTORS, GROUP, INTENTS, SIGNALS
from harness.process import ROOT
from harness.shells import offers
from harness.waiting import soon, wait_until

SHELLS = ("bash", "zsh", "fish")
COMMANDS = re.findall(r"^  ([a-z]+) {2,}", ctl("--help").stdout, re.MULTILINE)

pytestmark = pytest.mark.parametrize("shell", SHELLS)


def bare(words):
    """Without what shells differ in: whether what is there already, "--mode=", is a part of the offer, and the "=" behind it."""
    return [word.rpartition("=")[2] or word.rstrip("=") for word in words]


def flags_of(command):
    return set(re.findall(r"^ {6}(--[\w.-]+)", ctl(command, "--help").stdout, re.MULTILINE))


TABLE = {
    "quantumctl ": COMMANDS,
    "quantumctl gr": ["groups"],
    "quantumctl --log.level=info gr": ["groups"],
    "quantumctl --redis.u": ["--redis.url"],
    "quantumctl groups ": ["list", "prune", "skip", "rewind", "names"],
    "quantumctl groups sk": ["skip"],
    "quantumctl check ": ["signals", "intents", "stream", "config"],
    "quantumctl drain --mode=": ["dry-run", "live"],
    "quantumctl drain --mode=l": ["live"],
    "quantumctl halt ": [],
    "quantum-router --log.level=d": ["debug"],
    "quantum-executor --venue.safe_drain=": ["true", "false"],
    "quantum-executor --skip-b": ["--skip-backlog"],
}


def test_what_the_table_has(shell, tmp_path):
    for (line, expected), found in zip(TABLE.items(), offers(shell, TABLE, tmp_path)):
        assert sorted(bare(found)) == sorted(expected), line


def test_files(shell, tmp_path):
    lines = {
        "quantumctl check config config/ro": "config/router.conf",
        "quantumctl --config=config/ro": "config/router.conf",
        "quantumctl compare meson.b": "meson.build",
    }
    for (line, expected), found in zip(lines.items(), offers(shell, lines, tmp_path)):
        assert bare(found) in ([expected], [expected.rpartition("/")[2]]) and (ROOT / expected).is_file(), line


def test_the_options_of_every_command(shell, tmp_path):
    lines = {command: f"quantumctl {command} --" for command in COMMANDS}
    for command, found in zip(COMMANDS, offers(shell, lines.values(), tmp_path)):
        assert set(bare(found)) == flags_of(command) | {"--help"}, command


# --- Redis


@pytest.fixture
def db(rig):
    rig.db.xgroup_create(SIGNALS, GROUP, id="0", mkstream=True)
    rig.db.xgroup_create(INTENTS, EXECUTORS, id="0", mkstream=True)
    return rig


def expect_names(shell, lines, folder, url):
    """A machine that is busy may not answer in time; then nothing is offered, and Tab is pressed again."""
    left = dict(lines)

    def tried():
        for line, found in zip(list(left), offers(shell, left, folder, url)):
            if found:
                assert sorted(bare(found)) == sorted(left.pop(line)), line
        return not left

    wait_until(f"names behind each of {list(lines)}", tried, context=lambda: f", but nothing behind {list(left)}")


def test_streams_and_groups(shell, db, tmp_path):
    expect_names(shell, {
        "quantumctl trim ": [SIGNALS, INTENTS],
        "quantumctl check stream ": [SIGNALS, INTENTS],
        "quantumctl drain --forward=": [SIGNALS, INTENTS],
        # Bash takes what is behind a colon for a word of its own.
        "quantumctl trim quantum:stream:t": ["trade.intent" if shell == "bash" else INTENTS],
        f"quantumctl groups skip {INTENTS} ": [EXECUTORS],
        f"quantumctl drain --stream={SIGNALS} --consumer-group=": [GROUP],
        "quantumctl drain --consumer-group=": [EXECUTORS, GROUP],
    }, tmp_path, db.redis.url)  # fmt: skip


def test_the_redis_that_is_named_in_front(shell, db, tmp_path):
    expect_names(shell, {f"quantumctl --redis.url={db.redis.url} trim ": [SIGNALS, INTENTS]}, tmp_path, "unix:///tmp/nowhere.sock")


def test_no_redis_is_silence(shell, tmp_path):
    assert offers(shell, ["quantumctl trim "], tmp_path) == [[]]


def test_a_redis_that_does_not_answer_is_not_waited_for(shell, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        began = time.monotonic()
        assert offers(shell, ["quantumctl trim "], tmp_path, f"redis://127.0.0.1:{server.getsockname()[1]}") == [[]]
        assert time.monotonic() - began < soon(2)  # of the shell's start too; a reply is waited for for 5 s
