"""What the router tells operators over HTTP and systemd, against what it did."""

import re
import signal as signals
import socket
import time

import pytest

from harness.names import COMMIT, GROUP, HELD, INTENTS, SAFE_MODE, SIGNALS
from harness.options import run
from harness.page import Page, Systemd, check_with_promtool
from harness.redis import free_port
from harness.router import FATES
from harness.signals import signal
from harness.waiting import soon, wait_until


@pytest.fixture
def systemd(rig_folder):
    systemd = Systemd(rig_folder)
    yield systemd
    systemd.socket.close()


@pytest.fixture
def rig_folder(request):
    name = "empty_rig" if "empty_rig" in request.fixturenames else "rig"
    return request.getfixturevalue(name).folder


def start_with_page(rig, open_orders=0, **env):
    """A router that shows its metrics, and its page."""
    page = Page(free_port())
    rig.set_open(open_orders)
    rig.start_router(METRICS_LISTEN=f"127.0.0.1:{page.port}", **env)
    page.expect_ready(200, "role=leader")
    return page


# --- metrics


def test_promtool_finds_nothing(rig):
    page = start_with_page(rig)
    check_with_promtool(page.text())
    rig.must_write(signal("BTCUSDT"), signal("ETHUSDT", confidence="1e400"), signal("ETHUSDT"))
    rig.expect_drained()
    check_with_promtool(page.text())
    rig.redis.kill()
    page.expect_metric("redis_up", 0)
    check_with_promtool(page.text())


def test_every_fate_is_counted_as_cycle_lines_count_it(rig):
    symbols = ", ".join(f'"{name}USDT"' for name in "BTC ETH XRP LTC SOL BNB".split())
    conf = f"capacity : {{ symbol_cooldown_sec = 600; }}; window : {{ symbols = [{symbols}]; }};"
    page = start_with_page(rig, open_orders=1, conf=conf)
    tell_every_fate(rig)
    tally = rig.tally()
    untold = [fate for fate in FATES if not tally[fate]]
    assert not untold, f"tell_every_fate() tells no {untold}"

    metrics = page.metrics()
    assert {fate: metrics[f'signals_total{{outcome="{fate}"}}'] for fate in FATES} == {
        fate: tally[fate] for fate in FATES
    }
    assert metrics["intents_published_total"] == tally["published"] == len(rig.intents())
    assert metrics['signals_invalid_total{reason="symbol"}'] == 1
    invalid = sum(value for name, value in metrics.items() if name.startswith("signals_invalid_total{"))
    assert invalid == tally["invalid"]
    for state in "ok", "target_reached", "full", "unknown", "unparseable", "safe_mode":
        assert metrics[f'cycles_total{{state="{state}"}}'] > 0, state
    assert metrics['commits_total{result="done"}'] == metrics["commit_seconds_count"] > 0
    assert metrics["cycle_candidates_sum"] == tally["candidates"]
    assert metrics["cycle_candidates_count"] == sum(
        value for name, value in metrics.items() if name.startswith("cycles_total{")
    )
    assert metrics["cycle_lateness_seconds_count"] >= metrics["cycle_candidates_count"]
    assert abs(metrics["last_publish_timestamp_seconds"] - time.time()) < 120
    assert metrics["log_lines_dropped_total"] == 0


def tell_every_fate(rig):
    """Each cycle's batch is written at one moment and settled before the next."""
    router = rig.router

    def settle(*entries):
        before = rig.tally()["read"]
        rig.must_write(*entries)
        wait_until("they are settled", lambda: rig.tally()["read"] >= before + len(entries), context=rig.told)

    def see(pattern):
        router.forget()
        return lambda: router.expect(pattern)

    settle(  # two places
        signal("BTCUSDT", confidence=0.99, correlation_id="one"),
        signal("BTCUSDT", confidence=0.98),
        signal("ETHUSDT", confidence=0.97),
        signal("XRPUSDT", confidence=0.96),
        signal("LTCUSDT", confidence=0.5),
        signal("!"),
        signal(side="HOLD"),
        signal(side="CLOSE"),
        signal("ADAUSDT"),
    )
    settle(signal("BTCUSDT", confidence=0.99, correlation_id="one"))
    settle(signal("BTCUSDT", confidence=0.98))  # rests
    seen = see("POSITIONS_KNOWN symbols=1")
    rig.db.hset(HELD, "BNBUSDT", "BUY")
    seen()
    settle(signal("BNBUSDT", "BUY"), signal("BNBUSDT", "SELL"))
    settled = rig.tally()["read"]
    rig.must_xadd("SOLUSDT", confidence=0.76)
    wait_until("it is settled", lambda: rig.tally()["read"] > settled, context=rig.told)
    for value, word in (3, "TARGET_REACHED"), (10, "CAPACITY_FULL"), ("x", "CAPACITY_UNPARSEABLE"):
        seen = see(word)
        rig.set_open(value)
        seen()
        settle(signal("BNBUSDT", confidence=0.8))
    seen = see("CAPACITY_UNKNOWN")
    rig.set_open(None)
    seen()
    seen = see("SAFE_MODE:")
    rig.db.set(SAFE_MODE, "1")
    seen()
    settle(signal("BNBUSDT", confidence=0.8))
    make_stale(rig)


