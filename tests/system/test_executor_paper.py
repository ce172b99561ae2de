"""The paper venue: fills, exits, and positions that close by themselves."""

import calendar
import json
import re
import time

import pytest

from harness.executor import intent
from harness.ledger import id_of
from harness.names import POSITIONS, PRICE, RESULTS
from harness.waiting import wait_until

MANY = ["--guards.global_rate_max=1000", "--guards.symbol_rate_max=1000"]


def test_slippage_and_fee_move_against_us(rig):
    rig.start_paper(*MANY, "--paper.slippage_bps=10", "--paper.fee_pct=0.04")
    rig.must_intend(intent(entry_price=100, size=1000), intent("ETHUSDT", "SELL", entry_price=100, size=1000))
    buy = rig.expect_result("filled", price="100.1", fee_usd="0.4", size_usd="1000")
    rig.expect_result("filled", price="99.9")
    assert abs(float(buy["quantity"]) - 1000 / 100.1) < 1e-6


def test_a_position_is_all_there_in_redis(rig):
    rig.start_paper(*MANY)
    [id] = rig.must_intend(leverage=5, stop_loss=40000, take_profit=60000, decision_id="d-1", quantity=0.5)
    rig.expect_result("filled", quantity="0.5")
    [(position_id, position)] = rig.positions().items()
    assert position_id == id
    expected = {"symbol": "BTCUSDT", "side": "BUY", "size_usd": 130, "leverage": 5, "quantity": 0.5}
    expected |= {"stop_loss": 40000, "take_profit": 60000, "decision_id": "d-1"}
    assert {name: position[name] for name in expected} == expected
    assert position["closes_ms"] - position["opened_ms"] == 900_000


def test_it_closes_when_its_time_is_over(rig):
    executor = rig.start_paper(*MANY, "--paper.hold_sec=1.2", "--paper.slippage_bps=0")
    rig.must_intend(decision_id="d-1", entry_price=100)
    rig.expect_result("filled")
    rig.db.set(PRICE + "BTCUSDT", "110")
    rig.expect_result("closed", "hold_time", intent_id="", decision_id="d-1", price="110")
    executor.expect(r"CLOSED BTCUSDT BUY \$130\.00 reason=hold_time price=110 fee=0\.0572 profit=12\.8908 open=0")
    rig.expect_consistent()
    assert rig.open_orders() == 0


FIRST = "intent_id signal_id decision_id symbol action status reason price quantity size_usd fee_usd ts"
OPENED = f"{FIRST} side timestamp order_id entry_price position_size_usd leverage price_source"
CLOSED = OPENED.replace("price_source", "profit_usd opened_by price_source")


def expect_told(rig, names, status, reason="", **fields):
    """The next result: these fields in this order, and its time in both forms."""
    result = rig.expect_result(status, reason, **fields)
    assert list(result) == names.split(), result
    assert re.fullmatch(r"[0-9]{10}", result["ts"])
    seconds, rest = result["timestamp"].split(".")
    assert calendar.timegm(time.strptime(seconds, "%Y-%m-%dT%H:%M:%S")) == int(result["ts"]) and re.fullmatch(r"\d{3}Z", rest)
    return result


def test_what_a_result_tells(rig):
    rig.start_paper(*MANY, "--paper.slippage_bps=0", "--paper.fee_pct=0.1")
    [id] = rig.must_intend(intent(entry_price=100, decision_id="d-1", leverage=5))
    expect_told(rig, OPENED, "filled", side="BUY", order_id=id, price="100", entry_price="100", position_size_usd="130", fee_usd="0.13",
                leverage="5", price_source="intent")  # fmt: skip
    rig.must_intend(intent(action="SELL", decision_id="d-2"), intent("ETHUSDT", "CLOSE"), intent())
    expect_told(rig, f"{FIRST} timestamp", "nothing_open")  # an exit comes first
    expect_told(rig, f"{FIRST} side timestamp", "rejected", "opposite_open", side="SELL", action="SELL")
    expect_told(rig, f"{FIRST} side timestamp", "rejected", "symbol_open")
    rig.db.set(PRICE + "BTCUSDT", "110")
    [exit] = rig.must_intend(intent(action="CLOSE", decision_id="d-3", size=None, leverage=7))
    expect_told(rig, CLOSED, "closed", intent_id=exit, decision_id="d-3", side="BUY", order_id=id, price="110", entry_price="100", quantity="1.3",
                position_size_usd="130", size_usd="130", fee_usd="0.143", leverage="5", profit_usd="12.727", opened_by="d-1",
                price_source="last")  # fmt: skip
    rig.must_intend(intent("ETHUSDT", "SELL", entry_price=None))
    expect_told(rig, f"{FIRST} side timestamp", "rejected", "no_price")
    rig.db.set(PRICE + "ETHUSDT", "50")
    rig.must_intend(intent("ETHUSDT", "SELL", entry_price=None))
    expect_told(rig, OPENED, "filled", side="SELL", price="50", price_source="last")


