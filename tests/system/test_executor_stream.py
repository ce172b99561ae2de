"""The stream venue: orders are handed to an adapter, and its answers are made true."""

import re

import pytest

from harness.executor import intent
from harness.names import INTENTS
from harness.options import run_program
from harness.waiting import SLOWNESS, wait_until

ORDERS = "quantum:stream:venue.order"
ANSWERS = "quantum:stream:venue.answer"
POSITIONS = "quantum:venue:positions"
EXITS = "quantum:venue:exits"
ANSWER_GROUP = "quantum:group:execution:venue.answer"
CLAIM_LATER = f"--strays.claim_idle_ms={1000 * SLOWNESS}"  # than all that has not been read
ARMED = ["--venue.kind=stream", "--venue.armed=quantum:", "--guards.global_rate_max=1000", "--guards.symbol_rate_max=1000"]


def arm(rig, *flags):
    rig.set_open(0)
    executor = rig.start_executor(*ARMED, *flags, TRADE_INTENT_SAFE_DRAIN="false")
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
    venue.expect_result("filled", price_source="adapter")
    answer(venue, order, "closed", price="51000", reason="take_profit", fee_usd="0.1")
    venue.expect_result("closed", "take_profit", intent_id="", decision_id="d-1", price="51000", side="BUY", order_id=order["order_id"],
                        entry_price="50000", position_size_usd="130", profit_usd="2.5", opened_by="d-1", price_source="adapter")  # fmt: skip
    expect_open(venue, 0)


def test_an_exit_is_handed_over_and_answered(venue):
    [opening] = venue.must_intend(decision_id="d-1")
    answer(venue, expect_order(venue), "filled", price="50000", fee_usd="0.05")
    venue.expect_result("filled")
    [id] = venue.must_intend(action="CLOSE", size=None)
    order = expect_order(venue, action="CLOSE", order_id=id)
    venue.expect_settled()
    assert venue.open_orders() == 1 and venue.db.hlen(EXITS) == 1
    answer(venue, order, "closed", price="50500", quantity="0.0026", fee_usd="0.07")
    venue.expect_result("closed", intent_id=id, price="50500", symbol="BTCUSDT", action="CLOSE", side="BUY", order_id=opening, size_usd="130",
                        entry_price="50000", profit_usd="1.18", opened_by="d-1", price_source="adapter")  # fmt: skip
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


def test_h3_an_exit_is_answered_before_the_fill(venue):
    """What is filled behind it is a real position: it keeps its slot all the while, and its intent its result."""
    [opening] = venue.must_intend()
    order = expect_order(venue)
    [exit] = venue.must_intend(action="CLOSE")
    answer(venue, expect_order(venue, action="CLOSE", closes=opening), "closed", price="1")
    venue.expect_result("closed", intent_id=exit)
    expect_open(venue, 1)
    answer(venue, order, "filled", price="50000")
    venue.expect_result("filled", intent_id=opening)
    expect_open(venue, 1)
    [exit] = venue.must_intend(action="CLOSE")
    answer(venue, expect_order(venue, action="CLOSE", closes=opening), "closed")
    result = venue.expect_result("closed", intent_id=exit, order_id=opening, price="0", price_source="unknown", entry_price="50000")
    assert "profit_usd" not in result
    expect_open(venue, 0)


@pytest.mark.parametrize("said", ["rejected", "expired"])
def test_h3_an_exit_closes_nothing_yet(venue, said):
    [opening] = venue.must_intend()
    order = expect_order(venue)
    venue.must_intend(action="CLOSE")
    answer(venue, expect_order(venue, action="CLOSE"), said, reason="nothing there")
    venue.expect_result("rejected", "nothing there")
    answer(venue, order, said, reason="cancelled")
    venue.expect_result("rejected", "cancelled", intent_id=opening)
    expect_open(venue, 0)


def test_h3_what_was_refused_is_filled_after_all(venue):
    """An adapter that gives an order up while the exchange fills it."""
    [opening] = venue.must_intend(decision_id="d-1")
    order = expect_order(venue)
    answer(venue, order, "expired")
    venue.expect_result("rejected", "expired")
    expect_open(venue, 0)
    answer(venue, order, "filled", price="50000")
    venue.expect_result("filled", "late", intent_id=opening, decision_id="d-1", symbol="BTCUSDT")
    expect_open(venue, 1)
    answer(venue, order, "closed")
    venue.expect_result("closed", intent_id="")
    answer(venue, order, "filled")
    venue.executor.expect("ANSWER_IGNORED .* status=filled why=no such order is open")
    expect_open(venue, 0)


