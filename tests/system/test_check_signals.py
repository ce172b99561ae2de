"""quantumctl check signals: what the router would do with each, for those who write them."""

import json
import re
import subprocess
import time

import pytest

from harness.ctl import ctl, expect_refused
from harness.names import SIGNALS
from harness.process import clean_environment, program
from harness.signals import document, signal
from harness.waiting import PATIENCE_SEC

GOOD = {"symbol": "btcusdt", "side": "LONG", "confidence": 0.95, "rl_gate_pass": True}
TAKEN = "the router would take it: BTCUSDT BUY 95.00% score 0.970"


def run(text, *flags):
    """What is printed of these bytes."""
    if isinstance(text, str):
        text = text.encode()
    done = subprocess.run([*program("quantumctl"), "check", "signals", "-", *flags], input=text, check=False, capture_output=True,
                          env=clean_environment(), timeout=PATIENCE_SEC)  # fmt: skip
    return done.stdout.decode(), done.returncode, done.stderr.decode()


def lines(*signals, **flags):
    out, code, _ = run("\n".join(json.dumps(one) for one in signals), *(f"--{name}" for name in flags))
    return out.splitlines(), code


def why(**more):
    """Why the router would drop it."""
    (line, _), code = lines({**GOOD, **more})
    assert code == 1
    return re.fullmatch("#1: the router would drop it: (.*)", line)[1]


# --- words for people


def test_what_would_be_taken():
    assert lines(GOOD) == ([f"#1: {TAKEN}", "1 signal checked: the router would take 1"], 0)
    assert run(json.dumps([GOOD, GOOD, {**GOOD, "side": "SELL"}]))[0].splitlines() == [
        f"#1: {TAKEN}", f"#2: {TAKEN}", "#3: the router would take it: BTCUSDT SELL 95.00% score 0.970",
        "3 signals checked: the router would take 3"]  # fmt: skip


def test_why_one_would_be_dropped():
    assert why(confidence=0.68) == "confidence 0.68 is below 0.75"
    assert why(side="HOLD") == "it says HOLD"
    assert why(side="EXIT") == "it means an exit, and exits do not pass through the router"
    assert why(side="UP") == "side, action and direction do not agree on BUY or SELL (side:UP)"
    assert why(symbol="BTC/USD") == "its symbol is not 3 to 32 letters, digits, _ and - (BTC/USD)"
    assert why(position_size_usd=-1) == "its position_size_usd is no number above 0 and up to 1e15 (-1)"
    assert why(leverage=500) == "its leverage is no number from 1 to the highest that is allowed (500)"
    assert re.fullmatch(r"its timestamp is 3[567]\d\d s old, over 30 s", why(timestamp=time.time() - 3600))


def test_the_router_is_asked_with_its_configuration(tmp_path):
    conf = tmp_path / "router.conf"
    conf.write_text('window: { min_confidence = 0.97; };\n')
    file = tmp_path / "signals"
    file.write_text(json.dumps(GOOD))
    done = ctl(f"--config={conf}", "check", "signals", str(file))
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, "#1: the router would drop it: confidence 0.95 is below 0.97")
    assert done.stderr == "quantumctl check: the router would drop 1 of 1\n"
    conf.write_text('window: { symbols = ["ETHUSDT"]; };\n')
    assert "BTCUSDT is not among window.symbols" in ctl(f"--config={conf}", "check", "signals", str(file)).stdout
    assert ctl(f"--config={conf}", "check", "signals", "--form", str(file)).returncode == 0


def test_what_may_surprise():
    (first, second, third, fourth, _), code = lines(
        {**GOOD, "position_size_usd": 12500}, {**GOOD, "size": 25, "correlation_id": "batch"},
        {**GOOD, "symbol": "ETHUSDT", "correlation_id": "batch"}, {**GOOD, "quantity": 2})  # fmt: skip
    assert code == 0
    assert json.loads(run(json.dumps({**GOOD, "trace_id": 12}), "--json")[0])["signals"][0]["decision_id"] == "12"
    assert first.endswith("; its size of $12500.00 is cut to $10000.00")
    assert second.endswith("; it has size and no position_size_usd: $100.00 is taken")
    assert third.endswith("; its decision is that of line 2: one of them is published")
    assert fourth.endswith("; its quantity is not carried (intent.quantity = drop)")


def test_a_batch_that_names_itself_inside():
    """As the router takes it: the first three are one decision, the others each its own."""
    batch = [{**GOOD, "symbol": f"S{number}USDT", "correlation_id": "b", "trace_id": f"t{number}"} for number in range(5)]
    found = json.loads(run(json.dumps(batch), "--json")[0])["signals"]
    assert [one["decision_id"] for one in found] == ["b", "b", "b", "t3", "t4"]
    twice = ["its decision is that of #1: one of them is published"]
    shared = ["its correlation_id names over three symbols, so it is no decision's"]
    assert [one["notes"] for one in found] == [[], twice, twice, shared, shared]


def test_what_is_left_out():
    (line, _), code = lines({**GOOD, "entry_price": "many", "stop_loss": -1, "take_profit": None, "reason": "é" * 129, "trail_percent": "1.5"})
    left_out = " is left out: it is of a wrong type, out of range or too long"
    assert (code, line) == (0, f"#1: {TAKEN}; its entry_price{left_out}; its stop_loss{left_out}; its reason{left_out}")


def test_the_form_alone():
    """Whatever its age, its confidence and what it says."""
    old = {**GOOD, "timestamp": "2026-01-19T12:00:03Z", "confidence": 0.1}
    found, code = lines(old, {**old, "side": "HOLD"}, {**old, "side": "EXIT"}, form=True)
    assert (code, found[-1]) == (0, "3 signals checked: the router would understand 3")
    found, code = lines({**old, "side": "UP"}, form=True)
    assert (code, found[-1]) == (1, "1 signal checked: the router would understand 0")


