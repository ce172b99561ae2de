"""quantumctl groups: list, prune, skip, rewind and names."""

import re
import time

import pytest

from harness.ctl import ctl, expect_refused, must
from harness.executor import intent
from harness.names import EXECUTOR, EXECUTORS, INTENTS, SIGNALS
from harness.redis import free_port
from harness.script_source import script_source
from harness.terminal import on_terminal
from harness.waiting import wait_until


def must_have(rig, count=5):
    """A group, and entries that it was not given."""
    rig.db.xgroup_create(INTENTS, EXECUTORS, id="0", mkstream=True)
    return rig.must_intend(*[intent() for _ in range(count)])


def must_read(rig, consumer, count, ack=False):
    found = rig.db.xreadgroup(EXECUTORS, consumer, {INTENTS: ">"}, count=count)
    ids = [entry_id for entry_id, _ in found[0][1]] if found else []
    if ack:
        rig.db.xack(INTENTS, EXECUTORS, *ids)
    return ids


def consumers(rig):
    return sorted(consumer["name"] for consumer in rig.db.xinfo_consumers(INTENTS, EXECUTORS))


def await_idle(rig, milliseconds):
    def idle():
        return all(consumer["idle"] >= milliseconds for consumer in rig.db.xinfo_consumers(INTENTS, EXECUTORS))

    wait_until("idle consumers", idle)


# --- list


def test_list(rig):
    ids = must_have(rig)
    rig.db.xgroup_create(SIGNALS, "router", id="0", mkstream=True)
    rig.db.set("quantum:stream:no.stream", 1)
    must_read(rig, "one", 2)
    said = must(rig, "groups")
    assert [line.split()[0] for line in said.splitlines()[1:]] == [SIGNALS, "router", INTENTS, EXECUTORS, "one"]
    assert re.search(rf"^  {EXECUTORS} +3 +2 +{ids[1]}$", said, re.MULTILINE)
    assert re.search(r"^    one +2 +[\d.]+m?s", said, re.MULTILINE)
    assert must(rig, "groups", "list", INTENTS).count("stream:") == 1


def test_list_at_two_widths(rig):
    must_have(rig)
    must_read(rig, "a-consumer-of-a-long-name-that-nobody-would-type-twice-in-a-lifetime", 2)
    for columns in (80, 200):
        said = re.sub(r"\033\[[0-9;]*m", "", on_terminal(columns, "groups", url=rig.redis.url))
        assert max(map(len, said.splitlines())) <= columns


# --- prune


def test_names(rig):
    assert must(rig, "groups", "names") == ""
    must_have(rig)
    rig.db.xadd(SIGNALS, {"a": 1})
    assert must(rig, "groups", "names") == f"{SIGNALS}\n{INTENTS}\n{INTENTS}\t{EXECUTORS}\n"
    assert must(rig, "groups", "names", SIGNALS) == f"{SIGNALS}\n"


def test_prune_says_first_and_then_does(rig):
    must_have(rig)
    must_read(rig, "dead", 2, ack=True)
    must_read(rig, "holding", 1)
    await_idle(rig, 50)
    rig.db.xgroup_createconsumer(INTENTS, EXECUTORS, "alive")
    said = must(rig, "groups", "prune", "--idle=0.05s")
    assert re.search(rf"^{EXECUTORS} dead +0 +[\d.]+m?s +would be removed$", said, re.MULTILINE)
    assert "would be removed, 1 kept for what it has pending\ndry run" in said
    assert consumers(rig) == ["alive", "dead", "holding"]
    said = must(rig, "groups", "prune", INTENTS, "--idle=0.05s", "--mode=live")
    assert re.search(rf"^{EXECUTORS} holding +1 +\S+ +kept: what it has pending would be lost$", said, re.MULTILINE)
    assert "dead" in said and "holding" in consumers(rig) and "dead" not in consumers(rig)


def test_one_that_is_alive_is_not_listed_as_dead(rig):
    """Whatever it has pending; named, it is kept for being alive."""
    must_have(rig)
    must_read(rig, "alive", 2)
    said = must(rig, "groups", "prune")
    assert said.startswith("0 dead consumers would be removed, 0 kept for what they have pending\n")
    script = rig.db.register_script(script_source("ctl/groups/groups_prune.lua"))
    assert script(keys=[INTENTS], args=[EXECUTORS, "alive", 3600_000]) == "active"
    done = ctl("groups", "prune", INTENTS, EXECUTORS, "alive", url=rig.redis.url)
    assert done.returncode == 1 and "kept: it is alive" in done.stdout and "alive was not removed" in done.stderr


