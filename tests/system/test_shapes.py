"""The shapes in which engines write their decisions, and what becomes of each: one window of a router, with an executor behind it."""

import json
import re
from datetime import datetime, timezone

from harness.names import INTENTS, POSITIONS, PRICE
from harness.signals import document, signal
from harness.waiting import wait_until

FIELDS = set(
    "v symbol action side confidence score rank position_size_usd base_size_usd size_boost leverage timestamp source signal_id decision_id "
    "cycle_id".split()
)
USUAL = {"side": "BUY", "action": "BUY", "confidence": 0.95, "position_size_usd": 100.0, "size_boost": 1.0, "leverage": 1.0}
NAN, INFINITY = float("nan"), float("inf")
X = "@USDT"  # each shape has a symbol of its own
CLOSE, HOLD, STALE, LOW = "close", "hold", "stale", "low_confidence"
SIDE, SYMBOL, CONFIDENCE, SIZE, LEVERAGE = "side", "symbol", "confidence", "position_size_usd", "leverage"


def invalid(rule):
    return f"invalid reason={rule}"


def raw(text, form="payload", **beside):
    return {form: text, **beside}


def nested(levels):
    return {"more": nested(levels - 1)} if levels else 1


FORMS = [
    ("nested", document(X), {}),
    ("nested in data", document(X, form="data"), {}),
    ("flat", signal(X), {}),
    ("numbers as text", document(X, confidence="0.95", position_size_usd="250.50", leverage="2.5"), {"position_size_usd": 250.5, "leverage": 2.5}),
    ("beside what a bus adds", document(X, beside={"event_type": "ai.decision.made", "source": "engine", "trace_id": "t-1", "correlation_id": "c-1"}),
     {"decision_id": "c-1", "signal_source": "engine"}),
    ("an id inside", document(X, trace_id="t-2"), {"decision_id": "t-2"}),
    ("payload and data", {**document(X), **document("NONEUSDT", "SELL", form="data")}, {}),
    ("payload and flat", {**document(X), **signal("NONEUSDT", "SELL", 0.1)}, {}),
    ("an empty payload", {**raw(""), **document(X, form="data")}, invalid("not_json")),
    ("a payload that is cut", raw('{"symbol":"' + X), invalid("not_json")),
    ("a list", raw(f'[{{"symbol":"{X}"}}]'), invalid("not_an_object")),
    ("packed twice", raw(json.dumps(json.dumps({"symbol": X}))), invalid("not_json")),
    ("a level too many", raw(json.dumps({"signal": {"symbol": X, "side": "BUY", "confidence": 0.95}})), invalid(SYMBOL)),
    ("a key twice", raw(f'{{"symbol":"{X}","side":"BUY","side":"SELL","confidence":0.95}}'), invalid("duplicate_key")),
    ("a field twice", [("symbol", X), ("side", "BUY"), ("confidence", "0.95"), ("side", "SELL")], invalid("duplicate_field")),
    ("unknown names", document(X, features={"rsi": [1, NAN]}, tags=["a"], votes=None, note="é"), {}),
    ("eight levels", document(X, features=nested(6)), {}),
    ("nine levels", document(X, features=nested(8)), invalid("too_deep")),
    ("names of another engine", raw(json.dumps({"ticker": X, "signal": "BUY", "score": 0.95})), invalid(SYMBOL)),
]  # fmt: skip

DIRECTIONS = [
    ("direction alone", raw(json.dumps({"symbol": X, "direction": "LONG", "confidence": 0.95})), {}),
    ("short, in small letters", document(X, " short "), {"side": "SELL", "action": "SELL"}),
    ("enter and its side", document(X, "SHORT", action="ENTER"), {"side": "SELL", "action": "SELL"}),
    ("action alone, the rest null", document(X, None, action="buy", direction=None), {}),
    ("not reduce only", document(X, reduceOnly=False, reduce_only="false"), {}),
    ("open, which way nobody knows", document(X, None, action="OPEN"), invalid(SIDE)),
    ("two that disagree", document(X, "LONG", action="SELL"), invalid(SIDE)),
    ("a word of its own", document(X, "STRONG_BUY"), invalid(SIDE)),
    ("none", document(X, None), invalid(SIDE)),
    ("hold", document(X, "HOLD"), HOLD),
    ("hold beside a side", document(X, "LONG", action="Hold"), HOLD),
    *[(f"exit: {said}", document(X, **said), CLOSE) for said in (
        {"reduceOnly": True}, {"reduce_only": True}, {"reduceOnly": "true"}, {"reduce_only": 1}, {"side": "CLOSE"}, {"action": "exit"},
        {"action": "CLOSE_LONG"}, {"action": "close_short"}, {"direction": "FLAT"}, {"action": "PARTIAL_CLOSE"}, {"action": "HOLD", "side": "EXIT"})],
    ("exit, flat", signal(X, reduceOnly="1"), CLOSE),
    ("flat, not reduce only", signal(X, reduceOnly="0", reduce_only=""), {}),
]  # fmt: skip

