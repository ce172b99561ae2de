"""Redis answers, but refuses: nothing published, nothing ACKed, said once, and on by itself."""

import re
import threading

import pytest
import redis

from harness.names import COMMIT, INTENTS, SIGNALS
from harness.signals import signal
from harness.waiting import wait_until

FLAGS = ["--redis.backoff_max_ms=150"]
TOLD = r"(COMMIT_REFUSED reason=|REDIS_LOST )"


def start(rig, **env):
    """A router that has published once."""
    rig.set_open(0)
    router = rig.start_instance("a", *FLAGS, **env)
    rig.must_xadd("EARLYUSDT")
    rig.expect_intent("EARLYUSDT")
    rig.expect_drained()
    router.forget()
    return router


def refuse_with(rig, *command):
    """A signal, and at the same moment the end of Redis' willingness."""
    pipe = rig.db.pipeline(transaction=True)
    pipe.xadd(SIGNALS, signal("LATEUSDT"))
    pipe.execute_command(*command)
    pipe.execute()


def refusals(rig, code):
    """How often Redis has said so, by its own count."""
    told = str(rig.db.info("errorstats").get(f"errorstat_{code}", "count=0"))
    return int(re.search(r"count\W+(\d+)", told)[1])


def expect_refused(rig, router, code, more=6):
    """Many refusals; one is told, or two where reading and deciding meet different ones."""
    router.expect(TOLD + f".*{code}")
    before = refusals(rig, code)
    wait_until("more refusals", lambda: refusals(rig, code) >= before + more, context=router.tail)
    if code != "MASTERDOWN":  # which is all that it says to us, too
        rig.expect_no_intent()
        assert rig.backlog() == 1
    assert 1 <= router.count(TOLD + f".*{code}") <= 2, router.tail()
    assert router.count(f"COMMIT_REFUSED reason=.*{code}") <= 1


def expect_going_on(rig, router, code):
    rig.expect_intent("LATEUSDT")
    rig.must_xadd("NEXTUSDT")
    rig.expect_intent("NEXTUSDT")
    rig.expect_drained()
    rig.expect_no_intent()
    assert router.count(TOLD + f".*{code}") <= 2, router.tail()
    assert rig.daily_count() == 3


