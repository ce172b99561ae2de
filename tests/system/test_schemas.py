"""Both schemas say what the programs say: of random documents, in both directions, with the few differences that a schema cannot put into words."""

import json
import os
import random
import re
import subprocess

import jsonschema
import pytest

from harness.names import DEAD_LETTERS, INTENTS
from harness.process import ROOT, clean_environment, program
from harness.rig import ROOMY
from harness.waiting import PATIENCE_SEC, wait_until

# The bounds that are configured are set as wide as a schema can say them.
OPEN = ["--window.min_confidence=0", "--sizing.max_leverage=1000", "--window.age_by=id"]
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


def validator(name):
    schema = json.loads((ROOT / f"config/{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


SIGNALS, INTENTS_SCHEMA = validator("signal"), validator("trade-intent")


@pytest.fixture
def chance():
    seed = int(os.environ.get("QUANTUM_TEST_SEED", random.randrange(1 << 32)))
    print(f"seed {seed}")
    return random.Random(seed)


def check(what, documents, *flags):
    """Of each document, whether check lets it pass."""
    text = "\n".join(json.dumps(one) for one in documents)
    done = subprocess.run([*program("quantumctl"), *OPEN, "check", what, "-", "--json", *flags], input=text.encode(), check=False,
                          capture_output=True, env=clean_environment(), timeout=PATIENCE_SEC)  # fmt: skip
    found = json.loads(done.stdout)
    assert found["checked"] == len(documents) and done.returncode == (found["broken"] > 0), done.stderr
    broken = {int(one["entry"].split()[1]) - 1 for one in found["violations"]}
    return [number not in broken for number in range(len(documents))]


# --- signals

WORDS = ["BUY", "sell", " Long ", "SHORT\t", "HOLD", "hold", "OPEN", "enter", "ENTRY", "", " ", "CLOSE", "exit", "Flat", "PARTIAL_CLOSE",
         "close_long", "CLOSE_SHORT", "PARTIAL_CLOSE_LONG", "STRONG_BUY", "BUY SELL", "BÜY", None, 1, True, [], {}]  # fmt: skip
FLAGS = [None, False, True, 0, 0.0, -0.0, 1, 0.1, "", " ", "false", " FALSE ", "False.", "0", "00", " 0.0", "-0e5", "0x0", ".0", ".", "no", "1",
         "true", [], {}]  # fmt: skip


def inside(levels):
    return {"a": inside(levels - 1)} if levels else 1


SIGNAL_VALUES = {
    "symbol": ["BTCUSDT", "btc", " eth-usd ", "A_1", "ab", "X" * 32, "X" * 33, "BTC/USD", "", None, 17, ["BTC"], "BTCÜSD"],
    "side": WORDS, "action": WORDS, "direction": WORDS, "reduce_only": FLAGS, "reduceOnly": FLAGS,
    "confidence": [0, 1, 0.75, 0.9999, -0.1, 1.01, "0.8", "1", "+.5e0", "1.", "0.9x", " 1", "nan", "", "0x1", None, True, [0.9], {}],
    "position_size_usd": [None, 1, 250.5, 1e15, 1.1e15, 0, -5, "100", "1e3", "many", "", True, [], {}, 10**18],
    "leverage": [None, 1, 2.5, 1000, 1001, 0, 0.5, "10", "1.5", "x", "", False, [], {}],
    "entry_price": [None, 1.5, 0, -1, "x", [], "50000"], "quantity": [1, "x"], "model": ["m", 7, "é" * 300], "regime": ["bull", None, 4],
    "timestamp": ["2026-01-19T12:00:03Z", "yesterday", 0, -1, None, True], "rl_gate_pass": [True, "1", "perhaps", None, []],
    "more": [1, "é", None, {"a": {"b": [1, {"c": "]}"}]}}, [[[[[[1]]]]]], [[[[[[[1]]]]]]], [[[[[[[[1]]]]]]]], [{"a": [{"a": [{"a": []}]}]}],
             [{"a": [{"a": [{"a": [[]]}]}]}], inside(7), inside(8)],
}  # fmt: skip
BASE = {"symbol": "BTCUSDT", "side": "BUY", "confidence": 0.9}


def random_signals(chance, count):
    yield from ({**BASE, name: value} for name, values in SIGNAL_VALUES.items() for value in values)
    yield from ({name: value for name, value in BASE.items() if name != left_out} for left_out in BASE)
    for _ in range(count):
        signal = dict(BASE) if chance.random() < 0.7 else {}
        for name in chance.sample(list(SIGNAL_VALUES), chance.randint(1, 5)):
            signal[name] = chance.choice(SIGNAL_VALUES[name])
        if chance.random() < 0.2:
            signal.pop("side", None)
        yield signal


def is_beyond_a_text(signal):
    """A number in a text that is out of its range: a schema sees that it is a number, and not which."""
    for name, least, most in (("confidence", 0, 1), ("position_size_usd", 1e-300, 1e15), ("leverage", 1, 1000)):
        text = signal.get(name)
        if isinstance(text, str) and NUMBER.fullmatch(text) and not least <= float(text) <= most:
            return True
    return False


def expected(signals):
    return [SIGNALS.is_valid(signal) and not is_beyond_a_text(signal) for signal in signals]


def differing(documents, said, wanted):
    return [(document, program) for document, program, schema in zip(documents, said, wanted, strict=True) if program != schema][:5]


def test_signals_as_check_reads_them(chance):
    signals = list(random_signals(chance, 3000))
    wanted = expected(signals)
    assert 200 < sum(wanted) < len(wanted) - 200
    assert not differing(signals, check("signals", signals, "--form"), wanted)


def flat(signal):
    """The same as flat fields, where it has none but texts and numbers; else nothing."""
    values = {name: value if isinstance(value, str) else json.dumps(value) for name, value in signal.items()}
    return values if all(type(value) in (str, int, float) for value in signal.values()) else None


def test_signals_as_the_router_reads_them(rig, chance):
    """Nested and flat; the symbol is of no importance, and the age is the id's."""
    signals = list(random_signals(chance, 300))
    flats = [one for one in map(flat, signals) if one]
    entries = [{"payload": json.dumps(signal)} for signal in signals] + flats
    router = rig.start_open_router(0, *OPEN, PIPELINE_DIAG="true", **ROOMY)
    ids = rig.must_write(*entries)
    wait_until("the fate of each", lambda: router.count(r"FATE id=") >= len(ids), context=router.tail)
    fates = dict(re.findall(r"FATE id=(\S+).* fate=(\w+(?: reason=\w+)?)", router.text()))
    # A size that is 0.00 to the cent is found when it is worked out, by its rank.
    said = [fates[id] == "invalid reason=size_zero" or not fates[id].startswith("invalid") for id in ids]
    assert not differing(signals + flats, said, expected(signals + flats))


# What no schema can say of a text: it is about the text and not the document, or about what happens to be configured or the time.
BEYOND = [
    ('{"symbol":"BTCUSDT","side":"BUY","confidence":0.9,"side":"BUY"}', "a name is there twice"),
    ('{"symbol":"BTCUSDT","side":"BUY","confidence":0.9,"more":99999999999999999999}', "it is no JSON"),
    ('{"symbol":"BTCUSDT","side":"BUY","confidence":0.9,"more":"\\u0000"}', "it is no JSON"),
    ('{"symbol":"BTCUSDT","side":"BUY","confidence":0.9,"more":"\\ud800"}', "it is no JSON"),
    ('{"symbol":"BTCUSDT","side":"BUY","confidence":NaN}', "its confidence is no number"),
    ('{"symbol":"BTCUSDT","side":"BUY","confidence":0.9,"more":"%s"}' % ("x" * 65536), "its document is longer"),
    ('{"symbol":"BTCUSDT","side":"BUY","confidence":0.7}', "confidence 0.7 is below 0.75"),
    ('{"symbol":"BTCUSDT","side":"BUY","confidence":0.9,"leverage":126}', "its leverage is no number"),
    ('{"symbol":"BTCUSDT","side":"BUY","confidence":0.9,"timestamp":"2026-01-19T12:00:03Z"}', "its timestamp is"),
    ('{"symbol":"BTCUSDT","side":"HOLD","confidence":0.9}', "it says HOLD"),
    ('{"symbol":"BTCUSDT","side":"EXIT","confidence":0.9}', "it means an exit"),
]  # fmt: skip


def test_what_a_signal_schema_cannot_say():
    text = "\n".join(text for text, _ in BEYOND)
    done = subprocess.run([*program("quantumctl"), "check", "signals", "-"], input=text, capture_output=True, text=True, check=False,
                          env=clean_environment(), timeout=PATIENCE_SEC)  # fmt: skip
    for (text, said), line in zip(BEYOND, done.stdout.splitlines(), strict=False):
        assert SIGNALS.is_valid(json.loads(text)) and f"the router would drop it: {said}" in line, (text[:100], line)


# --- intents

GOOD = {
    "v": 1, "symbol": "BTCUSDT", "action": "BUY", "side": "BUY", "confidence": 0.95, "score": 0.97, "rank": 1,
    "position_size_usd": 130.0, "base_size_usd": 100.0, "size_boost": 1.3, "leverage": 1,
    "timestamp": "2026-01-19T12:00:03.000Z", "source": "ai_strategy_router", "signal_id": "1768824000000-0",
    "decision_id": "d1", "cycle_id": "c1",
}  # fmt: skip
INTENT_VALUES = [None, True, 0, 1, -1, 1.5, 1e30, 1001, "", "BUY", "SELL", "HOLD", "CLOSE", "BTCUSDT", "btc", "x" * 65, "é" * 257, "1-0",
                 "2026-01-19T12:00:03.000Z", "2026-02-28T23:59:59.999Z", "2026-13-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z",
                 "2026-02-30T12:00:03.000Z", {}, [], "ai_strategy_router"]  # fmt: skip


def random_intents(chance, count):
    names = list(INTENTS_SCHEMA.schema["properties"])
    yield GOOD
    yield from ({**GOOD, name: value} for name in names for value in INTENT_VALUES)
    yield from ({key: value for key, value in GOOD.items() if key != name} for name in GOOD)
    for _ in range(count):
        yield {**GOOD, **{name: chance.choice(INTENT_VALUES) for name in chance.sample(names, chance.randint(1, 3))}}


def is_beyond_an_intent(intent):
    """Two fields that say two things, and a day that no month has."""
    return intent.get("side") != intent.get("action") or str(intent.get("timestamp")).startswith("2026-02-30")


def test_intents_as_check_reads_them(chance):
    intents = list(random_intents(chance, 2000))
    wanted = [INTENTS_SCHEMA.is_valid(intent) and not is_beyond_an_intent(intent) for intent in intents]
    assert 50 < sum(wanted) < len(wanted) - 200
    assert not differing(intents, check("intents", intents), wanted)


def test_what_passes_the_executor_reads(rig, chance):
    """It reads more than the schema allows, as older publishers write it; never less."""
    intents = list(random_intents(chance, 500))
    rig.set_open(0)
    rig.start_executor("--guards.intent_max_age_sec=1000000").expect("SAFE_DRAIN")
    rig.expect_group()
    ids = rig.must_intend(*[{"payload": json.dumps(intent)} for intent in intents])
    rig.expect_settled()
    refused = {fields["intent_id"] for fields in rig.dead_letters()}
    assert len(refused) > 100 and refused < set(ids)
    for id, intent in zip(ids, intents, strict=True):
        if id in refused:
            assert not INTENTS_SCHEMA.is_valid(intent) or is_beyond_an_intent(intent), intent
    assert rig.db.xlen(DEAD_LETTERS) == len(refused) and rig.db.xlen(INTENTS) == len(intents)