def make_stale(rig):
    """An entry that waited in a stream that nobody read for too long."""
    stale = rig.now_ms() - 60_000
    last = rig.db.xinfo_stream(SIGNALS)["last-generated-id"]
    assert stale < int(last.split("-")[0])
    rig.db.delete(SIGNALS)  # the group too: it is made again, and starts at 0
    rig.must_write_at(stale, signal("DOTUSDT"))
    wait_until("the stale one is settled", lambda: rig.tally()["stale"] == 1, context=rig.told)


def test_capacity_and_limits(rig):
    page = start_with_page(rig, 2, MAX_OPEN_ORDERS="7", TARGET_OPEN_ORDERS="4")
    page.expect_metric("open_orders", 2)
    metrics = page.metrics()
    assert metrics["max_open_orders"] == 7 and metrics["target_open_orders"] == 4
    assert metrics["safe_mode"] == 0 and metrics["leader"] == 1 and metrics["redis_up"] == 1
    for value, state in (7, "full"), (5, "target_reached"), (1, "ok"), ("x", "unparseable"):
        rig.set_open(value)
        page.expect_metric(f'capacity_state{{state="{state}"}}', 1)
        states = {name: v for name, v in page.metrics().items() if name.startswith("capacity_state")}
        assert sum(states.values()) == 1 and len(states) == 5
    assert "open_orders" not in page.metrics()
    rig.set_open(None)
    page.expect_metric('capacity_state{state="unknown"}', 1)
    assert "open_orders" not in page.metrics()
    rig.db.set(SAFE_MODE, "0")
    page.expect_metric("safe_mode", 1)
    rig.db.delete(SAFE_MODE)
    page.expect_metric("safe_mode", 0)


def test_published_since_the_capacity_changed(rig):
    page = start_with_page(rig, 0)
    rig.must_xadd("BTCUSDT")
    page.expect_metric("published_since_capacity_change", 1)
    rig.must_xadd("ETHUSDT")
    page.expect_metric("published_since_capacity_change", 2)
    rig.set_open(1)
    page.expect_metric("published_since_capacity_change", 0)
    rig.must_xadd("XRPUSDT")
    page.expect_metric("published_since_capacity_change", 1)


def test_what_holds_the_router_back(rig):
    page = start_with_page(rig, 0, conf="governor : { max_daily_trades = 3; };", MAX_OPEN_ORDERS="2", TARGET_OPEN_ORDERS="2")
    page.expect_metric("capacity_suspect", 0)
    rig.must_write(signal("BTCUSDT"), signal("ETHUSDT"))
    page.expect_metric("capacity_suspect", 1)
    page.expect_metric("daily_limit", 1)
    rig.set_open(2)
    page.expect_metric("capacity_suspect", 0)
    page.expect_metric("daily_limit", 0)
    rig.db.hset(COMMIT, "seq", 0)
    rig.db.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    page.expect_metric("state_rolled_back", 1)


def test_what_the_group_is_behind(rig):
    labels = f'{{stream="{SIGNALS}",group="{GROUP}"}}'
    page = start_with_page(rig)
    page.expect_metric(f"stream_group_lag{labels}", 0)
    assert page.metrics()[f"stream_group_messages_pending{labels}"] == 0
    assert f"stream_group_oldest_pending_age_seconds{labels}" not in page.metrics()

    # Another consumer of the group takes an entry and dies.
    pipe = rig.db.pipeline(transaction=True)
    pipe.xadd(SIGNALS, signal())
    pipe.xreadgroup(GROUP, "dead", {SIGNALS: ">"})
    pipe.execute()
    page.expect_metric(f"stream_group_messages_pending{labels}", 1)
    assert 0 <= page.metrics()[f"stream_group_oldest_pending_age_seconds{labels}"] < 60
    rig.db.xack(SIGNALS, GROUP, *[one["message_id"] for one in rig.db.xpending_range(SIGNALS, GROUP, "-", "+", 1)])
    page.expect_metric(f"stream_group_messages_pending{labels}", 0, seconds=soon(4))