@pytest.mark.parametrize(
    "code, begin, end",
    [
        ("OOM", "CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
        ("READONLY", "REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"),
        ("MASTERDOWN", "REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"),
        ("NOREPLICAS", "CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0"),
    ],
)
def test_refused_by_its_state(ledger_rig, code, begin, end):
    rig = ledger_rig
    if code == "MASTERDOWN":
        rig.db.config_set("replica-serve-stale-data", "no")
    router = start(rig)
    refuse_with(rig, *begin.split())
    expect_refused(rig, router, code)
    rig.db.execute_command(*end.split())
    expect_going_on(rig, router, code)


def test_snapshots_fail(ledger_rig):
    """MISCONF: the last background save failed, and writes are stopped until one goes well."""
    rig = ledger_rig
    router = start(rig)
    obstacle = rig.folder / "dump.rdb"
    obstacle.mkdir()
    rig.db.config_set("save", "3600 1000000")
    rig.db.bgsave()
    router.expect(TOLD + ".*MISCONF")
    before = refusals(rig, "MISCONF")
    wait_until("more refusals", lambda: refusals(rig, "MISCONF") >= before + 6)
    assert router.count(TOLD + ".*MISCONF") <= 2
    rig.expect_no_intent()
    obstacle.rmdir()
    rig.db.bgsave()
    wait_until("writes to be allowed", lambda: rig.db.info()["rdb_last_bgsave_status"] == "ok")
    rig.must_xadd("LATEUSDT")
    expect_going_on(rig, router, "MISCONF")


def test_long_script_of_somebody_else(ledger_rig):
    rig = ledger_rig
    router = start(rig)
    rig.db.config_set("busy-reply-threshold", "20")
    rig.must_xadd("LATEUSDT", "BUY", 0.5)  # the connection that will be kept busy works
    rig.expect_drained()
    other = rig.redis.client()

    def keep_busy():
        with pytest.raises(redis.ResponseError):
            other.eval("while true do end", 0)

    thread = threading.Thread(target=keep_busy, daemon=True)
    thread.start()
    router.expect(TOLD + ".*BUSY")
    # Reconnecting, it is refused again and again.
    wait_until("the script to be killed", lambda: is_freed(rig, router))
    thread.join()
    other.close()
    rig.must_xadd("LATEUSDT")
    expect_going_on(rig, router, "BUSY")


def is_freed(rig, router):
    assert router.process.poll() is None
    try:
        return rig.db.execute_command("SCRIPT", "KILL")
    except redis.ResponseError:
        return False


def test_redis_is_still_loading(ledger_rig):
    rig = ledger_rig
    router = start(rig)
    # It answers once in a thousand commands while it loads them.
    pipe = rig.db.pipeline(transaction=False)
    for number in range(6000):
        pipe.set("something", number)
    pipe.execute()
    rig.redis.kill()
    rig.redis.extra = ["--key-load-delay", "200"]
    rig.redis.start()  # returns when it has loaded
    router.expect("REDIS_LOST .*LOADING")
    router.expect("LEADER_ACQUIRED")
    router.expect_no_reason_twice()
    rig.must_xadd("LATEUSDT")
    expect_going_on(rig, router, "LOADING")


def as_user(rig, *rules):
    rig.db.execute_command("ACL", "SETUSER", "router", "on", ">pw", "~*", "&*", "+@all", *rules)


@pytest.mark.parametrize("command", ["evalsha", "xreadgroup", "pexpire", "xautoclaim"])
def test_user_may_not(ledger_rig, command):
    """Each kind of command that a session lives on."""
    rig = ledger_rig
    as_user(rig)
    rig.set_open(0)
    router = rig.start_instance("a", *FLAGS, url=f"unix://router:pw@{rig.redis.socket}")
    router.expect("CAPACITY_OK")
    as_user(rig, f"-{command}")
    word = "CLAIM_REFUSED reason=" if command == "xautoclaim" else f"({TOLD}|LEADER_LOST )"
    router.expect(word + ("" if command == "pexpire" else ".*NOPERM"))
    rig.await_ticks(3)
    assert router.count(TOLD + ".*NOPERM") <= 2, router.tail()
    as_user(rig)
    rig.must_xadd("LATEUSDT")
    rig.expect_intent("LATEUSDT")
    rig.expect_drained()


def test_refusals_under_flow(ledger_rig):
    """Refusals one after the other under flow; the books are checked in the end."""
    rig = ledger_rig
    rig.rules.max_open = rig.rules.target_open = rig.rules.burst = 1000
    env = {"MAX_OPEN_ORDERS": "1000", "TARGET_OPEN_ORDERS": "1000", "MAX_NEW_PER_CYCLE": "1000"}
    router = start(rig, **env)
    make = lambda n: signal(f"COIN{n}", correlation_id=f"uid-{n}")  # noqa: E731
    with rig.feed(make, pause_sec=0.005) as feeder:
        for begin, end in (
            ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
            ("CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0"),
        ):
            router.expect("BEST_OF_PUBLISH")
            rig.db.execute_command(*begin.split())
            router.expect(TOLD)
            rig.db.execute_command(*end.split())
            router.forget()
        router.expect("BEST_OF_PUBLISH")
    rig.expect_drained()
    published = {intent["decision_id"] for intent in rig.intents()}
    assert {fields["correlation_id"] for fields in feeder.confirmed} <= published
    assert rig.db.xlen(INTENTS) == len(published) == rig.daily_count()
    assert int(rig.db.hget(COMMIT, "seq")) > 2
