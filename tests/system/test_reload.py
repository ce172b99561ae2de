"""SIGHUP: the file read again, in force at the window's edge; a bad one changes nothing."""

import signal as signals

from harness.signals import signal

RELOADED = "CONFIG_RELOADED"


def reload_with(rig, conf):
    """Writes the router's file and tells it."""
    router = rig.router
    (rig.folder / f"router{len(rig.routers) - 1}.conf").write_text(conf)
    router.process.send_signal(signals.SIGHUP)


def test_capacity_takes_effect_at_the_next_window(rig):
    router = rig.start_router(conf="capacity = { max_open = 5; };")
    rig.set_open(5)
    router.expect(r"CAPACITY_FULL open=5 max=5")

    reload_with(rig, "capacity = { max_open = 9; target_open = 7; };")
    router.expect(r"CONFIG_CHANGE capacity\.max_open = 9 \(was 5\)")
    router.expect(RELOADED)
    rig.must_write(signal("BTCUSDT", confidence=0.80))
    router.expect(r"CAPACITY_OK open=5 target=7 allowed=2")
    rig.expect_intent("BTCUSDT")


def test_window_and_gate_take_effect(rig):
    router = rig.start_router(conf="", CANDIDATE_WINDOW_SEC="")
    rig.set_open(0)
    router.expect(r"CAPACITY_OK")

    reload_with(rig, "window = { seconds = 0.2; min_confidence = 0.5; };")
    router.expect(RELOADED)
    rig.await_ticks()
    rig.must_write(signal("BTCUSDT", confidence=0.55))
    rig.expect_intent("BTCUSDT")


def test_symbols_take_effect_and_outlive_the_files_that_named_them(rig):
    router = rig.start_router(conf="window = { symbols = [ \"BTCUSDT\" ]; };", CANDIDATE_WINDOW_SEC="0.3")
    rig.set_open(0)
    router.expect("CAPACITY_OK")
    for named in "ETHUSDT", "XRPUSDT":
        reload_with(rig, f'window = {{ symbols = [ "ADAUSDT", "{named}" ]; }};')
        router.expect(rf"CONFIG_CHANGE window\.symbols = ADAUSDT,{named} \(was .*\)")
        router.expect(RELOADED)
        rig.await_ticks()
        rig.must_write(signal("BTCUSDT"), signal(named))
        rig.expect_intent(named)
    reload_with(rig, 'window = { symbols = [ "ADAUSDT", "A/B" ]; };')
    router.expect(r"CONFIG_REJECTED .*:1: window\.symbols names 'A/B', which is no symbol")
    reload_with(rig, "")
    router.expect(r"CONFIG_CHANGE window\.symbols =  \(was ADAUSDT,XRPUSDT\)")
    rig.await_ticks()
    rig.must_write(signal("BTCUSDT"))
    rig.expect_intent("BTCUSDT")
    rig.expect_tally(published=3, not_listed=2)


def test_bad_file_changes_nothing(rig):
    router = rig.start_router(conf="capacity = { max_open = 5; };")
    rig.set_open(5)
    router.expect(r"CAPACITY_FULL open=5 max=5")

    reload_with(rig, "capacity = { max_open = 0; target_opne = 1; };")
    router.expect(r"CONFIG_REJECTED .*:1: capacity\.max_open = 0 is out of range .*running configuration stays")
    router.expect(r"CONFIG_REJECTED .*target_opne.*did you mean")
    rig.must_write(signal("BTCUSDT"))
    router.expect(r"CAPACITY_FULL open=5 max=5")
    assert router.count(RELOADED) == 0


def test_a_burst_that_the_stream_cannot_hold(rig):
    router = rig.start_router(conf="intent = { maxlen = 200; };\ncapacity = { max_new_per_cycle = 2; };")
    rig.set_open(1)
    router.expect(r"CAPACITY_OK")

    reload_with(rig, "intent = { maxlen = 200; };\ncapacity = { max_new_per_cycle = 20; };")
    router.expect(r"CONFIG_REJECTED .*:1: intent\.maxlen must be at least 210: ten times capacity\.max_new_per_cycle")
    assert router.count(RELOADED) == 0


def test_what_is_odd_now_is_warned_of(rig):
    router = rig.start_router(conf="", CANDIDATE_WINDOW_SEC="")
    router.expect("CAPACITY_UNKNOWN")

    reload_with(rig, "window = { signal_max_age_sec = 2; }; lease = { ttl_ms = 1; };")
    router.expect("CONFIG_REJECTED")
    assert router.count("CONFIG_WARNING") == 0
    reload_with(rig, "window = { max_candidates = 1; };")
    router.expect(r"\[WARNING\].*CONFIG_WARNING window\.max_candidates = 1 is below capacity\.max_new_per_cycle = 2")


def test_a_change_that_needs_a_restart_is_named(rig):
    router = rig.start_router(conf="redis = { read_count = 50; };")
    router.expect(r"CAPACITY_UNKNOWN")

    reload_with(rig, "redis = { read_count = 60; };")
    router.expect(r"\[WARNING\].*CONFIG_CHANGE redis\.read_count = 60 needs a restart \(50 stays\)")
    router.expect(RELOADED)


def test_a_change_that_the_environment_hides_is_named(rig):
    router = rig.start_router(conf="capacity = { max_open = 4; };", MAX_OPEN_ORDERS="7")
    rig.set_open(7)
    router.expect(r"CAPACITY_FULL open=7 max=7")

    reload_with(rig, "capacity = { max_open = 6; };")
    router.expect(r"CONFIG_CHANGE capacity\.max_open = 6 is hidden by MAX_OPEN_ORDERS \(7 stays\)")
    router.expect(RELOADED)


def test_log_level_takes_effect(rig):
    router = rig.start_router(conf="log = { level = \"info\"; };")
    rig.set_open(1)
    router.expect(r"CAPACITY_OK")

    reload_with(rig, "log = { level = \"debug\"; emoji = false; };")
    router.expect(RELOADED)
    rig.await_ticks()
    rig.must_write(signal("LTCUSDT", "SELL", 0.68))
    router.expect(r"\[DEBUG\] LOW_CONFIDENCE_DROP LTCUSDT SELL conf=68\.00% min=75\.00%")


def test_reloads_in_a_row_under_flow_lose_nothing(rig):
    router = rig.start_open_router(0, conf="")
    for turn in range(20):
        rig.must_write(signal(f"SYM{turn}", confidence=0.8))
        reload_with(rig, f"capacity = {{ target_open = {3 + turn % 3}; }};")
    router.expect(RELOADED)
    rig.expect_drained()


def test_while_redis_is_away(empty_rig):
    router = empty_rig.start_router(conf="capacity = { max_open = 5; };")
    router.expect(r"REDIS_LOST")
    reload_with(empty_rig, "capacity = { max_open = 2; };")
    router.expect(RELOADED)

    empty_rig.redis.start()
    empty_rig.set_open(2)
    router.expect(r"CAPACITY_FULL open=2 max=2")
