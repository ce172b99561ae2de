"""More candidates than a window holds: the best are found, the rest accounted for."""

from harness.names import SIGNALS
from harness.signals import signal
from harness.waiting import SLOWNESS


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
