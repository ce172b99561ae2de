"""quantumctl web: what its server answers, to whom, and what it asks of Redis for it."""

import json
import re
import signal as signals
import socket
import threading
import time

import pytest

from harness.ctl import ctl, expect_refused
from harness.names import HELD, OPEN_ORDERS, RESULTS, SAFE_MODE, SAFE_REASON, SIGNALS
from harness.page import Page, Systemd
from harness.redis import free_port
from harness.rig import WINDOW_SEC
from harness.signals import signal
from harness.waiting import soon, wait_until
from harness.web import POLICY, Web

DECISIONS = "quantum:stream:router.decision"
AS_EVER = f"seconds = {WINDOW_SEC:g};"  # as the router's that decided
HOSTILE = "<img src=x onerror=alert(1)>\"'&\u202e</script>"


@pytest.fixture
def webs(rig):
    started = []

    def start(*flags, **more):
        started.append(Web(rig, *flags, **more))
        return started[-1]

    yield start
    for web in started:
        web.terminate()


def record(rows, state="capacity_ok", allowed=2, safe=0, at=1768824000000, **tally):
    """A record of a decision as the router writes it."""
    return {
        "v": 1, "core": 1, "cycle_id": f"{at}-1", "at": at, "router": "a 0.1", "settings": "0" * 64,
        "world": f"open=1 inflight=0 state={state} slots=9 allowed={allowed} safe={safe}",
        "tally": " ".join(f"{fate}={count}" for fate, count in tally.items()), "drops": "", "quiet": "empty=0", "intents": "",
        "rows": "\n".join(rows), "rows_left": 0, "prev": "",
    }  # fmt: skip


def row(symbol="BTCUSDT", side="BUY", score=0.97, fate="published", rank=1, signal_id="1768824000000-0"):
    return f"{signal_id} {symbol} {side} {score} {score} 100 5 - {fate} {rank} ="


# --- what it says


def test_the_figures_are_those_of_status(rig, webs):
    rig.set_open(4)
    rig.db.hset(HELD, mapping={"BTCUSDT": "BUY 3", "ETHUSDT": "SELL"})
    rig.must_write(signal(), signal("ETHUSDT"))
    web = webs()
    shown = web.state()["status"]
    status = json.loads(ctl_status(rig))
    for name in ("capacity", "held", "positions", "safe_mode", "daily", "pace", "dedup", "past"):
        assert shown[name] == status[name], name
    assert shown["streams"][SIGNALS]["length"] == status["streams"][SIGNALS]["length"] == 2
    assert {finding["text"] for finding in shown["findings"]} == {finding["text"] for finding in status["findings"]}


def ctl_status(rig):
    return ctl("--config=/dev/null", "status", "--json", "--sample=0", url=rig.redis.url, METRICS_LISTEN="127.0.0.1:1").stdout


def test_a_change_is_seen_within_a_second(rig, webs):
    web = webs()
    assert web.state()["status"]["capacity"]["open_orders"] is None
    rig.set_open(7)
    began = time.monotonic()
    web.expect_state("7 open", lambda state: state["status"]["capacity"]["open_orders"] == 7)
    assert time.monotonic() - began < soon(3)
    assert 0 <= web.state()["age_ms"] < 1000 * soon(3)


def test_the_window_of_a_router_with_who_would_pass(rig, webs):
    port = free_port()
    rig.set_open(2)
    rig.db.hset(HELD, mapping={"SOLUSDT": "BUY 2"})
    rig.start_router(METRICS_LISTEN=f"127.0.0.1:{port}", CANDIDATE_WINDOW_SEC="600", SIGNAL_MAX_AGE_SEC="1000")
    Page(port).expect_ready(200, "role=leader")
    rig.must_write(
        signal("SOLUSDT", confidence=0.99), signal("BTCUSDT", confidence=0.98), signal("BTCUSDT", confidence=0.97),
        signal("ETHUSDT", confidence=0.8),
    )  # fmt: skip
    web = webs(metrics=f"127.0.0.1:{port}")
    window = web.expect_state("four candidates", lambda state: state["window"].get("candidates") == 4)["window"]
    assert [(best["symbol"], best["fate_now"]) for best in window["best"]] == [
        ("SOLUSDT", "symbol_held"), ("BTCUSDT", "published"), ("BTCUSDT", "same_symbol"), ("ETHUSDT", "outranked"),
    ]  # fmt: skip
    rig.db.set(SAFE_MODE, "1")
    halted = web.expect_state("a halt", lambda state: state["status"]["safe_mode"]["set"])["window"]
    assert {best["fate_now"] for best in halted["best"]} == {"symbol_held", "safe_mode"}


