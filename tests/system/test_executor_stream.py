"""The stream venue: orders are handed to an adapter, and its answers are made true."""

import re

import pytest

from harness.executor import intent
from harness.names import INTENTS
from harness.options import run_program
from harness.waiting import wait_until

ORDERS = "quantum:stream:venue.order"
ANSWERS = "quantum:stream:venue.answer"
POSITIONS = "quantum:venue:positions"
EXITS = "quantum:venue:exits"
ARMED = ["--venue.kind=stream", "--venue.armed=quantum:", "--guards.global_rate_max=1000", "--guards.symbol_rate_max=1000"]


def arm(rig):
    rig.set_open(0)
    executor = rig.start_executor(*ARMED, TRADE_INTENT_SAFE_DRAIN="false")
    executor.expect("STREAM mode - orders are handed to an adapter by way of quantum:stream:venue.order")
    rig.expect_group()
    rig.orders_seen = "0"
    return rig


@pytest.fixture
def venue(rig):
    return arm(rig)


def expect_order(rig, **fields):
    found = wait_until("an order", lambda: rig.db.xread({ORDERS: rig.orders_seen}, count=1), context=rig.told)
    rig.orders_seen, order = found[0][1][0]
    assert {name: order.get(name) for name in fields} == fields, order
    return order


def answer(rig, order, status, **fields):
    rig.db.xadd(ANSWERS, {"order_id": order["order_id"], "status": status, **fields})


def expect_open(rig, count):
    wait_until(f"{count} open orders", lambda: rig.open_orders() == count, context=rig.told)
    assert rig.db.hlen(POSITIONS) == count


@pytest.mark.parametrize(
    "flags, said",
    [
        (["--venue.kind=live"], "no live exchange is built in; stream hands orders to an adapter"),
        (["--venue.kind=stream"], 'needs venue.armed = "quantum:", the prefix'),
        (["--venue.kind=stream", "--venue.armed=other:"], 'needs venue.armed = "quantum:"'),
        (["--venue.armed=quantum:"], 'is for venue.kind = "stream" alone'),
        (["--prefix=q:", "--venue.kind=stream", "--venue.armed=quantum:"], 'needs venue.armed = "q:"'),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_it_takes_two_keys_to_arm(flags, said):
    done = run_program("quantum-executor", *flags, env={"TRADE_INTENT_SAFE_DRAIN": "false"})
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr and len(done.stderr.splitlines()) == 1


def test_an_order_is_handed_over_and_takes_its_slot(venue):
    [id] = venue.must_intend(leverage=5, decision_id="d-1", stop_loss=40000)
    order = expect_order(
        venue, order_id=id, symbol="BTCUSDT", action="BUY", size_usd="130", leverage="5", decision_id="d-1",
        stop_loss="40000", entry_price="50000",
    )
    assert re.fullmatch(r"\d{4}-.*Z", order["expires_at"])
    expect_open(venue, 1)
    venue.expect_settled()
    venue.expect_no_result()
    answer(venue, order, "filled", price="50010", quantity="0.0026", fee_usd="0.05")
    venue.expect_result("filled", intent_id=id, price="50010", quantity="0.0026", fee_usd="0.05", decision_id="d-1")
    assert venue.open_orders() == 1


@pytest.mark.parametrize("status, reason", [("rejected", "insufficient margin"), ("expired", "expired")])
def test_a_slot_is_freed(venue, status, reason):
    [id] = venue.must_intend()
    more = {"reason": reason} if status == "rejected" else {}
    answer(venue, expect_order(venue), status, **more)
    venue.expect_result("rejected", reason, intent_id=id)
    expect_open(venue, 0)


def test_it_closes_on_the_exchange(venue):
    venue.must_intend(decision_id="d-1")
    order = expect_order(venue)
    answer(venue, order, "filled", price="50000")
    venue.expect_result("filled")
    answer(venue, order, "closed", price="51000", reason="take_profit")
    venue.expect_result("closed", "take_profit", intent_id="", decision_id="d-1", price="51000")
    expect_open(venue, 0)


def test_an_exit_is_handed_over_and_answered(venue):
    venue.must_intend()
    answer(venue, expect_order(venue), "filled", price="50000")
    venue.expect_result("filled")
    [id] = venue.must_intend(action="CLOSE", size=None)
    order = expect_order(venue, action="CLOSE", order_id=id)
    venue.expect_settled()
    assert venue.open_orders() == 1 and venue.db.hlen(EXITS) == 1
    answer(venue, order, "closed", price="50500", quantity="0.0026")
    venue.expect_result("closed", intent_id=id, price="50500", symbol="BTCUSDT", action="CLOSE")
    expect_open(venue, 0)
    assert venue.db.hlen(EXITS) == 0


def test_an_exit_that_is_rejected_leaves_the_position(venue):
    venue.must_intend()
    answer(venue, expect_order(venue), "filled", price="50000")
    venue.expect_result("filled")
    [id] = venue.must_intend(action="CLOSE")
    answer(venue, expect_order(venue, action="CLOSE"), "rejected", reason="market halted")
    venue.expect_result("rejected", "market halted", intent_id=id)
    expect_open(venue, 1)


def test_answers_that_fit_nothing_are_ignored(venue):
    venue.must_intend()
    order = expect_order(venue)
    answer(venue, {"order_id": "1-1"}, "filled")
    answer(venue, order, "perhaps")
    answer(venue, order, "filled", price="1")
    answer(venue, order, "rejected")
    venue.expect_result("filled")
    venue.executor.expect(r"ANSWER_IGNORED order_id=1-1 status=filled why=no such order is open")
    venue.executor.expect(r"ANSWER_IGNORED .* status=perhaps why=its status is none of")
    venue.executor.expect(r"ANSWER_IGNORED .* status=rejected why=this order was answered before")
    venue.expect_no_result()
    expect_open(venue, 1)
    pending = venue.db.xpending(ANSWERS, "quantum:group:execution:venue.answer")["pending"]
    assert pending == 0


def test_a_kill_loses_no_answer(venue):
    venue.must_intend(intent("AAAUSDT"), intent("BBBUSDT"))
    first, second = expect_order(venue), expect_order(venue)
    venue.executor.kill()
    answer(venue, first, "filled", price="1")
    answer(venue, second, "rejected")
    venue.start_executor(*ARMED, TRADE_INTENT_SAFE_DRAIN="false")
    venue.expect_result("filled")
    venue.expect_result("rejected")
    expect_open(venue, 1)


def test_the_count_is_not_made_here(rig):
    executor = rig.start_executor(*ARMED, TRADE_INTENT_SAFE_DRAIN="false")
    executor.expect("CAPACITY_UNKNOWN")
    rig.must_intend()
    wait_until("it is pending", lambda: rig.executors_group()["pending"] == 1, context=rig.told)
    assert rig.db.exists("quantum:state:open_orders", ORDERS) == 0


def test_an_adapters_stream_that_cannot_be_written_opens_the_breaker(rig):
    rig.set_open(0)
    rig.db.set(ORDERS, "x")
    executor = rig.start_executor(*ARMED, "--breaker.failures=2", "--breaker.pause_sec=0.3", TRADE_INTENT_SAFE_DRAIN="false")
    rig.expect_group()
    rig.must_intend()
    executor.expect("BREAKER_OPEN")
    assert rig.open_orders() == 0 and rig.letters() == []
    rig.db.delete(ORDERS)
    executor.expect("BREAKER_CLOSED")
    rig.expect_settled()
    assert rig.db.xlen(ORDERS) == 1 and rig.db.xlen(INTENTS) == 1
