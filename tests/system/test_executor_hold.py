"""Holding: safe mode and unknown open orders open nothing, and no burst comes after."""

import pytest

from harness.executor import intent
from harness.ledger import id_of
from harness.names import EXECUTORS, INTENTS, OPEN_ORDERS, SAFE_MODE
from harness.page import Page
from harness.redis import free_port
from harness.waiting import wait_until

MANY = ["--guards.global_rate_max=1000"]
HOLD = "quantum:exec:hold"


def test_safe_mode_holds_and_lets_go(rig):
    executor = rig.start_paper(*MANY)
    rig.db.set(SAFE_MODE, "ops\n", ex=900)
    rig.must_intend(intent("AAAUSDT"), intent("BBBUSDT"))
    executor.expect(r"⛔ SAFE_MODE: quantum:safety:safe_mode is set → opening nothing value='ops\\x0a' ttl=\d+s$")
    wait_until("both are pending", lambda: rig.executors_group()["pending"] == 2, context=rig.told)
    rig.expect_no_result()
    rig.db.delete(SAFE_MODE)
    executor.expect("SAFE_MODE_CLEARED")
    rig.expect_result("filled", symbol="AAAUSDT")
    rig.expect_result("filled", symbol="BBBUSDT")
    rig.expect_settled()
    rig.expect_consistent()


def test_a_reason_that_comes_later_is_told(rig):
    executor = rig.start_paper(*MANY)
    rig.db.set(SAFE_MODE, "1")
    executor.expect("SAFE_MODE: .* value='1'$")
    rig.db.set(SAFE_MODE + ":reason", "why\n")
    executor.expect(r"SAFE_MODE: .* value='1' reason='why\\x0a'$")


def test_a_neighbours_key_holds(rig):
    executor = rig.start_paper(*MANY, "--safety.also=quantum:system:mode=LOCKDOWN,stop:everything")
    rig.db.set("quantum:system:mode", "LOCKDOWN", ex=900)
    executor.expect(r"⛔ SAFE_MODE: quantum:system:mode is set → opening nothing value='LOCKDOWN' ttl=\d+s$")
    rig.must_intend(intent("AAAUSDT"))
    rig.must_intend(action="CLOSE")  # of what is not open
    rig.expect_result("nothing_open")
    rig.db.set("stop:everything", "1")
    rig.db.delete("quantum:system:mode")
    executor.expect(r"SAFE_MODE: stop:everything is set → opening nothing value='1'$")
    rig.expect_no_result()
    rig.db.delete("stop:everything")
    executor.expect("SAFE_MODE_CLEARED")
    rig.expect_result("filled", symbol="AAAUSDT")
    rig.expect_settled()


@pytest.mark.parametrize("value, word", [(None, "CAPACITY_UNKNOWN: .* missing"), ("3.5", "CAPACITY_UNPARSEABLE: .*='3.5'")])
def test_unknown_open_orders_hold(rig, value, word):
    executor = rig.start_paper(*MANY)
    executor.expect("CAPACITY_INIT")
    rig.set_open(value)
    rig.must_intend()
    executor.expect(word)
    rig.expect_no_result()
    rig.set_open(0)
    rig.expect_result("filled")
    rig.expect_consistent()


def test_the_count_is_made_at_the_start_alone(rig):
    executor = rig.start_paper(*MANY)
    executor.expect("CAPACITY_INIT open=0")
    rig.must_intend()
    rig.expect_result("filled")
    rig.db.delete(OPEN_ORDERS)
    rig.must_intend(action="CLOSE")
    rig.expect_result("closed")
    assert rig.db.get(OPEN_ORDERS) is None
    rig.db.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    executor.expect("REDIS_LOST")
    executor.expect("CAPACITY_UNKNOWN")
    assert rig.db.get(OPEN_ORDERS) is None
    executor.terminate()
    rig.start_paper().expect("CAPACITY_INIT open=0")


def test_a_restart_counts_the_positions_that_are_there(rig):
    rig.start_paper(*MANY)
    rig.must_intend(intent("AAAUSDT"), intent("BBBUSDT"))
    rig.expect_result("filled")
    rig.expect_result("filled")
    rig.executor.terminate()
    rig.db.delete(OPEN_ORDERS)
    rig.start_paper().expect("CAPACITY_INIT open=2")


