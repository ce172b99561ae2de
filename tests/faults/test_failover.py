"""An up-to-date replica takes the master's place behind the same address (F39, F42)."""

import signal as signals

from harm import Hold
from harness.names import COMMIT, GROUP, INTENTS, SIGNALS
from harness.signals import signal as entry
from harness.waiting import soon, wait_until
from pair import is_even, part, promote
from proxy import COMMAND
from stage import LEASE_SEC


def test_f39_replica_takes_over(pair):
    stage = pair
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    hold = Hold()
    proxy.on("commit", COMMAND, hold)
    [uid] = stage.write(0.95)
    wait_until("a commit to hold", hold.held.is_set)
    router.process.send_signal(signals.SIGSTOP)
    pending = stage.db.xpending_range(SIGNALS, GROUP, "-", "+", 10)
    record, published = stage.db.hgetall(COMMIT), stage.published()
    wait_until("the replica to have all", lambda: is_even(stage))
    promote(stage, proxy)
    again = stage.db.xpending_range(SIGNALS, GROUP, "-", "+", 10)
    assert again and [one["message_id"] for one in again] == [one["message_id"] for one in pending]
    hold.release()
    router.process.send_signal(signals.SIGCONT)
    router.expect("LEADER_ACQUIRED", seconds=soon(LEASE_SEC + 4))
    stage.works()
    expect_once(stage, published, record, uid)


def expect_once(stage, published, record, uid):
    after = stage.published()
    assert after[: len(published)] == published and len(set(after)) == len(after)
    assert after.count(uid) == 1
    assert int(stage.db.hget(COMMIT, "seq")) > int(record["seq"])
    assert stage.db.xlen(INTENTS) == stage.daily_count() == len(after)


def test_f42_new_master_counts_ids_from_below(pair):
    """The signals of the old one never reached it: the producer sends them again, under other ids."""
    stage = pair
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    uids = stage.write(0.95, 0.95)
    stage.expect_drained()
    part(stage)
    late = stage.must_xadd("LATEUSDT", correlation_id="late")
    promote(stage, proxy)
    router.expect("REDIS_BACK|STATE_ROLLED_BACK")
    again = [entry("AGAIN", "BUY", 0.95, correlation_id=uid) for uid in (*uids, "late")]
    ids = stage.must_write(*again)
    assert late not in ids
    stage.db.hset(COMMIT, "resumed", "by the test")
    stage.expect_published("late")
    stage.expect_drained()
    for uid in (*uids, "late"):
        assert stage.published().count(uid) == 1
    stage.works()


def test_f43_the_address_leads_elsewhere_under_a_live_connection(pair):
    """One connection is lost and would come back on the new master: the other one goes too, and both begin again there."""
    stage = pair
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    uids = stage.write(0.95, 0.95)
    stage.expect_drained()
    epoch = stage.db.hget(COMMIT, "epoch")
    part(stage)
    proxy.upstream = stage.replica
    stage.db.client_kill_filter(_id=next(one["id"] for one in stage.db.client_list() if one["name"].endswith(":reader")))
    old, stage.db, stage.redis.raw = stage.db, stage.replica.db, stage.replica.raw
    router.expect("REDIS_LOST")
    router.expect("REDIS_BACK")
    stage.works()
    assert stage.db.hget(COMMIT, "epoch") != epoch and old.hget(COMMIT, "epoch") == epoch
    assert [stage.published().count(uid) for uid in uids] == [1, 1]
    stage.redis.kill()
