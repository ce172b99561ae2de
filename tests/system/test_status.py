"""quantumctl status: what it sees, what it makes of it, and its exit status."""

import contextlib
import http.server
import json
import re
import signal
import subprocess
import threading
import time

import pytest

from harness.ctl import ctl, expect_refused
from harness.names import DAILY, DEAD_LETTERS, DEDUP, EXECUTORS, GROUP, INTENTS, OPEN_ORDERS, RATE_GLOBAL, RATE_SYMBOL
from harness.names import POSITIONS, RESULTS, SAFE_MODE, SIGNALS
from harness.process import clean_environment, program, spawn
from harness.redis import free_port
from harness.signals import signal as entry
from harness.status import CRITICAL, HEALTHY, UNKNOWN, WARNING, findings, must_run_well, own_intent, status
from harness.terminal import on_terminal
from harness.waiting import FULL, PATIENCE_SEC, SLOWNESS, soon, wait_until

AUDIT = "quantum:stream:trade.intent.drain_audit"


def must_read(rig, stream, group, count, consumer="one"):
    return rig.db.xreadgroup(group, consumer, {stream: ">"}, count=count)[0][1]


# --- what it sees


def test_a_pipeline_that_runs_is_healthy(rig):
    router_port, executor_port = free_port(), free_port()
    ports = {"ROUTER_METRICS_LISTEN": f"127.0.0.1:{router_port}", "EXECUTOR_METRICS_LISTEN": f"127.0.0.1:{executor_port}"}
    rig.must_write_at(rig.now_ms() - 100_000, entry())
    rig.start_open_router(1, **ports)
    rig.start_paper(**ports)
    rig.must_write(entry("BTCUSDT", entry_price=50000))
    rig.expect_result("filled")
    rig.expect_settled()
    rig.expect_drained()
    # The executor takes 5 a minute: the router is as slow.
    document, code = status(rig, sample=0.2, MAX_NEW_PER_CYCLE="1", CANDIDATE_WINDOW_SEC="12", **ports)
    assert (code, document["health"], document["findings"]) == (HEALTHY, "ok", [])
    assert document["positions"] == {"key": POSITIONS, "count": 1} and document["capacity"]["open_orders"] == 1
    group = document["streams"][INTENTS]["groups"][EXECUTORS]
    assert (group["lag"], group["pending"], group["entries_read"], group["consumers"]) == (0, 0, 1, 1)
    assert document["leader"]["instance"] and document["leader"]["ttl_ms"] > 0
    assert document["daily"]["intents"] == 1 and document["dedup"]["marks"] == 1
    assert document["pace"]["executor_per_min"] == 5
    assert document["results"]["state"] == "idle"
    assert document["rate_limits"][RATE_GLOBAL]["count"] == 1
    assert document["rate_limits"][RATE_SYMBOL + "BTCUSDT"]["ttl_ms"] > 0
    assert document["stale_drops"] == {"router": 1, "executor": 0}


class Page(http.server.BaseHTTPRequestHandler):
    """A router's metrics that say so."""

    said = b"quantum_router_timestamp_behind_seconds 3600\n"

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.said)

    def log_message(self, *_):
        pass


class PageOfUnknown(Page):
    """A router that does not know what is held."""

    said = b"quantum_router_open_orders 1\nquantum_router_positions_known 0\n"


class PageOfNoCount(Page):
    """One that did not know the count either."""

    said = b"quantum_router_positions_known 0\n"


def status_beside(rig, handler):
    with http.server.HTTPServer(("127.0.0.1", 0), handler) as page:
        threading.Thread(target=page.handle_request, daemon=True).start()
        return status(rig, ROUTER_METRICS_LISTEN=f"127.0.0.1:{page.server_port}")


def test_timestamps_that_lie_behind_are_told(rig):
    must_run_well(rig)
    document, code = status_beside(rig, Page)
    assert code == WARNING
    [found] = findings(document, "warning")
    assert "3600 s behind" in found and "window.age_by" in found


DIFFERS = r"quantum:state:open_orders says {}, and {} holds {}: the executor's next execution sets it right, or quantumctl capacity set"


def expect_differs(rig, said, **env):
    document, code = status(rig, **env)
    assert (code, findings(document, "warning")) == ((WARNING, [said]) if said else (HEALTHY, [])), document
    return document["positions"]["count"]


