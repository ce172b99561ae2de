"""What holds the router back beside the slots."""

import signal as signals
import time

from harness.names import DAILY
from harness.process import ROOT
from harness.signals import signal

ROOMY = {"MAX_OPEN_ORDERS": "100", "TARGET_OPEN_ORDERS": "100", "MAX_NEW_PER_CYCLE": "5"}


def roomy(rig, target=100):
    rig.rules.max_open, rig.rules.target_open, rig.rules.burst = 100, target, 5


def publish(rig, *symbols):
    """Signals of one window, and their intents."""
    rig.must_write(*[signal(symbol) for symbol in symbols])
    for _ in symbols:
        rig.expect_intent()
    rig.expect_drained()


def offer(rig, router, *symbols, **fates):
    """Signals of one window, and what is told to have become of them."""
    router.forget()
    rig.must_write(*[signal(symbol) for symbol in symbols])
    cycle = router.expect(rf"CYCLE read={len(symbols)} .*")[0]
    for fate, count in fates.items():
        assert f" {fate}={count} " in cycle + " ", cycle
    rig.expect_drained()


def test_capacity_that_nobody_keeps_is_told_once_per_count(ledger_rig):
    rig = ledger_rig
    roomy(rig)
    router = rig.start_open_router(1, "--capacity.suspect_after=3", **ROOMY)
    publish(rig, "AAA", "BBB")
    rig.await_ticks()
    assert router.count("CAPACITY_SUSPECT") == 0
    publish(rig, "CCC")
    router.expect("🟠 CAPACITY_SUSPECT open=1 published_since_change=3$")
    rig.await_ticks(5)
    publish(rig, "DDD")
    router.expect("CAPACITY_SUSPECT open=1 published_since_change=4$")
    rig.await_ticks(5)
    router.expect_count("CAPACITY_SUSPECT", 2)
    rig.set_open(2)
    router.expect("CAPACITY_OK open=2")
    publish(rig, "EEE")
    rig.await_ticks()
    router.expect_count("CAPACITY_SUSPECT", 2)


def test_by_default_it_is_suspect_after_the_cap(ledger_rig):
    rig = ledger_rig
    rig.rules.max_open, rig.rules.target_open = 4, 4
    router = rig.start_open_router(0, MAX_OPEN_ORDERS="4", TARGET_OPEN_ORDERS="4")
    publish(rig, "AAA", "BBB")
    publish(rig, "CCC", "DDD")
    router.expect("CAPACITY_SUSPECT open=0 published_since_change=4$")


def test_suspect_capacity_closes_and_a_restart_does_not_forget_it(ledger_rig):
    rig = ledger_rig
    roomy(rig)
    flags = ["--capacity.suspect_after=2", "--capacity.suspect=close"]
    router = rig.start_open_router(0, *flags, **ROOMY)
    publish(rig, "AAA", "BBB")
    closed = "CAPACITY_SUSPECT open=0 published_since_change=2 → publishing nothing until"
    router.expect(closed)
    offer(rig, router, "CCC", no_slots=1)
    router.kill()
    router = rig.start_router(*flags, **ROOMY)
    router.expect(closed)
    offer(rig, router, "DDD", no_slots=1)
    rig.set_open(1)
    router.expect("CAPACITY_OK open=1")
    publish(rig, "EEE")
    rig.expect_no_intent()


def test_what_another_router_published_meanwhile_counts(ledger_rig):
    rig = ledger_rig
    roomy(rig)
    rig.set_open(0)
    flags = ["--capacity.suspect_after=3"]
    first = rig.start_instance("a", *flags, **ROOMY)
    first.expect("CAPACITY_OK")
    publish(rig, "AAA")
    first.process.send_signal(signals.SIGSTOP)
    second = rig.start_instance("b", *flags, **ROOMY)
    second.expect("LEADER_ACQUIRED")
    publish(rig, "BBB")
    first.process.send_signal(signals.SIGCONT)
    first.expect("STANDBY leader=b")
    second.terminate()
    first.expect("LEADER_ACQUIRED")
    publish(rig, "CCC")
    first.expect("CAPACITY_SUSPECT open=0 published_since_change=3$")