def test_without_a_router_it_says_why_there_is_no_window(webs):
    assert "no router answers" in webs().state()["window"]["why"]
    assert "metrics.listen is off" in webs(metrics="").state()["window"]["why"]


@pytest.mark.parametrize("nonsense", [b"[1, 2, ", b'{"v": 1, "state": "running", "best": [null]}'], ids=["no JSON", "no candidate"])
def test_what_answers_at_the_routers_port_may_be_anything(rig, webs, nonsense):
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=answer_with, args=(listener, nonsense), daemon=True).start()
    web = webs(metrics=f"127.0.0.1:{listener.getsockname()[1]}")
    assert "is no window" in web.state()["window"]["why"]
    listener.close()


def test_a_router_that_is_silent_is_asked_once_a_look(rig, webs):
    """It is stopped, say: the system answers for it, and nothing comes. Twice the patience would be taken for Redis' silence."""
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=keep_silent, args=(listener, asked), daemon=True).start()
        web = webs(ROUTER_METRICS_LISTEN=f"127.0.0.1:{listener.getsockname()[1]}")
        first = web.expect_state("a look", lambda state: state["up"] and "no router answers" in state["window"]["why"])
        web.expect_state("another look", lambda state: state["up"] and state["at_ms"] > first["at_ms"])
    assert len(asked) >= 2 and all(request.startswith(b"GET /metrics ") for request in asked), asked


def keep_silent(listener, asked):
    kept = []
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        kept.append(connection)
        asked.append(connection.recv(4096))


def answer_with(listener, body):
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + body)


# --- cycles and results


def test_cycles_come_from_their_records(rig, webs):
    for number in range(25):
        rows = [row("SOLUSDT", "SELL", 0.99, "symbol_held", 0, "7-7"), row(rank=1), row("ETHUSDT", fate="outranked", rank=2)]
        rig.db.xadd(DECISIONS, record(rows, at=1768824000000 + number, published=1, outranked=number, symbol_held=1))
    web = webs()
    cycles = web.state()["cycles"]
    assert cycles["why"] is None and len(cycles["list"]) == 20
    newest = cycles["list"][0]
    assert (newest["at_ms"], newest["cycle_id"]) == (1768824000024, "1768824000024-1")
    assert newest["world"] == {"open": 1, "inflight": 0, "state": "capacity_ok", "slots": 9, "allowed": 2, "safe": 0}
    assert newest["tally"] == {"published": 1, "outranked": 24, "symbol_held": 1}
    assert newest["best"] == {
        "signal_id": "7-7", "symbol": "SOLUSDT", "side": "SELL", "confidence": 0.99, "score": 0.99, "fate": "symbol_held", "rank": 0,
    }  # fmt: skip
    assert [published["symbol"] for published in newest["published"]] == ["BTCUSDT"]
    rig.db.xadd(DECISIONS, record([row("XRPUSDT")], at=1, published=1))
    web.expect_state("the next one", lambda state: [cycle["at_ms"] for cycle in state["cycles"]["list"][:2]] == [1, 1768824000024])


