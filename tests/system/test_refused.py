"""Redis, or the state of a key, does not allow the commit: nothing lost, and on by itself after."""

import time

import pytest

from harness.names import COMMIT, DAILY, INTENTS
from harness.signals import signal
from harness.waiting import wait_until


def today():
    return DAILY + time.strftime("%Y%m%d", time.gmtime())


def expect_kept(rig, router, reason):
    """The batch stays, nothing more is read, and it is said once."""
    router.expect(
        rf"🔴 COMMIT_REFUSED reason=.*{reason}.* → nothing published, batch kept, reading paused"
    )
    rig.await_ticks(3)
    read = rig.pending()  # none, where the refusal was seen before the entry
    assert rig.backlog() == 1
    rig.must_xadd("LATERUSDT", "BUY", 0.80)
    rig.await_ticks(3)
    assert rig.backlog() == 2
    assert rig.pending() == read, "reading goes on though nothing can be committed"
    router.expect_count("COMMIT_REFUSED", 1)
    assert not rig.db.keys("quantum:dedup:*")


def expect_going_on(rig, router):
    router.expect("COMMIT_ACCEPTED")
    rig.expect_intent("BTCUSDT", 130.0)
    rig.expect_intent("LATERUSDT", 130.0)
    rig.expect_drained()
    rig.expect_no_intent()
    rig.expect_tally(published=2)
    assert rig.daily_count() == 2


@pytest.mark.parametrize(
    "make, key",
    [
        (lambda db: db.set(INTENTS, "x"), INTENTS),
        (lambda db: db.rpush(INTENTS, "x"), INTENTS),
        (lambda db: db.rpush(today(), "x"), today()),
        (lambda db: db.set(today(), "abc"), today()),
        (lambda db: db.set(today(), "-5"), today()),
        (lambda db: db.set(today(), "9223372036854775807"), today()),
    ],
    ids=["string intents", "list intents", "list day", "abc day", "negative day", "huge day"],
)
def test_output_key_of_a_wrong_type(rig, make, key):
    router = rig.start_open_router(0)
    make(rig.db)
    rig.must_xadd("BTCUSDT", "BUY", 0.95)
    expect_kept(rig, router, key)
    rig.db.delete(key)
    expect_going_on(rig, router)


def test_intent_stream_at_its_last_id(rig):
    """Somebody wrote an entry with the last id there is: nothing can be added, and nothing may be marked."""
    router = rig.start_open_router(0)
    rig.db.xadd(INTENTS, {"by": "hand"}, id=f"{2**64 - 1}-0")
    rig.must_xadd("BTCUSDT", "BUY", 0.95)
    expect_kept(rig, router, f"{INTENTS} has come to its last id")
    rig.db.delete(INTENTS)
    expect_going_on(rig, router)


def test_commit_hash_of_a_wrong_type(rig):
    router = rig.start_open_router(0)
    rig.db.pipeline().delete(COMMIT).set(COMMIT, "x").execute()
    router.expect("COMMIT_REFUSED|REDIS_LOST")
    rig.must_xadd("BTCUSDT", "BUY", 0.95)
    rig.must_xadd("ETHUSDT", "BUY", 0.94)
    rig.db.delete(COMMIT)
    rig.expect_intent("BTCUSDT")
    rig.expect_intent("ETHUSDT")
    rig.expect_drained()
    assert rig.db.hget(COMMIT, "seq") in ("1", "2")


def test_commit_hash_of_a_wrong_type_at_start(rig):
    rig.set_open(0)
    rig.db.set(COMMIT, "x")
    rig.must_xadd("BTCUSDT", "BUY", 0.95)
    router = rig.start_router()
    router.expect(rf"REDIS_LOST WRONGTYPE {COMMIT} is a string, not a hash retry_ms=\d+")
    rig.db.delete(COMMIT)
    router.expect("REDIS_BACK")
    rig.expect_intent("BTCUSDT")
    rig.expect_drained()


def test_commit_hash_that_no_router_wrote(rig):
    """It is not read; what came is kept until the field is gone."""
    rig.set_open(0)
    router = rig.start_router()
    router.expect("CAPACITY_OK")
    rig.db.hset(COMMIT, "supers", "1" * 50_000_000)
    rig.must_xadd("BTCUSDT", "BUY", 0.95)
    router.expect(f"COMMIT_REFUSED reason=ERR {COMMIT} takes over 1 MiB")
    second = rig.start_router("--lease.instance=b")
    second.expect(f"REDIS_LOST ERR {COMMIT} takes over 1 MiB")
    rig.db.hdel(COMMIT, "supers")
    rig.expect_intent("BTCUSDT")
    second.expect("REDIS_BACK")


