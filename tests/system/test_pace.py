"""Which of router and executor is faster, and who says so."""

import signal as signals

import pytest

from harness.names import COMMIT
from harness.signals import signal
from harness.waiting import wait_until

ABOVE = r"🟠 PACE_ABOVE_EXECUTOR router_per_minute=[\d.]+ executor_per_minute=5 → the executor skips what is over: "
PACED = "--governor.max_per_minute=5"
SERVER = "quantum:exec:server"


def pace(rig, key):
    return rig.db.hget(key, "pace")


def trade_once(rig):
    """Whatever is said at a start was said by then."""
    rig.must_write(signal("BTCUSDT", entry_price=50000))
    rig.expect_result("filled")


def test_the_executor_says_it_when_it_starts_later(rig):
    router = rig.start_open_router(0)
    wait_until("the router's pace", lambda: pace(rig, COMMIT))
    executor = rig.start_paper()
    executor.expect_anywhere(ABOVE)
    trade_once(rig)
    assert (router.count("PACE_ABOVE"), executor.count("PACE_ABOVE")) == (0, 1)
    assert pace(rig, SERVER) == "5"


def test_and_the_router_when_it_does(rig):
    executor = rig.start_paper()
    wait_until("the executor's pace", lambda: pace(rig, SERVER))
    router = rig.start_open_router(0)
    router.expect_anywhere(ABOVE)
    trade_once(rig)
    assert (router.count("PACE_ABOVE"), executor.count("PACE_ABOVE")) == (1, 0)


def test_once_in_a_process(rig):
    rig.start_paper()
    router = rig.start_open_router(0)
    router.expect_anywhere(ABOVE)
    rig.db.client_kill_filter(_type="normal", skipme=True)
    router.expect("REDIS_BACK")
    trade_once(rig)
    router.expect_count("PACE_ABOVE", 1)


def test_nobody_says_it_where_the_router_is_as_slow(rig):
    router = rig.start_open_router(0, PACED)
    wait_until("the router's pace", lambda: pace(rig, COMMIT) == "5")
    executor = rig.start_paper()
    trade_once(rig)
    assert (router.count("PACE_ABOVE"), executor.count("PACE_ABOVE")) == (0, 0)


@pytest.mark.parametrize("flags, skips", [((PACED,), False), ((), True)])
def test_with_the_pace_set_nothing_is_skipped(rig, flags, skips):
    roomy = {"MAX_OPEN_ORDERS": "100", "TARGET_OPEN_ORDERS": "100"}
    rig.start_open_router(0, *flags, **roomy)
    executor = rig.start_paper(**roomy)
    for first in range(0, 20, 2):
        rig.must_write(*[signal(f"COIN{number}", entry_price=100) for number in (first, first + 1)])
        rig.expect_drained()
    for _ in range(5):
        rig.expect_result("filled")
    rig.expect_settled()
    assert (executor.count("GLOBAL_RATE_LIMIT") > 0) == skips


def test_nor_of_an_executor_that_executes_nothing(rig):
    router = rig.start_open_router(0)
    wait_until("the router's pace", lambda: pace(rig, COMMIT))
    executor = rig.start_executor()
    executor.expect("P0.D.5 Config")
    wait_until("the executor's pace", lambda: pace(rig, SERVER) == "")
    rig.must_write(signal("BTCUSDT"))
    executor.expect("would execute")
    assert (router.count("PACE_ABOVE"), executor.count("PACE_ABOVE")) == (0, 0)


def test_what_is_no_pace_is_not_compared(rig):
    rig.db.hset(SERVER, "pace", "fast")
    router = rig.start_open_router(0)
    rig.must_write(signal("BTCUSDT"))
    rig.expect_intent("BTCUSDT")
    assert router.count("PACE_ABOVE") == 0


def test_a_reload_leaves_the_new_pace(rig):
    router = rig.start_open_router(0, conf="governor = { max_per_minute = 5; };")
    wait_until("the router's pace", lambda: pace(rig, COMMIT) == "5")
    (rig.folder / "router0.conf").write_text("governor = { max_per_minute = 4; };")
    router.process.send_signal(signals.SIGHUP)
    wait_until("the router's new pace", lambda: pace(rig, COMMIT) == "4")