def test_f52_a_consumer_with_pending_is_not_removed(rig):
    """DELCONSUMER would lose what it has pending."""
    must_have(rig)
    ids = must_read(rig, "holding", 3)
    await_idle(rig, 20)
    done = ctl("groups", "prune", INTENTS, EXECUTORS, "holding", "--idle=0.01s", "--mode=live", url=rig.redis.url)
    assert done.returncode == 1 and "holding was not removed: it has entries pending" in done.stderr
    assert [entry["message_id"] for entry in rig.db.xpending_range(INTENTS, EXECUTORS, "-", "+", 10)] == ids


def test_f52_at_the_moment_of_the_removal(rig):
    """What the look saw may be old: the script asks again."""
    must_have(rig)
    must_read(rig, "one", 1)
    script = rig.db.register_script(script_source("ctl/groups/groups_prune.lua"))
    assert script(keys=[INTENTS], args=[EXECUTORS, "one", 0]) == "pending"
    rig.db.xgroup_createconsumer(INTENTS, EXECUTORS, "two")
    assert script(keys=[INTENTS], args=[EXECUTORS, "two", 3600_000]) == "active"
    assert script(keys=[INTENTS], args=[EXECUTORS, "three", 0]) == "gone"
    assert script(keys=[INTENTS], args=[EXECUTORS, "two", 0]) == "removed"
    assert consumers(rig) == ["one"]


def test_prune_names_what_is_not_there(rig):
    must_have(rig)
    expect_refused(1, "there is no stream nothing", "groups", "prune", "nothing", url=rig.redis.url)
    expect_refused(1, f"{INTENTS} has no group none", "groups", "prune", INTENTS, "none", url=rig.redis.url)
    done = ctl("groups", "prune", INTENTS, EXECUTORS, "none", url=rig.redis.url)
    assert done.returncode == 1 and "there is no consumer none" in done.stderr


# --- skip and rewind


def test_skip(rig):
    ids = must_have(rig)
    must_read(rig, "one", 2)
    said = must(rig, "groups", "skip", INTENTS, EXECUTORS)
    assert said == (f"before: last delivered {ids[1]}, 3 not delivered, 2 pending\n"
                    "would leave 0 not delivered\ndry run: nothing was changed; do it with --mode=live\n")  # fmt: skip
    assert rig.executors_group()["lag"] == 3
    said = must(rig, "groups", "skip", INTENTS, EXECUTORS, "--mode=live")
    assert said.splitlines()[1] == f"after:  last delivered {ids[4]}, 0 not delivered, 2 pending"
    group = rig.executors_group()
    assert (group["lag"], group["pending"], rig.db.xlen(INTENTS)) == (0, 2, 5)


def test_where_memory_is_full_it_prunes_and_skips(rig):
    must_have(rig)
    must_read(rig, "dead", 2, ack=True)
    await_idle(rig, 50)
    rig.db.config_set("maxmemory", 1)
    assert "1 dead consumer removed" in must(rig, "groups", "prune", "--idle=0.05s", "--mode=live")
    assert consumers(rig) == []
    assert ", 0 not delivered, 0 pending" in must(rig, "groups", "skip", INTENTS, EXECUTORS, "--mode=live")


@pytest.mark.parametrize("form", ["id", "ms", "iso", "start"])
def test_rewind(rig, form):
    now = rig.now_ms() - 10_000
    rig.db.xgroup_create(INTENTS, EXECUTORS, id="0", mkstream=True)
    ids = [rig.must_intend_at(now + 1000 * n, intent())[0] for n in range(5)]
    must_read(rig, "one", 5, ack=True)
    rig.db.xgroup_delconsumer(INTENTS, EXECUTORS, "one")
    moment = now + 2000
    iso = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment // 1000)) + f".{moment % 1000:03d}Z"
    to = {"id": ids[2], "ms": str(moment), "iso": iso, "start": "0"}[form]
    left = 5 if form == "start" else 3
    said = must(rig, "groups", "rewind", INTENTS, EXECUTORS, f"--to={to}")
    assert f"would leave {left} not delivered\n" in said
    assert must_read(rig, "two", 5) == []
    rig.db.xgroup_delconsumer(INTENTS, EXECUTORS, "two")
    said = must(rig, "groups", "rewind", INTENTS, EXECUTORS, f"--to={to}", "--mode=live")
    assert f"{left} not delivered, 0 pending" in said.splitlines()[1]
    assert must_read(rig, "two", 5) == ids[5 - left :]