def test_signal_stream_of_a_wrong_type(rig):
    rig.set_open(0)
    rig.db.set("quantum:stream:ai.decision.made", "x")
    router = rig.start_router()
    router.expect(r"REDIS_LOST WRONGTYPE .*\(XGROUP CREATE quantum:stream:ai\.decision\.made\) retry_ms=\d+")
    rig.db.delete("quantum:stream:ai.decision.made")
    router.expect("REDIS_BACK")
    rig.must_xadd("BTCUSDT", "BUY", 0.95)
    rig.expect_intent("BTCUSDT")
    # And under way: the read that waits fails.
    rig.db.pipeline().delete("quantum:stream:ai.decision.made").set("quantum:stream:ai.decision.made", "x").execute()
    router.expect(r"REDIS_LOST WRONGTYPE .*\((XREADGROUP|XGROUP CREATE) quantum:stream:ai\.decision\.made\) retry_ms=\d+")
    rig.db.delete("quantum:stream:ai.decision.made")
    router.expect("REDIS_BACK")


def as_user(rig, *rules):
    rig.db.execute_command(
        "ACL", "SETUSER", "router", "on", ">pw", "~*", "&*", "+@all", *rules
    )
    return f"unix://router:pw@{rig.redis.socket}"


@pytest.mark.parametrize("command", ["xadd", "xack", "set", "incrby", "expireat", "hset"])
def test_user_may_not(rig, command):
    url = as_user(rig)
    router = rig.start_open_router(0, url=url)
    as_user(rig, f"-{command}")
    rig.must_xadd("BTCUSDT", "BUY", 0.95)
    expect_kept(rig, router, "NOPERM")
    as_user(rig)
    expect_going_on(rig, router)


def test_user_may_not_touch_the_intents(rig):
    rig.db.execute_command(
        *["ACL", "SETUSER", "router", "on", ">pw", "&*", "+@all"],
        *["~quantum:state:*", "~quantum:safety:*", "~quantum:router:*", "~quantum:dedup:*"],
        *["~quantum:governor:*", "~quantum:stream:ai.decision.made"],
    )
    rig.set_open(0)
    router = rig.start_router(url=f"unix://router:pw@{rig.redis.socket}")
    rig.must_xadd("BTCUSDT", "BUY", 0.95)
    expect_kept(rig, router, "(NOPERM|No permission|permissions)")
    as_user(rig)
    expect_going_on(rig, router)


def test_drops_that_cannot_be_acked_wait(rig):
    url = as_user(rig)
    router = rig.start_open_router(0, url=url)
    as_user(rig, "-xack")
    rig.must_write(*[signal("LTCUSDT", "BUY", 0.1)] * 3)
    router.expect("COMMIT_REFUSED reason=.*NOPERM")
    rig.await_ticks(2)
    assert rig.pending() == 3
    as_user(rig)
    rig.expect_pending(0)
    rig.expect_tally(low_confidence=3)
    router.expect("COMMIT_ACCEPTED")


def test_out_of_memory(rig):
    router = rig.start_open_router(0)
    rig.must_xadd("EARLYUSDT", "BUY", 0.95)
    rig.expect_intent("EARLYUSDT")
    rig.expect_pending(0)
    pipe = rig.db.pipeline(transaction=True)
    pipe.xadd("quantum:stream:ai.decision.made", signal("BTCUSDT"))
    pipe.execute_command("CONFIG", "SET", "maxmemory", "1")
    pipe.execute()
    router.expect("COMMIT_REFUSED reason=.*OOM")
    rig.await_ticks(3)
    assert rig.pending() == 1
    rig.expect_no_intent()
    rig.db.config_set("maxmemory", "0")
    router.expect("COMMIT_ACCEPTED")
    rig.expect_intent("BTCUSDT")
    rig.must_xadd("ETHUSDT")
    rig.expect_intent("ETHUSDT")
    rig.expect_drained()
    router.expect_count("COMMIT_REFUSED", 1)


def test_scripts_are_loaded_again(rig):
    router = rig.start_open_router(0)
    for symbol in ("AAA", "BBB", "CCC"):
        rig.db.script_flush()
        rig.must_xadd(symbol)
        rig.expect_intent(symbol)
    rig.expect_drained()
    assert not router.count("COMMIT_REFUSED|REDIS_LOST")


def test_what_became_stale_while_it_waited_is_not_published(rig):
    router = rig.start_open_router(0, SIGNAL_MAX_AGE_SEC="1")
    rig.db.set(INTENTS, "x")
    written_ms = int(rig.must_xadd("BTCUSDT").split("-")[0])
    router.expect("COMMIT_REFUSED")
    wait_until("it to be stale", lambda: rig.now_ms() > written_ms + 1100)
    rig.db.delete(INTENTS)
    rig.expect_drained()
    rig.expect_tally(stale=1)
    rig.must_xadd("ETHUSDT")
    rig.expect_intent("ETHUSDT")
    rig.expect_no_intent()
