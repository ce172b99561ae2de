"""A server that lacks its last seconds, and two of them at once (R1, R2, R5)."""

import itertools
import json
import shutil
import signal as signals

import pytest
from harness.ctl import ctl
from harness.names import COMMIT, INTENTS
from harness.process import ROOT
from harness.redis import RedisServer, free_port
from harness.waiting import SLOWNESS, wait_until
from pair import expect_once_in_all, is_even, paired, part, promote
from stage import Stage

MAX_AGE_SEC = 4 * SLOWNESS


def published_on(server):
    return [json.loads(fields["payload"])["decision_id"] for _, fields in server.db.xrange(INTENTS)]


def publish_apart(stage, leader, count=7):
    """Signals that the replica has, and their commits, heard of by the leader, that it has not; returns their names."""
    leader.process.send_signal(signals.SIGSTOP)
    uids = stage.write(*[0.95] * count)
    part(stage)
    leader.process.send_signal(signals.SIGCONT)
    wait_until("all to be published", lambda: set(uids) <= set(stage.published()), context=stage.told)
    wait_until("the leader to tell", lambda: leader.count("Trade Intent published") == len(stage.published()), context=stage.told)
    stage.expect_drained()
    return uids


def must_resume(server):
    done = ctl("resume", url=server.url)
    assert (done.returncode, done.stderr) == (0, ""), done


def expect_held(router, count):
    router.expect(
        rf"\[WARNING\] ⏸️ STATE_UNSURE held={count} older_than=\S+ → Redis is another server .*"
        "pending until `quantumctl resume`, or until they are stale$",
    )


@pytest.mark.parametrize("end", ["stale", "resumed"])
def test_r1_leader_dies_with_a_server_whose_replica_lagged(pair, end):
    """The one who takes over cannot know what was published: the old ones wait, the new ones do not."""
    stage, age = pair, {"SIGNAL_MAX_AGE_SEC": f"{MAX_AGE_SEC if end == 'stale' else 600}"}
    proxies = [stage.proxy(), stage.proxy()]
    leader = stage.lead("a", proxies[0], **age)
    uids = publish_apart(stage, leader)
    standby = stage.start("b", proxies[1], **age)
    standby.expect("STANDBY leader=a")
    before = published_on(stage.redis)
    leader.kill()
    promote(stage, *proxies)
    expect_held(standby, 7)
    [newer] = stage.write()
    stage.expect_published(newer)
    assert stage.pending() == 7
    expect_once_in_all(before, published_on(stage.replica))
    if end == "stale":
        standby.expect("CYCLE read=.* stale=7 ")
        expect_once_in_all(before, published_on(stage.replica))
    else:
        must_resume(stage.replica)
        standby.expect("STATE_RESUMED")
        wait_until("all to be published", lambda: set(uids) <= set(stage.published()), context=stage.told)
    stage.expect_drained()
    stage.works()
    standby.expect_count("STATE_UNSURE", 1)


def test_r1_a_standby_that_restarts_keeps_the_moment(pair):
    """It was first seen once; what comes after is new, for the one who leads by then."""
    stage = pair
    proxies = [stage.proxy(), stage.proxy()]
    leader = stage.lead("a", proxies[0])
    publish_apart(stage, leader)
    leader.kill()
    promote(stage, *proxies)
    second = stage.start("b", proxies[1])
    expect_held(second, 7)
    since = stage.db.hget(COMMIT, "unsure_since")
    second.kill()
    [between] = stage.write()
    third = stage.start("c", proxies[0])
    expect_held(third, 7)
    stage.expect_published(between)
    assert stage.db.hget(COMMIT, "unsure_since") == since and stage.pending() == 7


def test_r1_leader_outlives_a_server_whose_replica_lagged(pair):
    """It knows that its last commit is gone: nothing goes out until somebody has looked."""
    stage = pair
    proxy = stage.proxy()
    leader = stage.lead("a", proxy)
    publish_apart(stage, leader)
    before = published_on(stage.redis)
    promote(stage, proxy)
    leader.expect("STATE_ROLLED_BACK seq=1 expected=[23]")
    stage.write()
    leader.expect("CYCLE read=.*published=0 .*no_slots=")
    stage.expect_drained()
    expect_once_in_all(before, published_on(stage.replica))
    must_resume(stage.replica)
    leader.expect("STATE_RESUMED")
    stage.works()
    assert leader.count("STATE_UNSURE") == 0