def test_positions_and_open_orders_differ(rig):
    must_run_well(rig)
    assert expect_differs(rig, None) == 0  # somebody else's count: this executor executes nothing
    rig.db.hset(POSITIONS, mapping={"1-1": "{}", "1-2": "{}"})
    assert expect_differs(rig, DIFFERS.format(1, POSITIONS, "2 positions")) == 2
    rig.db.hdel(POSITIONS, "1-2")
    assert expect_differs(rig, None) == 1
    rig.db.delete(POSITIONS)
    slow = {"TRADE_INTENT_SAFE_DRAIN": "false", "CANDIDATE_WINDOW_SEC": "60"}
    assert expect_differs(rig, DIFFERS.format(1, POSITIONS, "0 positions"), **slow) == 0
    rig.db.set(POSITIONS, "x")  # not known, which is the executor's to tell
    assert expect_differs(rig, None, **slow) is None


HELD = "quantum:state:positions"


@pytest.mark.parametrize(
    "held, said",
    [
        ({"BTCUSDT": "BUY"}, None),
        ({}, None),  # nobody keeps it, as it was before there was such a hash
        ({"BTCUSDT": "BUY 2"}, f"{HELD} and {OPEN_ORDERS} disagree: 1 open, 2 held; the router does not go by what is held until they agree: "
         "quantumctl positions"),
        ({"BTC/USDT": "BUY"}, f"what is held is not known: {HELD}: 'BTC/USDT' 'BUY' is no symbol with BUY or SELL"),
    ],
    ids=["agrees", "missing", "disagrees", "unsound"],
)  # fmt: skip
def test_what_is_held_and_open_orders_differ(rig, held, said):
    must_run_well(rig)
    if held:
        rig.db.hset(HELD, mapping=held)
    document, code = status(rig)
    assert (code, findings(document, "warning")) == ((WARNING, [said]) if said else (HEALTHY, [])), document


def test_what_is_held_is_written_and_read_under_two_names(rig):
    must_run_well(rig)
    (rig.folder / "e.conf").write_text('keys : { held = "neighbours:held"; };\n')
    done = ctl("status", "--json", "--sample=0", f"--executor-config={rig.folder}/e.conf", url=rig.redis.url)
    said = f"router and executor are configured for different names of what is held: {HELD} and neighbours:held"
    assert (done.returncode, findings(json.loads(done.stdout), "warning")) == (WARNING, [said])


def test_a_router_that_does_not_know_what_everybody_can_read(rig):
    must_run_well(rig)
    rig.db.hset(HELD, "BTCUSDT", "BUY")
    document, code = status_beside(rig, PageOfUnknown)
    said = (f"the router did not know what is held at its last look, and {HELD} agrees with {OPEN_ORDERS}: "
            "if that stays, its user most likely lacks the right to read that key")  # fmt: skip
    assert (code, findings(document, "warning")) == (WARNING, [said])
    document, code = status_beside(rig, PageOfNoCount)
    assert (code, findings(document, "warning")) == (HEALTHY, [])
    rig.db.hset(HELD, "BTCUSDT", "BUY 2")  # then that is what is told
    document, _ = status_beside(rig, PageOfUnknown)
    assert [text for text in findings(document, "warning") if "last look" in text] == []


@pytest.mark.parametrize(
    "option, policy, said",
    [
        ("same_side=reject", "add", []),
        ("same_side=add", "add", []),
        ("same_side=add", "reject", ["positions.same_side is add for the router and guards.symbol_policy is reject for the executor"]),
        ("opposite_side=pass", "reject", ["positions.opposite_side is pass for the router, and the executor refuses"]),
    ],
)
def test_policies_of_a_symbol_that_is_held(rig, option, policy, said):
    must_run_well(rig)
    (rig.folder / "e.conf").write_text(f'guards : {{ symbol_policy = "{policy}"; }};\n')
    done = ctl(f"--positions.{option}", "status", "--json", "--sample=0", f"--executor-config={rig.folder}/e.conf", url=rig.redis.url)
    found = findings(json.loads(done.stdout), "warning")
    assert len(found) == len(said) and all(text.startswith(start) for text, start in zip(found, said)), found


def test_nothing_is_published_while_what_is_held_is_unknown(rig):
    must_run_well(rig)
    done = ctl("--positions.unknown=close", "status", "--json", "--sample=0", url=rig.redis.url)
    assert done.returncode == CRITICAL and "positions.unknown is close" in findings(json.loads(done.stdout), "critical")[0]


