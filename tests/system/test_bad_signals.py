"""Whatever a producer writes: the good signal beside it is published, and nothing stays pending."""

import json
import re
import subprocess

import pytest

from harness.names import CONSUMER, GROUP, SIGNALS
from harness.signals import document, signal

FORGED = "\n2026-01-19 12:00:03 [INFO] 🚀 Trade Intent published: FORGED BUY id=1-1"


def payload(text):
    return {"payload": text}


def with_value(name, text):
    """A good payload in which this field holds this JSON text."""
    inside = json.dumps({"symbol": "BADUSDT", "side": "BUY", "confidence": 0.99, name: "@"})
    return payload(inside.replace('"@"', text))


def flat(**fields):
    return signal(**{"symbol": "BADUSDT", "confidence": 0.99, **fields})


BAD = {
    "empty payload": (payload(""), "not_json"),
    "not json": (payload("hello"), "not_json"),
    "half json": (payload('{"symbol": "BADUSDT", "side"'), "not_json"),
    "two documents": (payload('{"symbol": "BADUSDT"} {}'), "not_json"),
    "array": (payload("[1, 2]"), "not_an_object"),
    "text": (payload('"BUY"'), "not_json|not_an_object"),
    "null": (payload("null"), "not_json|not_an_object"),
    "100,000 deep": (payload('{"a":' * 100_000), "value_too_long"),
    "30,000 deep": (payload("[" * 30_000), "too_deep"),
    "9 deep": (with_value("x", "[" * 8 + "]" * 8), "too_deep"),
    "duplicate keys": (with_value("symbol", '"BADUSDT", "symbol": "BADUSDT"'), "duplicate_key"),
    "duplicate inner keys": (with_value("x", '{"a": 1, "a": 2}'), "duplicate_key"),
    "\\u0000 in a value": (with_value("symbol", '"BAD\\u0000USDT"'), "not_json|symbol"),
    "\\u0000 in a key": (payload('{"symbol": "BADUSDT", "x\\u0000": 1}'), "not_json"),
    "NUL byte": (payload('{"symbol": "BADUSDT"}\0'), "not_json"),
    "not utf-8": (payload(b'{"symbol": "BAD\xff\xfe", "confidence": 0.99}'), "not_json"),
    "lone surrogate": (with_value("symbol", '"\\ud800"'), "not_json"),
    "3 MB payload": (with_value("x", '"' + "x" * 3_000_000 + '"'), "value_too_long"),
    "3 MB of blanks": (payload(" " * 3_000_000), "value_too_long"),
    "5 kB flat value": (flat(reason="x" * 5000), "value_too_long"),
    "3,000 fields": ({**flat(), **{f"f{n}": "1" for n in range(2997)}}, "too_many_fields"),
    "65 fields": ({**flat(), **{f"f{n}": "1" for n in range(62)}}, "too_many_fields"),
    "long name": (flat(**{"n" * 65: "1"}), "field_name_too_long"),
    "duplicate fields": (
        [*flat().items(), ("symbol", "BADUSDT")],
        "duplicate_field",
    ),
    "confidence NaN": (with_value("confidence", "NaN"), "confidence"),
    "confidence Infinity": (with_value("confidence", "Infinity"), "confidence"),
    "size NaN": (with_value("position_size_usd", "NaN"), "position_size_usd"),
    "leverage -Infinity": (with_value("leverage", "-Infinity"), "leverage"),
    "nan": (with_value("x", "nan"), "not_json"),
    "confidence 1e999": (with_value("confidence", "1e999"), "not_json"),
    "confidence 'nan'": (with_value("confidence", '"nan"'), "confidence"),
    "confidence '0x1'": (with_value("confidence", '"0x1"'), "confidence"),
    "confidence '1e999'": (with_value("confidence", '"1e999"'), "confidence"),
    "confidence true": (with_value("confidence", "true"), "confidence"),
    "confidence ''": (with_value("confidence", '""'), "confidence"),
    "confidence 95": (with_value("confidence", "95"), "confidence"),
    "confidence -0.1": (with_value("confidence", "-0.1"), "confidence"),
    "confidence null": (with_value("confidence", "null"), "confidence"),
    "confidence list": (with_value("confidence", "[0.99]"), "confidence"),
    "flat NaN": (flat(confidence="NaN"), "confidence"),
    "flat inf": (flat(confidence="inf"), "confidence"),
    "flat 1e999": (flat(confidence="1e999"), "confidence"),
    "flat 0x1": (flat(confidence="0x1"), "confidence"),
    "flat empty": (flat(confidence=""), "confidence"),
    "flat blank": (flat(confidence=" 0.99"), "confidence"),
    "flat comma": (flat(confidence="0,99"), "confidence"),
    "flat trailing": (flat(confidence="0.99x"), "confidence"),
    "no confidence": ({"symbol": "BADUSDT", "side": "BUY"}, "confidence"),
    "no symbol": ({"side": "BUY", "confidence": "0.99"}, "symbol"),
    "symbol with a newline": (flat(symbol="BAD\nUSDT"), "symbol"),
    "symbol forges a line": (flat(symbol="BTCUSDT" + FORGED), "symbol"),
    "symbol of two letters": (flat(symbol="AB"), "symbol"),
    "symbol of 33 letters": (flat(symbol="A" * 33), "symbol"),
    "symbol is a number": (with_value("symbol", "1000"), "symbol"),
    "no side": ({"symbol": "BADUSDT", "confidence": "0.99"}, "side"),
    "side forges a line": (flat(side="BUY" + FORGED), "side"),
    "size 0": (flat(position_size_usd="0"), "position_size_usd"),
    "size beyond all trade": (flat(position_size_usd="1.1e15"), "position_size_usd"),
    "size 1e999": (flat(position_size_usd="1e999"), "position_size_usd"),
    "size rounds to nothing": (flat(position_size_usd="0.001"), "size_zero"),
    "leverage 0.5": (flat(leverage="0.5"), "leverage"),
    "leverage 126": (flat(leverage="126"), "leverage"),
    "5 kB correlation id": (flat(correlation_id="line\r\n" * 850), "value_too_long"),
    "no fields that we know": ({"hello": "world"}, "symbol"),
}  # fmt: skip