def test_records_that_go_are_forgotten(rig, webs):
    rig.db.xadd(DECISIONS, record([row()], published=1))
    web = webs()
    assert len(web.state()["cycles"]["list"]) == 1
    rig.db.delete(DECISIONS)
    web.expect_state("none", lambda state: state["cycles"] == {"list": [], "why": None, "with": None})
    rig.db.set(DECISIONS, "x")
    web.expect_state("why", lambda state: "WRONGTYPE" in (state["cycles"]["why"] or ""))
    rig.db.delete(DECISIONS)
    rig.db.xadd(DECISIONS, record([row("ETHUSDT")], published=1))
    web.expect_state("another", lambda state: [cycle["best"]["symbol"] for cycle in state["cycles"]["list"]] == ["ETHUSDT"])


def test_what_another_policy_would_have_chosen(rig, webs):
    other = rig.folder / "other.conf"
    other.write_text(f"capacity : {{ max_new_per_cycle = 1; }}; window : {{ {AS_EVER} min_confidence = 0.85; }};")
    rig.set_open(0)
    rig.start_router()
    web = webs(f"--with={other}")
    for best in (0.95, 0.8):
        rig.must_write(signal("BTCUSDT", "SELL", best), signal("ETHUSDT", confidence=0.79))
        rig.expect_drained()
    cycles = web.expect_state("two cycles", lambda state: len(state["cycles"]["list"]) == 2)["cycles"]
    assert cycles["with"] == str(other)
    later, first = cycles["list"]
    assert [row["symbol"] for row in first["published"]] == [row["symbol"] for row in later["published"]] == ["BTCUSDT", "ETHUSDT"]
    assert first["with"] == {"chosen": [{"symbol": "BTCUSDT", "side": "SELL"}], "same": False}
    assert later["with"] == {"chosen": [], "same": False}
    # A report says the same of it.
    report = json.loads(ctl("report", "--json", f"--with={other}", url=rig.redis.url).stdout)["with"]
    assert (report["decided"], report["published_live"], report["published_variant"]) == (2, 4, 1)


def test_the_same_policy_would_have_chosen_the_same(rig, webs):
    same = rig.folder / "same.conf"
    same.write_text(f"window : {{ {AS_EVER} }};")
    rig.set_open(0)
    rig.start_router()
    rig.must_write(signal("BTCUSDT"), signal("ETHUSDT", confidence=0.9), signal("SOLUSDT", confidence=0.8))
    rig.expect_drained()
    (cycle,) = webs(f"--with={same}").state()["cycles"]["list"]
    assert [one["symbol"] for one in cycle["with"]["chosen"]] == ["BTCUSDT", "ETHUSDT"] and cycle["with"]["same"] is True


def test_what_another_policy_would_have_done_may_not_be_known(rig, webs):
    other = rig.folder / "other.conf"
    other.write_text(f"score : {{ rl_gate_bonus = 0.5; }}; window : {{ {AS_EVER} }};")
    lower = rig.folder / "lower.conf"
    lower.write_text(f"window : {{ min_confidence = 0.5; {AS_EVER} }};")
    rig.set_open(0)
    rig.start_router()
    rig.must_write(signal("BTCUSDT"), signal("ETHUSDT", confidence=0.9, rl_gate_pass="true"))
    rig.expect_drained()
    rig.db.xadd(DECISIONS, record([row()]))
    made, ranked = webs(f"--with={other}").state()["cycles"]["list"]
    assert [one["symbol"] for one in ranked["with"]["chosen"]] == ["ETHUSDT", "BTCUSDT"] and made["with"]["why"]
    assert "that needs the raw signals" in webs(f"--with={lower}").state()["cycles"]["list"][1]["with"]["why"]


@pytest.mark.parametrize("fields", [{"x": "y"}, {"rows": "a b", "world": "==", "tally": "published"}, {"rows": "\n\n", "at": "soon"}])
def test_a_record_may_be_anything(rig, webs, fields):
    rig.db.xadd(DECISIONS, fields)
    assert len(webs().state()["cycles"]["list"]) == 1


def result(status, **fields):
    return {"intent_id": "1-1", "symbol": "BTCUSDT", "action": "BUY", "status": status, "reason": "", "ts": "1", **fields}


