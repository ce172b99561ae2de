"""Whose symbol is held, or in flight, leaves its place to the next one."""

import json

import pytest

from harness.executor import intent
from harness.names import EXECUTORS, HELD, INTENTS, OPEN_ORDERS
from harness.page import Page
from harness.redis import free_port
from harness.signals import signal

ROOMY = {"MAX_OPEN_ORDERS": "100000", "TARGET_OPEN_ORDERS": "100000"}


def start(rig, *flags, open_orders=1, **held):
    """So many orders are open, and of these symbols."""
    rig.rules.max_open = rig.rules.target_open = 100_000
    if held:
        rig.db.hset(HELD, mapping=held)
    return rig.start_open_router(open_orders, *flags, "--intent.maxlen=1000000", **ROOMY)


def offer(rig, router, *entries):
    """Signals of one window; what is told to have become of them."""
    router.forget()
    rig.must_write(*entries)
    cycle = router.expect(rf"CYCLE read={len(entries)} [^\n]*")[0]
    rig.expect_drained()
    return dict(word.split("=") for word in cycle.split() if "=" in word)


def published(rig):
    return [f"{intent['symbol']} {intent['action']}" for intent in rig.intents()]


FOUR = [
    signal("BTCUSDT", "BUY", 0.99),
    signal("BTCUSDT", "SELL", 0.98),
    signal("ETHUSDT", "BUY", 0.97),
    signal("SOLUSDT", "SELL", 0.96),
]


def test_the_place_goes_to_the_next(rig):
    router = start(rig, "--log.pipeline_diag=true", BTCUSDT="BUY")
    fates = offer(rig, router, *FOUR)
    assert (fates["symbol_held"], fates["opposite_held"], fates["published"]) == ("1", "1", "2")
    assert published(rig) == ["ETHUSDT BUY", "SOLUSDT SELL"]
    router.expect_anywhere("FATE id=.* BTCUSDT BUY .* fate=symbol_held$")
    router.expect_anywhere("FATE id=.* BTCUSDT SELL .* fate=opposite_held$")
    assert router.count("POSITIONS_UNKNOWN") == 0


def test_the_next_may_be_of_the_same_symbol(rig):
    router = start(rig, "--positions.opposite_side=pass", BTCUSDT="BUY")
    fates = offer(rig, router, *FOUR)
    assert (fates["symbol_held"], fates["published"], fates["outranked"]) == ("1", "2", "1")
    assert published(rig) == ["BTCUSDT SELL", "ETHUSDT BUY"]


def test_what_is_held_may_be_added_to(rig):
    router = start(rig, "--positions.same_side=add", open_orders=2, BTCUSDT="BUY 2")
    fates = offer(rig, router, *FOUR[1:3], FOUR[0])
    assert (fates["symbol_held"], fates["opposite_held"], fates["published"]) == ("0", "1", "2")
    assert published(rig) == ["BTCUSDT BUY", "ETHUSDT BUY"]


def spoil(rig, how):
    if how == "type":
        rig.db.delete(HELD)
        rig.db.lpush(HELD, "x")
    elif how == "missing":
        rig.db.delete(HELD)
    elif how == "value":
        rig.db.hset(HELD, "ETHUSDT", "LONG")
    elif how == "field":
        rig.db.hset(HELD, "ETH/USDT", "BUY")
    elif how == "more":
        rig.db.set(OPEN_ORDERS, 3)
    elif how == "fewer":
        rig.db.hset(HELD, mapping={"XRPUSDT": "BUY", "ADAUSDT": "SELL"})
    elif how == "many":
        rig.db.hset(HELD, mapping={f"COIN{n}": "BUY" for n in range(50_000)})
        rig.db.set(OPEN_ORDERS, 50_001)
    elif how == "large":
        rig.db.hset(HELD, "ETHUSDT", "x" * 8_000_000)


BAD = {
    "type": "reason=wrong type type=list",
    "missing": "reason=missing",
    "value": "reason=malformed field=.*ETHUSDT LONG.*",
    "field": "reason=malformed field=.*ETH/USDT BUY.*",
    "more": "reason=another sum sum=1",
    "fewer": "reason=another sum sum=3",
    "many": "reason=too many symbols",
    "large": "reason=too large",
}


@pytest.mark.parametrize("how", BAD)
def test_what_is_not_known_passes_and_is_told_once(rig, how):
    router = start(rig, BTCUSDT="BUY")
    spoil(rig, how)
    router.expect(f"🟠 POSITIONS_UNKNOWN key={HELD} open=\\d+ {BAD[how]} → no symbol counts as held but those in flight$")
    fates = offer(rig, router, *FOUR)
    assert (fates["symbol_held"], fates["opposite_held"], fates["published"]) == ("0", "0", "2")
    rig.await_ticks(5)
    router.expect_count("POSITIONS_UNKNOWN", 1)
    rig.db.delete(HELD)
    rig.db.set(OPEN_ORDERS, 1)
    rig.db.hset(HELD, "BTCUSDT", "BUY")
    router.expect("POSITIONS_KNOWN symbols=1$")


def test_what_is_not_known_closes(rig):
    router = start(rig, "--positions.unknown=close")
    router.expect_anywhere("POSITIONS_UNKNOWN .* reason=missing → publishing nothing$")
    assert offer(rig, router, *FOUR)["no_slots"] == "4"
    rig.db.hset(HELD, "BTCUSDT", "BUY")
    router.expect("POSITIONS_KNOWN")
    assert offer(rig, router, *FOUR)["published"] == "2"