@pytest.fixture(scope="module")
def fed_router():
    """One router that gets all of it, one after the other."""
    from harness.rig import Rig

    with Rig() as rig:
        rig.redis.start()
        rig.start_open_router(0, PIPELINE_DIAG="true", CANDIDATE_WINDOW_SEC="0.05")
        rig.batches = 0
        yield rig
        rig.expect_tally(published=rig.batches, invalid=rig.batches)
        assert not rig.router.count(r"FORGED")


@pytest.mark.parametrize("name", BAD)
def test_bad_signal(fed_router, name):
    rig = fed_router
    entry, reason = BAD[name]
    rig.batches += 1
    [bad, good] = rig.must_write(entry, signal(f"GOOD{rig.batches}", "BUY", 0.80))
    rig.expect_intent(f"GOOD{rig.batches}", 130.0, signal_id=good)
    rig.router.expect_anywhere(rf"FATE id={bad} .*fate=invalid reason=({reason})$")
    rig.expect_pending(0)


EXITS = [
    {"action": "CLOSE"},
    {"action": "exit", "side": "LONG"},
    {"side": "BUY", "direction": "FLAT"},
    {"side": "BUY", "reduce_only": "true"},
    {"side": "BUY", "action": "HOLD", "reduceOnly": "1"},
    {"side": "BUY", "action": "CLOSE_SHORT"},
    {"side": "SELL", "action": "PARTIAL_CLOSE"},
]


def test_no_exit_is_published(rig):
    """However it says that it is one, whatever it says beside that."""
    router = rig.start_open_router(0)
    forms = [lambda **m: signal("BADUSDT", **{"side": "BUY", **m}),
             *(lambda form=form, **m: document("BADUSDT", form=form, **{"side": "BUY", **m}) for form in ("payload", "data"))]
    rig.must_write(*[form(**members) for members in EXITS for form in forms],
                   document("BADUSDT", "BUY", reduce_only=True), document("BADUSDT", "BUY", reduceOnly={"yes": 1}),
                   document("BADUSDT", "LONG", action="HOLD"), document("BADUSDT", "BUY", action="SELL"),
                   document("GOODUSDT", "LONG", 0.80, action="OPEN", direction="buy", reduce_only=False))  # fmt: skip
    rig.expect_intent("GOODUSDT", 130.0)
    rig.expect_tally(published=1, close=len(EXITS) * 3 + 2, hold=1, invalid=1)
    router.expect_anywhere("CLOSE_SIGNAL_DROP")
    rig.expect_drained()


def test_what_is_wrong_with_a_number_that_is_carried_spoils_nothing(rig):
    router = rig.start_open_router(0)
    odd = '{"symbol":"GOODUSDT","side":"BUY","confidence":0.8,"position_size_usd":12500,"stop_loss":NaN,"take_profit":-1,' \
          '"entry_price":1e308,"quantity":1,"trail_percent":-2,"rl_gate_pass":Infinity,"features":[NaN,{"rsi":-Infinity}]}'  # fmt: skip
    rig.must_write(payload(odd))
    intent = rig.expect_intent("GOODUSDT", 10000.0, base_size_usd=10000.0, size_boost=1.0, trail_percent=-2)
    assert not intent.keys() & {"stop_loss", "take_profit", "entry_price", "quantity"}
    router.expect(r"SIZE_CLAMP rank=1 size=\$13000\.00→\$10000\.00$")


