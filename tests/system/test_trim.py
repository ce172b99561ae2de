"""quantumctl trim: what is old and finished goes, and nothing else."""

import re

import pytest

from harness.ctl import ctl, expect_refused, must
from harness.names import INTENTS
from harness.redis import free_port

LIVE = "--mode=live"


def must_age(rig, ages_sec):
    now = rig.now_ms()
    return [rig.db.xadd(INTENTS, {"a": 1}, id=f"{now - age * 1000}-0") for age in ages_sec]


def left(rig):
    return [entry for entry, _ in rig.db.xrange(INTENTS)]


def test_old_entries_go(rig):
    ids = must_age(rig, [900, 800, 700, 5, 0])
    said = must(rig, "trim", INTENTS, "--older-than=10m")
    assert said == (f"{INTENTS}: 5 entries, 0 groups\nwould remove 3 entries older than 10m\n"
                    "dry run: nothing was changed; do it with --mode=live\n")  # fmt: skip
    assert left(rig) == ids
    assert "\nremoved 3 entries" in must(rig, "trim", INTENTS, "--older-than=10m", LIVE)
    assert left(rig) == ids[3:]


def test_what_a_group_was_not_given_stays(rig):
    ids = must_age(rig, [900, 800, 700, 600, 0])
    rig.db.xgroup_create(INTENTS, "one", id="0")
    rig.db.xgroup_create(INTENTS, "two", id=ids[1])
    rig.db.xreadgroup("one", "c", {INTENTS: ">"}, count=4, noack=True)
    for mode in ("--mode=dry-run", LIVE):
        said = must(rig, "trim", INTENTS, "--older-than=5m", mode)
        assert re.search(r"remove(d)? 2 entries older than 5m\nkept 2 that are older too: group two has not finished them\n", said)
    assert left(rig) == ids[2:]


def test_what_is_pending_stays(rig):
    ids = must_age(rig, [900, 800, 700, 0])
    rig.db.xgroup_create(INTENTS, "one", id="0")
    rig.db.xreadgroup("one", "c", {INTENTS: ">"})
    rig.db.xack(INTENTS, "one", ids[0], ids[2], ids[3])
    assert "kept 2 that" in must(rig, "trim", INTENTS, "--older-than=5m", LIVE)
    assert left(rig) == ids[1:]
    rig.db.xack(INTENTS, "one", ids[1])
    assert "removed 2 entries" in must(rig, "trim", INTENTS, "--older-than=5m", LIVE)
    assert left(rig) == ids[3:]


def test_in_steps(rig):
    start = rig.now_ms() - 1_000_000
    pipe = rig.db.pipeline()
    for n in range(25_000):
        pipe.xadd(INTENTS, {"a": 1}, id=f"{start + n // 100}-{n % 100 + 1}")
    pipe.execute()
    (young,) = must_age(rig, [0])
    rig.db.config_resetstat()
    assert "removed 25000 entries" in must(rig, "trim", INTENTS, "--older-than=5m", LIVE)
    assert left(rig) == [young]
    assert rig.db.info("commandstats")["cmdstat_xtrim"]["calls"] >= 4


def test_where_memory_is_full_it_makes_room(rig):
    ids = must_age(rig, [900, 800, 0])
    rig.db.config_set("maxmemory", 1)
    assert "would remove 2 entries" in must(rig, "trim", INTENTS, "--older-than=10m")
    assert "removed 2 entries" in must(rig, "trim", INTENTS, "--older-than=10m", LIVE)
    assert left(rig) == ids[2:]


def test_what_is_no_stream(rig):
    rig.db.set(INTENTS, "x")
    expect_refused(1, "WRONGTYPE", "trim", INTENTS, "--older-than=7d", url=rig.redis.url)
    expect_refused(1, "there is no stream nothing", "trim", "nothing", "--older-than=7d", url=rig.redis.url)


WRONG = [
    (("trim",), "it takes STREAM"),
    (("trim", "x"), "--older-than is missing"),
    (("trim", "x", "--older-than=old"), "--older-than=old is no span of time"),
    (("trim", "x", "--older-than"), "--older-than needs a value"),
    (("trim", "x", "--older-than=1d", "--mode=real"), "'real' is not one of"),
    (("trim", "x", "y", "--older-than=1d"), "'y' is not expected here"),
]


@pytest.mark.parametrize("words, said", WRONG, ids=lambda value: repr(value)[:40])
def test_wrong_usage(words, said):
    expect_refused(2, re.escape(said), *words)


def test_redis_is_away():
    port = free_port()
    expect_refused(1, rf"Redis at 127\.0\.0\.1:{port}: Connection refused", "trim", "x", "--older-than=1d", url=f"redis://127.0.0.1:{port}")
    assert ctl("trim", "--help").returncode == 0