def test_what_waited_is_stale_and_no_burst_comes(rig):
    executor = rig.start_paper(*MANY, "--guards.resume_max_age_sec=1")
    rig.db.set(SAFE_MODE, "1")
    now = rig.now_ms()
    rig.must_intend(intent("AAAUSDT", timestamp=now - 5000), intent("BBBUSDT", timestamp=now + 20000))
    executor.expect("SAFE_MODE:")
    rig.db.delete(SAFE_MODE)
    rig.expect_result("filled", symbol="BBBUSDT")
    executor.expect_anywhere(r"STALE_INTENT_DROP intent_id=\S+ age_sec=\d+ \(exceeds 1s TTL\)")
    rig.expect_settled()
    rig.expect_no_result()


def test_a_long_hold_reads_on_in_search_of_exits(rig):
    """What is held is claimed again and again, and does not count each time."""
    executor = rig.start_paper(*MANY, "--strays.claim_idle_ms=100", XREADGROUP_COUNT="500")
    rig.must_intend(intent("ZZZUSDT"))
    rig.expect_result("filled")
    rig.db.set(SAFE_MODE, "1")
    rig.must_intend(*[intent(f"S{n}USDT") for n in range(600)])
    wait_until("they are held", lambda: rig.executors_group()["pending"] == 600, context=rig.told)

    def claimed():
        return min(e["times_delivered"] for e in rig.db.xpending_range(INTENTS, EXECUTORS, "-", "+", 1000)) >= 3

    wait_until("they were claimed twice", claimed, None, rig.told)
    rig.must_intend(intent("ZZZUSDT", "CLOSE"))
    rig.expect_result("closed", symbol="ZZZUSDT")
    assert executor.count("LOCK_SKIP") == 0


def test_a_hold_that_ends_while_nobody_is_there(rig):
    """The note in Redis outlives the process: what waited meanwhile is no fresher for it."""
    executor = rig.start_paper(*MANY, "--guards.resume_max_age_sec=1")
    rig.db.set(SAFE_MODE, "1")
    rig.must_intend(timestamp=rig.now_ms() - 5000)
    executor.expect("SAFE_MODE:")
    wait_until("the hold is noted", lambda: rig.db.get(HOLD) == "holding")
    executor.kill()
    rig.db.delete(SAFE_MODE)
    executor = rig.start_paper(*MANY, "--guards.resume_max_age_sec=1")
    executor.expect_anywhere("STALE_INTENT_DROP")
    rig.expect_settled()
    assert rig.results() == [] and rig.open_orders() == 0


def test_h18_an_exit_behind_1500_openings_that_are_held(rig):
    """It reads on however many there are; they wait in Redis, and all come to their end after it."""
    rig.start_paper(*MANY, "--strays.claim_idle_ms=60000", "--paper.hold_sec=1000", "--guards.resume_max_age_sec=600")
    rig.must_intend(intent("ZZZUSDT"))
    rig.expect_result("filled")
    rig.db.set(SAFE_MODE, "1")
    rig.must_intend(*[intent(f"S{n}USDT") for n in range(1500)], intent("ZZZUSDT", "CLOSE"))
    rig.expect_result("closed", symbol="ZZZUSDT")
    wait_until("all are held", lambda: rig.executors_group()["pending"] == 1500, context=rig.told)
    rig.db.delete(SAFE_MODE)
    rig.expect_settled()
    reasons = [r["reason"] or r["status"] for r in rig.results()]
    assert {reason: reasons.count(reason) for reason in set(reasons)} == {
        "filled": 11, "closed": 1, "max_open": 1490}  # fmt: skip
    held = [r["intent_id"] for r in rig.results()[2:]]
    assert held == sorted(held, key=id_of), "in their order"


def test_what_is_held_takes_no_memory_here(rig):
    page = Page(free_port())
    rig.start_paper(*MANY, METRICS_LISTEN=f"127.0.0.1:{page.port}")
    rig.db.set(SAFE_MODE, "1")
    rig.must_intend(*[intent(f"S{n}USDT") for n in range(300)])
    wait_until("all are held", lambda: rig.executors_group()["pending"] == 300, context=rig.told)
    page.expect_metric("intents_in_hand", 0)


def test_safe_drain_needs_no_count_but_heeds_safe_mode(rig):
    executor = rig.start_executor()
    rig.expect_group()
    rig.db.set(SAFE_MODE, "0")
    rig.must_intend()
    executor.expect("SAFE_MODE:")
    rig.expect_no_result()
    rig.db.delete(SAFE_MODE)
    rig.expect_result("would_execute")


def test_nothing_is_executed_that_too_few_replicas_have(rig):
    rig.set_open(0)
    executor = rig.start_paper("--venue.wait_replicas=1")
    [id] = rig.must_intend(symbol="BTCUSDT")
    executor.expect("EXECUTION_REFUSED reason=0 of venue.wait_replicas = 1 replicas have it")
    assert not rig.positions()
    assert rig.executors_group()["pending"] == 1