def test_what_is_held_is_shown(rig):
    must_run_well(rig)
    rig.db.set(OPEN_ORDERS, 301)
    rig.db.hset(HELD, mapping={f"SYM{n:03}": "SELL" for n in range(299)} | {"AAA": "BUY 2"})
    document, _ = status(rig)
    held = document["held"]
    assert (held["key"], held["agrees"], held["why"], held["count"], held["symbol_count"]) == (HELD, True, None, 301, 300)
    assert held["by_symbol"]["AAA"] == "BUY 2" and len(held["by_symbol"]) == 200
    shown = ctl("status", "--sample=0", url=rig.redis.url).stdout
    assert re.search(r"^held +AAA BUY 2, SYM000 SELL, [^\n]*, \+290 more\n +agrees: 301 open, 301 held$", shown, re.M), shown
    rig.db.delete(HELD)
    assert "\nheld          not known: " + HELD + " is missing\n" in ctl("status", "--sample=0", url=rig.redis.url).stdout


def test_a_right_to_what_is_held_that_lacks(rig):
    must_run_well(rig)
    rig.db.acl_setuser("few", enabled=True, nopass=True, commands=["+@all"], keys=["quantum:[^s]*", "quantum:st[^a]*", "quantum:state:o*",
                       "quantum:stream:*", "quantum:safety:*"])  # fmt: skip
    done = ctl("status", "--sample=0", "--json", url=rig.redis.url.replace("unix://", "unix://few:x@", 1))
    assert done.returncode == UNKNOWN
    assert findings(json.loads(done.stdout), "unknown") == [f"what is held is not known: this user may not read {HELD}"]


def test_positions_of_an_executor_that_tells_at_its_port(rig):
    port = f"127.0.0.1:{free_port()}"
    rig.db.set(OPEN_ORDERS, 2)
    rig.start_paper(EXECUTOR_METRICS_LISTEN=port).expect_anywhere("METRICS_LISTENING")
    document, _ = status(rig, EXECUTOR_METRICS_LISTEN=port)
    assert DIFFERS.format(2, POSITIONS, "0 positions") in findings(document, "warning")
    # By its file it executes nothing; what it says counts more.
    assert any(said.startswith("the router may publish 40 intents a minute") for said in findings(document, "warning"))


CAPS = [
    ("max_open = 12", "capacity.max_open is 10 for the router and 12 for the executor"),
    ("max_position_usd = 500.0", "sizing.max_position_usd is 10000 for the router and 500 for the executor"),
    ("max_leverage = 20.0", "sizing.max_leverage is 125 for the router and 20 for the executor"),
]


@pytest.mark.parametrize("line, said", CAPS, ids=["open", "position", "leverage"])
def test_caps_differ(rig, line, said):
    must_run_well(rig)
    group = "capacity" if "open" in line else "sizing"
    (rig.folder / "e.conf").write_text(f"{group} : {{ {line}; }};\n")
    document, code = status(rig, f"--executor-config={rig.folder}/e.conf")
    assert (code, findings(document, "warning")) == (WARNING, [f"{said}, which refuses what is over its own"])


ALSO = "safety = {{ also = [{}]; }};\n"


@pytest.mark.parametrize(
    "routers, executors, said",
    [
        ('"a=1", "b"', '"b", "a=1"', []),
        ('"a=1", "b"', '"b"', ["[a=1, b] for the router and [b] for the executor"]),
        ("", '"b"', ["[] for the router and [b] for the executor"]),
        ('"a=1"', '"a=2"', ["[a=1] for the router and [a=2] for the executor"]),
    ],
)
def test_what_halts_differs(rig, routers, executors, said):
    must_run_well(rig)
    (rig.folder / "r.conf").write_text(ALSO.format(routers))
    (rig.folder / "e.conf").write_text(ALSO.format(executors))
    done = ctl(f"--config={rig.folder}/r.conf", "status", "--sample=0", "--json", f"--executor-config={rig.folder}/e.conf", url=rig.redis.url)
    assert findings(json.loads(done.stdout), "warning") == [f"safety.also is {lists}: what only one of them names does not halt the other" for lists in said]


def test_the_caps_that_run_count_more_than_the_files(rig):
    ports = {"ROUTER_METRICS_LISTEN": f"127.0.0.1:{free_port()}", "EXECUTOR_METRICS_LISTEN": f"127.0.0.1:{free_port()}"}
    rig.start_open_router(0, MAX_OPEN_ORDERS="7", **ports).expect_anywhere("METRICS_LISTENING")
    rig.start_executor(MAX_OPEN_ORDERS="6", **ports).expect_anywhere("METRICS_LISTENING")
    rig.expect_group()
    document, _ = status(rig, **ports)
    assert findings(document, "warning") == ["capacity.max_open is 7 for the router and 6 for the executor, which refuses what is over its own"]


