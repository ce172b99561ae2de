"""What is held changes between a look and its commit, while no count does."""

import pytest
from harness.executor import intent
from harness.names import EXECUTORS, HELD, INTENTS, OPEN_ORDERS
from harness.signals import signal
from harness.waiting import wait_until
from stage import PATIENT
from test_late_commit import hold_a_commit


def hold_one(stage):
    """One order is open, of SOLUSDT; a commit for another symbol is on its way, whose name is returned, too."""
    stage.strict(max_open=100, target=100, burst=100)  # not all is published
    proxy = stage.proxy()
    router = stage.lead("a", proxy, *PATIENT)
    stage.finish_intents()
    pipe = stage.db.pipeline(transaction=True)
    pipe.hset(HELD, "SOLUSDT", "BUY")
    pipe.set(OPEN_ORDERS, 1)
    pipe.execute()
    stage.works()
    stage.finish_intents()
    router.forget()
    hold, _, [uid] = hold_a_commit(stage, proxy)
    return proxy, router, hold, uid, f"COIN{uid[4:]}"


def answers(proxy, hold, count):
    """What Redis says from here on, to so many commits at least."""
    seen = len(proxy.answers_to("commit"))
    hold.release()
    wait_until("the answers", lambda: len(proxy.answers_to("commit")) >= seen + count)
    return proxy.answers_to("commit")[seen:]


def close_one_and_open(stage, symbol):
    pipe = stage.db.pipeline(transaction=True)
    pipe.hdel(HELD, "SOLUSDT")
    pipe.hset(HELD, symbol, "SELL")
    pipe.execute()


def expect_decided_again(stage, proxy, router, hold, uid):
    """And not published."""
    moved, done = answers(proxy, hold, 2)
    assert b"moved" in moved and b"positions" in moved, moved
    assert b"done" in done, done
    router.expect("CYCLE .* opposite_held=1 ")
    stage.expect_drained()
    assert uid not in stage.published()


def test_its_symbol_came_to_be_held(stage):
    """One closed and this one opened: decided again, and not published."""
    stage.count_in_flight()
    proxy, router, hold, uid, symbol = hold_one(stage)
    close_one_and_open(stage, symbol)
    expect_decided_again(stage, proxy, router, hold, uid)


def test_another_symbol_came_to_be_held(stage):
    stage.count_in_flight()
    proxy, _, hold, uid, _ = hold_one(stage)
    close_one_and_open(stage, "XRPUSDT")
    [done] = answers(proxy, hold, 1)
    assert b"done" in done, done
    stage.expect_published(uid)


def finish_one_and_intend(stage, symbol):
    """Somebody else's intent comes in the moment in which another one ends: as many are in flight as before."""
    [[_, [[id, _]]]] = stage.db.xreadgroup(EXECUTORS, "one", {INTENTS: ">"})
    pipe = stage.db.pipeline(transaction=True)
    pipe.xack(INTENTS, EXECUTORS, id)
    pipe.xadd(INTENTS, intent(symbol, "SELL"))
    pipe.execute()


def hold_one_beside_another(stage):
    """Somebody else's intent is in flight, of XRPUSDT."""
    stage.strict(max_open=100, target=100, burst=100)
    stage.count_in_flight()
    proxy = stage.proxy()
    router = stage.lead("a", proxy, *PATIENT)
    stage.finish_intents()
    stage.must_intend(intent("XRPUSDT"))
    router.forget()
    hold, _, [uid] = hold_a_commit(stage, proxy)
    return proxy, router, hold, uid, f"COIN{uid[4:]}"


def test_its_symbol_came_to_be_in_flight(stage):
    """By another publisher: decided again, and not published."""
    proxy, router, hold, uid, symbol = hold_one_beside_another(stage)
    finish_one_and_intend(stage, f" {symbol.lower()} ")
    expect_decided_again(stage, proxy, router, hold, uid)


def test_another_symbol_came_to_be_in_flight(stage):
    proxy, _, hold, uid, _ = hold_one_beside_another(stage)
    finish_one_and_intend(stage, "SOLUSDT")
    [done] = answers(proxy, hold, 1)
    assert b"done" in done, done
    stage.expect_published(uid)


@pytest.mark.parametrize(
    "rule, flag, side, refused",
    [("adds", "--positions.same_side=add", "BUY", "opposite_held"), ("passes", "--positions.opposite_side=pass", "SELL", "symbol_held")],
)
def test_what_may_be_opened_in_a_held_symbol(stage, rule, flag, side, refused):
    """It is BUY, and a signal for either side comes at one moment."""
    stage.strict(max_open=100, target=100, burst=100)
    setattr(stage.rules, rule, True)
    router = stage.lead("a", None, flag)
    stage.db.hset(HELD, "SOLUSDT", "BUY")
    stage.set_open(1)
    stage.works()
    router.forget()
    stage.must_write(*(signal("SOLUSDT", word, "0.95", correlation_id=word) for word in ("BUY", "SELL")))
    stage.expect_published(side)
    router.expect(f"CYCLE .* published=1 .* {refused}=1 ")
    stage.expect_drained()
    assert len(stage.published()) == 3