def test_todays_results_are_summed_up(rig, webs):
    midnight = rig.now_ms() // 86400000 * 86400000
    rig.db.xadd(RESULTS, result("closed", profit_usd="1000"), id=f"{midnight - 1}-0")
    rig.db.xadd(RESULTS, result("filled", side="BUY", price="60000"), id=f"{midnight}-0")
    for profit in ("10.5", "-4.25", "0.1"):
        rig.db.xadd(RESULTS, result("closed", action="CLOSE", profit_usd=profit))
    rig.db.xadd(RESULTS, result("closed", reason="hold_time"))
    rig.db.xadd(RESULTS, result("rejected", reason="capacity"))
    web = webs()
    results = web.state()["results"]
    today = {name: results["today"][name] for name in ("closed", "won", "without_profit", "filled", "rejected", "skipped")}
    assert today == {"closed": 4, "won": 2, "without_profit": 1, "filled": 1, "rejected": 1, "skipped": 0}
    assert results["today"]["profit_usd"] == 6.35 and results["today"]["is_behind"] is False
    assert [(shown["status"], shown["reason"]) for shown in results["list"][:2]] == [("rejected", "capacity"), ("closed", "hold_time")]
    assert len(results["list"]) == 7
    rig.db.xadd(RESULTS, result("closed", profit_usd="1"))
    web.expect_state("one more", lambda state: state["results"]["today"]["profit_usd"] == 7.35)
    rig.db.delete(RESULTS)
    web.expect_state("none", lambda state: state["results"]["today"]["closed"] == 0 and state["results"]["list"] == [])


def test_a_result_beyond_all_bounds_has_no_profit(rig, webs):
    for profit in ("1e308", "1e308", "-1.1e15", "1e15"):
        rig.db.xadd(RESULTS, result("closed", action="CLOSE", profit_usd=profit, price="1e300"))
    results = webs().state()["results"]
    assert (results["today"]["closed"], results["today"]["without_profit"], results["today"]["profit_usd"]) == (4, 3, 1e15)
    assert [shown["profit_usd"] for shown in results["list"]] == [1e15, None, None, None] and results["list"][0]["price"] is None


def test_a_long_day_is_counted_page_by_page(rig, webs):
    pipe = rig.db.pipeline(transaction=False)
    for _ in range(7500):
        pipe.xadd(RESULTS, result("closed", profit_usd="0.01"))
    pipe.execute()
    web = webs()
    first = web.state()["results"]["today"]
    assert first["is_behind"] and 0 < first["closed"] < 7500
    last = web.expect_state("all of it", lambda state: not state["results"]["today"]["is_behind"])["results"]["today"]
    assert (last["closed"], last["profit_usd"]) == (7500, 75)


# --- explanations


def explain(web, **question):
    (name, word), = question.items()
    status, headers, body = web.ask(f"/explain.json?{name}={word}")
    assert headers["Content-Type"] == "application/json"
    return status, json.loads(body)


def publish_and_outrank(rig):
    """The ids of four signals: two pass, two do not."""
    rig.set_open(0)
    rig.start_router()
    symbols = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT")
    ids = rig.must_write(*(signal(symbol, confidence=0.95 - i / 50) for i, symbol in enumerate(symbols)))
    rig.expect_drained()
    return ids


def test_a_signal_is_explained_as_by_the_command(rig, webs):
    passed, _, outranked, _ = publish_and_outrank(rig)
    web = webs()
    for entry, fate in ((passed, "published"), (outranked, "outranked")):
        status, said = explain(web, signal=entry)
        assert (status, said["fate"]) == (200, fate)
        assert said == json.loads(ctl("--config=/dev/null", "explain", entry, "--signal", "--json", url=rig.redis.url).stdout)
    assert [above["symbol"] for above in said["above"]] == ["BTCUSDT", "ETHUSDT"] and said["would_pass"]