def test_the_router_may_publish_far_more_than_is_taken(rig):
    must_run_well(rig)
    rig.db.hset(POSITIONS, "1-1", "{}")
    said = ("the router may publish 40 intents a minute, and the executor takes 5 and skips the rest: "
            "set governor.max_per_minute to what it takes, or raise guards.global_rate_max")  # fmt: skip
    assert findings(status(rig)[0], "warning") == []  # in safe drain nothing is skipped
    document, code = status(rig, TRADE_INTENT_SAFE_DRAIN="false")
    assert (code, findings(document, "warning")) == (WARNING, [said])
    assert status(rig, TRADE_INTENT_SAFE_DRAIN="false", CANDIDATE_WINDOW_SEC="24")[1] == HEALTHY
    paced = rig.folder / "paced.conf"
    paced.write_text("governor = { max_per_minute = 5; };")
    done = ctl(f"--config={paced}", "status", "--json", "--sample=0", url=rig.redis.url, TRADE_INTENT_SAFE_DRAIN="false")
    assert (done.returncode, json.loads(done.stdout)["pace"]) == (HEALTHY, {"router_per_min": 5, "executor_per_min": 5})


def test_capacity_in_the_words_of_the_contract(rig):
    must_run_well(rig)
    for value, said, allowed in (
        (1, "CAPACITY_OK open=1 target=3 allowed=2", 2),
        (3, "TARGET_REACHED open=3 target=3 (awaiting super-signal)", 2),
        (10, "CAPACITY_FULL open=10 max=10", 0),
    ):
        rig.db.set(OPEN_ORDERS, value)
        document, code = status(rig)
        assert (document["capacity"]["state"], document["capacity"]["allowed_in_a_cycle"]) == (said, allowed)
        assert code == HEALTHY
    rig.db.delete(OPEN_ORDERS)
    document, code = status(rig)
    assert code == CRITICAL
    assert findings(document, "critical") == [f"CAPACITY_UNKNOWN: {OPEN_ORDERS} missing → fail-closed"]


def test_safe_mode_is_critical_with_its_reason(rig):
    must_run_well(rig)
    rig.db.set(SAFE_MODE, "exchange is down", ex=500)
    document, code = status(rig)
    assert (code, findings(document, "critical")) == (CRITICAL, ["SAFE_MODE is set: 'exchange is down'"])
    assert document["safe_mode"]["set"] and 490 <= document["safe_mode"]["ttl_sec"] <= 500


def test_u3_a_dead_group_is_told(rig):
    must_run_well(rig)
    rig.must_intend(own_intent())
    assert findings(status(rig)[0], "warning") == []
    rig.db.xgroup_delconsumer(INTENTS, EXECUTORS, "one")
    document, code = status(rig)
    dead = f"INFLIGHT_GROUP_DEAD: {EXECUTORS} has unfinished intents and nobody at work; they do not count as open"
    assert (code, findings(document, "warning")) == (WARNING, [dead])
    assert document["capacity"]["limits"] == [f"INFLIGHT_GROUP_DEAD group={EXECUTORS} → not counted as open"]
    assert document["capacity"]["in_flight"] == 0


@pytest.mark.parametrize("lag, code", [(10, HEALTHY), (11, WARNING), (100, CRITICAL)])
def test_lag(rig, lag, code):
    must_run_well(rig)
    rig.must_intend(*[own_intent()] * lag)
    document, got = status(rig, "--max-pending=0")
    assert (got, document["streams"][INTENTS]["groups"][EXECUTORS]["lag"]) == (code, lag)
    assert status(rig, f"--max-lag={lag}")[1] == HEALTHY


def test_pending_and_its_age(rig):
    must_run_well(rig)
    rig.must_intend_at(rig.now_ms() - 7200_000, *[own_intent()] * 3)
    must_read(rig, INTENTS, EXECUTORS, 3)
    document, code = status(rig)
    assert (code, document["findings"][0]["text"]) == (
        WARNING, f"{EXECUTORS}: the oldest pending entry is 2h old, over 1h (--max-age)")
    assert status(rig, "--max-age=3h")[1] == HEALTHY
    document, code = status(rig, "--max-age=3h", "--max-pending=2")
    assert findings(document, "warning") == [f"{EXECUTORS}: pending 3 is over 2 (--max-pending)"]


