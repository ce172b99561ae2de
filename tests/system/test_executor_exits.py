"""An exit ends the openings of its symbol that were published before it, wherever they wait."""

import pytest

from harness.executor import intent
from harness.names import EXECUTORS, INTENTS, SAFE_MODE
from harness.waiting import wait_until

MANY = ["--guards.global_rate_max=1000", "--strays.claim_idle_ms=100"]


def hold(rig, executor):
    rig.db.set(SAFE_MODE, "1")
    executor.expect("SAFE_MODE:")


def release(rig, executor):
    rig.db.delete(SAFE_MODE)
    executor.expect("SAFE_MODE_CLEARED")


def expect_only(rig, *statuses):
    rig.expect_settled()
    assert [(r["action"], r["status"], r["reason"]) for r in rig.results()] == list(statuses), rig.told()
    assert rig.positions() == {} and rig.open_orders() == 0


@pytest.mark.parametrize("action", ["BUY", "SELL"])
def test_h22_an_opening_that_was_held(rig, action):
    executor = rig.start_paper(*MANY)
    hold(rig, executor)
    [opening] = rig.must_intend(action=action)
    wait_until("it is held", lambda: rig.executors_group()["pending"] == 1, context=rig.told)
    rig.must_intend(action="CLOSE")
    rig.expect_result("nothing_open")
    release(rig, executor)
    rig.expect_result("skipped", "superseded", intent_id=opening)
    executor.expect_anywhere(rf"SUPERSEDED_SKIP BTCUSDT {action} .* intent_id={opening} ")
    expect_only(rig, ("CLOSE", "nothing_open", ""), (action, "skipped", "superseded"))


def test_h22_an_exit_that_closed_something_ends_what_was_held_too(rig):
    executor = rig.start_paper(*MANY, "--guards.symbol_rate_max=100")
    rig.must_intend()
    rig.expect_result("filled")
    hold(rig, executor)
    [opening] = rig.must_intend()
    wait_until("it is held", lambda: rig.executors_group()["pending"] == 1, context=rig.told)
    rig.must_intend(action="CLOSE")
    rig.expect_result("closed")
    release(rig, executor)
    rig.expect_result("skipped", "superseded", intent_id=opening)
    expect_only(rig, ("BUY", "filled", ""), ("CLOSE", "closed", ""), ("BUY", "skipped", "superseded"))


@pytest.mark.parametrize(("exit", "side"), [("CLOSE_LONG", "BUY"), ("CLOSE_SHORT", "SELL")])
def test_h22_what_is_held_ends_while_it_is_held(rig, exit, side):
    """An exit of one side ends the openings of that side alone, a plain one those of both."""
    executor = rig.start_paper("--guards.global_rate_max=1000", "--strays.claim_idle_ms=60000")
    hold(rig, executor)
    opposite, its_own, other = rig.must_intend(
        intent(action="SELL" if side == "BUY" else "BUY"), intent(action=side), intent("ETHUSDT")
    )
    wait_until("they are held", lambda: rig.executors_group()["pending"] == 3, context=rig.told)
    rig.must_intend(action=exit)
    rig.expect_result("nothing_open")
    rig.expect_result("skipped", "superseded", intent_id=its_own)
    assert rig.executors_group()["pending"] == 2, rig.told()
    rig.must_intend(action="CLOSE")
    rig.expect_result("nothing_open")
    rig.expect_result("skipped", "superseded", intent_id=opposite)
    release(rig, executor)
    rig.expect_result("filled", intent_id=other)


def test_h22_an_exit_overtakes_what_waits_for_its_turn(rig):
    """Its symbol's openings and others', in hand and unread."""
    rig.start_paper(*MANY, "--paper.latency_ms=300")
    [first] = rig.must_intend(intent("AAAUSDT"))
    wait_until("it has begun", lambda: rig.db.exists(f"quantum:exec:begun:{first}"), context=rig.told)
    rig.must_intend(*[intent(symbol) for _ in range(30) for symbol in ("BTCUSDT", "ETHUSDT")], intent(action="CLOSE"))
    rig.expect_result("filled", intent_id=first)
    rig.expect_result("nothing_open", symbol="BTCUSDT")
    rig.expect_settled()
    of_symbol = [r["reason"] for r in rig.results() if r["symbol"] == "BTCUSDT" and r["action"] == "BUY"]
    assert of_symbol == ["superseded"] * 30


