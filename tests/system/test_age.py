"""Nobody trades on a backlog, nor on a clock that is wrong."""

from datetime import datetime, timezone

from harness.names import CONSUMER, GROUP, SIGNALS
from harness.signals import document, signal


def iso(ms, zone=""):
    """Wall time as somebody in that zone reads it, the zone behind it."""
    return datetime.fromtimestamp(ms / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + zone


def test_stale_is_dropped_and_acked(rig):
    rig.set_open(0)
    rig.must_write_at(rig.now_ms() - 31_000, signal("OLD1"), signal("OLD2"), {"no": "signal"})
    rig.must_write_at(rig.now_ms() - 25_000, signal("FRESH", confidence=0.8))
    router = rig.start_router(PIPELINE_DIAG="true")
    rig.expect_intent("FRESH")
    rig.expect_tally(stale=3, published=1)
    rig.expect_drained()
    router.expect_count(r"FATE id=\d+-\d+ fate=stale$", 3)


def test_what_was_buffered_is_not_traded_as_fresh(rig):
    """A producer that was cut off writes its decisions under new ids."""
    rig.set_open(0)
    now = rig.now_ms()
    old = [(now - 7_200_000) / 1000, "2026-01-19T12:00:03", iso(now - 31_000), iso(now - 3_540_000, "+01:00"), str(now - 40_000)]
    rig.must_write(*[document(f"OLD{n}", timestamp=at) for n, at in enumerate(old)], signal("OLDFLAT", timestamp=old[0]),
                   document("BESIDE", confidence=0.8, beside={"timestamp": "2020-01-01T00:00:00Z"}),
                   document("ZONE", confidence=0.81, timestamp=iso(now - 5_000 + 7_200_000, "+02:00")))  # fmt: skip
    rig.start_router(MAX_NEW_PER_CYCLE="10", TARGET_OPEN_ORDERS="10")
    rig.expect_intent("ZONE")
    rig.expect_intent("BESIDE")
    rig.expect_tally(stale=len(old) + 1, published=2)
    rig.expect_drained()


def test_age_by_the_id_alone(rig):
    rig.set_open(0)
    rig.must_write(document("OLD", timestamp="2026-01-19T12:00:03"))
    rig.start_router("--window.age_by=id")
    rig.expect_intent("OLD", signal_timestamp="2026-01-19T12:00:03")


def test_age_limit_is_configurable(rig):
    rig.set_open(0)
    rig.must_write_at(rig.now_ms() - 31_000, signal("OLD"))
    rig.start_router(SIGNAL_MAX_AGE_SEC="60")
    rig.expect_intent("OLD")


def test_pending_entries_keep_their_age(rig):
    rig.set_open(0)
    rig.db.xgroup_create(SIGNALS, GROUP, id="0", mkstream=True)
    rig.must_write_at(rig.now_ms() - 40_000, signal("OLD"))
    rig.must_xadd("FRESH")
    rig.db.xreadgroup(GROUP, CONSUMER, {SIGNALS: ">"})
    rig.expect_pending(2)
    rig.start_router()
    rig.expect_intent("FRESH")
    rig.expect_tally(stale=1, published=1)
    rig.expect_pending(0)


def test_future_is_dropped_with_a_word_about_clocks(rig):
    rig.set_open(0)
    rig.must_xadd("GOOD", confidence=0.8)
    rig.must_write_at(rig.now_ms() + 20_000, signal("SOON", confidence=0.85))
    rig.must_write_at(rig.now_ms() + 600_000, signal("FUTURE"), signal("FUTURE2"))
    rig.db.xadd(SIGNALS, signal("NEVER"), id="18446744073709551615-18446744073709551615")
    router = rig.start_router()
    rig.expect_intent("SOON")
    rig.expect_intent("GOOD")
    rig.expect_tally(published=2, invalid=3)
    rig.expect_drained()
    rig.expect_no_intent()
    router.expect_count("CLOCK_SKEW id=", 1)
    router.expect_count(r"INVALID_SIGNAL_DROP id=\d+-\d+ reason=future", 3)


def test_backlog_of_stale_signals_goes_quickly(rig):
    backlog = 20_000
    start_ms = rig.now_ms() - 120_000
    rig.set_open(0)
    pipe = rig.db.pipeline(transaction=False)
    for number in range(backlog):
        pipe.xadd(SIGNALS, signal("OLDUSDT"), id=f"{start_ms}-{number + 1}")
    pipe.execute()
    rig.must_xadd("FRESH")
    rig.start_router()
    rig.expect_intent("FRESH")
    rig.expect_drained()
    rig.expect_tally(stale=backlog, published=1)