def test_what_is_not_known_yet_is_named(rig):
    """One who looks for a metric finds its help, whatever has happened so far."""
    page = start_with_page(rig, None)
    text = page.text()
    for name in "open_orders", "last_publish_timestamp_seconds", "stream_group_oldest_pending_age_seconds":
        assert f"\n# TYPE quantum_router_{name} gauge\n" in text
        assert not re.search(rf"^quantum_router_{name}\b", text, re.MULTILINE)
    check_with_promtool(text)


def test_a_lag_that_redis_does_not_know_is_left_out(rig):
    lag = f'stream_group_lag{{stream="{SIGNALS}",group="{GROUP}"}}'
    page = start_with_page(rig)
    page.expect_metric(lag, 0)
    rig.db.set(INTENTS, "not a stream")
    rig.must_xadd()
    page.expect_metric("reading_paused", 1)

    def delete_ahead_of_the_group():
        """A read that was on its way may take the first batch."""
        pipe = rig.db.pipeline(transaction=True)
        for number in 1, 2, 3:
            pipe.xadd(SIGNALS, signal(confidence=0.1), id=f"{rig.now_ms() + 1}-{number}")
        middle = pipe.command_stack[1][0][2]
        pipe.xdel(SIGNALS, middle)
        pipe.execute()
        return rig.lag() is None

    wait_until("Redis does not know the lag", delete_ahead_of_the_group)
    wait_until("it is left out", lambda: lag not in page.metrics())
    check_with_promtool(page.text())
    rig.db.delete(INTENTS)
    page.expect_metric(lag, 0)


# --- health


def test_routes(rig):
    page = start_with_page(rig)
    assert page.ask("/healthz") == (200, "ok\n")
    status, body = page.ask("/")
    assert status == 200 and "/metrics" in body and "/healthz" in body and "/readyz" in body
    assert page.ask("/nothing")[0] == 404
    assert page.ask("/metrics", "HEAD") == (200, "")
    assert page.ask("/metrics", "POST")[0] == 405


def test_readiness_through_redis_away_and_back(empty_rig):
    rig = empty_rig
    page = Page(free_port())
    rig.start_router(METRICS_LISTEN=f"127.0.0.1:{page.port}")
    page.expect_ready(503, "Redis does not answer: ")
    assert page.ask("/healthz") == (200, "ok\n")
    assert page.metrics()["redis_up"] == page.metrics()["leader"] == 0
    rig.redis.start()
    rig.set_open(1)
    page.expect_ready(200, "role=leader\n")
    page.expect_metric("open_orders", 1)
    rig.redis.kill()
    page.expect_ready(503, "Redis does not answer: ")
    metrics = page.metrics()
    assert metrics["redis_up"] == 0 and metrics["redis_connects_total"] == 1
    assert metrics["redis_failures_total"] > 0
    assert not any(
        name.startswith(("open_orders", "capacity_state", "safe_mode", "stream_group")) for name in metrics
    )
    rig.redis.start()
    page.expect_ready(200, "role=leader\n")
    page.expect_metric("redis_connects_total", 2)


def test_readiness_while_commits_fail(rig):
    rig.db.execute_command("ACL", "SETUSER", "router", "on", ">pw", "~*", "&*", "+@all")
    page = start_with_page(rig, url=f"unix://router:pw@{rig.redis.socket}")
    rig.db.execute_command("ACL", "SETUSER", "router", "-xadd")
    rig.must_xadd()
    page.expect_ready(503, "commits fail: ")
    metrics = page.metrics()
    assert metrics["reading_paused"] == 1 and metrics['commits_total{result="refused"}'] > 0
    assert metrics['cycles_undecided_total{reason="refused"}'] > 0
    assert metrics["window_candidates"] == 1
    rig.db.execute_command("ACL", "SETUSER", "router", "+xadd")
    page.expect_ready(200, "role=leader")
    page.expect_metric("reading_paused", 0)
    page.expect_metric("window_candidates", 0)


def test_a_group_that_is_lost_is_counted(rig):
    page = start_with_page(rig)
    rig.db.delete(SIGNALS)
    page.expect_metric("groups_recreated_total", 1)
    page.expect_ready(200, "role=leader")


def test_a_fence_that_moved_is_counted(rig):
    page = start_with_page(rig)
    rig.db.delete(COMMIT)
    page.expect_metric('cycles_undecided_total{reason="fenced"}', 1)
    page.expect_ready(200, "role=leader")


# --- the port


