"""Redis' clock is set under running programs, which know it from the answers before (H2, H20, H21)."""

import time

import pytest
from harness.clock import Clock
from harness.executor import iso
from harness.names import COMMIT, DAILY, LEADER
from harness.rig import Rig
from harness.signals import signal
from harness.waiting import SLOWNESS, wait_until

HOUR_SEC = 3600
DAY_SEC = 86400
LEASE_SEC = 0.9
MARGIN_SEC = 1.5 * SLOWNESS  # to notice, to ask again, and what a busy machine adds


@pytest.fixture
def timed():
    with Rig() as rig:
        rig.clock = Clock(rig)
        rig.redis.start()
        yield rig


def test_h2_an_exit_is_no_backlog_after_the_clock_was_set_back(timed):
    """What the executor takes for stale Redis does not, and says so at the ACK."""
    executor = timed.start_paper("--guards.symbol_rate_max=1000")
    timed.must_intend(symbol="BTCUSDT")
    timed.expect_result("filled")
    timed.clock.move(-2 * HOUR_SEC)
    timed.must_intend(symbol="BTCUSDT", action="CLOSE", timestamp=iso(timed.now_ms()))
    timed.expect_result("closed")
    timed.must_intend(symbol="ETHUSDT", timestamp=iso(timed.now_ms()))
    timed.expect_result("filled")
    timed.expect_settled()
    assert executor.count("STALE_INTENT_DROP") == 0


def test_h2_a_signal_is_no_backlog_after_the_clock_was_set_back(timed):
    """Ids that are younger than those before, as a producer of its own clock writes them, are fresh from then on."""
    timed.clock.move(2 * HOUR_SEC)
    timed.start_open_router(0, "--capacity.inflight_group=", CANDIDATE_WINDOW_SEC="2")
    timed.clock.move(0)
    timed.must_write_at(timed.now_ms(), signal("BTCUSDT", "BUY", 0.95), signal("ETHUSDT", "BUY", 0.5))
    timed.expect_intent("BTCUSDT")
    timed.expect_tally(published=1, low_confidence=1)


def to_midnight_sec():
    return DAY_SEC - time.time() % DAY_SEC


def expect_days_limit(rig, read):
    """Two more than the day allows; ids that go on from before the step are ahead by less than what is too far."""
    before = rig.intents()
    rig.must_write(signal("SOLUSDT", "BUY", 0.95), signal("XRPUSDT", "BUY", 0.95))
    tally = rig.expect_told_of(read)
    assert (tally["published"], tally["no_slots"]) == (2, 2), rig.told()
    assert rig.intents() == before


@pytest.mark.parametrize("evening_sec", [-15, 5], ids=["and on before", "alone"])
def test_h20_midnight_once_more_is_no_new_day(timed, evening_sec):
    """What was published on the day that was left counts on, though its counter has expired; and so does what was
    published on the day that the clock was set back from."""
    timed.clock.move(to_midnight_sec() + evening_sec)
    timed.start_open_router(0, "--governor.max_daily_trades=2", "--capacity.inflight_group=")
    timed.must_write(signal("BTCUSDT", "BUY", 0.95), signal("ETHUSDT", "BUY", 0.95))
    timed.expect_tally(published=2)
    if evening_sec < 0:
        timed.clock.move(to_midnight_sec() + 5)
        wait_until("the counter to be gone", lambda: not timed.db.keys(DAILY + "*"))
        timed.await_ticks()
    timed.clock.move(to_midnight_sec() - 10)
    timed.await_ticks()
    expect_days_limit(timed, 4)


@pytest.mark.parametrize("starts_later", [False, True], ids=["stands by", "starts later"])
def test_h21_a_standby_does_not_wait_for_the_clock(timed, starts_later):
    """The lease's key lives until an hour that is two hours away; its holder is dead, and its renewals stand still."""
    timed.set_open(0)
    first = timed.start_instance("a")
    first.expect("CAPACITY_OK")
    second = None if starts_later else timed.start_instance("b")
    if second:
        second.expect("STANDBY leader=a$")
    timed.clock.move(-2 * HOUR_SEC)
    first.kill()
    if not second:
        second = timed.start_instance("b")
    began = time.monotonic()
    second.expect("LEADER_ACQUIRED instance=b$")
    assert time.monotonic() - began < LEASE_SEC + MARGIN_SEC
    assert timed.db.pttl(LEADER) < 2 * LEASE_SEC * 1000


def test_h21_a_holder_that_lives_is_let_be(timed):
    """Whatever the clock does, it renews."""
    timed.set_open(0)
    first = timed.start_instance("a")
    first.expect("CAPACITY_OK")
    second = timed.start_instance("b")
    second.expect("STANDBY leader=a$")
    for step_sec in (-2 * HOUR_SEC, -4 * HOUR_SEC, -48 * HOUR_SEC):
        timed.clock.move(step_sec)
        renewed = timed.db.hget(COMMIT, "held_until")
        for _ in range(8):
            wait_until("a renewal", lambda: timed.db.hget(COMMIT, "held_until") != renewed)
            renewed = timed.db.hget(COMMIT, "held_until")
    assert second.count("LEADER_ACQUIRED") == 0 and first.count("LEADER_LOST") == 0