def test_a_lag_that_redis_does_not_know_is_counted(rig):
    must_run_well(rig)
    count = 3500
    pipe = rig.db.pipeline()
    for _ in range(count):
        pipe.xadd(INTENTS, {"a": 1})
    ids = pipe.execute()
    must_read(rig, INTENTS, EXECUTORS, 100)
    rig.db.xdel(INTENTS, ids[2000])
    assert rig.executors_group()["lag"] is None
    document, _ = status(rig)
    group = document["streams"][INTENTS]["groups"][EXECUTORS]
    assert (group["lag"], group["lag_counted"]) == (count - 100 - 1, True)
    shown = ctl("status", "--sample=0", url=rig.redis.url).stdout
    assert f"={count - 101}" in shown


def test_entries_that_were_cut_off_are_critical(rig):
    """F58: trimmed before the group was given them."""
    must_run_well(rig)
    rig.must_intend(*[own_intent()] * 50)
    must_read(rig, INTENTS, EXECUTORS, 10)
    rig.db.xtrim(INTENTS, maxlen=5, approximate=False)
    document, code = status(rig)
    assert code == CRITICAL
    assert f"{EXECUTORS}: 35 entries were removed from {INTENTS} before it was given them" in findings(document, "critical")
    assert any("pending entries are no longer in" in text for text in findings(document, "critical"))


def test_results_stand_still_while_intents_wait(rig):
    must_run_well(rig)
    rig.must_intend(own_intent())
    document, code = status(rig, sample=0.1)
    assert (code, document["results"]["state"]) == (WARNING, "missing")
    assert findings(document, "warning") == ["no result came, though 1 intent waits for the executor"]


def test_rates_are_measured(rig):
    must_run_well(rig)
    rig.db.xadd(RESULTS, {"a": 1})
    with rig.feed(lambda n: entry(confidence=0.1)):
        document, _ = status(rig, sample=1)
    stream = document["streams"][SIGNALS]
    assert stream["added_per_sec"] > 1 and stream["groups"][GROUP]["read_per_sec"] == 0


def test_dead_letters_and_the_drain_audit(rig):
    must_run_well(rig)
    rig.db.xadd(DEAD_LETTERS, {"reason": "symbol"})
    rig.db.xadd(AUDIT, {"action": "drained_ok"})
    document, code = status(rig)
    assert code == WARNING and re.match("1 dead letter, the newest .* old", document["findings"][0]["text"])
    assert document["streams"][AUDIT]["length"] == 1


def test_limiters_without_an_end(rig):
    must_run_well(rig)
    rig.db.set(RATE_SYMBOL + "BTCUSDT", 1)
    document, code = status(rig)
    assert code == WARNING and document["rate_limits"][RATE_SYMBOL + "BTCUSDT"]["resets_at"] is None


def test_keys_are_scanned(rig):
    must_run_well(rig)
    pipe = rig.db.pipeline()
    for n in range(3000):
        pipe.set(f"{DEDUP}{n}", 1)
    pipe.execute()
    rig.db.config_resetstat()
    document, _ = status(rig)
    calls = rig.db.info("commandstats")
    assert document["dedup"]["marks"] == 3000
    assert "cmdstat_keys" not in calls and calls["cmdstat_scan"]["calls"] > 3


def test_it_writes_nothing(rig):
    must_run_well(rig)
    rig.must_intend(*[own_intent()] * 20)
    before = {key: rig.redis.raw.dump(key) for key in rig.redis.raw.keys()}
    changes = rig.db.info("persistence")["rdb_changes_since_last_save"]
    status(rig, sample=0.1)
    assert rig.db.info("persistence")["rdb_changes_since_last_save"] == changes
    assert {key: rig.redis.raw.dump(key) for key in before} == before


def test_a_stream_of_a_wrong_type(rig):
    must_run_well(rig)
    rig.db.set(RESULTS, "x")
    document, code = status(rig)
    assert code == CRITICAL and any(text.startswith(f"{RESULTS}: WRONGTYPE") for text in findings(document, "critical"))


def test_a_section_that_redis_refuses_is_unknown(rig):
    must_run_well(rig)
    rig.db.execute_command("ACL", "SETUSER", "half", "on", ">pw", "~*", "+@all", "-scan", "-evalsha")
    done = ctl("status", "--json", "--sample=0", url=f"unix://half:pw@{rig.redis.socket}")
    assert done.returncode == UNKNOWN and "NOPERM" in done.stderr
    document = json.loads(done.stdout)
    assert document["health"] == "unknown" and document["leader"]["instance"] == "here"


