"""Intents that the executor has not finished count as open."""

import time

from harness.executor import intent
from harness.names import EXECUTORS, INTENTS, OPEN_ORDERS, SAFE_MODE
from harness.signals import signal
from harness.waiting import FULL, SLOWNESS, wait_until
from harness.worker import Worker

CAP = {"MAX_OPEN_ORDERS": "4", "TARGET_OPEN_ORDERS": "4", "MAX_NEW_PER_CYCLE": "3"}


def start(rig, *flags, open_orders=0, **env):
    rig.rules.max_open = rig.rules.target_open = 4
    rig.rules.burst = 3
    return rig.start_open_router(open_orders, *flags, **{**CAP, **env})


def with_executors(rig):
    rig.db.xgroup_create(INTENTS, EXECUTORS, id="0", mkstream=True)
    rig.db.xgroup_createconsumer(INTENTS, EXECUTORS, "e")


def offer(rig, router, count=3):
    """As many good signals, and the cycle that settles them."""
    symbols = [f"COIN{time.monotonic_ns()}X{n}" for n in range(count)]
    router.forget()
    rig.must_write(*[signal(symbol) for symbol in symbols])
    router.expect(rf"CYCLE read={count} ")
    rig.expect_drained()


def read(rig, count):
    [[_, entries]] = rig.db.xreadgroup(EXECUTORS, "e", {INTENTS: ">"}, count=count)
    assert len(entries) == count
    return [id for id, _ in entries]


def expect_length(rig, count):
    assert rig.db.xlen(INTENTS) == count, rig.told()


def test_open_and_in_flight_never_pass_the_cap(ledger_rig):
    rig = ledger_rig
    with_executors(rig)
    router = start(rig, open_orders=1)
    router.forget()
    rig.must_write(*[signal(f"COIN{n}") for n in range(3)])
    router.expect("BEST_OF_PUBLISH count=3 .*open=1 slots=3 .*\\] record=\\S+$")
    router.expect("CAPACITY_FULL open=1 max=4 inflight=3$")
    offer(rig, router)
    expect_length(rig, 3)
    # Read is not done: pending counts.
    ids = read(rig, 3)
    offer(rig, router)
    expect_length(rig, 3)
    rig.db.xack(INTENTS, EXECUTORS, ids[0])
    router.expect("CAPACITY_OK open=1 target=4 allowed=1 inflight=2$")
    router.forget()
    rig.must_xadd("LASTUSDT")
    router.expect("BEST_OF_PUBLISH count=1 allowed=1 open=1 slots=1 .* inflight=2 record=\\S+$")
    rig.db.xack(INTENTS, EXECUTORS, *ids[1:], *read(rig, 1))
    router.expect("CAPACITY_OK open=1 target=4 allowed=3$")
    offer(rig, router)
    expect_length(rig, 7)


def test_old_intents_no_longer_count(ledger_rig):
    """A dead group's rests do not close the router for ever."""
    rig = ledger_rig
    with_executors(rig)
    rig.rules.max_age_sec = 2
    router = start(rig, "--capacity.inflight_max_age_sec=2")
    offer(rig, router)
    router.expect("CAPACITY_OK .*inflight=3$")
    read(rig, 1)
    router.expect("CAPACITY_OK open=0 target=4 allowed=3$")
    offer(rig, router)
    expect_length(rig, 6)


def test_no_group_counts_nothing(ledger_rig):
    rig = ledger_rig
    with_executors(rig)
    rig.rules.group = ""
    router = start(rig, "--capacity.inflight_group=")
    for _ in range(3):
        offer(rig, router)
    expect_length(rig, 9)
    assert router.count("inflight=") == 0


def test_automatic_and_no_group_yet(ledger_rig):
    rig = ledger_rig
    router = start(rig)
    offer(rig, router)
    offer(rig, router)
    expect_length(rig, 6)
    # From here on it counts what the group has not read.
    with_executors(rig)
    router.expect("CAPACITY_FULL open=0 max=4 inflight=5$")
    offer(rig, router)
    expect_length(rig, 6)


def test_named_group_that_is_missing(ledger_rig):
    rig = ledger_rig
    rig.rules.group = "mine"
    router = start(rig, "--capacity.inflight_group=mine")
    router.expect_anywhere(f"CAPACITY_UNKNOWN: group mine missing on {INTENTS} → fail-closed$")
    offer(rig, router)
    expect_length(rig, 0)
    rig.db.xgroup_create(INTENTS, "mine", id="0", mkstream=True)
    router.expect("CAPACITY_OK open=0 target=4 allowed=3$")
    offer(rig, router)
    expect_length(rig, 3)
    rig.db.xgroup_destroy(INTENTS, "mine")
    router.expect("CAPACITY_UNKNOWN: group mine missing")


def test_intent_stream_of_a_wrong_type(ledger_rig):
    """A failed command, and no unknown capacity: the batch is kept."""
    rig = ledger_rig
    router = start(rig, "--capacity.inflight_group=mine")
    rig.rules.group = "mine"
    router.forget()
    pipe = rig.db.pipeline(transaction=True)
    pipe.set(INTENTS, "x")
    pipe.xadd("quantum:stream:ai.decision.made", signal("BTCUSDT"))
    pipe.execute()
    router.expect(f"COMMIT_REFUSED reason=.*{INTENTS}")
    rig.await_ticks(3)
    assert rig.backlog() == 1
    router.expect_count("COMMIT_REFUSED", 1)
    pipe = rig.db.pipeline(transaction=True)
    pipe.delete(INTENTS)
    pipe.xgroup_create(INTENTS, "mine", id="0", mkstream=True)
    pipe.execute()
    router.expect("COMMIT_ACCEPTED")
    rig.expect_intent("BTCUSDT")