def test_rewind_refuses_while_a_consumer_is_alive(rig):
    ids = must_have(rig)
    must_read(rig, "one", 5)
    for mode in ("dry-run", "live"):
        done = ctl("groups", "rewind", INTENTS, EXECUTORS, "--to=0", f"--mode={mode}", url=rig.redis.url)
        assert done.returncode == 1 and re.search(r"consumer one was seen \S+ ago: stop it first", done.stderr)
    script = rig.db.register_script(script_source("ctl/groups/groups_move.lua"))
    assert script(keys=[INTENTS], args=[EXECUTORS, "0-0", 30000])[:2] == ["alive", "one"]
    assert rig.executors_group()["last-delivered-id"] == ids[4]


def test_rewind_goes_back_only(rig):
    ids = must_have(rig)
    must_read(rig, "one", 2)
    done = ctl("groups", "rewind", INTENTS, EXECUTORS, f"--to={ids[4]}", url=rig.redis.url)
    assert done.returncode == 1 and f"is not back: the group was given entries up to {ids[1]}" in done.stderr


def test_the_executor_does_not_execute_a_replay_twice(rig):
    """Rewound, it reads everything again; the marks and the age see to the rest."""
    rig.set_open(0)
    executor = rig.start_paper()
    rig.must_intend(intent("BTCUSDT", decision_id="d1"))
    rig.expect_result("filled", symbol="BTCUSDT")
    rig.expect_settled()
    executor.terminate()
    rig.db.xgroup_delconsumer(INTENTS, EXECUTORS, EXECUTOR)
    must(rig, "groups", "rewind", INTENTS, EXECUTORS, "--to=0", "--mode=live")
    rig.start_paper()
    rig.expect_result("skipped", "duplicate", symbol="BTCUSDT")
    assert len(rig.positions()) == 1


# --- how it is used

WRONG = [
    (("groups", "list", "a", "b"), "groups list takes [STREAM] (see"),
    (("groups", "remove"), "'remove' is none of list, prune, skip, rewind, names"),
    (("groups", "names", "--json"), "--json is not for names"),
    (("groups", "names", "--mode=live"), "names does not"),
    (("groups", "names", "a", "b"), "groups names takes [STREAM] (see"),
    (("groups", "skip", "a"), "groups skip takes STREAM GROUP (see"),
    (("groups", "rewind", "a", "b"), "rewind needs --to=ID or --to=TIME"),
    (("groups", "rewind", "a", "b", "--to=yesterday"), "--to=yesterday is neither an id"),
    (("groups", "rewind", "a", "b", "--to=-5"), "--to=-5 is neither an id"),
    (("groups", "skip", "a", "b", "--to=0"), "--to is for rewind"),
    (("groups", "--idle=1h"), "--idle is for prune"),
    (("groups", "--mode=live"), "--mode is for what changes something"),
    (("groups", "prune", "--idle=long"), "--idle=long is no span of time"),
    (("groups", "prune", "--mode=real"), "'real' is not one of dry-run, live"),
    (("groups", "prune", "--idle"), "--idle needs a value"),
    (("groups", "a", "b", "c", "d", "e"), "'e' is not expected here"),
]


@pytest.mark.parametrize("words, said", WRONG, ids=lambda value: repr(value)[:40])
def test_wrong_usage(words, said):
    expect_refused(2, re.escape(said), *words)


def test_redis_is_away():
    port = free_port()
    for words in (("groups",), ("groups", "prune"), ("groups", "skip", "a", "b"), ("groups", "rewind", "a", "b", "--to=0")):
        expect_refused(1, rf"Redis at 127\.0\.0\.1:{port}: Connection refused", *words, url=f"redis://127.0.0.1:{port}")