@pytest.mark.parametrize("count", [1_400_000 if FULL else 60_000])
def test_a_long_stream_in_little_memory(rig, count):
    must_run_well(rig)
    one = {"payload": "x" * 200}
    for start in range(0, count, 20_000):
        pipe = rig.redis.raw.pipeline(transaction=False)
        for _ in range(min(20_000, count - start)):
            pipe.xadd(INTENTS, one)
        ids = pipe.execute()
    must_read(rig, INTENTS, EXECUTORS, 5)
    rig.db.xdel(INTENTS, ids[-2])
    words = ["/usr/bin/python3", "-c", MEASURE, *program("quantumctl"), "status", "--json", "--sample=0"]
    done = subprocess.run(words, env=clean_environment({"REDIS_URL": rig.redis.url}), capture_output=True, check=False)
    document = json.loads(done.stdout)
    assert document["streams"][INTENTS]["groups"][EXECUTORS]["lag"] == count - 6
    kib = int(done.stderr.split()[-1])
    assert kib < (32 * 1024 if is_release() else 256 * 1024), f"{kib} KiB"


MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=False)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""


def is_release():
    """Sanitizers and valgrind take memory of their own."""
    return SLOWNESS == 1 and b"__asan_init" not in open(program("quantumctl", bare=True)[0], "rb").read()


# --- save, compare and watch


def test_before_and_after(rig, tmp_path):
    must_run_well(rig)
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    rig.must_intend(*[own_intent()] * 20)
    assert ctl("status", "--sample=0", f"--save={before}", url=rig.redis.url).returncode == WARNING
    must_read(rig, INTENTS, EXECUTORS, 15)
    assert ctl("status", "--sample=0", "--save", str(after), url=rig.redis.url).returncode == HEALTHY
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".log" and "json" in path.name) == ["after.json", "before.json"]
    done = ctl("compare", str(before), str(after))
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^stream:trade.intent group:execution:trade.intent lag +20 +5 +-15$", done.stdout, re.MULTILINE)
    assert re.search(r"^health +warning +ok$", done.stdout, re.MULTILINE)
    changes = json.loads(ctl("compare", "--json", str(before), str(after)).stdout)
    assert {"what": "health", "before": "warning", "after": "ok"} in changes
    assert ctl("compare", str(after), str(after)).stdout == "nothing changed\n"


def test_compare_leaves_out_what_only_aged(rig, tmp_path):
    must_run_well(rig)
    rig.must_intend(own_intent())
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    status(rig, "--save", str(before))
    reading = json.loads(before.read_text())
    reading["at"] = "2999-01-01T00:00:00.000Z"
    reading["streams"][INTENTS]["newest_age_ms"] += 1000
    after.write_text(json.dumps(reading))
    aged = "left out: 2 values that only time has changed (see --json)\n"
    assert ctl("compare", str(before), str(after)).stdout == f"nothing changed\n{aged}"
    assert len(json.loads(ctl("compare", "--json", str(before), str(after)).stdout)) == 2
    reading["findings"] = [{"severity": "warning", "text": "a long text " * 20}]
    after.write_text(json.dumps(reading))
    said = on_terminal(80, "compare", str(before), str(after), url=rig.redis.url, NO_COLOR="1")
    assert "findings" in said and aged in said and max(map(len, said.splitlines())) <= 80
    reading["streams"][INTENTS]["newest_age_ms"] = 0
    after.write_text(json.dumps(reading))
    assert "newest_age_ms" in ctl("compare", str(before), str(after)).stdout


def kept(rig, path):
    status(rig, "--save", str(path))
    return json.loads(path.read_text())