def test_an_intent_a_decision_and_a_symbol_are_explained(rig, webs):
    entry, *_ = publish_and_outrank(rig)
    intent = rig.db.xrange("quantum:stream:trade.intent")[0][0]
    web = webs()
    assert explain(web, intent=intent)[1]["signal_id"] == explain(web, decision=entry)[1]["signal_id"] == entry
    assert explain(web, of="BTCUSDT")[1]["symbol"] == "BTCUSDT"


def test_what_is_not_found_or_not_asked_is_told(rig, webs):
    publish_and_outrank(rig)
    web = webs()
    status, said = explain(web, signal="1-1")
    assert status == 404 and said["v"] == 1 and said["error"]
    for query in ("", "?", "?signal=", "?other=1", f"?signal={'9' * 201}"):
        status, _, body = web.ask(f"/explain.json{query}")
        assert status == 400 and "which one" in json.loads(body)["error"], query
    assert explain(web, signal="%3Cimg%20src=x%3E")[0] == 404


def test_explanations_wait_for_their_turn(rig, webs):
    ids = publish_and_outrank(rig)
    web = webs()
    said = {}

    def ask(entry):
        said[entry] = explain(web, signal=entry)

    asking = [threading.Thread(target=ask, args=(entry,)) for entry in ids * 3]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert {entry: (status, found["signal_id"]) for entry, (status, found) in said.items()} == {entry: (200, entry) for entry in ids}


def test_without_redis_nothing_is_explained(rig, webs):
    web = webs()
    rig.redis.kill()
    status, said = explain(web, signal="1-1")
    assert status == 503 and said["error"].startswith("Redis at")


# --- who asks what


def test_files_and_their_types(webs):
    web = webs()
    sizes = 0
    for path, kind in {"/": "text/html", "/page.css": "text/css", "/page.js": "text/javascript", "/icon.svg": "image/svg+xml"}.items():
        status, headers, body = web.ask(path)
        assert status == 200 and headers["Content-Type"].startswith(kind)
        assert headers["Content-Security-Policy"] == POLICY and headers["X-Content-Type-Options"] == "nosniff"
        assert not re.search(r"(?:https?:)?//(?!www\.w3\.org/(?:2000/svg|1999))\w+\.\w", body), path
        assert "style=" not in body or path == "/page.js"
        sizes += len(body.encode())
    assert sizes < 60_000
    _, headers, _ = web.ask("/state.json")
    assert (headers["Content-Type"], headers["Content-Security-Policy"]) == ("application/json", POLICY)
    assert "Set-Cookie" not in headers


def test_get_and_head_alone(webs):
    web = webs()
    status, headers, body = web.ask("/", "HEAD")
    assert (status, body) == (200, "") and int(headers["Content-Length"]) > 1000
    assert web.ask("/state.json", "HEAD")[0] == 200
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        status, headers, _ = web.ask("/state.json", method)
        assert (status, headers["Allow"]) == (405, "GET, HEAD"), method


def test_a_foreign_host_is_refused(webs):
    web = webs("--host=quantum.example,proxy")
    for host in ("evil.example", "evil.example:8056", "localhost.evil.example", "192.168.0.1", "quantum.example.evil", ""):
        assert web.ask("/state.json", Host=host)[0] == 421, host
    for host in ("localhost", "127.0.0.1:1", "[::1]:8056", "QUANTUM.example:8056", "proxy"):
        assert web.ask("/", Host=host)[0] == 200, host
    assert web.raw("GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n").startswith("HTTP/1.1 400 ")


def test_on_another_address_any_name_will_do(webs):
    assert webs(listen="0.0.0.0").ask("/", Host="monitor.example")[0] == 200