def test_r1_router_and_redis_are_killed_and_an_older_file_comes_back(stage):
    router = stage.lead("a", None, SIGNAL_MAX_AGE_SEC=f"{MAX_AGE_SEC}")
    router.process.send_signal(signals.SIGSTOP)
    stage.write(*[0.95] * 5)
    kept = stage.folder / "kept"
    shutil.copytree(stage.folder / "appendonlydir", kept)
    before = len(stage.published())
    router.process.send_signal(signals.SIGCONT)
    wait_until("all to be published", lambda: len(stage.published()) == before + 5, context=stage.told)
    stage.expect_drained()
    router.kill()
    stage.redis.kill()
    shutil.rmtree(stage.folder / "appendonlydir")
    shutil.copytree(kept, stage.folder / "appendonlydir")
    stage.redis.start()
    router = stage.start("a", None, SIGNAL_MAX_AGE_SEC=f"{MAX_AGE_SEC}")
    expect_held(router, 5)
    [newer] = stage.write()
    stage.expect_published(newer)
    router.expect("CYCLE read=.* stale=5 ")
    assert len(stage.published()) == before + 1
    stage.is_strict = True  # what was held back and became stale is not published


def test_r1_a_plain_restart_holds_nothing_back(stage):
    """Of a server that has all, by a leader that knows it, beside a standby that does not."""
    leader = stage.lead("a", None, "--lease.ttl_ms=3000")
    stage.start("b", None, "--lease.ttl_ms=3000").expect("STANDBY leader=a")
    leader.process.send_signal(signals.SIGSTOP)
    [uid] = stage.write()
    stage.redis.restart()
    leader.process.send_signal(signals.SIGCONT)
    stage.expect_published(uid)
    stage.works()
    assert leader.count("STATE_UNSURE|STATE_ROLLED_BACK") == 0


@pytest.fixture
def two_masters(stage):
    stage.folder.joinpath("other").mkdir()
    other = RedisServer(stage.folder / "other", port=free_port(), durable=True)
    other.start()
    try:
        yield stage, other
    finally:
        other.close()


@pytest.mark.parametrize("allowed", [True, False], ids=["info", "no info"])
def test_r2_two_servers_behind_one_address(two_masters, allowed):
    """One connection ends here, one there: nobody reads or decides, until there is one."""
    stage, other = two_masters
    for server in (stage.redis, other):
        server.db.execute_command("ACL", "SETUSER", "default", "+info" if allowed else "-info")
    proxy = stage.proxy()
    proxy.choose = itertools.cycle([other, stage.redis]).__next__
    router = stage.start("a", proxy)
    if allowed:
        ids = [server.db.info("server")["run_id"] for server in (stage.redis, other)]
        said = f"two servers answer at one address: run_id ({'|'.join(ids)}) to the reading connection, ({'|'.join(ids)}) to the other"
        router.expect(f"REDIS_LOST {said}")
    else:
        router.expect("REDIS_LOST two servers answer at one address: the reading connection does not find the epoch")
    assert not other.db.exists(INTENTS) and router.count("BEST_OF_PUBLISH") == 0
    proxy.choose = lambda: stage.redis
    stage.works()
    for server in (stage.redis, other):
        server.db.execute_command("ACL", "SETUSER", "default", "+info")


def test_r5_replicas_without_a_minimum_are_told(pair):
    stage = pair
    router = stage.lead("a")
    router.expect(r"\[WARNING\] 🟠 REDIS_UNSUITABLE min-replicas-to-write=0 replicas=1 → .* see quantum-ha.conf$")
    stage.db.config_set("min-replicas-to-write", 1)
    guarded = stage.start("b")
    guarded.expect("STANDBY")
    router.terminate()
    guarded.expect("LEADER_ACQUIRED")
    stage.works()
    assert guarded.count("REDIS_UNSUITABLE") == 0


def test_r5_a_master_that_is_cut_off_stops():
    """With deploy/redis/quantum-ha.conf: it takes no more after two seconds, and comes back as a replica of the other one,
    which takes no more before."""
    with Stage(durable=True, port=free_port()) as stage:
        stage.redis.extra = ["--include", str(ROOT / "deploy/redis/quantum-ha.conf")]
        with paired(stage):
            proxy = stage.proxy()
            router = stage.lead("a", proxy)
            wait_until("the replica to have all", lambda: is_even(stage))
            stage.replica.freeze()
            router.expect("(COMMIT_REFUSED|REDIS_LOST) .*NOREPLICAS")
            before = published_on(stage.redis)
            stage.redis.kill()
            stage.replica.thaw()
            promote(stage, proxy)
            stage.redis.extra += ["--replicaof", f"127.0.0.1 {stage.replica.port}"]
            stage.redis.start()
            router.forget()
            router.expect("LEADER_ACQUIRED")
            if router.count("STATE_ROLLED_BACK"):
                must_resume(stage.replica)
            stage.works()
            expect_once_in_all(before, published_on(stage.replica))
