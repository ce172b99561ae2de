"""One symbol's fault is one symbol's: whatever is wrong with its keys delays its own intents, and nobody else's."""

import json
import time

import pytest

from harness.executor import intent
from harness.names import POSITIONS, PRICE, PROCESSED, RATE_SYMBOL
from harness.waiting import soon, wait_until

MANY = ["--guards.global_rate_max=1000", "--guards.symbol_rate_max=1000", "--paper.hold_sec=1000"]
BAD = [f"BAD{n}USDT" for n in range(10)]
EXIT = "quantum:exec:exit:"
CONCURRENCY = pytest.mark.parametrize("concurrency", ["1", "4"])
SERVED_SEC = 4


def start(rig, concurrency, *flags):
    return rig.start_paper(*MANY, *flags, EXEC_CONCURRENCY=concurrency, MAX_OPEN_ORDERS="1000")


def expect_served(rig, *symbols):
    """Soon, each to the same end."""
    before = time.monotonic()
    wanted = set(symbols)
    while wanted:
        rest = soon(SERVED_SEC) - (time.monotonic() - before)
        result = wait_until(f"results for {wanted}", lambda: next_result(rig), max(rest, 0), rig.told)
        assert result["status"] in ("filled", "closed"), result
        wanted.remove(result["symbol"])


def next_result(rig):
    found = rig.db.xread({"quantum:stream:execution.result": rig.results_seen}, count=1)
    if found:
        rig.results_seen, entry = found[0][1][0]
        return entry
    return None


def break_prices(rig):
    """Each in a way of its own."""
    values = ["0", "NaN", "-1", "", "x", "1e999", "inf", "0x10"]
    for symbol, value in zip(BAD, values):
        rig.db.set(PRICE + symbol, value)
    rig.db.lpush(PRICE + BAD[8], "1")
    rig.db.hset(PRICE + BAD[9], "price", "1")


def repair(rig, keys):
    for key in keys:
        rig.db.delete(key)


@CONCURRENCY
def test_h11_bad_prices_of_ten_symbols(rig, concurrency):
    executor = start(rig, concurrency)
    rig.must_intend(*[intent(f"OLD{n}USDT") for n in range(3)], intent(BAD[0]))
    expect_served(rig, "OLD0USDT", "OLD1USDT", "OLD2USDT", BAD[0])
    break_prices(rig)
    exit = intent(BAD[0], "CLOSE")
    bad = rig.must_intend(exit, *[intent(symbol, entry_price=None) for symbol in BAD[1:] for _ in range(5)])
    executor.expect(r"SYMBOL_DELAYED BAD\dUSDT (BUY|CLOSE).* reason=the last price cannot be read retry_ms=1000 ")
    for round_ in range(3):
        rig.must_intend(intent(f"NEW{round_}USDT"), intent(f"OLD{round_}USDT", "CLOSE"))
        expect_served(rig, f"NEW{round_}USDT", f"OLD{round_}USDT")
    assert executor.count("BREAKER_OPEN") == 0 and executor.count("EXECUTION_REFUSED") == 0
    assert not {r["intent_id"] for r in rig.results()} & set(bad)
    for symbol in BAD:
        rig.db.set(PRICE + symbol, "100")  # whatever it was, in one step: without a price the next intent would be refused
    rig.expect_settled()
    ended = [r for r in rig.results() if r["intent_id"] in bad]
    assert [r["status"] for r in ended if r["symbol"] == BAD[0]] == ["closed"]
    for symbol in BAD[1:]:
        assert [r["reason"] or r["status"] for r in ended if r["symbol"] == symbol] == ["filled"] + ["symbol_open"] * 4
    assert rig.db.keys("quantum:exec:begun:*") == []


def wrong(rig, name):
    """A key of that symbol or intent, made wrong before the intent is written."""
    symbol, decision = f"{name}USDT", f"decision of {name}"
    return {
        "RATETYPE": (RATE_SYMBOL + symbol, lambda key: rig.db.lpush(key, "x")),
        "RATEVALUE": (RATE_SYMBOL + symbol, lambda key: rig.db.set(key, "1.5", ex=30)),
        "MARK": (PROCESSED + decision, lambda key: rig.db.sadd(key, "x")),
        "EXITTYPE": (EXIT + symbol, lambda key: rig.db.set(key, "x")),
        "EXITVALUE": (EXIT + symbol, lambda key: rig.db.hset(key, "BUY", "yesterday")),
    }[name]


