"""Every field of an intent, and what a publication leaves behind."""

import calendar
import json
import re
import signal as signals
import time

import pytest

from harness.names import DAILY, DEDUP, INTENTS, SIGNALS
from harness.signals import document, signal

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
CARRIED_NUMBERS = {
    "entry_price": 43250.12,
    "stop_loss": 42000,
    "take_profit": 45000.5,
    "stop_loss_pct": 0.02,
    "take_profit_pct": 0.1,
    "trail_percent": 1.5,
}
CARRIED_TEXTS = {
    "model": "xgb-7",
    "strategy": "breakout",
    "meta_strategy": "momentum",
    "regime": "BULL_STRONG",
    "reason": 'said "так" \\ and more',
}
FIELDS = set(
    "v symbol action side confidence score rank position_size_usd base_size_usd size_boost "
    "leverage timestamp source signal_id decision_id cycle_id".split()
)
# A float that is not the shortest form of a decimal number has sixteen or more digits.
NOISE = re.compile(r"\d\.\d{13,}")


def test_every_field(rig):
    rig.start_open_router(0, conf='intent : { carry = ["horizon", "tag", "live"]; quantity = "scale"; };')
    before = rig.now_ms()
    [signal_id] = rig.must_write(
        document(
            "btcusdt ",
            "short",
            0.95,
            position_size_usd=123.45,
            leverage=2.5,
            rl_gate_pass=True,
            quantity=0.3,
            horizon=60,
            tag="t1",
            live=False,
            unknown="left out",
            **CARRIED_NUMBERS,
            **CARRIED_TEXTS,
            beside={
                "event_type": "ai.decision.made",
                "timestamp": "2026-01-19T12:00:00.123456+00:00",
                "source": "ai-engine",
                "trace_id": "trace-1",
                "correlation_id": "corr-1",
            },
        )
    )
    intent = rig.expect_intent("BTCUSDT")
    entry = intent.pop("entry")
    text = entry["payload"]
    assert set(entry) == {
        "id", "event_type", "payload", "timestamp", "source", "trace_id", "correlation_id"
    }  # fmt: skip
    assert (entry["trace_id"], entry["correlation_id"]) == ("trace-1", "corr-1")
    assert entry["timestamp"] == intent["timestamp"]

    timestamp = intent.pop("timestamp")
    assert ISO.fullmatch(timestamp)
    seconds = calendar.timegm(time.strptime(timestamp[:19], "%Y-%m-%dT%H:%M:%S"))
    assert before <= seconds * 1000 + int(timestamp[20:23]) <= rig.now_ms()
    assert re.fullmatch(r"[!-~]+", intent.pop("cycle_id"))
    assert intent == {
        "v": 1,
        "symbol": "BTCUSDT",
        "action": "SELL",
        "side": "SELL",
        "confidence": 0.95,
        "score": 0.98,
        "rank": 1,
        "position_size_usd": 160.48,  # 160.485: half to even
        "base_size_usd": 123.45,
        "size_boost": 1.3,
        "leverage": 2.5,
        "source": "ai_strategy_router",
        "signal_id": signal_id,
        "decision_id": "corr-1",
        "signal_timestamp": "2026-01-19T12:00:00.123456+00:00",
        "signal_source": "ai-engine",
        "quantity": 0.39,
        "horizon": 60,
        "tag": "t1",
        "live": False,
        **CARRIED_NUMBERS,
        **CARRIED_TEXTS,
    }
    assert '"v":1,' in text and '"rank":1,' in text
    assert '"score":0.98,' in text and '"size_boost":1.3,' in text and '"quantity":0.39' in text
    assert not NOISE.search(text), text


def test_a_quantity_whose_unit_nobody_knows_is_left_out(rig):
    """A reload says that all of the producers mean units of the symbol, and one that they do not."""
    router = rig.start_open_router(0, conf="")
    for said, before, quantities in (("drop", None, (None, None)), ("scale", "drop", (0.24, 7.7)), ("drop", "scale", (None, None))):
        if before:
            (rig.folder / "router0.conf").write_text(f'intent : {{ quantity = "{said}"; }};')
            router.process.send_signal(signals.SIGHUP)
            router.expect(rf'CONFIG_CHANGE intent\.quantity = "?{said}"? \(was "?{before}"?\)')
            rig.await_ticks()
        rig.must_write(document("BTCUSDT", "BUY", 0.95, quantity="0.3", position_size_usd=12500), signal("ETHUSDT", quantity="7", confidence=0.9))
        best, second = rig.expect_intent("BTCUSDT", 10000.0), rig.expect_intent("ETHUSDT", 110.0)
        assert (best.get("quantity"), second.get("quantity")) == quantities, said