def test_nobody_keeps_it(rig):
    """An older executor: nothing is open now and then, and that is no news."""
    router = start(rig, open_orders=0)
    assert offer(rig, router, *FOUR)["published"] == "2"
    for _ in range(3):
        for count in 1, 0:
            router.forget()
            rig.set_open(count)
            router.expect(f"CAPACITY_OK open={count} ")
    router.expect_count("POSITIONS_UNKNOWN", 1)
    router.expect_count("POSITIONS_KNOWN", 0)


def test_an_executor_that_does_not_keep_it(rig):
    """Of 0.1.0, after one that did: it moves the count alone, and what the hash still says is no more believed."""
    router = start(rig, "--positions.opposite_side=pass", open_orders=2, BTCUSDT="BUY", ETHUSDT="SELL")
    assert offer(rig, router, *FOUR)["symbol_held"] == "1"
    rig.set_open(1)
    router.expect("POSITIONS_UNKNOWN .* reason=another sum sum=2 ")
    fates = offer(rig, router, *FOUR)
    assert (fates["symbol_held"], fates["opposite_held"], fates["published"]) == ("0", "0", "2")
    rig.set_open(2)
    router.expect("POSITIONS_KNOWN symbols=2$")


def test_the_next_leader_knows_it(rig):
    """Each leader looks itself; the one that stood by has told nothing, for it asks nothing."""
    rig.db.hset(HELD, "BTCUSDT", "BUY")
    first = rig.start_instance("a", **ROOMY)
    rig.set_open(1)
    first.expect("LEADER_ACQUIRED")
    assert offer(rig, first, *FOUR)["symbol_held"] == "1"
    second = rig.start_instance("b", **ROOMY)
    second.expect("STANDBY leader=a$")
    rig.db.hset(HELD, "ETHUSDT", "SELL")
    first.expect("POSITIONS_UNKNOWN .* sum=2 ")
    rig.set_open(2)
    first.expect("POSITIONS_KNOWN symbols=2$")
    second.expect_count("POSITIONS_", 0)
    first.kill()
    second.expect("LEADER_ACQUIRED")
    fates = offer(rig, second, *FOUR)
    assert (fates["symbol_held"], fates["opposite_held"], fates["published"]) == ("1", "2", "1")
    second.expect_count("POSITIONS_UNKNOWN", 0)


def test_a_neighbour_that_writes_no_more(rig):
    """Count and hash run out together, and the router closes; both come back together."""
    router = start(rig, BTCUSDT="BUY")
    for life_ms in (300, None):
        pipe = rig.db.pipeline(transaction=True)
        pipe.delete(HELD).hset(HELD, "BTCUSDT", "BUY").set(OPEN_ORDERS, 1, px=life_ms)
        if life_ms:
            pipe.pexpire(HELD, life_ms)
        pipe.execute()
        if life_ms:
            router.expect("CAPACITY_UNKNOWN")
            assert offer(rig, router, *FOUR)["no_slots"] == "4"
    router.expect("CAPACITY_OK open=1 ")
    assert offer(rig, router, *FOUR)["symbol_held"] == "1"
    router.expect_count("POSITIONS_UNKNOWN", 0)


def test_what_is_in_flight_holds_its_symbol(rig):
    """An exit does not, nor what cannot be read; the hash need not be there."""
    rig.db.xgroup_create(INTENTS, EXECUTORS, id="0", mkstream=True)
    rig.db.xgroup_createconsumer(INTENTS, EXECUTORS, "e")
    router = start(rig)
    rig.must_intend(intent("BTCUSDT"), {"symbol": "ETHUSDT", "action": "CLOSE"}, {"payload": "{"}, {"symbol": "SOLUSDT"})
    fates = offer(rig, router, *FOUR)
    assert (fates["symbol_held"], fates["opposite_held"], fates["published"]) == ("1", "1", "2")
    [[_, entries]] = rig.db.xreadgroup(EXECUTORS, "e", {INTENTS: ">"})
    fates = offer(rig, router, *FOUR)
    assert (fates["symbol_held"], fates["opposite_held"], fates["published"]) == ("3", "1", "0")
    rig.db.xack(INTENTS, EXECUTORS, *[id for id, _ in entries])
    assert offer(rig, router, *FOUR)["published"] == "2"


def test_it_is_gone_with_all_the_rest(rig):
    router = start(rig, BTCUSDT="BUY")
    assert offer(rig, router, *FOUR)["symbol_held"] == "1"
    rig.db.flushall()
    router.expect("CAPACITY_UNKNOWN")
    rig.set_open(0)
    router.expect("CAPACITY_OK open=0 ")
    assert offer(rig, router, *FOUR)["published"] == "2"


def test_metrics_say_what_is_held(rig):
    page = Page(free_port())
    router = start(rig, f"--metrics.listen=127.0.0.1:{page.port}", BTCUSDT="BUY")
    page.expect_ready(200, "role=leader")
    assert (page.metrics()["positions_known"], page.metrics()["held_symbols"]) == (1, 1)
    rig.db.hset(HELD, "ETHUSDT", "SELL")
    router.expect("POSITIONS_UNKNOWN")
    metrics = page.metrics()
    assert metrics["positions_known"] == 0 and "held_symbols" not in metrics