OLD = '{"symbol":"%s","side":"BUY","handed_over":false,"size_usd":130.0,"quantity":1.3,"price":%s,"leverage":2.0,"fee_usd":0.13,' \
      '"stop_loss":0.0,"take_profit":0.0,"opened_ms":1,"closes_ms":%s,"decision_id":"d-%s","signal_id":"s-1"}'  # fmt: skip


def test_positions_of_an_older_version_are_closed(rig):
    """By an exit, by their time, and without a price; what is not known of one is left out."""
    rig.db.hset(POSITIONS, mapping={f"7-{n}": OLD % (f"S{n}USDT", price, closes_ms, n)
                                    for n, price, closes_ms in ((1, "100.0", 0), (2, "100.0", 2), (3, "0.0", 0), (4, "100.0", 0))})  # fmt: skip
    rig.db.mset({PRICE + "S1USDT": "90", PRICE + "S3USDT": "90"})
    rig.start_paper(*MANY, "--paper.slippage_bps=0", "--paper.fee_pct=0.1")
    expect_told(rig, CLOSED.replace("profit_usd ", ""), "closed", "hold_time", intent_id="", decision_id="d-2", order_id="7-2", opened_by="d-2",
                price="0", price_source="unknown", entry_price="100")  # fmt: skip
    rig.must_intend(*[intent(f"S{n}USDT", "CLOSE", entry_price=price) for n, price in ((1, None), (3, None), (4, 120.5))])
    expect_told(rig, CLOSED, "closed", order_id="7-1", opened_by="d-1", profit_usd="-13.247", price_source="last", leverage="2")
    expect_told(rig, CLOSED.replace("profit_usd ", "").replace("entry_price ", ""), "closed", order_id="7-3", price="90", price_source="last")
    expect_told(rig, CLOSED, "closed", order_id="7-4", price="120.5", price_source="intent")
    rig.expect_consistent()


def test_a_percentage_is_no_level(rig):
    """Nor is a target that the fill has reached: the position is there, without it, until something closes it."""
    rig.start_paper(*MANY, "--paper.hold_sec=1.5")
    rig.db.mset({PRICE + "BTCUSDT": "60000", PRICE + "ETHUSDT": "3000"})
    rig.must_intend(intent(entry_price=60000, take_profit=2.5, stop_loss=1.5), intent("ETHUSDT", "SELL", entry_price=3000, take_profit=2.5, stop_loss=1.5))
    for _ in range(2):
        rig.expect_result("filled")
    levels = {p["symbol"]: (p["stop_loss"], p["take_profit"]) for p in rig.positions().values()}
    assert levels == {"BTCUSDT": (1.5, 0), "ETHUSDT": (0, 2.5)}
    for _ in range(2):
        rig.expect_result("closed", "hold_time")


@pytest.mark.parametrize(
    "action, price, reason",
    [
        ("BUY", "89", "stop_loss"),
        ("BUY", "121", "take_profit"),
        ("SELL", "121", "stop_loss"),
        ("SELL", "89", "take_profit"),
    ],
)
def test_stop_and_target(rig, action, price, reason):
    rig.start_paper(*MANY)
    stop, target = (90, 120) if action == "BUY" else (120, 90)
    rig.db.set(PRICE + "BTCUSDT", "100")
    rig.must_intend(action=action, entry_price=100, stop_loss=stop, take_profit=target)
    rig.expect_result("filled")
    rig.db.set(PRICE + "BTCUSDT", price)
    rig.expect_result("closed", reason)
    assert rig.open_orders() == 0


def test_a_restart_goes_on_with_them(rig):
    executor = rig.start_paper(*MANY, "--paper.hold_sec=1")
    rig.must_intend()
    rig.expect_result("filled")
    executor.kill()
    assert rig.open_orders() == 1
    rig.start_paper(*MANY)
    rig.expect_result("closed", "hold_time")
    assert rig.open_orders() == 0


ODD = {
    "size_usd": [1e308, -1, "1", None],
    "price": [1e308, 1e-300, -1],
    "quantity": [1e300],
    "fee_usd": [1e300, True],
    "side": ["buy", 7, None],
    "symbol": ["S" * 100, 7, {}],
    "closes_ms": [1.5, "0", None, 2**63 - 1, -(2**63)],
    "opened_ms": [-(2**63), 2**63 - 1],
    "decision_id": ["d" * 200, []],
}


