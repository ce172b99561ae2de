"""A master and its replica, each with an append-only file; the stage's Redis is the one that is master."""

from contextlib import contextmanager

from harness.names import INTENTS, RESULTS
from harness.redis import RedisServer, free_port
from harness.waiting import wait_until


@contextmanager
def paired(stage):
    folder = stage.folder / "replica"
    folder.mkdir()
    stage.redis.extra += ["--repl-diskless-sync-delay", "0"]
    stage.redis.start()
    replica = RedisServer(folder, port=free_port(), durable=True)
    replica.extra = [*stage.redis.extra, "--replicaof", f"127.0.0.1 {stage.redis.port}", "--repl-diskless-load", "swapdb"]
    replica.start()
    wait_until("the replica's link", lambda: replica.db.info("replication")["master_link_status"] == "up", 30)
    wait_until("a replica that answers", lambda: answers(stage.redis.db.info("replication")))
    stage.replica = replica
    stage.set_open(0)
    try:
        yield stage
    finally:
        replica.close()


def answers(info):
    """Counted only where the master asks for it; else a connection is all."""
    return int(info.get("min_slaves_good_slaves", info["connected_slaves"])) > 0


def executed_on(server):
    return [fields["intent_id"] for _, fields in server.db.xrange(RESULTS) if fields["status"] == "filled"]


def is_even(stage):
    master, replica = (server.db.info("replication") for server in (stage.redis, stage.replica))
    return master["master_repl_offset"] == replica["slave_repl_offset"]


def part(stage):
    """From here on the replica is a master of its own, and lacks what the other one takes."""
    wait_until("the replica to have all", lambda: is_even(stage))
    stage.replica.db.execute_command("REPLICAOF", "NO", "ONE")


def move_to_replica(stage, *proxies):
    """Who looks for the master finds the other one."""
    for proxy in proxies:
        proxy.upstream = stage.replica
        proxy.cut_all()
    stage.db, stage.redis.raw = stage.replica.db, stage.replica.raw


def promote(stage, *proxies):
    """The old master dies; its replica answers at its address."""
    stage.redis.kill()
    move_to_replica(stage, *proxies)
    stage.replica.db.execute_command("REPLICAOF", "NO", "ONE")


def expect_once_in_all(before, after):
    """Of both lists of decisions none twice, but for those that the second server has from the first."""
    own = after[next((i for i, (one, other) in enumerate(zip(before, after)) if one != other), min(len(before), len(after))) :]
    assert len(set(after)) == len(after) and not set(before) & set(own), (before, after)
