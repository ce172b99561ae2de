"""Redis' clock is set under running programs, which know it from the answers before (H2)."""

import pytest
from harness.clock import Clock
from harness.executor import iso
from harness.rig import Rig
from harness.signals import signal

HOUR_SEC = 3600


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
