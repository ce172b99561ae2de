"""The command lines of the benchmark, and that the small programs of it measure what they say."""

import json
import os
import subprocess
import time

import pytest

from harness.names import GROUP, SIGNALS
from harness.process import BUILD, ROOT, clean_environment
from harness.waiting import PATIENCE_SEC

RUN, GUARD = ROOT / "tests/bench/run", ROOT / "tests/bench/guard"


def call(*words):
    return subprocess.run(
        [str(word) for word in words], env=clean_environment(), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=PATIENCE_SEC, check=False)  # fmt: skip


@pytest.mark.parametrize("script", [RUN, GUARD])
def test_help(script):
    done = call(script, "--help")
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.startswith(f"usage: tests/bench/{script.name} ")
    assert os.access(script, os.X_OK)


def test_help_names_the_rows():
    told = call(RUN, "--help").stdout
    for row in ("fresh", "stale", "latency", "crowd", "idle", "steady", "ended", "memory", "peers", "growth"):
        assert f"\n  {row} " in told


@pytest.mark.parametrize(
    "words, complaint",
    [
        (["--no-such-option"], "--no-such-option"),
        (["--rows", "fresh,slow"], "no row slow"),
        (["--rows", ""], "no row"),
        (["--rounds", "0"], "0 is not positive"),
        (["--rounds", "many"], "invalid"),
        (["more"], "more"),
    ],
)
def test_wrong_words(words, complaint):
    done = call(RUN, *words)
    assert done.returncode == 2 and done.stdout == ""
    assert complaint in done.stderr.splitlines()[-1]


def test_a_wrong_word_to_the_guard():
    assert call(GUARD, "--all").returncode == 2


def test_figures_of_who_goes_another_way_are_no_users():
    ahead = subprocess.run([RUN, "--quick"], preexec_fn=lambda: os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0)),
                           env=clean_environment(), capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    assert ahead.returncode == 1 and ahead.stdout == ""
    assert ahead.stderr == "tests/bench/run: the router is measured as it runs: under the ordinary scheduler, pinned to nothing\n"


def program(name, *words):
    done = call(BUILD / f"bench-{name}", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def make_group(rig):
    rig.db.execute_command("XGROUP", "CREATE", SIGNALS, GROUP, "0", "MKSTREAM", "ENTRIESREAD", "0")


def test_fill_floor_and_watch_agree(rig):
    program("fill", rig.redis.socket, SIGNALS, 1200, 0, 333, 5, 0)
    make_group(rig)
    assert rig.db.xlen(SIGNALS) == 1200
    words = [rig.redis.socket, SIGNALS, GROUP, 1200, 0, 20, rig.redis.process.pid]
    with subprocess.Popen(
        [BUILD / "bench-watch", *map(str, words)], env=clean_environment(), stdout=subprocess.PIPE, text=True) as watch:  # fmt: skip
        assert watch.stdout.readline() == "watching\n"
        program("floor", rig.redis.socket, SIGNALS, GROUP, "floor")
        told = json.loads(watch.communicate(timeout=PATIENCE_SEC)[0])
    assert watch.returncode == 0
    assert told["settled"] == 1200 and told["pending"] == 0 and told["seconds"] > 0
    assert rig.pending() == 0 and rig.lag() == 0


def test_watch_gives_up(rig):
    rig.db.xadd(SIGNALS, {"a": "b"})
    make_group(rig)
    done = call(BUILD / "bench-watch", rig.redis.socket, SIGNALS, GROUP, 1, 0, 0, rig.redis.process.pid)
    assert done.returncode == 1 and "0 of 1 are read" in done.stderr


def test_a_third_of_the_deck_passes_the_gate(rig):
    program("fill", rig.redis.socket, SIGNALS, 3000, 0, 333, 50, 0)
    payloads = [json.loads(fields["payload"]) for _, fields in rig.db.xrange(SIGNALS)]
    passing = sum(payload["confidence"] >= 0.75 for payload in payloads)
    assert 900 < passing < 1100
    assert len({payload["symbol"] for payload in payloads}) == 50


def test_what_is_stale_has_old_ids(rig):
    program("fill", rig.redis.socket, SIGNALS, 30, 0, 333, 50, 1700000000000)
    ids = [entry_id for entry_id, _ in rig.db.xrange(SIGNALS)]
    assert (ids[0], ids[-1]) == ("1700000000000-0", "1700000000002-9")


def test_a_bystander_tells_its_waits(rig):
    first = time.monotonic_ns() + 20000000
    lines = program("bystander", rig.redis.socket, first, 2000, 3).splitlines()
    assert len(lines) == 3
    for number, (asked, answered) in enumerate(map(int, line.split()) for line in lines):
        assert first + number * 2000000 <= asked < answered


BARE = """
import sys
sys.path[:0] = sys.argv[1:3]
import time
from pathlib import Path
from build import Programs
from decision import driver
from latency import make_calls
from stage import Stage
programs = Programs(Path(sys.argv[3]), Path(sys.argv[3]) / "quantum-router")
with Stage(programs) as stage:
    stage.rewind()
    with driver(stage, CANDIDATE_WINDOW_SEC="0.4"), stage.process([programs["quantumctl"], "feed", "--rate=20", "--seed=7"]):
        calls = make_calls(stage)
        print(stage.run("bench-bare", stage.redis.port, *calls, time.monotonic_ns() + 300000000, 100, 2), end="")
    assert stage.db.xlen("bare:quantum:stream:trade.intent") in (2, 4), "as many intents as the router's call, twice"
    assert stage.db.xpending("bare:quantum:stream:ai.decision.made", "router")["pending"] == 0
"""


def test_the_bare_client_makes_the_routers_calls():
    done = call("/usr/bin/python3", "-B", "-c", BARE, RUN.parent, ROOT / "tests/system", BUILD)
    assert done.returncode == 0, done.stderr
    windows = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    assert len(windows) == 2 and all(due <= woke < answered for due, woke, answered in windows)


@pytest.mark.parametrize("case", ["low", "third", "enters", "loses", "decides"])
def test_the_router_works_on_the_canned_input(tmp_path, case):
    assert int(program("instructions", tmp_path, case, 300, 2 if case == "decides" else 3600)) > 0


def test_the_latency_driver_is_a_router(rig):
    rig.db.set("quantum:state:open_orders", 0)
    env = clean_environment({"REDIS_URL": rig.redis.url, "METRICS_LISTEN": "", "CANDIDATE_WINDOW_SEC": "0.3"})
    words = [BUILD / "bench-latency", str(rig.redis.process.pid), "--record-in-turn"]
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as driver:
        try:
            driver.stdout.readline()
            program("fill", rig.redis.socket, SIGNALS, 50, 0, 1000, 5, 0)
            published = 0
            while not published:
                due, woke, done, candidates, settled, published, is_recorded, *spent = map(int, driver.stdout.readline().split())
            assert due <= woke < done and published <= candidates <= settled <= 50
            assert is_recorded == 1 and len(spent) == 2 and all(ns > 0 for ns in spent)
        finally:
            driver.terminate()
            driver.wait(10)
    assert driver.returncode == 0
