"""One router decides; the others stand by, and take over."""

import re
import signal as signals
import time

import pytest

from harness.names import COMMIT, LEADER, SIGNALS
from harness.redis import free_port
from harness.rig import WINDOW_SEC
from harness.signals import signal
from harness.waiting import SLOWNESS, soon, wait_until
from test_metrics import Page
from test_stop import hold_the_commit, start_to_be_held

LEASE_SEC = 0.9
# To notice, to connect, to ask again: what a busy machine adds to the times that were promised.
MARGIN_SEC = 1
HELD = r"STANDBY leader="


def holder(rig):
    """The instance that the key names."""
    value = rig.db.get(LEADER)
    return value and value.split(":")[0]


def start_pair(rig, *flags, **env):
    """One that leads, and one that stands by."""
    rig.set_open(0)
    first = rig.start_instance("a", *flags, **env)
    first.expect("LEADER_ACQUIRED instance=a$")
    first.expect("CAPACITY_OK")
    second = rig.start_instance("b", *flags, **env)
    second.expect("STANDBY leader=a$")
    return first, second


def expect_works(rig, symbol):
    rig.must_xadd(symbol)
    rig.expect_intent(symbol)
    rig.expect_drained()
    rig.expect_no_intent()


def expect_takeover(router, seconds, began):
    router.expect("LEADER_ACQUIRED")
    assert time.monotonic() - began < soon(seconds + MARGIN_SEC)


def test_one_leads_and_the_others_stand_by(ledger_rig):
    rig = ledger_rig
    port = free_port()
    first, second = start_pair(rig)
    third = rig.start_instance("c", METRICS_LISTEN=f"127.0.0.1:{port}")
    third.expect("STANDBY leader=a$")
    page = Page(port)
    page.expect_ready(200, "role=standby")
    page.expect_metric("leader", 0)
    epoch = rig.db.hget(COMMIT, "epoch")
    for number in range(3):
        expect_works(rig, f"COIN{number}")
    assert rig.db.hget(COMMIT, "epoch") == epoch, "a standby raised the fence"
    assert holder(rig) == "a"
    readers = [c for c in rig.db.client_list() if c["name"] == "quantum-router:reader"]
    assert sorted(c["cmd"] for c in readers if c["cmd"].startswith("xread")) == ["xreadgroup"]
    assert [c["name"] for c in rig.db.xinfo_consumers(SIGNALS, "router")] == ["ai_strategy_router"]
    for standby in (second, third):
        assert standby.count("CYCLE ") == 0 and standby.count("STANDBY") == 1
    rig.close_routers()
    assert rig.check_ledger().takes <= 3


def test_takeover_after_kill(ledger_rig):
    rig = ledger_rig
    first, second = start_pair(rig)
    expect_works(rig, "BTCUSDT")
    rig.must_xadd("ETHUSDT")
    began = time.monotonic()
    first.kill()
    expect_takeover(second, LEASE_SEC + WINDOW_SEC, began)
    rig.expect_intent("ETHUSDT")
    expect_works(rig, "SOLUSDT")


def test_takeover_after_a_clean_stop(ledger_rig):
    """The lease is given back: nobody waits for it to run out."""
    rig = ledger_rig
    first, second = start_pair(rig, "--lease.ttl_ms=60000")
    first.terminate()
    began = time.monotonic()
    second.expect("LEADER_ACQUIRED instance=b")
    # It asks each 200 ms.
    assert time.monotonic() - began < soon(0.2 + WINDOW_SEC + MARGIN_SEC)
    expect_works(rig, "BTCUSDT")


def test_a_clean_stop_leaves_no_lease(rig):
    router = rig.start_open_router(0)
    assert holder(rig)
    router.terminate()
    assert holder(rig) is None


