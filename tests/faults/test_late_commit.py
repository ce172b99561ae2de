"""A commit that arrives long after its sender has gone on: always refused (F07, F33, F37, F45 to F47, F67)."""

import signal as signals

from harm import Hold, delay, first, forward, signal_to
from harness.names import LEADER, OPEN_ORDERS, SAFE_MODE
from harness.waiting import SLOWNESS, wait_until
from proxy import COMMAND, REPLY
from stage import PATIENT


def hold_a_commit(stage, proxy, *confidences, next_one=None):
    """A commit that the router has sent and Redis has not seen; and what is done to the next one."""
    hold = Hold()
    fault = proxy.on("commit", COMMAND, hold)
    if next_one:
        proxy.on("commit", COMMAND, next_one)
    uids = stage.write(*confidences)
    wait_until("a commit to hold", hold.held.is_set, context=stage.told)
    return hold, fault, uids


def expect_refused(stage, proxy, hold, fault, how):
    """Released, it is answered so, and nothing is published; its sender hears of it only then, if it still listens."""
    seen, before = len(proxy.answers_to("commit")), stage.published()
    proxy.freeze(REPLY)
    hold.release()
    fault.await_it()
    wait_until("the late commit's answer", lambda: len(proxy.answers_to("commit")) > seen)
    answer = proxy.answers_to("commit")[seen]
    assert how in answer, answer
    assert stage.published() == before
    proxy.thaw()


def hold_three(stage, next_one=None):
    """Three places, which what is published holds until the executor is done, and a commit that takes them all."""
    stage.strict(max_open=3, target=3, burst=3)
    stage.count_in_flight()
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    stage.finish_intents()
    return proxy, router, *hold_a_commit(stage, proxy, 0.95, 0.95, 0.95, next_one=next_one)


def test_f07_released_before_the_next_commit(stage):
    """The router has reconnected, and raised the fence, and its next commit is on its way too."""
    next_one = Hold()
    proxy, router, late, fault, uids = hold_three(stage, next_one)
    router.expect("LEADER_ACQUIRED")
    wait_until("the next commit", next_one.held.is_set, context=stage.told)
    expect_refused(stage, proxy, late, fault, b"fenced")
    next_one.release()
    stage.expect_drained()
    assert sorted(stage.published()[-3:]) == sorted(uids)


def test_f07_released_after_the_next_commit(stage):
    """Without a sequence number this published six for a capacity of three."""
    proxy, router, late, fault, uids = hold_three(stage)
    router.expect("LEADER_ACQUIRED")
    router.expect("CYCLE read=3 ")  # the next commit's answer is in
    expect_refused(stage, proxy, late, fault, b"fenced")
    assert sorted(stage.published()[-3:]) == sorted(uids)


def test_f07_released_after_another_leaders_commit(stage):
    proxy, first_one, late, fault, uids = hold_three(stage)
    first_one.process.send_signal(signals.SIGSTOP)
    stage.start("b").expect("LEADER_ACQUIRED")
    stage.expect_drained()
    expect_refused(stage, proxy, late, fault, b"fenced")
    first_one.process.send_signal(signals.SIGCONT)
    first_one.expect("STANDBY leader=b")
    assert sorted(stage.published()[-3:]) == sorted(uids)


def test_f07_released_after_the_lease_ran_out(stage):
    """F46 too: nobody else has taken it, yet it is not the sender's any more."""
    proxy = stage.proxy()
    router = stage.lead("a", proxy, *PATIENT, f"--lease.ttl_ms={600 * SLOWNESS}")
    late, fault, [uid] = hold_a_commit(stage, proxy)
    router.process.send_signal(signals.SIGSTOP)
    stage.expect_lease_gone()
    expect_refused(stage, proxy, late, fault, b"lease")
    router.process.send_signal(signals.SIGCONT)
    stage.works()
    assert stage.published().count(uid) == 1


def test_f33_everything_is_flushed_under_a_commit(stage):
    """No key is there that could forbid it: the fence that is missing does."""
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    late, fault, [uid] = hold_a_commit(stage, proxy)
    stage.db.flushall()
    expect_refused(stage, proxy, late, fault, b"fenced")
    router.expect("GROUP_RECREATED")
    router.expect("CAPACITY_UNKNOWN")
    assert stage.published() == []


