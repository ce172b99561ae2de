"""quantumctl --json: one document for each command, numbers as numbers, called as those of status."""

import json
import re

import pytest

from harness.ctl import ctl, expect_refused, must
from harness.executor import intent
from harness.names import DEAD_LETTERS, EXECUTORS, GROUP, INTENTS, OPEN_ORDERS, SAFE_MODE, SIGNALS
from harness.status import must_run_well, status

LIVE = "--mode=live"


def document(rig, *words):
    found = json.loads(must(rig, *words, "--json"))
    assert found.pop("v") == 1
    return found


def must_read(rig, consumer, count):
    return [entry for entry, _ in rig.db.xreadgroup(EXECUTORS, consumer, {INTENTS: ">"}, count=count)[0][1]]


# --- groups


def test_groups(rig):
    must_run_well(rig)
    ids = rig.must_intend(*[intent() for _ in range(5)])
    must_read(rig, "one", 2)
    streams = document(rig, "groups")["streams"]
    assert list(streams) == [SIGNALS, INTENTS] and streams[SIGNALS]["groups"][GROUP]["by_consumer"] == {}
    stream = streams[INTENTS]
    assert (stream["length"], stream["added"], stream["last_id"]) == (5, 5, ids[4])
    group = stream["groups"][EXECUTORS]
    assert (group["lag"], group["pending"], group["last_delivered_id"], group["consumers"]) == (3, 2, ids[1], 1)
    one = group["by_consumer"]["one"]
    assert one["pending"] == 2 and 0 <= one["idle_ms"] < 60_000
    assert list(document(rig, "groups", "list", SIGNALS)["streams"]) == [SIGNALS]
    same = {"consumers", "pending", "lag", "lag_counted", "lost", "oldest_pending_age_ms", "entries_read"}
    assert same < set(group) and same < set(status(rig)[0]["streams"][INTENTS]["groups"][EXECUTORS])


def test_groups_of_nothing(rig):
    assert document(rig, "groups") == {"streams": {}}
    done = ctl("groups", "list", "nothing", "--json", url=rig.redis.url)
    assert (done.returncode, done.stdout) == (1, "") and "there is no stream nothing" in done.stderr


def test_names_that_are_no_text(rig):
    rig.db.xgroup_create(INTENTS, b"\xff\n", id="0", mkstream=True)
    assert list(document(rig, "groups")["streams"][INTENTS]["groups"]) == [r"\xff\x0a"]


def test_a_document_works_on_no_terminal(rig):
    """What is UTF-8 comes as it is, and is written in ASCII: no sequence begins, and nothing turns the line."""
    hostile = "\x1b[2J\u009b31m\u202e\u200b日本"
    rig.db.xadd(DEAD_LETTERS, {"reason": hostile})
    said = must(rig, "dlq", "list", "--json")
    assert json.loads(said)["letters"][0]["reason"] == hostile and said.isascii() and "\x1b" not in said


def test_groups_prune(rig):
    must_run_well(rig)
    rig.db.xgroup_delconsumer(INTENTS, EXECUTORS, "one")
    rig.must_intend(intent())
    must_read(rig, "holding", 1)
    rig.db.xgroup_createconsumer(INTENTS, EXECUTORS, "dead")
    found = document(rig, "groups", "prune", "--idle=0s")
    assert (found["mode"], found["removed"], found["kept_for_pending"]) == ("dry-run", 1, 1)
    outcomes = {one["consumer"]: (one["group"], one["pending"], one["outcome"]) for one in found["looked_at"]}
    assert outcomes == {"dead": (EXECUTORS, 0, "removed"), "holding": (EXECUTORS, 1, "pending")}
    assert all(one["stream"] == INTENTS and one["idle_ms"] >= 0 for one in found["looked_at"])
    assert document(rig, "groups", "prune", "--idle=0s", LIVE)["mode"] == "live"
    assert [one["name"] for one in rig.db.xinfo_consumers(INTENTS, EXECUTORS)] == ["holding"]
    done = ctl("groups", "prune", INTENTS, EXECUTORS, "holding", "--json", LIVE, url=rig.redis.url)
    assert done.returncode == 1 and json.loads(done.stdout)["removed"] == 0 and "was not removed" in done.stderr


