"""What is held: the executor keeps quantum:state:positions beside the count of open orders, and both are one truth at every
moment, whatever happens to it, to Redis, or to the key."""

import json
import random
import time

import pytest

from harness.executor import intent
from harness.held import HeldWatch, check_held, read_held
from harness.names import HELD, OPEN_ORDERS, POSITIONS, PRICE
from harness.waiting import FULL, SLOWNESS, wait_until
from test_executor_kill import Publisher
from test_executor_stream import POSITIONS as AT_VENUE, answer, arm, expect_order

MANY = ["--guards.global_rate_max=100000", "--guards.symbol_rate_max=100000", "--guards.begun_max=1000"]
LONG = ["--paper.hold_sec=1000"]

# As 0.1.0 wrote them.
OLD = {"symbol": "BTCUSDT", "side": "BUY", "handed_over": False, "size_usd": 130.0, "quantity": 0.0026, "price": 50000.0, "leverage": 1.0,
       "fee_usd": 0.05, "stop_loss": 0.0, "take_profit": 0.0, "opened_ms": 1, "closes_ms": 0, "decision_id": "d-0", "signal_id": "s-0"}  # fmt: skip


def old(symbol, side="BUY"):
    return json.dumps({**OLD, "symbol": symbol, "side": side})


def expect_held(rig, positions=POSITIONS, **held):
    """Of each symbol what is held, and nothing else."""
    wait_until(f"held: {held}", lambda: rig.db.hgetall(HELD) == held, context=lambda: f"; {rig.db.hgetall(HELD)}{rig.told()}")
    assert check_held(rig.db, positions) == held


def start(rig, *flags, **env):
    """And until then nobody has looked."""
    executor = rig.start_paper(*MANY, *flags, **env)
    wait_until("the count of open orders", lambda: rig.open_orders() is not None, context=rig.told)
    return executor


# --- what happens to positions


def test_it_opens_and_closes(rig):
    start(rig, *LONG)
    with HeldWatch(rig, POSITIONS) as watch:
        rig.must_intend(intent("BTCUSDT"), intent("ETHUSDT", "SELL"), intent("BTCUSDT", "SELL"))
        rig.expect_settled()
        expect_held(rig, BTCUSDT="BUY", ETHUSDT="SELL")
        rig.must_intend(intent("BTCUSDT", "CLOSE"))
        expect_held(rig, ETHUSDT="SELL")
        rig.must_intend(intent("ETHUSDT", "CLOSE"))
        expect_held(rig)
    assert not rig.db.exists(HELD) and rig.open_orders() == 0
    assert watch.looks > 10 and watch.seen == {("BTCUSDT", "BUY"), ("ETHUSDT", "SELL")}


def test_it_closes_by_itself(rig):
    start(rig, "--paper.hold_sec=0.3")
    with HeldWatch(rig, POSITIONS) as watch:
        rig.must_intend(*[intent(f"C{n}USDT") for n in range(8)])
        rig.expect_settled()
        expect_held(rig)
    assert len(watch.seen) == 8


def test_several_of_a_symbol(rig):
    start(rig, *LONG, "--guards.symbol_policy=add")
    with HeldWatch(rig, POSITIONS):
        rig.must_intend(*[intent("BTCUSDT", "SELL") for _ in range(3)])
        expect_held(rig, BTCUSDT="SELL 3")
        rig.must_intend(intent("BTCUSDT", "CLOSE"))
        expect_held(rig)


def test_orders_that_were_handed_over(rig):
    venue = arm(rig, *MANY)
    with HeldWatch(venue, AT_VENUE):
        venue.must_intend(intent("BTCUSDT"))
        first = expect_order(venue)
        expect_held(venue, AT_VENUE, BTCUSDT="BUY")
        venue.must_intend(intent("ETHUSDT", "SELL"))
        second = expect_order(venue)
        expect_held(venue, AT_VENUE, BTCUSDT="BUY", ETHUSDT="SELL")
        answer(venue, first, "filled", price="50000")
        answer(venue, second, "rejected", reason="no margin")
        expect_held(venue, AT_VENUE, BTCUSDT="BUY")
        answer(venue, second, "filled", price="3000")
        expect_held(venue, AT_VENUE, BTCUSDT="BUY", ETHUSDT="SELL")
        answer(venue, second, "closed", price="3000")
        expect_held(venue, AT_VENUE, BTCUSDT="BUY")
        venue.must_intend(intent("BTCUSDT", "CLOSE"))
        exit = expect_order(venue, action="CLOSE")
        expect_held(venue, AT_VENUE, BTCUSDT="BUY")
        answer(venue, exit, "closed", price="50000")
        expect_held(venue, AT_VENUE)