def test_f37_a_right_is_lost_under_a_commit(stage):
    stage.db.execute_command("ACL", "SETUSER", "default", "+@all")
    proxy = stage.proxy()
    router = stage.lead("a", proxy, *PATIENT)
    before = stage.published()
    admin = stage.redis.client(username="admin", password="pw")
    stage.db.execute_command("ACL", "SETUSER", "admin", "on", ">pw", "~*", "&*", "+@all")
    hold, fault, [uid] = hold_a_commit(stage, proxy)
    pending = stage.pending()
    admin.execute_command("ACL", "SETUSER", "default", "-xadd")
    expect_refused(stage, proxy, hold, fault, b"NOPERM")
    router.expect("COMMIT_REFUSED reason=.*NOPERM.*(?i:xadd)")
    assert stage.published() == before and stage.pending() == pending
    admin.execute_command("ACL", "SETUSER", "default", "+xadd")
    admin.close()
    stage.works()
    assert stage.published().count(uid) == 1


def test_f45_leader_is_stopped_between_looking_and_committing(stage):
    """It wakes up with a snapshot from before; another one has decided meanwhile."""
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    second = stage.start("b")
    second.expect("STANDBY leader=a")
    stop = signal_to(router.process, signals.SIGSTOP)
    looked = proxy.on("snapshot", REPLY, first(stop, forward), only=lambda step: stage.pending())
    [uid] = stage.write()
    looked.await_it(context=stage.told)
    second.expect("LEADER_ACQUIRED")
    stage.expect_published(uid)
    stage.expect_drained()
    reads = proxy.passed[COMMAND, "read new"]
    router.process.send_signal(signals.SIGCONT)
    router.expect("STANDBY leader=b")
    for frame in proxy.answers_to("commit")[-1:]:
        assert b"fenced" in frame or router.count("Trade Intent published") == 1
    assert proxy.passed[COMMAND, "read new"] <= reads + 1, "it went on reading"
    stage.works()
    router.expect_count("Trade Intent published", 1)
    assert stage.published().count(uid) == 1


def test_f46_lease_runs_out_before_the_commit_arrives(stage):
    """The snapshot comes late; the key is gone although nobody took it."""
    proxy = stage.proxy()
    router = stage.lead("a", proxy, *PATIENT)
    hold, fault, [uid] = hold_a_commit(stage, proxy)
    stage.db.delete(LEADER)
    expect_refused(stage, proxy, hold, fault, b"lease")
    router.expect("LEADER_LOST")
    stage.works()
    assert stage.published().count(uid) == 1


def test_f47_own_renewals_do_not_refuse_a_commit(stage):
    """The lease is renewed again and again between the snapshot and the commit."""
    proxy = stage.proxy()
    router = stage.lead("a", proxy, "--lease.renew_ms=50", "--lease.ttl_ms=5000")
    renewals = proxy.passed[COMMAND, "renew"]
    late = proxy.on("snapshot", REPLY, delay(0.25 * SLOWNESS), times=4)
    for _ in range(4):
        stage.works()
    late.await_it(4)
    assert proxy.passed[COMMAND, "renew"] >= renewals + 4
    assert not [frame for frame in proxy.answers_to("commit") if b"done" not in frame]
    assert router.count("LEADER_LOST|REDIS_LOST|COMMIT_GAVE_UP") == 0


def test_f67_capacity_is_gone_under_a_commit(stage):
    proxy = stage.proxy()
    router = stage.lead("a", proxy, *PATIENT)
    stage.strict()
    before = stage.published()
    hold, fault, uids = hold_a_commit(stage, proxy)
    stage.db.set(OPEN_ORDERS, 1000000)
    expect_refused(stage, proxy, hold, fault, b"moved")
    router.expect("CYCLE read=1 .*published=0 .*no_slots=1")
    assert stage.published() == before
    stage.expect_drained()


def test_f67_capacity_never_stands_still(stage):
    """Three attempts a window; what gives up keeps its batch, and goes on when it may."""
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    values = iter(range(1, 1000000))
    change = lambda: stage.db.set(OPEN_ORDERS, next(values))  # noqa: E731
    moved = proxy.on("commit", COMMAND, first(change, forward), times=9)
    [uid] = stage.write()
    moved.await_it(9)
    router.expect("COMMIT_GAVE_UP")
    stage.expect_published(uid)
    router.expect_count("COMMIT_GAVE_UP", 3)
    assert len([frame for frame in proxy.answers_to("commit") if b"moved" in frame]) == 9


def test_safe_mode_is_set_under_a_commit(stage):
    proxy = stage.proxy()
    router = stage.lead("a", proxy, *PATIENT)
    stage.strict()
    before = stage.published()
    hold, fault, _ = hold_a_commit(stage, proxy)
    stage.db.set(SAFE_MODE, "halt")
    expect_refused(stage, proxy, hold, fault, b"moved")
    router.expect("CYCLE read=1 .*safe_mode=1")
    assert stage.published() == before
    stage.db.delete(SAFE_MODE)