def test_a_size_under_another_name_is_told_once(rig):
    router = rig.start_open_router(0)
    rig.must_write(document("AAAUSDT", size=25), document("BBBUSDT", "BUY", 0.94, amount=25, position_size_usd=50))
    rig.expect_intent("AAAUSDT", 130.0)
    rig.expect_intent("BBBUSDT", 55.0)
    rig.must_write(signal("CCCUSDT", "BUY", 0.93, notional=25))
    rig.expect_intent("CCCUSDT", 130.0)
    router.expect_count(r"\[WARNING\] SIGNAL_HINT id=\d+-\d+ symbol=AAAUSDT field=size → no position_size_usd: the default", 1)
    assert router.count("SIGNAL_HINT") == 1


def test_an_inner_id_that_names_many_symbols_is_no_decisions(rig):
    """Its first three keep it, and one of them is published; beside the document it is meant."""
    router = rig.start_open_router(0, MAX_OPEN_ORDERS="50", TARGET_OPEN_ORDERS="50", MAX_NEW_PER_CYCLE="50")
    batch = {"correlation_id": "batch-7"}
    ids = rig.must_write(*[document(f"AAA{n}USDT", "BUY", 0.95 - n / 100, trace_id=None if n < 6 else f"t{n}", **batch)
                           for n in range(8)])  # fmt: skip
    published = [rig.expect_intent(f"AAA{n}USDT") for n in (0, 3, 4, 5, 6, 7)]
    assert [intent["decision_id"] for intent in published[1:]] == [*ids[3:6], "t6", "t7"]
    rig.expect_tally(published=6, duplicate=2)
    router.expect(rf"\[WARNING\] SIGNAL_HINT id={ids[3]} symbol=AAA3USDT field=correlation_id value='?batch-7'? symbols=4 → .* beside")
    rig.must_write(*[document(f"BBB{n}USDT", "BUY", 0.95, beside={"correlation_id": "c"}) for n in range(5)])
    rig.expect_tally(published=7, duplicate=6)
    assert router.count("SIGNAL_HINT") == 1


def test_log_names_each_reason(rig):
    router = rig.start_open_router(0)
    one_each = {reason: entry for entry, reason in BAD.values() if "|" not in reason}
    ids = rig.must_write(*one_each.values(), signal("GOODUSDT", "BUY", 0.80))
    rig.expect_intent("GOODUSDT")
    for reason, entry_id in zip(one_each, ids):
        router.expect_anywhere(rf"\[WARNING\] INVALID_SIGNAL_DROP id={entry_id} reason={reason} symbol=.* value=.*$")
    rig.expect_tally(published=1, invalid=len(one_each))
    rig.expect_drained()


def test_flood_of_one_reason_is_counted_not_listed(rig):
    router = rig.start_open_router(0)
    rig.must_write(*[flat(confidence="x")] * 50, signal("GOODUSDT", "BUY", 0.80))
    rig.expect_intent("GOODUSDT")
    rig.expect_tally(published=1, invalid=50)
    assert 1 <= router.count("INVALID_SIGNAL_DROP") <= 10


def test_twenty_payloads_of_3_mb_in_one_read(rig):
    rig.set_open(0)
    big, _ = BAD["3 MB payload"]
    rig.must_write(*[big] * 20, signal("GOODUSDT", "BUY", 0.80), *[big] * 3)
    router = rig.start_router(CANDIDATE_WINDOW_SEC="0.3")
    rig.expect_intent("GOODUSDT")
    rig.expect_tally(published=1, invalid=23)
    rig.expect_drained()
    rig.must_xadd("NEXTUSDT")
    rig.expect_intent("NEXTUSDT")
    router.expect("INVALID_SIGNAL_DROP .*reason=value_too_long")


def test_long_decision_id_with_line_breaks(rig):
    """Within the bounds of a field: published under its hash, and carried as it came."""
    long_id = ("line" + FORGED + "\r\n") * 45
    assert 3000 < len(long_id.encode()) <= 4096
    router = rig.start_open_router(0)
    rig.must_xadd("BTCUSDT", "BUY", 0.95, correlation_id=long_id)
    intent = rig.expect_intent("BTCUSDT")
    assert intent["decision_id"].isalnum() and len(intent["decision_id"]) <= 128
    assert intent["entry"]["correlation_id"] == long_id
    rig.must_write(
        signal("BTCUSDT", "BUY", 0.95, correlation_id=long_id),
        signal("ETHUSDT", "BUY", 0.90, correlation_id="0\r\n[INFO] FORGED"),
    )
    rig.expect_intent("ETHUSDT")
    router.expect(f"DUPLICATE_SKIP BTCUSDT BUY key={intent['decision_id']}$")
    rig.expect_drained()
    assert not router.count("FORGED")