def test_a_time_that_is_a_number_is_carried_as_its_text(rig):
    """Producers in Python write time.time()."""
    rig.start_open_router(0)
    second = rig.now_ms() // 1000
    rig.must_write(
        document("AAA", confidence=0.95, timestamp=second - 1 + 0.25, source=7),
        document("BBB", confidence=0.94, timestamp=second * 1000 - 877, source=["x"]),
    )
    rig.expect_intent("AAA", signal_timestamp=f"{second - 1}.25", signal_source="7")
    intent = rig.expect_intent("BBB", signal_timestamp=f"{second - 1}123")
    assert "signal_source" not in intent


def test_plain_signal_has_no_more_than_it_must(rig):
    rig.start_open_router(0)
    signal_id = rig.must_xadd("BTCUSDT", "LONG", 0.8)
    intent = rig.expect_intent(
        "BTCUSDT", 130.0, action="BUY", leverage=1.0, score=0.8, decision_id=signal_id
    )
    entry = intent.pop("entry")
    assert set(intent) == FIELDS
    assert set(entry) == {"id", "event_type", "payload", "timestamp", "source"}
    assert '"position_size_usd":130.0' in entry["payload"]


@pytest.mark.parametrize(
    "size, rank_1, rank_2",
    [
        ("0.1", 0.13, 0.11),
        ("33.33", 43.33, 36.66),
        ("100.05", 130.06, 110.06),
        ("7700", 10000.0, 8470.0),
    ],
)
def test_sizes_without_float_noise(rig, size, rank_1, rank_2):
    rig.start_open_router(0)
    rig.must_write(
        signal("AAA", "BUY", 0.93, position_size_usd=size, rl_gate_pass="1"),
        signal("BBB", "BUY", 0.92, position_size_usd=size, regime="x"),
    )
    for rank, wanted in ((1, rank_1), (2, rank_2)):
        intent = rig.expect_intent(None, wanted, rank=rank, base_size_usd=float(size))
        assert f'"position_size_usd":{wanted}' in intent["entry"]["payload"]
        assert not NOISE.search(intent["entry"]["payload"].replace(str(intent["size_boost"]), ""))


@pytest.mark.parametrize("form", ["payload", "data", "flat"])
def test_forms(rig, form):
    rig.start_open_router(0)
    more = {"entry_price": "1.25", "leverage": "3", "position_size_usd": "50"}
    more["rl_gate_pass"] = "TRUE"
    if form == "flat":
        entry = signal("ETHUSDT", "BUY", "0.91", trace_id="t-9", **more)
    else:
        entry = document("ETHUSDT", "BUY", "0.91", form=form, beside={"trace_id": "t-9"}, **more)
    rig.must_write(entry)
    intent = rig.expect_intent(
        "ETHUSDT", 65.0, entry_price=1.25, leverage=3.0, score=0.93, decision_id="t-9"
    )
    assert intent["entry"]["trace_id"] == "t-9"
    assert "correlation_id" not in intent["entry"]


def test_payload_wins_over_data_and_both_over_flat(rig):
    router = rig.start_open_router(0)
    payload = document("AAA", confidence=0.95)
    data = document("BBB", confidence=0.94, form="data")
    flat = signal("CCC", confidence=0.93)
    rig.must_write({**flat, **data, **payload}, {**flat, **data})
    rig.expect_intent("AAA")
    rig.expect_intent("BBB")
    rig.must_write({**flat, **data, "payload": ""}, {**flat, "data": ""})
    router.expect("INVALID_SIGNAL_DROP .*reason=not_json")
    router.expect("INVALID_SIGNAL_DROP .*reason=not_json")
    rig.expect_tally(published=2, invalid=2)
    rig.expect_no_intent()


def test_side_and_action_must_agree(rig):
    rig.start_open_router(0)
    rig.must_write(
        {"symbol": "AAA", "action": "SHORT", "confidence": "0.95"},
        {"symbol": "BBB", "side": " buy ", "action": "HOLD", "confidence": "0.94"},
        {"symbol": "CCC", "side": "", "action": "BUY", "confidence": "0.93"},
        {"symbol": "DDD", "side": "SELL", "action": "BUY", "confidence": "0.92"},
    )
    rig.expect_intent("AAA", action="SELL")
    rig.expect_intent("CCC", action="BUY")
    rig.expect_tally(published=2, invalid=1, hold=1)


