"""The master goes, a replica takes its place, and both services follow what the Sentinels say."""

import time

import pytest
import redis

from harness.ctl import ctl
from harness.flow import TELLING, check_each_once, goes_on
from harness.names import INTENTS, RESULTS, SIGNALS
from harness.redis import client_of
from harness.rig import ROOMY, Rig
from harness.sentinels import MASTER, Trio
from harness.signals import signal
from harness.waiting import soon, wait_until
from harness.worker import Worker

BATCH = 20


class Producer(Worker):
    """A thousand signals a second, to the master that most Sentinels name."""

    def __init__(self, trio):
        self.trio = trio
        self.number = 0
        self.confirmed = {}  # by decision: the id of its entry
        self.find()
        super().__init__(self.client, BATCH / 1000)

    def find(self):
        server = self.trio.named() or self.trio.master
        self.client = client_of(port=server.place, socket_timeout=0.3)

    def step(self):
        numbers = range(self.number, self.number + BATCH)
        self.number += BATCH
        pipe = self.client.pipeline(transaction=False)
        for n in numbers:
            pipe.xadd(SIGNALS, signal(f"COIN{n % 50}", correlation_id=f"c-{n}"))
        try:
            ids = pipe.execute()
        except redis.RedisError:
            self.client.close()
            self.find()
            raise
        self.confirmed.update((f"c-{n}", id) for n, id in zip(numbers, ids))


@pytest.fixture
def trio():
    with Rig(server=Trio) as rig:
        rig.redis.start()
        rig.db = rig.redis.db
        yield rig


def kill(master):
    master.kill()


def stop(master):
    master.freeze()


def cut(master):
    master.cable.cut()


def leave_behind(master):
    """Its replicas are let in no more, and lack what came last."""
    master.db.config_set("requirepass", "another")
    master.db.client_kill_filter(_type="slave")
    before = master.db.xlen(INTENTS)
    wait_until("a flow that no replica has", lambda: master.db.xlen(INTENTS) > before + 200)
    master.kill()


def expect_each_once(rig, router, confirmed):
    rig.expect_drained()
    there = {id for id, _ in rig.db.xrange(SIGNALS)}
    check_each_once(router, [intent["decision_id"] for intent in rig.intents()], there, confirmed, rig.told)


@pytest.mark.parametrize("harm", [kill, stop, cut, leave_behind])
def test_failover_under_flow(trio, harm):
    rig, old = trio, trio.redis.master
    router = rig.start_open_router(0, "--window.one_per_symbol=0", **ROOMY, **TELLING)
    with Producer(rig.redis) as producer:
        wait_until("a flow", lambda: rig.db.xlen(INTENTS) > 500, context=rig.told)
        harm(old)
        rig.redis.await_failover()
        decided = time.monotonic()
        rig.db = rig.redis.db
        took = goes_on(router, rig.db, lambda: ctl("resume", url=rig.redis.url), 500, rig.told) - decided
        print(f"{harm.__name__}: {took:.2f} s behind the sentinels, set back: {bool(router.count('STATE_ROLLED_BACK'))}")
    assert took < soon(1), rig.told()
    assert harm is not leave_behind or router.count("STATE_ROLLED_BACK"), rig.told()
    expect_each_once(rig, router, producer.confirmed)


def test_a_master_that_becomes_a_replica_under_a_live_connection(trio):
    """Nobody closes the connections: the first write that is refused says it."""
    rig, old = trio, trio.redis.master
    router = rig.start_open_router(0)
    new = rig.redis.servers[1]
    wait_until("the replica has the count", lambda: new.db.get("quantum:state:open_orders") == "0")
    for sentinel in rig.redis.sentinels:
        sentinel.db.execute_command("SENTINEL", "REMOVE", MASTER)
        sentinel.db.execute_command("SENTINEL", "MONITOR", MASTER, "127.0.0.1", new.place, "2")
    new.db.replicaof("NO", "ONE")
    old.db.replicaof("127.0.0.1", new.place)
    rig.redis.master, rig.db = new, new.db
    router.expect("REDIS_LOST .*(READONLY|UNBLOCKED|another master)")
    router.expect("REDIS_BACK")
    rig.must_xadd("BTCUSDT")
    rig.expect_intent("BTCUSDT")


def test_the_executor_and_the_tool_follow_too(trio):
    rig, old = trio, trio.redis.master
    rig.set_open(0)
    executor = rig.start_paper()
    rig.must_intend(symbol="BTCUSDT")
    executor.expect("FILLED")
    old.kill()
    rig.redis.await_failover()
    rig.db = rig.redis.db
    done = wait_until("the tool to find it", lambda: (done := ctl("groups", url=rig.redis.url)).returncode == 0 and done)
    assert INTENTS in done.stdout
    executor.expect("REDIS_BACK")
    rig.must_intend(symbol="ETHUSDT")
    executor.expect("FILLED")


LACKS = r"EXECUTION_REFUSED reason=0 of venue.wait_replicas = 1 replicas have it"


def filled_on(server):
    return {fields["intent_id"] for _, fields in server.db.xrange(RESULTS) if fields["status"] == "filled"}


def test_replicas_are_waited_for_behind_a_failover(trio):
    """The new master has one replica left: what that one has is executed, and what it lacks waits for it."""
    rig, old = trio, trio.redis.master
    rig.set_open(0)
    executor = rig.start_paper("--venue.wait_replicas=1")
    rig.must_intend(symbol="BTCUSDT")
    executor.expect("FILLED")
    old.kill()
    new = rig.redis.await_failover()
    rig.db = new.db
    executor.expect("REDIS_BACK")
    [left] = [server for server in rig.redis.servers if server not in (old, new)]
    [second] = rig.must_intend(symbol="ETHUSDT")
    executor.expect("FILLED")
    wait_until("the last replica has it", lambda: second in filled_on(left))
    left.freeze()
    [third] = rig.must_intend(symbol="SOLUSDT")
    executor.expect(LACKS)
    assert third not in filled_on(new)
    left.thaw()
    executor.expect("FILLED")