def test_h22_an_opening_after_the_exit_goes_on(rig):
    executor = rig.start_paper(*MANY)
    hold(rig, executor)
    before, exit, after, other = rig.must_intend(intent(), intent(action="CLOSE"), intent(), intent("ETHUSDT"))
    rig.expect_result("nothing_open", intent_id=exit)
    release(rig, executor)
    rig.expect_settled()
    outcomes = {r["intent_id"]: r["reason"] or r["status"] for r in rig.results()}
    assert outcomes == {before: "superseded", exit: "nothing_open", after: "filled", other: "filled"}


def test_h22_killed_between_the_exit_and_the_end_of_the_hold(rig):
    executor = rig.start_paper(*MANY)
    hold(rig, executor)
    [opening] = rig.must_intend()
    rig.must_intend(action="CLOSE")
    rig.expect_result("nothing_open")
    executor.kill()
    rig.db.delete(SAFE_MODE)
    rig.start_paper(*MANY)
    rig.expect_result("skipped", "superseded", intent_id=opening)
    expect_only(rig, ("CLOSE", "nothing_open", ""), ("BUY", "skipped", "superseded"))


def test_h22_killed_before_the_exit_was_read(rig):
    executor = rig.start_paper(*MANY)
    hold(rig, executor)
    [opening] = rig.must_intend()
    wait_until("it is held", lambda: rig.executors_group()["pending"] == 1, context=rig.told)
    executor.kill()
    rig.must_intend(action="CLOSE")
    executor = rig.start_paper(*MANY)
    rig.expect_result("nothing_open")
    release(rig, executor)
    rig.expect_result("skipped", "superseded", intent_id=opening)


def test_h22_an_opening_that_a_dead_consumer_had(rig):
    """The exit is read first, the opening is claimed after it."""
    rig.db.xgroup_create(INTENTS, EXECUTORS, id="0", mkstream=True)
    [opening] = rig.must_intend()
    rig.db.xreadgroup(EXECUTORS, "dead", {INTENTS: ">"})
    rig.start_paper("--guards.global_rate_max=1000", "--strays.claim_idle_ms=1500")
    rig.must_intend(action="CLOSE")
    rig.expect_result("nothing_open")
    rig.expect_result("skipped", "superseded", intent_id=opening)


def test_h22_another_executor_has_the_opening_at_its_venue(rig):
    """It was begun before the exit, and its fill comes after: the script asks once more."""
    rig.start_paper("--guards.global_rate_max=1000", "--strays.claim_idle_ms=60000", "--paper.latency_ms=1500")
    [opening] = rig.must_intend()
    wait_until("it has begun", lambda: rig.db.exists(f"quantum:exec:begun:{opening}"), context=rig.told)
    rig.start_paper("--guards.global_rate_max=1000", "--strays.claim_idle_ms=60000", "--keys.consumer=other")
    entry = intent(action="CLOSE")
    exit = rig.db.xadd(INTENTS, entry)
    wait_until("somebody reads it", lambda: rig.executors_group()["lag"] == 0, context=rig.told)
    rig.expect_settled()
    outcomes = {r["intent_id"]: r["reason"] or r["status"] for r in rig.results()}
    assert outcomes in (
        {opening: "superseded", exit: "nothing_open"},  # the other one read it
        {opening: "filled", exit: "closed"},  # the same one did: it waits for what is begun
    )
    assert rig.positions() == {}


def test_h22_an_exit_that_does_not_count_supersedes_nothing(rig):
    """A duplicate, and one that is stale."""
    executor = rig.start_paper(*MANY, "--guards.symbol_rate_max=100")
    rig.must_intend(action="CLOSE", decision_id="exit")
    rig.expect_result("nothing_open")
    hold(rig, executor)
    rig.must_intend()
    rig.must_intend(action="CLOSE", decision_id="exit")
    rig.must_intend(action="CLOSE", timestamp=rig.now_ms() - 4_000_000)
    rig.expect_result("skipped", "duplicate")
    executor.expect("STALE_INTENT_DROP")
    release(rig, executor)
    rig.expect_result("filled")
