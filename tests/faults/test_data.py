"""What producers, operators and time do to the data (F59 to F63, F65, F67 to F70)."""

import time

import pytest
from harness.names import DEDUP, GROUP, INTENTS, LEADER, SIGNALS
from harness.signals import document, signal as entry
from harness.waiting import FULL, soon, wait_until
from stage import LEAN, PATIENT
from test_bad_replies import resident_mib

# An ESC, a right-to-left override, a forged priority and line.
NASTY = "BTC\n<0>fake\x1b[31m\u202e2026-01-19 12:00:03 [INFO] FORGED"


def test_f59_signal_is_sent_again(stage):
    """Under other ids, in the same window, in the next one, after a restart: one intent."""
    router = stage.lead("a")
    again = entry("AGAIN", correlation_id="sent-often")
    stage.must_write(again, again)
    stage.expect_published("sent-often")
    stage.must_write(again)
    stage.expect_drained()
    router.kill()
    stage.must_write(again, again)
    stage.start("a")
    stage.expect_drained()
    assert stage.published().count("sent-often") == 1
    assert stage.db.ttl(DEDUP + "sent-often") > 200
    stage.is_strict = True


@pytest.mark.parametrize("top", ["18446744073709551615-1", "99999999999999-0"])
def test_f60_last_id_is_used_up(stage, top):
    """Of a year far off, or the last there is: dropped as future with a word about clocks, and everything goes on."""
    router = stage.lead("a")
    stage.db.execute_command("XADD", SIGNALS, top, "symbol", "FAR", "side", "BUY", "confidence", "0.99")
    router.expect("CLOCK_SKEW id=" + top)
    stage.expect_drained()
    router.expect_count("CLOCK_SKEW", 1)
    stage.is_strict = True
    if top.startswith("99"):
        stage.write(0.95, 0.95)
        stage.expect_drained()
        router.expect_count("CLOCK_SKEW", 1)
    # The operator of Redis begins the stream again.
    stage.db.delete(SIGNALS)
    router.expect("GROUP_RECREATED")
    stage.works()


def test_f61_monsters(stage):
    """Within what Redis takes and far beyond what we do; refused before anything is copied."""
    router = stage.lead("a", None, *PATIENT, **LEAN)
    monsters = [
        {**entry("MANY"), **{f"f{n}": "1" for n in range(50000)}},
        {**entry("HUGE"), "reason": "x" * 10_000_000},
        {"payload": "x" * 10_000_000},
        {"": "", "symbol": "EMPTY", "side": "BUY", "confidence": "0.9\r\n"},
        {b"\0\r\n": b"\0\r\n", b"symbol": b"NUL\0", b"side": b"BUY", b"confidence": b"0.99"},
        [("symbol", "TWICE"), ("side", "BUY"), ("confidence", "0.99"), ("side", "SELL")],
    ]
    before_mib = resident_mib(router.process)
    stage.is_strict = True
    for _ in range(3):
        stage.must_write(*monsters)
        stage.expect_drained()
        stage.works()
    assert resident_mib(router.process) < before_mib + 200
    assert router.count("INVALID_SIGNAL_DROP") <= 18 and router.count("REDIS_LOST") == 0
    assert max(map(len, router.lines())) < 600


def test_f61_entry_of_more_fields_than_anybody_needs(stage):
    """Redis takes it, and so we must be able to read it, or nothing behind it would ever be read."""
    # Redis takes its time for it, and longer beside other work.
    router = stage.lead("a", None, *PATIENT, "--redis.reply_timeout_ms=60000", **LEAN)
    stage.is_strict = True
    fields = [part for number in range(600_000) for part in (str(number), "")]
    stage.db.execute_command("XADD", SIGNALS, "*", *fields)
    stage.works(soon(30))
    router.expect_anywhere("INVALID_SIGNAL_DROP .*reason=too_many_fields")
    assert router.count("REDIS_LOST|LEADER_LOST") == 0


ODD = {
    "tiny": ('"confidence": 0.95, "entry_price": 1e-400', True),
    "minus zero": ('"confidence": 0.95, "entry_price": -0.0', True),
    "2^63": ('"confidence": 0.95, "quantity": 9223372036854775808', None),
    "byte order mark": ("\ufeff", False),
    "2049 deep": ('"confidence": 0.95, "x": ' + "[" * 2049 + "]" * 2049, False),
    "vertical tab": ('"confidence": 0.95,\v "x": 1', False),
}


@pytest.mark.parametrize("what", ODD)
def test_f62_json_at_its_edges(stage, what):
    inside, good = ODD[what]
    stage.lead("a")
    head = inside if inside == "\ufeff" else ""
    more = '"confidence": 0.95' if head else inside
    text = f'{head}{{"symbol": "ODD", "side": "BUY", {more}}}'
    stage.must_write({"payload": text, "correlation_id": "odd"})
    stage.is_strict = True
    stage.expect_drained()
    if good is not None:
        assert ("odd" in stage.published()) == good
    stage.works()


BOMBS = {
    "objects": "[" + ",".join(["{}"] * 21000) + "]",
    "one integer": "1" * 65000,
    "strings": "[" + ",".join(['"a"'] * 16000) + "]",
    "nested": '{"a":' * 7 + "1" + "}" * 7,
}


