"""The executor as a service: configuration, reload, metrics, health, systemd, stopping."""

import json
import re
import signal as signals

import pytest

from harness.executor import intent
from harness.names import INTENTS, RESULTS, SAFE_MODE
from harness.options import list_options, run_program
from harness.page import Page, Systemd, check_with_promtool
from harness.redis import free_port
from harness.waiting import wait_until

MANY = ["--guards.global_rate_max=1000", "--guards.symbol_rate_max=1000"]


def run(*flags, env=None):
    return run_program("quantum-executor", *flags, env=env)


def refused(*flags, env=None):
    done = run(*flags, env=env)
    assert (done.returncode, done.stdout) == (2, ""), done
    [line] = done.stderr.splitlines()
    assert line.startswith("quantum-executor: ")
    return line


# --- configuration


def test_the_variables_that_operators_use():
    options = {option.key: option for option in list_options("quantum-executor")}
    variables = {option.env: key for key, option in options.items() if option.env}
    expected = {
        "REDIS_URL": "redis.url",
        "MAX_OPEN_ORDERS": "capacity.max_open",
        "MAX_POSITION_USD": "sizing.max_position_usd",
        "MAX_LEVERAGE": "sizing.max_leverage",
        "INTENT_MAX_AGE_SEC": "guards.intent_max_age_sec",
        "TRADE_INTENT_MAX_AGE_MINUTES": "guards.intent_max_age_min",
        "XREADGROUP_COUNT": "redis.read_count",
        "EXEC_CONCURRENCY": "venue.concurrency",
        "TRADE_INTENT_SAFE_DRAIN": "venue.safe_drain",
        "PIPELINE_DIAG": "log.pipeline_diag",
    }
    assert expected.items() <= variables.items()
    assert "--skip-backlog" in run("--help").stdout and "--dry-run" in run("--help").stdout


def test_check_config():
    done = run("--check-config", env={"INTENT_MAX_AGE_SEC": "5000", "TRADE_INTENT_SAFE_DRAIN": "no"})
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^guards\.intent_max_age_sec = 5000 +# INTENT_MAX_AGE_SEC$", done.stdout, re.M)
    assert re.search(r"^guards\.processed_ttl_sec = 5091 +# default, worked out$", done.stdout, re.M)
    assert re.search(r"^venue\.safe_drain = false +# TRADE_INTENT_SAFE_DRAIN$", done.stdout, re.M)
    assert re.search(r'^keys\.group = "quantum:group:execution:trade\.intent"', done.stdout, re.M)


