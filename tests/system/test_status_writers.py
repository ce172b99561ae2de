"""quantumctl status: who writes intents beside the router (U5)."""

import pytest

from harness.ctl import expect_refused
from harness.executor import intent
from harness.names import INTENTS
from harness.signals import signal as entry
from harness.status import HEALTHY, WARNING, findings, must_run_well, own_intent, status

TOO = "quantum:stream:trade.intent is written by {}, too: {} of the last {} to open, the newest "
TWICE = " old; a decision that comes both ways becomes two orders"


def told(rig, *words):
    """The findings' texts about writers, without the age, and the exit status."""
    document, code = status(rig, *words)
    texts = findings(document, "warning")
    assert all(text.endswith(TWICE) for text in texts), texts
    return [text[: text.index("the newest ") + 11] for text in texts], code


def by(source, **more):
    return intent(beside={"source": source}, **more)


def test_the_router_alone_is_well(rig):
    rig.start_open_router(1)
    rig.must_write(entry("BTCUSDT"))
    rig.expect_intent("BTCUSDT")
    document, _ = status(rig)
    assert document["writers"] == [{"source": "ai_strategy_router", "entries": 1, "last_id": rig.intents_seen}]
    assert not any("is written by" in text for text in findings(document, "warning"))


@pytest.mark.parametrize("fields, name", [
    (by("engine"), "engine"),
    (intent(beside={"source": ""}), "(none)"),
    ({"payload": "{}"}, "(none)"),
    (intent(form=None, source="bridge"), "bridge"),
    (by("a\x1b[31m\nb\u202e"), r"a\x1b[31m\x0ab\xe2\x80\xae"),
    (by("x" * 100), "x" * 60 + "…"),
])  # fmt: skip
def test_another_writer_is_named(rig, fields, name):
    must_run_well(rig)
    rig.must_intend(own_intent(), own_intent())
    ids = rig.must_intend(fields)
    assert told(rig) == ([TOO.format(name, 1, "3 intents")], WARNING)
    assert {"source": name, "entries": 1, "last_id": ids[-1]} in status(rig)[0]["writers"]


def test_exits_are_somebody_elses(rig):
    must_run_well(rig)
    rig.must_intend(by("guardian", action="CLOSE"), by("guardian", reduce_only=True), by("guardian", action="PARTIAL_CLOSE"))
    assert told(rig) == ([], HEALTHY)
    rig.must_intend(by("guardian"))
    assert told(rig) == ([TOO.format("guardian", 1, "1 intent")], WARNING)


def test_what_is_long_ago_is_over(rig):
    must_run_well(rig)
    rig.must_intend_at(rig.now_ms() - 601_000, by("old"))
    assert told(rig, "--max-lag=1000") == ([], HEALTHY)
    rig.must_intend_at(rig.now_ms() - 500_000, by("engine"))
    rig.must_intend(*[own_intent()] * 99)
    assert told(rig, "--max-lag=1000") == ([TOO.format("engine", 1, "100 intents")], WARNING)
    rig.must_intend(own_intent())
    assert told(rig, "--max-lag=1000") == ([], HEALTHY)


def test_behind_an_entry_all_count(rig):
    must_run_well(rig)
    first, *_ = rig.must_intend(by("old"), *[by("engine")] * 150)
    words = ("--max-lag=1000", f"--intents-after={first}")
    assert told(rig, *words) == ([TOO.format("engine", 150, "150 intents")], WARNING)
    last = rig.db.xinfo_stream(INTENTS)["last-generated-id"]
    assert told(rig, "--max-lag=1000", f"--intents-after={last}") == ([], HEALTHY)
    expect_refused(3, "--intents-after=yesterday is no id of an entry", "status", "--intents-after=yesterday", url=rig.redis.url)


def test_many_writers_are_counted(rig):
    must_run_well(rig)
    rig.must_intend(*[by(f"w{n}") for n in range(30)])
    document, _ = status(rig, "--max-lag=1000")
    assert len(document["writers"]) == 17 and document["writers"][-1]["source"] == "(others)"
    assert sum(writer["entries"] for writer in document["writers"]) == 30
