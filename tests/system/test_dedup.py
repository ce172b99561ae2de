"""A decision is published once; who ranks first among equals."""

from harness.names import DEDUP
from harness.signals import signal


def test_second_time_is_a_duplicate_and_the_next_takes_its_place(rig):
    router = rig.start_open_router(2)
    rig.must_xadd("BTCUSDT", "BUY", 0.95, correlation_id="c-1")
    rig.expect_intent("BTCUSDT", decision_id="c-1")
    rig.expect_pending(0)
    rig.must_write(
        signal("BTCUSDT", "BUY", 0.99, correlation_id="c-1"),
        signal("BTCUSDT", "BUY", 0.85, correlation_id="c-2"),
        signal("ETHUSDT", "BUY", 0.80, correlation_id="c-3"),
    )
    rig.expect_intent("BTCUSDT", 130.0, decision_id="c-2", confidence=0.85, rank=1)
    router.expect(r"🔁 DUPLICATE_SKIP BTCUSDT BUY key=c-1$")
    rig.expect_tally(published=2, duplicate=1, outranked=1)
    rig.expect_no_intent()
    rig.expect_drained()
    assert rig.daily_count() == 2


def test_duplicate_in_one_window(rig):
    """The same decision for two symbols takes one place; the other goes to the next."""
    rig.start_open_router(1)
    rig.must_write(
        signal("AAA", "BUY", 0.95, correlation_id="same"),
        signal("BBB", "BUY", 0.94, correlation_id="same"),
        signal("CCC", "BUY", 0.93, correlation_id="other"),
    )
    rig.expect_intent("AAA", decision_id="same")
    rig.expect_intent("CCC", decision_id="other", rank=2)
    rig.expect_tally(published=2, duplicate=1)


def test_a_mark_set_by_hand_counts(rig):
    rig.start_open_router(0)
    rig.db.hset(DEDUP + "c-1", "of", "any type")
    rig.must_xadd("BTCUSDT", "BUY", 0.95, correlation_id="c-1")
    rig.expect_tally(duplicate=1)
    rig.expect_no_intent()
    rig.expect_pending(0)


def test_at_most_three_duplicate_lines(rig):
    rig.db.mset({f"{DEDUP}c-{n}": "old" for n in range(9)})
    router = rig.start_open_router(0)
    rig.must_write(*[signal(f"COIN{n}", confidence=0.9, correlation_id=f"c-{n}") for n in range(9)])
    router.expect("CYCLE .*duplicate=9")
    lines = [message for message in router.messages() if "DUPLICATE_SKIP" in message]
    assert lines == [f"🔁 DUPLICATE_SKIP COIN{n} BUY key=c-{n}" for n in range(3)] + [
        "🔁 DUPLICATE_SKIP +6 more"
    ]


def test_exactly_three_have_no_more_behind_them(rig):
    rig.db.mset({f"{DEDUP}c-{n}": "old" for n in range(3)})
    router = rig.start_open_router(0)
    rig.must_write(*[signal(f"COIN{n}", confidence=0.9, correlation_id=f"c-{n}") for n in range(3)])
    router.expect("CYCLE .*duplicate=3")
    router.expect_count("DUPLICATE_SKIP", 3)


def test_one_per_symbol(rig):
    rig.start_open_router(0)
    rig.must_write(
        signal("AAA", "BUY", 0.95), signal("AAA", "SELL", 0.94), signal("BBB", "BUY", 0.80)
    )
    rig.expect_intent("AAA", action="BUY")
    rig.expect_intent("BBB")
    rig.expect_tally(published=2, same_symbol=1)


def test_many_per_symbol_when_allowed(rig):
    rig.start_open_router(0, "--window.one_per_symbol=off")
    rig.must_write(
        signal("AAA", "BUY", 0.95), signal("AAA", "SELL", 0.94), signal("BBB", "BUY", 0.80)
    )
    rig.expect_intent("AAA", action="BUY")
    rig.expect_intent("AAA", action="SELL")
    rig.expect_tally(published=2, outranked=1)


def test_ties_rank_by_score_then_confidence_then_age(rig):
    rig.start_open_router(0, MAX_NEW_PER_CYCLE="6", TARGET_OPEN_ORDERS="6")
    rig.must_write(
        signal("OLDER", confidence=0.90),
        signal("YOUNGER", confidence=0.90),
        signal("GATED", confidence=0.88, rl_gate_pass="true"),  # 0.88 + 0.02, noise and all
        signal("KNOWN", confidence=0.89, regime="bull"),
        signal("UNKNOWN", confidence=0.895, regime="Unknown"),
        signal("BEST", confidence=0.88, rl_gate_pass="1", regime="bull"),
    )
    for symbol in ("BEST", "OLDER", "YOUNGER", "KNOWN", "GATED", "UNKNOWN"):
        rig.expect_intent(symbol)
    rig.expect_tally(published=6)
