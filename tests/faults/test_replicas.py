"""What no replica has, the executor does not execute: a failover would forget it (venue.wait_replicas)."""

from harness.waiting import wait_until
from pair import executed_on, move_to_replica, part, promote

WAITS = "--venue.wait_replicas=1"
LACKS = r"EXECUTION_REFUSED reason=0 of venue.wait_replicas = 1 replicas have it"


def follow(server, master):
    """As a replica of the other one."""
    if server.process.poll() is not None:
        server.start()
    server.db.replicaof("127.0.0.1", master.port)
    wait_until("it follows", lambda: server.db.info("replication")["master_link_status"] == "up")


def test_f40_nothing_is_executed_that_the_replica_lacks(paper_pair):
    """Replication freezes, an intent comes, the master dies: the intent is gone, and nobody has traded on it."""
    stage = paper_pair
    proxy = stage.proxy()
    executor = stage.lead(proxy, WAITS)
    stage.replica.freeze()
    [id] = stage.intend()
    executor.expect(LACKS)
    assert id not in executed_on(stage.redis)
    stage.redis.freeze()
    stage.replica.thaw()
    promote(stage, proxy)
    stage.ids.remove(id)
    assert executed_on(stage.replica) == stage.ids
    [new] = stage.intend()
    wait_until("it begins", lambda: stage.db.exists(f"quantum:exec:begun:{new}"), context=stage.told)
    assert new not in executed_on(stage.replica)  # for this server has no replica at all
    follow(stage.redis, stage.replica)
    stage.expect_filled(new)


def test_it_goes_on_when_the_replica_is_back(paper_pair):
    stage = paper_pair
    executor = stage.lead(stage.proxy(), WAITS)
    stage.replica.freeze()
    ids = stage.intend(3)
    executor.expect(LACKS)
    assert not set(ids) & set(executed_on(stage.redis))
    stage.replica.thaw()
    executor.expect("EXECUTION_ACCEPTED")
    stage.expect_filled(*ids)
    stage.expect_settled()
    stage.expect_consistent()


def test_f41_of_two_masters_the_one_that_was_left_executes_nothing(paper_pair):
    """A partition: the executor stays with the old one until it is led to the new one."""
    stage = paper_pair
    proxy = stage.proxy()
    executor = stage.lead(proxy, WAITS)
    part(stage)
    old = stage.intend(3)
    executor.expect(LACKS)
    assert not set(old) & set(executed_on(stage.redis))
    follow(stage.redis, stage.replica)
    move_to_replica(stage, proxy)
    [new] = stage.intend()
    stage.expect_filled(new)
    assert not set(old) & set(executed_on(stage.replica))


def test_a_stop_while_it_waits_is_not_held_against_the_intent(paper_pair):
    stage = paper_pair
    executor = stage.lead(stage.proxy(), WAITS)
    stage.replica.freeze()
    [id] = stage.intend()
    wait_until("it has begun", lambda: stage.db.exists(f"quantum:exec:begun:{id}"), context=stage.told)
    executor.terminate()
    # On its way through the proxy still, perhaps.
    wait_until("it is taken back", lambda: stage.db.hget(f"quantum:exec:begun:{id}", "count") in (None, "0"), context=stage.told)
    stage.replica.thaw()
    stage.start(None, WAITS)
    stage.expect_filled(id)