@pytest.mark.parametrize(
    "correlation, trace, wanted",
    [
        ("c-1", "t-1", "c-1"),
        ("  c-1 ", "t-1", "c-1"),
        ("0", "t-1", "t-1"),
        ("NULL", "t-1", "t-1"),
        (" none ", "t-1", "t-1"),
        ("", "t-1", "t-1"),
        (None, "t-1", "t-1"),
        ("", "None", None),
        ("0", None, None),
        ("x" * 128, "t-1", "x" * 128),
        ("x" * 129, "t-1", r"[0-9a-f]{32,128}"),
        ("line\r\nline", "t-1", r"[0-9a-f]{32,128}"),
        ("ключ", "t-1", r"[0-9a-f]{32,128}"),
    ],
)
def test_decision_id(rig, correlation, trace, wanted):
    """None: the entry's own id."""
    rig.start_open_router(0)
    beside = {"correlation_id": correlation, "trace_id": trace}
    given = {name: text for name, text in beside.items() if text is not None}
    signal_id = rig.must_xadd("BTCUSDT", "BUY", 0.95, **given)
    intent = rig.expect_intent("BTCUSDT")
    assert re.fullmatch(wanted or signal_id, intent["decision_id"])
    assert rig.db.exists(DEDUP + intent["decision_id"])
    for name, text in given.items():
        assert intent["entry"].get(name, "") == text


def test_a_signal_cannot_set_what_the_router_writes(rig):
    forged = {
        "v": 9, "score": 99, "rank": 7, "base_size_usd": 1, "size_boost": 9, "source": "me",
        "signal_id": "1-1", "decision_id": "mine", "cycle_id": "mine", "timestamp": "yesterday",
        "signal_timestamp": "forged", "signal_source": "forged", "event_type": "forged",
    }  # fmt: skip
    rig.start_open_router(0)
    [signal_id] = rig.must_write(document("BTCUSDT", "BUY", 0.95, action="OPEN", **forged))
    intent = rig.expect_intent(
        "BTCUSDT", 130.0, v=1, score=0.95, rank=1, base_size_usd=100.0, size_boost=1.3,
        source="ai_strategy_router", action="BUY", side="BUY", decision_id=signal_id,
        signal_id=signal_id, signal_timestamp="yesterday", signal_source="me",
    )  # fmt: skip
    assert intent["cycle_id"] != "mine" and ISO.fullmatch(intent["timestamp"])
    assert intent["entry"]["event_type"] == "trade.intent"


def test_carried_fields_of_a_wrong_type_are_left_out(rig):
    rig.start_open_router(0)
    rig.must_write(
        document(
            "BTCUSDT", "BUY", 0.95, entry_price="abc", stop_loss=True, take_profit=[1], quantity={},
            trail_percent=None, model=7, strategy=["x"], reason="x" * 257, meta_strategy="x" * 256,
        )  # fmt: skip
    )
    intent = rig.expect_intent("BTCUSDT", meta_strategy="x" * 256)
    intent.pop("entry")
    assert set(intent) == FIELDS | {"meta_strategy"}


def test_marks_counter_and_trimming(rig):
    pipe = rig.db.pipeline()
    for n in range(1000):
        pipe.xadd(INTENTS, {"payload": "old"}, id=f"{1700000000000 + n}-0")
    rig.intents_seen = pipe.execute()[-1]
    rig.start_open_router(0, "--intent.maxlen=200")
    rig.must_write(signal("AAA", correlation_id="a"), signal("BBB", correlation_id="b"))
    rig.expect_intent("AAA")
    rig.expect_intent("BBB")

    for mark in ("a", "b"):
        assert 290 < rig.db.ttl(DEDUP + mark) <= 300
    [counter] = rig.db.keys(DAILY + "*")
    assert rig.db.get(counter) == "2"
    day = time.strptime(counter[len(DAILY) :], "%Y%m%d")
    assert rig.db.execute_command("EXPIRETIME", counter) == calendar.timegm(day) + 86400
    assert 200 <= rig.db.xlen(INTENTS) < 400
    assert rig.db.xlen(SIGNALS) == 2

    rig.must_xadd("CCC")
    rig.expect_intent("CCC")
    assert rig.db.get(counter) == "3"


def test_prefix_and_names(rig):
    rig.db.set("quantum:{acct7}:state:open_orders", "0")
    rig.start_router(
        "--prefix=quantum:{acct7}:", conf='keys : { intents = "elsewhere:intents"; group = "g2"; };'
    )
    rig.db.xadd("quantum:{acct7}:stream:ai.decision.made", signal("BTCUSDT"))
    rig.router.expect("Trade Intent published: BTCUSDT")
    [(_, entry)] = rig.db.xrange("elsewhere:intents")
    assert json.loads(entry["payload"])["symbol"] == "BTCUSDT"
    assert rig.db.xinfo_groups("quantum:{acct7}:stream:ai.decision.made")[0]["name"] == "g2"
    assert rig.db.keys("quantum:[^{]*") == []