@CONCURRENCY
def test_h12_keys_of_a_wrong_type(rig, concurrency):
    executor = start(rig, concurrency)
    names = ["RATETYPE", "RATEVALUE", "MARK", "EXITTYPE", "EXITVALUE"]
    keys = []
    for name in names:
        key, break_it = wrong(rig, name)
        break_it(key)
        keys.append(key)
    before = {key: rig.db.dump(key) for key in keys}
    bad = rig.must_intend(*[intent(f"{name}USDT", decision_id=f"decision of {name}") for name in names])
    for key in keys:
        executor.expect_anywhere(rf"SYMBOL_DELAYED .* reason=.*{key}")
    rig.must_intend(intent("AAAUSDT"), intent("BBBUSDT"))
    expect_served(rig, "AAAUSDT", "BBBUSDT")
    rig.must_intend(intent("AAAUSDT", "CLOSE"), intent("CCCUSDT"))
    expect_served(rig, "AAAUSDT", "CCCUSDT")
    assert {key: rig.db.dump(key) for key in keys} == before and rig.executors_group()["pending"] == len(bad)
    assert executor.count("EXECUTION_REFUSED") == 0
    repair(rig, keys)
    rig.expect_settled()
    assert sorted(r["intent_id"] for r in rig.results() if r["intent_id"] in bad) == bad
    assert {r["status"] for r in rig.results() if r["intent_id"] in bad} == {"filled"}


def test_h12_a_beginning_that_is_none(rig):
    """Of one intent: its symbol's exit goes before it all the same."""
    rig.start_paper(*MANY).terminate()
    bad, healthy = rig.must_intend(intent("AAAUSDT"), intent("BBBUSDT"))
    rig.db.set(f"quantum:exec:begun:{bad}", "x")
    executor = start(rig, "1")
    executor.expect(rf"SYMBOL_DELAYED AAAUSDT .*begun:{bad}")
    expect_served(rig, "BBBUSDT")
    rig.must_intend(intent("AAAUSDT", "CLOSE"))
    rig.expect_result("nothing_open", symbol="AAAUSDT")
    repair(rig, [f"quantum:exec:begun:{bad}"])
    rig.expect_result("skipped", "superseded", intent_id=bad)


def test_an_exit_waits_for_a_position_that_cannot_be_read(rig):
    """To say that nothing is open would lose it. One that can be read is closed all the same."""
    executor = start(rig, "1")
    rig.must_intend()
    rig.expect_result("filled")
    [(id, sound)] = rig.positions().items()
    rig.db.hset(POSITIONS, "2-0", '{"symbol":"BTCUSDT"}')
    rig.must_intend(action="CLOSE")
    rig.expect_result("closed", order_id=id)
    [exit] = rig.must_intend(action="CLOSE")
    executor.expect(rf"SYMBOL_DELAYED BTCUSDT CLOSE.* reason=position 2-0 in {POSITIONS} cannot be read retry_ms=1000 .*{exit}")
    rig.must_intend(intent("AAAUSDT"))
    expect_served(rig, "AAAUSDT")
    assert rig.executors_group()["pending"] == 1
    rig.db.hset(POSITIONS, "2-0", json.dumps(sound))
    rig.expect_result("closed", intent_id=exit, order_id="2-0")


def test_one_broken_symbol_does_not_fill_the_desk(rig):
    """Its intents stay pending, in their order, and are read again when the first of them has come through."""
    start(rig, "1")
    rig.db.set(PRICE + BAD[0], "0")
    bad = rig.must_intend(*[intent(BAD[0], entry_price=None) for _ in range(200)])
    rig.must_intend(intent("AAAUSDT"))
    expect_served(rig, "AAAUSDT")
    rig.must_intend(intent("AAAUSDT", "CLOSE"))
    expect_served(rig, "AAAUSDT")
    assert rig.executors_group()["pending"] == 200
    rig.db.set(PRICE + BAD[0], "100")
    rig.expect_settled()
    ended = [r for r in rig.results() if r["symbol"] == BAD[0]]
    assert [r["intent_id"] for r in ended] == bad
    assert [r["reason"] or r["status"] for r in ended] == ["filled"] + ["symbol_open"] * 199


def test_each_has_its_own_next_try(rig):
    """It comes later each time, and what is repaired is found by it."""
    executor = start(rig, "1")
    rig.db.set(PRICE + BAD[0], "0")
    [first] = rig.must_intend(intent(BAD[0], entry_price=None))
    executor.expect("SYMBOL_DELAYED BAD0USDT .* retry_ms=1000 ")
    rig.db.set(PRICE + BAD[1], "0")
    rig.must_intend(intent(BAD[1], entry_price=None))
    executor.expect("SYMBOL_DELAYED BAD1USDT .* retry_ms=1000 ")
    rig.db.set(PRICE + BAD[0], "100")
    rig.expect_result("filled", intent_id=first)
    assert executor.count("SYMBOL_DELAYED") == 2
