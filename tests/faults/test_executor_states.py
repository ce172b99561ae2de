"""States of Redis in which it answers, and serves nobody; the executor waits and goes on by itself."""

from harness.waiting import wait_until


def test_f26_executor_replica_without_its_master(paper):
    """MASTERDOWN, to PING too: that is not alive."""
    executor = paper.lead()
    before = paper.open_orders()
    paper.db.config_set("replica-serve-stale-data", "no")
    paper.db.execute_command("REPLICAOF", "127.0.0.1", "1")
    executor.expect("(EXECUTION_REFUSED reason=|REDIS_LOST ).*(MASTERDOWN|READONLY)")
    paper.db.execute_command("REPLICAOF", "NO", "ONE")
    assert paper.open_orders() == before
    paper.works()


def test_f27_executor_redis_is_still_loading(paper):
    """It answers once in a thousand commands while it loads them."""
    executor = paper.lead()
    pipe = paper.db.pipeline(transaction=False)
    for number in range(6000):
        pipe.set("something", number)
    pipe.execute()
    paper.redis.kill()
    paper.redis.extra = [*paper.redis.extra, "--key-load-delay", "200"]
    paper.redis.start()  # returns when it has loaded
    executor.expect("REDIS_LOST .*LOADING")
    executor.expect("REDIS_BACK")
    executor.expect_no_reason_twice()
    paper.works()


def test_f30_executor_snapshots_fail(paper):
    """MISCONF: the last background save failed, and writes are stopped until one goes well."""
    executor = paper.lead()
    before = paper.open_orders()
    obstacle = paper.folder / "dump.rdb"
    obstacle.mkdir()
    paper.db.config_set("save", "3600 1000000")
    paper.db.bgsave()
    executor.expect("(EXECUTION_REFUSED reason=|REDIS_LOST ).*MISCONF")
    assert paper.open_orders() == before
    obstacle.rmdir()
    paper.db.bgsave()
    wait_until("writes to be allowed", lambda: paper.db.info()["rdb_last_bgsave_status"] == "ok")
    paper.works()