@pytest.mark.parametrize("path", ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/page.css/", "/./", "*"])
def test_there_is_nothing_but_its_files(webs, path):
    said = webs().raw(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert said.startswith(("HTTP/1.1 404 ", "HTTP/1.1 400 ")) and "root:" not in said


def test_slow_connections_keep_nobody_out(webs):
    web = webs()
    slow = [socket.create_connection(("127.0.0.1", web.port)) for _ in range(16)]
    try:
        for connection in slow:
            connection.sendall(b"GET /state.json HTTP/1.1\r\nHo")
        began = time.monotonic()
        assert web.ask()[0] == 200
        assert time.monotonic() - began < soon(3)
    finally:
        for connection in slow:
            connection.close()


def test_hostile_text_is_text(rig, webs):
    rig.set_open(1)
    rig.db.set(SAFE_MODE, HOSTILE)
    rig.db.set(SAFE_REASON, HOSTILE)
    rig.db.xgroup_create(SIGNALS, HOSTILE, id="0", mkstream=True)
    rig.redis.raw.xadd(RESULTS, {b"status": b"\xff\xfe<b>", b"symbol": HOSTILE.encode(), b"reason": b"\x00\x1b[2J"})
    rig.db.xadd(DECISIONS, record([row(symbol=HOSTILE.replace(" ", "%20"))], published=1))
    state = webs().state()
    assert HOSTILE[:20] in state["status"]["safe_mode"]["reason"]
    assert state["results"]["list"][0]["symbol"] == HOSTILE
    assert "\x1b" not in json.dumps(state, ensure_ascii=False).replace("\\u001b", "")


def test_64_kib_are_the_bound(rig, webs):
    rig.set_open(9000)
    rig.db.hset(HELD, mapping={f"SYMBOL{i:05}USDT": "BUY" for i in range(9000)})
    rig.must_write(signal())
    for number in range(60):
        rig.db.xgroup_create(SIGNALS, f"group-{number}-" + "g" * 900, id="0")
        rig.db.xgroup_create(RESULTS, f"group-{number}-" + "g" * 900, id="0", mkstream=True)
    for _ in range(20):
        rig.db.xadd(RESULTS, {name: "x" * 4000 for name in ("symbol", "action", "status", "reason", "decision_id")})
        rows = [row(symbol="S" * 900, fate="published", rank=i) for i in range(60)]
        rig.db.xadd(DECISIONS, record(rows, state="s" * 900, published=60))
    state = webs().state()
    assert state["status"]["held"]["symbol_count"] == 9000
    assert len(state["status"]["held"]["by_symbol"]) <= 100
    assert state["left_out"]


# --- Redis, and who looks how often


def test_redis_is_away_and_comes_back(rig, webs):
    rig.set_open(3)
    web = webs()
    web.expect_state("Redis is there", lambda state: state["up"])
    rig.redis.kill()
    away = web.expect_state("Redis is away", lambda state: not state["up"])
    assert away["why"].startswith("Redis at") and away["status"]["capacity"]["open_orders"] == 3
    older = web.expect_state("it grows older", lambda state: state["age_ms"] > away["age_ms"])
    assert older["at_ms"] == away["at_ms"]
    web.expect(r"Redis at .*; what was seen last is shown")
    rig.redis.start()
    rig.set_open(5)
    web.expect_state("it is back", lambda state: state["up"] and state["status"]["capacity"]["open_orders"] == 5)
    web.expect("Redis answers again")
    assert web.count("what was seen last") == 1


def test_redis_that_was_never_there(empty_rig):
    web = Web(empty_rig)
    state = web.answer()
    assert (state["up"], state["age_ms"]) == (False, None) and state["why"]
    web.terminate()


def test_before_its_first_look_there_are_no_figures(rig, webs):
    rig.set_open(3)
    rig.redis.freeze()
    try:
        answer = webs().answer()
    finally:
        rig.redis.thaw()
    assert re.fullmatch(r"Redis, or a service .* has not answered for \S+ s|Redis at .*", answer.pop("why"))
    assert answer == {"v": 1, "up": False, "age_ms": None}
    assert webs().state()["status"]["capacity"]["open_orders"] == 3


def test_redis_that_hangs_holds_nobody_up(rig, webs):
    web = webs()
    web.state()
    rig.redis.freeze()
    try:
        hanging = web.expect_state("it says so", lambda state: not state["up"])
        began = time.monotonic()
        assert web.ask("/")[0] == 200 and web.state()["age_ms"] >= hanging["age_ms"]
        assert time.monotonic() - began < soon(2)
    finally:
        rig.redis.thaw()
    web.expect_state("it is back", lambda state: state["up"])


def looks(rig):
    """How often it asked for a stream: so many times in each look."""
    return rig.db.info("commandstats").get("cmdstat_xinfo|stream", {"calls": 0})["calls"]


def test_many_viewers_cost_one_look_a_second_and_none_cost_none(rig, webs):
    rig.must_write(signal())
    web = webs()
    web.state()
    one = looks(rig)
    assert one > 0
    rig.db.config_resetstat()
    began = time.monotonic()

    def view():
        while time.monotonic() - began < 3:
            web.state()

    viewers = [threading.Thread(target=view) for _ in range(6)]
    for viewer in viewers:
        viewer.start()
    for viewer in viewers:
        viewer.join()
    seconds = time.monotonic() - began
    assert 0 < looks(rig) <= one * (seconds / 0.95 + 1)
    rig.db.config_resetstat()
    with pytest.raises(AssertionError):
        wait_until("a look that nobody asked for", lambda: looks(rig) > 0, 2)


# --- the program


def test_wrong_usage():
    for flag in ("--listen=nonsense", "--listen=evil.example:80", "--max-age=soon", "--max-lag=-1", "--nonsense"):
        expect_refused(2, "", "web", flag)
    expect_refused(2, "not expected", "web", "now")
    expect_refused(2, "No such file", "web", "--with=/nowhere.conf")


def test_a_port_that_is_taken_is_tried_again(rig):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        web = Web(rig, port=port, says="address already in use; it is tried again every 5 s")
    web.expect(rf"http://127\.0\.0\.1:{port}/")
    assert web.ask("/")[0] == 200
    web.terminate()


def test_systemd_hears_that_it_is_ready_and_stops(rig):
    systemd = Systemd(rig.folder)
    web = Web(rig, NOTIFY_SOCKET=systemd.path, WATCHDOG_USEC="300000")
    systemd.expect("READY=1")
    systemd.expect("WATCHDOG=1")
    web.state()
    systemd.expect("STATUS=Redis answers")
    assert web.terminate() < 3
    systemd.expect("STOPPING=1")
    systemd.socket.close()


@pytest.mark.parametrize("number", [signals.SIGINT, signals.SIGHUP])
def test_it_ends_while_redis_hangs(rig, number):
    web = Web(rig)
    web.state()
    rig.redis.freeze()
    try:
        web.expect_state("a look that hangs", lambda state: not state["up"])
        with socket.create_connection(("127.0.0.1", web.port)) as asking:
            asking.sendall(b"GET /state.json HTTP/1.0\r\n\r\n")
            web.send(number)
            assert web.terminate() < 5
    finally:
        rig.redis.thaw()


def test_the_help_says_how_it_is_seen_from_elsewhere():
    assert "ssh -L 8056:127.0.0.1:8056" in ctl("web", "--help").stdout


def see_all_of_it(rig):
    """A pipeline that trades: what is shown is what happens."""
    port = free_port()
    rig.set_open(0)
    rig.start_router(METRICS_LISTEN=f"127.0.0.1:{port}")
    rig.start_paper()
    web = Web(rig, metrics=f"127.0.0.1:{port}")
    rig.must_write(signal("BTCUSDT", entry_price=60000))
    rig.expect_result("filled")
    state = web.expect_state("it is held", lambda state: state["status"]["held"]["by_symbol"].get("BTCUSDT") == "BUY")
    assert state["status"]["capacity"]["open_orders"] == 1
    assert state["results"]["list"][0]["status"] == "filled"
    web.terminate()


def test_what_is_shown_is_what_happens(rig):
    see_all_of_it(rig)