def test_trace_ids_are_carried_as_they_came_if_they_are_utf_8(rig):
    """A consumer that decodes what it reads could read nothing of the stream any more; the signal is good."""
    rig.start_open_router(0)
    rig.must_xadd("BTCUSDT", "BUY", 0.95, trace_id="t\0é\n".encode(), correlation_id=b"caf\xe9")
    intent = rig.expect_intent("BTCUSDT")  # decoded
    assert intent["entry"]["trace_id"] == "t\0é\n" and "correlation_id" not in intent["entry"]
    assert re.fullmatch(r"[0-9a-f]{64}", intent["decision_id"])
    # What is left out names the decision all the same.
    rig.must_xadd("ETHUSDT", "BUY", 0.95, trace_id=b"\xff\x00\xfe", correlation_id=b"caf\xe9")
    rig.expect_tally(published=1, duplicate=1)
    rig.expect_pending(0)


def test_low_confidence_hides_other_faults(rig):
    """A confidence below the gate is reason enough; nothing else is looked at."""
    rig.start_open_router(0)
    rig.must_write(
        {"confidence": "0.5"},
        document("AB", "SIDEWAYS", 0.1, leverage=-1),
        signal("ADAUSDT", "HOLD", 0.2),
        signal("EDGE", "BUY", 0.75),
    )
    rig.expect_intent("EDGE")
    rig.expect_tally(published=1, low_confidence=3)


def test_pending_entries_that_were_deleted(rig):
    rig.set_open(0)
    rig.db.xgroup_create(SIGNALS, GROUP, id="0", mkstream=True)
    ids = rig.must_write(*[signal(f"COIN{n}") for n in range(5)])
    rig.db.xreadgroup(GROUP, CONSUMER, {SIGNALS: ">"})
    rig.db.xdel(SIGNALS, *ids[:4])
    router = rig.start_router()
    rig.expect_intent("COIN4")
    router.expect_anywhere("ENTRIES_LOST count=4")
    rig.expect_pending(0)
    rig.expect_tally(published=1)


COMMA_LOCALE = """
LC_CTYPE
copy "POSIX"
END LC_CTYPE
LC_NUMERIC
decimal_point ","
thousands_sep "."
grouping 3;3
END LC_NUMERIC
""" + "".join(
    f'LC_{name}\ncopy "POSIX"\nEND LC_{name}\n'
    for name in ("COLLATE", "TIME", "MONETARY", "MESSAGES")
)


def make_comma_locale(folder):
    """A locale that writes 1,5, whatever the system has installed."""
    (folder / "comma").write_text(COMMA_LOCALE)
    command = ["localedef", "-c", "-i", folder / "comma", "-f", "UTF-8", folder / "de_DE.UTF-8"]
    subprocess.run(command, check=False, capture_output=True)
    env = {name: "de_DE.UTF-8" for name in ("LANG", "LC_ALL", "LC_NUMERIC")}
    env["LOCPATH"] = str(folder)
    command = ["bash", "-c", "printf %.1f 1"]
    shown = subprocess.run(command, env=env, capture_output=True, check=True)
    assert shown.stdout == b"1,0"
    # newlocale(), which libconfig calls, does not free its copy of $LOCPATH.
    (folder / "glibc.supp").write_text("leak:argz_add_sep\n")
    env["LSAN_OPTIONS"] = f"suppressions={folder}/glibc.supp:print_suppressions=0"
    return env


def test_locale_with_decimal_commas(rig):
    # Valgrind would tell of the leak in glibc too.
    router = rig.start_open_router(0, bare=True, **make_comma_locale(rig.folder), MIN_CONFIDENCE="0.8")
    rig.must_write(
        signal("AAA", "BUY", "0.95", position_size_usd="12.5", entry_price="1.25"),
        document("BBB", "BUY", 0.925, position_size_usd=12.5, entry_price=0.5),
        signal("CCC", "BUY", "0,99"),
    )
    first = rig.expect_intent("AAA", 16.25, confidence=0.95, entry_price=1.25)
    assert '"confidence":0.95,' in first["entry"]["payload"]
    rig.expect_intent("BBB", 13.75, confidence=0.925, entry_price=0.5)
    router.expect(r"top=\[AAA BUY 0\.950, BBB BUY 0\.925\]")
    rig.expect_tally(published=2, invalid=1)
