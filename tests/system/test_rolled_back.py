"""Redis comes back with an older state (F74), or with none."""

import shutil
import signal as signals

from harness.names import COMMIT
from harness.signals import signal


def publish(rig, *symbols):
    for symbol in symbols:
        rig.must_xadd(symbol)
        rig.expect_intent(symbol)
    rig.expect_drained()


def copy_of(rig):
    """The append-only files as they are now; Redis is down for that moment."""
    rig.redis.kill()
    kept = rig.folder / "kept"
    shutil.copytree(rig.folder / "appendonlydir", kept)
    rig.redis.start()
    return kept


def go_back_to(rig, kept):
    rig.redis.kill()
    shutil.rmtree(rig.folder / "appendonlydir")
    shutil.copytree(kept, rig.folder / "appendonlydir")
    rig.redis.start()
    rig.intents_seen = rig.db.xrevrange("quantum:stream:trade.intent", count=1)[0][0]


def refuse(rig, router, symbol):
    router.forget()
    rig.must_xadd(symbol)
    router.expect("CYCLE read=1 .*published=0 .*no_slots=1")
    rig.expect_no_intent()


def test_older_state_is_found_and_taken_only_on_demand(ledger_rig):
    rig = ledger_rig
    rig.set_open(0)
    router = rig.start_instance("a", "--redis.backoff_max_ms=200")
    publish(rig, "AAA", "BBB")
    kept = copy_of(rig)
    router.expect("LEADER_ACQUIRED")
    publish(rig, "CCC", "DDD")
    go_back_to(rig, kept)
    router.expect(
        "⏪ STATE_ROLLED_BACK seq=2 expected=4 → publishing nothing until `quantumctl resume`$"
    )
    refuse(rig, router, "EEE")
    refuse(rig, router, "FFF")
    # A lost connection changes nothing.
    rig.db.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    router.expect("LEADER_ACQUIRED")
    refuse(rig, router, "GGG")
    router.expect_count("STATE_ROLLED_BACK", 1)
    assert router.count("GROUP_RECREATED") == 0
    router.forget()
    rig.db.hset(COMMIT, "resumed", "0123456789abcdef")
    router.expect("STATE_RESUMED")
    publish(rig, "HHH")
    assert int(rig.db.hget(COMMIT, "seq")) == 6


def test_restart_of_redis_is_no_older_state(ledger_rig):
    rig = ledger_rig
    router = rig.start_open_router(0, "--redis.backoff_max_ms=200")
    publish(rig, "AAA")
    rig.redis.restart()
    router.expect("REDIS_BACK")
    publish(rig, "BBB")
    assert router.count("STATE_ROLLED_BACK") == 0


def test_state_that_is_gone_is_no_older_state(ledger_rig):
    rig = ledger_rig
    router = rig.start_open_router(0)
    publish(rig, "AAA", "BBB")
    rig.db.flushall()
    router.expect("GROUP_RECREATED stream=quantum:stream:ai.decision.made group=router$")
    router.expect("CAPACITY_UNKNOWN: quantum:state:open_orders missing")
    rig.intents_seen = "0"
    rig.must_write(signal("CCC"))
    router.expect("CYCLE read=1 .*no_slots=1")
    rig.expect_no_intent()
    rig.set_open(0)
    router.expect("CAPACITY_OK")
    publish(rig, "DDD")
    assert router.count("STATE_ROLLED_BACK") == 0
    assert rig.db.hget(COMMIT, "seq") == "2"


def test_flushall_is_no_roll_back_for_one_that_led_before(ledger_rig):
    """It knows more commits than the new state has, and that this is another state."""
    rig = ledger_rig
    first = rig.start_instance("a")
    first.expect("LEADER_ACQUIRED")
    rig.set_open(0)
    publish(rig, "AAA", "BBB", "CCC")
    second = rig.start_instance("b")
    second.expect("STANDBY")
    first.process.send_signal(signals.SIGSTOP)
    second.expect("LEADER_ACQUIRED")
    rig.db.flushall()
    second.expect("GROUP_RECREATED")
    second.terminate()
    first.process.send_signal(signals.SIGCONT)
    first.expect("LEADER_LOST")
    rig.set_open(0)
    first.expect("LEADER_ACQUIRED")
    rig.must_xadd("DDD")
    first.expect(r"Trade Intent published: DDD")
    assert first.count("STATE_ROLLED_BACK") == 0