def test_h5_what_was_refused_comes_back_with_its_exit(venue):
    """One exit is outstanding for it still; and when that was answered meanwhile, none is."""
    [opening] = venue.must_intend()
    order = expect_order(venue)
    venue.must_intend(action="CLOSE")
    closing = expect_order(venue, action="CLOSE", closes=opening)
    answer(venue, order, "expired")
    answer(venue, order, "filled")
    venue.expect_result("rejected", "expired")
    venue.expect_result("filled", "late")
    venue.must_intend(action="CLOSE")
    venue.expect_result("skipped", "exit_pending")
    answer(venue, closing, "closed")
    venue.expect_result("closed")
    expect_open(venue, 0)

    [opening] = venue.must_intend()
    order = expect_order(venue)
    venue.must_intend(action="CLOSE")
    closing = expect_order(venue, action="CLOSE", closes=opening)
    answer(venue, order, "expired")
    answer(venue, closing, "rejected")
    answer(venue, order, "filled")
    for status, reason in (("rejected", "expired"), ("rejected", ""), ("filled", "late")):
        venue.expect_result(status, reason)
    venue.must_intend(action="CLOSE")
    expect_order(venue, action="CLOSE", closes=opening)


def fill(rig, **fields):
    """A position that the adapter has told of; returns its order."""
    rig.must_intend(**fields)
    order = expect_order(rig)
    answer(rig, order, "filled", price="50000")
    rig.expect_result("filled")
    return order


def test_h5_one_exit_is_outstanding_for_a_position(venue):
    order = fill(venue)
    venue.must_intend(action="CLOSE")
    first = expect_order(venue, action="CLOSE", closes=order["order_id"])
    [second] = venue.must_intend(action="CLOSE")
    venue.expect_result("skipped", "exit_pending", intent_id=second)
    venue.executor.expect("EXIT_PENDING_SKIP BTCUSDT CLOSE")
    answer(venue, order, "closed", reason="stop_loss")
    venue.expect_result("closed", "stop_loss", intent_id="")
    later = fill(venue)
    answer(venue, first, "closed")
    venue.expect_result("closed", intent_id=first["order_id"])
    expect_open(venue, 1)  # what was opened behind the exit is not what it closes
    venue.must_intend(action="CLOSE")
    expect_order(venue, action="CLOSE", closes=later["order_id"])
    assert venue.db.xlen(ORDERS) == 4


def test_h5_an_exit_that_was_rejected_leaves_room_for_another(venue):
    order = fill(venue)
    venue.must_intend(action="CLOSE")
    answer(venue, expect_order(venue, action="CLOSE"), "rejected", reason="market halted")
    venue.expect_result("rejected", "market halted")
    venue.must_intend(action="CLOSE")
    answer(venue, expect_order(venue, action="CLOSE", closes=order["order_id"]), "closed")
    venue.expect_result("closed")
    expect_open(venue, 0)


def test_h5_an_exit_that_nobody_answers_is_in_the_way_until_it_expires(rig):
    arm(rig, "--guards.exit_max_age_sec=2")
    order = fill(rig)
    rig.must_intend(action="CLOSE")
    lost = expect_order(rig, action="CLOSE", closes=order["order_id"])

    def is_handed_over():
        rig.must_intend(action="CLOSE")
        rig.expect_settled()
        return rig.db.xlen(ORDERS) == 3

    wait_until("another exit", is_handed_over, context=rig.told)
    another = expect_order(rig, action="CLOSE", closes=order["order_id"])
    answer(rig, lost, "rejected")
    answer(rig, another, "closed")
    wait_until("it is closed", lambda: rig.open_orders() == 0, context=rig.told)
    assert rig.db.hlen(EXITS) == 0


def test_an_exit_waits_for_what_cannot_be_read_beside_one_that_is_leaving(venue):
    fill(venue)
    venue.must_intend(action="CLOSE")
    expect_order(venue, action="CLOSE")
    venue.db.hset(POSITIONS, "2-0", '{"symbol":"BTCUSDT"}')
    [second] = venue.must_intend(action="CLOSE")
    venue.executor.expect(rf"SYMBOL_DELAYED BTCUSDT CLOSE.* reason=position 2-0 in {POSITIONS} cannot be read")
    venue.db.hdel(POSITIONS, "2-0")
    venue.expect_result("skipped", "exit_pending", intent_id=second)


def refused(rig, how, undo, said):
    """An answer that Redis refuses for a while, with others behind it."""
    rig.must_intend(intent("AAAUSDT"), intent("BBBUSDT"))
    first, second = expect_order(rig), expect_order(rig)
    how()
    answer(rig, first, "filled", price="1")
    rig.executor.expect("EXECUTION_REFUSED.*" + said)
    answer(rig, second, "rejected")
    undo()
    rig.expect_result("filled", symbol="AAAUSDT")
    rig.expect_result("rejected", symbol="BBBUSDT")
    rig.executor.expect("EXECUTION_ACCEPTED")
    expect_open(rig, 1)