def test_daily_limit(ledger_rig):
    """At 199 of 200 only one is published."""
    rig = ledger_rig
    roomy(rig)
    today = DAILY + time.strftime("%Y%m%d", time.gmtime())
    rig.db.set(today, 199)
    router = rig.start_open_router(0, GOVERNOR_MAX_DAILY_TRADES="200", **ROOMY)
    router.expect("DAILY_LIMIT trades=199 max=200 allowed=1$")
    offer(rig, router, "AAA", "BBB", "CCC", published=1, outranked=2)
    router.expect("DAILY_LIMIT trades=200 max=200 allowed=0$")
    offer(rig, router, "DDD", no_slots=1)
    assert rig.db.xlen("quantum:stream:trade.intent") == 1 and rig.daily_count() == 200
    rig.await_ticks(5)
    router.expect_count("DAILY_LIMIT", 2)


PACED = "--governor.max_per_minute=6"


def fill_the_minute(rig, router):
    """Five of six, and then the sixth."""
    offer(rig, router, "AAA", "BBB", "CCC", "DDD", "EEE", published=5)
    router.expect("PACE_LIMIT published=5 max=6 allowed=1$")
    offer(rig, router, "FFF", "GGG", published=1, outranked=1)
    router.expect("PACE_LIMIT published=6 max=6 allowed=0$")


def test_limit_of_a_minute(ledger_rig):
    rig = ledger_rig
    roomy(rig)
    router = rig.start_open_router(0, PACED, **ROOMY)
    fill_the_minute(rig, router)
    offer(rig, router, "HHH", no_slots=1)
    rig.await_ticks(5)
    router.expect_count("PACE_LIMIT", 2)


def test_a_restart_does_not_forget_the_minute(ledger_rig):
    rig = ledger_rig
    roomy(rig)
    router = rig.start_open_router(0, PACED, **ROOMY)
    fill_the_minute(rig, router)
    router.kill()
    router = rig.start_router(PACED, **ROOMY)
    router.expect("PACE_LIMIT published=6 max=6 allowed=0$")
    offer(rig, router, "HHH", no_slots=1)


def test_nor_does_another_router(ledger_rig):
    rig = ledger_rig
    roomy(rig)
    rig.set_open(0)
    first = rig.start_instance("a", PACED, **ROOMY)
    first.expect("CAPACITY_OK")
    fill_the_minute(rig, first)
    second = rig.start_instance("b", PACED, **ROOMY)
    second.expect("STANDBY leader=a")
    first.kill()
    second.expect("PACE_LIMIT published=6 max=6 allowed=0$")
    offer(rig, second, "HHH", no_slots=1)


def test_a_reload_sets_the_minutes_limit(ledger_rig):
    rig = ledger_rig
    roomy(rig)
    router = rig.start_open_router(0, conf="governor = { max_per_minute = 2; };", **ROOMY)
    offer(rig, router, "AAA", "BBB", "CCC", published=2, outranked=1)
    offer(rig, router, "DDD", no_slots=1)
    (rig.folder / "router0.conf").write_text("governor = { max_per_minute = 3; };")
    router.process.send_signal(signals.SIGHUP)
    router.expect("CONFIG_RELOADED")
    offer(rig, router, "EEE", "FFF", published=1, outranked=1)


def test_supers_per_cycle(ledger_rig):
    rig = ledger_rig
    roomy(rig, target=3)
    rig.rules.supers = 1
    router = rig.start_open_router(3, "--capacity.super_max_per_cycle=1", **{**ROOMY, "TARGET_OPEN_ORDERS": "3"})
    offer(rig, router, "AAA", "BBB", "CCC", published=1, outranked=2)
    router.expect_count(r"SUPER_SIGNAL_BYPASS open=3 target=3 count=3 allowed=1$", 1)
    # Below the target nothing is a bypass.
    rig.set_open(0)
    router.expect("CAPACITY_OK open=0")
    offer(rig, router, "DDD", "EEE", published=2)


