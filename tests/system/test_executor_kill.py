"""kill -9 at any instant neither executes twice nor loses; open orders are the positions that exist, always.

F72, and of the rows on connections those that touch the executor's.
"""

import json
import random
import time
from collections import Counter

import pytest
import redis

from harness.executor import intent
from harness.executor_books import ExecutorBooks
from harness.names import DEAD_LETTERS, EXECUTOR, EXECUTORS, INTENTS, OPEN_ORDERS, POSITIONS, SAFE_MODE
from harness.page import Page
from harness.redis import free_port
from harness.waiting import FULL, SLOWNESS, wait_until
from harness.worker import Worker

OPEN_HANDED = ["--guards.global_rate_max=100000", "--guards.symbol_rate_max=100000", "--guards.begun_max=1000"]


class Publisher(Worker):
    """Writes intents: a new decision, an old one again, an exit."""

    def __init__(self, rig, pause_sec):
        super().__init__(rig.redis.client(), pause_sec)
        self.chance = random.Random(7)
        self.number = 0
        self.written = []

    def step(self):
        self.number += 1
        kind = self.chance.random()
        symbol = f"S{self.chance.randrange(12)}USDT"
        if kind < 0.2:
            entry = intent(symbol, "CLOSE", None, decision_id=f"x-{self.number}")
        elif kind < 0.3:
            entry = intent(symbol, decision_id=f"d-{max(1, self.number - 3)}")
        else:
            entry = intent(symbol, self.chance.choice(["BUY", "SELL"]), decision_id=f"d-{self.number}")
        self.written.append(self.client.xadd(INTENTS, entry))


def check_books(rig):
    return ExecutorBooks(rig.folder).check().opened


def check_results(rig, ids):
    """Each intent has one result; a decision is executed once."""
    results = [r for r in rig.results() if r["intent_id"]]
    counts = Counter(result["intent_id"] for result in results)
    assert set(counts) == set(ids) and set(counts.values()) == {1}, (counts - Counter(ids), Counter(ids) - counts)
    executed = Counter(r["decision_id"] for r in results if r["status"] in ("filled", "closed", "nothing_open"))
    assert max(executed.values()) == 1
    return Counter(result["status"] for result in results)


@pytest.mark.parametrize("latency_ms", [0, 15])
def test_kill_loop(durable_rig, latency_ms):
    rig = durable_rig
    flags = [*OPEN_HANDED, f"--paper.latency_ms={latency_ms}", "--paper.hold_sec=0.5", "--strays.claim_idle_ms=200"]
    chance = random.Random(latency_ms)
    with Publisher(rig, 0.004 * SLOWNESS) as publisher:
        for _ in range(60 if FULL else 8):
            executor = rig.start_paper(*flags, EXEC_CONCURRENCY="3")
            time.sleep(chance.uniform(0.0, 0.5) * SLOWNESS)
            executor.kill()
            rig.expect_consistent()
    rig.start_paper(*flags, EXEC_CONCURRENCY="3")
    rig.expect_settled()
    statuses = check_results(rig, publisher.written)
    assert statuses["filled"] > 5, statuses
    wait_until("all positions have closed", lambda: rig.open_orders() == 0, context=rig.told)
    executed = check_books(rig)
    assert len(executed) == statuses["filled"]


def test_f72_the_same_intent_three_times(rig):
    """Executed and not ACKed cannot be; but delivered again it can be, by a group that is set back."""
    executor = rig.start_paper(*OPEN_HANDED)
    [id] = rig.must_intend(decision_id="d-1")
    rig.expect_result("filled")
    for _ in range(2):
        rig.db.xgroup_setid(INTENTS, EXECUTORS, "0")
        rig.expect_result("skipped", "duplicate", intent_id=id)
    rig.expect_settled()
    executor.expect_count("IDEMPOTENCY_SKIP", 2)
    assert rig.open_orders() == 1


def test_f72_killed_between_the_beginning_and_the_fill(rig):
    executor = rig.start_paper(*OPEN_HANDED, "--paper.latency_ms=60000")
    [id] = rig.must_intend()
    wait_until("it has begun", lambda: rig.db.hget(f"quantum:exec:begun:{id}", "count") == "1", context=rig.told)
    executor.kill()
    assert rig.open_orders() == 0 and rig.executors_group()["pending"] == 1
    rig.start_paper(*OPEN_HANDED)
    rig.expect_result("filled", intent_id=id)
    assert rig.db.keys("quantum:exec:begun:*") == []
    rig.expect_consistent()


def test_two_executors_execute_once(rig):
    """By mistake: both read what is pending for the one name, and the scripts settle each intent once."""
    flags = [*OPEN_HANDED, "--paper.latency_ms=5", "--strays.claim_idle_ms=100"]
    rig.start_paper(*flags, MAX_OPEN_ORDERS="1000")
    ids = []
    for round_ in range(5):
        ids += rig.must_intend(*[intent(f"A{round_}{n}USDT") for n in range(10)])
        rig.start_paper(*flags, MAX_OPEN_ORDERS="1000")
    rig.expect_settled()
    assert check_results(rig, ids) == {"filled": 50}
    assert rig.open_orders() == 50
    rig.expect_consistent()


def test_two_executors_under_names_of_their_own(rig):
    """Both take a share; what one of them had when it was killed, the other claims."""
    flags = [*OPEN_HANDED, "--paper.latency_ms=200", "--strays.claim_idle_ms=300", "--venue.concurrency=4"]
    _, killed = [rig.start_paper(*flags, f"--keys.consumer={name}", MAX_OPEN_ORDERS="1000") for name in ("one", "two")]
    wait_until("both are in the group", lambda: len(rig.db.xinfo_consumers(INTENTS, EXECUTORS)) == 2, context=rig.told)
    ids = []

    def are_busy():
        ids.extend(rig.must_intend(*[intent(f"A{len(ids) + n}USDT") for n in range(10)]))
        return all(c["pending"] for c in rig.db.xinfo_consumers(INTENTS, EXECUTORS))

    wait_until("both have some in hand", are_busy, context=rig.told)
    killed.kill()
    rig.expect_settled()
    assert check_results(rig, ids) == {"filled": len(ids)} and rig.open_orders() == len(ids)
    rig.expect_consistent()


