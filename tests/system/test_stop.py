"""SIGTERM ends it within a second, whatever it is doing."""

import signal as signals
import time

import pytest

from harness.names import CONSUMER, GROUP, SIGNALS
from harness.signals import signal
from harness.waiting import PATIENCE_SEC, soon, wait_until

# The sanitizer's search for leaks comes behind the program's own end.
AT_MOST_SEC = 1.6


@pytest.mark.parametrize("number", [signals.SIGTERM, signals.SIGINT])
def test_idle(rig, number):
    router = rig.start_open_router(0)
    router.send(number)
    router.expect("STOPPED", seconds=soon(AT_MOST_SEC))
    assert router.terminate() < AT_MOST_SEC


def test_before_redis_is_there(empty_rig):
    router = empty_rig.start_router()
    router.expect("REDIS_LOST")
    assert router.terminate() < AT_MOST_SEC


def test_while_what_is_pending_is_read(rig):
    """Page by page, so that it takes its time; nothing of it is lost."""
    rig.set_open(0)
    rig.db.xgroup_create(SIGNALS, GROUP, "0", mkstream=True)
    rig.must_write(*[signal(f"COIN{number}", confidence=0.5) for number in range(10000)])
    rig.db.xreadgroup(GROUP, CONSUMER, {SIGNALS: ">"})
    router = rig.start_router(ROUTER_READ_COUNT="1", CANDIDATE_WINDOW_SEC="60")
    router.expect("LEADER_ACQUIRED")
    assert router.terminate() < AT_MOST_SEC
    assert 0 < rig.pending() <= 10000
    rig.start_router()
    rig.expect_drained()


def test_under_flow(rig):
    router = rig.start_open_router(0, MAX_OPEN_ORDERS="1000", TARGET_OPEN_ORDERS="1000")
    with rig.feed(lambda n: signal(f"COIN{n}", correlation_id=f"c-{n}"), pause_sec=0.0005) as feeder:
        router.expect("BEST_OF_PUBLISH")
        assert router.terminate() < AT_MOST_SEC
    # The next one takes up what was left.
    rig.start_router(MAX_OPEN_ORDERS="1000", TARGET_OPEN_ORDERS="1000")
    rig.expect_drained()
    published = [intent["decision_id"] for intent in rig.intents()]
    assert len(published) == len(set(published)) == rig.daily_count()
    assert feeder.confirmed == feeder.attempted


def start_waiting(rig, window):
    rig.set_open(0)
    return rig.start_router(CANDIDATE_WINDOW_SEC=window)


@pytest.mark.parametrize("window", ["0.1", "60"])
def test_redis_is_frozen(rig, window):
    """With a commit about to come, and with a window that has long to go."""
    router = rig.start_open_router(0) if window == "0.1" else start_waiting(rig, window)
    rig.must_xadd("BTCUSDT")
    if window == "60":
        rig.expect_pending(1)
    rig.redis.freeze()
    try:
        assert router.terminate() < AT_MOST_SEC
    finally:
        rig.redis.thaw()


def start_to_be_held(rig, *flags, **more):
    """Its window is long enough to pause writes in, and has no renewal that would hang instead."""
    return rig.start_open_router(0, "--lease.ttl_ms=60000", "--lease.renew_ms=20000", *flags, CANDIDATE_WINDOW_SEC="0.49", **more)


def hold_the_commit(rig, router):
    """Writes wait, reads do not: the snapshot is answered, the commit hangs."""
    rig.must_xadd("BTCUSDT", correlation_id="c-1")
    rig.expect_pending(1)
    rig.db.execute_command("CLIENT", "PAUSE", "60000", "WRITE")

    def hangs():
        clients = {client["name"]: client for client in rig.db.client_list()}
        decider = clients.get("quantum-router:decider", {})
        return decider.get("cmd") == "evalsha" and "b" in decider.get("flags", "")

    wait_until("the commit to hang", hangs, context=router.tail)


def expect_published_once_after_all(rig):
    rig.db.execute_command("CLIENT", "UNPAUSE")
    rig.start_router()
    rig.expect_intent("BTCUSDT", decision_id="c-1")
    rig.must_xadd("ETHUSDT")
    rig.expect_intent("ETHUSDT")
    rig.expect_drained()
    rig.expect_no_intent()
    assert rig.daily_count() == 2


def test_running_commit_is_waited_for_but_not_long(rig):
    router = start_to_be_held(rig)
    hold_the_commit(rig, router)
    assert router.terminate() < AT_MOST_SEC
    expect_published_once_after_all(rig)


def test_running_commit_is_not_waited_for_longer_than_the_stop_may_take(rig):
    router = start_to_be_held(rig, "--redis.commit_timeout_ms=20000")
    hold_the_commit(rig, router)
    assert router.terminate() < AT_MOST_SEC
    expect_published_once_after_all(rig)


def test_running_commit_that_comes_through_is_told(rig):
    router = start_to_be_held(rig)
    hold_the_commit(rig, router)
    router.send(signals.SIGTERM)
    rig.db.execute_command("CLIENT", "UNPAUSE")
    router.expect("Trade Intent published: BTCUSDT")
    assert router.terminate() < AT_MOST_SEC
    rig.expect_pending(0)


def test_second_signal_ends_it_at_once(rig):
    # Valgrind handles every signal itself.
    router = start_to_be_held(rig, bare=True)
    hold_the_commit(rig, router)
    router.send(signals.SIGTERM)
    # The first must have been taken in, or the two are one.
    wait_until("the first to be taken in", lambda: not router.catches(signals.SIGTERM))
    began = time.monotonic()
    router.send(signals.SIGTERM)
    assert router.process.wait(PATIENCE_SEC) == -signals.SIGTERM
    assert time.monotonic() - began < soon(0.6)
    router.killed = True
    expect_published_once_after_all(rig)


def test_commit_without_an_answer_is_settled_by_the_next_session(rig):
    """The deadline passes while Redis holds the commit back: lost, found again, published once."""
    router = start_to_be_held(rig)
    hold_the_commit(rig, router)
    router.expect("REDIS_LOST")
    rig.db.execute_command("CLIENT", "UNPAUSE")
    router.expect(r"COMMIT_SETTLED cycle=\S+ ran=(yes|no)")
    router.expect("REDIS_BACK")
    router.terminate()
    expect_published_once_after_all(rig)