# --- the document


def test_the_document():
    bad = {**GOOD, "confidence": 0.5}
    out, code, error = run(json.dumps(GOOD) + "\n" + json.dumps(bad) + '\n{"symbol":"\x80"}\n', "--json")
    found = json.loads(out)
    assert (code, found["v"], found["checked"], found["broken"]) == (1, 1, 3, 2)
    assert error == "quantumctl check: the router would drop 2 of 3\n"
    first, second, third = found["signals"]
    assert first == {"entry": "line 1", "fate": "candidate", "symbol": "BTCUSDT", "side": "BUY", "confidence": 0.95, "score": 0.97,
                     "position_size_usd": 100.0, "leverage": 1.0, "decision_id": None, "carried": {}, "notes": [],
                     "words": TAKEN}  # fmt: skip
    assert (second["entry"], second["fate"], second["why"]) == ("line 2", "low_confidence", "confidence 0.5 is below 0.75")
    assert (third["fate"], third["rule"], third["entry"]) == ("invalid", "symbol", "line 3")
    assert [one["field"] for one in found["violations"]] == ["confidence", "symbol"]
    assert found["violations"][0] == {"entry": "line 2", "field": "confidence", "rule": second["words"]}


# --- what may stand in a file


def test_it_is_read_as_the_router_reads_it():
    """Not as a document that a parser has made of it."""
    twice = json.dumps(GOOD)[:-1] + ', "side": "SELL"}'
    for text in (twice, twice.replace(", ", ",\n"), f"[{twice}]", f"[{json.dumps(GOOD)},\n {twice}]"):
        out, code, _ = run(text)
        assert code == 1 and "a name is there twice" in out, out
    tricky = {**GOOD, "a": '],{"', "b": "\\", "c": [{"d": [1, "]"]}], "e": float("nan")}
    assert run(json.dumps([tricky, tricky], indent=1))[0].count(TAKEN) == 2


HOSTILE = [
    (b"", 0, 0), (b"\n\r\n \t\n", 0, 0), (b"[]", 0, 0), (b"[ ]\n", 0, 0),
    (json.dumps(GOOD).encode(), 1, 1), (json.dumps(GOOD).encode() + b"\r\n" + json.dumps(GOOD).encode() + b"\r\n", 2, 2),
    (b"\0\n" + json.dumps(GOOD).encode() + b"\0\n\n" + json.dumps(GOOD).encode(), 3, 1),
    (b'{"symbol":"' + b"x" * (1 << 20) + b'"}\n' + json.dumps(GOOD).encode(), 2, 1),
    (b"[" * (1 << 20), 1, 0), (b"[" * 5000 + b"]" * 5000, 1, 0), (b"\xff\xfe{\0}\0\n", 1, 0), (b"\xef\xbb\xbf{}", 1, 0),
    (b'"\x1b[2J"\n17\nnull\n', 3, 0), (b"[17, null, \"x\"]", 3, 0), (b'{"a":1}{"b":2}', 1, 0), (b'"', 1, 0), (b"\\", 1, 0), (b'{"a":"\\', 1, 0),
]  # fmt: skip


@pytest.mark.parametrize("text, checked, good", HOSTILE, ids=lambda value: repr(value)[:30])
def test_whatever_stands_there(text, checked, good):
    out, code, error = run(text)
    assert (code, len(error.splitlines())) == (0, 0) if 0 < checked == good else (1, 1)
    assert len(out.splitlines()) == checked + 1 and out.count(TAKEN) == good
    assert out.isprintable() or not set(out) & {chr(c) for c in range(32) if c != 10}
    assert ("nothing to check" in error) == (checked == 0)
    found = json.loads(run(text, "--json")[0])
    assert (found["checked"], found["broken"]) == (checked, checked - good)


def test_what_cannot_be_read(tmp_path):
    expect_refused(1, "No such file", "check", "signals", "/nowhere/signals")
    expect_refused(1, "", "check", "signals", str(tmp_path))
    expect_refused(2, "--form is for check signals", "check", "intents", "-", "--form")
    expect_refused(2, "not all of it was given", "check", "signals")


# --- the stream


def test_a_stream_is_told_in_the_same_words(rig):
    """Also what is too old in it by its own timestamp: its form is looked at all the same."""
    rig.must_write(signal("BTCUSDT"), document("ETHUSDT", confidence=0.1, timestamp="2026-01-19T12:00:03Z"), signal("XRPUSDT", "HOLD"))
    assert ctl("check", "stream", SIGNALS, url=rig.redis.url).returncode == 0
    (bad,) = rig.must_write(document("BTCUSDT", "UP", timestamp="2026-01-19T12:00:03Z"))
    out = ctl("check", "stream", SIGNALS, url=rig.redis.url).stdout
    assert re.search(rf"^{bad} +side +the router would drop it: side, action and direction do not agree on BUY or SELL \(side:UP\)$", out, re.MULTILINE)


def test_an_entry_of_many_fields(rig):
    """More than are ever read."""
    crowded = {f"f{n}": "1" for n in range(70)}
    rig.must_write(crowded)
    rig.db.xadd("quantum:stream:trade.intent", crowded)
    for stream, reader in ((SIGNALS, "router would drop it"), ("quantum:stream:trade.intent", "executor would make a dead letter of it")):
        done = ctl("check", "stream", stream, url=rig.redis.url)
        assert done.returncode == 1 and f"the {reader}: it has more than 64 fields" in done.stdout