def odd_positions(sound):
    """A sound one with one thing that is odd, and what is none at all."""
    for name, values in ODD.items():
        for value in values:
            yield json.dumps({**sound, name: value})
    yield from ("", "x", "[]", "null", "[" * 5000, '{"symbol":"BTCUSDT"}', "\0", "x" * 100_000)


def test_odd_positions_and_prices_are_in_nobodys_way(rig):
    executor = rig.start_paper(*MANY, "--capacity.max_open=1000")
    rig.must_intend(intent(entry_price=100, stop_loss=90))
    rig.expect_result("filled")
    [(_, sound)] = rig.positions().items()
    odd = {f"9-{number}": text for number, text in enumerate(odd_positions(sound))}
    stopped = {f"8-{n}": json.dumps({**sound, "symbol": f"{n}USDT", "closes_ms": 0}) for n in range(6)}
    rig.db.hset(POSITIONS, mapping={**odd, "x" * 100: "y", **stopped})
    for number, price in enumerate(["1e308", "nan", "-1", "0", "", "1e15"]):
        rig.db.set(f"{PRICE}{number}USDT", price)
    rig.db.rpush(PRICE + "LISTUSDT", "1")
    rig.db.set(PRICE + "BTCUSDT", "80")
    rig.expect_result("closed", "stop_loss", symbol="BTCUSDT")
    for number in range(6):
        rig.db.set(f"{PRICE}{number}USDT", "80")
        rig.expect_result("closed", "stop_loss", symbol=f"{number}USDT")
    wait_until("only odd ones are left", lambda: set(rig.db.hkeys(POSITIONS)) == {*odd, "x" * 100}, context=rig.told)
    executor.expect("CLOSED")
    rig.expect_consistent()


def test_prices_that_may_not_be_read_are_told(rig):
    executor = rig.start_paper(*MANY, "--paper.hold_sec=1")
    rig.must_intend()
    rig.expect_result("filled")
    rig.db.execute_command("ACL", "SETUSER", "default", "-mget")
    executor.expect("EXECUTION_REFUSED.*mget")
    rig.expect_result("closed", "hold_time")
    executor.expect("EXECUTION_ACCEPTED")


def test_latency(rig):
    executor = rig.start_paper(*MANY, "--paper.latency_ms=200")
    rig.must_intend()
    rig.expect_result("filled")
    executor.expect("FILLED")
    [id] = rig.positions()
    assert rig.positions()[id]["opened_ms"] - int(id.split("-")[0]) >= 190


def test_an_exit_closes_all_of_its_symbol(rig):
    rig.start_paper(*MANY, "--guards.symbol_policy=add", "--paper.slippage_bps=0")
    rig.must_intend(intent(entry_price=100), intent(entry_price=200), intent("ETHUSDT"))
    for _ in range(3):
        rig.expect_result("filled")
    rig.db.set(PRICE + "BTCUSDT", "150")
    [id] = rig.must_intend(action="CLOSE", size=None)
    rig.expect_result("closed", intent_id=id, price="150", size_usd="260")
    assert [p["symbol"] for p in rig.positions().values()] == ["ETHUSDT"]
    rig.expect_consistent()


def test_a_position_that_cannot_be_read_is_left_alone(rig):
    rig.db.hset("quantum:paper:positions", "1-0", "rubbish")
    rig.db.hset("quantum:paper:positions", "2-0", '{"symbol":"BTCUSDT"}')
    rig.start_paper(*MANY, "--paper.hold_sec=0.1").expect("CAPACITY_INIT open=2")
    rig.must_intend(intent(), intent("ETHUSDT"))
    rig.expect_result("rejected", "symbol_open")
    rig.expect_result("filled")
    rig.expect_result("closed", "hold_time")
    assert rig.open_orders() == 2


# --- how often a handling may begin


def test_a_handling_that_never_ends_is_a_dead_letter(rig):
    rig.start_paper(*MANY).terminate()
    [id] = rig.must_intend()
    for count in ("1", "2", "3", "4", "5"):
        executor = rig.start_paper(*MANY, "--paper.latency_ms=60000", "--guards.begun_max=5")
        wait_until(
            "its handling is begun",
            lambda: rig.db.hget(f"quantum:exec:begun:{id}", "count") == count,
            context=rig.told,
        )
        executor.kill()
    executor = rig.start_paper(*MANY, "--guards.begun_max=5")
    rig.expect_result("rejected", "begun_too_often", intent_id=id)
    executor.expect(rf"DEAD_LETTER intent_id={id} reason=begun_too_often count=6 last_error=it was cut short$")
    [dead_letter] = rig.dead_letters()
    assert (dead_letter["count"], dead_letter["last_error"], dead_letter["reason"]) == ("6", "it was cut short", "begun_too_often")
    assert "BTCUSDT" in dead_letter["payload"]
    rig.expect_settled()
    assert rig.open_orders() == 0