def test_among_neighbours(ledger_rig):
    """The file that is shipped for it: one past the target, boosted by its confidence, and halted by their key."""
    rig = ledger_rig
    rig.rules.supers = 1
    router = rig.start_open_router(3, conf=(ROOT / "config/neighbours.conf").read_text())
    offer(rig, router, "AAA", "BBB", published=1, outranked=1)
    rig.expect_intent("AAA", 130.0)
    rig.set_open(1)
    router.expect("CAPACITY_OK open=1")
    rig.must_write(signal("CCC", confidence=0.89), signal("DDD", confidence=0.84))
    rig.expect_intent("CCC", 100.0, rank=1)
    rig.expect_intent("DDD", 100.0, rank=2)
    rig.db.set("quantum:system:mode", "LOCKDOWN")
    router.expect("SAFE_MODE: quantum:system:mode is set → publishing nothing value='LOCKDOWN'")
    offer(rig, router, "EEE", safe_mode=1)


def test_supers_per_hour(ledger_rig):
    rig = ledger_rig
    roomy(rig, target=3)
    env = {**ROOMY, "TARGET_OPEN_ORDERS": "3"}
    flags = ["--capacity.super_max_per_hour=2"]
    router = rig.start_open_router(3, *flags, **env)
    offer(rig, router, "AAA", published=1)
    offer(rig, router, "BBB", "CCC", published=1, below_super=1)
    router.kill()
    router = rig.start_router(*flags, **env)
    router.expect("TARGET_REACHED open=3")
    offer(rig, router, "DDD", below_super=1)
    # Below the target nothing is a bypass.
    rig.set_open(2)
    router.expect("CAPACITY_OK open=2")
    offer(rig, router, "EEE", published=1)


def test_only_symbols_that_are_listed(ledger_rig):
    rig = ledger_rig
    roomy(rig)
    conf = 'window = { symbols = [ "aaa", " BBB " ]; };'
    router = rig.start_open_router(0, conf=conf, PIPELINE_DIAG="true", **ROOMY)
    offer(rig, router, "AAA", "CCC", "BBB", published=2, not_listed=1)
    router.expect_count(r"FATE id=\d+-\d+ CCC BUY conf=95\.00% fate=not_listed$", 1)
    [cycle] = router.cycles()[-1:]
    assert cycle["read"] == 3 and cycle["candidates"] == 2
    rig.expect_tally(published=2, not_listed=1)


def test_cooldown(ledger_rig):
    rig = ledger_rig
    roomy(rig)
    flags = ["--capacity.symbol_cooldown_sec=600", "--window.one_per_symbol=false"]
    router = rig.start_open_router(0, *flags, PIPELINE_DIAG="true", **ROOMY)
    offer(rig, router, "AAA", "AAA", "BBB", published=2, cooldown=1)
    offer(rig, router, "AAA", "CCC", published=1, cooldown=1)
    router.expect_count("fate=cooldown", 2)
    [key] = rig.db.keys("quantum:router:cooldown:AAA")
    assert 0 < rig.db.ttl(key) <= 600
    rig.db.delete(key)  # as its time does; by no clock, which may be set meanwhile
    offer(rig, router, "AAA", "BBB", published=1, cooldown=1)
    rig.expect_tally(published=4, cooldown=3)


def test_by_default_nothing_cools_down(ledger_rig):
    rig = ledger_rig
    roomy(rig)
    router = rig.start_open_router(0, **ROOMY)
    offer(rig, router, "AAA", published=1)
    offer(rig, router, "AAA", published=1, cooldown=0)
    assert not rig.db.keys("quantum:router:cooldown:*")