def test_h4_what_redis_refused_once_is_tried_again(venue):
    """The key is of a wrong type for a while: as good as being out of memory, but that the adapter can write."""

    def repair():
        venue.db.delete(EXITS)

    refused(venue, lambda: venue.db.set(EXITS, "x"), repair, "WRONGTYPE|is a string")


def test_h4_a_read_that_redis_refused_is_tried_again(venue):
    """What is looked up is refused: not the answer's fault."""
    user = ["ACL", "SETUSER", "default"]
    refused(
        venue,
        lambda: venue.db.execute_command(*user, "-hget"),
        lambda: venue.db.execute_command(*user, "+hget"),
        "NOPERM",
    )


def test_h4_out_of_memory(venue):
    venue.must_intend(intent("AAAUSDT"), intent("BBBUSDT"))
    first, second = expect_order(venue), expect_order(venue)
    pipe = venue.db.pipeline(transaction=True)
    pipe.xadd(ANSWERS, {"order_id": first["order_id"], "status": "filled", "price": "1"})
    pipe.xadd(ANSWERS, {"order_id": second["order_id"], "status": "rejected"})
    pipe.config_set("maxmemory", "1")
    pipe.execute()
    venue.executor.expect("EXECUTION_REFUSED.*OOM")
    venue.db.config_set("maxmemory", "0")
    venue.expect_result("filled", symbol="AAAUSDT")
    venue.expect_result("rejected", symbol="BBBUSDT")
    expect_open(venue, 1)


def test_h14_answers_of_a_dead_consumer_are_claimed(rig):
    arm(rig, "--strays.claim_idle_ms=200")
    rig.must_intend()
    order = expect_order(rig)
    rig.executor.kill()
    answer(rig, order, "filled", price="1")
    assert rig.db.xreadgroup(ANSWER_GROUP, "somebody", {ANSWERS: ">"})
    rig.start_executor(*ARMED, "--strays.claim_idle_ms=200", TRADE_INTENT_SAFE_DRAIN="false")
    rig.expect_result("filled")
    expect_open(rig, 1)
    assert rig.db.xpending(ANSWERS, ANSWER_GROUP)["pending"] == 0


def test_h14_a_claimed_answer_counts_where_it_stands(rig):
    """An exit's answer that was lost with its reader comes after the fill behind it: that is open all the same."""
    arm(rig, CLAIM_LATER)
    [opening] = rig.must_intend()
    order = expect_order(rig)
    [exit] = rig.must_intend(action="CLOSE")
    closing = expect_order(rig, action="CLOSE")
    rig.executor.kill()
    answer(rig, closing, "closed")
    assert rig.db.xreadgroup(ANSWER_GROUP, "somebody", {ANSWERS: ">"})
    answer(rig, order, "filled", price="1")
    rig.start_executor(*ARMED, CLAIM_LATER, TRADE_INTENT_SAFE_DRAIN="false")
    rig.expect_result("filled", intent_id=opening)
    rig.expect_result("closed", intent_id=exit)
    expect_open(rig, 1)


def test_h14_a_claimed_fill_counts_where_it_stands(rig):
    """The other way about: what the exit behind it has closed does not open when it is read at last."""
    arm(rig, CLAIM_LATER)
    [opening] = rig.must_intend()
    order = expect_order(rig)
    [exit] = rig.must_intend(action="CLOSE")
    closing = expect_order(rig, action="CLOSE")
    rig.executor.kill()
    answer(rig, order, "filled", price="1")
    assert rig.db.xreadgroup(ANSWER_GROUP, "somebody", {ANSWERS: ">"})
    answer(rig, closing, "closed")
    rig.start_executor(*ARMED, CLAIM_LATER, TRADE_INTENT_SAFE_DRAIN="false")
    rig.expect_result("closed", intent_id=exit)
    assert rig.open_orders() == 1
    rig.expect_result("filled", intent_id=opening)
    expect_open(rig, 0)


def test_h19_answers_are_trimmed_behind_what_is_settled(venue):
    """What another has in hand is not settled, nor what is behind it."""
    venue.executor.kill()
    pipe = venue.db.pipeline()
    for number in range(600):
        pipe.xadd(ANSWERS, {"order_id": f"1-{number}", "status": "filled"})
    ids = pipe.execute()
    venue.db.xgroup_create(ANSWERS, "other", "0")
    held = venue.db.xreadgroup(ANSWER_GROUP, "somebody", {ANSWERS: ">"}, count=300)[0][1]
    venue.db.xack(ANSWERS, ANSWER_GROUP, *[id for id, _ in held[:-1]])
    arm(venue)
    wait_until(
        "all but one are settled",
        lambda: (group := answers_group(venue))["pending"] == 1 and group["last-delivered-id"] == ids[-1],
        context=venue.told,
    )
    assert venue.db.xrange(ANSWERS, ids[299], ids[299]) and 301 <= venue.db.xlen(ANSWERS) <= 450
    venue.db.xack(ANSWERS, ANSWER_GROUP, ids[299])
    answer(venue, {"order_id": "1-1"}, "filled")
    wait_until("they are trimmed", lambda: venue.db.xlen(ANSWERS) <= 150, context=venue.told)