@pytest.mark.parametrize("what", BOMBS)
def test_f63_json_bombs(stage, what):
    """As large as a payload may be, and a thousand of them: memory and time stay bounded."""
    router = stage.lead("a", None, *PATIENT, **LEAN)
    bomb = {"payload": '{"symbol": "BOMB", "side": "BUY", "confidence": 0.9, "x": %s}' % BOMBS[what]}
    assert len(bomb["payload"]) <= 65536
    before_mib = resident_mib(router.process)
    stage.is_strict = True
    pipe = stage.db.pipeline(transaction=False)
    for _ in range(1000 if FULL else 200):
        pipe.xadd(SIGNALS, bomb)
    began = time.monotonic()
    pipe.execute()
    stage.expect_drained(soon(60))
    assert time.monotonic() - began < soon(60)
    assert resident_mib(router.process) < before_mib + 300
    stage.works()


def test_f65_capacity_is_nonsense_for_a_while(stage):
    """Each kind in turn under flow: closed, and open again as soon as it is a number."""
    router = stage.lead("a")
    stage.is_strict = True
    for value in ("", " 5", "5\n", "+5", "05", "-1", "1e3", "9223372036854775808", None):
        before = stage.published()
        router.forget()
        stage.set_open(value)
        router.expect("CAPACITY_UN(PARSEABLE|KNOWN)")
        stage.write()
        stage.expect_drained()
        assert stage.published() == before
        stage.set_open(0)
        router.expect("CAPACITY_OK")
        stage.works()


def test_f67_capacity_changes_all_the_time(stage):
    """A thousand times a second: some windows give up, none passes what it may, and all goes on. Where all give up, the one
    after them has all that came: less than it may publish."""
    stage.lead("a")
    writer = stage.redis.client()
    ends = time.monotonic() + (30 if FULL else 2)
    number = 0
    with stage.feed(lambda n: entry(f"COIN{n}", correlation_id=f"flow-{n}"), pause_sec=0.04 if FULL else 0.01) as feeder:
        while time.monotonic() < ends or number < 400:
            number += 1
            writer.set("quantum:state:open_orders", number % 900000)
            time.sleep(0.001)
    stage.set_open(0)
    stage.expect_drained()
    assert len(stage.published()) >= len(feeder.confirmed)
    writer.close()


def test_f68_names_that_forge(stage):
    """One escaped line each, of no more than its length."""
    router = stage.lead("a")
    stage.is_strict = True
    stage.must_write(
        entry(NASTY),
        entry("X" * 4000),
        entry("GOOD", "BUY" + NASTY),
        entry("OTHER", regime=NASTY, correlation_id=NASTY),
    )
    stage.db.xgroup_createconsumer(SIGNALS, GROUP, "bad\n<0>fake")
    stage.expect_drained()
    stage.set_open(NASTY)
    router.expect("CAPACITY_UNPARSEABLE")
    stage.set_open(0)
    second = stage.start("b")
    second.expect("STANDBY")
    stage.db.set(LEADER, NASTY + ":x")
    second.expect(r"STANDBY leader=BTC\\x0a<0>fake")
    stage.db.delete(LEADER)
    stage.works()
    for line in (*router.lines(), *second.lines()):
        assert line.isprintable() and len(line.encode()) < 600, line
        assert not line.startswith("2026-01-19") and not line.startswith("<")


def test_f69_ids_that_might_meet(stage):
    """Made of the same letters, or of what keys and patterns are made of: each has a mark of its own."""
    router = stage.lead("a")
    uids = ["a:b", "a", "b", "a:b:c", "*", "?", "[a-z]", "a*", "{a}", "a b", "A:B", "é"]
    uids += ["x" * length for length in (128, 129, 4000)]
    pairs = [entry(f"COIN{n}", correlation_id=uid) for n, uid in enumerate(uids)]
    pairs += [entry("PAIR", correlation_id=a, trace_id=b) for a, b in (("p:q", "r"), ("p", "q:r"))]
    pairs.append(entry("BYTES", correlation_id=b"\xff\xfe"))
    stage.is_strict = True
    stage.must_write(*pairs)
    stage.expect_drained()
    assert router.count("DUPLICATE_SKIP") == 0
    assert len(set(stage.published())) == len(pairs) + 1
    marks = list(stage.db.scan_iter(DEDUP + "*", count=1000))
    assert len(marks) == len(pairs) + 1 and max(map(len, marks)) <= len(DEDUP) + 128


def test_f70_burst(stage):
    """Far more than a window holds: bounded batches and bounded memory, and the best are found."""
    count = 100_000 if FULL else 20_000
    router = stage.lead("a", None, *PATIENT, **LEAN)
    stage.is_strict = True
    before_mib = resident_mib(router.process)
    stage.strict(max_open=1000000, target=1000000, burst=1000)
    pipe = stage.db.pipeline(transaction=False)
    for number in range(count):
        beside = {"correlation_id": f"burst-{number}"}
        pipe.xadd(SIGNALS, document(f"COIN{number}", "BUY", 0.8 + number % 100 / 1000, beside=beside))
    pipe.execute()
    grown = []

    def is_done():
        grown.append(resident_mib(router.process))
        return stage.lag() == 0 and stage.pending() == 0

    wait_until("the burst to be settled", is_done, soon(120), router.tail)
    assert max(grown) < before_mib + 400
    assert router.count("REDIS_LOST|LEADER_LOST") == 0
    stage.works()
    assert stage.db.xlen(INTENTS) == len(set(stage.published()))