def test_holder_that_is_stopped_and_goes_on(ledger_rig):
    rig = ledger_rig
    first, second = start_pair(rig)
    expect_works(rig, "BTCUSDT")
    first.process.send_signal(signals.SIGSTOP)
    rig.must_xadd("ETHUSDT")
    began = time.monotonic()
    expect_takeover(second, LEASE_SEC + WINDOW_SEC, began)
    rig.expect_intent("ETHUSDT")
    first.process.send_signal(signals.SIGCONT)
    rig.must_xadd("SOLUSDT")
    first.expect("LEADER_LOST|REDIS_LOST")
    first.expect("STANDBY leader=b")
    rig.expect_intent("SOLUSDT")
    expect_works(rig, "ADAUSDT")
    first.expect_count("Trade Intent published", 1)


def test_restart_of_the_same_instance(ledger_rig):
    """By default the host's name: it need not wait, however long the lease lives."""
    rig = ledger_rig
    rig.start_open_router(0, "--lease.ttl_ms=600000").kill()
    rig.must_xadd("BTCUSDT")
    began = time.monotonic()
    rig.start_router("--lease.ttl_ms=600000")
    rig.expect_intent("BTCUSDT")
    assert time.monotonic() - began < soon(WINDOW_SEC + 2 * MARGIN_SEC)
    rig.expect_drained()


def test_two_routers_of_one_name(ledger_rig):
    rig = ledger_rig
    # A lease that does not run out where a machine is busy with other work.
    claims = [f"--strays.claim_idle_ms={1000 * SLOWNESS}", f"--lease.ttl_ms={2500 * SLOWNESS}"]
    rig.set_open(0)
    first = rig.start_instance("same", *claims, TARGET_OPEN_ORDERS="10")
    first.expect("CAPACITY_OK")
    second = rig.start_instance("same", *claims, TARGET_OPEN_ORDERS="10")
    rig.rules.target_open = 10
    second.expect("LEADER_ACQUIRED instance=same")
    first.expect("LEADER_LOST")
    first.expect("STANDBY leader=same another router runs under this instance's name")
    for number in range(5):
        expect_works(rig, f"COIN{number}")
    assert second.count("LEADER_LOST") == 0 and first.count("LEADER_LOST") == 1
    second.kill()
    first.expect("LEADER_ACQUIRED")
    expect_works(rig, "BTCUSDT")


def kill_connections(rig):
    rig.db.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


def test_lost_connection_of_the_holder(ledger_rig):
    """It exchanges its own token at once, though the lease would live on for long."""
    rig = ledger_rig
    first, second = start_pair(rig, "--lease.ttl_ms=60000", "--redis.backoff_min_ms=10")
    for number in range(3):
        before = rig.db.get(LEADER)
        first.forget()
        began = time.monotonic()
        kill_connections(rig)
        first.expect("LEADER_ACQUIRED instance=a")
        assert time.monotonic() - began < soon(1 + MARGIN_SEC)
        assert rig.db.get(LEADER) != before
        expect_works(rig, f"COIN{number}")
    assert second.count("LEADER_ACQUIRED") == 0


def test_foreign_value_in_the_key(ledger_rig):
    rig = ledger_rig
    rig.set_open(0)
    rig.db.set(LEADER, "somebody")
    rig.must_xadd("BTCUSDT")
    router = rig.start_instance("a")
    router.expect("STANDBY leader=somebody$")
    asked = rig.db.info("commandstats")["cmdstat_evalsha"]["calls"]
    wait_until(
        "it to ask again, three times",
        lambda: rig.db.info("commandstats")["cmdstat_evalsha"]["calls"] >= asked + 3,
    )
    rig.expect_no_intent()
    assert rig.db.get(LEADER) == "somebody" and rig.db.hget(COMMIT, "epoch") is None
    assert rig.pending() == 0
    rig.db.delete(LEADER)
    router.expect("LEADER_ACQUIRED")
    rig.expect_intent("BTCUSDT")
    rig.expect_drained()


def test_foreign_value_of_one_beginning(rig):
    """'a' is not the start of a name that only begins the same."""
    rig.set_open(0)
    rig.db.set(LEADER, "ab:token")
    rig.start_instance("a").expect("STANDBY leader=ab$")


