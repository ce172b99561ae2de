"""The closed loop: router and paper executor, time scaled by fifty; and what the executor can take."""

import random
import time
from collections import Counter

from harness.executor import intent
from harness.ledger import read_transactions
from harness.names import INTENTS, OPEN_ORDERS, POSITIONS
from harness.signals import signal
from harness.waiting import FULL, SLOWNESS, wait_until

# Ten minutes with a window of 3 s, positions held for two of them.
SIMULATED_SEC = 12 if not FULL else 60
PAPER = ["--paper.hold_sec=1.5", "--guards.global_rate_sec=1", "--guards.symbol_rate_sec=1"]


def signals(confidence):
    chance = random.Random(11)

    def make(_):
        symbol = f"S{chance.randrange(30)}USDT"
        return signal(symbol, chance.choice(["BUY", "SELL"]), f"{confidence(chance):.3f}", entry_price=100)

    return make


def counts_over_time(rig):
    """The count of open orders after each change, by Redis' own file, and the positions with it."""
    positions, counts = set(), []
    for file in sorted((rig.folder / "appendonlydir").glob("*.incr.aof")):
        for transaction in read_transactions(file.read_bytes()):
            for command in transaction:
                if command[:2] == ["HSET", POSITIONS]:
                    positions.add(command[2])
                elif command[:2] == ["HDEL", POSITIONS]:
                    positions -= set(command[2:])
                elif command[:2] == ["SET", OPEN_ORDERS]:
                    counts.append(int(command[2]))
            if any(command[1:2] == [POSITIONS] for command in transaction):
                assert counts[-1] == len(positions)
    return counts


def sample(rig, seconds):
    """How often each count was seen."""
    seen = Counter()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        seen[rig.open_orders()] += 1
        time.sleep(0.01)
    return seen


def expect_one_result_each(rig):
    ids = {id for id, _ in rig.db.xrange(INTENTS)}
    results = Counter(result["intent_id"] for result in rig.results() if result["intent_id"])
    assert set(results) == ids and set(results.values()) == {1}
    return Counter(result["status"] for result in rig.results() if result["intent_id"])


def expect_places_well_used(rig):
    """Who published knew what was held: of a hundred intents not one is refused for its symbol."""
    reasons = Counter(result["reason"] for result in rig.results() if result["intent_id"])
    refused = reasons["symbol_open"] + reasons["opposite_open"]
    assert refused * 100 < sum(reasons.values()), reasons


def start(rig):
    executor = rig.start_paper(*PAPER)
    executor.expect("CAPACITY_INIT")
    router = rig.start_router()
    router.expect("CAPACITY_OK")
    return router, executor


def stop(rig, router):
    """The router first, so that nothing new comes while the executor finishes."""
    router.terminate()
    rig.expect_settled()
    wait_until("all positions have closed", lambda: rig.open_orders() == 0, context=rig.told)


def test_the_loop_sits_at_the_target_without_super_signals(durable_rig):
    rig = durable_rig
    router, _ = start(rig)
    with rig.feed(signals(lambda chance: chance.uniform(0.5, 0.89)), 0.004):
        wait_until("the target is reached", lambda: rig.open_orders() == 3, context=rig.told)
        seen = sample(rig, SIMULATED_SEC * SLOWNESS)
    stop(rig, router)
    assert max(seen) == 3, seen
    assert seen[3] + seen[2] > 0.8 * sum(seen.values()), seen
    statuses = expect_one_result_each(rig)
    assert statuses["filled"] > 10 and max(counts_over_time(rig)) == 3
    expect_places_well_used(rig)


def test_the_loop_never_passes_the_cap_with_super_signals(durable_rig):
    rig = durable_rig
    router, _ = start(rig)
    with rig.feed(signals(lambda chance: chance.uniform(0.8, 1.0)), 0.004):
        seen = sample(rig, SIMULATED_SEC * SLOWNESS)
    stop(rig, router)
    counts = counts_over_time(rig)
    assert 3 < max(counts) <= 10, Counter(counts)
    assert max(seen) <= 10
    assert expect_one_result_each(rig)["filled"] > 10
    expect_places_well_used(rig)


def test_the_loop_survives_kills_on_both_sides(durable_rig):
    rig = durable_rig
    chance = random.Random(5)
    rig.start_paper(*PAPER).expect("CAPACITY_INIT")
    rig.start_router()
    with rig.feed(signals(lambda chance: chance.uniform(0.5, 1.0)), 0.004):
        for _ in range(6 if not FULL else 40):
            time.sleep(chance.uniform(0.2, 1.0) * SLOWNESS)
            if chance.random() < 0.6:
                rig.executor.kill()
                rig.start_paper(*PAPER)
            else:
                rig.router.kill()
                rig.start_router()
    stop(rig, rig.router)
    assert max(counts_over_time(rig)) <= 10
    expect_one_result_each(rig)


# --- what it can take


def test_hundreds_of_intents_a_second_come_to_an_end_each(rig):
    """Most are dropped by the rate over all, as they must be. Many times what a router publishes; how soon each comes to its end
    is a row of the bench."""
    rate, seconds = 300 // SLOWNESS, 5
    rig.start_paper(XREADGROUP_COUNT="100")
    client = rig.redis.client()
    began = time.monotonic()
    for n in range(rate * seconds // 20):
        pipe = client.pipeline(transaction=False)
        for m in range(20):
            pipe.xadd(INTENTS, intent(f"S{(n * 20 + m) % 50}USDT"))
        pipe.execute()
        time.sleep(max(0, began + (n + 1) * 20 / rate - time.monotonic()))
    client.close()
    rig.expect_settled()
    ended = [fields["intent_id"] for _, fields in rig.db.xrange("quantum:stream:execution.result") if fields["intent_id"]]
    assert len(ended) == len(set(ended)) == rate * seconds


def test_a_stale_backlog_goes_through_with_one_line(rig):
    count = 20_000 // SLOWNESS
    rig.db.xgroup_create(INTENTS, "quantum:group:execution:trade.intent", id="0", mkstream=True)
    old = rig.now_ms() - 3_600_000
    pipe = rig.db.pipeline(transaction=False)
    for n in range(count):
        pipe.xadd(INTENTS, intent(), id=f"{old}-{n + 1}")
    pipe.execute()
    executor = rig.start_executor(XREADGROUP_COUNT="500")
    rig.expect_settled()
    executor.expect_count("STALE_INTENT_DROP", 1)
    assert rig.results() == []
    [id] = rig.must_intend()
    rig.expect_result("would_execute", intent_id=id)


def test_an_outage_of_the_publisher_is_no_matter(rig):
    """A stream that is deleted under a blocked read comes back with its group."""
    executor = rig.start_paper(*PAPER)
    rig.must_intend()
    rig.expect_result("filled")
    rig.db.delete(INTENTS)
    executor.expect("GROUP_RECREATED")
    rig.must_intend(intent("ETHUSDT"))
    rig.expect_result("filled", symbol="ETHUSDT")
