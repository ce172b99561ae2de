"""Entries that are pending for somebody who will not come for them."""

from harness.names import CONSUMER, GROUP, SIGNALS
from harness.options import run
from harness.signals import signal
from harness.waiting import SLOWNESS, soon, wait_until

FLAGS = [f"--strays.claim_idle_ms={700 * SLOWNESS}", "--redis.commit_timeout_ms=400"]
# Until they are idle for long enough, and the next round of claims a second later.
ROUND_SEC = 20
ROOMY = {"MAX_OPEN_ORDERS": "1000", "TARGET_OPEN_ORDERS": "1000", "MAX_NEW_PER_CYCLE": "1000"}


def start(rig, *flags, **env):
    rig.rules.max_open = rig.rules.target_open = rig.rules.burst = 1000
    return rig.start_open_router(0, *FLAGS, *flags, **{**ROOMY, **env})


def write_for(rig, consumer, *entries):
    """Entries that go to this consumer in the moment in which they come: the router sees none."""
    before = rig.pending()
    pipe = rig.db.pipeline(transaction=True)
    for fields in entries:
        pipe.xadd(SIGNALS, fields)
    pipe.xreadgroup(GROUP, consumer, {SIGNALS: ">"}, count=len(entries))
    ids = pipe.execute()[: len(entries)]
    assert rig.pending() == before + len(entries)
    return ids


def published(rig):
    return sorted(intent["symbol"] for intent in rig.intents())


def expect_settled(rig):
    rig.expect_drained(seconds=ROUND_SEC)


def test_of_a_dead_consumer_and_of_our_own_name(ledger_rig):
    """And what was deleted meanwhile, and what is dropped."""
    rig = ledger_rig
    router = start(rig)
    write_for(rig, "dead", signal("AAA"), signal("WEAK", "BUY", 0.1))
    gone = write_for(rig, CONSUMER, signal("BBB"), signal("GONE"))[1]
    rig.db.xdel(SIGNALS, gone)
    rig.expect_no_intent()
    router.expect("ENTRIES_LOST count=1 ", seconds=ROUND_SEC)
    expect_settled(rig)
    assert published(rig) == ["AAA", "BBB"]
    rig.expect_tally(published=2, low_confidence=1)
    rig.must_xadd("CCC")
    wait_until("the next one", lambda: published(rig) == ["AAA", "BBB", "CCC"])
    assert router.count("CLAIM_REFUSED|REDIS_LOST") == 0


def test_of_a_consumer_that_is_dead_when_the_connection_starts(ledger_rig):
    """A router that is started again and again does not get to wait for a second round."""
    rig = ledger_rig
    rig.db.xgroup_create(SIGNALS, GROUP, id="0", mkstream=True)
    ids = write_for(rig, "dead", signal("AAA"))
    rig.db.xclaim(SIGNALS, GROUP, "dead", 0, ids, idle=5000, justid=True)
    router = start(rig, "--strays.claim_idle_ms=4000")
    wait_until("it is published", lambda: published(rig) == ["AAA"], soon(4), router.tail)
    expect_settled(rig)
    rig.expect_tally(published=1)


def test_what_the_window_holds_is_not_claimed_again(ledger_rig):
    """However long Redis says that it has been idle: a round of claims falls into this window."""
    rig = ledger_rig
    router = start(rig, "--strays.claim_idle_ms=6900", CANDIDATE_WINDOW_SEC="6")
    rig.must_xadd("AAA")
    rig.expect_pending(1)
    write_for(rig, "dead", signal("BBB"))
    pending = rig.db.xpending_range(SIGNALS, GROUP, "-", "+", 10)
    ids = [entry["message_id"] for entry in pending]
    rig.db.xclaim(SIGNALS, GROUP, "dead", 0, ids, idle=60000, justid=True)
    expect_settled(rig)
    assert published(rig) == ["AAA", "BBB"]
    assert {entry["name"] for entry in rig.db.xinfo_consumers(SIGNALS, GROUP)} == {CONSUMER, "dead"}
    rig.expect_tally(published=2)
    router.expect_count("CYCLE read=2 ", 1)


def test_more_than_a_page_that_is_not_idle_yet(ledger_rig):
    """Redis looks at ten times a page's entries: an empty page is not yet the last one."""
    rig = ledger_rig
    router = start(rig, "--strays.claim_idle_ms=5000")
    young = write_for(rig, "busy", *[signal(f"COIN{n}") for n in range(1200)])
    [old] = write_for(rig, "dead", signal("OLD"))
    rig.db.xclaim(SIGNALS, GROUP, "dead", 0, [old], idle=60000, justid=True)

    def is_claimed():
        # Their consumer still works on them: they never get idle.
        rig.db.xclaim(SIGNALS, GROUP, "busy", 0, young, justid=True)
        return published(rig) == ["OLD"]

    wait_until("the old one", is_claimed, ROUND_SEC, router.tail)
    assert rig.pending() == 1200
    rig.db.xack(SIGNALS, GROUP, *young)
    expect_settled(rig)
    assert published(rig) == ["OLD"] and old > young[-1]


def test_claim_idle_must_be_longer_than_a_window_and_a_commit():
    flags = ["--check-config", "--redis.commit_timeout_ms=500", "--window.seconds=3"]
    refused = run(*flags, "--strays.claim_idle_ms=3500")
    assert refused.returncode == 2
    assert "strays.claim_idle_ms must be more than 3500" in refused.stderr
    assert run(*flags, "--strays.claim_idle_ms=3501").returncode == 0


def test_unset_it_grows_with_the_window():
    for window, wanted in (("3", "10000"), ("60", "122000")):
        told = run("--check-config", f"--window.seconds={window}").stdout
        line = next(line for line in told.splitlines() if line.startswith("strays.claim_idle_ms"))
        assert wanted in line