def test_groups_skip_and_rewind(rig):
    must_run_well(rig)
    rig.db.xgroup_delconsumer(INTENTS, EXECUTORS, "one")
    ids = rig.must_intend(*[intent() for _ in range(3)])
    before = {"last_delivered_id": "0-0", "lag": 3, "pending": 0}
    found = document(rig, "groups", "skip", INTENTS, EXECUTORS)
    assert found == {"mode": "dry-run", "stream": INTENTS, "group": EXECUTORS, "before": before, "after": {"lag": 0}}
    end = {"last_delivered_id": ids[2], "lag": 0, "pending": 0}
    found = document(rig, "groups", "skip", INTENTS, EXECUTORS, LIVE)
    assert (found["mode"], found["before"], found["after"]) == ("live", before, end)
    assert document(rig, "groups", "rewind", INTENTS, EXECUTORS, f"--to={ids[1]}")["after"] == {"lag": 2}
    done = ctl("groups", "rewind", INTENTS, EXECUTORS, "--to=9999999999999-0", "--json", url=rig.redis.url)
    assert (done.returncode, done.stdout) == (1, "") and "is not back" in done.stderr


# --- dead letters


def test_dead_letters(rig):
    payload = intent(symbol="ethusdt")
    one = rig.db.xadd(DEAD_LETTERS, {**payload, "intent_id": "5-1", "reason": "venue", "count": 6, "last_error": "no price"})
    other = rig.db.xadd(DEAD_LETTERS, {"payload": b"\xff{", "a": "1\n", "intent_id": "5-2", "reason": "not_json", "count": "many"})
    listed = document(rig, "dlq", "list")
    assert listed["has_more"] is False
    first, second = listed["letters"]
    ids = [dead_letter.pop("id") for dead_letter in listed["letters"]]
    assert ids == [one, other] and 0 <= first.pop("age_ms") < 60_000
    assert first == {"intent_id": "5-1", "symbol": "ETHUSDT", "reason": "venue", "count": 6, "last_error": "no price"}
    assert (second["symbol"], second["count"], second["last_error"]) == (None, None, "")
    shown = document(rig, "dlq", "show", *ids)
    assert [dead_letter["id"] for dead_letter in shown["letters"]] == ids
    assert shown["letters"][0]["fields"] == [{"name": name, "value": value} for name, value in payload.items()]
    assert shown["letters"][1]["fields"] == [{"name": "payload", "value": r"\xff{"}, {"name": "a", "value": "1\n"}]
    cut = document(rig, "dlq", "list", "--max=1")
    assert (len(cut["letters"]), cut["has_more"]) == (1, True)
    assert document(rig, "dlq", "list", "--symbol=BTCUSDT") == {"letters": [], "has_more": False}


# --- trim and capacity


def test_trim(rig):
    old = f"{rig.now_ms() - 900_000}-0"
    rig.db.xadd(INTENTS, {"a": 1}, id=old)
    rig.db.xadd(INTENTS, {"a": 1})
    whole = {"mode": "dry-run", "stream": INTENTS, "length": 2, "removed": 1, "kept": 0, "kept_for": None}
    assert document(rig, "trim", INTENTS, "--older-than=5m") == whole
    rig.db.xgroup_create(INTENTS, EXECUTORS, id="0")
    assert document(rig, "trim", INTENTS, "--older-than=5m", LIVE) == {
        **whole, "mode": "live", "removed": 0, "kept": 1, "kept_for": EXECUTORS}  # fmt: skip


def test_capacity(rig):
    must_run_well(rig)
    rig.db.set(SAFE_MODE, "because", ex=500)
    found, whole = document(rig, "capacity", "show"), status(rig)[0]
    assert found["capacity"] == whole["capacity"] and found["capacity"]["open_orders"] == 1
    assert found["safe_mode"]["value"] == "because" and set(found["safe_mode"]) == set(whole["safe_mode"])
    rig.db.delete(OPEN_ORDERS)
    assert document(rig, "capacity", "show")["capacity"]["open_orders"] is None


# --- how it is used

WRONG = [
    (("dlq", "drop", "--all", "--json"), "--json is for list and show"),
    (("dlq", "redrive", "5-5", "--json"), "--json is for list and show"),
    (("capacity", "set", "1", "--json"), "--json is for show"),
    (("groups", "--json=perhaps"), "json"),
]


@pytest.mark.parametrize("words, said", WRONG, ids=lambda value: repr(value)[:40])
def test_wrong_usage(words, said):
    expect_refused(2, re.escape(said), *words)