NUMBERS = [
    ("a size over the cap", document(X, position_size_usd=12500), {"position_size_usd": 10000.0, "base_size_usd": 10000.0}),
    ("a size that is null", document(X, position_size_usd=None), {}),
    ("a size of another name", document(X, size=25), {}),
    ("no size", document(X, position_size_usd=0), invalid(SIZE)),
    ("a size with a comma", document(X, position_size_usd="1,000"), invalid(SIZE)),
    ("a size that is NaN", document(X, position_size_usd=NAN), invalid(SIZE)),
    ("NaN in a stop", document(X, stop_loss=NAN, take_profit=110), {"take_profit": 110}),
    ("Infinity in a target", document(X, stop_loss=90, take_profit=INFINITY), {"stop_loss": 90}),
    ("a flat NaN", signal(X, stop_loss="nan"), {}),
    ("a negative target", document(X, stop_loss=90, take_profit=-3.5), {"stop_loss": 90}),
    ("a negative target as text", signal(X, "SELL", take_profit="-3.5"), {"side": "SELL", "action": "SELL"}),
    ("percentages", document(X, entry_price=100, stop_loss=1.5, take_profit=2.5), {"entry_price": 100, "stop_loss": 1.5, "take_profit": 2.5}),
    ("percentages of a short", document(X, "SELL", stop_loss=1.5, take_profit=2.5),
     {"side": "SELL", "action": "SELL", "stop_loss": 1.5, "take_profit": 2.5}),
    ("percentages by their names", document(X, stop_loss_pct=1.5, take_profit_pct="2.5", trail_percent=-1),
     {"stop_loss_pct": 1.5, "take_profit_pct": 2.5, "trail_percent": -1}),
    ("a quantity in dollars", document(X, quantity=100), {}),
    ("a price of none", document(X, entry_price=0, quantity="many"), {}),
    ("a confidence in percent", document(X, confidence=95), invalid(CONFIDENCE)),
    ("a confidence with a sign", document(X, confidence="95%"), invalid(CONFIDENCE)),
    ("a confidence that is NaN", document(X, confidence=NAN), invalid(CONFIDENCE)),
    ("a weak one, whatever else", document(X, "WHAT", 0.7499), LOW),
    ("the gate itself", document(X, confidence=0.75), {"confidence": 0.75}),
    ("leverage of none", document(X, leverage=None), {}),
    ("leverage with a letter", document(X, leverage="10x"), invalid(LEVERAGE)),
    ("leverage over the cap", document(X, leverage=126), invalid(LEVERAGE)),
    ("a gate that passed", document(X, rl_gate_pass="TRUE", regime="BULL"), {"score": 0.98, "regime": "BULL"}),
    ("a gate that says yes", document(X, rl_gate_pass="yes", regime="unknown"), {"score": 0.95, "regime": "unknown"}),
    ("texts", document(X, model="m-1", strategy=["x"], reason="x" * 257, meta_strategy=7), {"model": "m-1"}),
]  # fmt: skip

SYMBOLS = [
    ("in small letters, with blanks", document(" @usdt\n"), {}),
    ("with other signs", document("@-USDT_PERP"), {"symbol": "@-USDT_PERP"}),
    ("with a slash", document("@/USDT"), invalid(SYMBOL)),
    ("in Greek letters", document("\u0392TC@"), invalid(SYMBOL)),
    ("of two letters", document("BT"), invalid(SYMBOL)),
    ("a number", document(7), invalid(SYMBOL)),
]  # fmt: skip


def at(now_ms, seconds, form):
    moment = datetime.fromtimestamp(now_ms / 1000 + seconds, timezone.utc)
    return moment.strftime(form)


def times(now_ms):
    """As (words, timestamp, whether it makes the signal stale)."""
    second, ISO = now_ms // 1000, "%Y-%m-%dT%H:%M:%S"
    return [
        ("UTC", at(now_ms, -5, ISO + "Z"), False),
        ("with a zone", at(now_ms, 7195, ISO + "+02:00"), False),
        ("without a zone", at(now_ms, -5, ISO + ".%f"), False),
        ("an epoch", second - 5, False),
        ("an epoch in Python", second - 4.25, False),
        ("an epoch in milliseconds", now_ms - 5000, False),
        ("an epoch as text", str(second - 5), False),
        ("an epoch in nanoseconds", now_ms * 1_000_000, False),
        ("ahead", at(now_ms, 3600, ISO + "Z"), False),
        ("garbage", "yesterday", False),
        ("before 2000", 0, False),
        ("null", None, False),
        ("NaN", NAN, False),
        ("a truth", True, False),
        ("local time two hours behind", at(now_ms, -7200, ISO), True),
        ("old, with a zone", at(now_ms, 7200 - 60, ISO + "+02:00"), True),
        ("an old epoch", second - 60, True),
        ("old milliseconds", str(now_ms - 60_000), True),
    ]


