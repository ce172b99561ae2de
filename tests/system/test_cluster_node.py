"""The wrong node of a cluster: whatever is asked, the answer is an error, never that nothing is there."""

import subprocess

import pytest
import redis

from harness.cluster import SLOTS, Node
from harness.ctl import ctl
from harness.names import INTENTS
from harness.process import clean_environment, program
from harness.waiting import wait_until

# Each in its simplest form, and those that change something as they do it.
COMMANDS = [
    "groups", "groups list --json", f"groups list {INTENTS}", "groups prune --mode=live", f"groups skip {INTENTS} g --mode=live",
    f"groups rewind {INTENTS} g --to=0 --mode=live", "dlq list", "dlq list --json", "dlq show 1-0", "dlq redrive 1-0 --mode=live",
    "dlq redrive --all --mode=live", "dlq drop 1-0 --mode=live", f"trim {INTENTS} --older-than=1m", f"trim {INTENTS} --older-than=1m --mode=live",
    "drain", "drain --mode=live", f"check stream {INTENTS}", "halt why", "resume", "capacity show", "capacity show --json", "capacity set 3",
    "positions", "positions --json", "send BTCUSDT BUY 0.9", "feed --backlog=3", "feed --rate=5 --seconds=1",
]  # fmt: skip


@pytest.fixture(scope="module")
def wrong(tmp_path_factory):
    """A node that has one slot, which none of our keys is in; the other one has all the others."""
    folder = tmp_path_factory.mktemp("cluster")
    owner, wrong = Node(folder / "a"), Node(folder / "b")
    owner.ask("ADDSLOTS", *range(1, SLOTS))
    wrong.ask("ADDSLOTS", 0)
    owner.meet(wrong)

    def knows():
        try:
            wrong.db.get(INTENTS)
        except redis.ResponseError as error:
            return isinstance(error, redis.exceptions.MovedError) or str(error).startswith("MOVED")

    wait_until("the node knows whose the others are", knows)
    yield wrong
    for node in (owner, wrong):
        node.close()


@pytest.mark.parametrize("words", COMMANDS)
def test_no_command_takes_it_for_empty(wrong, words):
    done = ctl(*words.split(), url=wrong.url)
    assert done.returncode == 1, done
    assert "MOVED" in done.stderr or "CROSSSLOT" in done.stderr, done.stderr
    assert "stream, group" not in done.stdout and "\"streams\"" not in done.stdout, done.stdout


def test_status_knows_nothing(wrong):
    done = ctl("status", url=wrong.url)
    assert done.returncode == 3
    for word in ("none", "missing", "is not there", "dedup marks   0", "nothing is limited"):
        assert word not in done.stdout, f"{word!r} in\n{done.stdout}"
    assert done.stdout.endswith("health: unknown\n")


@pytest.mark.parametrize("name", ["quantum-router", "quantum-executor"])
def test_services_say_so_and_wait(wrong, name):
    service = subprocess.Popen(
        program(name), env=clean_environment({"REDIS_URL": wrong.url, "METRICS_LISTEN": ""}), stderr=subprocess.PIPE, text=True
    )
    try:
        for line in service.stderr:
            if "REDIS_LOST" in line:
                break
        assert "MOVED" in line or "CROSSSLOT" in line, line
        assert service.poll() is None
    finally:
        service.kill()
        service.wait()
