"""Redis in a state in which it does not do what it is asked (F21, F22, F25, F31, F32, F34, F35, F38, F71)."""

import signal as signals
import time

import pytest
from harm import first, forward, signal_to
from harness.ctl import must
from harness.names import COMMIT, GROUP, SIGNALS
from harness.signals import signal as entry
from harness.waiting import FULL, SLOWNESS, wait_until
from proxy import COMMAND, REPLY
from stage import LEASE_SEC, Stage


@pytest.mark.parametrize("how", ["sleep", "stop"])
def test_f21_server_sleeps_longer_than_the_lease_lives(stage, how):
    """On waking the lease is gone for everybody; one takes it, with a new token, and the old window is dropped."""
    first_one = stage.lead("a")
    second = stage.start("b")
    second.expect("STANDBY leader=a")
    epoch = stage.db.hget(COMMIT, "epoch")
    for _ in range(2):
        [uid] = stage.write()
        if how == "sleep":
            sleeper = stage.redis.client()
            sleeper.execute_command("DEBUG", "SLEEP", str(5 if FULL else LEASE_SEC * 1.5 * SLOWNESS))
            sleeper.close()
        else:
            stage.redis.freeze()
            ends = time.monotonic() + (5 if FULL else LEASE_SEC * 1.5 * SLOWNESS)
            wait_until("the lease to have run out", lambda ends=ends: time.monotonic() > ends)
            stage.redis.thaw()
        stage.expect_published(uid)
        stage.works()
    assert stage.db.hget(COMMIT, "epoch") != epoch
    leads = [router.count("LEADER_ACQUIRED") for router in (first_one, second)]
    assert sum(leads) >= 2


@pytest.mark.parametrize("moment", ["before the snapshot", "before the commit"])
def test_f22_out_of_memory(stage, moment):
    """Nothing is done, and nothing more is read: what is pending does not grow with the flow."""
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    before = stage.published()
    full = lambda: stage.db.config_set("maxmemory", 1)  # noqa: E731
    name = "snapshot" if "snapshot" in moment else "commit"
    fault = proxy.on(name, COMMAND, first(full, forward), only=lambda _: stage.pending())
    [uid] = stage.write()
    fault.await_it(context=stage.told)
    router.expect("COMMIT_REFUSED reason=.*OOM")
    stage.db.config_set("maxmemory", 0)
    flow = [entry(f"COIN{n}", correlation_id=f"flow-{n}") for n in range(300)]
    pipe = stage.db.pipeline(transaction=True)
    for fields in flow:
        pipe.xadd(SIGNALS, fields)
    pipe.config_set("maxmemory", 1)
    pipe.execute()
    # The lease cannot be renewed either: it tries to open a session, again and again.
    proxy.awaits("xgroup create", 5, REPLY)
    assert stage.pending() <= 301 and stage.published()[len(before) :] in ([], [uid])
    stage.db.config_set("maxmemory", 0)
    stage.expect_drained()
    assert len(stage.published()) == len(before) + 301


@pytest.mark.parametrize("moment", ["idle", "under a commit", "while a read blocks"])
def test_f25_demotion(stage, moment):
    """READONLY: the same address is asked again, with pauses, until it is a master again."""
    proxy = stage.proxy()
    router = stage.lead("a", proxy, "--redis.backoff_max_ms=50")
    demote = lambda: stage.db.execute_command("REPLICAOF", "127.0.0.1", "1")  # noqa: E731
    fault = None
    if moment == "under a commit":
        fault = proxy.on("commit", COMMAND, first(demote, forward))
        stage.write()
        fault.await_it(context=stage.told)
    elif moment == "while a read blocks":
        proxy.awaits("read new")
        demote()
    else:
        demote()
    router.expect("(REDIS_LOST|COMMIT_REFUSED) .*(READONLY|UNBLOCKED)")
    tries = proxy.conversations
    began = time.monotonic()
    wait_until("a second", lambda: time.monotonic() - began > 1)
    assert proxy.conversations - tries < 2 * 1000 / 25 + 10, "it spins"
    assert router.count("REDIS_LOST|COMMIT_REFUSED") <= 5
    stage.db.execute_command("REPLICAOF", "NO", "ONE")
    stage.works()


KILLED = ["as it arrives", "as it was forwarded", "as its reply comes"]