def test_leader_key_of_a_wrong_type(ledger_rig):
    rig = ledger_rig
    rig.set_open(0)
    rig.db.rpush(LEADER, "x")
    rig.must_xadd("BTCUSDT")
    router = rig.start_instance("a", "--redis.backoff_max_ms=100")
    router.expect(rf"REDIS_LOST WRONGTYPE {LEADER} is a list, not a string retry_ms=\d+")
    wait_until("more attempts", lambda: rig.db.info()["total_connections_received"] > 10)
    rig.expect_no_intent()
    router.expect_count("REDIS_LOST", 1)
    rig.db.delete(LEADER)
    router.expect("LEADER_ACQUIRED")
    rig.expect_intent("BTCUSDT")
    # And under way.
    rig.db.pipeline().delete(LEADER).rpush(LEADER, "x").execute()
    rig.must_xadd("ETHUSDT")
    router.expect("COMMIT_REFUSED reason=.*leader|LEADER_LOST|REDIS_LOST")
    router.expect("REDIS_LOST .*WRONGTYPE")
    rig.expect_no_intent()
    rig.db.delete(LEADER)
    router.expect("LEADER_ACQUIRED")
    rig.expect_intent("ETHUSDT")
    rig.expect_drained()


def test_leader_key_is_deleted_under_way(ledger_rig):
    rig = ledger_rig
    first, _ = start_pair(rig)
    expect_works(rig, "BTCUSDT")
    pipe = rig.db.pipeline(transaction=True)
    pipe.delete(LEADER)
    pipe.xadd(SIGNALS, signal("ETHUSDT"))
    pipe.execute()
    first.expect("LEADER_LOST")
    rig.expect_intent("ETHUSDT")
    expect_works(rig, "SOLUSDT")


def test_lease_that_runs_out_while_a_commit_is_on_its_way(ledger_rig):
    """Redis stands still for longer than the lease lives, and then finds the commit."""
    rig = ledger_rig
    flags = ["--redis.commit_timeout_ms=400", "--redis.reply_timeout_ms=400"]
    routers = start_pair(rig, *flags, "--redis.connect_timeout_ms=400")
    for number in range(3):
        rig.must_xadd(f"COIN{number}")
        rig.redis.freeze()
        ends = time.monotonic() + LEASE_SEC * 1.2
        try:
            wait_until("the lease to have run out", lambda: time.monotonic() > ends)
        finally:
            rig.redis.thaw()
        rig.expect_intent(f"COIN{number}")
        rig.expect_drained()
        rig.expect_no_intent()
    assert sum(router.count("REDIS_LOST|LEADER_LOST") for router in routers) >= 3
    assert re.fullmatch(r"[ab]", holder(rig))


def test_renewals_keep_it(rig):
    router = rig.start_instance("a")
    rig.set_open(0)
    router.expect("CAPACITY_OK")
    value = rig.db.get(LEADER)
    goal = rig.db.info("commandstats").get("cmdstat_pexpire", {"calls": 0})["calls"] + 3
    wait_until(
        "renewals",
        lambda: rig.db.info("commandstats").get("cmdstat_pexpire", {"calls": 0})["calls"] >= goal,
    )
    assert rig.db.get(LEADER) == value and router.count("LEADER_LOST") == 0


@pytest.mark.parametrize("records, ran", [(True, "no"), (False, "unknown")])
def test_commit_that_others_have_committed_after(ledger_rig, records, ran):
    """Its router comes back late, and the last commit is another one by now: the records can say whether it ran, or nobody."""
    rig = ledger_rig
    rig.rules.records = records
    room = f"--record.max_mib={16 if records else 0}"
    slow = ["--redis.backoff_min_ms=3000", "--redis.backoff_max_ms=3000"]
    first = start_to_be_held(rig, "--lease.instance=a", room, *slow)
    hold_the_commit(rig, first)
    first.expect("REDIS_LOST")
    rig.db.execute_command("CLIENT", "UNPAUSE")
    rig.db.delete(LEADER)
    second = rig.start_instance("b", room)
    rig.expect_intent("BTCUSDT")
    expect_works(rig, "ETHUSDT")
    first.expect("STANDBY leader=b$")
    second.terminate()
    first.expect(rf"COMMIT_SETTLED cycle=\S+ ran={ran} ")
    expect_works(rig, "SOLUSDT")