def test_a_taken_port_is_warned_about_and_tried_again(rig):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        page = Page(other.getsockname()[1])
        router = rig.start_open_router(0, METRICS_LISTEN=f"127.0.0.1:{page.port}")
        taken = "METRICS_UNAVAILABLE address=127.0.0.1:.* reason=address already in use → tried again every 10 s"
        router.expect_anywhere(taken)
        rig.must_xadd("BTCUSDT")
        rig.expect_intent("BTCUSDT")
    router.expect("METRICS_LISTENING address=127.0.0.1")
    assert page.metrics()["intents_published_total"] == 1
    router.expect_count("METRICS_UNAVAILABLE", 1)


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1", "example.org:8058", "127.0.0.1:0"])
def test_an_address_that_is_none_is_refused(address):
    result = run(env={"METRICS_LISTEN": address})
    assert result.returncode == 2 and result.stdout == ""
    assert result.stderr.startswith("quantum-router: METRICS_LISTEN: metrics.listen ")
    assert "127.0.0.1:8058" in result.stderr


def test_the_own_variable_wins_even_when_empty(rig):
    port = free_port()
    router = rig.start_open_router(0, METRICS_LISTEN=f"127.0.0.1:{port}", ROUTER_METRICS_LISTEN="")
    assert Page(port).try_ask("/healthz") is None
    assert router.count("METRICS_") == 0


# --- systemd


def test_ready_only_when_redis_answers_and_the_group_exists(empty_rig, systemd):
    rig = empty_rig
    rig.start_router(NOTIFY_SOCKET=systemd.path)
    waiting = systemd.expect(r"STATUS=Waiting for Redis at /tmp/.*/redis\.sock: .+")
    systemd.expect(r"EXTEND_TIMEOUT_USEC=\d{7,9}", waiting)
    assert "READY=1" not in systemd.lines()

    rig.redis.start()
    ready = systemd.expect("READY=1")
    assert rig.db.xinfo_groups(SIGNALS)[0]["name"] == GROUP
    rig.set_open(3)
    systemd.expect(
        r"STATUS=open=3/10 target=3 lag=\d+ pending=\d+ published=0 dropped=0 redis=up", ready
    )
    rig.redis.kill()
    systemd.expect(r"STATUS=Waiting for Redis at .*: .+", ready)
    rig.redis.start()
    rig.set_open(None)
    systemd.expect(r"STATUS=open=\?/10 .* redis=up", ready)
    lines = systemd.lines()
    assert lines.count("READY=1") == 1
    assert not any(line.startswith("EXTEND_TIMEOUT_USEC") for line in lines[ready:])


def test_status_counts(rig, systemd):
    rig.start_open_router(1, NOTIFY_SOCKET=systemd.path)
    rig.must_write(signal("BTCUSDT"), signal("ETHUSDT", confidence=0.1))
    systemd.expect(r"STATUS=open=1/10 .* published=1 dropped=1 redis=up")
    rig.db.set(SAFE_MODE, "1")
    systemd.expect(r"STATUS=open=1/10 .* published=1 dropped=1 redis=up safe_mode=on")


def test_stopping_is_told_and_is_the_end(rig, systemd):
    router = rig.start_open_router(0, NOTIFY_SOCKET=systemd.path, WATCHDOG_USEC="30000")
    systemd.expect("WATCHDOG=1")
    router.terminate()
    stopping = systemd.expect("STOPPING=1")
    assert systemd.lines()[stopping:] == ["STOPPING=1", "STATUS=Stopping"]


def test_watchdog_is_fed_while_the_wait_is_honest(rig, systemd):
    rig.start_open_router(0, NOTIFY_SOCKET=systemd.path, WATCHDOG_USEC="300000")
    systemd.expect("WATCHDOG=1")
    rig.redis.kill()
    lost = systemd.expect("STATUS=Waiting .*")
    for _ in range(5):
        lost = systemd.expect("WATCHDOG=1", lost + 1)


def test_watchdog_of_another_process_is_not_fed(rig, systemd):
    router = rig.start_open_router(
        0, NOTIFY_SOCKET=systemd.path, WATCHDOG_USEC="10000", WATCHDOG_PID="1"
    )
    systemd.expect("STATUS=open=0/10 .*")
    rig.await_ticks()
    router.terminate()
    assert "WATCHDOG=1" not in systemd.lines()


def test_a_router_that_stands_still_feeds_no_watchdog(rig, systemd):
    router = rig.start_open_router(0, NOTIFY_SOCKET=systemd.path, WATCHDOG_USEC="30000")
    systemd.expect("WATCHDOG=1")
    router.process.send_signal(signals.SIGSTOP)
    time.sleep(0.1)  # what was on its way
    before = len(systemd.lines())
    time.sleep(0.3)
    assert len(systemd.lines()) == before
    router.process.send_signal(signals.SIGCONT)
    systemd.expect("WATCHDOG=1", before)