def test_in_safe_drain_it_is_not_ours(rig):
    rig.set_open(2)
    rig.db.hset(HELD, mapping={"BTCUSDT": "BUY 2", "X": "y"})
    before = rig.db.hgetall(HELD)
    rig.start_executor().expect("SAFE_DRAIN mode ENABLED")
    rig.must_intend(intent("ETHUSDT"), intent("BTCUSDT", "CLOSE"))
    rig.expect_settled()
    assert rig.db.hgetall(HELD) == before and rig.open_orders() == 2


# --- whatever happens to the executor and to Redis


def test_killed_at_any_moment(rig):
    chance = random.Random(3)
    flags = [*MANY, "--paper.hold_sec=0.5", f"--strays.claim_idle_ms={200 * SLOWNESS}"]
    start(rig, *flags)
    with HeldWatch(rig, POSITIONS) as watch, Publisher(rig, 0.002 * SLOWNESS):
        for _ in range(8 if not FULL else 60):
            time.sleep(chance.uniform(0.05, 0.4) * SLOWNESS)
            rig.executor.kill()
            rig.start_paper(*flags)
        wait_until("much was held, and looked at", lambda: len(watch.seen) > 5 and watch.looks > 100, context=rig.told)
    rig.expect_settled()
    expect_held(rig)


def test_everything_is_gone(rig):
    start(rig, *LONG)
    rig.must_intend(intent("BTCUSDT"), intent("ETHUSDT"))
    expect_held(rig, BTCUSDT="BUY", ETHUSDT="BUY")
    rig.db.flushall()
    rig.executor.expect("CAPACITY_UNKNOWN")
    assert not rig.db.exists(HELD, OPEN_ORDERS)
    rig.expect_group()
    rig.set_open(0)
    rig.executor.expect("CAPACITY_OK")
    rig.must_intend(intent("SOLUSDT"))
    expect_held(rig, SOLUSDT="BUY")


def test_what_lay_there_before(rig):
    """An older version's positions, a count, and a hash that a follower left, with garbage in it, to end soon."""
    rig.db.hset(POSITIONS, mapping={"1-0": old("BTCUSDT"), "2-0": old("ETHUSDT", "SELL"), "3-0": old("ETHUSDT", "SELL")})
    rig.set_open(3)
    rig.db.hset(HELD, mapping={"XRPUSDT": "BUY", "BTCUSDT": "SELL 7", "no symbol": "\n", **{f"S{n}": "BUY" for n in range(20_000)}})
    rig.db.expire(HELD, 100)
    start(rig)
    expect_held(rig, BTCUSDT="BUY", ETHUSDT="SELL 2")
    assert rig.db.ttl(HELD) == -1
    rig.must_intend(intent("ETHUSDT", "CLOSE"))
    expect_held(rig, BTCUSDT="BUY")


def test_what_somebody_put_there_heals(rig):
    start(rig, *LONG)
    rig.must_intend(intent("BTCUSDT"))
    expect_held(rig, BTCUSDT="BUY")
    rig.db.hset(HELD, mapping={"BTCUSDT": "SELL", "ETHUSDT": "BUY"})
    rig.must_intend(intent("SOLUSDT"))
    expect_held(rig, BTCUSDT="BUY", SOLUSDT="BUY")


# --- it cannot be kept


def trades_on(rig, count):
    """One opens and closes; returns the open orders."""
    rig.must_intend(intent("AAAUSDT"))
    rig.expect_result("filled")
    assert rig.open_orders() == count + 1
    rig.must_intend(intent("AAAUSDT", "CLOSE"))
    rig.expect_result("closed")
    assert rig.open_orders() == count and rig.executor.count("EXECUTION_REFUSED") == 0


def test_a_wrong_type_before_it_comes(rig):
    rig.db.set(HELD, "x")
    executor = start(rig, *LONG)
    executor.expect(f"POSITIONS_NOT_KEPT key={HELD} reason={HELD} is a string, not a hash → trading goes on")
    trades_on(rig, 0)
    rig.db.client_kill_filter(skipme=True)
    executor.expect("REDIS_BACK")
    trades_on(rig, 0)
    executor.expect_count("POSITIONS_NOT_KEPT", 1)
    assert rig.db.get(HELD) == "x"
    rig.must_intend(intent("BTCUSDT"))
    rig.expect_result("filled")
    rig.db.delete(HELD)
    rig.db.client_kill_filter(skipme=True)
    executor.expect("REDIS_BACK")
    expect_held(rig, BTCUSDT="BUY")


