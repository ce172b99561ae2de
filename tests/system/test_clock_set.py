"""Redis' clock is set under running programs, which know it from the answers before (H2, H16, H20, H21)."""

import re
import signal as signals
import time

import pytest
from harness.executor import iso
from harness.names import COMMIT, DAILY, LEADER
from harness.signals import signal
from harness.waiting import soon, wait_until
from test_executor_stream import answer, arm, expect_open, expect_order

HOUR_SEC = 3600
DAY_SEC = 86400
LEASE_SEC = 0.9
MARGIN_SEC = 1.5  # to notice, and to ask again


def test_h2_an_exit_is_no_backlog_after_the_clock_was_set_back(timed):
    """What the executor takes for stale Redis does not, and says so at the ACK."""
    # It must not ask for the time before it reads the exit, as it does when it looks at what is open.
    executor = timed.start_paper("--guards.symbol_rate_max=1000", "--paper.poll_ms=60000")
    timed.must_intend(symbol="BTCUSDT")
    timed.expect_result("filled")
    executor.process.send_signal(signals.SIGSTOP)
    timed.clock.move(-2 * HOUR_SEC)
    timed.must_intend(symbol="BTCUSDT", action="CLOSE", timestamp=iso(timed.now_ms()))
    executor.process.send_signal(signals.SIGCONT)
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


def test_h20_a_minute_does_not_last_for_as_long_as_the_clock_was_set_back(timed):
    """It begins again, and then it ends."""
    flags = ["--governor.max_per_minute=2", "--window.future_max_sec=8000", "--capacity.inflight_group="]
    timed.start_open_router(0, *flags)
    timed.must_write(signal("BTCUSDT", "BUY", 0.95), signal("ETHUSDT", "BUY", 0.95))
    timed.expect_tally(published=2)
    timed.clock.move(-2 * HOUR_SEC)
    timed.await_ticks()
    timed.must_write(signal("SOLUSDT", "BUY", 0.95))
    timed.expect_tally(published=2, no_slots=1)
    timed.clock.move(-2 * HOUR_SEC + 62)
    timed.await_ticks()
    timed.must_write(signal("XRPUSDT", "BUY", 0.95))
    timed.expect_tally(published=3, no_slots=1)


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
    assert time.monotonic() - began < soon(LEASE_SEC + MARGIN_SEC)
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


def remedy_in(service):
    """What CLOCK_SKEW says to do."""
    service.expect("CLOCK_SKEW")
    [line] = [line for line in service.messages() if "CLOCK_SKEW" in line]
    return line.split(" and is right now: ")[1]


def reload_with(service, folder, name, conf):
    (folder / f"{name}.conf").write_text(conf)
    service.process.send_signal(signals.SIGHUP)
    service.expect("CONFIG_RELOADED")


@pytest.mark.parametrize("way", ["rename", "reload"])
def test_h16_signals_go_on_by_the_remedy(timed, way):
    """Ids of `XADD *` go on from the newest one, which is two hours ahead."""
    router = timed.start_open_router(0)
    timed.must_xadd("BTCUSDT")
    timed.expect_intent("BTCUSDT")
    timed.clock.move(-2 * HOUR_SEC)
    timed.await_ticks()
    timed.must_xadd("ETHUSDT")
    renamed, stream, option, value = re.fullmatch(
        r"(RENAME) (\S+) to another name, or reload with (\S+) = (\d+)", remedy_in(router)
    ).groups()
    assert option == "window.future_max_sec" and -soon(1) <= int(value) - 2 * HOUR_SEC < 60
    if way == "rename":
        timed.db.execute_command(renamed, stream, stream + ".ahead")
        wait_until("the group on a new stream", lambda: timed.pending() == 0, context=timed.told)
    else:
        reload_with(router, timed.folder, "router0", f"window = {{ future_max_sec = {value}; }};")
        timed.await_ticks()
    timed.must_xadd("SOLUSDT")
    timed.expect_intent("SOLUSDT")
    timed.expect_no_intent()
    assert router.process.poll() is None


def test_h16_intents_go_on_by_the_remedy(timed):
    """Those that say no time are as old as their ids say; exits go on without it."""
    executor = timed.start_paper("--guards.symbol_rate_max=1000")
    timed.must_intend(symbol="BTCUSDT")
    timed.expect_result("filled")
    timed.clock.move(-2 * HOUR_SEC)
    timed.must_intend(symbol="BTCUSDT", action="CLOSE")
    timed.expect_result("closed")
    timed.must_intend(symbol="ETHUSDT")
    timed.expect_result("rejected", "invalid_future")
    option, value = re.fullmatch(r"reload with (\S+) = (\d+)", remedy_in(executor)).groups()
    assert option == "guards.future_max_sec"
    reload_with(executor, timed.folder, "executor0", f"guards = {{ future_max_sec = {value}; }};")
    timed.must_intend(symbol="ETHUSDT")
    timed.expect_result("filled")


@pytest.mark.parametrize("step_sec", [-2 * HOUR_SEC, 2 * HOUR_SEC])
def test_h2_a_position_closes_though_the_clock_was_set(timed, step_sec):
    """Set back, it is open for as long as it was to be; set on, its hour has come."""
    timed.start_paper("--paper.hold_sec=2" if step_sec < 0 else "--paper.hold_sec=600")
    timed.must_intend(symbol="BTCUSDT")
    timed.expect_result("filled")
    timed.clock.move(step_sec)
    timed.expect_result("closed", "hold_time")


def test_h2_a_rate_does_not_outlive_its_window(timed):
    """Its key would, by two hours."""
    timed.start_paper("--guards.global_rate_max=1", "--guards.symbol_rate_max=1000")
    timed.must_intend(symbol="BTCUSDT")
    timed.expect_result("filled")
    timed.must_intend(symbol="ETHUSDT")
    timed.expect_result("skipped", "rate_global")
    timed.clock.move(-2 * HOUR_SEC)
    timed.must_intend(symbol="SOLUSDT", timestamp=iso(timed.now_ms()))
    timed.expect_result("filled")
    timed.must_intend(symbol="XRPUSDT", timestamp=iso(timed.now_ms()))
    timed.expect_result("skipped", "rate_global")


@pytest.mark.parametrize("step_sec", [-48 * HOUR_SEC, 48 * HOUR_SEC, -2, 2])
@pytest.mark.parametrize("where", ["before its answer", "while it is open", "before the exit's answer"])
def test_h2_an_order_at_the_venue(timed, where, step_sec):
    """What was handed over is answered whenever it is, and each once."""

    def step(here):
        if here == where:
            timed.clock.move(step_sec)

    arm(timed)
    [opening] = timed.must_intend(symbol="BTCUSDT", timestamp=iso(timed.now_ms()))
    order = expect_order(timed, order_id=opening, action="BUY")
    step("before its answer")
    answer(timed, order, "filled", price="50010", quantity="0.0026")
    timed.expect_result("filled", intent_id=opening)
    step("while it is open")
    [closing] = timed.must_intend(symbol="BTCUSDT", action="CLOSE", timestamp=iso(timed.now_ms()))
    order = expect_order(timed, order_id=closing, action="CLOSE")
    step("before the exit's answer")
    answer(timed, order, "closed", price="50020")
    timed.expect_result("closed", intent_id=closing)
    expect_open(timed, 0)
    [opening] = timed.must_intend(symbol="ETHUSDT", timestamp=iso(timed.now_ms()))
    expect_order(timed, order_id=opening, action="BUY")
    timed.expect_settled()
    timed.expect_no_result()