def shapes(now_ms):
    dated = [(f"time: {words}", document(X, timestamp=said), STALE if is_stale else {"signal_timestamp": ...}) for words, said, is_stale in times(now_ms)]
    return [(words, named(entry, f"S{n:03d}"), wanted if isinstance(wanted, str) else {"symbol": X, **wanted}, f"S{n:03d}")
            for n, (words, entry, wanted) in enumerate([*FORMS, *DIRECTIONS, *NUMBERS, *SYMBOLS, *dated])]  # fmt: skip


def named(entry, name):
    """With this name at the symbol's place."""
    if isinstance(entry, dict):
        return {key: value.replace("@", name) for key, value in entry.items()}
    return [(key, value.replace("@", name)) for key, value in entry]


def check_intent(words, intent, wanted, name):
    wanted = {**USUAL, **{key: said.replace("@", name) if key == "symbol" else said for key, said in wanted.items()}}
    assert {key: intent.get(key) for key in wanted if wanted[key] is not ...} == {key: said for key, said in wanted.items() if said is not ...}, words
    assert not intent.keys() - FIELDS - wanted.keys() - {"signal_timestamp", "signal_source"}, (words, intent)


def check_result(words, intent, result):
    said = {"status": "filled", "side": intent["side"], "symbol": intent["symbol"], "decision_id": intent["decision_id"], "reason": ""}
    said["price_source"] = "intent" if "entry_price" in intent else "last"
    assert {key: result.get(key) for key in said} == said, words
    assert float(result["position_size_usd"]) == intent["position_size_usd"] and float(result["leverage"]) == intent["leverage"], words


def test_each_has_its_fate(rig):
    """What is published is filled, none of it is a dead letter, and a percentage closes nothing at once."""
    many = ["--capacity.max_open=1000", "--capacity.target_open=1000", "--capacity.max_new_per_cycle=1000"]
    table = shapes(rig.now_ms())
    assert len(table) > 90
    rig.start_paper("--capacity.max_open=1000", "--guards.global_rate_max=1000", "--paper.slippage_bps=0", EXEC_CONCURRENCY="8")
    rig.db.mset({f"{PRICE}{name}{rest}": "100" for *_, name in table for rest in ("USDT", "-USDT_PERP")})
    ids = rig.must_write(*[entry for _, entry, _, _ in table])
    factors = ["--sizing.rank_1_factor=1", "--sizing.rank_2_factor=1"]
    router = rig.start_router(*many, *factors, "--intent.maxlen=20000", PIPELINE_DIAG="true", CANDIDATE_WINDOW_SEC="0.5")
    rig.expect_drained()
    rig.expect_told_of(len(table))

    intents = {intent["signal_id"]: (id, intent) for id, fields in rig.db.xrange(INTENTS) for intent in [json.loads(fields["payload"])]}
    wait_until("a result for each", lambda: len(rig.results()) >= len(intents), context=rig.told)
    results = {result["intent_id"]: result for result in rig.results()}
    told = dict(re.findall(r"FATE id=(\S+) .*?fate=(\S+(?: reason=\S+)?)", router.text()))
    fates = {words: "published" if isinstance(wanted, dict) else wanted for words, _, wanted, _ in table}
    assert {words: told[id] for id, (words, *_) in zip(ids, table)} == fates
    for id, (words, _, wanted, name) in zip(ids, table):
        assert (id in intents) == isinstance(wanted, dict), words
        if id in intents:
            check_intent(words, intents[id][1], wanted, name)
            check_result(words, intents[id][1], results[intents[id][0]])
    assert len(results) == len(intents) and rig.dead_letters() == []
    router.expect_anywhere(r"INVALID_SIGNAL_DROP id=\S+ reason=symbol symbol=\u0392TC\w+ ")
    router.expect_anywhere(r"CLOSE_SIGNAL_DROP")
    router.expect_anywhere(r"SIGNAL_HINT id=\S+ symbol=\S+ field=size ")

    looks = rig.db.info("commandstats")["cmdstat_mget"]["calls"] + 2
    wait_until("two more looks at the prices", lambda: rig.db.info("commandstats")["cmdstat_mget"]["calls"] > looks, context=rig.told)
    assert rig.db.hlen(POSITIONS) == len(intents) and len(rig.results()) == len(intents)