@pytest.mark.parametrize("fsync", ["everysec", "always"])
@pytest.mark.parametrize("moment", KILLED)
def test_f31_server_is_killed_at_a_commit(stage, fsync, moment):
    stage.db.config_set("appendfsync", fsync)
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    kill = signal_to(stage.redis.process)

    async def act(step):
        if moment == "as it was forwarded":
            await step.forward()
        kill()
        if moment != "as it was forwarded":
            step.cut()  # what Redis still says before it is gone must not pass for the lost reply

    side = REPLY if "reply" in moment else COMMAND
    fault = proxy.on("commit", side, act)
    # While it waits for the disk, Redis may confirm what it has only in memory; the signal must outlive it.
    wait_until("no fsync under way", lambda: not stage.db.info("persistence")["aof_pending_bio_fsync"])
    [uid] = stage.write()
    fault.await_it(context=stage.told)
    stage.redis.process.wait()
    router.expect("REDIS_LOST")
    stage.redis.restart()
    # Its reply may have been quicker than the kill.
    settled = "LEADER_ACQUIRED" if moment == "as it was forwarded" else "COMMIT_SETTLED cycle=.* ran=(yes|no)"
    router.expect(settled)
    stage.works()
    assert stage.published().count(uid) == 1


def test_f31_torn_commit_in_the_file_is_dropped_whole(stage, chance):
    """The end of the file is missing, from within the commit: it never was. As the one who knows how far the commits had
    come is gone too, an operator has to say so, and then it is decided again."""
    router = stage.lead("a")
    [uid] = stage.write()
    stage.expect_drained()
    router.kill()
    stage.redis.kill()
    [file] = sorted((stage.folder / "appendonlydir").glob("*.incr.aof"))[-1:]
    whole = file.read_bytes()
    begin = whole.rindex(b"*1\r\n$5\r\nMULTI", 0, whole.rindex(b'"decision_id":"' + uid.encode()))
    end = whole.index(b"*1\r\n$4\r\nEXEC", begin)
    file.write_bytes(whole[: chance.randrange(begin + 20, end)])
    stage.redis.start()
    assert uid not in stage.published() and stage.pending() == 1
    stage.start("a").expect("STATE_UNSURE held=1 ")
    assert must(stage, "resume").endswith("goes on from what Redis holds now.\n")
    stage.expect_published(uid)
    stage.works()


def test_f32_server_that_kept_nothing():
    """Killed without persistence it comes back empty: said so, and closed until somebody sets the capacity again."""
    with Stage() as stage:
        stage.redis.start()
        router = stage.lead("a")
        stage.redis.restart()
        router.expect("GROUP_RECREATED")
        router.expect("CAPACITY_UNKNOWN: quantum:state:open_orders missing")
        stage.write()
        router.expect("CYCLE read=1 .*published=0 .*no_slots=1")
        assert stage.published() == []
        stage.set_open(0)
        stage.works()


GONE = {
    "deleted": lambda stage: stage.db.delete(SIGNALS),
    "destroyed": lambda stage: stage.db.xgroup_destroy(SIGNALS, GROUP),
    "of another type": lambda stage: stage.db.pipeline().delete(SIGNALS).set(SIGNALS, "x").execute(),
}


@pytest.mark.parametrize("what", GONE)
def test_f34_stream_goes_while_a_read_blocks(stage, what):
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    proxy.awaits("read new")
    GONE[what](stage)
    if what == "of another type":
        router.expect("REDIS_LOST .*WRONGTYPE")
        stage.db.delete(SIGNALS)
    router.expect("GROUP_RECREATED")
    # Written before the group was there, and read all the same: it begins at 0.
    proxy.freeze(COMMAND)
    stage.db.delete(SIGNALS)
    [uid] = stage.write()
    proxy.thaw()
    stage.expect_published(uid)
    stage.works()
    assert router.process.poll() is None


def test_f35_group_is_set_back(stage):
    """All old signals come again; their marks are there."""
    router = stage.lead("a")
    for _ in range(3):
        stage.write(0.95, 0.95, 0.5)
        stage.expect_drained()
    before = stage.published()
    stage.db.xgroup_setid(SIGNALS, GROUP, "0")
    router.expect(r"CYCLE read=\d+ .*duplicate=7")
    stage.expect_drained()
    assert stage.published() == before
    stage.works()


def test_f35_group_is_set_forward(stage):
    """What is skipped is gone for the group, and the lag says nothing of it: the router goes on with what comes."""
    router = stage.lead("a")
    router.process.send_signal(signals.SIGSTOP)
    skipped = stage.must_write(entry("SKIPPED", correlation_id="skipped"))
    stage.db.xgroup_setid(SIGNALS, GROUP, "$")
    router.process.send_signal(signals.SIGCONT)
    stage.works()
    # The stopped read may have been given it before the group moved; else the operator has to answer for it.
    if "skipped" not in stage.published():
        assert stage.db.xpending_range(SIGNALS, GROUP, skipped[0], skipped[0], 1) == []
        stage.db.xdel(SIGNALS, skipped[0])