def test_f04_f05_connections_that_are_cut_all_the_time(durable_rig):
    """F16: every 60 ms; what was sent and not answered is told and counted all the same."""
    rig = durable_rig
    executor = rig.start_paper(*OPEN_HANDED, "--paper.latency_ms=3", "--paper.hold_sec=1000", MAX_OPEN_ORDERS="1000")
    ids = []
    for n in range(12):
        ids += rig.must_intend(*[intent(f"S{n}X{m}USDT") for m in range(4)])
        rig.db.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        time.sleep(0.06 * SLOWNESS)
    rig.expect_settled()
    assert check_results(rig, ids) == {"filled": 48}
    wait_until("each fill is told", lambda: executor.count(r"\bFILLED\b") == 48, context=rig.told)
    check_books(rig)


def test_f05_f08_a_fill_whose_answer_was_lost_is_told_all_the_same(rig):
    """Redis is stopped with the fill in its socket, the executor gives up, and then it runs."""
    page = Page(free_port())
    patience = [f"--redis.{name}_timeout_ms={1200 * SLOWNESS}" for name in ("reply", "connect")]
    executor = rig.start_paper(
        *OPEN_HANDED, *patience, f"--paper.latency_ms={600 * SLOWNESS}", "--paper.poll_ms=60000",
        METRICS_LISTEN=f"127.0.0.1:{page.port}")  # fmt: skip
    [id] = rig.must_intend()
    wait_until("it has begun", lambda: rig.db.hget(f"quantum:exec:begun:{id}", "count") == "1", context=rig.told)
    rig.redis.freeze()
    executor.expect("REDIS_LOST")
    assert executor.count("FILLED") == 0
    rig.redis.thaw()
    rig.expect_result("filled", intent_id=id)
    executor.expect_anywhere(rf"FILLED .* intent_id={id}")
    rig.expect_settled()
    page.expect_metric('intents_total{outcome="filled"}', 1)
    executor.expect_count("FILLED", 1)
    assert len(rig.results()) == 1
    rig.expect_consistent()


def test_f32_a_redis_without_memory(rig):
    executor = rig.start_paper(*OPEN_HANDED)
    rig.must_intend()
    rig.expect_result("filled")
    rig.redis.restart()
    rig.results_seen = "0"
    executor.expect("REDIS_BACK")
    executor.expect_anywhere("GROUP_RECREATED")
    executor.expect_anywhere("CAPACITY_UNKNOWN")
    rig.must_intend(intent("ETHUSDT"))
    rig.set_open(0)
    rig.expect_result("filled", symbol="ETHUSDT")
    rig.expect_consistent()


def test_f21_a_redis_that_hangs(rig):
    executor = rig.start_paper(*OPEN_HANDED, "--redis.reply_timeout_ms=200", "--redis.connect_timeout_ms=200")
    rig.redis.freeze()
    executor.expect("REDIS_LOST")
    rig.redis.thaw()
    executor.expect("REDIS_BACK")
    rig.must_intend()
    rig.expect_result("filled")


def test_f22_out_of_memory(rig):
    executor = rig.start_paper(*OPEN_HANDED)
    rig.db.set(SAFE_MODE, "1")
    rig.must_intend()
    executor.expect("SAFE_MODE:")
    rig.db.config_set("maxmemory", 1)
    rig.db.delete(SAFE_MODE)
    executor.expect("EXECUTION_REFUSED reason='?OOM")
    rig.expect_no_result()
    rig.db.config_set("maxmemory", 0)
    rig.expect_result("filled")
    executor.expect("EXECUTION_ACCEPTED")
    rig.expect_consistent()


def test_f36_a_user_who_may_not(rig):
    executor = rig.start_paper(*OPEN_HANDED)
    rig.db.execute_command("ACL", "SETUSER", "default", "-xack")
    rig.must_intend()
    executor.expect(r"EXECUTION_REFUSED reason=NOPERM this user may not run XACK")
    assert rig.open_orders() == 0 and rig.db.exists(DEAD_LETTERS) == 0
    rig.db.execute_command("ACL", "SETUSER", "default", "+xack")
    rig.expect_result("filled")
    rig.expect_consistent()


def test_f17_f36_no_scripts_left(rig):
    rig.start_paper(*OPEN_HANDED)
    rig.db.script_flush()
    rig.must_intend()
    rig.expect_result("filled")


def test_f56_entries_deleted_while_they_are_pending(rig):
    rig.db.xgroup_create(INTENTS, EXECUTORS, id="0", mkstream=True)
    ids = rig.must_intend(*[intent(f"S{n}USDT") for n in range(6)])
    rig.db.xreadgroup(EXECUTORS, EXECUTOR, {INTENTS: ">"})
    rig.db.xdel(INTENTS, *ids[::2])
    rig.start_paper(*OPEN_HANDED)
    wait_until("nothing is pending", lambda: rig.executors_group()["pending"] == 0, context=rig.told)
    assert sorted(result["intent_id"] for result in rig.results()) == ids[1::2]


def test_a_position_is_json(rig):
    rig.start_paper(*OPEN_HANDED)
    rig.must_intend()
    rig.expect_result("filled")
    [value] = rig.db.hvals(POSITIONS)
    assert json.loads(value)["symbol"] == "BTCUSDT"