@pytest.mark.parametrize("concurrency", ["1", "4"])
def test_a_wrong_type_while_it_runs(rig, concurrency):
    executor = start(rig, *LONG, EXEC_CONCURRENCY=concurrency)
    rig.must_intend(intent("BTCUSDT"), intent("ETHUSDT"))
    expect_held(rig, BTCUSDT="BUY", ETHUSDT="BUY")
    for _ in range(2):
        rig.expect_result("filled")
    rig.db.delete(HELD)
    rig.db.lpush(HELD, "x")
    trades_on(rig, 2)
    rig.must_intend(*[intent(f"B{n}USDT") for n in range(4)])
    rig.expect_settled()
    executor.expect_count("POSITIONS_NOT_KEPT", 1)
    assert rig.db.lrange(HELD, 0, -1) == ["x"] and rig.open_orders() == 6


def test_a_wrong_type_when_a_position_closes_by_itself(rig):
    executor = start(rig, *LONG)
    rig.must_intend(intent("BTCUSDT", take_profit=60000))
    expect_held(rig, BTCUSDT="BUY")
    rig.db.delete(HELD)
    rig.db.sadd(HELD, "x")
    rig.db.set(PRICE + "BTCUSDT", "61000")
    executor.expect("POSITIONS_NOT_KEPT")
    executor.expect("CLOSED BTCUSDT")
    assert rig.open_orders() == 0 and executor.count("EXECUTION_REFUSED") == 0


def test_a_wrong_type_when_an_adapter_answers(rig):
    venue = arm(rig)
    venue.must_intend(intent("BTCUSDT"))
    order = expect_order(venue)
    rig.db.delete(HELD)
    rig.db.set(HELD, "x")
    answer(venue, order, "filled", price="50000")
    venue.expect_result("filled")
    answer(venue, order, "closed", price="50000")
    venue.expect_result("closed", intent_id="")
    venue.executor.expect_count("POSITIONS_NOT_KEPT", 1)
    assert rig.open_orders() == 0 and venue.executor.count("EXECUTION_REFUSED") == 0


# --- positions that cannot be read


def unreadable_told(id, positions, count=1):
    return rf"POSITION_UNREADABLE count={count} position={id} in={positions} → it keeps its slot"


def test_unreadable_ones_are_told_on_arriving(rig):
    """Each is counted, and has no symbol: so the sum is not the count, and nobody believes the hash."""
    rig.db.hset(POSITIONS, mapping={"1-0": old("BTCUSDT"), "2-0": "x", "3-0": json.dumps({"symbol": "ETHUSDT"})})
    executor = start(rig)
    executor.expect(unreadable_told("[23]-0", POSITIONS, 2))
    assert rig.open_orders() == 3
    assert read_held(rig.db, POSITIONS)[:2] == ["3", {"BTCUSDT": "BUY"}]


def test_an_exit_beside_an_unreadable_one(rig):
    """What can be read is closed; the other keeps its slot, and that is told once."""
    executor = start(rig, *LONG)
    rig.must_intend(intent("BTCUSDT"))
    expect_held(rig, BTCUSDT="BUY")
    rig.db.hset(POSITIONS, "2-0", json.dumps({"symbol": "BTCUSDT", "side": "BUY"}))
    [exit] = rig.must_intend(intent("BTCUSDT", "CLOSE"))
    executor.expect(unreadable_told("2-0", POSITIONS))
    executor.expect(f"CLOSED BTCUSDT CLOSE.* open=1 intent_id={exit}")
    assert rig.db.hkeys(POSITIONS) == ["2-0"] and rig.open_orders() == 1
    executor.expect_count("POSITION_UNREADABLE", 1)


def test_an_adapter_closes_what_became_unreadable(rig):
    """The exit goes, or no answer behind it would be read. The position stays: nobody knows whether it was open before this
    answer. It keeps its slot until somebody looks at it."""
    venue = arm(rig, *MANY)
    [id] = venue.must_intend(intent("BTCUSDT"))
    answer(venue, expect_order(venue), "filled", price="50000")
    venue.expect_result("filled")
    [exit] = venue.must_intend(intent("BTCUSDT", "CLOSE"))
    order = expect_order(venue, action="CLOSE", closes=id)
    sound = venue.db.hget(AT_VENUE, id)
    venue.db.hset(AT_VENUE, id, "x")
    answer(venue, order, "closed", price="50500")
    venue.expect_result("closed", intent_id=exit)
    venue.executor.expect(unreadable_told(id, AT_VENUE))
    assert venue.db.hgetall(AT_VENUE) == {id: "x"} and venue.open_orders() == 1 and not venue.db.exists("quantum:venue:exits")
    assert not venue.db.exists(HELD)
    venue.must_intend(intent("ETHUSDT"))
    answer(venue, expect_order(venue, symbol="ETHUSDT"), "filled", price="3000")
    venue.expect_result("filled")
    venue.db.hset(AT_VENUE, id, sound)
    answer(venue, {"order_id": id}, "closed", price="50500")
    venue.expect_result("closed", intent_id="")
    expect_held(venue, AT_VENUE, ETHUSDT="BUY")