def test_a_finding_that_only_aged_has_not_come_and_gone(rig, tmp_path):
    must_run_well(rig)
    rig.must_intend_at(rig.now_ms() - 7200_000, own_intent())
    must_read(rig, INTENTS, EXECUTORS, 1)
    rig.db.xadd(DEAD_LETTERS, {"reason": "symbol"})
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    first = kept(rig, before)
    wait_until("another age", lambda: kept(rig, after)["findings"][1]["text"] != first["findings"][1]["text"])
    assert [found["age_ms"] // 3600_000 for found in first["findings"]] == [2, 0]
    said = ctl("compare", str(before), str(after)).stdout
    assert said.startswith("nothing changed\nleft out: ") and "findings" not in said
    changes = json.loads(ctl("compare", "--json", str(before), str(after)).stdout)
    assert [change["before"] and change["after"] for change in changes if change["what"] == "findings"].count(None) == 0
    said = ctl("compare", str(after), str(before)).stdout
    assert re.search(r"^findings +1 dead letter, the newest \S+ old .* +1 dead letter, the newest ", said, re.MULTILINE)
    rig.db.xadd(DEAD_LETTERS, {"reason": "symbol"})
    kept(rig, after)
    said = ctl("compare", str(before), str(after)).stdout
    assert re.search(r"^findings +1 dead letter, .* -$", said, re.MULTILINE) and "2 dead letters" in said
    assert "oldest pending" not in said


def test_the_end_of_a_limit_is_compared_to_the_second(rig, tmp_path):
    must_run_well(rig)
    rig.db.set(RATE_GLOBAL, 1, px=50_000)
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    reading = kept(rig, before)
    for resets_at, is_shown in (("12:00:03.001", False), ("12:00:02.100", False), ("12:00:04.000", True)):
        for path, moment in ((before, "12:00:03.000"), (after, resets_at)):
            reading["rate_limits"][RATE_GLOBAL]["resets_at"] = f"2026-01-19T{moment}Z"
            path.write_text(json.dumps(reading))
        assert ("resets_at" in ctl("compare", str(before), str(after)).stdout) == is_shown, resets_at
    reading["rate_limits"][RATE_GLOBAL]["resets_at"] = None
    after.write_text(json.dumps(reading))
    assert "resets_at" in ctl("compare", str(before), str(after)).stdout


def test_compare_says_what_is_no_reading(tmp_path):
    (tmp_path / "a").write_text("{}")
    (tmp_path / "b").write_text("{")
    expect_refused(1, "was not written by quantumctl status --save", "compare", str(tmp_path / "a"), str(tmp_path / "a"))
    expect_refused(1, "b:1: ", "compare", str(tmp_path / "b"), str(tmp_path / "a"))
    expect_refused(1, "No such file", "compare", "/nowhere/x", str(tmp_path / "a"))


def test_save_says_why_not(rig):
    done = ctl("status", "--sample=0", "--save=/nowhere/x.json", url=rig.redis.url)
    assert done.returncode == UNKNOWN and "/nowhere/x.json cannot be written: No such file" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_watch_goes_on_until_it_is_told_to_end(rig, number):
    must_run_well(rig)
    out = rig.folder / "watch.txt"
    with open(out, "wb") as file:
        process = spawn([*program("quantumctl"), "status", "--watch=0.2", "--sample=0.1", "--json"], file,
                        subprocess.PIPE, clean_environment({"REDIS_URL": rig.redis.url}))  # fmt: skip
    wait_until("three readings", lambda: out.read_text().count("\n") >= 3)
    rig.db.set(SAFE_MODE, 1)
    wait_until("what changed", lambda: '"critical"' in out.read_text())
    process.send_signal(number)
    process.communicate(timeout=PATIENCE_SEC)
    assert process.returncode == CRITICAL
    assert all(json.loads(line)["v"] == 1 for line in out.read_text().splitlines())


@contextlib.contextmanager
def watching(rig, *flags):
    """The documents that a watch has printed up to now."""
    out = rig.folder / "watch.txt"
    with open(out, "wb") as file:
        process = spawn([*program("quantumctl"), "status", "--json", *flags], file, subprocess.PIPE,
                        clean_environment({"REDIS_URL": rig.redis.url}))  # fmt: skip
    try:
        yield lambda: [json.loads(line) for line in out.read_text().splitlines(keepends=True) if line.endswith("\n")]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_SEC)


def rates(documents):
    return [document["streams"][SIGNALS]["added_per_sec"] for document in documents]


def test_a_watch_shows_the_first_look_at_once(rig):
    must_run_well(rig)
    with watching(rig, "--watch=3600", "--sample=600") as documents:
        wait_until("a reading", documents)
        (first,) = documents()
    group = first["streams"][SIGNALS]["groups"][GROUP]
    assert rates([first]) == [None] and group["read_per_sec"] is None and first["results"]["state"] == "missing"