def expect_begun(rig, id, count):
    key = f"quantum:exec:begun:{id}"
    wait_until(f"its handling has begun {count} times", lambda: rig.db.hget(key, "count") == str(count), context=rig.told)


def test_a_clean_stop_is_not_held_against_an_intent(rig):
    rig.start_paper(*MANY).terminate()
    [id] = rig.must_intend()
    for _ in range(7):
        executor = rig.start_paper(*MANY, "--paper.latency_ms=60000")
        expect_begun(rig, id, 1)
        executor.terminate()
        expect_begun(rig, id, 0)  # it was sent, and Redis may be a moment behind
    rig.start_paper(*MANY)
    rig.expect_result("filled", intent_id=id)


def counted(rig):
    """How often a beginning was counted, or taken back, over all intents."""
    return rig.db.info("commandstats").get("cmdstat_hincrby", {"calls": 0})["calls"]


@pytest.mark.parametrize("action", ["BUY", "CLOSE"])
def test_what_redis_refuses_is_not_held_against_an_intent(rig, action):
    """The beginning is counted before the settling script is refused: it is taken back, or an exit would be given up."""
    executor = rig.start_paper(*MANY, "--guards.begun_max=1")
    rig.must_intend(intent("ETHUSDT"))
    rig.expect_result("filled")
    rig.db.rename(RESULTS, "aside")
    rig.db.set(RESULTS, "x")
    [id] = rig.must_intend(intent("ETHUSDT" if action == "CLOSE" else "BTCUSDT", action))
    executor.expect(f"EXECUTION_REFUSED .*{RESULTS}")
    wait_until("it was begun again", lambda: counted(rig) >= 6, context=rig.told)
    rig.db.rename("aside", RESULTS)
    rig.expect_result("closed" if action == "CLOSE" else "filled", intent_id=id)
    assert rig.dead_letters() == [] and rig.db.keys("quantum:exec:begun:*") == []


def test_memory_that_runs_out_is_not_held_against_an_intent(rig):
    executor = rig.start_paper(*MANY, "--guards.begun_max=1", "--paper.latency_ms=500")
    [id] = rig.must_intend()
    begun = f"quantum:exec:begun:{id}"
    wait_until("its handling is begun", lambda: rig.db.hget(begun, "count") == "1", context=rig.told)
    rig.db.config_set("maxmemory", "1")
    executor.expect("EXECUTION_REFUSED .*OOM")
    rig.db.config_set("maxmemory", "0")
    rig.expect_result("filled", intent_id=id)


def test_an_exit_on_paper_asks_for_no_key_of_the_adapters(rig):
    rig.db.set("quantum:venue:exits", "x")
    rig.start_paper(*MANY)
    rig.must_intend()
    rig.expect_result("filled")
    rig.must_intend(action="CLOSE")
    rig.expect_result("closed")


# --- concurrency


def filled_within_ms(rig, *symbols):
    """From the first of their fills to the last, by Redis' clock."""
    rig.must_intend(*[intent(symbol) for symbol in symbols])
    at_ms = []
    for _ in symbols:
        rig.expect_result("filled")
        at_ms.append(id_of(rig.results_seen)[0])
    return at_ms[-1] - at_ms[0]


def test_so_many_at_once_and_one_per_symbol(rig):
    flags = [*MANY, "--paper.latency_ms=300", "--guards.symbol_policy=add"]
    rig.start_paper(*flags, EXEC_CONCURRENCY="4")
    assert filled_within_ms(rig, "AAAUSDT", "BBBUSDT", "CCCUSDT", "DDDUSDT") < 600
    assert filled_within_ms(rig, *["SAMEUSDT"] * 4) > 600


def test_what_is_invalid_does_not_wait_for_its_symbol(rig):
    rig.start_paper(*MANY, "--paper.latency_ms=60000", EXEC_CONCURRENCY="2")
    [id] = rig.must_intend()
    wait_until("it has begun", lambda: rig.db.exists(f"quantum:exec:begun:{id}"), context=rig.told)
    rig.must_intend(intent(leverage=-1))
    rig.expect_result("rejected", "invalid_leverage", symbol="BTCUSDT")
    assert len(rig.dead_letters()) == 1 and rig.executors_group()["pending"] == 1


def test_never_stuck_at_the_limit(rig):
    rig.start_paper(*MANY, "--paper.latency_ms=5", EXEC_CONCURRENCY="3", MAX_OPEN_ORDERS="1000000")
    rig.must_intend(*[intent(f"S{n}USDT") for n in range(200)])
    rig.expect_settled()
    assert len(rig.results()) == 200 and rig.open_orders() == 200
    rig.expect_consistent()
