"""More candidates than a window holds: the best are found, the rest accounted for."""

from harness.names import DEDUP, SIGNALS
from harness.signals import signal
from harness.waiting import SLOWNESS


COOLDOWN = "quantum:router:cooldown:"


def write_many(rig, entries):
    pipe = rig.db.pipeline(transaction=False)
    for fields in entries:
        pipe.xadd(SIGNALS, fields)
    pipe.execute()


def test_window_is_thinned(rig):
    """6,000 of 3,000 symbols in a window that holds 4,000; the best come first, middle and last."""
    count, best = 6000, {7: 0.999, 3100: 0.998, 5990: 0.997}
    entries = [
        signal(f"COIN{n % 3000}", "BUY", best.get(n, 0.76 + (n * 7919 % 6000) / 40_000))
        for n in range(count)
    ]
    rig.set_open(0)
    write_many(rig, entries)
    router = rig.start_router(
        ROUTER_READ_COUNT="1000",
        SIGNAL_MAX_AGE_SEC="300",
        MAX_NEW_PER_CYCLE="3",
        CANDIDATE_WINDOW_SEC=str(2.5 * SLOWNESS),
    )
    for number, confidence in best.items():
        rig.expect_intent(f"COIN{number % 3000}", confidence=confidence)
    rig.expect_drained()
    tally = rig.expect_told_of(count)
    assert tally["read"] == tally["candidates"] == count and tally["published"] == 3
    assert tally["outranked"] + tally["same_symbol"] == count - 3
    assert tally["outranked"] >= 2000, "nothing was thinned"
    rig.expect_no_intent()
    router.expect_count("BEST_OF_PUBLISH", 1)


def test_small_window_keeps_the_best_of_each_symbol(rig):
    crowd = [signal("CROWD", "BUY", 0.95)] * 60
    others = [signal(f"OTHER{n}", "BUY", 0.80) for n in range(5)]
    rig.set_open(0)
    rig.must_write(*others, *crowd)
    rig.start_router(
        "--window.max_candidates=20",
        "--capacity.max_new_per_cycle=6",
        "--capacity.target_open=6",
        CANDIDATE_WINDOW_SEC="0.3",
    )
    rig.expect_intent("CROWD")
    for number in range(5):
        rig.expect_intent(f"OTHER{number}")
    rig.expect_drained()
    tally = rig.expect_told_of(65)
    assert tally["read"] == 65 and tally["published"] == 6
    assert tally["outranked"] + tally["same_symbol"] == 59 and tally["outranked"] > 0


def high_and_low(count, symbol="OLD"):
    """More high-scored ones than a window holds, and behind them a few low-scored ones."""
    old = [signal(f"{symbol}{n}", "BUY", 0.95 + n / 10_000, correlation_id=f"{symbol}-{n}") for n in range(count)]
    return old, [signal(f"NEW{n}", "BUY", 0.80) for n in range(3)]


def start_small(rig, *flags):
    rig.start_router(
        "--window.max_candidates=20", "--capacity.max_new_per_cycle=3", "--capacity.target_open=3", *flags,
        CANDIDATE_WINDOW_SEC="0.3",
    )  # fmt: skip


def test_h17_duplicates_take_nobodys_place_in_a_full_window(rig):
    old, new = high_and_low(60)
    rig.set_open(0)
    for fields in old:
        rig.db.set(DEDUP + fields["correlation_id"], "1", ex=300)
    rig.must_write(*old, *new)
    start_small(rig)
    for number in range(3):
        rig.expect_intent(f"NEW{number}")
    rig.expect_drained()
    tally = rig.expect_told_of(63)
    assert tally["published"] == 3 and tally["outranked"] + tally["duplicate"] == 60 and tally["outranked"] >= 43


def test_h17_symbols_that_rest_take_nobodys_place(rig):
    old, new = high_and_low(60)
    rig.set_open(0)
    for fields in old:
        rig.db.set(COOLDOWN + fields["symbol"], "1", ex=300)
    rig.must_write(*old, *new)
    start_small(rig, "--capacity.symbol_cooldown_sec=300")
    for number in range(3):
        rig.expect_intent(f"NEW{number}")
    rig.expect_drained()