def test_a_watch_measures_over_the_sample(rig):
    """Not over its pauses alone: a burst shows as long as it is within the sample, and no longer."""
    must_run_well(rig)
    with watching(rig, "--watch=0.2", "--sample=4") as documents:
        wait_until("a reading", documents)
        pipe = rig.db.pipeline()
        for _ in range(100):
            pipe.xadd(SIGNALS, entry(confidence=0.1))
        pipe.execute()
        wait_until("the end of the burst", lambda: any(rates(documents())) and rates(documents())[-1] == 0)
        burst = [rate for rate in rates(documents()) if rate]
    assert len(burst) > 3 / soon(1) and burst[-1] < burst[0]


def test_a_watch_without_a_sample_measures_over_its_pauses(rig):
    must_run_well(rig)
    with watching(rig, "--watch=0.2", "--sample=0") as documents:
        wait_until("three readings", lambda: len(documents()) >= 3)
        assert rates(documents())[:3] == [None, 0, 0]


def test_a_watch_outlives_redis(durable_rig):
    rig = durable_rig
    must_run_well(rig)
    out = rig.folder / "watch.txt"
    with open(out, "wb") as file:
        process = spawn([*program("quantumctl"), "status", "--watch=0.2", "--sample=0"], file,
                        file, clean_environment({"REDIS_URL": rig.redis.url}))  # fmt: skip
    wait_until("a reading", lambda: "health: ok" in out.read_text())
    rig.redis.kill()
    wait_until("a complaint", lambda: f"Redis at {rig.redis.socket}" in out.read_text().split("health: ok")[-1])
    rig.redis.start()
    wait_until("a reading again", lambda: "health: " in out.read_text().split("quantumctl status: Redis at")[-1])
    process.send_signal(signal.SIGINT)
    process.wait(PATIENCE_SEC)


# --- on a terminal


@pytest.mark.parametrize("columns", [80, 200])
def test_the_table_fits_the_terminal(rig, columns):
    must_run_well(rig)
    rig.must_intend(*[own_intent()] * 20)
    said = on_terminal(columns, "status", "--sample=0", url=rig.redis.url)
    table = re.sub(r"\033\[[0-9;]*m", "", said).split("\n\n")[1]
    assert "\033[" in said and max(map(len, table.splitlines())) <= columns
    plain = on_terminal(columns, "status", "--sample=0", url=rig.redis.url, NO_COLOR="1")
    assert "\033" not in plain and "drain_audit" in plain
    assert "\033" not in ctl("status", "--sample=0", url=rig.redis.url).stdout


# --- how it is used

WRONG = [
    (("now",), "'now' is not expected here"),
    (("--watch=0.1",), "--watch takes 0.2 to 3600 seconds"),
    (("--watch=fast",), "watch"),
    (("--once", "--watch"), "--once and --watch exclude each other"),
    (("--watch", "--save=x"), "--save does not go with --watch"),
    (("--save=",), "--save needs a file, as in --save=before.json"),
    (("--save", ""), "--save needs a file"),
    (("--max-lag=-1",), "max-lag"),
    (("--max-lag",), "--max-lag needs a value"),
    (("--max-pending=x",), "max-pending"),
    (("--max-age=1y",), "--max-age=1y is no span of time"),
    (("--sample=-1",), "sample"),
    (("--json=perhaps",), "json"),
    (("--executor-config=/nowhere/x.conf",), "/nowhere/x.conf"),
    (("--jsn",), "--jsn is not an option"),
    (("--redis.url", "x"), "--redis.url goes in front of the command: quantumctl --redis.url=… status"),
    (("--config=x",), "--config goes in front of the command: quantumctl --config=… status"),
]


@pytest.mark.parametrize("words, said", WRONG, ids=lambda value: repr(value)[:40])
def test_wrong_usage_is_unknown(words, said):
    expect_refused(UNKNOWN, re.escape(said), "status", *words)


def test_wrong_usage_in_front_is_unknown_too():
    expect_refused(UNKNOWN, "redis.url", "--redis.url=nonsense", "status")
    expect_refused(2, "it takes BEFORE AFTER", "compare")


def test_redis_is_away():
    port = free_port()
    for words in (("status",), ("status", "--json", "--save=x.json")):
        expect_refused(UNKNOWN, rf"Redis at 127\.0\.0\.1:{port}: Connection refused", *words, url=f"redis://127.0.0.1:{port}")


def test_one_reading_takes_five_seconds_to_sample(rig):
    must_run_well(rig)
    began = time.monotonic()
    assert ctl("status", url=rig.redis.url).returncode == HEALTHY
    assert 5 <= time.monotonic() - began < soon(7)
    assert rig.db.keys(DAILY + "*") == []
