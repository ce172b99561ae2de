"""Redis' clock jumps, and days end (F38, F71)."""

import time

import pytest
from harm import Hold
from harness.clock import Clock
from harness.names import DAILY, DEDUP, LEADER
from harness.waiting import wait_until
from proxy import COMMAND, REPLY
from stage import PATIENT, Stage

HOUR_SEC = 3600
DAY_SEC = 86400
EVENING_SEC = 20  # less than a lease or a signal lives


@pytest.fixture
def timed_stage():
    with Stage(durable=True) as stage:
        stage.clock = Clock(stage)
        stage.redis.start()
        stage.set_open(0)
        yield stage
        stage.end()


def test_f38_clock_jumps_ahead(timed_stage):
    """Leases and marks end early; the fence holds, and what waits is too old by now."""
    stage = timed_stage
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    second = stage.start("b")
    second.expect("STANDBY")
    hold = Hold()
    fault = proxy.on("commit", COMMAND, hold)
    stage.is_strict = True
    stage.write()
    wait_until("a commit to hold", hold.held.is_set)
    before = stage.published()
    stage.clock.move(HOUR_SEC)
    second.expect("LEADER_ACQUIRED")
    hold.release()
    fault.await_it()
    wait_until("the late commit's answer", lambda: b"fenced" in proxy.answers_to("commit")[-1])
    stage.expect_drained()
    wait_until("it to be told as stale", lambda: stage.tally()["stale"] == 1, context=stage.told)
    assert stage.published() == before
    assert not stage.db.exists(DEDUP + "uid-1"), "its mark has run out"
    stage.works()
    assert router.process.poll() is None


def test_f38_clock_jumps_back(timed_stage):
    """Ids go on from where they were, an hour ahead of the clock: dropped as future, once a minute a word."""
    stage = timed_stage
    stage.clock.move(HOUR_SEC)
    router = stage.lead("a")
    stage.is_strict = True
    stage.clock.move(0)
    stage.await_ticks(2)
    before = stage.published()
    stage.write()
    router.expect("CLOCK_SKEW")
    stage.write(0.95, 0.95)
    stage.expect_drained()
    router.expect_count("CLOCK_SKEW", 1)
    assert stage.published() == before
    assert stage.db.pttl(LEADER) <= (HOUR_SEC + 60) * 1000
    stage.clock.move(HOUR_SEC)
    wait_until("the lease to be well again", lambda: stage.db.pttl(LEADER) < 60000)
    stage.await_ticks(3)
    stage.works()


def to_midnight_sec():
    """By the machine's clock."""
    return DAY_SEC - time.time() % DAY_SEC


@pytest.mark.parametrize("what", ["snapshot", "commit"])
def test_f71_midnight_between_looking_and_committing(timed_stage, what):
    """The day is the one of the commit, by Redis' clock, or it is decided again."""
    stage = timed_stage
    proxy = stage.proxy()
    stage.clock.move(to_midnight_sec() - EVENING_SEC)
    stage.lead("a", proxy, *PATIENT, "--strays.claim_idle_ms=60000")
    hold = Hold()
    [old] = stage.db.keys(DAILY + "*")
    fault = proxy.on(what, REPLY if what == "snapshot" else COMMAND, hold, only=lambda _: stage.pending())
    [uid] = stage.write()
    wait_until("it to be held", hold.held.is_set)
    stage.clock.move(to_midnight_sec() + 1)
    hold.release()
    fault.await_it()
    stage.expect_published(uid)
    [new] = [key for key in stage.db.keys(DAILY + "*") if key != old]
    assert stage.db.get(new) == "1" and int(new[-8:]) > int(old[-8:])
    assert any(b"the day" in answer for answer in proxy.answers_to("commit"))
    stage.works()
