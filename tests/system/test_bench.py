"""The command lines of the benchmark, and that the small programs of it measure what they say."""

import json
import os
import subprocess

import pytest

from harness.names import GROUP, SIGNALS
from harness.process import BUILD, ROOT, clean_environment

RUN, GUARD = ROOT / "tests/bench/run", ROOT / "tests/bench/guard"


def call(*words):
    return subprocess.run(
        [str(word) for word in words], env=clean_environment(), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False)  # fmt: skip


@pytest.mark.parametrize("script", [RUN, GUARD])
def test_help(script):
    done = call(script, "--help")
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.startswith(f"usage: tests/bench/{script.name} ")
    assert os.access(script, os.X_OK)


def test_help_names_the_rows():
    told = call(RUN, "--help").stdout
    for row in ("fresh", "stale", "latency", "crowd", "steady", "memory", "peers", "growth"):
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
        told = json.loads(watch.communicate(timeout=30)[0])
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


def test_pings_are_timed(rig):
    lines = program("ping", rig.redis.socket, 0, 2000, 3, 2).splitlines()
    assert len(lines) == 3
    for due, began, ended in (map(int, line.split()) for line in lines):
        assert due <= began < ended


@pytest.mark.parametrize("case", ["low", "third", "enters", "loses", "decides"])
def test_the_router_works_on_the_canned_input(tmp_path, case):
    assert int(program("instructions", tmp_path, case, 300, 2 if case == "decides" else 3600)) > 0


def test_the_latency_driver_is_a_router(rig):
    rig.db.set("quantum:state:open_orders", 0)
    env = clean_environment({"REDIS_URL": rig.redis.url, "METRICS_LISTEN": "", "CANDIDATE_WINDOW_SEC": "0.3"})
    with subprocess.Popen([BUILD / "bench-latency"], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as driver:
        try:
            driver.stdout.readline()
            program("fill", rig.redis.socket, SIGNALS, 50, 0, 1000, 5, 0)
            published = 0
            while not published:
                due, tick, done, candidates, settled, published = map(int, driver.stdout.readline().split())
            assert due <= tick < done and published <= candidates <= settled <= 50
        finally:
            driver.terminate()
            driver.wait(10)
    assert driver.returncode == 0