def answers_group(rig):
    return next(group for group in rig.db.xinfo_groups(ANSWERS) if group["name"] == ANSWER_GROUP)


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
    pending = venue.db.xpending(ANSWERS, ANSWER_GROUP)["pending"]
    assert pending == 0


def test_answers_that_were_trimmed_while_they_were_pending(rig):
    """Before the executor comes for them: it goes on with those that are there."""
    arm(rig)
    rig.must_intend()
    order = expect_order(rig)
    rig.executor.kill()
    answer(rig, order, "rejected")
    assert rig.db.xreadgroup(ANSWER_GROUP, "quantum_executor", {ANSWERS: ">"})
    rig.db.xtrim(ANSWERS, maxlen=0)
    answer(rig, order, "filled")
    rig.start_executor(*ARMED, TRADE_INTENT_SAFE_DRAIN="false")
    rig.executor.expect("ANSWER_IGNORED order_id= status= why=it was trimmed before it was read")
    rig.expect_result("filled")
    expect_open(rig, 1)


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


# --- the breaker: an adapter's stream that cannot be written to is a venue that does not answer


def start_broken(rig, *flags, **env):
    rig.set_open(0)
    rig.db.set(ORDERS, "x")
    executor = rig.start_executor(*ARMED, *flags, TRADE_INTENT_SAFE_DRAIN="false", **env)
    rig.expect_group()
    return executor


def test_the_breaker_opens_probes_and_closes(rig):
    executor = start_broken(rig, "--breaker.failures=3", "--breaker.pause_sec=0.3", EXEC_CONCURRENCY="3")
    rig.must_intend(intent("AAAUSDT"), intent("BBBUSDT"))
    executor.expect("BREAKER_OPEN")
    executor.expect("BREAKER_HALF_OPEN")
    executor.expect("BREAKER_OPEN")
    assert rig.open_orders() == 0 and rig.dead_letters() == []
    rig.db.delete(ORDERS)
    executor.expect("BREAKER_CLOSED")
    rig.expect_settled()
    assert rig.db.xlen(ORDERS) == 2 and rig.db.xlen(INTENTS) == 2
    assert rig.db.keys("quantum:exec:begun:*") == []


def test_what_is_given_up_says_nothing_about_the_venue(rig):
    executor = start_broken(rig, "--breaker.failures=1", "--breaker.pause_sec=0.3")
    [id] = rig.must_intend(intent("AAAUSDT"))
    executor.expect("BREAKER_OPEN")
    rig.db.hset(f"quantum:exec:begun:{id}", "count", 50)
    rig.expect_result("rejected", "begun_too_often", intent_id=id)
    assert executor.count("BREAKER_CLOSED") == 0
    rig.db.delete(ORDERS)
    rig.must_intend(intent("BBBUSDT"))
    executor.expect("BREAKER_CLOSED")
    rig.expect_settled()
    assert rig.db.xlen(ORDERS) == 1


def test_a_probe_that_the_guards_end_says_nothing_about_the_venue(rig):
    executor = start_broken(rig, "--breaker.failures=1", "--breaker.pause_sec=0.5")
    [id] = rig.must_intend(intent("AAAUSDT", decision_id="told twice"))
    executor.expect("BREAKER_OPEN")
    rig.db.set("quantum:exec:processed:told twice", "another")
    rig.expect_result("skipped", "duplicate", intent_id=id)
    assert executor.count("BREAKER_CLOSED") == 0
    rig.db.delete(ORDERS)
    rig.must_intend(intent("BBBUSDT"))
    executor.expect("BREAKER_CLOSED")


def test_entries_stay_in_the_stream_while_the_breaker_is_open(rig):
    executor = start_broken(rig, "--breaker.failures=1", "--breaker.pause_sec=60")
    rig.must_intend(intent("AAAUSDT"))
    executor.expect("BREAKER_OPEN")
    rig.must_intend(*[intent(f"S{n}USDT") for n in range(100)])
    wait_until("it reads no more", lambda: rig.executors_group()["lag"] >= 80, context=rig.told)
    assert rig.executors_group()["pending"] <= 20