@pytest.mark.parametrize(
    "flags, env, said",
    [
        (["--guards.processed_ttl_sec=690"], {}, "must be more than 690"),
        (["--guards.intent_max_agee_sec=1"], {}, "did you mean --guards.intent_max_age_sec"),
        ([], {"EXEC_CONCURRENCY": "0"}, "1 to 1000"),
        ([], {"TRADE_INTENT_SAFE_DRAIN": "perhaps"}, "TRADE_INTENT_SAFE_DRAIN"),
        (["--keys.results=k", "--keys.letters=k"], {}, "names the same key"),
        (["--keys.consumer="], {}, "must not be empty"),
        (["--metrics.listen=nowhere"], {}, "must be empty or host:port"),
        (["--skip-backlog=yes"], {}, "takes no value"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_refused(flags, env, said):
    assert said in refused(*flags, env=env)


def test_another_prefix(rig):
    rig.start_executor("--prefix=q:{a}:")
    wait_until("its group", lambda: rig.db.exists("q:{a}:stream:trade.intent"), context=rig.told)
    rig.db.xadd("q:{a}:stream:trade.intent", intent())
    wait_until("a result", lambda: rig.db.exists("q:{a}:stream:execution.result"), context=rig.told)
    assert rig.db.keys("quantum:*") == []


# --- reload


def reload_with(rig, conf):
    (rig.folder / f"executor{len(rig.executors) - 1}.conf").write_text(conf)
    rig.executor.process.send_signal(signals.SIGHUP)


def test_reload_takes_effect_at_once(rig):
    executor = rig.start_paper(*MANY, conf="capacity = { max_open = 1; };")
    rig.must_intend(intent("AAAUSDT"), intent("BBBUSDT"))
    rig.expect_result("filled")
    rig.expect_result("rejected", "max_open")
    reload_with(rig, "capacity = { max_open = 2; }; redis = { read_count = 50; };")
    executor.expect(r"CONFIG_CHANGE redis\.read_count = 50 needs a restart \(10 stays\)")
    executor.expect(r"CONFIG_CHANGE capacity\.max_open = 2 \(was 1\)")
    executor.expect("CONFIG_RELOADED what changed takes effect at once")
    rig.must_intend(intent("BBBUSDT"))
    rig.expect_result("filled")
    reload_with(rig, "capacity = { max_open = 0; };")
    executor.expect("CONFIG_REJECTED .*max_open = 0 is out of range")
    rig.must_intend(intent("CCCUSDT"))
    rig.expect_result("rejected", "max_open")


# --- metrics and health


def start_with_page(rig, *flags, **env):
    page = Page(free_port())
    rig.start_paper(*MANY, *flags, METRICS_LISTEN=f"127.0.0.1:{page.port}", **env)
    page.expect_ready(200, "role=leader")
    return page


def test_metrics_say_what_became_of_intents(rig):
    page = start_with_page(rig, MAX_OPEN_ORDERS="2")
    check_with_promtool(page.text())
    old = rig.now_ms() - 700_000
    rig.must_intend(
        intent("AAAUSDT", decision_id="d-1"),
        intent("BBBUSDT"),
        intent("CCCUSDT"),
        intent("CCCUSDT", decision_id="d-1"),
        intent("A"),
        intent(timestamp=old),
    )
    rig.expect_settled()
    rig.must_intend(intent("AAAUSDT", "CLOSE"), intent("DDDUSDT", "CLOSE"))
    rig.expect_settled()
    metrics = page.metrics()
    outcomes = {"filled": 2, "max_open": 1, "duplicate": 1, "invalid": 1, "stale": 1, "closed": 1, "nothing_open": 1}
    for outcome, count in outcomes.items():
        assert metrics[f'intents_total{{outcome="{outcome}"}}'] == count, outcome
    assert metrics['intents_invalid_total{reason="symbol"}'] == 1
    assert metrics["executions_total"] == 3
    assert metrics["handling_seconds_count"] == 7
    assert metrics["positions"] == 1 and metrics["max_open_orders"] == 2
    assert metrics['breaker_state{state="closed"}'] == 1 and metrics["redis_up"] == 1
    page.expect_metric("open_orders", 1)
    page.expect_metric("safe_mode", 0)
    rig.db.set(SAFE_MODE, "1")
    page.expect_metric("safe_mode", 1)
    check_with_promtool(page.text())


def test_readiness(rig):
    page = start_with_page(rig)
    assert page.ask("/healthz") == (200, "ok\n")
    assert "quantum-executor" in page.ask("/")[1]
    rig.redis.kill()
    page.expect_ready(503, "Redis does not answer")
    rig.redis.start()
    page.expect_ready(200, "role=leader")
    rig.db.lpush(RESULTS, "x")
    rig.set_open(0)
    rig.must_intend()
    page.expect_ready(503, "executions fail: ")
    rig.db.delete(RESULTS)
    page.expect_ready(200, "role=leader")


def test_systemd(rig):
    systemd = Systemd(rig.folder)
    executor = rig.start_paper(NOTIFY_SOCKET=systemd.path, WATCHDOG_USEC="300000", bare=True)
    ready = systemd.expect("READY=1")
    systemd.expect(r"STATUS=open=.*/10 lag=.* pending=.* executed=0 ended=0", ready)
    fed = systemd.expect("WATCHDOG=1", ready)
    executor.process.send_signal(signals.SIGHUP)
    systemd.expect(r"RELOADING=1.*", fed)
    executor.terminate()
    systemd.expect("STOPPING=1")
    systemd.socket.close()


# --- stopping


@pytest.mark.parametrize("number", [signals.SIGTERM, signals.SIGINT])
def test_it_stops_within_a_second(rig, number):
    executor = rig.start_paper(*MANY, "--paper.latency_ms=60000")
    rig.must_intend()
    wait_until("it has begun", lambda: rig.db.keys("quantum:exec:begun:*"), context=rig.told)
    executor.send(number)
    assert executor.terminate() < 1
    assert rig.executors_group()["pending"] == 1 and rig.open_orders() == 0


def test_a_frozen_redis_does_not_keep_it(rig):
    executor = rig.start_paper(*MANY)
    rig.redis.freeze()
    assert executor.terminate() < 1.5
    rig.redis.thaw()


def test_before_redis_is_there(empty_rig):
    executor = empty_rig.start_executor()
    executor.expect("REDIS_LOST")
    assert executor.terminate() < 1


def test_what_is_being_settled_is_waited_for(rig):
    executor = rig.start_paper(*MANY, XREADGROUP_COUNT="1000")
    rig.must_intend(*[intent(f"S{n}USDT") for n in range(500)])
    executor.expect("FILLED")
    executor.terminate()
    rig.expect_consistent()
    results = {result["intent_id"] for result in rig.results()}
    pending = {entry["message_id"] for entry in rig.db.xpending_range(INTENTS, "quantum:group:execution:trade.intent", "-", "+", 1000)}
    assert not results & pending


# --- one line per entry


def test_pipeline_diag(rig):
    executor = rig.start_paper(*MANY, PIPELINE_DIAG="true")
    [first, second] = rig.must_intend(intent(), intent())
    executor.expect(rf"FATE intent_id={first} BTCUSDT BUY \$130\.00 x1 fate=filled")
    executor.expect(rf"FATE intent_id={second} BTCUSDT BUY \$130\.00 x1 fate=symbol_open")


def test_a_flood_of_one_kind_is_a_few_lines_and_a_number(rig):
    executor = rig.start_paper(XREADGROUP_COUNT="1000")
    rig.must_intend(*[{"payload": json.dumps({"symbol": "x"})}] * 300)
    rig.expect_settled()
    executor.expect_count("DEAD_LETTER", 50)
    assert len(rig.dead_letters()) == 300


def test_text_from_outside_never_forges_a_line(rig):
    executor = rig.start_paper(*MANY)
    rig.must_intend(intent(decision_id="a\n2026-01-01 00:00:00 [INFO] FILLED"), intent("X\nUSDT"))
    rig.expect_settled()
    assert executor.count(r"^2026-01-01") == 0