def test_u3_a_group_without_consumers_is_dead(ledger_rig):
    rig = ledger_rig
    rig.db.xgroup_create(INTENTS, EXECUTORS, id="0", mkstream=True)
    router = start(rig)
    offer(rig, router)
    router.expect_anywhere(f"💀 INFLIGHT_GROUP_DEAD group={EXECUTORS} consumers=0 → ")
    offer(rig, router)
    expect_length(rig, 6)
    assert router.count("inflight=") == 0
    router.expect_count("INFLIGHT_GROUP_DEAD", 1)
    rig.db.xgroup_createconsumer(INTENTS, EXECUTORS, "e")
    router.expect("CAPACITY_FULL open=0 max=4 inflight=5$")
    router.expect(f"🟢 INFLIGHT_GROUP_BACK group={EXECUTORS} ")
    offer(rig, router)
    expect_length(rig, 6)


def test_u3_a_group_that_is_behind_and_silent_is_dead(rig):
    """The neighbour's: thousands undelivered, and consumers that nobody runs any more."""
    with_executors(rig)
    rig.must_intend_at(rig.now_ms() - 3600_000, *[intent()] * 3000)
    read(rig, 100)
    router = start(rig, "--capacity.inflight_idle_sec=1")
    router.expect_anywhere(f"INFLIGHT_GROUP_DEAD group={EXECUTORS} silent_sec=[1-9] → ")
    for _ in range(2):
        offer(rig, router)
    expect_length(rig, 3006)
    router.expect_count("INFLIGHT_GROUP_DEAD", 1)
    # Somebody reads again, and has not come far.
    with Busy(rig):
        router.expect("CAPACITY_FULL open=0 max=4 inflight=5$")
        router.expect("INFLIGHT_GROUP_BACK")
        offer(rig, router)
        expect_length(rig, 3006)
    router.expect("INFLIGHT_GROUP_DEAD")


class Busy(Worker):
    """Reads, one at a time, and finishes nothing."""

    def __init__(self, rig):
        super().__init__(rig.redis.client())

    def step(self):
        self.client.xreadgroup(EXECUTORS, "e", {INTENTS: ">"}, count=1)
        self.stopping.wait(0.1)


def test_u3_a_group_that_was_named_counts_always(ledger_rig):
    rig = ledger_rig
    rig.rules.group = "mine"
    rig.db.xgroup_create(INTENTS, "mine", id="0", mkstream=True)
    router = start(rig, "--capacity.inflight_group=mine")
    offer(rig, router)
    router.expect("inflight=3$")
    offer(rig, router)
    expect_length(rig, 4)
    assert router.count("INFLIGHT_GROUP_DEAD") == 0


def test_u3_our_executor_is_alive_from_its_first_moment(rig):
    """Before it was given anything; and it is seen while it holds what is too old to be in flight."""
    rig.start_paper("--strays.claim_idle_ms=200")
    wait_until("its consumer", lambda: rig.executors_group() and rig.executors_group()["consumers"] == 1)
    rig.db.set(SAFE_MODE, "1")
    rig.must_intend_at(rig.now_ms() - 60_000, intent("HELDUSDT"))
    wait_until("it is held", lambda: rig.executors_group()["pending"] == 1)
    router = start(rig, "--capacity.inflight_max_age_sec=10")

    def idle():
        return rig.db.xinfo_consumers(INTENTS, EXECUTORS)[0]["idle"]

    for _ in range(2):
        wait_until("it was not seen for a while", lambda: idle() > 100)
        wait_until("it was seen", lambda: idle() < 100)
    assert router.count("INFLIGHT_GROUP_DEAD") == 0


class SlowExecutor(Worker):
    """Takes its time for each intent, and keeps the open orders true."""

    def __init__(self, rig, seconds):
        super().__init__(rig.redis.client())
        self.seconds = seconds
        self.most = 0
        self.done = 0

    def step(self):
        found = self.client.xreadgroup(EXECUTORS, "slow", {INTENTS: ">"}, count=1, block=20)
        if found:
            [[_, [[id, _]]]] = found
            self.stopping.wait(self.seconds)
            self._finish(id)

    def _finish(self, id):
        """The order is open, and the intent done with, at one moment."""
        pipe = self.client.pipeline(transaction=True)
        pipe.incr(OPEN_ORDERS)
        pipe.xack(INTENTS, EXECUTORS, id)
        self.most = max(self.most, pipe.execute()[0])
        self.done += 1
        if self.done % 3 == 0:
            self.client.decrby(OPEN_ORDERS, 2)


def test_slow_executor_never_sees_more_than_the_cap(ledger_rig):
    """Each intent takes it many windows; the cap holds in what it sees, and in the books."""
    rig = ledger_rig
    with_executors(rig)
    router = start(rig)
    goal = 8 if FULL else 7
    seconds = 10 if FULL else 0.3 * SLOWNESS
    make = lambda n: signal(f"COIN{n}", correlation_id=f"uid-{n}")  # noqa: E731
    with SlowExecutor(rig, seconds) as executor, rig.feed(make, pause_sec=0.01):
        wait_until(
            "it to have done its work",
            lambda: executor.done >= goal,
            goal * seconds * 3 + 15,
            router.tail,
        )
    assert executor.most <= 4
    assert router.count(r"CAPACITY_FULL .*inflight=\d") > 0
    assert rig.db.xlen(INTENTS) <= executor.done + 4
